"""A merchant's catalog: what a SKU is and which pictures its page has. Knows the file; does not know comments."""

import re
from dataclasses import dataclass
from pathlib import Path

from gapshot.errors import CommentError, TableError
from gapshot.readers import read

COLUMNS = ("sku", "vertical", "existing_images")
"""What a catalog's columns are called, whatever their case and punctuation. Others are ignored."""


@dataclass(frozen=True, slots=True)
class Product:
    """What the catalog says of one SKU; None where it says nothing."""

    vertical: str | None = None
    existing_images: tuple[str, ...] | None = None


def read_catalog(path: Path) -> dict[str, Product]:
    """SKU -> product. Any format of `gapshot.readers`, with COLUMNS.

    Raises TableError naming the line: for a row that cannot be read, has no SKU, or repeats one.
    """
    with read(path) as table:
        named = {plain_name(column): column for column in table.columns}
        sku, vertical, pictures = (named.get(plain_name(column)) for column in COLUMNS)
        if sku is None or (vertical is None and pictures is None):
            listed = ", ".join(table.columns)
            raise TableError(
                f"{path}: a catalog needs a column sku, and vertical or existing_images. The columns are: {listed}"
            )
        products: dict[str, Product] = {}
        for number, record in table.records([column for column in (sku, vertical, pictures) if column]):
            where = f"{path}, {table.place} {number}"
            if isinstance(record, CommentError):
                raise TableError(f"{where}: {record.message}")
            key, kind, shown = (
                _cell(record.get(column), where) if column else "" for column in (sku, vertical, pictures)
            )
            if not key:
                raise TableError(f"{where}: a row without a SKU")
            if key in products:
                raise TableError(f"{where}: the SKU {key!r} was there before; a catalog has one row for each")
            products[key] = Product(kind or None, images(shown))
    return products


def images(cell: str) -> tuple[str, ...] | None:
    """Image types of a cell, separated by `|` or `,`; None for an empty one, which says nothing about pictures."""
    return tuple(name.strip() for name in re.split(r"[|,]", cell) if name.strip()) or None


def plain_name(column: str) -> str:
    """A column's name without case and punctuation."""
    return "".join(filter(str.isalnum, column)).casefold()


def _cell(value: object, where: str) -> str:
    if isinstance(value, list | tuple):
        return "|".join(map(str, value))
    if isinstance(value, bytes):
        raise TableError(f"{where}: not UTF-8; convert the file with iconv")
    return "" if value is None else str(value).strip()
