"""The labelled comments: our own return-form comments, and labels of public reviews joined with their texts.

Knows where rows lie and what a label is. Does not know splits, tokens or models. The texts of the reviews are not in
this repository: they come from a folder with `reviews.jsonl` (`GAPSHOT_REVIEWS_DIR`; `python -m training.rebuild`
makes one from the public originals). Without it training works on the project's own comments alone.

\b
    python -m training.data          # counts per source and category, and how many reviews were matched
"""

import gzip
import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from datasets import Dataset, Features, List, Value
from rich.console import Console
from rich.table import Table

from gapshot.errors import TableError
from gapshot.quality import Truth
from gapshot.taxonomy import CATEGORIES, DIRECTIONAL, DIRECTIONS
from training.command import Command

HERE = Path(__file__).parent / "data"
OWN_COMMENTS = HERE / "portal_comments.jsonl"
REVIEW_LABELS = HERE / "review_labels.jsonl"

FEATURES = Features(
    {
        "id": Value("string"),
        "text": Value("string"),
        "form": Value("string"),
        "source": Value("string"),
        "vertical": Value("string"),
        "labels": List(Value("float32")),
        "direction": List(Value("int64")),
        "marked": List(Value("bool")),
        "evidence": List({"category": Value("int64"), "start": Value("int64"), "end": Value("int64")}),
    }
)
"""The columns of a labelled row; `load` says what they mean."""

ABSENT = -100
"""Direction target of a gap that is not there; torch's cross entropy ignores it."""


def identity(text: str) -> str:
    """The id of a text: the first 16 hex digits of sha1 over it, lower-cased, white space collapsed."""
    return hashlib.sha1(re.sub(r"\s+", " ", text.lower()).strip().encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Join:
    """How many labels of public reviews found their text."""

    wanted: int
    matched: int

    def __str__(self) -> str:
        if not self.wanted:
            return "without reviews, as configured: the project's own comments alone"
        if not self.matched:
            return (
                f"0 of {self.wanted} labelled reviews have their text: training on the project's own comments alone. "
                "Set GAPSHOT_REVIEWS_DIR, or make the folder with `python -m training.rebuild`."
            )
        return f"{self.matched} of {self.wanted} labelled reviews matched with their text"


def _lines(path: Path, fields: tuple[str, ...] = ("id",)) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise TableError(f"{path}, line {number}: not JSON ({error.msg}); every line is one object") from None
            for field in fields:
                if not isinstance(row, dict) or field not in row:
                    raise TableError(f"{path}, line {number}: no `{field}`; every line is an object with one")
            yield row


def _example(row: dict[str, Any], text: str, form: str) -> dict[str, Any]:
    """One row as training sees it; see `load` for the columns."""
    gaps: dict[str, str | None] = row["gaps"]
    if unknown := set(gaps) - set(CATEGORIES):
        raise TableError(f"label {row['id']}: unknown category {sorted(unknown)[0]!r}; known: {', '.join(CATEGORIES)}")
    marks: dict[str, list[list[int]]] = row.get("evidence") or {}
    return {
        "id": row["id"],
        "text": text,
        "form": form,
        "source": row.get("source", "portal"),
        "vertical": row["vertical"],
        "labels": [float(category in gaps) for category in CATEGORIES],
        "direction": [
            ([None, *DIRECTIONS].index(gaps[category]) if category in gaps else ABSENT) for category in DIRECTIONAL
        ],
        "marked": [category not in gaps or category in marks for category in CATEGORIES],
        "evidence": [
            {"category": CATEGORIES.index(category), "start": start, "end": end}
            for category, spans in marks.items()
            for start, end in spans
        ],
    }


def truth(row: dict[str, Any]) -> Truth:
    """What the labels say of one row, as the quality report wants it."""
    directions = dict(zip(DIRECTIONAL, row["direction"], strict=True))
    gaps = {
        category: [None, *DIRECTIONS][directions[category]] if category in directions else None
        for category, label in zip(CATEGORIES, row["labels"], strict=True)
        if label
    }
    clauses: dict[str, list[tuple[int, int]]] = {}
    for mark in row["evidence"]:
        clauses.setdefault(CATEGORIES[mark["category"]], []).append((mark["start"], mark["end"]))
    return Truth(gaps, clauses)


def load(reviews_dir: Path | None = None, reviews: bool = True) -> tuple[Dataset, Join]:
    """All labelled rows whose text is at hand, and what the join found.

    Columns: `id`, `text` (as published), `form` (`return_form` or `review`), `source`, `vertical`, `labels`
    (6 floats, 0 or 1, in the order of CATEGORIES), `direction` (2 ints for size_scale and fit: 0 unknown, 1 small,
    2 large, ABSENT), `marked` (6 booleans: whether all clauses that state the category are in `evidence`), `evidence`
    (category index, start, end in code points of `text`).
    `reviews_dir` defaults to `GAPSHOT_REVIEWS_DIR`. Raises TableError for a broken line.
    """
    rows = [_example(row, row["text"], "return_form") for row in _lines(OWN_COMMENTS)]
    labels = list(_lines(REVIEW_LABELS)) if reviews else []
    folder = reviews_dir or (Path(os.environ["GAPSHOT_REVIEWS_DIR"]) if os.environ.get("GAPSHOT_REVIEWS_DIR") else None)
    texts: dict[str, str] = {}
    if folder and reviews:
        wanted = {row["id"] for row in labels}
        files = sorted([*folder.glob("*reviews.jsonl"), *folder.glob("*reviews.jsonl.gz")])
        lines = (row for path in files for row in _lines(path, ("id", "text")))
        texts = {row["id"]: row["text"] for row in lines if row["id"] in wanted}
    found = [_example(row, texts[row["id"]], "review") for row in labels if row["id"] in texts]
    return Dataset.from_list(rows + found, features=FEATURES), Join(len(labels), len(found))


def review_sources() -> set[str]:
    """Names of the sources of labelled reviews, whether or not their texts are at hand."""
    return {row["source"] for row in _lines(REVIEW_LABELS, ("id", "source"))}


def manifest(parts: Mapping[str, Dataset]) -> dict[str, Any]:
    """What a run was made from: per split the rows, and a sha256 over the sorted ids with all their labels."""
    found = {}
    for name, part in parts.items():
        lines = sorted(json.dumps({k: v for k, v in row.items() if k != "text"}, sort_keys=True) for row in part)
        found[name] = {"rows": len(lines), "sha256": hashlib.sha256("\n".join(lines).encode()).hexdigest()}
    return found


@click.command(cls=Command, help=__doc__)
def main() -> None:
    dataset, join = load()
    view = Table("source", "comments", *CATEGORIES, "none")
    for source in sorted(set(dataset["source"])):
        labels = [row["labels"] for row in dataset if row["source"] == source]
        counts = [sum(row[k] > 0 for row in labels) for k in range(len(CATEGORIES))]
        view.add_row(source, *map(str, [len(labels), *counts, sum(not any(row) for row in labels)]))
    Console().print(str(join), view)


if __name__ == "__main__":
    main()
