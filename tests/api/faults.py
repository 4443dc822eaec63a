"""One way into every code of a refused request, each carrying the canary wherever a caller could put text."""

import json
from typing import Any

CANARY = "Kanarienvogel"

_LONG = json.dumps({"comments": [{"text": CANARY}]}).encode() + b" " * 2_000_000
_JSON = {"Content-Type": "application/json"}
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}

REQUESTS: dict[str, dict[str, Any]] = {
    "invalid_json": {
        "content": f'{{"comments": [{{"text": "{CANARY}"}}',
        "headers": {"Content-Type": "application/json"},
    },
    "invalid_request": {"json": [{"text": CANARY}]},
    "comments_missing": {"json": {CANARY: CANARY}},
    "comments_empty": {"json": {"comments": []}},
    "too_many_comments": {"json": {"comments": [{"text": CANARY}] * 257}},
    "unknown_field": {"json": {"comments": [{"text": CANARY}], CANARY: CANARY}},
    "body_too_large": {"content": _LONG, "headers": _JSON},
    "unsupported_media_type": {"content": json.dumps({"comments": [{"text": CANARY}]}), "headers": _FORM},
    "not_found": {"method": "GET", "url": f"/{CANARY}?{CANARY}={CANARY}"},
    "method_not_allowed": {"method": "GET", "url": f"/v1/classify?{CANARY}={CANARY}"},
    "internal_error": {"json": {"comments": [{"text": CANARY}]}},
    "not_ready": {"json": {"comments": [{"text": CANARY}]}},
}
"""Code -> arguments of a client's `request`; without method and url it is a POST to /v1/classify."""


def arguments(code: str) -> dict[str, Any]:
    """The complete arguments of the request for one code."""
    return {"method": "POST", "url": "/v1/classify"} | REQUESTS[code]
