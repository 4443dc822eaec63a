"""Probabilities that mean what they say, and thresholds: fitted on the calibration split, on the exported model.

\b
    python -m training.calibrate runs/release     # writes runs/release/bundle/{decision.json,reference.json}

Scale and bias per category (Platt 1999), with return-form comments and reviews weighted to the mix of the traffic:
the labelled pool is mostly reviews, the traffic is return forms. Knows logits and labels; does not know the network.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import numpy as np
from datasets import Dataset
from rich.console import Console
from rich.progress import track
from rich.table import Table
from sklearn.linear_model import LogisticRegression

from gapshot.bundle import Bundle
from gapshot.classifier import Classifier
from gapshot.decision import Decision
from gapshot.quality import evidence_right
from gapshot.taxonomy import CATEGORIES, Taxonomy
from training import data, split
from training.command import Command
from training.config import Calibration, Config

UNCALIBRATED = Decision((1.0,) * len(CATEGORIES), (0.0,) * len(CATEGORIES), (0.5,) * len(CATEGORIES))


def form_weights(forms: list[str], share: float) -> np.ndarray:
    """One weight per row, mean 1, so that return-form comments weigh `share` of the whole (0 to 1)."""
    is_form = np.array([form == "return_form" for form in forms])
    if is_form.all() or not is_form.any():
        return np.ones(len(forms))
    weights: np.ndarray = np.where(is_form, share / is_form.mean(), (1 - share) / (1 - is_form.mean()))
    return weights


def scale_and_bias(logits: np.ndarray, true: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """Scale and bias of one category by weighted logistic regression on its logits [n]."""
    if true.all() or not true.any():
        return 1.0, 0.0
    fit = LogisticRegression(C=100.0).fit(logits[:, None], true, sample_weight=weights)
    return float(fit.coef_[0, 0]), float(fit.intercept_[0])


def threshold(probability: np.ndarray, true: np.ndarray, weights: np.ndarray, floor: int) -> float:
    """The threshold with the best weighted F1; 0.5 with fewer than `floor` positives.

    F1 over thresholds is jagged: it is averaged over a window of 0.05 so that the choice is no accident of one row.
    """
    if true.sum() < floor:
        return 0.5
    levels = np.arange(0.10, 0.91, 0.01)
    stated = probability[None, :] >= levels[:, None]
    both = (stated & true) @ weights
    f1 = 2 * both / (stated @ weights + true @ weights)
    smooth = np.convolve(np.pad(f1, 2, mode="edge"), np.ones(5) / 5, mode="valid")
    return round(float(levels[smooth.argmax()]), 2)


def fit(logits: np.ndarray, true: np.ndarray, forms: list[str], settings: Calibration) -> Decision:
    """The decision for logits [n, 6] and labels [n, 6]."""
    weights = form_weights(forms, settings.return_form_weight)
    pairs = [scale_and_bias(logits[:, k], true[:, k], weights) for k in range(len(CATEGORIES))]
    decision = replace(UNCALIBRATED, scale=tuple(s for s, _ in pairs), bias=tuple(b for _, b in pairs))
    probability = decision.probabilities(logits)
    levels = (threshold(probability[:, k], true[:, k], weights, settings.support_floor) for k in range(len(CATEGORIES)))
    return replace(decision, threshold=tuple(levels))


def direction_level(logits: np.ndarray, true: np.ndarray, weights: np.ndarray) -> float:
    """The least probability for small or large with the most weight of directions right, where a gap is stated.

    `logits` [n, 2, 3] as the model gives them, `true` [n, 2] with ABSENT, `weights` [n]. Of levels equally good the one
    nearest one half; the default of Decision without such rows.
    """
    stated = true != data.ABSENT
    if not stated.any():
        return UNCALIBRATED.direction
    odds = np.exp(logits[stated] - logits[stated].max(1, keepdims=True))
    share = odds[:, 1:] / odds.sum(1, keepdims=True)
    each = np.repeat(weights[:, None], true.shape[1], axis=1)[stated]
    right = {
        level: np.average(np.where(share.max(1) >= level, 1 + share.argmax(1), 0) == true[stated], weights=each)
        for level in (0.5, 0.45, 0.55, 0.4, 0.6, 0.35)
    }
    return max(right, key=lambda level: right[level])


def unsealed(bundle: Path, decision: Decision) -> Classifier:
    """A classifier over a bundle that is still in the making (no manifest yet)."""
    taxonomy = Taxonomy.load()
    return Classifier(Bundle(bundle, "unsealed", taxonomy.version, {}, {}), decision, taxonomy)


def evidence_level(bundle: Path, decision: Decision, rows: Dataset) -> float:
    """The token probability from which words are quoted: the one with most clauses right on the calibration rows."""
    marked = rows.filter(lambda row: bool(row["evidence"]))
    truths = [data.truth(row) for row in marked]
    if not truths:
        return decision.evidence
    right = {}
    for level in track((0.2, 0.3, 0.4, 0.5), "evidence level"):
        with unsealed(bundle, replace(decision, evidence=level)) as classifier:
            right[level] = evidence_right(truths, classifier.classify([{"text": text} for text in marked["text"]]))[0]
    return max(right, key=lambda level: right[level])


def reference(rows: Dataset, probability: np.ndarray) -> dict[str, Any]:
    """What normal traffic of the training data looks like: label mix, score histogram, lengths in characters."""
    lengths = np.array([len(text) for text in rows["text"]])
    return {
        "comments": len(rows),
        "label_mix": dict(zip(CATEGORIES, np.array(rows["labels"]).mean(0).round(4).tolist(), strict=True)),
        "score_histogram": {
            category: np.histogram(probability[:, k], bins=10, range=(0, 1))[0].tolist()
            for k, category in enumerate(CATEGORIES)
        },
        "characters": {str(q): int(np.quantile(lengths, q)) for q in (0.1, 0.25, 0.5, 0.75, 0.9, 0.99)},
    }


def calibrate(run: Path) -> Decision:
    """Fit and write `decision.json` and `reference.json` of a run's bundle."""
    record = json.loads((run / "run.json").read_text("utf-8"))
    config = Config.model_validate(record["config"])
    rows = split.of_run(record)[0]["calibration"]
    bundle = run / "bundle"
    with unsealed(bundle, UNCALIBRATED) as classifier:
        scores = [classifier.scores(text) for text in track(rows["text"], "calibration split")]
    logits, directions = (np.array([score[k] for score in scores]) for k in (0, 1))
    decision = fit(logits, np.array(rows["labels"]) > 0, rows["form"], config.calibration)
    weights = form_weights(rows["form"], config.calibration.return_form_weight)
    level = direction_level(directions, np.array(rows["direction"]), weights)
    decision = replace(decision, direction=level, evidence=evidence_level(bundle, decision, rows))
    decision.write(bundle / "decision.json")
    facts = reference(rows, decision.probabilities(logits))
    (bundle / "reference.json").write_text(json.dumps(facts, indent=1) + "\n", "utf-8")
    return decision


@click.command(cls=Command, help=__doc__)
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(run: Path) -> None:
    decision = calibrate(run)
    view = Table("category", "scale", "bias", "threshold", box=None, pad_edge=False)
    for category, *numbers in zip(CATEGORIES, decision.scale, decision.bias, decision.threshold, strict=True):
        view.add_row(category, *(f"{number:.2f}" for number in numbers))
    Console().print(
        view, f"small or large is said from probability {decision.direction}, words are quoted from {decision.evidence}"
    )


if __name__ == "__main__":
    main()
