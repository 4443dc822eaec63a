"""What every file of records offers: its columns and its records, one at a time.

Knows what a record and a broken one look like. Does not know any format (`gapshot.readers`).
"""

import os
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Self

from gapshot.errors import CommentError

Record = Mapping[str, Any] | CommentError
"""Column -> value, or the fault for which the record cannot be read. A value that is not UTF-8 comes as `bytes`."""


class Table(ABC):
    """An opened file of records; a context manager that closes it. `records` can be read once.

    `columns` in the order of the file; `place` is what the numbers of records count, lines or rows; `size` and
    `position()` are bytes, or rows in Parquet (0 where unknown, as in a pipe).
    """

    place = "line"
    columns: tuple[str, ...]

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        self._file = file
        self._wanted: tuple[str, ...] = ()
        self.size = os.fstat(file.fileno()).st_size

    def position(self) -> int:
        """How far the file has been read, in units of `size`."""
        return self._file.tell() if self.size else 0

    def records(self, wanted: Collection[str]) -> Iterator[tuple[int, Record]]:
        """Number and content of every record; columns that are not wanted may be left out.

        Raises TableError on the way where the file is so damaged that its rows cannot be told apart.
        """
        self._wanted = tuple(wanted)
        return self._records()

    @abstractmethod
    def _records(self) -> Iterator[tuple[int, Record]]: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
