"""From the gaps of one comment to the pictures to shoot and the other things to do.

Knows the rules: which pictures are missing, in what order they are worth taking, where no picture helps. Does
not know how gaps were found, or what the map and the briefs say (`gapshot.taxonomy`).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from gapshot.taxonomy import Taxonomy

ExistingStatus = Literal["unknown", "some_missing", "present_but_ineffective", "no_image_helps"]
"""What the caller's pictures say about a gap; `unknown` means that the caller did not say which exist."""

_LONGEST_NAMED = 40
"""Characters of an unknown value that a warning repeats; a value from the wrong column could be long."""


@dataclass(frozen=True, slots=True)
class GapAdvice:
    """One gap: its first missing image type, or None where all exist or none would help."""

    category: str
    missing_image: str | None
    existing_status: ExistingStatus


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture to take, with every category that asks for it; the brief is the one of the first category."""

    image_type: str
    categories: tuple[str, ...]
    brief: str
    requires_real_capture: bool


@dataclass(frozen=True, slots=True)
class Advice:
    """All advice for one comment: gaps in the order they were given, shots and actions in order of use."""

    gaps: tuple[GapAdvice, ...]
    shots: tuple[Shot, ...]
    actions: tuple[str, ...]
    warnings: tuple[str, ...]


def shots_for(
    categories: Sequence[str],
    taxonomy: Taxonomy,
    vertical: str | None = None,
    existing_images: Collection[str] | None = None,
) -> Advice:
    """Advice for a comment that states `categories`, given by falling probability and each once.

    `vertical`: None or an unknown one uses the default. `existing_images`: image types the product page has;
    None means that nobody said, so everything is recommended, an empty collection that it has none. Unknown
    values are ignored and named in the warnings. Shots come in rounds: the first missing picture of each gap,
    then the second ones, and so on; gaps of low priority wait until all others are done.
    KeyError: no such category.
    """
    named = dict.fromkeys(existing_images or ())
    unknown = [value for value in named if value not in taxonomy.image_types]

    gaps: list[GapAdvice] = []
    wanted = []  # (low priority, round, place of the gap), category, recommendation
    for place, category in enumerate(categories):
        recommended = taxonomy.recommendations(category, vertical)
        missing = [r for r in recommended if r.image_type not in named]
        low = taxonomy.categories[category].priority == "low"
        wanted += [((low, turn, place), category, r) for turn, r in enumerate(missing)]
        status: ExistingStatus
        if not recommended:
            status = "no_image_helps"
        elif existing_images is None:
            status = "unknown"
        else:
            status = "some_missing" if missing else "present_but_ineffective"
        gaps.append(GapAdvice(category, missing[0].image_type if missing else None, status))

    briefs: dict[str, str] = {}
    askers: dict[str, list[str]] = {}
    for _, category, r in sorted(wanted, key=lambda entry: entry[0]):
        briefs.setdefault(r.image_type, r.brief)
        askers.setdefault(r.image_type, []).append(category)

    return Advice(
        gaps=tuple(gaps),
        shots=tuple(
            Shot(image, tuple(askers[image]), brief, taxonomy.image_types[image].requires_real_capture)
            for image, brief in briefs.items()
        ),
        actions=tuple(dict.fromkeys(a for category in categories for a in taxonomy.actions_for(category))),
        warnings=tuple(
            f"existing_images: {value[:_LONGEST_NAMED]!r} is not an image type and was ignored" for value in unknown
        ),
    )
