"""A bundle is whole, unchanged and made for these categories, or it is refused by the file at fault."""

import json
import shutil
from pathlib import Path

import pytest

from gapshot.bundle import Bundle, locate
from gapshot.errors import BundleError
from gapshot.settings import Settings
from tests.standin import make_bundle


@pytest.fixture
def copy(bundle: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(bundle, tmp_path / "copy"))


def test_a_whole_bundle_says_its_version_and_taxonomy(bundle: Path) -> None:
    loaded = Bundle.load(bundle)
    assert (loaded.version, loaded.taxonomy, loaded.metrics) == ("standin.1", "1", {"macro_f1": 1.0})


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "decision.json", "golden.jsonl", "metrics.json"])
def test_one_changed_byte_is_found(copy: Path, name: str) -> None:
    content = bytearray((copy / name).read_bytes())
    content[-2] ^= 1
    (copy / name).write_bytes(content)
    with pytest.raises(BundleError, match=rf"{name}: changed since the release"):
        Bundle.load(copy)


def test_an_absent_file_is_named(copy: Path) -> None:
    (copy / "tokenizer.json").unlink()
    with pytest.raises(BundleError, match=r"tokenizer\.json: named in the manifest but not readable"):
        Bundle.load(copy)


def change_manifest(folder: Path, **values: object) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | values))


def test_another_order_of_categories_is_refused(copy: Path) -> None:
    change_manifest(copy, categories=["texture", "size_scale", "colour", "fit", "defect", "unspecified"])
    with pytest.raises(BundleError, match="made for the categories"):
        Bundle.load(copy)


def test_a_manifest_that_does_not_list_the_model_is_refused(copy: Path) -> None:
    change_manifest(copy, files={})
    with pytest.raises(BundleError, match=r"lists no model\.onnx"):
        Bundle.load(copy)


def test_a_folder_without_a_manifest_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"manifest\.json: not readable"):
        Bundle.load(tmp_path)


def test_the_current_release_is_found_by_its_pointer(tmp_path: Path) -> None:
    make_bundle(tmp_path / "2026.1.1")
    (tmp_path / "current").write_text("2026.1.1\n")
    assert locate(Settings(models=tmp_path)) == tmp_path / "2026.1.1"


@pytest.mark.parametrize("content", ["2026.1.9\n", "\n", "../elsewhere\n"])
def test_a_pointer_to_nothing_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "current").write_text(content)
    with pytest.raises(BundleError, match="holds no such bundle"):
        locate(Settings(models=tmp_path))


def test_without_any_release_the_error_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="make release"):
        locate(Settings(models=tmp_path))


def test_a_named_bundle_wins_and_must_exist(tmp_path: Path, bundle: Path) -> None:
    assert locate(Settings(bundle=bundle, models=tmp_path)) == bundle
    with pytest.raises(BundleError, match="GAPSHOT_BUNDLE"):
        locate(Settings(bundle=tmp_path, models=tmp_path))
