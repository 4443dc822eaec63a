"""Requests refused as a whole: every code, and that none of them repeats what was sent."""

from collections.abc import Callable
from typing import NoReturn

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response

from api.problems import PROBLEMS
from gapshot.classifier import Classifier
from tests.api.conftest import Lines
from tests.api.faults import CANARY, REQUESTS, arguments

Refuse = Callable[[str], Response]


@pytest.fixture
def answer_of(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> Refuse:
    """The answer to the request for one code."""

    def answer(code: str) -> Response:
        def broken(*_: object) -> NoReturn:
            raise RuntimeError(f"cannot read {CANARY}")

        if code == "not_ready":
            return TestClient(app).request(**arguments(code))
        if code == "internal_error":
            monkeypatch.setattr(Classifier, "submit", broken)
        with TestClient(app) as client:
            return client.request(**arguments(code))

    return answer


def test_every_code_has_a_request_that_leads_to_it() -> None:
    assert set(REQUESTS) == set(PROBLEMS)


@pytest.mark.parametrize("code", PROBLEMS)
def test_a_refusal_is_a_problem_document_with_its_code(code: str, answer_of: Refuse) -> None:
    answer = answer_of(code)
    body = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert list(body) == ["type", "title", "status", "code", "detail"]
    assert body["code"] == code
    assert body["title"] == PROBLEMS[code].title
    assert answer.status_code == body["status"] == PROBLEMS[code].status
    assert answer.headers["x-request-id"]


@pytest.mark.parametrize("code", PROBLEMS)
def test_neither_answer_nor_log_repeats_what_was_sent(code: str, answer_of: Refuse, log_lines: Lines) -> None:
    answer = answer_of(code)
    assert CANARY not in answer.text
    assert CANARY not in str(answer.headers)
    requests = [line for line in log_lines() if line["event"] == "request"]
    assert [line["status"] for line in requests] == [PROBLEMS[code].status]
    assert CANARY not in str(log_lines())


def test_a_method_that_is_not_allowed_comes_with_those_that_are(client: TestClient) -> None:
    assert client.put("/v1/classify").headers["allow"] == "POST"


def test_an_internal_error_is_logged_by_kind_and_place(answer_of: Refuse, log_lines: Lines) -> None:
    answer = answer_of("internal_error")
    [line] = [line for line in log_lines() if line["level"] == "error"]
    assert line["error"] == "RuntimeError"
    assert line["places"][-1].endswith(" broken")
    assert line["request_id"] == answer.headers["x-request-id"]


def test_frameworks_own_validation_would_not_repeat_its_input_either(app: FastAPI, log_lines: Lines) -> None:
    @app.get("/probe")
    def probe(number: int) -> int:
        return number

    with TestClient(app) as client:
        answer = client.get("/probe", params={"number": CANARY})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert CANARY not in answer.text + str(log_lines())
