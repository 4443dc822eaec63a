"""`gapshot evaluate`: how good are the answers on comments that somebody has labelled? No training packages needed.

Knows how label columns look and how to show figures to people. Does not know how figures are computed
(`gapshot.quality`) or files are read (`gapshot.readers`).
"""

import csv
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import track
from rich.table import Table as Grid

from gapshot.classifier import Classifier
from gapshot.errors import CommentError, TableError
from gapshot.quality import Truth, report
from gapshot.readers import FORMATS, read
from gapshot.result import Result
from gapshot.rows import Columns
from gapshot.table import Table
from gapshot.taxonomy import CATEGORIES, DIRECTIONAL, DIRECTIONS
from gapshot.writers import spreadsheet_safe

LABEL_COLUMNS = ("labels", "gaps", "label", "categories")
NONE = frozenset({"", "none", "-", "no gap"})
YES, NO = frozenset({"1", "1.0", "true", "yes", "x", "y"}), frozenset({"", "0", "0.0", "false", "no", "n"})


def parse_labels(value: object) -> dict[str, str | None]:
    """The gaps of one label cell: `size_scale:small|colour`, a list of such, or an object category -> direction.

    An empty cell, `none` and `-` mean no gap. Raises ValueError that names the label at fault.
    """
    if isinstance(value, Mapping):
        pairs = [(str(category), direction) for category, direction in value.items()]
    else:
        parts = value if isinstance(value, list) else re.split(r"[|,;]", "" if value is None else str(value))
        pairs = []
        for part in parts:
            category, _, direction = str(part).strip().lower().partition(":")
            if category not in NONE:
                pairs.append((category, direction or None))
    for category, direction in pairs:
        if category not in CATEGORIES:
            raise ValueError(f"unknown label {category[:40]!r}; the labels are {', '.join(CATEGORIES)}")
        if direction is not None and (category not in DIRECTIONAL or direction not in DIRECTIONS):
            raise ValueError(f"{category} cannot have the direction {str(direction)[:40]!r}")
    return dict(pairs)


def labelled(
    table: Table, text_column: str | None, labels_column: str | None
) -> Iterator[tuple[dict[str, Any], Truth]]:
    """The comments of a labelled table with what their labels say.

    Labels stand in one column (`labels_column`, or one of LABEL_COLUMNS), or in one column per category with 1/0,
    true/false, yes/no or x. Raises TableError that names the line of a label that cannot be read, and lists the
    columns when there is no label column.
    """
    found = Columns(text=text_column).find(table)
    known = {column.strip().lower(): column for column in table.columns}
    single = labels_column or next((known[name] for name in LABEL_COLUMNS if name in known), None)
    each = {} if single else {category: known[category] for category in CATEGORIES if category in known}
    if (labels_column and labels_column not in table.columns) or not (single or each):
        listed = ", ".join(column[:40] for column in table.columns)
        raise TableError(
            f"{table.path}: no column with labels; say which with --labels-column, or have one column per category "
            f"({', '.join(CATEGORIES)}). The columns are: {listed}"
        )
    fields = {field: found[field] for field in ("text", "id", "vertical", "language") if field in found}
    for number, record in table.records([*fields.values(), *([single] if single else each.values())]):
        if isinstance(record, CommentError):
            raise TableError(f"{table.path}, {table.place} {number}: {record.message}; mend it, then evaluate")
        try:
            if single:
                gaps = parse_labels(record.get(single))
            else:
                gaps = {category: None for category, column in each.items() if _yes(record.get(column), column)}
        except ValueError as error:
            raise TableError(f"{table.path}, {table.place} {number}: {error}") from None
        item: dict[str, Any] = {field: record.get(column) or None for field, column in fields.items()}
        yield item | {"text": item["text"] or "", "id": item.get("id") or number}, Truth(gaps, {})


def _yes(value: object, column: str) -> bool:
    said = "" if value is None else str(value).strip().lower()
    if said not in YES | NO:
        raise ValueError(f"the column {column!r} must hold 1/0, true/false, yes/no or x")
    return said in YES


def table(figures: Mapping[str, Any]) -> Grid:
    """The figures of a quality report as people read them; the same table stands in the model card."""
    low, high = figures["macro_f1_interval"]
    title = (
        f"{figures['comments']:,} comments: macro-F1 of the five {figures['macro_f1']:.3f} ({low:.3f} to {high:.3f})"
    )
    grid = Grid(title=title, title_justify="left")
    for name in ("category", "labelled", "stated", "precision", "recall", "F1", "95 %", "calibration error"):
        grid.add_column(name, justify="left" if name == "category" else "right")
    for category, found in figures["categories"].items():
        low, high = found["f1_interval"]
        shares = [_three(found[key]) for key in ("precision", "recall", "f1")]
        counts = [str(found[key]) for key in ("support", "stated")]
        grid.add_row(category, *counts, *shares, f"{low:.3f} to {high:.3f}", _three(found["calibration_error"]))
    return grid


def confusions(figures: Mapping[str, Any]) -> Grid:
    """What was stated instead of gaps that were missed."""
    grid = Grid("missed", "times", "stated instead")
    for category, others in figures["confusions"].items():
        missed = figures["categories"][category]["support"]
        recall = figures["categories"][category]["recall"]
        ranked = sorted(others.items(), key=lambda pair: -pair[1])
        instead = ", ".join(f"{other} {count}" for other, count in ranked if count)
        grid.add_row(category, str(round(missed * (1 - (recall or 0)))), instead)
    return grid


def write_misses(path: Path, items: list[dict[str, Any]], truths: list[Truth], results: list[Result]) -> int:
    """Write every comment whose set of gaps is not as labelled to a CSV file, surest mistakes first; their number."""
    rows = []
    for item, truth, result in zip(items, truths, results, strict=True):
        stated = {gap.category for gap in result.gaps}
        wrong = stated ^ set(truth.gaps)
        if wrong:
            scores = result.scores or {}
            far = max(scores.get(c, 0.0) if c in stated else 1 - scores.get(c, 0.0) for c in wrong)
            rows.append((far, item["id"], result.status, "|".join(truth.gaps), "|".join(sorted(stated)), item["text"]))
    rows.sort(key=lambda row: -row[0])
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "status", "labelled", "stated", "sureness", "text"])
        for far, id_, status, labels, stated_, text in rows:
            writer.writerow(
                [spreadsheet_safe(str(id_)), status, labels, stated_, round(far, 4), spreadsheet_safe(text)]
            )
    return len(rows)


@click.command(
    short_help="How good are the answers on comments you have labelled?",
    epilog="""\b
Examples:
  gapshot evaluate labelled.csv
  gapshot evaluate labelled.csv --misses misses.csv --out figures.json
\b
labelled.csv, one label column:           or one column per category:
  comment,labels                            comment,size_scale,colour
  Vase is tiny,size_scale:small             Vase is tiny,1,0
  changed my mind,none                      changed my mind,0,0""",
)
@click.argument("source", metavar="LABELLED", type=click.Path(path_type=Path))
@click.option("--format", type=click.Choice(FORMATS, case_sensitive=False), help="Format; else by the extension.")
@click.option("--text-column", help="Column with the comments; else guessed.")
@click.option("--labels-column", help="Column with the labels; else guessed, or one column per category.")
@click.option("--out", type=click.Path(path_type=Path), help="Write all figures to this JSON file.")
@click.option(
    "--misses", type=click.Path(path_type=Path), help="Write the wrong answers, with texts, to this CSV file."
)
def evaluate(
    source: Path,
    format: str | None,
    text_column: str | None,
    labels_column: str | None,
    out: Path | None,
    misses: Path | None,
) -> None:
    """Classify the labelled comments of a table (CSV, TSV, JSONL, Parquet) and compare.

    Shows per category precision, recall, F1 with 95 % bootstrap intervals and calibration error, and what was said
    instead of missed gaps: the table of the model card, on comments of your own.
    """
    with read(source, format) as opened:
        pairs = list(labelled(opened, text_column, labels_column))
    if not pairs:
        raise TableError(f"{source}: no rows to evaluate")
    items, truths = [item for item, _ in pairs], [truth for _, truth in pairs]
    with Classifier.load() as classifier:
        futures = [classifier.submit(item) for item in items]
        results = [
            future.result() for future in track(futures, "classify", console=Console(stderr=True), transient=True)
        ]
    figures = report(truths, results)
    console = Console()
    console.print(table(figures), confusions(figures))
    console.print(
        f"the five exactly right: {_percent(figures['exact'])}; "
        f"direction right where the gap is found: {_percent(figures['direction'])} of {figures['directions']}"
    )
    if unread := sum(result.status != "ok" for result in results):
        console.print(f"{unread} comments were not read (no text, another language, or a fault) and state nothing")
    if out:
        out.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    if misses:
        console.print(f"{write_misses(misses, items, truths, results)} misses written to {misses}")


def _three(figure: float | None) -> str:
    return "–" if figure is None else f"{figure:.3f}"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"
