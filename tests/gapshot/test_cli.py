"""The command line as its users meet it: options, files, messages and exit codes."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import EntryPoint, EntryPoints, version
from pathlib import Path

import click
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

import gapshot.bulk
from gapshot import cli
from gapshot.classifier import GOLDEN_TOLERANCE
from gapshot.writers import COLUMNS

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "batch.md").read_text("utf-8")
RETURNS = [("id", "sku", "date", "text"), ("A", "S-1", "2026-11-02", "tiny, and\ngrey"), ("B", "S-2", "", "fine")]

Run = Callable[..., Result]


@pytest.fixture
def gapshot_(bundle: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs a command in an empty folder with the stand-in bundle."""
    monkeypatch.setenv("GAPSHOT_BUNDLE", str(bundle))
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(cli.main, arguments)


@pytest.fixture
def returns(tmp_path: Path) -> Path:
    """A CSV of two comments: a tiny grey one, and one without gaps."""
    with (tmp_path / "returns.csv").open("w", newline="") as file:
        csv.writer(file).writerows(RETURNS)
    return tmp_path / "returns.csv"


def csv_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def jsonl_rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def entries(monkeypatch: pytest.MonkeyPatch, *values: str) -> None:
    """Installs entry points such as `hello=tests.module:command`."""
    installed = EntryPoints(EntryPoint(*value.split("="), "gapshot.commands") for value in values)
    monkeypatch.setattr(cli, "entry_points", installed.select)


@pytest.mark.usefixtures("returns")
def test_a_table_is_classified_row_by_row_and_summed_up(gapshot_: Run, tmp_path: Path) -> None:
    result = gapshot_("classify", "returns.csv", "--out", "gaps.csv")
    assert result.exit_code == 0, result.output
    first, second = csv_rows(tmp_path / "gaps.csv")
    assert [first[name] for name in ("id", "sku", "date", "size_scale", "colour", "fit")] == [
        "A", "S-1", "2026-11-02", "true", "true", "false",
    ]  # fmt: skip
    assert (second["id"], second["status"], second["shots"]) == ("B", "ok", "")
    assert (first["model_version"], first["taxonomy_version"]) == ("standin.1", "1")
    counts = dict(line.rsplit(maxsplit=1) for line in result.stdout.splitlines())
    assert {name.strip(): number for name, number in counts.items()}.items() >= {
        "rows": "2", "ok": "2", "no_text": "0", "unsupported_language": "0", "error": "0", "gaps": "2",
        "size_scale": "1", "texture": "0", "colour": "1", "fit": "0", "defect": "0", "unspecified": "0",
        "truncated": "0",
    }.items()  # fmt: skip
    assert result.stderr == ""  # no terminal, no progress bar


@pytest.mark.parametrize("extension", ["csv", "tsv", "jsonl", "parquet"])
def test_every_format_gives_the_same_answers(gapshot_: Run, returns: Path, tmp_path: Path, extension: str) -> None:
    names, *values = RETURNS
    path = tmp_path / f"in.{extension}"
    match extension:
        case "jsonl":
            path.write_text("".join(json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in values))
        case "parquet":
            import pyarrow as pa

            pq.write_table(pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in values]), path)
        case _:
            with path.open("w", newline="") as file:
                csv.writer(file, "excel-tab" if extension == "tsv" else "excel").writerows(RETURNS)
    answers = []
    for source in (returns, path):
        assert gapshot_("classify", str(source), "--out", "out.jsonl", "--keep-text").exit_code == 0
        answers.append(jsonl_rows(tmp_path / "out.jsonl"))
    assert answers[0] == answers[1]
    assert [row["text"] for row in answers[0]] == ["tiny, and\ngrey", "fine"]


@pytest.mark.parametrize("out", ["out.csv", "out.jsonl", "out.PARQUET"])
def test_broken_rows_are_answered_in_their_place(gapshot_: Run, tmp_path: Path, out: str) -> None:
    content = [b'{"id": "A", "text": "tiny"}', b"{", b'{"id": "C"}', b'{"id": "D", "text": "caf\xe9"}', b'{"text": 1}']
    (tmp_path / "in.jsonl").write_bytes(b"\n".join(content))
    result = gapshot_("classify", "in.jsonl", "--out", out)
    assert result.exit_code == 0
    if out == "out.jsonl":
        errors = [row["error"]["code"] if row["error"] else None for row in jsonl_rows(tmp_path / out)]  # type: ignore[index,call-overload]
    elif out == "out.csv":
        errors = [row["error_code"] or None for row in csv_rows(tmp_path / out)]
    else:
        errors = [row["error_code"] for row in pq.read_table(tmp_path / out).to_pylist()]
    assert errors == [None, "invalid_json", "text_missing", "undecodable", "text_not_string"]
    assert "    invalid_json" in result.stdout


def test_options_name_columns_format_catalog_and_defaults(gapshot_: Run, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("nr\tarticle\ton\tremark\n7\tS-1\tMonday\ttiny\n8\tS-9\tMonday\ttiny\n")
    (tmp_path / "products.csv").write_text("sku,vertical,existing_images\nS-1,jewellery,scale_reference\n")
    result = gapshot_(
        "classify", "in.txt", "--out", "out.jsonl", "--format", "TSV", "--text-column", "remark", "--id-column", "nr",
        "--sku-column", "article", "--date-column", "on", "--catalog", "products.csv", "--vertical", "home",
        "--language", "en-GB",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    first, second = jsonl_rows(tmp_path / "out.jsonl")
    assert (first["id"], first["sku"], first["date"], first["language"]) == ("7", "S-1", "Monday", "en-GB")
    assert [row["vertical"] for row in (first, second)] == ["jewellery", "home"]
    assert [row["gaps"][0]["missing_image"] for row in (first, second)] == ["on_model", "scale_reference"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("in.csv", "--out", "out.csv"), "in.csv: no column looks like the customers' comments; say which with "
         "--text-column. The columns are: sku, remark"),
        (("none.csv", "--out", "out.csv"), "none.csv: cannot be read (No such file or directory)"),
        (("in.csv", "--out", "in.csv", "--text-column", "remark"), "in.csv: is also read from; choose another name"),
        (("in.csv", "--out", "c.csv", "--catalog", "c.csv"), "c.csv: is also read from"),
        (("in.csv", "--out", "."), ".: is a folder; name a file"),
        (("in.csv", "--out", "out.xlsx"), "answers are written as .jsonl, .csv or .parquet"),
        (("in.csv", "--out", "out.csv", "--catalog", "in.csv"), "a catalog needs a column sku"),
    ],
)  # fmt: skip
def test_a_fault_is_one_line_and_exit_code_2(
    gapshot_: Run, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    (tmp_path / "in.csv").write_text("sku,remark\nA,tiny\n")
    result = gapshot_("classify", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["in.csv"]


@pytest.mark.usefixtures("returns")
def test_a_missing_bundle_is_a_fault_of_one_line(gapshot_: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAPSHOT_BUNDLE", "nowhere")
    result = gapshot_("classify", "returns.csv", "--out", "out.csv")
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
    assert "GAPSHOT_BUNDLE=nowhere" in result.stderr


def test_no_message_repeats_what_a_customer_wrote(gapshot_: Run, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes(b'id,text\n1,secretly tiny\n2,secret \xe9\n3,secret,secret\n4,"secret')
    result = gapshot_("classify", "in.csv", "--out", "out.csv")
    assert result.exit_code == 2
    assert "secret" not in result.output


@pytest.mark.usefixtures("returns")
def test_an_interrupted_run_says_how_far_it_came_and_writes_nothing(
    gapshot_: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished = gapshot.bulk._finished

    def interrupted(row: object, future: object) -> object:
        if row.number == 2:  # type: ignore[attr-defined]
            raise KeyboardInterrupt
        return finished(row, future)  # type: ignore[arg-type]

    monkeypatch.setattr(gapshot.bulk, "_finished", interrupted)
    result = gapshot_("classify", "returns.csv", "--out", "out.csv")
    assert result.exit_code == 130
    assert result.stderr == "interrupted after 1 rows; out.csv was not written\n"
    assert [file.name for file in tmp_path.iterdir()] == ["returns.csv"]


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGKILL])
def test_a_job_killed_halfway_leaves_no_file_of_that_name(bundle: Path, tmp_path: Path, stop: signal.Signals) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    command = [sys.executable, "-c", "from gapshot.cli import main; main()"]
    command += ["classify", str(tmp_path / "pipe.csv"), "--out", str(tmp_path / "out.csv")]
    environment = os.environ | {"GAPSHOT_BUNDLE": str(bundle)}
    job = subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.DEVNULL)
    with job, (tmp_path / "pipe.csv").open("w") as pipe:
        pipe.write("text\n" + "tiny\n" * 5000)
        pipe.flush()
        while not list(tmp_path.glob(".out.csv.*.part")):
            assert job.poll() is None
            time.sleep(0.05)
        job.send_signal(stop)
        code = job.wait()
    assert code == (130 if stop is signal.SIGTERM else -signal.SIGKILL)
    assert not (tmp_path / "out.csv").exists()
    assert len(list(tmp_path.glob("*.part"))) == (0 if stop is signal.SIGTERM else 1)


def test_help_shows_examples_and_every_command(gapshot_: Run) -> None:
    result = gapshot_("--help")
    assert result.exit_code == 0
    assert "gapshot classify returns.csv --out gaps.csv" in result.stdout
    assert {command.name for command in cli.COMMANDS} <= set(result.stdout.split())


def test_the_version_is_that_of_the_package(gapshot_: Run) -> None:
    assert gapshot_("--version").stdout.split()[-1] == version("gapshot")


@pytest.mark.usefixtures("returns")
def test_a_command_of_another_package_is_imported_only_when_it_is_asked_for(
    gapshot_: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    @click.command(short_help="Says hello.")
    @click.argument("name")
    def hello(name: str) -> None:
        click.echo(f"hello {name}")

    loaded = []
    entries(monkeypatch, "hello=other:hello")
    monkeypatch.setattr(EntryPoint, "load", lambda entry: loaded.append(entry.name) or hello)
    assert gapshot_("classify", "returns.csv", "--out", "out.csv").exit_code == 0
    assert loaded == []
    assert gapshot_("hello", "you").stdout == "hello you\n"
    assert "hello     Says hello." in gapshot_("--help").stdout


def test_a_command_whose_packages_are_missing_names_its_extra(gapshot_: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    entries(monkeypatch, "serve=no_such_package.serve:serve")
    result = gapshot_("serve", "--port", "1")
    assert (result.exit_code, result.stderr) == (
        2,
        "Error: gapshot serve needs the extra 'serve'; in the folder of gapshot: pip install -e '.[serve]'\n",
    )
    assert "Needs the extra 'serve'" in gapshot_("--help").stdout


def test_a_command_of_ours_that_is_broken_is_no_missing_extra(gapshot_: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    entries(monkeypatch, "serve=api.no_such_module:serve")
    assert isinstance(gapshot_("serve").exception, ModuleNotFoundError)


def test_the_documentation_names_every_option_and_column() -> None:
    options = [name for parameter in cli.classify.params for name in parameter.opts if name.startswith("--")]
    assert len(options) == 13
    assert [name for name in (*options, *COLUMNS) if f"`{name}`" not in DOCS and f"`{name} " not in DOCS] == []


def test_the_documentation_names_every_code_of_a_broken_row() -> None:
    sources = [ROOT / "gapshot" / f"{name}.py" for name in ("comment", "delimited", "readers", "rows")]
    codes = {code for source in sources for code in re.findall(r'CommentError\(\s*"(\w+)"', source.read_text("utf-8"))}
    assert len(codes) == 9
    assert [code for code in sorted(codes) if f"`{code}`" not in DOCS] == []


def test_the_example_of_the_documentation_is_what_the_release_answers(
    release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks = DOCS.split("```")[1::2]
    returns, products, answers = (block.removeprefix("csv\n") for block in blocks if block.startswith("csv\n"))
    (tmp_path / "returns.csv").write_text(returns)
    (tmp_path / "products.csv").write_text(products)
    (tmp_path / "expected.csv").write_text(answers)
    monkeypatch.chdir(tmp_path)
    arguments = ["classify", "returns.csv", "--out", "gaps.csv", "--catalog", "products.csv"]
    result = CliRunner().invoke(cli.main, arguments, env={"GAPSHOT_BUNDLE": str(release)})
    assert result.exit_code == 0, result.output
    found, expected = csv_rows(tmp_path / "gaps.csv"), csv_rows(tmp_path / "expected.csv")
    for row, example in zip(found, expected, strict=True):
        for name in (column for column in COLUMNS if column.startswith("p_")):  # another processor rounds differently
            said, shown = row.pop(name), example.pop(name)
            assert said == shown == "" or float(said) == pytest.approx(float(shown), abs=GOLDEN_TOLERANCE)
    assert found == expected
