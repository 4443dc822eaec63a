"""What gapshot says about one comment. Knows the shape of the answer; does not know how it was found."""

from dataclasses import dataclass
from typing import Any, Literal

from gapshot.errors import CommentError
from gapshot.shots import Shot

Status = Literal["ok", "no_text", "unsupported_language", "error"]
STATUSES: tuple[Status, ...] = ("ok", "no_text", "unsupported_language", "error")


@dataclass(frozen=True, slots=True)
class Evidence:
    """A clause that states a gap: code points `start` to `end` (exclusive) of the text as sent, and those words."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Gap:
    """A gap the comment states.

    `probability` is calibrated, 0 to 1, four decimals; `direction` is small, large or None; `missing_image` is the
    first missing picture, or None; `existing_status` says what is known of the pictures at hand.
    """

    category: str
    probability: float
    direction: str | None
    missing_image: str | None
    existing_status: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """The answer for one comment; a comment that could not be read has `status` "error" and its fault in `error`.

    `gaps` by falling probability; `scores` the probability of every category (None when nothing was read);
    `truncated` when the comment was longer than the model reads.
    """

    status: Status
    id: str | int | None = None
    sku: str | None = None
    language: str | None = None
    truncated: bool = False
    gaps: tuple[Gap, ...] = ()
    scores: dict[str, float] | None = None
    shots: tuple[Shot, ...] = ()
    actions: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    error: CommentError | None = None

    def as_dict(self) -> dict[str, Any]:
        """The answer as plain values, in the shape of the HTTP contract (docs/http.md)."""
        return {
            "id": self.id,
            "sku": self.sku,
            "status": self.status,
            "language": self.language,
            "truncated": self.truncated,
            "gaps": [
                {
                    "category": gap.category,
                    "probability": gap.probability,
                    "direction": gap.direction,
                    "missing_image": gap.missing_image,
                    "existing_status": gap.existing_status,
                    "evidence": [{"start": e.start, "end": e.end, "text": e.text} for e in gap.evidence],
                }
                for gap in self.gaps
            ],
            "scores": self.scores,
            "shots": [
                {
                    "image_type": shot.image_type,
                    "categories": list(shot.categories),
                    "brief": shot.brief,
                    "requires_real_capture": shot.requires_real_capture,
                }
                for shot in self.shots
            ],
            "actions": list(self.actions),
            "warnings": list(self.warnings),
            "error": {"code": self.error.code, "message": self.error.message} if self.error else None,
        }
