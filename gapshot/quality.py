"""How good answers are: truth and predictions in, figures with intervals out.

One measure for training, for gates and for a merchant's own labelled file. Knows arrays of labels, probabilities and
spans; does not know models or files.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gapshot.result import Result
from gapshot.taxonomy import CATEGORIES, DIRECTIONAL, GAPS

BINS = 10
"""Equal bins of the expected calibration error (Naeini et al. 2015)."""

RESAMPLES = 1000
"""Bootstrap resamples of the rows; percentile intervals (Efron and Tibshirani 1993)."""

Bools = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Truth:
    """What a person says of one comment: its gaps with direction, and where known the clauses that state them."""

    gaps: Mapping[str, str | None]
    clauses: Mapping[str, Sequence[tuple[int, int]]]


@dataclass(frozen=True)
class Answers:
    """Truth and predictions of n comments as arrays: `true`, `stated` bool [n, 6]; `probability` [n, 6], 0 to 1.

    A comment that was not read (no text, other language) states nothing, with probability 0.
    """

    true: Bools
    stated: Bools
    probability: Floats

    @classmethod
    def of(cls, truths: Sequence[Truth], results: Sequence[Result]) -> "Answers":
        """Truths and results of the same comments, in the same order."""
        stated = [{gap.category for gap in result.gaps} for result in results]
        return cls(
            np.array([[c in truth.gaps for c in CATEGORIES] for truth in truths], bool).reshape(-1, len(CATEGORIES)),
            np.array([[c in gaps for c in CATEGORIES] for gaps in stated], bool).reshape(-1, len(CATEGORIES)),
            np.array([[(r.scores or {}).get(c, 0.0) for c in CATEGORIES] for r in results]).reshape(
                -1, len(CATEGORIES)
            ),
        )

    def rows(self, chosen: Any) -> "Answers":
        """The comments at `chosen` (indices or mask)."""
        return Answers(self.true[chosen], self.stated[chosen], self.probability[chosen])


def f1(true: Bools, stated: Bools) -> Floats:
    """F1 per column; NaN for a column that is neither true nor stated anywhere. Shapes [..., n, k] to [..., k]."""
    both = (true & stated).sum(-2)
    some = true.sum(-2) + stated.sum(-2)
    return np.where(some == 0, np.nan, 2 * both / np.maximum(some, 1))


def macro_f1(answers: Answers) -> float:
    """Mean F1 of those of the five gaps that are true or stated somewhere; `unspecified` stands apart."""
    return _mean(f1(answers.true, answers.stated)[: len(GAPS)])


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def exact(answers: Answers) -> float:
    """Share of comments whose set of the five gaps is exactly right."""
    same = answers.true[:, : len(GAPS)] == answers.stated[:, : len(GAPS)]
    return float(same.all(1).mean()) if len(same) else float("nan")


def calibration_error(true: Bools, probability: Floats) -> float:
    """Expected calibration error of one category over all rows, 0 to 1."""
    bins = np.minimum((probability * BINS).astype(int), BINS - 1)
    gaps = [abs(probability[bins == b].sum() - true[bins == b].sum()) for b in range(BINS)]
    return float(sum(gaps) / max(1, len(true)))


def average_precision(true: Bools, probability: Floats) -> float:
    """Area under the precision-recall steps of one category; NaN without positives."""
    if not true.any():
        return float("nan")
    hits, precision, _ = _curve(true, probability)
    return float((np.diff(hits, prepend=0) * precision).sum() / hits[-1])


def precision_at_recall(true: Bools, probability: Floats, recall: float) -> tuple[float, float]:
    """Best precision at which at least `recall` of the positives are found, and the threshold that gives it."""
    if not true.any():
        return float("nan"), float("nan")
    hits, precision, level = _curve(true, probability)
    enough = np.flatnonzero(hits >= np.ceil(recall * hits[-1]))
    best = enough[precision[enough].argmax()]
    return float(precision[best]), float(level[best])


def _curve(true: Bools, probability: Floats) -> tuple[NDArray[np.int_], Floats, Floats]:
    """Hits, precision and threshold at every distinct probability, falling; equal probabilities come together."""
    order = np.argsort(-probability, kind="stable")
    level = probability[order]
    last = np.flatnonzero(np.append(level[1:] != level[:-1], True))
    hits = true[order].cumsum()[last]
    return hits, hits / (last + 1), level[last]


def f1_resamples(answers: Answers, seed: int = 0) -> Floats:
    """F1 of the six in bootstrap resamples of the comments, shape [RESAMPLES, 6]; NaN as in `f1`."""
    draw = np.random.default_rng(seed)
    n = len(answers.true)
    chosen = (draw.integers(0, n, n) for _ in range(RESAMPLES))
    return np.array([f1(answers.true[rows], answers.stated[rows]) for rows in chosen])


def interval(resamples: Sequence[float] | Floats) -> list[float | None]:
    """The middle 95 % of resampled values, NaN left out; two numbers, None without any."""
    known = np.asarray(resamples)[~np.isnan(resamples)]
    return [round(float(end), 4) for end in np.percentile(known, [2.5, 97.5])] if len(known) else [None, None]


def direction_right(truths: Sequence[Truth], results: Sequence[Result]) -> tuple[int, int]:
    """Where a gap of size or fit is both true and found: how often its direction is right, and how often that is."""
    pairs = [
        (truth.gaps[gap.category], gap.direction)
        for truth, result in zip(truths, results, strict=True)
        for gap in result.gaps
        if gap.category in DIRECTIONAL and gap.category in truth.gaps
    ]
    return sum(true == said for true, said in pairs), len(pairs)


def evidence_right(truths: Sequence[Truth], results: Sequence[Result]) -> tuple[int, int]:
    """Over gaps that are true, found and have marked clauses: how often a quoted span is right, and of how many.

    Right: it covers at least 60 % of a marked clause and is no longer than three times the clause, or the clause
    and 60 characters more.
    """
    right = total = 0
    for truth, result in zip(truths, results, strict=True):
        for gap in result.gaps:
            marked = truth.clauses.get(gap.category, ()) if gap.category in truth.gaps else ()
            if not marked:
                continue
            total += 1
            right += any(
                min(end, e.end) - max(start, e.start) >= 0.6 * (end - start)
                and e.end - e.start <= max(3 * (end - start), end - start + 60)
                for start, end in marked
                for e in gap.evidence
            )
    return right, total


def report(truths: Sequence[Truth], results: Sequence[Result], seed: int = 0) -> dict[str, Any]:
    """All figures of one set of comments, JSON-ready: the table of a model card.

    `categories` holds per category support, precision, recall, F1 with interval, average precision, calibration error
    and precision at fixed recall; beside it the macro figures. A figure without data is None.
    Raises ValueError without comments.
    """
    if not truths:
        raise ValueError("a report needs at least one comment")
    answers = Answers.of(truths, results)
    direction, directions = direction_right(truths, results)
    evidence, clauses = evidence_right(truths, results)
    resamples = f1_resamples(answers, seed)
    scores = f1(answers.true, answers.stated)
    categories = {}
    for k, category in enumerate(CATEGORIES):
        true, stated, probability = answers.true[:, k], answers.stated[:, k], answers.probability[:, k]
        both = int((true & stated).sum())
        categories[category] = {
            "support": int(true.sum()),
            "stated": int(stated.sum()),
            "missed": int(true.sum()) - both,
            "precision": _share(both, int(stated.sum())),
            "recall": _share(both, int(true.sum())),
            "f1": _number(scores[k]),
            "f1_interval": interval(resamples[:, k]),
            "average_precision": _number(average_precision(true, probability)),
            "calibration_error": _number(calibration_error(true, probability)),
            "at_recall": {
                str(recall): [_number(value) for value in precision_at_recall(true, probability, recall)]
                for recall in (0.7, 0.8, 0.9)
            },
        }
    return {
        "comments": len(truths),
        "macro_f1": _number(macro_f1(answers)),
        "macro_f1_interval": interval([_mean(row[: len(GAPS)]) for row in resamples]),
        "exact": _number(exact(answers)),
        "direction": _share(direction, directions),
        "directions": directions,
        "evidence": _share(evidence, clauses),
        "clauses": clauses,
        "categories": categories,
        "confusions": confusions(answers),
    }


def confusions(answers: Answers) -> dict[str, dict[str, int]]:
    """For each true category that was missed: which other, untrue categories were stated instead (or `nothing`)."""
    table: dict[str, dict[str, int]] = {}
    for k, category in enumerate(CATEGORIES):
        missed = answers.true[:, k] & ~answers.stated[:, k]
        wrong = answers.stated[missed] & ~answers.true[missed]
        counts = {other: int(wrong[:, j].sum()) for j, other in enumerate(CATEGORIES) if j != k and wrong[:, j].any()}
        table[category] = counts | {"nothing": int((~wrong.any(1)).sum())}
    return table


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _number(value: float | np.floating[Any]) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)
