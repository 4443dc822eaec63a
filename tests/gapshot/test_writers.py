"""Answers in every format, and what remains when writing them fails."""

import csv
import json
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from gapshot.bulk import classify_rows
from gapshot.classifier import Classifier
from gapshot.errors import CommentError, MissingExtraError, TableError
from gapshot.rows import Row
from gapshot.taxonomy import CATEGORIES
from gapshot.writers import COLUMNS, writer_for, writing

MODEL = ("2026.11.1", "1")
BLANK = dict.fromkeys(CATEGORIES, "") | {f"p_{category}": "" for category in CATEGORIES}


def example(text: str, **fields: Any) -> Row:
    context = {"id": "r-17", "sku": "VASE-S", "date": "2026-11-02", "vertical": "home"} | fields
    sent = {"text": text, "language": "en"} | {key: context[key] for key in ("id", "sku", "vertical")}
    return Row(1, sent, **context, text=text)


def written(path: Path, classifier: Classifier, *rows: Row, keep_text: bool = False) -> Path:
    with writing(path, MODEL, keep_text) as writer:
        for row, result in classify_rows(rows, classifier):
            writer.write(row, result)
    return path


def csv_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_columns_are_those_of_the_contract() -> None:
    names = ["id", "sku", "date", "vertical", "language", "status", "error_code"]
    names += ["size_scale", "texture", "colour", "fit", "defect", "unspecified"]
    names += [
        "p_size_scale",
        "p_texture",
        "p_colour",
        "p_fit",
        "p_defect",
        "p_unspecified",
        "direction_size_scale",
        "direction_fit",
    ]
    names += ["shots", "actions", "model_version", "taxonomy_version"]
    assert list(COLUMNS) == names


def test_a_row_of_csv_says_it_all_in_one_value_a_column(tmp_path: Path, classifier: Classifier) -> None:
    (row,) = csv_rows(written(tmp_path / "a.csv", classifier, example("tiny and grey")))
    assert row == {
        "id": "r-17",
        "sku": "VASE-S",
        "date": "2026-11-02",
        "vertical": "home",
        "language": "en",
        "status": "ok",
        "error_code": "",
        **dict.fromkeys(CATEGORIES, "false"),
        "size_scale": "true",
        "colour": "true",
        **{f"p_{category}": "0.0180" for category in CATEGORIES},
        "p_size_scale": "0.9820",
        "p_colour": "0.9820",
        "direction_size_scale": "small",
        "direction_fit": "",
        "shots": "scale_reference|true_colour_lighting|in_context|dimension_overlay",
        "actions": "size_guide_copy",
        "model_version": "2026.11.1",
        "taxonomy_version": "1",
    }


def test_what_was_not_read_is_empty_and_not_false(tmp_path: Path, classifier: Classifier) -> None:
    broken = Row(2, CommentError("undecodable", "the column 'text' is not UTF-8"), 2, sku="A")
    silent, faulty = csv_rows(written(tmp_path / "a.csv", classifier, example("n/a"), broken))
    assert {name: silent[name] for name in ("status", "error_code", "shots")} == {
        "status": "no_text",
        "error_code": "",
        "shots": "",
    }
    assert {name: faulty[name] for name in ("id", "sku", "status", "error_code")} == {
        "id": "2",
        "sku": "A",
        "status": "error",
        "error_code": "undecodable",
    }
    assert silent.items() >= BLANK.items()
    assert faulty.items() >= BLANK.items()


def test_parquet_has_the_columns_of_csv_with_their_types(tmp_path: Path, classifier: Classifier) -> None:
    broken = Row(2, CommentError("invalid_json", "line 2 is not JSON"), 2)
    path = written(tmp_path / "a.parquet", classifier, example("tiny and grey"), broken, example("fine"))
    table = pq.read_table(path)
    assert table.column_names == list(COLUMNS)
    assert {str(table.schema.field(name).type) for name in CATEGORIES} == {"bool"}
    assert {str(table.schema.field(f"p_{name}").type) for name in CATEGORIES} == {"double"}
    found, faulty, fine = table.to_pylist()
    assert (found["id"], found["size_scale"], found["fit"], found["p_colour"]) == ("r-17", True, False, 0.982)
    assert found["shots"] == ["scale_reference", "true_colour_lighting", "in_context", "dimension_overlay"]
    assert (faulty["id"], faulty["colour"], faulty["p_colour"], faulty["shots"]) == ("2", None, None, None)
    assert (fine["colour"], fine["shots"], fine["actions"]) == (False, [], [])


def test_a_line_of_jsonl_is_the_result_of_the_service_and_its_context(tmp_path: Path, classifier: Classifier) -> None:
    path = written(tmp_path / "a.jsonl", classifier, example("tiny, “grey”"))
    (line,) = path.read_text("utf-8").splitlines()
    sent = {"id": "r-17", "sku": "VASE-S", "vertical": "home", "language": "en", "text": "tiny, “grey”"}
    (result,) = classifier.classify([sent])
    context = {"date": "2026-11-02", "vertical": "home", "model": {"version": "2026.11.1", "taxonomy": "1"}}
    assert json.loads(line) == result.as_dict() | context


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet"])
def test_the_text_is_written_only_on_request(tmp_path: Path, classifier: Classifier, name: str) -> None:
    def texts(path: Path) -> list[Any]:
        if name == "a.jsonl":
            return [json.loads(line).get("text") for line in path.read_text("utf-8").splitlines()]
        rows = csv_rows(path) if name == "a.csv" else pq.read_table(path).to_pylist()
        return [row.get("text") for row in rows]

    text = 'Vase is "tiny",\r\nmore or less\n'
    assert texts(written(tmp_path / name, classifier, example(text))) == [None]
    assert texts(written(tmp_path / name, classifier, example(text), keep_text=True)) == [text]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_of_csv_is_never_a_formula(tmp_path: Path, classifier: Classifier, start: str) -> None:
    evil = f"{start}HYPERLINK(1)"
    fields = dict.fromkeys(("id", "sku", "date", "vertical"), evil)
    (row,) = csv_rows(written(tmp_path / "a.csv", classifier, example(evil, **fields), keep_text=True))
    assert {row[name] for name in (*fields, "text")} == {f"'{evil}"}
    lines = written(tmp_path / "a.jsonl", classifier, example(evil, **fields), keep_text=True).read_text("utf-8")
    assert {json.loads(lines)[name] for name in (*fields, "text")} == {evil}


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet"])
def test_a_run_that_fails_leaves_what_was_there_and_nothing_else(
    tmp_path: Path, classifier: Classifier, name: str
) -> None:
    (tmp_path / name).write_text("yesterday's")

    def stopped() -> None:
        with writing(tmp_path / name, MODEL) as writer:
            for row, result in classify_rows([example("tiny")] * 3, classifier):
                writer.write(row, result)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [(name, "yesterday's")]


def test_an_earlier_file_is_replaced_only_at_the_end(tmp_path: Path, classifier: Classifier) -> None:
    (tmp_path / "a.csv").write_text("yesterday's")
    with writing(tmp_path / "a.csv", MODEL) as writer:
        for row, result in classify_rows([example("tiny")], classifier):
            writer.write(row, result)
        assert (tmp_path / "a.csv").read_text() == "yesterday's"
    assert len(csv_rows(tmp_path / "a.csv")) == 1


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet"])
def test_no_rows_give_a_valid_file_without_rows(tmp_path: Path, classifier: Classifier, name: str) -> None:
    path = written(tmp_path / name, classifier)
    content = {
        "a.csv": lambda: path.read_text("utf-8") == ",".join(COLUMNS) + "\n",
        "a.jsonl": lambda: path.read_bytes() == b"",
        "a.parquet": lambda: pq.read_table(path).num_rows == 0,
    }
    assert content[name]()


def test_an_extension_that_is_no_format_is_refused_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"written as \.jsonl, \.csv or \.parquet"):
        writer_for(tmp_path / "a.tsv")


def test_parquet_without_pyarrow_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match="extra 'batch'"):
        writer_for(tmp_path / "a.parquet")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path, classifier: Classifier) -> None:
    with pytest.raises(TableError, match=r"none/a\.csv: cannot be written \(No such file"):
        written(tmp_path / "none" / "a.csv", classifier)
