"""From token scores to the clauses a person reads. Knows words and offsets; does not know categories or models."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

BRIDGE = 2
"""Unmarked tokens between two marked runs that are bridged: a clause is quoted whole."""

MOST = 3
"""Clauses quoted per gap at most; the surest stay."""

_INSIDE_WORD = "'’-"
_STOPS = ".!?;\n"


def clauses(
    probabilities: NDArray[np.floating[Any]], offsets: Sequence[tuple[int, int]], text: str, level: float
) -> list[tuple[int, int]]:
    """Where `text` states a gap, as (start, end) in code points, in reading order; at least one clause.

    `probabilities` [tokens] says how likely each token belongs to such a clause, `offsets` where it stands (special
    tokens have an empty offset), `level` from which probability a token is quoted. When no token reaches it, half of
    the highest probability is the level.
    """
    real = [i for i, (start, end) in enumerate(offsets) if end > start]
    if not real:
        return []
    level = min(level, 0.5 * max(float(probabilities[i]) for i in real))
    runs: list[list[int]] = []
    for i in real:
        if probabilities[i] < level:
            continue
        if runs and i - runs[-1][-1] <= BRIDGE + 1 and not _stops(text[offsets[runs[-1][-1]][1] : offsets[i][0]]):
            runs[-1].append(i)
        else:
            runs.append([i])
    runs = sorted(sorted(runs, key=lambda run: -sum(probabilities[i] for i in run))[:MOST])
    spans: list[tuple[int, int]] = []
    for run in runs:
        start, end = _whole_words(text, offsets[run[0]][0], offsets[run[-1]][1])
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        elif end > start:
            spans.append((start, end))
    return spans


def _stops(between: str) -> bool:
    return any(c in _STOPS for c in between)


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
