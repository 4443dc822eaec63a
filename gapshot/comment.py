"""One customer comment as callers hand it in, and whether it can be read at all.

Knows the fields and their limits. Does not know where the comment came from or what it means.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from gapshot.errors import CommentError
from gapshot.text import MAX_CHARACTERS

MAX_IMAGES = 100
"""Image types a comment may name: there are fourteen, and every unknown one costs a warning in the answer."""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment and its context.

    `text` as typed by the customer; `id` and `sku` come back unchanged; `vertical` chooses the pictures (unknown
    ones use the default); `language` is a BCP-47 tag and wins over detection; `existing_images` are the image
    types the product page already has (None: not known). A comment that exists is valid.
    """

    text: str
    id: str | int | None = None
    sku: str | None = None
    vertical: str | None = None
    language: str | None = None
    existing_images: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        """Raises CommentError with the code `text_not_string`, `text_too_long`, `lone_surrogate` or `invalid_field`."""
        if not isinstance(self.text, str):
            raise CommentError("text_not_string", "the field 'text' must be a string")
        if len(self.text) > MAX_CHARACTERS:
            found = f"the field 'text' has {len(self.text)} characters"
            raise CommentError("text_too_long", f"{found}, {MAX_CHARACTERS} are allowed")
        if not _is_unicode(self.text):
            raise CommentError("lone_surrogate", "the field 'text' holds a lone surrogate, which no Unicode text may")
        if not (_is_string(self.id) or (isinstance(self.id, int) and not isinstance(self.id, bool))):
            raise CommentError("invalid_field", "the field 'id' must be a string or a whole number")
        for field in ("sku", "vertical", "language"):
            if not _is_string(getattr(self, field)):
                raise CommentError("invalid_field", f"the field '{field}' must be a string")
        images = self.existing_images
        if images is None:
            return
        if not isinstance(images, tuple) or not all(isinstance(i, str) and _is_unicode(i) for i in images):
            raise CommentError("invalid_field", "the field 'existing_images' must be a list of strings")
        if len(images) > MAX_IMAGES:
            raise CommentError(
                "invalid_field", f"the field 'existing_images' may name {MAX_IMAGES} image types at most"
            )

    @classmethod
    def parse(cls, item: object) -> "Comment":
        """A comment from decoded JSON or a table row; fields it does not know are ignored.

        Raises CommentError as the constructor does, or with the code `not_an_object` or `text_missing`.
        """
        if not isinstance(item, Mapping):
            raise CommentError("not_an_object", "a comment is an object with at least the field 'text'")
        if "text" not in item:
            raise CommentError("text_missing", "the field 'text' is missing")
        images = item.get("existing_images")
        return cls(
            item["text"],
            item.get("id"),
            item.get("sku"),
            item.get("vertical"),
            item.get("language"),
            tuple(images) if isinstance(images, list) else images,
        )


def salvage(item: object) -> tuple[str | int | None, str | None]:
    """`id` and `sku` of an item that is at fault, as far as they are valid: its answer shall be found again."""
    if not isinstance(item, Mapping):
        return None, None
    id_, sku = item.get("id"), item.get("sku")
    valid = _is_string(id_) or (isinstance(id_, int) and not isinstance(id_, bool))
    return id_ if valid else None, sku if _is_string(sku) else None


def _is_string(value: object) -> bool:
    return value is None or (isinstance(value, str) and _is_unicode(value))


def _is_unicode(text: str) -> bool:
    """JSON can smuggle in halves of surrogate pairs, which tokenizers choke on."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
