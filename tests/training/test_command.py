"""Every step of training is a command that explains itself and does nothing but that when asked for help."""

import importlib
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from gapshot.errors import TableError
from training.command import Command

STEPS = frozenset(
    [
        "rebuild",
        "data",
        "split",
        "train",
        "export",
        "calibrate",
        "evaluate",
        "gates",
        "release",
        "baselines",
        "behaviour",
        "curve",
        "doubts",
    ]
)


@pytest.mark.parametrize("step", sorted(STEPS))
def test_help_shows_the_exact_command(step: str) -> None:
    done = CliRunner().invoke(importlib.import_module(f"training.{step}").main, ["--help"])
    assert done.exit_code == 0
    assert f"python -m training.{step}" in done.output


def test_every_module_that_can_be_run_is_a_step() -> None:
    sources = Path(__file__).parents[2].joinpath("training").glob("*.py")
    runnable = {path.stem for path in sources if '__name__ == "__main__"' in path.read_text("utf-8")}
    assert runnable == STEPS


def test_a_planned_error_is_one_line_and_exit_code_2() -> None:
    @click.command(cls=Command)
    def fails() -> None:
        raise TableError("labels.jsonl, line 3:\nnot JSON")

    done = CliRunner().invoke(fails)
    assert (done.exit_code, done.output) == (2, "Error: labels.jsonl, line 3: not JSON\n")
