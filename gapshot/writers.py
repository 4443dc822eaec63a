"""Answers to a file: JSONL, CSV or Parquet, all or nothing.

Knows the shape of every format. Does not know how answers were found.
"""

import csv
import io
import json
import secrets
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from gapshot.errors import MissingExtraError, TableError
from gapshot.readers import EXTENSIONS
from gapshot.result import Result
from gapshot.rows import Row
from gapshot.taxonomy import CATEGORIES, DIRECTIONAL

ECHOED = ("id", "sku", "date", "vertical", "language", "text")
"""Columns whose content comes from outside: a spreadsheet must not take it for a formula."""

COLUMNS = (
    *ECHOED[:5],
    "status",
    "error_code",
    *CATEGORIES,
    *(f"p_{category}" for category in CATEGORIES),
    *(f"direction_{category}" for category in DIRECTIONAL),
    "shots",
    "actions",
    "model_version",
    "taxonomy_version",
)
"""Columns of CSV and Parquet; `text` follows where it is kept."""

ROW_GROUP = 8192
"""Rows of a Parquet row group: a few megabytes of memory."""


class Writer(ABC):
    """Writes answers to an open file; `close` finishes it. `model` is (version, taxonomy version)."""

    def __init__(self, file: BinaryIO, model: tuple[str, str], keep_text: bool) -> None:
        self._file = file
        self._model = model
        self._keep_text = keep_text

    @abstractmethod
    def write(self, row: Row, result: Result) -> None:
        """Add one answer."""

    @abstractmethod
    def close(self) -> None:
        """Write what is still held back."""


def writer_for(path: Path) -> type[Writer]:
    """The writer for a file's extension. Raises TableError for another one, MissingExtraError without pyarrow."""
    kinds: dict[str, type[Writer]] = {"jsonl": JsonlWriter, "csv": CsvWriter, "parquet": ParquetWriter}
    kind = kinds.get(EXTENSIONS.get(path.suffix.lower(), ""))
    if kind is None:
        raise TableError(f"{path}: answers are written as .jsonl, .csv or .parquet; choose one of these extensions")
    if kind is ParquetWriter:
        _pyarrow()
    return kind


@contextmanager
def writing(path: Path, model: tuple[str, str], keep_text: bool = False) -> Iterator[Writer]:
    """A writer whose file gets its name at the end; a file of that name is replaced then, not before.

    When the block fails, or the process is killed, `path` is as it was. Raises TableError when it cannot be written.
    """
    kind = writer_for(path)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            writer = kind(file, model, keep_text)
            try:
                yield writer
            finally:
                writer.close()  # after a failure, too: pyarrow closes a forgotten writer later, when the file is gone
        part.replace(path)
    except OSError as error:
        raise TableError(f"{path}: cannot be written ({error.strerror or error})") from error
    finally:
        part.unlink(missing_ok=True)


class JsonlWriter(Writer):
    """A result a line, with the row's date and vertical and the model that answered."""

    def write(self, row: Row, result: Result) -> None:
        version, taxonomy = self._model
        context = {"date": row.date, "vertical": row.vertical, "model": {"version": version, "taxonomy": taxonomy}}
        text = {"text": row.text} if self._keep_text else {}
        self._file.write(json.dumps(result.as_dict() | context | text, ensure_ascii=False).encode() + b"\n")

    def close(self) -> None:
        """Nothing is held back."""


class CsvWriter(Writer):
    """A row a comment: lists joined by `|`, truth as true and false, four decimals, empty where nothing was read."""

    def __init__(self, file: BinaryIO, model: tuple[str, str], keep_text: bool) -> None:
        super().__init__(file, model, keep_text)
        self._lines = io.TextIOWrapper(file, "utf-8", newline="", write_through=False)
        columns = (*COLUMNS, "text") if keep_text else COLUMNS
        self._csv = csv.DictWriter(self._lines, columns)
        self._csv.writeheader()

    def write(self, row: Row, result: Result) -> None:
        values = flat(row, result, self._model, self._keep_text)
        self._csv.writerow({name: _csv_cell(name, value) for name, value in values.items()})

    def close(self) -> None:
        self._lines.detach()  # flushes, and leaves the file open


class ParquetWriter(Writer):
    """The columns of CSV with their types: booleans, doubles, lists of strings, nulls."""

    def __init__(self, file: BinaryIO, model: tuple[str, str], keep_text: bool) -> None:
        super().__init__(file, model, keep_text)
        self._arrow = arrow = _pyarrow()
        types = dict.fromkeys((*COLUMNS, "text") if keep_text else COLUMNS, arrow.string())
        types |= dict.fromkeys(CATEGORIES, arrow.bool_())
        types |= {f"p_{category}": arrow.float64() for category in CATEGORIES}
        types |= dict.fromkeys(("shots", "actions"), arrow.list_(arrow.string()))
        self._schema = arrow.schema(list(types.items()))
        self._parquet = arrow.parquet.ParquetWriter(file, self._schema)
        self._held: list[dict[str, Any]] = []

    def write(self, row: Row, result: Result) -> None:
        values = flat(row, result, self._model, self._keep_text)
        self._held.append(values | {"id": str(row.id)})
        if len(self._held) == ROW_GROUP:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._parquet.close()

    def _flush(self) -> None:
        self._parquet.write_table(self._arrow.Table.from_pylist(self._held, self._schema))
        self._held.clear()


def flat(row: Row, result: Result, model: tuple[str, str], keep_text: bool = False) -> dict[str, Any]:
    """An answer as one value per column; None for everything that was not read."""
    read = result.status == "ok"
    gaps = {gap.category: gap for gap in result.gaps}
    scores = result.scores or {}
    return {
        "id": row.id,
        "sku": row.sku,
        "date": row.date,
        "vertical": row.vertical,
        "language": result.language,
        "status": result.status,
        "error_code": result.error.code if result.error else None,
        **{category: category in gaps if read else None for category in CATEGORIES},
        **{f"p_{category}": scores.get(category) for category in CATEGORIES},
        **{f"direction_{c}": gaps[c].direction if c in gaps else None for c in DIRECTIONAL},
        "shots": [shot.image_type for shot in result.shots] if read else None,
        "actions": list(result.actions) if read else None,
        "model_version": model[0],
        "taxonomy_version": model[1],
    } | ({"text": row.text} if keep_text else {})


def refuse_overwriting(out: Path, *inputs: Path | None) -> None:
    """Raises TableError when `out` cannot become a file, or is one of the `inputs`."""
    if any(path and out.resolve() == path.resolve() for path in inputs):
        raise TableError(f"{out}: is also read from; choose another name")
    if out.is_dir():
        raise TableError(f"{out}: is a folder; name a file")
    if not out.parent.is_dir():
        raise TableError(f"{out}: there is no folder {out.parent}; make it first")


def spreadsheet_safe(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe in front of what could begin one."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _csv_cell(name: str, value: Any) -> Any:
    match value:
        case bool():
            return str(value).lower()
        case float():
            return f"{value:.4f}"
        case list():
            return "|".join(value)
        case str() if name in ECHOED:
            return spreadsheet_safe(value)
    return value


def _pyarrow() -> Any:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise MissingExtraError("Parquet", "batch") from error
    return pyarrow
