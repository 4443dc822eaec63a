"""A merchant's catalog, and what is wrong with one."""

from pathlib import Path

import pytest

from gapshot.catalog import Product, read_catalog
from gapshot.errors import TableError


def catalog(folder: Path, content: str) -> dict[str, Product]:
    path = folder / "products.csv"
    path.write_text(content)
    return read_catalog(path)


def test_a_catalog_says_what_a_sku_is_and_which_pictures_it_has(tmp_path: Path) -> None:
    header = "SKU,Title,Vertical,Existing Images"
    lines = [header, "A,Vase,home,hero_packshot | in_context", 'B,Mug,,"on_model,in_context"', "C,,toys,"]
    content = "\n".join(lines)
    assert catalog(tmp_path, content) == {
        "A": Product("home", ("hero_packshot", "in_context")),
        "B": Product(None, ("on_model", "in_context")),
        "C": Product("toys", None),
    }


def test_a_catalog_of_another_format_may_hold_lists(tmp_path: Path) -> None:
    path = tmp_path / "products.jsonl"
    path.write_text('{"sku": 7, "existing_images": ["on_model"]}\n')
    assert read_catalog(path) == {"7": Product(None, ("on_model",))}


@pytest.mark.parametrize("header", ["article,vertical", "sku,title"])
def test_a_catalog_without_its_columns_is_refused_with_those_it_has(tmp_path: Path, header: str) -> None:
    with pytest.raises(TableError, match=f"The columns are: {header.replace(',', ', ')}"):
        catalog(tmp_path, f"{header}\nA,B\n")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("A,toys", "line 3: the SKU 'A' was there before"),
        (",toys", "line 3: a row without a SKU"),
        ("B", "line 3: .* has 1 columns, the header has 2"),
    ],
)
def test_a_faulty_row_of_a_catalog_is_named_by_its_line(tmp_path: Path, row: str, reason: str) -> None:
    with pytest.raises(TableError, match=reason):
        catalog(tmp_path, f"sku,vertical\nA,home\n{row}\n")


def test_a_catalog_that_is_not_utf_8_is_named_by_its_line(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_bytes(b"sku,vertical\nA,d\xe9cor\n")
    with pytest.raises(TableError, match="line 2: not UTF-8"):
        read_catalog(tmp_path / "c.csv")
