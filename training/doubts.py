"""Labels worth a second reading: what a model that never saw a row thinks of it, ranked by how unlikely its label is.

\b
    python -m training.doubts --out runs/doubts        # trains once a fold; runs/doubts/doubts.csv, most doubtful first

Out-of-fold probabilities through the exported model, ranked by cleanlab (Northcutt et al. 2021, confident learning).
Knows ids and labels; writes no text. A doubt is a reason to read the row again, not to change its label.
"""

import csv
from pathlib import Path

import click
import numpy as np
from cleanlab.multilabel_classification import get_label_quality_scores
from datasets import Dataset, concatenate_datasets
from rich.console import Console
from rich.progress import track
from sklearn.model_selection import GroupKFold

from gapshot.decision import sigmoid
from gapshot.taxonomy import CATEGORIES
from training import calibrate, split
from training.command import Command
from training.config import Config
from training.export import export
from training.train import CONFIGS, is_done, train


def out_of_fold(config: Config, rows: Dataset, folds: int, out: Path) -> np.ndarray:
    """Probabilities [n, 6] of every row by a model trained on the other folds; near-duplicates share a fold.

    A fold whose run is already under `out` is not trained again. Raises SettingsError for a run of other rows there.
    """
    probability = np.zeros((len(rows), len(CATEGORIES)))
    groups = split.near_duplicates(rows["text"])
    draw = GroupKFold(folds, shuffle=True, random_state=config.seed)
    for fold, (others, held) in enumerate(draw.split(groups, groups=groups)):
        run = out / f"fold-{fold}"
        parts = {"train": rows.select(others), "calibration": rows.select(held)}
        if not is_done(config, parts, run):
            train(config, parts, run)
        if not (run / "bundle" / "model.onnx").exists():
            export(run)
        with calibrate.unsealed(run / "bundle", calibrate.UNCALIBRATED) as classifier:
            logits = [classifier.scores(text)[0] for text in track(rows.select(held)["text"], f"fold {fold}")]
        probability[held] = sigmoid(np.array(logits))
    return probability


def ranked(rows: Dataset, probability: np.ndarray) -> list[dict[str, str]]:
    """Every row, most doubtful first: `id`, `source`, `category` in doubt, `labelled` (yes or no), `probability`."""
    labels = np.array(rows["labels"]) > 0
    quality = get_label_quality_scores([np.flatnonzero(row).tolist() for row in labels], probability)
    against = np.where(labels, 1 - probability, probability)
    return [
        {
            "id": rows["id"][i],
            "source": rows["source"][i],
            "category": CATEGORIES[against[i].argmax()],
            "labelled": "yes" if labels[i, against[i].argmax()] else "no",
            "probability": f"{probability[i, against[i].argmax()]:.4f}",
        }
        for i in map(int, np.argsort(quality, kind="stable"))
    ]


@click.command(cls=Command, help=__doc__)
@click.option("--config", type=click.Path(path_type=Path), default=CONFIGS / "release.toml", show_default=True)
@click.option("--folds", type=click.IntRange(2), default=2, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), default=Path("runs/doubts"), show_default=True)
def main(config: Path, folds: int, out: Path) -> None:
    settings = Config.read(config)
    parts, join = split.parts(settings)
    console = Console()
    console.print(str(join))
    rows = concatenate_datasets([parts["train"], parts["calibration"]])
    doubts = ranked(rows, out_of_fold(settings, rows, folds, out))
    with (out / "doubts.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(doubts[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(doubts)
    console.print(f"{out / 'doubts.csv'}: {len(doubts)} rows, the most doubtful first")


if __name__ == "__main__":
    main()
