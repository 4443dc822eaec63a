"""The pictures of a model card and of a learning curve. Knows matplotlib; does not know where figures come from."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib
import numpy as np

matplotlib.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from gapshot.decision import Decision
from gapshot.quality import BINS, Answers
from gapshot.taxonomy import CATEGORIES

COLOURS = ("#1b6ca8", "#b5651d", "#7a3e9d", "#2e7d32", "#b71c1c", "#555555")


def reliability(answers: Answers, forms: list[str], path: Path) -> None:
    """Said probability against observed share, a panel per form, a line per category; bins under 5 rows left out."""
    kinds = [kind for kind in ("return_form", "review") if kind in forms]
    figure, axes = plt.subplots(1, len(kinds), figsize=(5.2 * len(kinds), 5), squeeze=False)
    for axis, kind in zip(axes[0], kinds, strict=True):
        part = answers.rows(np.array(forms) == kind)
        axis.plot([0, 1], [0, 1], color="#bbbbbb", linewidth=1)
        for k, category in enumerate(CATEGORIES):
            bins = np.minimum((part.probability[:, k] * BINS).astype(int), BINS - 1)
            full = [b for b in range(BINS) if (bins == b).sum() >= 5]
            said = [part.probability[bins == b, k].mean() for b in full]
            seen = [part.true[bins == b, k].mean() for b in full]
            axis.plot(said, seen, marker="o", markersize=4, color=COLOURS[k], label=category)
        axis.set(title=f"{kind.replace('_', ' ')} ({len(part.true)} comments)", xlim=(0, 1), ylim=(0, 1))
        axis.set(xlabel="probability said", ylabel="share observed", aspect="equal")
    axes[0][0].legend(frameon=False)
    _save(figure, path)


def precision_recall(answers: Answers, decision: Decision, path: Path) -> None:
    """Precision over recall per category; the dot is where the threshold stands."""
    figure, axis = plt.subplots(figsize=(6.2, 5))
    for k, category in enumerate(CATEGORIES):
        true, probability = answers.true[:, k], answers.probability[:, k]
        if not true.any():
            continue
        order = np.argsort(-probability, kind="stable")
        hits = true[order].cumsum()
        recall, precision = hits / hits[-1], hits / np.arange(1, len(hits) + 1)
        axis.plot(recall, precision, color=COLOURS[k], label=category, linewidth=1.4)
        if at := int((probability >= decision.threshold[k]).sum()):
            axis.plot(recall[at - 1], precision[at - 1], marker="o", color=COLOURS[k])
    axis.set(xlabel="recall", ylabel="precision", xlim=(0, 1.01), ylim=(0, 1.01))
    axis.legend(frameon=False, loc="lower left")
    _save(figure, path)


def learning_curve(points: Sequence[Mapping[str, float]], path: Path) -> None:
    """Macro-F1 of the five over labelled rows on a logarithmic axis; bars are 95 % intervals."""
    figure, axis = plt.subplots(figsize=(6.2, 4.2))
    rows, middle, low, high = (
        np.array([point[key] for point in points]) for key in ("rows", "macro_f1", "low", "high")
    )
    axis.errorbar(rows, middle, yerr=[middle - low, high - middle], marker="o", color=COLOURS[0], capsize=3)
    axis.set(xscale="log", xlabel="labelled rows trained on", ylabel="macro-F1 of the five, test split")
    axis.set_xticks(rows, [f"{int(count):,}" for count in rows])
    axis.minorticks_off()
    _save(figure, path)


def _save(figure: Figure, path: Path) -> None:
    for axis in figure.axes:
        axis.spines[["top", "right"]].set_visible(False)
        axis.grid(alpha=0.25)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)
