"""training.config: files that ship can be read, faults are named."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from gapshot.errors import SettingsError
from training.config import Config

CONFIGS = Path(__file__).parents[2] / "training" / "configs"


def written(folder: Path, text: str) -> Path:
    path = folder / "run.toml"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_configuration_that_ships_is_readable_and_named_after_its_file(path: Path) -> None:
    assert Config.read(path).name == path.stem


def test_the_release_learns_from_everything_and_the_tiny_one_needs_no_download() -> None:
    release, tiny = Config.read(CONFIGS / "release.toml"), Config.read(CONFIGS / "tiny.toml")
    assert release.data.reviews
    assert release.data.limit is None
    assert release.encoder.scratch is None
    assert release.gates.macro_f1 >= 0.82
    assert tiny.encoder.scratch is not None
    assert not tiny.data.reviews


def test_what_a_file_does_not_say_has_a_default(tmp_path: Path) -> None:
    config = Config.read(written(tmp_path, 'name = "own"\n[optimiser]\nepochs = 2\n'))
    assert config.optimiser.epochs == 2
    assert config.optimiser == Config(name="own").optimiser.model_copy(update={"epochs": 2})


def test_a_saved_configuration_comes_back_equal() -> None:
    config = Config.read(CONFIGS / "tiny.toml")
    assert Config.model_validate(config.model_dump()) == config


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('name = "own"\n[optimiser]\nlearning_rat = 1e-4\n', r"optimiser\.learning_rat"),
        ('name = "own"\n[calibration]\nreturn_form_weight = 1.0\n', r"calibration\.return_form_weight"),
        ('name = "own"\n[optimiser]\nevidence_weight = -1\n', r"optimiser\.evidence_weight"),
        ('name = "own"\nseed = "often"\n', "seed"),
        ("seed = 1\n", "name"),
    ],
)
def test_a_fault_is_named_with_file_and_key(tmp_path: Path, text: str, key: str) -> None:
    with pytest.raises(SettingsError, match=rf"run\.toml: {key}: "):
        Config.read(written(tmp_path, text))


def test_a_file_that_is_no_toml_says_so(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"run\.toml: not readable as TOML"):
        Config.read(written(tmp_path, "name = "))


def test_a_file_that_is_not_there_points_to_those_that_ship(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.toml: no such file; training/configs/"):
        Config.read(tmp_path / "none.toml")


def test_a_configuration_does_not_change_after_reading() -> None:
    config = Config(name="own")
    with pytest.raises(ValidationError):
        config.seed = 1
