"""CSV and TSV. Knows delimiters, quotes, line breaks and bytes that are not UTF-8; does not know what columns mean."""

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import BinaryIO, cast

from gapshot.errors import CommentError, TableError
from gapshot.table import Record, Table

LARGEST_FIELD = 1 << 24
"""Characters of one CSV field. A larger one is a quote never closed, which must not fill the memory."""

MOST_LINES = 1000
"""Lines of one quoted TSV field."""

_QUOTED = re.compile(r'"((?:[^"]|"")*)"')
_ESCAPED_BYTE = re.compile("[\udc80-\udcff]")  # what the error handler surrogateescape leaves for a byte


class DelimitedTable(Table):
    """What CSV and TSV share: text with a header, and rows as wide as it."""

    def _text(self, newline: str) -> io.TextIOWrapper:
        """The file as lines. Bytes that are not UTF-8 survive as lone surrogates, see `_cell`."""
        start = cast(io.BufferedReader, self._file).peek(2)[:2]
        if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            raise TableError(f"{self.path}: is UTF-16; convert it: iconv -f UTF-16 -t UTF-8")
        return io.TextIOWrapper(self._file, "utf-8-sig", "surrogateescape", newline=newline)

    def _record(self, line: int, cells: list[str]) -> Record:
        if len(cells) == len(self.columns):
            return {name: _cell(cell) for name, cell in zip(self.columns, cells, strict=True)}
        counts = f"{len(cells)} columns, the header has {len(self.columns)}"
        return CommentError("wrong_number_of_columns", f"the row that starts on line {line} has {counts}")


class CsvTable(DelimitedTable):
    """CSV as spreadsheets and databases write it: quotes, line breaks within them, comma or semicolon."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        super().__init__(path, file)
        self._lines = self._text(newline="")  # kept: the wrapper closes the file when it is let go
        first = next(self._lines, "")
        self._rows = self._parse(chain([first], self._lines), ";" if first.count(";") > first.count(",") else ",")
        self.columns = tuple(next(self._rows, (0, []))[1])
        if not self.columns:
            raise TableError(f"{path}: its first line must be a header that names the columns")

    def _records(self) -> Iterator[tuple[int, Record]]:
        for line, cells in self._rows:
            if cells or len(self.columns) == 1:  # a blank line is a row only where it can be an empty comment
                yield line, self._record(line, cells or [""])

    def _parse(self, lines: Iterator[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
        exhausted = False

        def watched() -> Iterator[str]:
            nonlocal exhausted
            yield from lines
            exhausted = True

        csv.field_size_limit(LARGEST_FIELD)
        reader = csv.reader(watched(), delimiter=delimiter)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise TableError(f"{self.path}, line {line}: not CSV ({error}); is a quote left open there?") from error
            if exhausted:  # only within quotes does the parser ask for a line after the last one
                raise TableError(f"{self.path}, line {line}: a quote is opened there and never closed")
            yield line, cells


class TsvTable(DelimitedTable):
    """Tab-separated values of both kinds: with quotes as spreadsheets write them, and without as marketplaces do.

    A leading quote is taken for quoting only if that gives a row of the right width which swallows no other row: an
    unquoted comment may begin with a quote, and must not take its neighbours with it.
    """

    def __init__(self, path: Path, file: BinaryIO) -> None:
        super().__init__(path, file)
        self._lines = self._text(newline="\n")
        self._ahead: deque[str] = deque()
        self._line = 0
        header = (self._next() or "").rstrip("\r\n")
        if not header:
            raise TableError(f"{path}: its first line must be a header that names the columns")
        self.columns = tuple(_unquoted(header))

    def _records(self) -> Iterator[tuple[int, Record]]:
        while (line := self._next()) is not None:
            start = self._line
            if line.strip("\r\n") or len(self.columns) == 1:
                yield start, self._record(start, self._cells(line))

    def _next(self) -> str | None:
        line = self._ahead.popleft() if self._ahead else next(self._lines, None)
        self._line += line is not None
        return line

    def _cells(self, line: str) -> list[str]:
        plain = line.rstrip("\r\n")
        if not any(cell.startswith('"') and not _QUOTED.fullmatch(cell) for cell in plain.split("\t")):
            return _unquoted(plain)
        taken = [line]

        def following() -> Iterator[str]:
            yield line
            while len(taken) < MOST_LINES and (another := self._next()) is not None:
                taken.append(another)
                yield another

        with suppress(csv.Error):
            cells = next(csv.reader(following(), "excel-tab", strict=True))
            inner = [part for cell in cells for part in cell.split("\n")[1:]]
            width = len(self.columns)
            if len(cells) == width and not any(part.count("\t") >= width - 1 for part in inner):
                return cells
        self._ahead.extendleft(reversed(taken[1:]))
        self._line -= len(taken) - 1
        return _unquoted(plain)


def _cell(cell: str) -> str | bytes:
    return cell.encode(errors="surrogateescape") if _ESCAPED_BYTE.search(cell) else cell


def _unquoted(line: str) -> list[str]:
    """The cells of one line of TSV, without quotes that enclose a whole cell."""
    return [quoted[1].replace('""', '"') if (quoted := _QUOTED.fullmatch(cell)) else cell for cell in line.split("\t")]
