"""A release on disk: its files, their hashes, and what they promise. Knows the folder; does not classify.

models/<version>/   model.onnx tokenizer.json decision.json golden.jsonl reference.json metrics.json README.md
                    reliability.png precision_recall.png manifest.json (written last: sha256 of all the others)
models/current      the version that serves, one line
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gapshot.errors import BundleError
from gapshot.settings import Settings
from gapshot.taxonomy import CATEGORIES

MANIFEST = "manifest.json"
REQUIRED = ("model.onnx", "tokenizer.json", "decision.json", "golden.jsonl", "metrics.json")


@dataclass(frozen=True)
class Bundle:
    """A verified bundle. `manifest` and `metrics` as read; `path` is its folder."""

    path: Path
    version: str
    taxonomy: str
    manifest: dict[str, Any]
    metrics: dict[str, Any]

    @classmethod
    def load(cls, path: Path) -> "Bundle":
        """Read a bundle and verify every file against its manifest.

        Raises BundleError naming the file at fault: absent, changed, or of another category order.
        """
        manifest = _object(path / MANIFEST)
        try:
            files: dict[str, str] = dict(manifest["files"])
            version, taxonomy = str(manifest["version"]), str(manifest["taxonomy"])
            categories = tuple(manifest["categories"])
        except (KeyError, TypeError, ValueError) as error:
            raise BundleError(f"{path / MANIFEST}: not a manifest of this version ({error})") from error
        if categories != CATEGORIES:
            raise BundleError(f"{path}: made for the categories {categories}, this version has {CATEGORIES}")
        if absent := [name for name in REQUIRED if name not in files]:
            raise BundleError(f"{path / MANIFEST}: lists no {absent[0]}")
        for name, sha256 in files.items():
            try:
                found = digest(path / name)
            except OSError as error:
                raise BundleError(
                    f"{path / name}: named in the manifest but not readable; restore the bundle"
                ) from error
            if found != sha256:
                raise BundleError(f"{path / name}: changed since the release (sha256 differs); restore the bundle")
        return cls(path, version, taxonomy, manifest, _object(path / "metrics.json"))

    def golden(self) -> list[dict[str, Any]]:
        """The golden comments with the answers this bundle gave when it was made."""
        lines = (self.path / "golden.jsonl").read_text("utf-8").splitlines()
        return [json.loads(line) for line in lines]


def seal(path: Path, version: str, taxonomy: str, facts: dict[str, Any]) -> None:
    """Write the manifest of a finished bundle folder: hashes of all its files, and `facts` about how it was made."""
    files = {file.name: digest(file) for file in sorted(path.iterdir()) if file.name != MANIFEST}
    head = {"version": version, "taxonomy": taxonomy, "categories": list(CATEGORIES)}
    (path / MANIFEST).write_text(json.dumps(head | facts | {"files": files}, indent=1) + "\n", "utf-8")


def digest(path: Path) -> str:
    """sha256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def locate(settings: Settings) -> Path:
    """The folder of the bundle to serve. Raises BundleError that says which setting points to nothing."""
    if settings.bundle:
        if not (settings.bundle / MANIFEST).is_file():
            raise BundleError(f"GAPSHOT_BUNDLE={settings.bundle}: no bundle there (no {MANIFEST})")
        return settings.bundle
    pointer = settings.models / "current"
    try:
        version = pointer.read_text("utf-8").strip()
    except OSError as error:
        raise BundleError(
            f"{pointer}: no release there; GAPSHOT_MODELS names a folder of releases (a clone has one, models/), "
            "GAPSHOT_BUNDLE a single bundle, `make release` makes one"
        ) from error
    if not version or "/" in version or not (settings.models / version / MANIFEST).is_file():
        raise BundleError(f"{pointer}: names {version!r}, but {settings.models} holds no such bundle")
    return settings.models / version


def _object(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BundleError(f"{path}: not readable as JSON ({type(error).__name__})") from error
    if not isinstance(value, dict):
        raise BundleError(f"{path}: must hold a JSON object")
    return value
