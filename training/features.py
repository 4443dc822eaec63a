"""Labelled rows as tensors, and the short texts that training makes of them: traffic is short, the labels are not.

Knows the tokenizer's offsets and the marked clauses. Does not know the network.
"""

import random
from typing import Any

import torch
from datasets import Dataset
from tokenizers import Tokenizer
from torch import Tensor

from gapshot.taxonomy import CATEGORIES, DIRECTIONAL, GAPS
from gapshot.text import normalise
from training.data import ABSENT, FEATURES
from training.model import UNMARKED

SHORTEST_CLAUSE = 8
"""Characters; a marked clause shorter than this ("huge") says too little on its own."""

VAGUE = CATEGORIES.index("unspecified")

JOINTS = (" ", ". ", ", ", " and ", " - ", "; ", "\n", " | ")
"""What stands between two statements in a return form."""


def clauses(dataset: Dataset) -> Dataset:
    """Every marked clause as a row of its own: short texts, as return forms have, from real reviews.

    A clause carries every category whose marks cover at least half of it, with the direction its review has.
    """
    rows: list[dict[str, Any]] = []
    for row in dataset:
        seen: set[tuple[int, int]] = set()
        for mark in row["evidence"]:
            start, end = mark["start"], mark["end"]
            if end - start < SHORTEST_CLAUSE or (start, end) in seen:
                continue
            seen.add((start, end))
            stated = {
                other["category"]
                for other in row["evidence"]
                if 2 * (min(end, other["end"]) - max(start, other["start"])) >= end - start
            }
            rows.append(
                row
                | {
                    "text": row["text"][start:end],
                    "labels": [float(i in stated) for i in range(len(CATEGORIES))],
                    "direction": [
                        direction if CATEGORIES.index(category) in stated else ABSENT
                        for category, direction in zip(DIRECTIONAL, row["direction"], strict=True)
                    ],
                    "marked": [True] * len(CATEGORIES),
                    "evidence": [{"category": category, "start": 0, "end": end - start} for category in sorted(stated)],
                }
            )
    return _dataset(rows)


def stitched(dataset: Dataset, seed: int) -> Dataset:
    """Return-form comments in random pairs, each pair as one comment that states the gaps of both.

    `unspecified` means that a comment does not tell how the item differs: where one half states it and the other tells
    of a gap, its target is UNMARKED. Small beside large is an unknown direction; unknown beside either is the other.
    """
    draw = random.Random(seed)
    forms = [row for row in dataset if row["form"] == "return_form"]
    rows: list[dict[str, Any]] = []
    for first, second in zip(draw.sample(forms, len(forms)), draw.sample(forms, len(forms)), strict=True):
        text = first["text"] + draw.choice(JOINTS)
        moved = [
            mark | {"start": mark["start"] + len(text), "end": mark["end"] + len(text)} for mark in second["evidence"]
        ]
        labels = [max(pair) for pair in zip(first["labels"], second["labels"], strict=True)]
        if first["labels"][VAGUE] != second["labels"][VAGUE] and any(labels[: len(GAPS)]):
            labels[VAGUE] = UNMARKED
        rows.append(
            first
            | {
                "text": text + second["text"],
                "labels": labels,
                "direction": [
                    max(pair) if min(pair) <= 0 or pair[0] == pair[1] else 0
                    for pair in zip(first["direction"], second["direction"], strict=True)
                ],
                "marked": [
                    all(pair) and label != UNMARKED
                    for *pair, label in zip(first["marked"], second["marked"], labels, strict=True)
                ],
                "evidence": first["evidence"] + moved,
            }
        )
    return _dataset(rows)


def _dataset(rows: list[dict[str, Any]]) -> Dataset:
    return Dataset.from_dict({column: [row[column] for row in rows] for column in FEATURES}, features=FEATURES)


def encode(dataset: Dataset, tokenizer: Tokenizer) -> Dataset:
    """Columns `input_ids`, `gaps`, `direction`, `evidence` [tokens][6] and `length`, ready for `collate`."""

    def one(row: dict[str, Any]) -> dict[str, Any]:
        text = normalise(row["text"])
        encoding = tokenizer.encode(text.text)
        spans = [text.original_span(start, end) if end > start else (0, 0) for start, end in encoding.offsets]
        target = [[0.0 if known else UNMARKED for known in row["marked"]] for _ in spans]
        for mark in row["evidence"]:
            for token, (start, end) in zip(target, spans, strict=True):
                if start < mark["end"] and end > mark["start"]:
                    token[mark["category"]] = 1.0
        return {
            "input_ids": encoding.ids,
            "gaps": row["labels"],
            "direction": row["direction"],
            "evidence": target,
            "length": len(encoding.ids),
        }

    return dataset.map(one, remove_columns=dataset.column_names, desc="tokenise")


def collate(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Rows of `encode` as one padded batch: `input_ids`, `attention_mask` and the dictionary `labels`."""
    longest = max(len(row["input_ids"]) for row in rows)
    ids = torch.zeros(len(rows), longest, dtype=torch.long)
    mask = torch.zeros(len(rows), longest, dtype=torch.long)
    evidence = torch.full((len(rows), longest, len(CATEGORIES)), UNMARKED)
    for i, row in enumerate(rows):
        length = len(row["input_ids"])
        ids[i, :length] = torch.tensor(row["input_ids"])
        mask[i, :length] = 1
        evidence[i, :length] = torch.tensor(row["evidence"])
    labels: dict[str, Tensor] = {
        "gaps": torch.tensor([row["gaps"] for row in rows]),
        "direction": torch.tensor([row["direction"] for row in rows]),
        "evidence": evidence,
    }
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}
