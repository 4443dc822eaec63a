"""What more labels would buy: the same configuration trained on growing shares of the rows, on one test split.

\b
    python -m training.curve --out runs/curve                            # shares 1/8, 1/4, 1/2; hours on 2 cores
    python -m training.curve --out runs/curve --share 0.25 runs/release  # one share, beside finished runs

Writes `curve.csv` and `curve.png` into the folder. A share whose run is there already is not trained again.
"""

import csv
import json
from pathlib import Path
from typing import Any

import click
import numpy as np
from rich.console import Console

from gapshot.decision import Decision
from gapshot.errors import SettingsError
from gapshot.quality import Answers, f1_resamples, interval, macro_f1
from gapshot.taxonomy import GAPS
from training import calibrate, data, evaluate, plots, split
from training.command import Command
from training.config import Config
from training.export import export
from training.train import CONFIGS, is_done, train


def trained(config: Config, share: float, run: Path) -> Path:
    """The finished run of a share of the training rows, calibrated; made if it is not there.

    Raises SettingsError when the folder holds another run.
    """
    part = config.model_copy(update={"data": config.data.model_copy(update={"share": share})})
    parts, _ = split.parts(part)
    if not is_done(part, parts, run):
        train(part, parts, run)
    if not (run / "bundle" / "decision.json").exists():
        export(run)
        calibrate.calibrate(run)
    return run


def point(run: Path) -> dict[str, Any]:
    """`rows` it trained on, `macro_f1` of the five on the test split, the ends of its 95 % interval, `test` rows' hash.

    Raises SettingsError for a folder without a calibrated run.
    """
    if not (run / "bundle" / "decision.json").exists():
        raise SettingsError(f"{run}: no calibrated run; it needs train, export and calibrate first")
    record = json.loads((run / "run.json").read_text("utf-8"))
    parts, _ = split.of_run(record)
    with calibrate.unsealed(run / "bundle", Decision.read(run / "bundle" / "decision.json")) as classifier:
        results = evaluate.classify(classifier, parts["test"])
    answers = Answers.of([data.truth(row) for row in parts["test"]], results)
    low, high = interval(np.nanmean(f1_resamples(answers)[:, : len(GAPS)], axis=1))
    figures = {"macro_f1": round(macro_f1(answers), 4), "low": low, "high": high}
    return {"rows": len(parts["train"]), **figures, "test": record["dataset"]["test"]["sha256"]}


@click.command(cls=Command, help=__doc__)
@click.argument("runs", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--config", type=click.Path(path_type=Path), default=CONFIGS / "release.toml", show_default=True)
@click.option(
    "--share", "shares", type=click.FloatRange(0, 1, min_open=True), multiple=True, default=(0.125, 0.25, 0.5)
)
@click.option("--out", type=click.Path(path_type=Path), default=Path("runs/curve"), show_default=True)
def main(runs: tuple[Path, ...], config: Path, shares: tuple[float, ...], out: Path) -> None:
    settings, console = Config.read(config), Console()
    console.print(str(split.parts(settings)[1]))
    made = [trained(settings, share, out / f"share-{share:g}") for share in shares]
    points = sorted((point(run) for run in [*made, *runs]), key=lambda found: found["rows"])
    if len({found["test"] for found in points}) > 1:
        raise SettingsError("the runs were not made for one test split; their figures make no curve")
    with (out / "curve.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["rows", "macro_f1", "low", "high"], lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(points)
    plots.learning_curve(points, out / "curve.png")
    console.print(*(f"{found['rows']:>7} rows  {found['macro_f1']:.3f}" for found in points), sep="\n")


if __name__ == "__main__":
    main()
