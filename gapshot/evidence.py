"""From token scores to the clauses a person reads. Knows words and offsets; does not know categories or models."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

BRIDGE = 2
"""Unmarked tokens between two marked runs that are bridged: a clause is quoted whole."""

CLAIM = 0.2
"""By how much another stated gap must be surer of a token to have it for itself."""

FAINT = 0.9
"""Runs whose surest token reaches less than this share of the gap's surest are not quoted."""

MOST = 3
"""Clauses quoted per gap at most; the surest stay."""

_INSIDE_WORD = "'’-"
_STOPS = ".!?;"
_JOINTS = frozenset({"and", "but", "or", "so"})

Floats = NDArray[np.floating[Any]]


def clauses(
    probabilities: Floats, rivals: Floats, offsets: Sequence[tuple[int, int]], text: str, level: float
) -> list[tuple[int, int]]:
    """Where `text` states a gap, as (start, end) in code points, in reading order; at least one.

    `probabilities` [tokens] says how likely each token belongs to such a clause, `rivals` [tokens] the same for the
    surest other gap the text states (0 without one), `offsets` where it stands (special tokens have an empty offset),
    `level` from which probability a token is quoted. When no token reaches it, half of the highest probability is the
    level. Nothing is quoted of a text without words.
    """
    words = [i for i, (start, end) in enumerate(offsets) if any(c.isalnum() for c in text[start:end])]
    if not words:
        return []
    free = [i for i in words if rivals[i] <= probabilities[i] + CLAIM] or words
    peak = max(float(probabilities[i]) for i in free)
    runs = _runs([i for i in free if probabilities[i] >= min(level, 0.5 * peak)], set(words) - set(free), offsets, text)
    sure = [run for run in runs if max(probabilities[i] for i in run) >= FAINT * peak]
    surest = sorted(sorted(sure, key=lambda run: -sum(probabilities[i] for i in run))[:MOST])
    spans: list[tuple[int, int]] = []
    for run in (_trimmed(run, probabilities, rivals, offsets, text) for run in surest):
        start, end = _whole_words(text, offsets[run[0]][0], offsets[run[-1]][1])
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        elif end > start:
            spans.append((start, end))
    return spans


def _runs(marked: list[int], claimed: set[int], offsets: Sequence[tuple[int, int]], text: str) -> list[list[int]]:
    """Marked tokens in runs, bridged where neither a stop nor a rival's token lies between."""
    runs: list[list[int]] = []
    for i in marked:
        last = runs[-1][-1] if runs else -1
        between = text[offsets[last][1] : offsets[i][0]] if runs else ""
        near = runs and i - last <= BRIDGE + 1 and not claimed.intersection(range(last, i))
        if near and not any(c in _STOPS for c in between):
            runs[-1].append(i)
        else:
            runs.append([i])
    return runs


def _trimmed(
    run: list[int], probabilities: Floats, rivals: Floats, offsets: Sequence[tuple[int, int]], text: str
) -> list[int]:
    """A run without joints and tokens that a rival is surer of at its ends; as it was if nothing would be left."""

    def idle(i: int) -> bool:
        return bool(rivals[i] > probabilities[i]) or text[slice(*offsets[i])].lower() in _JOINTS

    kept = [k for k, i in enumerate(run) if not idle(i)]
    return run[kept[0] : kept[-1] + 1] if kept else run


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """The span widened to whole words, and without white space or stops at its ends."""
    while start > 0 and _inside(text, start):
        start -= 1
    while end < len(text) and _inside(text, end):
        end += 1
    while start < end and not text[start].isalnum() and text[start] not in "\"'$£€":
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in ".,;:-"):
        end -= 1
    return start, end


def _inside(text: str, at: int) -> bool:
    """Whether the border before `at` cuts a word."""
    before, after = text[at - 1], text[at]
    return (before.isalnum() or before in _INSIDE_WORD) and (after.isalnum() or after in _INSIDE_WORD)
