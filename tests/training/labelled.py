"""Labelled rows made by hand, in the shape of `training.data.load`."""

from typing import Any

from datasets import Dataset

from gapshot.taxonomy import CATEGORIES, DIRECTIONAL
from training.data import ABSENT, FEATURES, identity

UNKNOWN, SMALL, LARGE = 0, 1, 2


def labelled(text: str, clauses: dict[str, list[str]] | None = None, **gaps: int) -> dict[str, Any]:
    """A row that states `gaps` (category=direction); `clauses` quotes, per category, the words that say so."""
    clauses = clauses or {}
    return {
        "id": identity(text),
        "text": text,
        "form": "return_form",
        "source": "portal",
        "vertical": "home",
        "labels": [float(category in gaps) for category in CATEGORIES],
        "direction": [gaps.get(category, ABSENT) for category in DIRECTIONAL],
        "marked": [category not in gaps or category in clauses for category in CATEGORIES],
        "evidence": [
            {"category": CATEGORIES.index(category), "start": text.index(words), "end": text.index(words) + len(words)}
            for category, quoted in clauses.items()
            for words in quoted
        ],
    }


def rows_of(*rows: dict[str, Any]) -> Dataset:
    """The rows as a dataset."""
    return Dataset.from_list(list(rows), features=FEATURES)
