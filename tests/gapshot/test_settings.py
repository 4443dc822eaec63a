"""Settings come from the environment, typed, and a bad one is named."""

from pathlib import Path

import pytest

from gapshot.errors import SettingsError
from gapshot.settings import Settings


def test_settings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAPSHOT_THREADS", "3")
    monkeypatch.setenv("GAPSHOT_BUNDLE", "some/where")
    settings = Settings.read()
    assert (settings.threads, settings.bundle) == (3, Path("some/where"))


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAPSHOT_THREADS", "")
    assert Settings.read().threads is None


@pytest.mark.parametrize("value", ["0", "many"])
def test_a_bad_value_is_refused_by_the_name_of_its_variable(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("GAPSHOT_THREADS", value)
    with pytest.raises(SettingsError, match="GAPSHOT_THREADS"):
        Settings.read()


def test_every_setting_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "operations.md").read_text("utf-8")
    assert all(f"`GAPSHOT_{name.upper()}`" in page for name in Settings.model_fields)
