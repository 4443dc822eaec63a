"""A comment is parsed whole or refused with a stable code that never repeats the text."""

import pytest

from gapshot.comment import Comment
from gapshot.errors import CommentError


def test_only_the_text_is_required() -> None:
    assert Comment.parse({"text": "too small"}) == Comment("too small")


def test_context_is_kept_as_sent() -> None:
    item = {"text": "t", "id": 7, "sku": "S", "vertical": "home", "language": "en-GB", "existing_images": ["on_model"]}
    assert Comment.parse(item) == Comment("t", 7, "S", "home", "en-GB", ("on_model",))


def test_twenty_thousand_characters_are_read_and_one_more_is_refused() -> None:
    assert len(Comment.parse({"text": "x" * 20_000}).text) == 20_000
    with pytest.raises(CommentError, match="20001 characters"):
        Comment.parse({"text": "x" * 20_001})


def test_a_comment_made_in_python_is_checked_as_well() -> None:
    with pytest.raises(CommentError, match="lone surrogate"):
        Comment("tiny \ud83d")


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (None, "not_an_object"),
        (["secret"], "not_an_object"),
        ({}, "text_missing"),
        ({"text": None}, "text_not_string"),
        ({"text": ["secret"]}, "text_not_string"),
        ({"text": "secret" * 4000}, "text_too_long"),
        ({"text": "secret \ud800"}, "lone_surrogate"),
        ({"text": "ok", "id": ["secret"]}, "invalid_field"),
        ({"text": "ok", "id": True}, "invalid_field"),
        ({"text": "ok", "sku": 5}, "invalid_field"),
        ({"text": "ok", "language": ["secret"]}, "invalid_field"),
        ({"text": "ok", "vertical": "secret\udfff"}, "invalid_field"),
        ({"text": "ok", "existing_images": "secret"}, "invalid_field"),
        ({"text": "ok", "existing_images": [1]}, "invalid_field"),
        ({"text": "ok", "existing_images": ["secret"] * 101}, "invalid_field"),
    ],
)
def test_each_fault_has_its_code_and_repeats_nothing(item: object, code: str) -> None:
    with pytest.raises(CommentError) as caught:
        Comment.parse(item)
    assert caught.value.code == code
    assert "secret" not in caught.value.message
