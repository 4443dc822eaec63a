"""A backlog through the classifier: rows in, answers out, in order and in constant memory.

Knows how far to read ahead and what to count. Does not know where rows come from or where answers go.
"""

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field, replace

from gapshot.classifier import Classifier
from gapshot.errors import CommentError
from gapshot.result import Result
from gapshot.rows import Row
from gapshot.taxonomy import Taxonomy

AHEAD = 64
"""Rows a thread that are read before the first answer is taken: enough that no thread ever waits for the file."""


def classify_rows(rows: Iterable[Row], classifier: Classifier) -> Iterator[tuple[Row, Result]]:
    """Every row with its result, in order; a row that cannot be read has a result with status `error`.

    Rows are read only as answers are taken, at most AHEAD per thread of the classifier beyond the last answer.
    """
    pending: deque[tuple[Row, Future[Result]]] = deque()
    try:
        for row in rows:
            pending.append((row, _submit(row, classifier)))
            if len(pending) == AHEAD * classifier.threads:
                yield _finished(*pending.popleft())
        while pending:
            yield _finished(*pending.popleft())
    finally:
        for _, future in pending:
            future.cancel()


@dataclass
class Tally:
    """What a run has seen so far: rows by status, faults by code, gaps by category."""

    rows: int = 0
    truncated: int = 0
    unknown_verticals: int = 0
    unknown_images: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    gaps: Counter[str] = field(default_factory=Counter)

    def add(self, row: Row, result: Result, taxonomy: Taxonomy) -> None:
        """Count one answer."""
        self.rows += 1
        self.truncated += result.truncated
        self.unknown_verticals += row.vertical is not None and row.vertical.lower() not in taxonomy.verticals
        self.unknown_images += bool(result.warnings)
        self.statuses[result.status] += 1
        self.gaps.update(gap.category for gap in result.gaps)
        if result.error:
            self.faults[result.error.code] += 1


def _submit(row: Row, classifier: Classifier) -> "Future[Result]":
    if not isinstance(row.item, CommentError):
        return classifier.submit(row.item)
    future: Future[Result] = Future()
    future.set_result(Result("error", error=row.item))
    return future


def _finished(row: Row, future: "Future[Result]") -> tuple[Row, Result]:
    result = future.result()
    return row, replace(result, id=row.id, sku=row.sku) if result.status == "error" else result
