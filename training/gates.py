"""Whether a bundle may be released: each gate a figure, a floor and a verdict.

\b
    python -m training.gates runs/release         # prints the table; exit code 1 when a gate fails

Floors come from the run's configuration. Knows metrics; does not measure.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from gapshot.bundle import Bundle
from gapshot.settings import Settings
from gapshot.taxonomy import CATEGORIES, GAPS
from training.command import Command
from training.config import Config, Gates


@dataclass(frozen=True)
class Gate:
    """One condition: `figure` must reach `bound` (from above or below as `at_least` says)."""

    name: str
    figure: float
    bound: float
    at_least: bool = True

    @property
    def passed(self) -> bool:
        """Whether the bundle may pass here."""
        return self.figure >= self.bound if self.at_least else self.figure <= self.bound


def gates(metrics: dict[str, Any], size: int, floors: Gates, current: str | None = None) -> list[Gate]:
    """All gates of a bundle: its metrics, its size in bytes, the floors, the version that is released now.

    A figure that could not be measured fails its gate.
    """
    parity, categories = metrics["parity"], metrics["categories"]
    golden = metrics["golden"]
    found = [
        Gate("macro-F1 of the five", _known(metrics["macro_f1"]), floors.macro_f1),
        *(Gate(f"F1 of {category}", _known(categories[category]["f1"]), floors.category_f1) for category in GAPS),
        Gate("decisions equal to the trained model", parity["equal_decisions"], floors.parity),
        Gate(
            "macro-F1 lost by the export",
            round(parity["trained_macro_f1"] - parity["exported_macro_f1"], 4),
            floors.export_loss,
            at_least=False,
        ),
        Gate("golden comments", golden["comments"], floors.golden),
        Gate("golden comments answered otherwise", golden["comments"] - golden["exact"], 0, at_least=False),
        Gate("bundle in MB", round(size / 1e6, 2), floors.bundle_megabytes, at_least=False),
    ]
    champion = metrics["champion"] or {}
    if current != champion.get("version"):
        found.append(Gate(f"measured against the current release ({current or 'none'})", 0, 1))
    elif champion:
        bound = round(_known(champion["macro_f1"]) - floors.regression, 4)
        found.append(Gate(f"macro-F1 against {current}", _known(metrics["macro_f1"]), bound))
        for category in CATEGORIES:
            bound = round(_known(champion["f1"][category]) - floors.category_regression, 4)
            found.append(Gate(f"F1 of {category} against {current}", _known(categories[category]["f1"]), bound))
    return found


def _known(figure: float | None) -> float:
    return -1.0 if figure is None else figure


def of_run(run: Path, models: Path) -> list[Gate]:
    """The gates of an evaluated run, before a release into `models`.

    Raises BundleError when the bundle was changed after it was evaluated.
    """
    metrics = Bundle.load(run / "bundle").metrics
    pointer = models / "current"
    current = pointer.read_text("utf-8").strip() if pointer.exists() else None
    config = Config.model_validate(json.loads((run / "run.json").read_text("utf-8"))["config"])
    size = sum(file.stat().st_size for file in (run / "bundle").iterdir())
    return gates(metrics, size, config.gates, current)


def table(found: list[Gate]) -> Table:
    """The gates as people read them."""
    view = Table("gate", "figure", "bound", "verdict")
    for gate in found:
        bound = f"{'>=' if gate.at_least else '<='} {gate.bound:g}"
        view.add_row(gate.name, f"{gate.figure:g}", bound, "[green]pass" if gate.passed else "[red]FAIL")
    return view


@click.command(cls=Command, help=__doc__)
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(run: Path) -> None:
    found = of_run(run, Settings.read().models)
    Console().print(table(found))
    raise SystemExit(0 if all(gate.passed for gate in found) else 1)


if __name__ == "__main__":
    main()
