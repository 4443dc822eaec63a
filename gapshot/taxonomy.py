"""The taxonomy: categories, image types, actions, verticals and the map between them, read from TOML.

Knows the file's shape and every way a file can be wrong. Does not know comments, probabilities or the order
of shots (`gapshot.shots`). docs/taxonomy.md explains the file to the people who write one.
"""

import codecs
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, StrictBool, StringConstraints, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from gapshot.errors import TaxonomyError

CATEGORIES: tuple[str, ...] = ("size_scale", "texture", "colour", "fit", "defect", "unspecified")
"""Every category, in the column order of the model. A taxonomy file lists exactly these, in this order."""

GAPS: tuple[str, ...] = CATEGORIES[:5]
"""The five gaps proper; `unspecified` ("not as pictured") stands apart from them."""

DIRECTIONAL: tuple[str, ...] = ("size_scale", "fit")
"""The categories that carry a direction where the comment gives one."""

DIRECTIONS: tuple[str, ...] = ("small", "large")
"""The directions; None stands for unknown or both."""

DEFAULT_VERTICAL = "default"
"""The vertical of every comment whose own is absent or unknown."""

_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
_FORBID = ConfigDict(extra="forbid")  # a misspelt key must not pass silently


@dataclass(frozen=True, config=_FORBID)
class Category:
    """What a comment can state; with priority "low" its shots come after those of all other categories."""

    name: _Text
    definition: _Text
    actions: tuple[str, ...]
    priority: Literal["normal", "low"] = "normal"


@dataclass(frozen=True, config=_FORBID)
class ImageType:
    """A kind of product picture; `requires_real_capture` means a generated one will not do."""

    definition: _Text
    platform_terms: tuple[_Text, ...]
    requires_real_capture: StrictBool


@dataclass(frozen=True, config=_FORBID)
class Action:
    """Something to do that is not a picture."""

    definition: _Text


@dataclass(frozen=True, config=_FORBID)
class Vertical:
    """A kind of merchandise."""

    definition: _Text


@dataclass(frozen=True)
class Recommendation:
    """An image type for a category in a vertical, with the photographer's brief."""

    image_type: str
    brief: str


@dataclass(frozen=True, config=_FORBID)
class Taxonomy:
    """A whole taxonomy file, each part by id in the order of the file; never changed after `load`."""

    version: _Text
    categories: Mapping[str, Category]
    image_types: Mapping[_Id, ImageType]
    actions: Mapping[_Id, Action]
    verticals: Mapping[_Id, Vertical]
    map: Mapping[str, Mapping[str, Mapping[str, _Text]]]
    """Category -> vertical -> image type (best first) -> brief, as written; ask `recommendations` instead."""

    @staticmethod
    def load(path: Path | None = None) -> "Taxonomy":
        """Reads `path`, or the taxonomy that comes with gapshot when it is None.

        Raises TaxonomyError ("path, line N: reason, and what to do") for a file that cannot be used.
        """
        source = Path(__file__).with_name("taxonomy.toml") if path is None else path
        try:
            data = source.read_bytes()
        except OSError as error:
            reason = f"cannot be read ({error.strerror}); give the path of a readable TOML file"
            raise TaxonomyError(f"{source}: {reason}") from error
        return _parse(str(source), data)

    def recommendations(self, category: str, vertical: str | None) -> tuple[Recommendation, ...]:
        """Image types for `category`, best first; empty where no image helps. KeyError: no such category.

        A vertical that is None, unknown, or without a table for this category gets the default's answer; its case
        does not count.
        """
        cells = self.map[category]
        cell = cells.get((vertical or DEFAULT_VERTICAL).strip().lower(), cells[DEFAULT_VERTICAL])
        return tuple(Recommendation(image_type, brief) for image_type, brief in cell.items())

    def actions_for(self, category: str) -> tuple[str, ...]:
        """Action ids that `category` leads to, in any vertical. KeyError for an unknown category."""
        return self.categories[category].actions

    def as_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON: lists where order counts, the map as written, defaults unresolved."""
        parts = _ADAPTER.dump_python(self, mode="json")
        for id, category in parts["categories"].items():
            category["directions"] = list(DIRECTIONS if id in DIRECTIONAL else ())
        for part in ("categories", "image_types", "actions", "verticals"):
            parts[part] = [{"id": id, **entry} for id, entry in parts[part].items()]
        for cells in parts["map"].values():
            for vertical, cell in cells.items():
                cells[vertical] = [{"image_type": id, "brief": brief} for id, brief in cell.items()]
        return dict(parts)


_ADAPTER = TypeAdapter(Taxonomy)

_KeyPath = tuple[str | int, ...]

# What to do about each kind of fault, by pydantic's name for it, in words for the people who write the file.
_ADVICE = {
    "missing": "is missing; add it",
    "unexpected_keyword_argument": "is not a key of a taxonomy file; correct its spelling or remove it",
    "string_type": 'must be text; put it in "quotes"',
    "string_too_short": "is empty; write the text or remove the key",
    "string_pattern_mismatch": "is not a usable id; use lower-case letters, digits and underscores",
    "bool_type": "must be true or false, without quotes",
    "tuple_type": "must be a list in [square brackets]",
    "dict_type": "must be a table; give it a [header] of its own",
    "dataclass_type": "must be a table; give it a [header] of its own",
    "literal_error": 'must be "normal" or "low"',
}


def _parse(source: str, data: bytes) -> Taxonomy:
    """The taxonomy, of the right types and consistent, or TaxonomyError with the line of its first fault."""
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode()  # Windows editors write a byte order mark
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise TaxonomyError(f"{source}, line {line}: not UTF-8; save the file as UTF-8") from error
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        reason, _, position = str(error).rpartition(" (at ")
        found = re.match(r"line (\d+)", position)
        line = int(found[1]) if found else text.rstrip().count("\n") + 1  # else "at end of document"
        raise TaxonomyError(f"{source}, line {line}: not valid TOML ({reason}); mend the syntax") from error
    faults: list[tuple[_KeyPath, str]]
    try:
        taxonomy = _ADAPTER.validate_python(tables)
    except ValidationError as error:
        details = error.errors(include_url=False)
        paths = [tuple(part for part in fault["loc"] if part != "[key]") for fault in details]
        faults = [
            (path, f"{'.'.join(map(str, path))} {_ADVICE.get(fault['type'], fault['msg'])}")
            for path, fault in zip(paths, details, strict=True)
        ]
    else:
        faults = list(_inconsistencies(taxonomy))
        if not faults:
            return taxonomy
    lines = _lines(text)
    line, reason = min((_line_of(path, lines), reason) for path, reason in faults)
    raise TaxonomyError(f"{source}, line {line}: {reason}")


def _inconsistencies(taxonomy: Taxonomy) -> Iterator[tuple[_KeyPath, str]]:
    """Faults that need more than one table to see, each with the key path it belongs to."""
    expected = f"a bundle needs exactly {', '.join(CATEGORIES)}, in this order"
    for part, table in (("categories", taxonomy.categories), ("map", taxonomy.map)):
        for category in table.keys() - set(CATEGORIES):
            yield (part, category), f"unknown category '{category}'; {expected}"
        for category in set(CATEGORIES) - table.keys():
            yield (part,), f"[{part}] lacks '{category}'; {expected}"
    if taxonomy.categories.keys() == set(CATEGORIES):
        for category, right in zip(taxonomy.categories, CATEGORIES, strict=True):
            if category != right:
                yield ("categories", category), f"'{category}' stands where '{right}' belongs; {expected}"
    for category, entry in taxonomy.categories.items():
        for action in set(entry.actions) - taxonomy.actions.keys():
            known = ", ".join(taxonomy.actions)
            yield ("categories", category, "actions"), f"unknown action '{action}'; use one of {known}"
    if DEFAULT_VERTICAL not in taxonomy.verticals:
        yield ("verticals",), f"[verticals.{DEFAULT_VERTICAL}] is missing; unknown verticals need it"
    for category, cells in taxonomy.map.items():
        if DEFAULT_VERTICAL not in cells:
            reason = f"[map.{category}.{DEFAULT_VERTICAL}] is missing; verticals without a table need it"
            yield ("map", category), reason
        for vertical, cell in cells.items():
            here = ("map", category, vertical)
            if vertical not in taxonomy.verticals:
                yield here, f"unknown vertical '{vertical}'; use a known one or define [verticals.{vertical}]"
            if category == "defect" and cell:
                yield here, "a defect leads to no image, since no picture mends it; leave this table empty"
            if category != "defect" and not cell:
                yield here, f"{'.'.join(here)} is empty; add an image type and its brief or remove the table"
            for image_type in cell.keys() - taxonomy.image_types.keys():
                known = ", ".join(taxonomy.image_types)
                yield (*here, image_type), f"unknown image type '{image_type}'; use one of {known}"


def _lines(text: str) -> dict[_KeyPath, int]:
    """The line of each table header and key, by path, and of the first header under each shorter path.

    tomllib keeps no positions. One line a header or key is all this file's shape needs: what is written
    otherwise (inline tables, multi-line text) only makes a fault fall back to the line of its table.
    """
    lines: dict[_KeyPath, int] = {}
    header: _KeyPath = ()
    for number, line in enumerate(text.split("\n"), start=1):
        found = re.match(r"""\s*(\[?)([\w\-."' \t]+?)\s*[\]=]""", line)
        if found:
            names = tuple(name.strip(" \t\"'") for name in found[2].split("."))
            path = names if found[1] else header + names
            header = names if found[1] else header
            for end in range(1, len(path) + 1):
                lines.setdefault(path[:end], number)
    return lines


def _line_of(path: _KeyPath, lines: Mapping[_KeyPath, int]) -> int:
    """The line of the longest known part of `path`; 1 where the file has none of it."""
    return next((lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in lines), 1)
