"""docs/http.md says what the service does."""

import io
import json
import re
import urllib.request
from pathlib import Path
from typing import get_args

import pytest
from fastapi.testclient import TestClient

from api import examples
from api.app import create_app
from api.problems import PROBLEMS
from api.schemas import CommentIn, FaultOut, ResultOut
from api.serve import serve
from gapshot.classifier import GOLDEN_TOLERANCE
from gapshot.result import STATUSES
from gapshot.settings import Settings

PAGE = (Path(__file__).parents[2] / "docs" / "http.md").read_text("utf-8")
BLOCKS = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
FAULTS = get_args(FaultOut.model_fields["code"].annotation)


def test_every_endpoint_is_on_the_page(client: TestClient) -> None:
    for path, methods in client.get("/openapi.json").json()["paths"].items():
        for method in methods:
            assert f"`{method.upper()} {path}`" in PAGE


@pytest.mark.parametrize("code", PROBLEMS)
def test_every_code_is_on_the_page_with_its_status(code: str) -> None:
    assert f"| {PROBLEMS[code].status} | `{code}` |" in PAGE


@pytest.mark.parametrize("name", [*FAULTS, *STATUSES, *CommentIn.model_fields, *ResultOut.model_fields])
def test_every_field_status_and_fault_of_a_comment_is_on_the_page(name: str) -> None:
    assert f"`{name}`" in PAGE


def test_every_metric_is_on_the_page(client: TestClient) -> None:
    names = re.findall(r"^# TYPE (\S+)", client.get("/metrics").text, re.MULTILINE)
    assert len(names) == 6
    for name in names:
        assert f"| `{name}` |" in PAGE


def test_every_option_of_the_command_is_on_the_page() -> None:
    usage = re.search(r"^gapshot serve .*", PAGE, re.MULTILINE)
    assert usage
    for parameter in serve.params:
        assert parameter.opts[0] in usage[0]


def test_the_example_is_the_one_of_the_api() -> None:
    assert BLOCKS[:2] == [examples.REQUEST, examples.answer()]


def test_the_example_of_a_problem_is_a_real_one(client: TestClient) -> None:
    answer = client.post("/v1/classify", content=json.dumps(examples.REQUEST), headers={"Content-Type": "text/plain"})
    assert answer.json() == BLOCKS[2]


def test_the_example_is_what_the_release_answers(release: Path) -> None:
    with TestClient(create_app(Settings(bundle=release))) as client:
        answer = client.post("/v1/classify", json=examples.REQUEST).json()
    expected = examples.answer()
    [found], [shown] = answer.pop("results"), expected.pop("results")
    assert answer == expected
    assert found.pop("scores") == pytest.approx(shown.pop("scores"), abs=GOLDEN_TOLERANCE)
    for gap in (*found["gaps"], *shown["gaps"]):
        gap.pop("probability")  # the same as in the scores
    assert found == shown


def test_the_example_in_python_prints_what_the_page_says(
    release: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def through_the_client(request: urllib.request.Request) -> io.BytesIO:
        return io.BytesIO(client.post(request.full_url, content=request.data, headers=dict(request.headers)).content)

    monkeypatch.setattr(urllib.request, "urlopen", through_the_client)
    [code] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    with TestClient(create_app(Settings(bundle=release))) as client:
        exec(code, {})
    printed = capsys.readouterr().out.strip()
    assert f"It prints `{printed}`." in PAGE
