"""Which column means what, and what a row says."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gapshot.catalog import Product
from gapshot.errors import CommentError, TableError
from gapshot.readers import read
from gapshot.rows import Columns, Row, rows

FBA = (
    "return-date\torder-id\tsku\tasin\tfnsku\tproduct-name\tquantity\tfulfillment-center-id\tdetailed-disposition"
    "\treason\tstatus\tlicense-plate-number\tcustomer-comments"
)


def rows_of(path: Path, content: str | bytes, columns: Columns | None = None, **context: Any) -> list[Row]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with read(path) as table:
        return list(rows(table, columns, **context))


def item(row: Row) -> dict[str, Any]:
    """What goes to the classifier, without the fields that are not set."""
    assert not isinstance(row.item, CommentError)
    return {field: value for field, value in row.item.items() if value is not None}


def code(row: Row) -> str:
    assert isinstance(row.item, CommentError)
    return row.item.code


@pytest.mark.parametrize(
    "name",
    ["text", "Comment", "customer-comments", "customer_comments", "Customer Comments", "customerNote", "review_text"],
)
def test_the_usual_names_of_a_comment_column_are_recognised(tmp_path: Path, name: str) -> None:
    (row,) = rows_of(tmp_path / "a.csv", f"sku,{name}\nA,too small\n")
    assert item(row) == {"id": 1, "sku": "A", "text": "too small"}


def test_the_return_report_of_a_marketplace_needs_no_options(tmp_path: Path) -> None:
    line = "2026-03-13T09:00:00+00:00\t111-1\tKNIT-M\tB01\tX01\tSweater\t1\tLGB8\tSELLABLE\tOTHER\tok\tLPN1\tthinner"
    (row,) = rows_of(tmp_path / "fba.tsv", f"{FBA}\n{line}\n")
    assert item(row) == {"id": "LPN1", "sku": "KNIT-M", "text": "thinner"}
    assert (row.id, row.sku, row.date, row.text) == ("LPN1", "KNIT-M", "2026-03-13T09:00:00+00:00", "thinner")


def test_the_id_of_a_row_is_preferred_to_that_of_its_return_whatever_their_order(tmp_path: Path) -> None:
    (row,) = rows_of(tmp_path / "a.csv", "return_id,comment_id,text\nR,C,fine\n")
    assert row.id == "C"


def test_a_row_without_an_id_is_called_by_its_number(tmp_path: Path) -> None:
    assert [row.id for row in rows_of(tmp_path / "a.csv", "id,text\nA,fine\n,fine\n")] == ["A", 2]
    assert [row.id for row in rows_of(tmp_path / "b.csv", "text\nfine\nfine\n")] == [1, 2]


def test_options_name_columns_that_no_guess_would_find(tmp_path: Path) -> None:
    named = Columns(
        text="remark",
        id="nr",
        sku="article",
        date="on",
        vertical="range",
        language="tongue",
        existing_images="pictures",
    )
    content = "nr,article,on,range,tongue,pictures,remark\n7,A,Monday, home ,en,on_model|in_context,too small\n"
    (row,) = rows_of(tmp_path / "a.csv", content, named)
    expected = {"id": "7", "sku": "A", "vertical": "home", "language": "en", "text": "too small"}
    assert item(row) == expected | {"existing_images": ("on_model", "in_context")}
    assert row.date == "Monday"


@pytest.mark.parametrize(
    ("header", "columns", "reason"),
    [
        ("sku,remark", Columns(), "no column looks like the customers' comments; say which with --text-column"),
        ("comment,review", Columns(), r"several columns could be the text \(comment, review\)"),
        ("sku,text,text", Columns(), r"several columns could be the text \(text, text\)"),
        ("sku,text", Columns(text="remark"), "no column 'remark'"),
        ("sku,text", Columns(existing_images="pictures"), "no column 'pictures'; say which with --images-column"),
        ("sku,text,sku", Columns(), "several columns could be the sku"),
    ],
)
def test_a_column_that_is_absent_or_ambiguous_is_an_error_with_the_columns(
    tmp_path: Path, header: str, columns: Columns, reason: str
) -> None:
    with pytest.raises(TableError, match=f"{reason}.*The columns are: {header.replace(',', ', ')}"):
        rows_of(tmp_path / "a.csv", header + "\n", columns)


def test_a_row_wins_over_the_catalog_and_the_catalog_over_the_default(tmp_path: Path) -> None:
    content = "sku,vertical,existing_images,text\nA,toys,on_model,a\nA,,,b\nB,,,c\n,,,d\n"
    products = {"A": Product("home", ("in_context",)), "B": Product(None, ("hero_packshot",))}
    found = rows_of(tmp_path / "a.csv", content, catalog=products, vertical="beauty", language="en")
    assert [row.vertical for row in found] == ["toys", "home", "beauty", "beauty"]
    assert [item(row).get("existing_images") for row in found] == [
        ("on_model",),
        ("in_context",),
        ("hero_packshot",),
        None,
    ]
    assert {item(row)["language"] for row in found} == {"en"}


def test_a_catalog_without_skus_in_the_rows_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"the catalog needs a SKU in every row.*--sku-column"):
        rows_of(tmp_path / "a.csv", "text\nfine\n", catalog={"A": Product("home")})


def test_an_undecodable_field_is_the_fault_of_its_row_and_the_others_are_kept(tmp_path: Path) -> None:
    first, second, third = rows_of(tmp_path / "a.csv", b"id,sku,name,text\n1,A,x,caf\xe9\n2,\xe9,x,ok\n3,B,\xe9,ok\n")
    assert (code(first), first.id, first.sku, first.text) == ("undecodable", "1", "A", "caf\ufffd")
    assert (code(second), second.id, second.sku, second.text) == ("undecodable", "2", None, "ok")
    assert item(third) == {"id": "3", "sku": "B", "text": "ok"}  # a column that nobody reads harms nobody


def test_a_row_that_cannot_be_read_is_called_by_its_number(tmp_path: Path) -> None:
    _, broken = rows_of(tmp_path / "a.csv", "id,text\nA,fine\nB\n")
    assert (broken.number, broken.id, code(broken)) == (2, 2, "wrong_number_of_columns")


def test_json_without_text_or_with_a_wrong_one_is_left_to_the_classifier(tmp_path: Path) -> None:
    lines: list[dict[str, Any]] = [{"text": "a"}, {"id": "B"}, {"text": 5}, {"text": None}]
    content = "".join(json.dumps(line) + "\n" for line in lines)
    assert [item(row) for row in rows_of(tmp_path / "a.jsonl", content)] == [
        {"id": 1, "text": "a"},
        {"id": "B"},
        {"id": 3, "text": 5},
        {"id": 4, "text": ""},
    ]


@pytest.mark.parametrize("field", ["id", "sku", "date", "vertical", "language"])
@pytest.mark.parametrize("value", [True, ["A"], {"a": 1}, "\ud800"])
def test_a_field_of_a_wrong_type_is_a_fault_of_its_row(tmp_path: Path, field: str, value: object) -> None:
    (row,) = rows_of(tmp_path / "a.jsonl", json.dumps({"text": "fine", field: value}))
    assert (code(row), row.id, row.text) == ("invalid_field", 1, "fine")


def test_numbers_and_dates_of_typed_tables_become_text(tmp_path: Path) -> None:
    columns = {"id": pa.array([5.0, None]), "sku": pa.array([12, 7]), "text": pa.array([None, "fine"])}
    columns |= {"date": pa.array([0, None], pa.date32()), "existing_images": pa.array([["on_model"], None])}
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table(columns), path)
    with read(path) as table:
        first, second = rows(table)
    assert item(first) == {"id": 5, "sku": "12", "text": "", "existing_images": ["on_model"]}
    assert first.date == "1970-01-01"
    assert item(second) == {"id": 2, "sku": "7", "text": "fine"}


def test_jsonl_without_lines_has_no_rows_and_needs_no_columns(tmp_path: Path) -> None:
    assert rows_of(tmp_path / "a.jsonl", "\n") == []
