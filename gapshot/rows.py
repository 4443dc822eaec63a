"""Rows of comments: which column of a table means what, and what a row says.

Knows the names that return systems give their columns, and how a cell becomes a field. Does not know file formats
(`gapshot.readers`) or what a comment means.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from gapshot.catalog import Product, images, plain_name
from gapshot.errors import CommentError, TableError
from gapshot.table import Record, Table

GUESSES: dict[str, tuple[str, ...]] = {
    "text": (
        "text", "comment", "comments", "customer_comment", "customer_comments", "return_comment", "return_comments",
        "buyer_comment", "customer_note", "return_note", "return_reason_note", "return_reason_comment",
        "review", "review_text", "review_body", "body", "feedback",
    ),
    # order ids are absent on purpose: an order has many rows
    "id": (
        "id", "comment_id", "return_line_id", "return_line_item_id", "line_item_id", "return_item_id", "review_id",
        "return_id", "license_plate_number",
    ),
    "sku": ("sku", "seller_sku", "variant_sku", "product_sku", "item_sku"),
    "date": ("return_date", "date", "returned_at", "created_at", "occurred_at", "submitted_at"),
    "vertical": ("vertical",),
    "language": ("language", "lang", "language_code"),
    "existing_images": ("existing_images",),
}  # fmt: skip
"""Column names that are recognised, best first. Case and punctuation do not count (`Customer-Comments`)."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The column that holds each field; None means that it is guessed from GUESSES, or absent."""

    text: str | None = None
    id: str | None = None
    sku: str | None = None
    date: str | None = None
    vertical: str | None = None
    language: str | None = None
    existing_images: str | None = None

    def find(self, table: Table) -> dict[str, str]:
        """Field -> column of `table`; fields it does not have are left out.

        Raises TableError that lists the columns there are: for a name that is not among them or there twice, and for
        a text column that is absent or could be several.
        """
        found = {}
        for field in (f.name for f in fields(self)):
            named: str | None = getattr(self, field)
            if named is not None:
                candidates = [column for column in table.columns if column == named]
            else:
                guesses = [plain_name(guess) for guess in GUESSES[field]]
                known = [column for column in table.columns if plain_name(column) in guesses]
                candidates = sorted(known, key=lambda column: guesses.index(plain_name(column)))
            if len(candidates) > 1 and (field == "text" or candidates[0] == candidates[1]):
                raise _choice(table, field, f"several columns could be the {field} ({', '.join(candidates)})")
            if not candidates and named is not None:
                raise _choice(table, field, f"no column {named!r}")
            if candidates:
                found[field] = candidates[0]
        if "text" not in found:
            raise _choice(table, "text", "no column looks like the customers' comments")
        return found


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table of comments.

    `item` goes to the classifier, or is the fault for which it cannot; the other fields come back beside the answer
    whatever becomes of it. `number` counts the table's rows from 1 and stands in for an absent `id`. `vertical` is
    the row's own, else the catalog's, else the default. `text` is the comment as a file can hold it: what is not
    Unicode shows as `?` or U+FFFD; None where there is none. `cells` is the record
    itself, None where it could not be read.
    """

    number: int
    item: Mapping[str, Any] | CommentError
    id: str | int
    sku: str | None = None
    date: str | None = None
    vertical: str | None = None
    text: str | None = None
    cells: Mapping[str, Any] | None = None


def rows(
    table: Table,
    columns: Columns | None = None,
    catalog: Mapping[str, Product] | None = None,
    vertical: str | None = None,
    language: str | None = None,
    beside: Collection[str] = (),
) -> Iterator[Row]:
    """The rows of a table, read as they are asked for; as many and in the order as the table has them.

    `catalog` (by SKU), `vertical` and `language` fill in what a row does not say itself; the cells of the columns
    `beside` are in a row's `cells`, too. Raises TableError at once when a column is missing.
    """
    if not table.columns:  # JSONL without a single line: nothing was returned that day
        return iter(())
    found = (columns or Columns()).find(table)
    if catalog is not None and "sku" not in found:
        raise _choice(table, "sku", "the catalog needs a SKU in every row, and no column looks like one")
    records = enumerate(table.records([*found.values(), *beside]), 1)
    return (_row(number, record, found, catalog or {}, vertical, language) for number, (_, record) in records)


def _row(
    number: int,
    record: Record,
    found: Mapping[str, str],
    catalog: Mapping[str, Product],
    vertical: str | None,
    language: str | None,
) -> Row:
    if isinstance(record, CommentError):
        return Row(number, record, number)
    fault = None
    item: dict[str, Any] = {}
    for field, column in found.items():
        if field == "text" and column not in record:
            continue  # the classifier says text_missing
        try:
            item[field] = _VALUES.get(field, _string)(record.get(column), column)
        except CommentError as error:
            fault = fault or error
    if item.get("id") is None:
        item["id"] = number
    product = catalog.get((item.get("sku") or "").strip(), Product())
    item["vertical"] = item.get("vertical") or product.vertical or vertical
    item["language"] = item.get("language") or language
    if item.get("existing_images") is None:
        item["existing_images"] = product.existing_images
    day = item.pop("date", None)
    text = _writable(record.get(found["text"]))
    return Row(number, fault or item, item["id"], item.get("sku"), day, item["vertical"], text, record)


def _writable(text: object) -> str | None:
    if isinstance(text, bytes):
        return text.decode(errors="replace")
    return text.encode(errors="replace").decode() if isinstance(text, str) else None


def _text(value: object, column: str) -> object:
    """A comment: None, a table's empty cell, is an empty one; what is no string is left to the classifier to refuse."""
    return "" if value is None else _decoded(value, column)


def _identifier(value: object, column: str) -> str | int | None:
    if isinstance(value, float) and value.is_integer():  # how data frames keep whole numbers beside empty cells
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else _string(value, column)


def _stripped(value: object, column: str) -> str | None:
    string = _string(value, column)
    return string and string.strip()


def _images(value: object, column: str) -> object:
    value = _decoded(value, column)
    return images(value) if isinstance(value, str) else value


def _string(value: object, column: str) -> str | None:
    """A cell as text; an empty one is None. Numbers and dates are what typed tables hold where CSV holds text."""
    value = _decoded(value, column)
    match value:
        case None:
            return None
        case str() if not re.search("[\ud800-\udfff]", value):
            return value if value.strip() else None
        case datetime() | date():
            return value.isoformat()
        case float():
            return None if value != value else str(int(value) if value.is_integer() else value)
        case int() | Decimal() if not isinstance(value, bool):
            return str(value)
    raise CommentError("invalid_field", f"the column {column!r} must hold a string")


def _decoded(value: object, column: str) -> object:
    if not isinstance(value, bytes):
        return value
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise CommentError("undecodable", f"the column {column!r} is not UTF-8") from error


_VALUES = {
    "text": _text,
    "id": _identifier,
    "vertical": _stripped,
    "language": _stripped,
    "existing_images": _images,
}


def _choice(table: Table, field: str, reason: str) -> TableError:
    option = "--images-column" if field == "existing_images" else f"--{field}-column"
    names = ", ".join(name if len(name) <= 40 else f"{name[:40]}…" for name in table.columns)
    return TableError(f"{table.path}: {reason}; say which with {option}. The columns are: {names}")
