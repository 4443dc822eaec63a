"""Fixtures of all tests: a hand-countable bundle, its classifier, and an environment without settings."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from gapshot.classifier import Classifier
from tests.standin import make_bundle

RELEASES = Path(__file__).parents[1] / "models"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test depends on what the developer's shell has set."""
    for name in list(os.environ):
        if name.startswith("GAPSHOT_"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the stand-in bundle (tests/standin.py); do not change it, copy it."""
    return make_bundle(tmp_path_factory.mktemp("standin"))


@pytest.fixture
def classifier(bundle: Path) -> Iterator[Classifier]:
    """A classifier over the stand-in bundle, two threads."""
    with Classifier.load(bundle) as loaded:
        yield loaded


@pytest.fixture(scope="session")
def release() -> Path:
    """Folder of the bundle that the repository ships."""
    return RELEASES / (RELEASES / "current").read_text().strip()
