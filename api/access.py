"""What holds for every request: its id, its log line, its count, and an answer when something broke.

Knows ASGI and the map from handlers to routes. Does not know what the handlers do.
"""

import re
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import logs, problems
from api.metrics import CLIENT_GONE, UNMATCHED, Metrics

REQUEST_ID = "X-Request-Id"
_SANE = re.compile(r"[!-~]{1,128}")  # visible ASCII: safe in headers and logs


class Access:
    """Pure ASGI middleware around everything: no request passes without an id, a count and a log line."""

    def __init__(self, app: ASGIApp, metrics: Metrics, routes: Mapping[Callable[..., Any], str]) -> None:
        """`routes`: path template of each handler; whatever another handler or none answers is UNMATCHED."""
        self._app = app
        self._metrics = metrics
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), None
        request_id = _request_id(scope)

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except ClientDisconnect:
            pass  # hung up while sending the body: nobody is left to answer
        except Exception as error:
            logs.unexpected(error, request_id)
            if status is None:
                await problems.response("internal_error")(scope, receive, send_with_id)
        finally:
            route = self._routes.get(scope.get("endpoint"), UNMATCHED)  # type: ignore[arg-type]  # None: no route
            comments = scope.get("state", {}).get("comments", 0)
            self._metrics.answered(route, status or CLIENT_GONE)
            logs.request(route, status or CLIENT_GONE, time.perf_counter() - started, request_id, comments)


def _request_id(scope: Scope) -> str:
    """The caller's id where it is sane, otherwise one of our own."""
    sent = Headers(scope=scope).get(REQUEST_ID, "")
    return sent if _SANE.fullmatch(sent) else uuid.uuid4().hex
