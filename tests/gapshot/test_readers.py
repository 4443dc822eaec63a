"""Which format a file has, and JSONL and Parquet."""

import datetime
import json
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gapshot.errors import CommentError, MissingExtraError, TableError
from gapshot.readers import BATCH, read


def records(path: Path, format: str | None = None) -> list[Any]:
    """Content of every record; the code stands for a fault."""
    with read(path, format) as table:
        wanted = table.columns
        return [r.code if isinstance(r, CommentError) else dict(r) for _, r in table.records(wanted)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "id,text\n1,too small\n"),
        ("a.CSV", "id,text\n1,too small\n"),
        ("a.tsv", "id\ttext\n1\ttoo small\n"),
        ("a.TAB", "id\ttext\n1\ttoo small\n"),
        ("a.jsonl", '{"id": "1", "text": "too small"}\n'),
        ("a.ndjson", '{"id": "1", "text": "too small"}\n'),
    ],
)
def test_the_extension_names_the_format_in_either_case(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    assert records(tmp_path / name) == [{"id": "1", "text": "too small"}]


def test_the_format_given_wins_over_the_extension(tmp_path: Path) -> None:
    (tmp_path / "fba.csv").write_text("id\ttext\n1\tsmall, grey\n")
    assert records(tmp_path / "fba.csv", "tsv") == [{"id": "1", "text": "small, grey"}]


def test_an_unknown_extension_is_refused_with_the_formats_there_are(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"--format csv\|tsv\|jsonl\|parquet"):
        read(tmp_path / "returns.xlsx")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"none\.csv: cannot be read \(No such file"):
        read(tmp_path / "none.csv")


def test_every_line_of_jsonl_is_a_record_whatever_is_wrong_with_it(tmp_path: Path) -> None:
    lines = [b'\xef\xbb\xbf{"text": "a"}', b"{broken", b"[1]", b'{"text": "caf\xe9"}', b"[" * 100_000, b'{"text": "b"}']
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(lines))
    assert records(tmp_path / "a.jsonl") == [
        {"text": "a"},
        "invalid_json",
        "not_an_object",
        "undecodable",
        "invalid_json",
        {"text": "b"},
    ]


def test_blank_lines_of_jsonl_are_no_rows_but_count_as_lines(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'\n{"text": "a"}\r\n\r\n{"text": "b"}\n\n')
    with read(tmp_path / "a.jsonl") as table:
        assert list(table.records(["text"])) == [(2, {"text": "a"}), (4, {"text": "b"})]


def test_the_columns_of_jsonl_are_the_keys_of_all_its_first_rows(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": 1}\n{"id": 2, "text": "a"}\n')
    with read(tmp_path / "a.jsonl") as table:
        assert table.columns == ("id", "text")


def test_a_file_without_a_single_json_object_is_no_jsonl(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("id,text\n1,too small\n")
    with pytest.raises(TableError, match="none of its first 2 lines is a JSON object"):
        read(tmp_path / "a.jsonl")


def test_no_line_at_all_is_jsonl_of_a_day_without_returns(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("")
    assert records(tmp_path / "a.jsonl") == []


def test_parquet_gives_its_rows_in_order_over_batches(tmp_path: Path) -> None:
    texts = [f"comment {n}" for n in range(BATCH + 3)]
    pq.write_table(pa.table({"text": texts}), tmp_path / "a.parquet")
    assert [record["text"] for record in records(tmp_path / "a.parquet")] == texts


def test_only_the_columns_wanted_are_read_from_parquet(tmp_path: Path) -> None:
    pq.write_table(pa.table({"photo": ["…"], "text": ["a"]}), tmp_path / "a.parquet")
    with read(tmp_path / "a.parquet") as table:
        assert table.columns == ("photo", "text")
        assert list(table.records(["text"])) == [(1, {"text": "a"})]


def test_position_counts_rows_of_parquet_and_bytes_of_text(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": ["a", "b"]}), tmp_path / "a.parquet")
    (tmp_path / "a.csv").write_text("text\na\n")
    for name, size in (("a.parquet", 2), ("a.csv", 7)):
        with read(tmp_path / name) as table:
            assert table.size == size
            assert len(list(table.records(["text"]))) in (1, 2)
            assert table.position() == size


def test_nanoseconds_of_parquet_become_a_python_time(tmp_path: Path) -> None:
    stamps = pa.array([1_762_000_000_000_000_001], pa.timestamp("ns", "UTC"))
    pq.write_table(pa.table({"text": ["a"], "date": stamps}), tmp_path / "a.parquet")
    moment = datetime.datetime(2025, 11, 1, 12, 26, 40, tzinfo=datetime.UTC)
    assert records(tmp_path / "a.parquet") == [{"text": "a", "date": moment}]


def test_parquet_text_that_is_not_utf_8_harms_only_its_own_cell(tmp_path: Path) -> None:
    broken = pa.Array.from_buffers(pa.string(), 2, pa.array([b"caf\xe9", b"fine"]).buffers())
    pq.write_table(pa.table({"text": broken}), tmp_path / "a.parquet")
    assert records(tmp_path / "a.parquet") == [{"text": b"caf\xe9"}, {"text": b"fine"}]


def test_what_is_no_parquet_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_text("id,text\n")
    with pytest.raises(TableError, match="not a Parquet file"):
        read(tmp_path / "a.parquet")


def test_parquet_without_pyarrow_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.parquet").write_text("")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match="extra 'batch'"):
        read(tmp_path / "a.parquet")


def test_a_large_file_is_read_only_as_far_as_asked(tmp_path: Path) -> None:
    line = json.dumps({"text": "x" * 100}) + "\n"
    (tmp_path / "a.jsonl").write_text(line * 50_000)
    with read(tmp_path / "a.jsonl") as table:
        next(table.records(["text"]))
        assert table.position() < table.size / 10
