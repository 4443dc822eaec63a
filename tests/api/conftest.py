"""The application over the stand-in bundle, and the log lines it writes."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from api.logs import LOG, JsonFormatter
from gapshot.settings import Settings

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def app(bundle: Path) -> FastAPI:
    """An application that has not started."""
    return create_app(Settings(bundle=bundle, threads=2))


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """A client of a running application."""
    with TestClient(app) as running:
        yield running


@pytest.fixture
def log_lines() -> Iterator[Lines]:
    """A function that gives every line logged so far, by anyone, decoded."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    root, level = logging.getLogger(), LOG.level
    root.addHandler(handler)
    LOG.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    LOG.setLevel(level)
    root.removeHandler(handler)
