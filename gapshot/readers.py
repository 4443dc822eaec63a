"""Opening tables: CSV, TSV, JSONL and Parquet files, read in constant memory.

Knows which format a file has, and JSONL and Parquet themselves. Does not know which column means what
(`gapshot.rows`).
"""

import codecs
import json
from collections.abc import Callable, Iterator, Mapping
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO

from gapshot.delimited import CsvTable, TsvTable
from gapshot.errors import CommentError, MissingExtraError, TableError
from gapshot.table import Record, Table

EXTENSIONS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
}
FORMATS = tuple(dict.fromkeys(EXTENSIONS.values()))

LOOK_AHEAD = 1000
"""JSONL rows looked at for the names of columns."""

BATCH = 1024
"""Parquet rows decoded at once."""


def read(path: Path, format: str | None = None) -> Table:
    """Open a table. `format` is one of FORMATS; None goes by the file's extension.

    Raises TableError for a file that cannot be read, MissingExtraError for Parquet without pyarrow.
    """
    kinds: dict[str, Callable[[Path, BinaryIO], Table]] = {
        "csv": CsvTable,
        "tsv": TsvTable,
        "jsonl": JsonlTable,
        "parquet": ParquetTable,
    }
    format = format or EXTENSIONS.get(path.suffix.lower(), "")
    if format not in kinds:
        raise TableError(f"{path}: its extension names no format; say which with --format {'|'.join(FORMATS)}")
    try:
        file = path.open("rb")
    except OSError as error:
        raise TableError(f"{path}: cannot be read ({error.strerror})") from error
    try:
        return kinds[format](path, file)
    except BaseException:
        file.close()
        raise


class JsonlTable(Table):
    """One JSON object a line. Blank lines are no rows. `columns` are the keys of the first thousand rows."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        super().__init__(path, file)
        self._rest = self._parse()
        self._head = list(islice(self._rest, LOOK_AHEAD))
        self.columns = tuple(dict.fromkeys(key for _, r in self._head if isinstance(r, Mapping) for key in r))
        if self._head and not self.columns:
            raise TableError(f"{path}: none of its first {len(self._head)} lines is a JSON object; is it JSONL?")

    def _records(self) -> Iterator[tuple[int, Record]]:
        return chain(self._head, self._rest)

    def _parse(self) -> Iterator[tuple[int, Record]]:
        for number, line in enumerate(self._file, 1):
            if number == 1:
                line = line.removeprefix(codecs.BOM_UTF8)
            if line.strip():
                yield number, _object(line, number)


class ParquetTable(Table):
    """Parquet, read in small batches and only the columns wanted."""

    place = "row"

    def __init__(self, path: Path, file: BinaryIO) -> None:
        super().__init__(path, file)
        try:
            import pyarrow
            import pyarrow.parquet
        except ImportError as error:
            raise MissingExtraError("Parquet", "batch") from error
        self._arrow = pyarrow
        try:
            self._parquet = pyarrow.parquet.ParquetFile(file)
        except (pyarrow.ArrowException, OSError) as error:
            raise TableError(f"{path}: not a Parquet file, or damaged") from error
        self.columns = tuple(self._parquet.schema_arrow.names)
        self.size = self._parquet.metadata.num_rows
        self._done = 0

    def position(self) -> int:
        return self._done

    def _records(self) -> Iterator[tuple[int, Record]]:
        try:
            for batch in self._parquet.iter_batches(BATCH, columns=list(self._wanted)):
                names = batch.schema.names
                for cells in zip(*(self._values(column) for column in batch.columns), strict=True):
                    self._done += 1
                    yield self._done, dict(zip(names, cells, strict=True))
        except (self._arrow.ArrowException, OSError) as error:
            raise TableError(f"{self.path}: damaged after row {self._done}") from error

    def _values(self, column: Any) -> list[Any]:
        if self._arrow.types.is_timestamp(column.type):  # Python has no nanoseconds
            column = column.cast(self._arrow.timestamp("us", column.type.tz), safe=False)
        try:
            return list(column.to_pylist())
        except UnicodeDecodeError:  # a writer that broke the format's promise: find the cells
            return [None if value is None else bytes(value) for value in column.cast("binary").to_pylist()]


def _object(line: bytes, number: int) -> Record:
    try:
        value = json.loads(line.decode())
    except UnicodeDecodeError:
        return CommentError("undecodable", f"line {number} is not UTF-8")
    except (ValueError, RecursionError):
        return CommentError("invalid_json", f"line {number} is not JSON")
    if not isinstance(value, Mapping):
        return CommentError("not_an_object", f"line {number} is JSON, but not an object")
    return value
