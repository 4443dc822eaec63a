"""What is counted: everything from the start, each thing once."""

from itertools import product
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from api.app import create_app
from gapshot.result import STATUSES
from gapshot.settings import Settings
from gapshot.taxonomy import CATEGORIES
from tests.api.faults import CANARY
from tests.standin import make_bundle

Series = dict[tuple[str, frozenset[tuple[str, str]]], float]

ROUTES = (
    "/v1/classify",
    "/v1/taxonomy",
    "/v1/model",
    "/livez",
    "/readyz",
    "/metrics",
    "/docs",
    "/openapi.json",
    "unmatched",
)
SERVED = (200, 400, 404, 405, 413, 415, 422, 499, 500, 503)


def scrape(client: TestClient) -> Series:
    families = text_string_to_metric_families(client.get("/metrics").text)
    return {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}


def moved(before: Series, after: Series) -> dict[tuple[str, ...], float]:
    """(name, label values) -> by how much it changed; without the scrape itself and the sums and buckets of times."""
    assert before.keys() == after.keys(), "no series may appear later"
    return {
        (name, *(value for _, value in sorted(labels))): after[name, labels] - value
        for (name, labels), value in before.items()
        if after[name, labels] != value
        and not name.endswith(("_sum", "_bucket"))
        and ("route", "/metrics") not in labels
    }


def test_every_series_exists_from_the_start_at_zero(client: TestClient) -> None:
    series = scrape(client)
    counters = {
        *(("gapshot_requests_total", r, str(s)) for r, s in product(ROUTES, SERVED)),
        *(("gapshot_stage_seconds_count", stage) for stage in ("wait", "tokenise", "run")),
        *(("gapshot_stage_seconds_sum", stage) for stage in ("wait", "tokenise", "run")),
        *(("gapshot_comments_total", status) for status in STATUSES),
        *(("gapshot_gaps_total", category) for category in CATEGORIES),
        ("gapshot_truncations_total",),
    }
    info = ("gapshot_model_info", frozenset({("version", "standin.1"), ("taxonomy", "1")}))
    assert series.pop(info) == 1
    assert set(series.values()) == {0}
    found = {(n, *(v for _, v in sorted(labels))) for n, labels in series if not n.endswith("_bucket")}
    assert found == counters


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("grey", {("gapshot_comments_total", "ok"), ("gapshot_gaps_total", "colour")}),
        ("n/a", {("gapshot_comments_total", "no_text")}),
        ("слишком маленькая ваза", {("gapshot_comments_total", "unsupported_language")}),
        (None, {("gapshot_comments_total", "error")}),
    ],
)
def test_a_comment_moves_its_counters_by_exactly_one(client: TestClient, text: str | None, counted: set) -> None:
    before = scrape(client)
    client.post("/v1/classify", json={"comments": [{"text": text}]})
    stages = {"wait", "tokenise", "run"} if text == "grey" else {"wait"}
    expected = counted | {("gapshot_stage_seconds_count", stage) for stage in stages}
    expected.add(("gapshot_requests_total", "/v1/classify", "200"))
    assert moved(before, scrape(client)) == dict.fromkeys(expected, 1)


@pytest.mark.parametrize("route", ROUTES)
def test_a_request_is_counted_under_its_route(client: TestClient, route: str) -> None:
    before = scrape(client)
    path, status = {"unmatched": (f"/{CANARY}", "404"), "/v1/classify": (route, "405")}.get(route, (route, "200"))
    client.get(path)
    expected = {} if route == "/metrics" else {("gapshot_requests_total", route, status): 1}
    assert moved(before, scrape(client)) == expected
    assert CANARY not in client.get("/metrics").text


def test_scrapes_are_counted_too(client: TestClient) -> None:
    scrape(client)
    series = scrape(client)
    assert series["gapshot_requests_total", frozenset({("route", "/metrics"), ("status", "200")})] == 1


def test_a_truncated_comment_is_counted(tmp_path: Path) -> None:
    app = create_app(Settings(bundle=make_bundle(tmp_path / "short", max_tokens=8)))
    with TestClient(app) as client:
        before = scrape(client)
        client.post("/v1/classify", json={"comments": [{"text": "nice " * 8}, {"text": "nice " * 9}]})
        assert moved(before, scrape(client))["gapshot_truncations_total",] == 1


def test_two_applications_count_apart(client: TestClient, bundle: Path) -> None:
    with TestClient(create_app(Settings(bundle=bundle))) as other:
        other.get("/livez")
        key = ("gapshot_requests_total", frozenset({("route", "/livez"), ("status", "200")}))
        assert (scrape(client)[key], scrape(other)[key]) == (0, 1)


def test_before_it_is_ready_it_counts_already(app: FastAPI) -> None:
    series = scrape(TestClient(app))
    assert series["gapshot_model_info", frozenset()] == 1
    assert series["gapshot_comments_total", frozenset({("status", "ok")})] == 0
