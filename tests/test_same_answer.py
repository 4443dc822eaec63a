"""On the released bundle the same comment gets the same answer: alone, in any batch, by HTTP, by the bulk command."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient

from api import examples
from api.app import create_app
from gapshot.classifier import Classifier
from gapshot.cli import main
from gapshot.settings import Settings

OWN = Path(__file__).parents[1] / "training" / "data" / "portal_comments.jsonl"
COMMENTS = [json.loads(line) for line in OWN.read_text("utf-8").splitlines()][:60]
ITEMS = [{"id": c["id"], "text": c["text"], "vertical": c["vertical"]} for c in COMMENTS]


@pytest.fixture(scope="module")
def alone(release: Path) -> list[dict[str, object]]:
    with Classifier.load(release) as classifier:
        return [classifier.classify([item])[0].as_dict() for item in ITEMS]


def test_in_one_batch_and_in_reverse(release: Path, alone: list[dict[str, object]]) -> None:
    with Classifier.load(release) as classifier:
        assert [r.as_dict() for r in classifier.classify(ITEMS)] == alone
        assert [r.as_dict() for r in classifier.classify(ITEMS[::-1])] == alone[::-1]


def test_by_http(release: Path, alone: list[dict[str, object]]) -> None:
    with TestClient(create_app(Settings(bundle=release))) as client:
        answer = client.post("/v1/classify", json={"comments": ITEMS}).json()
    assert answer["results"] == alone


def test_by_the_bulk_command(release: Path, alone: list[dict[str, object]], tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(item) + "\n" for item in ITEMS), "utf-8")
    done = CliRunner().invoke(
        main,
        ["classify", str(tmp_path / "in.jsonl"), "--out", str(tmp_path / "out.jsonl")],
        env={"GAPSHOT_BUNDLE": str(release)},
    )
    assert done.exit_code == 0, done.output
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert [{key: row[key] for key in alone[0]} for row in rows] == alone


def test_the_designs_example_is_read_as_a_person_would(release: Path) -> None:
    with TestClient(create_app(Settings(bundle=release))) as client:
        result = client.post("/v1/classify", json=examples.REQUEST).json()["results"][0]
    gaps = {gap["category"]: gap for gap in result["gaps"]}
    assert set(gaps) == {"size_scale", "colour"}
    assert gaps["size_scale"]["direction"] == "small"
    assert [e["text"] for e in gaps["size_scale"]["evidence"]] == ["Vase is tiny"]
    assert [e["text"] for e in gaps["colour"]["evidence"]] == ["more grey than blue"]
    assert {shot["image_type"] for shot in result["shots"]} == {
        "scale_reference",
        "true_colour_lighting",
        "dimension_overlay",
    }
    assert result["actions"] == ["size_guide_copy"]
    assert (result["status"], result["truncated"], result["error"]) == ("ok", False, None)
