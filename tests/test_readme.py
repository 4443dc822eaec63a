"""The README's examples are run on the released bundle, and what it shows is what comes out."""

import contextlib
import io
import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient

from api.app import create_app
from gapshot.classifier import GOLDEN_TOLERANCE
from gapshot.cli import main
from gapshot.settings import Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def block(language: str, holding: str) -> str:
    """The code block of a language that holds a text."""
    blocks = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    return next(found for found in blocks if holding in found)


def shortened(shown: Any, true: Any) -> bool:
    """Whether `shown` is `true`, where texts may be cut short with an ellipsis."""
    if isinstance(shown, dict):
        return (
            isinstance(true, dict) and shown.keys() == true.keys() and all(shortened(shown[k], true[k]) for k in shown)
        )
    if isinstance(shown, list):
        return len(shown) == len(true) and all(map(shortened, shown, true))
    if isinstance(shown, str) and shown.endswith("…"):
        return bool(true.startswith(shown[:-1]))
    if isinstance(shown, float):
        return bool(shown == pytest.approx(true, abs=GOLDEN_TOLERANCE))  # another processor rounds differently
    return bool(shown == true)


def test_the_curl_gets_the_answer_that_is_shown(release: Path) -> None:
    command = shlex.split(block("console", "curl").removeprefix("$ ").replace("\\\n", " "))
    shown = json.loads(block("json", '"results"'))
    with TestClient(create_app(Settings(bundle=release))) as client:
        body = command[command.index("-d") + 1]
        answer = client.post("/v1/classify", content=body, headers={"Content-Type": "application/json"}).json()
    assert shortened(shown, answer), json.dumps(answer)


def test_the_python_example_prints_what_its_comments_say(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAPSHOT_BUNDLE", str(release))
    code = block("python", "Classifier")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "README.md", "exec"), {})
    assert printed.getvalue().splitlines() == re.findall(r"^# (.*)$", code, re.MULTILINE)


def test_the_bulk_example_writes_the_rows_that_are_shown(release: Path, tmp_path: Path) -> None:
    (tmp_path / "returns.csv").write_text(block("csv", "customer_comments"), "utf-8")
    arguments = shlex.split(block("console", "gapshot classify").removeprefix("$ ").splitlines()[0])[1:]
    arguments = [str(tmp_path / a) if a.endswith(".csv") else a for a in arguments]
    done = CliRunner().invoke(main, arguments, env={"GAPSHOT_BUNDLE": str(release)})
    assert done.exit_code == 0, done.output
    written = [row.split(",") for row in (tmp_path / "gaps.csv").read_text("utf-8").splitlines()]
    shown = [row.split(",") for row in block("csv", "p_size_scale").splitlines()]
    assert len(written) == len(shown) == 5
    for cell, example in zip([c for row in written for c in row], [c for row in shown for c in row], strict=True):
        assert shortened(_number(example), _number(cell))


def _number(cell: str) -> str | float:
    return float(cell) if re.fullmatch(r"0\.\d{4}", cell) else cell


def test_every_link_leads_to_a_file() -> None:
    targets = re.findall(r"\]\((?!https?://)([^)#]+)", README)
    assert len(targets) > 8
    assert not [target for target in targets if not (ROOT / target).exists()]
