"""Log lines as JSON on stderr. Knows how a line looks; does not know what is worth one.

A line never holds a comment's text. So of an unexpected error it tells the kind and the places in the code,
not the message: messages like to quote what they stumbled over.
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any, TextIO

LOG = logging.getLogger("gapshot.http")


class JsonFormatter(logging.Formatter):
    """One JSON object a line: `time` (UTC), `level`, `event`, and the fields that came with the record."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of one record."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        line |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[0]:
            frames = traceback.extract_tb(record.exc_info[2])
            line["error"] = record.exc_info[0].__name__
            line["places"] = [f"{PurePath(f.filename).name}:{f.lineno} {f.name}" for f in frames]
        return json.dumps(line)


def configure(stream: TextIO | None = None) -> None:
    """Send this process' log lines to `stream` (default stderr): ours from info, others from warning on."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    LOG.setLevel(logging.INFO)


def request(route: str, status: int, seconds: float, request_id: str, comments: int) -> None:
    """The line of one request."""
    fields = {
        "route": route,
        "status": status,
        "duration_ms": round(1000 * seconds, 2),
        "request_id": request_id,
        "comments": comments,
    }
    LOG.info("request", extra={"fields": fields})


def unexpected(error: Exception, request_id: str) -> None:
    """The line of an error nobody expected: where it happened, not what it says."""
    LOG.error("unexpected error", exc_info=error, extra={"fields": {"request_id": request_id}})
