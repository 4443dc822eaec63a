"""One customer comment as callers hand it in, and whether it can be read at all.

Knows the fields and their limits. Does not know where the comment came from or what it means.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gapshot.errors import CommentError
from gapshot.text import MAX_CHARACTERS

MAX_IMAGES = 100
"""Image types a comment may name: there are fourteen, and every unknown one costs a warning in the answer."""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment and its context.

    `text` as typed by the customer; `id` and `sku` come back unchanged; `vertical` chooses the pictures (unknown
    ones use the default); `language` is a BCP-47 tag and wins over detection; `existing_images` are the image
    types the product page already has (None: not known).
    """

    text: str
    id: str | int | None = None
    sku: str | None = None
    vertical: str | None = None
    language: str | None = None
    existing_images: tuple[str, ...] | None = None

    @classmethod
    def parse(cls, item: object) -> "Comment":
        """A comment from decoded JSON or a table row. Raises CommentError for a fault of this item.

        Codes: `not_an_object`, `text_missing`, `text_not_string`, `text_too_long`, `lone_surrogate`, `invalid_field`.
        """
        if not isinstance(item, Mapping):
            raise CommentError("not_an_object", "a comment is an object with at least the field 'text'")
        if "text" not in item:
            raise CommentError("text_missing", "the field 'text' is missing")
        text = item["text"]
        if not isinstance(text, str):
            raise CommentError("text_not_string", "the field 'text' must be a string")
        if len(text) > MAX_CHARACTERS:
            raise CommentError(
                "text_too_long", f"the field 'text' has {len(text)} characters, {MAX_CHARACTERS} are allowed"
            )
        if not _encodable(text):
            raise CommentError("lone_surrogate", "the field 'text' holds a lone surrogate, which no Unicode text may")
        images = item.get("existing_images")
        if images is not None:
            if not isinstance(images, list | tuple) or not all(isinstance(i, str) and _encodable(i) for i in images):
                raise CommentError("invalid_field", "the field 'existing_images' must be a list of strings")
            if len(images) > MAX_IMAGES:
                raise CommentError(
                    "invalid_field", f"the field 'existing_images' may name {MAX_IMAGES} image types at most"
                )
            images = tuple(images)
        return cls(
            text,
            identifier(item),
            _string(item, "sku"),
            _string(item, "vertical"),
            _string(item, "language"),
            images,
        )


def identifier(item: Mapping[Any, Any]) -> str | int | None:
    """The `id` of an item as sent. Raises CommentError when it is neither string nor whole number."""
    value = item.get("id")
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return _string(item, "id")


def _string(item: Mapping[Any, Any], field: str) -> str | None:
    value = item.get(field)
    if value is None or (isinstance(value, str) and _encodable(value)):
        return value
    raise CommentError("invalid_field", f"the field '{field}' must be a string")


def _encodable(text: str) -> bool:
    """Whether the text is Unicode: JSON can smuggle in halves of surrogate pairs, which tokenizers choke on."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
