"""The container's image without an engine: its files are read as an engine would, its install steps are run for real.

The steps run in a clean environment under a temporary folder, so they need the package index and about half a minute.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
TRAINS = {"torch", "transformers", "datasets", "sklearn"}
TRAINS_AS_PACKAGED = {"torch", "transformers", "datasets", "scikit-learn"}


def stages() -> list[list[tuple[str, str]]]:
    """The instructions of each stage of the Dockerfile, as (word, rest)."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE).replace("\\\n", "")
    found: list[list[tuple[str, str]]] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        word, _, rest = line.partition(" ")
        if word == "FROM":
            found.append([])
        found[-1].append((word, rest))
    return found


def values(stage: list[tuple[str, str]], word: str) -> list[str]:
    return [rest for found, rest in stage if found == word]


def is_ignored(path: PurePosixPath) -> bool:
    """Whether .dockerignore keeps a path out of the build: its last matching line decides."""
    ignored = False
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.removeprefix("!")
        for candidate in (path, *path.parents[:-1]):
            whole = len(candidate.parts) == len(PurePosixPath(pattern).parts) and fnmatchcase(str(candidate), pattern)
            if whole or (pattern.startswith("**/") and fnmatchcase(candidate.name, pattern.removeprefix("**/"))):
                ignored = not line.startswith("!")
    return ignored


def context() -> Iterator[PurePosixPath]:
    """Every file that reaches the build."""
    for top in ROOT.iterdir():
        if not is_ignored(PurePosixPath(top.name)):
            for file in top.rglob("*") if top.is_dir() else [top]:
                path = PurePosixPath(file.relative_to(ROOT).as_posix())
                if file.is_file() and not is_ignored(path):
                    yield path


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """/opt/gapshot as the first stage makes it, somewhere else."""
    sent, build, target = (tmp_path_factory.mktemp(name) for name in ("context", "build", "opt"))
    for path in context():
        (sent / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, sent / path)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("GAPSHOT_", "PYTHON", "VIRTUAL_ENV"))}
    kept["PATH"] = f"{Path(sys.executable).parent}:{kept['PATH']}"
    for word, rest in stages()[0]:
        if word == "COPY":
            *sources, destination = rest.split()
            for source in sources:
                if (sent / source).is_dir():
                    shutil.copytree(sent / source, build / destination)
                else:
                    shutil.copy(sent / source, build / destination)
        if word == "RUN":
            command = rest.replace("/opt/gapshot", str(target / "gapshot"))
            done = subprocess.run(["sh", "-c", command], cwd=build, env=kept, capture_output=True, text=True)
            assert done.returncode == 0, f"RUN {rest}\n{done.stderr}"
    return target / "gapshot"


def ask(image: Path, program: str) -> dict[str, list[str]]:
    """What a program in the image prints as JSON, run as the second stage would run it."""
    environment = {"PATH": f"{image}/bin", "GAPSHOT_BUNDLE": str(image / "bundle")}
    command = [f"{image}/bin/python", "-I", "-c", f"import json\n{program}"]
    done = subprocess.run(command, cwd=image, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    answer: dict[str, list[str]] = json.loads(done.stdout)
    return answer


@pytest.mark.xdist_group("install")
def test_what_serves_imports_nothing_that_trains(image: Path) -> None:
    found = ask(
        image,
        "import sys, api.app, gapshot.cli\n"
        "print(json.dumps({'loaded': [*sys.modules], 'from': [api.app.__file__, gapshot.cli.__file__]}))",
    )
    assert not TRAINS & set(found["loaded"])
    assert all(file.startswith(str(image)) for file in found["from"])


@pytest.mark.xdist_group("install")
def test_the_image_holds_only_pinned_packages_and_none_that_trains(image: Path) -> None:
    names = "[d.name.lower().replace('_', '-') + '==' + d.version for d in m.distributions()]"
    found = ask(image, f"import importlib.metadata as m\nprint(json.dumps({{'installed': {names}}}))")["installed"]
    installed = {line for line in found if line.split("==")[0] not in ("gapshot", "pip", "setuptools")}
    pinned = {line.lower().replace("_", "-") for line in (ROOT / "constraints.txt").read_text().splitlines()}
    assert installed
    assert installed - pinned == set()
    assert not TRAINS_AS_PACKAGED & {line.split("==")[0] for line in found}


@pytest.mark.xdist_group("install")
def test_the_image_classifies_with_the_one_bundle_it_holds(image: Path) -> None:
    found = ask(
        image,
        "from gapshot.classifier import Classifier\nwith Classifier.load() as loaded:\n"
        "    [result] = loaded.classify([{'text': 'The vase is tiny, much too small'}])\n"
        "    print(json.dumps({'version': loaded.bundle.version, 'gaps': [g.category for g in result.gaps]}))",
    )
    assert found == {"version": (ROOT / "models/current").read_text().strip(), "gaps": ["size_scale"]}
    assert [file.parent for file in image.rglob("model.onnx")] == [image / "bundle"]


@pytest.mark.xdist_group("install")
def test_the_command_of_the_image_knows_its_options(image: Path) -> None:
    name, *words = json.loads(values(stages()[1], "CMD")[0])
    done = subprocess.run([image / "bin" / name, *words, "--help"], capture_output=True, text=True, cwd=image)
    assert done.returncode == 0, done.stderr


def test_the_build_gets_only_what_the_first_stage_copies() -> None:
    copied = {source for rest in values(stages()[0], "COPY") for source in rest.split()[:-1]}
    assert {path.parts[0] for path in context()} == copied


def test_the_second_stage_takes_only_the_environment_of_the_first() -> None:
    build, final = stages()
    assert values(build, "FROM") == ["python:3.11-slim AS build"]
    assert values(final, "FROM") == ["python:3.11-slim"]
    assert values(final, "COPY") == ["--from=build /opt/gapshot /opt/gapshot"]
    assert values(final, "RUN") == []


def test_the_container_is_not_root_and_tells_when_it_is_ready() -> None:
    final = stages()[1]
    [user] = values(final, "USER")
    assert all(int(number) > 0 for number in user.split(":"))
    [check] = values(final, "HEALTHCHECK")
    program = json.loads(check.partition("CMD ")[2])[2]
    compile(program, "HEALTHCHECK", "exec")
    [port] = values(final, "EXPOSE")
    assert "'/readyz'" in program
    assert f"127.0.0.1', {port}," in program
    assert json.loads(values(final, "CMD")[0])[-2:] == [port, "--insecure"]


def test_the_extras_that_serve_ask_for_nothing_that_trains() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    asked = {Requirement(line).name for line in (*project["dependencies"], *extras["serve"], *extras["batch"])}
    assert "fastapi" in asked
    assert not TRAINS_AS_PACKAGED & asked
