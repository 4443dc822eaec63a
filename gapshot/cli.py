"""The command line. Knows options, progress and exit codes; everything else is done by the modules it calls.

Exit codes: 0 done (also when some rows have status `error`), 2 a fault that the message explains, 130 interrupted.
"""

import signal
import time
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table as Grid

from gapshot.bulk import Tally, classify_rows
from gapshot.catalog import read_catalog
from gapshot.classifier import Classifier
from gapshot.errors import GapshotError, MissingExtraError
from gapshot.evaluate import evaluate
from gapshot.readers import FORMATS, read
from gapshot.result import STATUSES
from gapshot.rows import Columns, rows
from gapshot.taxonomy import CATEGORIES
from gapshot.writers import refuse_overwriting, writer_for, writing

OWN_PACKAGES = ("gapshot", "api", "training")


class Fault(click.ClickException):
    """A GapshotError as the command line shows it: its message on one line, no traceback."""

    exit_code = 2


class Commands(click.Group):
    """The commands added here, and those that other packages offer under the entry point group `gapshot.commands`.

    The latter are imported only when they run or are listed. Such a command is named like the extra it needs.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *entry_points(group="gapshot.commands").names})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if own := super().get_command(ctx, cmd_name):
            return own
        for entry in entry_points(group="gapshot.commands", name=cmd_name):
            try:
                command: click.Command = entry.load()
            except ImportError as error:
                if (error.name or "").split(".")[0] in OWN_PACKAGES:
                    raise
                return _unavailable(cmd_name, error)
            return command
        return None

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except GapshotError as error:
            raise Fault(" ".join(str(error).split())) from error
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(130)


def _unavailable(name: str, error: ImportError) -> click.Command:
    """A command in the place of one whose packages are not installed."""

    @click.command(
        name,
        short_help=f"Needs the extra '{name}': pip install -e '.[{name}]'.",
        add_help_option=False,
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    )
    def unavailable() -> None:
        raise MissingExtraError(f"gapshot {name}", name) from error

    return unavailable


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""\b
Examples:
  gapshot classify returns.csv --out gaps.csv
  gapshot classify returns.jsonl --out gaps.parquet --catalog products.csv
  gapshot classify fba.txt --format tsv --out gaps.jsonl --vertical apparel
  gapshot evaluate labelled.csv""",
)
@click.version_option(package_name="gapshot")
def main() -> None:
    """Read why customers return things, and which product picture would have prevented it."""


@click.command(short_help="Classify a table of comments into a file of answers.")
@click.argument("source", metavar="IN", type=click.Path(path_type=Path))
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="File of answers: .jsonl, .csv or .parquet."
)
@click.option("--format", type=click.Choice(FORMATS, case_sensitive=False), help="Format of IN; else by its extension.")
@click.option("--vertical", help="Kind of goods, for rows that do not say.")
@click.option("--language", help="Language (such as en), for rows that do not say; else it is detected.")
@click.option("--catalog", type=click.Path(path_type=Path), help="Table of sku, vertical and existing_images.")
@click.option("--keep-text", is_flag=True, help="Write the comments into OUT as well.")
@click.option("--text-column", help="Column of IN with the comments; else guessed.")
@click.option("--id-column", help="Column with the id; else guessed, else the row's number.")
@click.option("--sku-column", help="Column with the SKU; else guessed.")
@click.option("--date-column", help="Column with the date; else guessed.")
@click.option("--vertical-column", help="Column with the kind of goods; else guessed.")
@click.option("--language-column", help="Column with the language; else guessed.")
@click.option("--images-column", help="Column with the pictures a page has, separated by | or commas; else guessed.")
def classify(
    source: Path,
    out: Path,
    format: str | None,
    vertical: str | None,
    language: str | None,
    catalog: Path | None,
    keep_text: bool,
    images_column: str | None,
    **columns: str | None,
) -> None:
    """Classify every comment of the table IN (CSV, TSV, JSONL or Parquet) into the file OUT.

    OUT has one row for every row of IN, in the same order; a row that cannot be read has status "error". It replaces
    a file of that name once everything is done, not before. docs/batch.md describes columns and codes.
    """
    names = Columns(existing_images=images_column, **{key.removesuffix("_column"): v for key, v in columns.items()})
    tally = Tally()
    started = time.perf_counter()
    previous = signal.signal(signal.SIGTERM, signal.default_int_handler)  # a job that is stopped tidies up, too
    try:
        refuse_overwriting(out, source, catalog)
        writer_for(out)
        products = read_catalog(catalog) if catalog else None
        with read(source, format) as table:
            comments = rows(table, names, products, vertical, language)
            with (
                Classifier.load() as classifier,
                writing(out, (classifier.bundle.version, classifier.taxonomy.version), keep_text) as writer,
                _progress() as progress,
            ):
                started = time.perf_counter()  # from here on it is the rows that take the time
                task = progress.add_task("classify", total=table.size or None, rows=0, rate=0.0)
                for row, result in classify_rows(comments, classifier):
                    writer.write(row, result)
                    tally.add(row, result, classifier.taxonomy)
                    rate = tally.rows / (time.perf_counter() - started)
                    progress.update(task, completed=table.position(), rows=tally.rows, rate=rate)
    except KeyboardInterrupt:
        click.echo(f"interrupted after {tally.rows:,} rows; {out} was not written", err=True)
        raise click.exceptions.Exit(130) from None
    finally:
        signal.signal(signal.SIGTERM, previous)
    Console().print(_summary(tally, time.perf_counter() - started))
    if 10 * tally.faults["undecodable"] > tally.rows:
        click.echo(f"many rows of {source} are not UTF-8; try first: iconv -f CP1252 -t UTF-8 {source}", err=True)


def _progress() -> Progress:
    console = Console(stderr=True)
    return Progress(
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]:,} rows, {task.fields[rate]:.0f}/s"),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )


def _summary(tally: Tally, seconds: float) -> Grid:
    grid = Grid(box=None, show_header=False)
    grid.add_column()
    grid.add_column(justify="right")

    def count(name: str, number: int) -> None:
        grid.add_row(name, f"{number:,}")

    count("rows", tally.rows)
    for status in STATUSES:
        count(f"  {status}", tally.statuses[status])
    for code, number in sorted(tally.faults.items()):
        count(f"    {code}", number)
    count("gaps", tally.gaps.total())
    for category in CATEGORIES:
        count(f"  {category}", tally.gaps[category])
    count("truncated", tally.truncated)
    if tally.unknown_verticals:
        count("vertical not in the taxonomy", tally.unknown_verticals)
    if tally.unknown_images:
        count("existing images not in the taxonomy", tally.unknown_images)
    grid.add_row("seconds", f"{seconds:.1f}")
    grid.add_row("rows/s", f"{tally.rows / seconds:.0f}")
    return grid


COMMANDS: tuple[click.Command, ...] = (classify, evaluate)
"""The commands of this package; each module with one of its own adds it here."""

for _command in COMMANDS:
    main.add_command(_command)
