"""The endpoints over the stand-in bundle, whose answers can be counted by hand."""

import json
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api import examples
from gapshot.taxonomy import CATEGORIES, Taxonomy
from tests.standin import ABSENT, STATED


def classify(client: TestClient, *comments: Any) -> list[dict[str, Any]]:
    body = json.dumps({"comments": comments})  # as ASCII: the client itself refuses lone surrogates
    answer = client.post("/v1/classify", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200
    return answer.json()["results"]


def test_the_example_of_the_contract(client: TestClient) -> None:
    answer = client.post("/v1/classify", json=examples.REQUEST).json()
    expected = examples.answer()
    expected["model"]["version"] = "standin.1"
    [result] = expected["results"]
    # The stand-in knows the words "tiny" and "grey" and nothing else, takes them alone for evidence, and is as sure of
    # one as of the other: the order of categories decides.
    result["gaps"].reverse()
    result["shots"][:2] = reversed(result["shots"][:2])
    for gap, start, word in zip(result["gaps"], (8, 22), ("tiny", "grey"), strict=True):
        gap |= {"probability": STATED, "evidence": [{"start": start, "end": start + 4, "text": word}]}
    result["scores"] = {c: STATED if c in ("size_scale", "colour") else ABSENT for c in CATEGORIES}
    assert answer == expected
    assert json.dumps(answer) == json.dumps(expected), "the order of fields is part of the shape"


def test_only_the_text_is_required(client: TestClient) -> None:
    [result] = classify(client, {"text": "itchy"})
    assert (result["status"], result["id"], result["sku"]) == ("ok", None, None)
    assert [gap["category"] for gap in result["gaps"]] == ["texture"]
    assert result["gaps"][0]["existing_status"] == "unknown"


def test_a_faulty_comment_harms_no_neighbour(client: TestClient) -> None:
    faulty = {
        "not_an_object": ["tiny"],
        "text_missing": {"id": 1},
        "text_not_string": {"text": 3},
        "text_too_long": {"text": "a" * 20_001},
        "lone_surrogate": {"text": "a\ud800"},
        "invalid_field": {"text": "tiny", "existing_images": "hero_packshot"},
    }
    good = {"text": "tiny"}
    comments = [comment for fault in faulty.values() for comment in (fault, good)]
    results = classify(client, *comments)
    assert [result["error"]["code"] for result in results[::2]] == list(faulty)
    assert {result["status"] for result in results[::2]} == {"error"}
    [alone] = classify(client, good)
    assert results[1::2] == [alone] * len(faulty)


@pytest.mark.parametrize("field", ["id", "sku", "vertical", "language", "existing_images"])
def test_a_lone_surrogate_in_any_field_is_a_fault_of_its_comment(client: TestClient, field: str) -> None:
    value: Any = ["\udfff"] if field == "existing_images" else "\udfff"
    [result] = classify(client, {"text": "tiny", field: value})
    assert result["error"]["code"] == "invalid_field"


@pytest.mark.parametrize(
    ("comment", "status"),
    [
        ({"text": "n/a"}, "no_text"),
        ({"text": "слишком маленькая ваза"}, "unsupported_language"),
        ({"text": "tiny", "language": "de-AT"}, "unsupported_language"),
        ({"text": "tiny", "language": "en-GB"}, "ok"),
    ],
)
def test_a_comment_that_cannot_be_judged_says_why(client: TestClient, comment: dict[str, str], status: str) -> None:
    [result] = classify(client, comment)
    assert result["status"] == status


def test_results_come_in_the_order_of_the_comments_with_ids_as_sent(client: TestClient) -> None:
    ids = [10**400, "b", None, *range(200)]
    results = classify(client, *({"text": "grey " * (number % 7), "id": id} for number, id in enumerate(ids)))
    assert [result["id"] for result in results] == ids


def test_unknown_pictures_are_named_in_the_warnings(client: TestClient) -> None:
    [result] = classify(client, {"text": "tiny", "existing_images": ["selfie"]})
    assert "selfie" in result["warnings"][0]


def test_text_beyond_ascii_survives(client: TestClient) -> None:
    [result] = classify(client, {"text": "größer 🏺 than tiny", "id": "ü"})
    assert result["id"] == "ü"
    assert result["gaps"][0]["evidence"] == [{"start": 14, "end": 18, "text": "tiny"}]


def test_the_taxonomy_is_served_whole(client: TestClient) -> None:
    assert client.get("/v1/taxonomy").json() == Taxonomy.load().as_dict()


def test_the_model_tells_what_it_is_and_how_good(client: TestClient) -> None:
    assert client.get("/v1/model").json() == {
        "version": "standin.1",
        "taxonomy": Taxonomy.load().version,
        "languages": ["en"],
        "max_tokens": 512,
        "thresholds": dict.fromkeys(CATEGORIES, 0.5),
        "facts": {},
        "metrics": {"macro_f1": 1.0},
    }


def test_it_is_ready_only_while_its_bundle_is_loaded(app: FastAPI) -> None:
    idle = TestClient(app)
    before = idle.get("/readyz")
    with TestClient(app) as client:
        during = client.get("/readyz")
    after = idle.get("/readyz")
    assert [answer.status_code for answer in (before, during, after)] == [503, 200, 503]
    assert during.json() == {"status": "ready"}


def test_it_is_alive_before_it_is_ready(app: FastAPI) -> None:
    assert TestClient(app).get("/livez").json() == {"status": "live"}


def test_its_documentation_has_a_page(client: TestClient) -> None:
    assert "/openapi.json" in client.get("/docs").text
