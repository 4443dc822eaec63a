"""Labelled rows as tensors: token ids, targets, and the clauses that training adds as texts of their own.

Knows the tokenizer's offsets and the marked clauses. Does not know the network.
"""

from typing import Any

import torch
from datasets import Dataset
from tokenizers import Tokenizer
from torch import Tensor

from gapshot.taxonomy import CATEGORIES, DIRECTIONAL
from gapshot.text import normalise
from training.data import ABSENT, FEATURES
from training.model import UNMARKED

SHORTEST_CLAUSE = 8
"""Characters; a marked clause shorter than this ("huge") says too little on its own."""


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
