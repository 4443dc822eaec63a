"""From a request's bytes to raw comments: size, type, JSON, shape. Knows the limits of a request.

Does not look into the comments: a fault of one comment is the classifier's to report, and harms no other.
"""

import json
from contextlib import suppress
from typing import Any, NoReturn

from starlette.requests import Request

from api.problems import RequestError

MAX_COMMENTS = 256
"""Comments a request may hold: about two seconds of work for one CPU."""

MAX_BYTES = 2_000_000
"""Bytes a body may have; 256 comments as long as customers write them need a tenth of it."""


async def read_comments(request: Request) -> list[Any]:
    """The items of `comments` as decoded, 1 to MAX_COMMENTS of them.

    Raises RequestError with the code of the first fault found.
    """
    _check_type(request)
    return _comments(_decode(await _read(request)))


def _check_type(request: Request) -> None:
    announced = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if announced != "application/json":
        raise RequestError("unsupported_media_type")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise RequestError("unsupported_media_type", "Send the body uncompressed, without Content-Encoding.")


async def _read(request: Request) -> bytes:
    """The body. Starlette's own limit answers in plain text where Content-Length gives the size away."""
    refusal = RequestError(
        "body_too_large", f"A body may have {MAX_BYTES} bytes; send the comments in several requests."
    )
    with suppress(ValueError):  # an unusable header: the bytes are counted all the same
        if int(request.headers.get("content-length", "0")) > MAX_BYTES:
            raise refusal
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise refusal
    return bytes(body)


def _decode(body: bytes) -> Any:
    try:
        return json.loads(body.decode("utf-8-sig"), parse_constant=_not_json)
    except UnicodeDecodeError:
        raise RequestError("invalid_json", "The body is not UTF-8; encode it as UTF-8.") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise RequestError("invalid_json", f"Not JSON from {where} on; send one JSON object.") from None
    except RecursionError:
        raise RequestError("invalid_json", "The body is nested too deeply; a comment is a flat object.") from None
    except ValueError:
        raise RequestError("invalid_json", "The body holds a number that cannot be read.") from None


def _not_json(_: str) -> NoReturn:
    raise ValueError  # NaN and Infinity: Python reads them, JSON has no such thing


def _comments(body: Any) -> list[Any]:
    if not isinstance(body, dict):
        raise RequestError("invalid_request", "The body must be a JSON object with the list 'comments'.")
    if "comments" not in body:
        raise RequestError("comments_missing")
    if len(body) > 1:
        raise RequestError("unknown_field", "The only field of a request is 'comments'; remove the others.")
    comments = body["comments"]
    if not isinstance(comments, list):
        raise RequestError("invalid_request", "The field 'comments' must be a list of objects, each with a 'text'.")
    if not comments:
        raise RequestError("comments_empty")
    if len(comments) > MAX_COMMENTS:
        found = f"The list 'comments' has {len(comments)} items, {MAX_COMMENTS} are allowed"
        raise RequestError("too_many_comments", f"{found}; send them in several requests.")
    return comments
