"""The rules of the house that no linter knows: sizes, what may lie in the tree, what the guide must tell."""

import ast
import json
import re
import subprocess
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MEGABYTE = 1_000_000
PROMISED = ["serve", "test", "help", "install", "lint", "audit", "train", "evaluate", "release", "bench", "clean"]


@cache
def files() -> tuple[Path, ...]:
    """Every file of the project: all that .gitignore does not name."""
    unwanted = [line.rstrip("/") for line in (ROOT / ".gitignore").read_text().split()] + [".git"]

    def walk(folder: Path) -> Iterator[Path]:
        for path in sorted(folder.iterdir()):
            if not any(fnmatchcase(path.name, pattern) for pattern in unwanted):
                yield from walk(path) if path.is_dir() else [path]

    return tuple(walk(ROOT))


def targets() -> dict[str, str]:
    """The targets of the Makefile that a person calls, with their line of help."""
    rules = re.findall(r"^([a-z]+):(?!=)(.*)$", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    return {name: rest.partition("## ")[2] for name, rest in rules}


def names(paths: Iterator[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def test_every_module_says_what_it_knows() -> None:
    modules = [path for path in files() if path.suffix == ".py"]
    assert ROOT / "gapshot/taxonomy.py" in modules
    silent = (m for m in modules if m.stat().st_size and not ast.get_docstring(ast.parse(m.read_text("utf-8"))))
    assert names(silent) == []


def test_no_module_is_longer_than_300_lines() -> None:
    long = (path for path in files() if path.suffix == ".py" and path.read_text("utf-8").count("\n") > 300)
    assert names(long) == []


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    machine = re.compile(rb"(?<![\w.])/(home|root|Users|work|farm)/[A-Za-z.]")
    texts = (path for path in files() if path.suffix not in (".onnx", ".png"))
    assert names(path for path in texts if machine.search(path.read_bytes())) == []


@pytest.mark.parametrize("target", PROMISED)
def test_the_makefile_has_every_promised_target(target: str) -> None:
    assert target in targets()


@pytest.mark.parametrize("target", targets())
def test_every_make_target_has_a_line_of_help_and_stands_in_the_guide(target: str) -> None:
    assert targets()[target]
    assert f"`make {target}`" in (ROOT / "CONTRIBUTING.md").read_text()


def test_make_alone_lists_every_target() -> None:
    printed = subprocess.run(["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert re.findall(r"make (\w+) +\w", printed.stdout) == list(targets())


def test_continuous_integration_runs_only_make_test_and_make_lint() -> None:
    lines = (ROOT / ".ci/run").read_text().splitlines()
    assert [line for line in lines if line and not line.startswith(("#", "set ", "cd "))] == ["make test", "make lint"]


def test_a_bundle_is_small_enough_to_commit() -> None:
    bundles = [manifest.parent for manifest in (ROOT / "models").glob("*/manifest.json")]
    assert bundles
    assert [b.name for b in bundles if sum(file.stat().st_size for file in b.iterdir()) > 25 * MEGABYTE] == []


def test_labels_of_public_reviews_hold_no_text() -> None:
    labels = {"size_scale", "texture", "colour", "fit", "defect", "unspecified"}
    lines = (ROOT / "training/data/review_labels.jsonl").read_text("utf-8").splitlines()
    assert lines
    for number, line in enumerate(lines, 1):
        row = json.loads(line)
        assert row.keys() <= {"id", "source", "vertical", "rating", "gaps", "evidence"}, number
        assert re.fullmatch(r"[0-9a-f]{16}", row["id"]), number
        assert re.fullmatch(r"[a-z0-9_]{1,40} [a-z]{1,20}", f"{row['source']} {row['vertical']}"), number
        assert row["gaps"].keys() | row.get("evidence", {}).keys() <= labels, number
        assert set(row["gaps"].values()) <= {"small", "large", None}, number
        spans = [span for found in row.get("evidence", {}).values() for span in found]
        assert all(0 <= start < end for start, end in spans), number


def test_every_pin_is_exact_and_has_no_local_build() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert "torch==2.13.0" in pins
    assert [pin for pin in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", pin)] == []
