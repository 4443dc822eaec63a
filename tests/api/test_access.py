"""What holds for every request: its id and its log line."""

import asyncio
import re
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.api.conftest import Lines
from tests.api.faults import CANARY


@pytest.mark.parametrize("sent", ["a", "req-17/b", "~" * 128])
@pytest.mark.parametrize("path", ["/livez", "/nowhere", "/v1/classify"])
def test_a_sane_request_id_comes_back(client: TestClient, sent: str, path: str) -> None:
    assert client.get(path, headers={"X-Request-Id": sent}).headers["x-request-id"] == sent


@pytest.mark.parametrize("sent", ["", "two words", "~" * 129, "tab\there", "caf\xe9"])
def test_any_other_request_id_is_replaced(client: TestClient, sent: str) -> None:
    answer = client.get("/livez", headers={"X-Request-Id": sent.encode("latin-1")})
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])


def test_requests_without_an_id_get_different_ones(client: TestClient) -> None:
    assert client.get("/livez").headers["x-request-id"] != client.get("/livez").headers["x-request-id"]


def test_a_request_leaves_one_line_with_these_fields(client: TestClient, log_lines: Lines) -> None:
    comments = [{"text": CANARY, "id": CANARY, "sku": CANARY}] * 3
    client.post("/v1/classify", json={"comments": comments}, headers={"X-Request-Id": "r1"})
    [line] = log_lines()
    assert list(line) == ["time", "level", "event", "route", "status", "duration_ms", "request_id", "comments"]
    assert line["duration_ms"] > 0
    assert line["time"].endswith("+00:00")
    told = {key: line[key] for key in ("level", "event", "route", "status", "request_id", "comments")}
    assert told == {
        "level": "info",
        "event": "request",
        "route": "/v1/classify",
        "status": 200,
        "request_id": "r1",
        "comments": 3,
    }
    assert CANARY not in str(line)


def test_the_route_of_an_unknown_address_is_not_its_path(client: TestClient, log_lines: Lines) -> None:
    client.get(f"/{CANARY}")
    assert [line["route"] for line in log_lines()] == ["unmatched"]


def test_a_caller_who_hangs_up_gets_no_answer_and_leaves_one_line(app: FastAPI, log_lines: Lines) -> None:
    sent: list[Any] = []

    async def receive() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/classify",
        "raw_path": b"/v1/classify",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
    }

    async def scenario() -> None:
        async with app.router.lifespan_context(app):
            await app(scope, receive, send)

    asyncio.run(scenario())
    assert sent == []
    assert [(line["level"], line["status"]) for line in log_lines()] == [("info", 499)]
