"""CSV and TSV, as programs and marketplaces write them, broken rows included."""

import csv
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapshot.delimited import LARGEST_FIELD
from gapshot.errors import CommentError, TableError
from gapshot.readers import read


def records(path: Path, content: bytes) -> list[tuple[int, Any]]:
    """Line and content of every record; the code stands for a fault."""
    path.write_bytes(content)
    with read(path) as table:
        return [
            (n, r.code if isinstance(r, CommentError) else list(r.values())) for n, r in table.records(table.columns)
        ]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "table.csv"


@pytest.fixture
def tabs(tmp_path: Path) -> Path:
    return tmp_path / "table.tsv"


def test_quotes_line_breaks_and_commas_of_csv_are_read_as_written(table: Path) -> None:
    content = b'id,text\r\n1,"too ""small"", sadly\r\nand grey"\r\n2,fine\r\n'
    assert records(table, content) == [(2, ["1", 'too "small", sadly\r\nand grey']), (4, ["2", "fine"])]


def test_a_byte_order_mark_is_no_part_of_the_first_column(table: Path) -> None:
    table.write_bytes(b"\xef\xbb\xbftext,id\nfine,1\n")
    with read(table) as opened:
        assert opened.columns == ("text", "id")


def test_semicolons_separate_where_the_header_has_more_of_them_than_commas(table: Path) -> None:
    assert records(table, b"id;text\n1;small, grey\n") == [(2, ["1", "small, grey"])]


def test_a_row_of_another_width_is_a_fault_of_that_row_alone(table: Path) -> None:
    content = b"id,text\n1\n2,too small,really\n3,fine\n"
    assert records(table, content) == [
        (2, "wrong_number_of_columns"),
        (3, "wrong_number_of_columns"),
        (4, ["3", "fine"]),
    ]


def test_bytes_that_are_not_utf_8_come_as_bytes_in_their_cell_only(table: Path) -> None:
    assert records(table, b"id,text\n1,caf\xe9\n2,caf\xc3\xa9\n") == [(2, ["1", b"caf\xe9"]), (3, ["2", "café"])]


def test_nul_bytes_survive(table: Path) -> None:
    assert records(table, b"id,text\n1,too\0small\n") == [(2, ["1", "too\0small"])]


def test_a_field_far_beyond_the_limit_of_pythons_csv_is_read(table: Path) -> None:
    assert records(table, b"id,text\n1," + b"x" * 200_000 + b"\n") == [(2, ["1", "x" * 200_000])]


def test_blank_lines_are_no_rows(table: Path) -> None:
    assert records(table, b"id,text\n\n1,fine\n\n\n") == [(3, ["1", "fine"])]


def test_a_blank_line_is_an_empty_comment_where_there_is_one_column(table: Path) -> None:
    assert records(table, b"text\n\nfine\n") == [(2, [""]), (3, ["fine"])]


def test_a_last_line_without_line_break_is_a_row(table: Path) -> None:
    assert records(table, b"id,text\n1,fine") == [(2, ["1", "fine"])]


def test_a_quote_that_is_never_closed_is_refused_with_its_line(table: Path) -> None:
    with pytest.raises(TableError, match=r"table\.csv, line 3: a quote is opened there and never closed"):
        records(table, b'id,text\n1,fine\n2,"too small\n3,fine\n')


def test_a_quote_left_open_in_a_huge_file_does_not_fill_the_memory(table: Path) -> None:
    with pytest.raises(TableError, match="line 2: not CSV"):
        records(table, b'id,text\n1,"' + b"x" * (LARGEST_FIELD + 1))


@pytest.mark.parametrize("name", ["empty.csv", "empty.tsv"])
def test_a_file_without_header_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(TableError, match="must be a header"):
        records(tmp_path / name, b"")


def test_utf_16_is_refused_with_the_way_to_convert_it(table: Path) -> None:
    with pytest.raises(TableError, match="is UTF-16; convert it: iconv"):
        records(table, "id,text\n1,fine\n".encode("utf-16"))


def test_tsv_of_a_marketplace_needs_no_quotes(tabs: Path) -> None:
    content = b'id\ttext\r\n1\t5" too long\r\n2\t"nice" it is not\r\n3\tfine\r\n'
    assert records(tabs, content) == [(2, ["1", '5" too long']), (3, ["2", '"nice" it is not']), (4, ["3", "fine"])]


def test_tsv_of_a_spreadsheet_has_quotes_tabs_and_line_breaks(tabs: Path) -> None:
    content = b'id\ttext\tsku\n1\t"too ""small"""\tA\n2\t"tiny\nand\tgrey"\tB\n3\tfine\tC\n'
    expected = [(2, ["1", 'too "small"', "A"]), (3, ["2", "tiny\nand\tgrey", "B"]), (5, ["3", "fine", "C"])]
    assert records(tabs, content) == expected


def test_a_stray_quote_in_tsv_takes_no_neighbour_with_it(tabs: Path) -> None:
    content = b'id\ttext\n1\t"too small\n2\tfine\n3\tthinks it is 5"\n4\tfine\n'
    assert records(tabs, content) == [
        (2, ["1", '"too small']),
        (3, ["2", "fine"]),
        (4, ["3", 'thinks it is 5"']),
        (5, ["4", "fine"]),
    ]


def test_blank_lines_of_tsv_are_no_rows_and_other_widths_are_faults(tabs: Path) -> None:
    content = b"id\ttext\n\n1\n2\tfine\n"
    assert records(tabs, content) == [(3, "wrong_number_of_columns"), (4, ["2", "fine"])]


TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=8)


@given(TEXTS)
def test_every_text_that_csv_can_hold_comes_back_in_order(texts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("id", "text"), *enumerate(texts)])
        assert [record[1] for _, record in records(path, path.read_bytes())] == texts


@given(TEXTS)
def test_every_text_without_line_breaks_comes_back_from_quoted_tsv_in_order(texts: list[str]) -> None:
    texts = [text.replace("\n", " ").replace("\r", " ") for text in texts]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.tsv"
        with path.open("w", encoding="utf-8", newline="") as file:
            rows = [(str(n), text, "sku") for n, text in enumerate(texts)]
            csv.writer(file, "excel-tab", quoting=csv.QUOTE_ALL).writerows([("id", "text", "sku"), *rows])
        read_back = [record for _, record in records(path, path.read_bytes())]
        assert len(read_back) == len(texts)
        assert [record[1] for record, text in zip(read_back, texts, strict=True) if text.count("\t") == 0] == [
            text for text in texts if text.count("\t") == 0
        ]
