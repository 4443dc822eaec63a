"""What OpenAPI says is what the service does."""

import json
from typing import Any, get_args

import pytest
from fastapi.testclient import TestClient

from api import schemas
from api.problems import PROBLEMS
from gapshot.taxonomy import CATEGORIES, DIRECTIONS


@pytest.fixture
def document(client: TestClient) -> dict[str, Any]:
    return client.get("/openapi.json").json()


def test_every_route_is_described(document: dict[str, Any]) -> None:
    assert set(document["paths"]) == {"/v1/classify", "/v1/taxonomy", "/v1/model", "/livez", "/readyz", "/metrics"}


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    references = [part.split('"')[0] for part in json.dumps(document).split('"$ref": "')[1:]]
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert {"#/components/schemas/ClassifyRequest", "#/components/schemas/Problem"} <= set(references)
    assert set(references) <= known


def test_examples_of_requests_run_and_their_answers_have_the_described_shape(
    client: TestClient, document: dict[str, Any]
) -> None:
    content = document["paths"]["/v1/classify"]["post"]["requestBody"]["content"]["application/json"]
    for example in content["examples"].values():
        answer = client.post("/v1/classify", json=example["value"])
        assert answer.status_code == 200
        assert schemas.ClassifyResponse.model_validate(answer.json()).model_dump(mode="json") == answer.json()


def test_the_example_of_an_answer_has_the_described_shape(document: dict[str, Any]) -> None:
    example = document["components"]["schemas"]["ClassifyResponse"]["example"]
    assert schemas.ClassifyResponse.model_validate(example).model_dump(mode="json") == example


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("/v1/taxonomy", schemas.TaxonomyResponse),
        ("/v1/model", schemas.ModelResponse),
        ("/livez", schemas.Health),
        ("/readyz", schemas.Health),
    ],
)
def test_other_answers_have_the_described_shape(client: TestClient, path: str, shape: Any) -> None:
    answer = client.get(path).json()
    assert shape.model_validate(answer).model_dump(mode="json") == answer


def test_every_code_that_classify_can_answer_is_described_with_an_example(document: dict[str, Any]) -> None:
    answers = document["paths"]["/v1/classify"]["post"]["responses"]
    codes = {
        code: example["value"]["status"]
        for status, answer in answers.items()
        if status != "200"
        for code, example in answer["content"]["application/problem+json"]["examples"].items()
    }
    assert codes == {
        code: problem.status for code, problem in PROBLEMS.items() if code not in ("not_found", "method_not_allowed")
    }


def test_the_framework_describes_no_error_of_its_own(document: dict[str, Any]) -> None:
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_categories_and_directions_are_those_of_the_taxonomy() -> None:
    assert get_args(schemas.CategoryId) == CATEGORIES
    assert get_args(schemas.Direction) == DIRECTIONS
