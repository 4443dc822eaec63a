"""What can be wrong with a request as a whole: one table of codes, and RFC 9457 problem documents from it.

Knows codes, statuses and words. Does not know which check finds a fault. A problem never repeats what was
sent: neither the customer's text nor a key, path or value of the caller's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from gapshot.errors import GapshotError

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Problem:
    """A kind of fault: HTTP status, title, and what to do where no check says it better."""

    status: int
    title: str
    detail: str


PROBLEMS: Mapping[str, Problem] = {
    "invalid_json": Problem(400, "The body is not JSON", "Send one JSON object, encoded as UTF-8."),
    "invalid_request": Problem(422, "The body has the wrong shape", 'Send {"comments": […]}.'),
    "comments_missing": Problem(422, "The field 'comments' is missing", 'Send {"comments": […]}.'),
    "comments_empty": Problem(422, "The list 'comments' is empty", "Send at least one comment."),
    "too_many_comments": Problem(422, "Too many comments", "Send them in several requests."),
    "unknown_field": Problem(422, "Unknown field beside 'comments'", "Remove every field but 'comments'."),
    "body_too_large": Problem(413, "The body is too large", "Send the comments in several requests."),
    "unsupported_media_type": Problem(415, "The body is not plain JSON", "Send Content-Type: application/json."),
    "not_found": Problem(404, "No such address", "The addresses of this service are listed at /docs."),
    "method_not_allowed": Problem(405, "Method not allowed here", "The header Allow names the one to use."),
    "internal_error": Problem(500, "Internal error", "The fault is ours; report it with the request id."),
    "not_ready": Problem(503, "Not ready", "The service is starting or stopping; try again soon."),
}
"""Every code a request can be refused with. Codes are stable; words may be mended."""

_OF_STATUS = {404: "not_found", 405: "method_not_allowed"}


class RequestError(GapshotError):
    """A request refused as a whole; `code` is a key of PROBLEMS, `detail` names the field and the remedy."""

    def __init__(self, code: str, detail: str | None = None) -> None:
        self.code = code
        self.detail = detail or PROBLEMS[code].detail
        super().__init__(self.detail)


def document(code: str, detail: str | None = None) -> dict[str, Any]:
    """The problem document of a code, as plain values."""
    problem = PROBLEMS[code]
    return {
        "type": f"urn:gapshot:problem:{code}",
        "title": problem.title,
        "status": problem.status,
        "code": code,
        "detail": detail or problem.detail,
    }


def response(code: str, detail: str | None = None, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The answer to a refused request."""
    return JSONResponse(document(code, detail), PROBLEMS[code].status, headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every fault with a problem document; FastAPI's own answers would repeat the input."""
    app.add_exception_handler(RequestError, _refused)
    app.add_exception_handler(HTTPException, _routing)
    app.add_exception_handler(RequestValidationError, _invalid)


def described(*codes: str) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route for OpenAPI: its problems by status, each code with an example."""
    answers: dict[int | str, dict[str, Any]] = {}
    for code in codes:
        status = PROBLEMS[code].status
        content = {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": {}}
        answer = {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: content}}
        examples = answers.setdefault(status, answer)["content"][MEDIA_TYPE]["examples"]
        examples[code] = {"summary": PROBLEMS[code].title, "value": document(code)}
    return answers


async def _refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestError)
    return response(error.code, error.detail)


async def _routing(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return response(_OF_STATUS.get(error.status_code, "internal_error"), headers=error.headers)


async def _invalid(_: Request, __: Exception) -> JSONResponse:
    return response("invalid_request")
