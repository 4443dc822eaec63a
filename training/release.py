"""Put a gated bundle where the service finds it, or go back to the one before.

\b
    python -m training.release runs/release       # gates, then models/<version>/ and models/current
    python -m training.release --rollback         # models/current names the release before

Knows the models folder. Does not measure or judge.
"""

import datetime
import shutil
from pathlib import Path

import click
from rich.console import Console

from gapshot.bundle import MANIFEST
from gapshot.classifier import Classifier
from gapshot.errors import BundleError
from gapshot.settings import Settings
from training import card, gates
from training.command import Command


def releases(models: Path) -> list[str]:
    """Versions in a models folder, oldest first."""
    found = [file.parent.name for file in models.glob(f"*/{MANIFEST}")]
    return sorted(found, key=lambda version: [int(part) if part.isdigit() else 0 for part in version.split(".")])


def next_version(models: Path, today: datetime.date) -> str:
    """Year, month and a running number, as in 2026.11.1."""
    month = f"{today.year}.{today.month}."
    numbers = [int(v.removeprefix(month)) for v in releases(models) if v.startswith(month)]
    return f"{month}{max(numbers, default=0) + 1}"


def point(models: Path, version: str) -> None:
    """Make `current` name a version and `previous` the one it named; readers see the old name or the new one whole."""
    current = models / "current"
    if current.exists():
        _replace(models / "previous", current.read_text("utf-8"))
    _replace(current, version + "\n")


def _replace(path: Path, content: str) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_text(content, "utf-8")
    fresh.replace(path)


def release(run: Path, models: Path) -> str:
    """Give a run's bundle the next version, copy it into `models` and point to it; returns the version."""
    version = next_version(models, datetime.date.today())
    card.finish(run, version)
    try:
        shutil.copytree(run / "bundle", models / version)
        Classifier.load(models / version).close()  # as it lies there, before anything points to it
    except BaseException:
        shutil.rmtree(models / version, ignore_errors=True)
        raise
    point(models, version)
    return version


def rollback(models: Path) -> str:
    """Point to the release that served before the current one. Raises BundleError when there is none."""
    previous = models / "previous"
    version = previous.read_text("utf-8").strip() if previous.exists() else ""
    if version not in releases(models):
        raise BundleError(
            f"{models}: no release before the current one; there are {', '.join(releases(models)) or 'none'}"
        )
    point(models, version)
    return version


@click.command(cls=Command, help=__doc__)
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path), required=False)
@click.option("--rollback", "back", is_flag=True, help="Go back to the release that served before.")
def main(run: Path | None, back: bool) -> None:
    models, console = Settings.read().models, Console()
    if back:
        console.print(f"{models / 'current'} names {rollback(models)} again; restart the service to serve it")
        return
    if run is None:
        raise click.UsageError("name a run folder, or say --rollback")
    found = gates.of_run(run, models)
    console.print(gates.table(found))
    if not all(gate.passed for gate in found):
        console.print("[red]not released:[/] a gate failed; training/configs/ sets the floors, docs/log.md says why")
        raise SystemExit(1)
    console.print(f"released {release(run, models)}")


if __name__ == "__main__":
    main()
