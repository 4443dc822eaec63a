"""`gapshot evaluate`: how good are the answers on comments that somebody has labelled? No training packages needed.

Knows how label columns look and how to show figures to people. Does not know how figures are computed
(`gapshot.quality`) or files are read (`gapshot.readers`).
"""

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import track
from rich.table import Table as Grid

from gapshot.bulk import classify_rows
from gapshot.classifier import Classifier
from gapshot.errors import TableError
from gapshot.quality import Truth, report
from gapshot.readers import FORMATS, read
from gapshot.result import Result
from gapshot.rows import Columns, Row, rows
from gapshot.table import Table
from gapshot.taxonomy import CATEGORIES, DIRECTIONAL, DIRECTIONS, GAPS
from gapshot.writers import refuse_overwriting, spreadsheet_safe

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


def labelled(table: Table, text_column: str | None, labels_column: str | None) -> Iterator[tuple[Row, Truth]]:
    """The comments of a labelled table with what their labels say.

    Labels stand in one column (`labels_column`, or one of LABEL_COLUMNS), or in one column for each of the five gaps,
    and one for `unspecified` if that was labelled, with 1/0, true/false, yes/no or x. Raises TableError that names the
    row of a label that cannot be read, and lists the columns when labels are missing.
    """
    known = {column.strip().lower(): column for column in table.columns}
    single = labels_column or next((known[name] for name in LABEL_COLUMNS if name in known), None)
    each = {} if single else {category: known[category] for category in CATEGORIES if category in known}
    if (single not in table.columns) if single else not set(GAPS) <= set(each):
        listed = ", ".join(column[:40] for column in table.columns)
        raise TableError(
            f"{table.path}: no labels; say which column has them with --labels-column, or have one column for each of "
            f"{', '.join(GAPS)}. The columns are: {listed}"
        )
    beside = [single] if single else list(each.values())
    for row in rows(table, Columns(text=text_column), beside=beside):
        if row.cells is None:
            raise TableError(f"{table.path}, row {row.number}: {row.item}; mend it, then evaluate")
        try:
            if single:
                gaps = parse_labels(row.cells.get(single))
            else:
                gaps = {category: None for category, column in each.items() if _yes(row.cells.get(column), column)}
        except ValueError as error:
            raise TableError(f"{table.path}, row {row.number}: {error}") from None
        yield row, Truth(gaps, {})


def _yes(value: object, column: str) -> bool:
    said = "" if value is None else str(value).strip().lower()
    if said not in YES | NO:
        raise ValueError(f"the column {column!r} must hold 1/0, true/false, yes/no or x")
    return said in YES


def table(figures: Mapping[str, Any]) -> Grid:
    """The figures of a quality report as people read them; the same figures stand in the model card."""
    ends = _interval(figures["macro_f1_interval"])
    title = f"{figures['comments']:,} comments, macro-F1 of the five {_three(figures['macro_f1'])} ({ends})"
    grid = Grid(title=title, title_justify="left", box=None, pad_edge=False)
    for name in ("category", "labelled", "stated", "precision", "recall", "F1", "95 %", "ECE"):
        grid.add_column(name, justify="left" if name == "category" else "right", no_wrap=True)
    for category, found in figures["categories"].items():
        counts = [str(found[key]) for key in ("support", "stated")]
        shares = [_three(found[key]) for key in ("precision", "recall", "f1")]
        grid.add_row(category, *counts, *shares, _interval(found["f1_interval"]), _three(found["calibration_error"]))
    return grid


def confusions(figures: Mapping[str, Any]) -> Grid:
    """What was stated instead of gaps that were missed."""
    grid = Grid("missed", "times", "stated instead", box=None, pad_edge=False)
    for category, found in figures["categories"].items():
        ranked = sorted(figures["confusions"][category].items(), key=lambda pair: -pair[1])
        instead = ", ".join(f"{other} {count}" for other, count in ranked if count)
        grid.add_row(category, str(found["missed"]), instead)
    return grid


def write_misses(path: Path, answered: Sequence[tuple[Row, Truth, Result]]) -> int:
    """Write the comments whose gaps are not as labelled to a CSV file, surest mistakes first; how many there are.

    `sureness` is the probability the model gave to its worst mistake (0 to 1); comments not read come last, at 0.
    """
    lines: list[tuple[float, list[object]]] = []
    for row, truth, result in answered:
        stated = {gap.category for gap in result.gaps}
        if wrong := stated ^ set(truth.gaps):
            scores = result.scores or dict.fromkeys(CATEGORIES, 1.0)
            sureness = max(scores[c] if c in stated else 1 - scores[c] for c in wrong)
            labels = ["|".join(sorted(truth.gaps)), "|".join(sorted(stated))]
            cells = [spreadsheet_safe(str(row.id)), result.status, *labels, round(sureness, 4)]
            lines.append((sureness, [*cells, spreadsheet_safe(row.text or "")]))
    lines.sort(key=lambda line: -line[0])
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [["id", "status", "labelled", "stated", "sureness", "text"], *(cells for _, cells in lines)]
        )
    return len(lines)


@click.command(
    short_help="How good are the answers on comments you have labelled?",
    epilog="""\b
Examples:
  gapshot evaluate labelled.csv
  gapshot evaluate labelled.csv --misses misses.csv --out figures.json
\b
labelled.csv, one label column:           or one column per category:
  comment,labels                            comment,size_scale,texture,colour,fit,defect
  Vase is tiny,size_scale:small             Vase is tiny,1,0,0,0,0
  changed my mind,none                      changed my mind,0,0,0,0,0""",
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
    for written in filter(None, (out, misses)):
        refuse_overwriting(written, source)
    with read(source, format) as opened:
        pairs = list(labelled(opened, text_column, labels_column))
    if not pairs:
        raise TableError(f"{source}: no rows to evaluate")
    truths = [truth for _, truth in pairs]
    with Classifier.load() as classifier:
        answers = classify_rows((row for row, _ in pairs), classifier)
        progress = track(answers, "classify", len(pairs), console=Console(stderr=True), transient=True)
        results = [result for _, result in progress]
    figures = report(truths, results)
    console = Console()
    console.print(table(figures), "", confusions(figures), "")
    console.print(f"the five exactly right: {_percent(figures['exact'])}")
    if any(direction for truth in truths for direction in truth.gaps.values()):
        console.print(
            f"direction right: {_percent(figures['direction'])} of {figures['directions']} found gaps of size, fit"
        )
    if unread := sum(result.status != "ok" for result in results):
        console.print(f"not read (no text, another language, or a fault), so nothing stated: {unread} comments")
    try:
        if out:
            out.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
        if misses:
            answered = [(row, truth, result) for (row, truth), result in zip(pairs, results, strict=True)]
            console.print(f"{write_misses(misses, answered)} misses written to {misses}")
    except OSError as error:
        raise TableError(f"{error.filename}: cannot be written ({error.strerror})") from error


def _interval(ends: Sequence[float | None]) -> str:
    return " to ".join(_three(end) for end in ends if end is not None) or "–"


def _three(figure: float | None) -> str:
    return "–" if figure is None else f"{figure:.3f}"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"
