"""What a request may look like: its limits to the byte, and every kind of broken JSON."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

JSON = {"Content-Type": "application/json"}


def post(client: TestClient, content: bytes | Iterator[bytes], **headers: str) -> tuple[int, str | None]:
    answer = client.post("/v1/classify", content=content, headers=JSON | headers)
    return answer.status_code, answer.json().get("code")


def body_of(size: int) -> bytes:
    """A request of exactly `size` bytes: one comment, then white space."""
    return b'{"comments": [{"text": "fine"}]}'.ljust(size)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"comments",
        b"[" * 100_000,
        b'{"comments": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"comments": [{"text": "a", "id": ' + b"9" * 5_000 + b"}]}",
        b'{"comments": [{"text": "a", "id": NaN}]}',
        '{"comments": [{"text": "zu groß"}]}'.encode("latin-1"),
        '{"comments": [{"text": "a"}]}'.encode("utf-16"),
        b"\x1f\x8b\x08\x00",
    ],
    ids=["empty", "words", "deep", "deep and closed", "huge number", "NaN", "latin-1", "utf-16", "gzip"],
)
def test_what_is_not_json_is_refused(client: TestClient, content: bytes) -> None:
    assert post(client, content) == (400, "invalid_json")


def test_a_fault_of_syntax_is_located(client: TestClient) -> None:
    answer = client.post("/v1/classify", content=b'{"comments":\n [}', headers=JSON)
    assert answer.json()["detail"].startswith("Not JSON from line 2, column 3 on")


def test_a_byte_order_mark_is_forgiven(client: TestClient) -> None:
    assert post(client, b"\xef\xbb\xbf" + body_of(100)) == (200, None)


@pytest.mark.parametrize("body", [b"null", b"3", b'"text"', b"[]", b'{"comments": {}}', b'{"comments": "text"}'])
def test_another_shape_is_refused(client: TestClient, body: bytes) -> None:
    assert post(client, body) == (422, "invalid_request")


def test_two_million_bytes_are_read_and_not_one_more(client: TestClient) -> None:
    assert post(client, body_of(2_000_000)) == (200, None)
    assert post(client, body_of(2_000_001)) == (413, "body_too_large")


def test_an_announced_size_is_refused_before_a_byte_is_read(client: TestClient) -> None:
    def never() -> Iterator[bytes]:
        raise AssertionError("was read")
        yield b""

    assert post(client, never(), **{"Content-Length": "2000001"}) == (413, "body_too_large")


def test_a_body_of_unknown_size_is_counted_while_it_streams(client: TestClient) -> None:
    sent = []

    def endless() -> Iterator[bytes]:
        while len(sent) < 100:
            sent.append(100_000)
            yield b" " * 100_000

    assert post(client, endless()) == (413, "body_too_large")


@pytest.mark.parametrize("length", ["many", "-1", "9" * 5_000])
def test_an_unusable_content_length_changes_nothing(client: TestClient, length: str) -> None:
    assert post(client, body_of(100), **{"Content-Length": length}) == (200, None)


def test_256_comments_are_read_and_not_one_more(client: TestClient) -> None:
    for number, status in ((256, 200), (257, 422)):
        assert client.post("/v1/classify", json={"comments": [{"text": "."}] * number}).status_code == status


@pytest.mark.parametrize(
    ("announced", "status"),
    [
        ("application/json", 200),
        ("Application/JSON; charset=utf-8", 200),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("", 415),
    ],
)
def test_only_json_is_read(client: TestClient, announced: str, status: int) -> None:
    assert post(client, body_of(100), **{"Content-Type": announced})[0] == status


def test_a_compressed_body_is_refused_as_such(client: TestClient) -> None:
    assert post(client, body_of(100), **{"Content-Encoding": "gzip"}) == (415, "unsupported_media_type")
