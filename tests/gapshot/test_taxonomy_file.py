"""The reader on a merchant's own file: what it takes, and line, reason and advice for each fault."""

import re
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import pytest

from gapshot.errors import TaxonomyError
from gapshot.taxonomy import Recommendation, Taxonomy

SOURCE = (resources.files("gapshot") / "taxonomy.toml").read_text(encoding="utf-8")
DOCS = (Path(__file__).parents[2] / "docs" / "taxonomy.md").read_text(encoding="utf-8")
TAXONOMY = Taxonomy.load()


@pytest.fixture
def load(tmp_path: Path) -> Callable[[str | bytes], Taxonomy]:
    """Writes `own-taxonomy.toml` and loads it."""

    def write_and_load(content: str | bytes) -> Taxonomy:
        path = tmp_path / "own-taxonomy.toml"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return Taxonomy.load(path)

    return write_and_load


Load = Callable[[str | bytes], Taxonomy]


def test_a_merchants_own_file_is_read_with_its_own_types_verticals_and_briefs(load: Load) -> None:
    taxonomy = load(
        SOURCE.replace('version = "1"', 'version = "acme-3"')
        + """
[verticals.garden]
definition = "Pots and tools."
[image_types.drone_view]
definition = "From above."
platform_terms = []
requires_real_capture = true
[map.size_scale.garden]
drone_view = "Fly over the bed."
on_model = "Hold the spade."
"""
    )
    assert taxonomy.version == "acme-3"
    assert taxonomy.recommendations("size_scale", "garden") == (
        Recommendation("drone_view", "Fly over the bed."),
        Recommendation("on_model", "Hold the spade."),
    )
    assert taxonomy.recommendations("texture", "garden") == TAXONOMY.recommendations("texture", None)


def test_windows_line_ends_and_a_byte_order_mark_are_read(load: Load) -> None:
    assert load(b"\xef\xbb\xbf" + SOURCE.replace("\n", "\r\n").encode()) == TAXONOMY


def test_a_file_that_is_not_there_or_is_a_folder_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "none.toml"
    with pytest.raises(TaxonomyError) as caught:
        Taxonomy.load(path)
    advice = "give the path of a readable TOML file"
    assert str(caught.value) == f"{path}: cannot be read (No such file or directory); {advice}"
    with pytest.raises(TaxonomyError, match=advice):
        Taxonomy.load(tmp_path)


def edited(*changes: tuple[str, str]) -> str:
    """The packaged file with the first place of each text changed to another; "" is the end of the file."""
    text = SOURCE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1) if old else text + new
    return text


def table(header: str) -> str:
    """A table of the packaged file, from its header to the next one."""
    return SOURCE[SOURCE.index(header) :].partition("\n[")[0] + "\n"


NEEDS = "a bundle needs exactly size_scale, texture, colour, fit, defect, unspecified, in this order"
LACKS_COLOUR = f"[categories] lacks 'colour'; {NEEDS}"
UNKNOWN_CATEGORY = f"unknown category 'smell'; {NEEDS}"
NO_KEY = "is not a key of a taxonomy file; correct its spelling or remove it"
NO_TABLE = "must be a table; give it a [header] of its own"
NO_TEXT = 'must be text; put it in "quotes"'
EMPTY = "is empty; write the text or remove the key"
NO_PICTURE = "a defect leads to no image, since no picture mends it; leave this table empty"

# The file, its faulty line tagged, and the reason given.
FAULTS: list[tuple[str, str]] = [
    # syntax
    (edited(('name = "Fit"', "name = Fit # here")), "not valid TOML (Invalid value); mend the syntax"),
    (edited(("", "[verticals.x]\n[verticals.x] # here\n")), "not valid TOML (Cannot declare "),
    (edited(("", 'last = """\nnever closed # here\n')), "not valid TOML ("),
    # categories
    (edited((table("[categories.colour]"), ""), ("s.size_scale]", "s.size_scale] # here")), LACKS_COLOUR),
    (edited(("", table("[categories.fit]").replace("s.fit]", "s.smell] # here"))), UNKNOWN_CATEGORY),
    (
        edited(("s.texture]", "s.x]"), ("s.colour]", "s.texture]"), ("s.x]", "s.colour] # here")),
        f"'colour' stands where 'texture' belongs; {NEEDS}",
    ),
    (
        edited(('["size_guide_copy"]', '["discount"] # here')),
        "unknown action 'discount'; use one of quality_control, size_guide_copy",
    ),
    # the map
    (edited(('\ndrape_motion = "', '\nmood = "" # here #')), f"map.texture.apparel.mood {EMPTY}"),
    (
        edited(("", '[map.unspecified.toys]\nmood = "x" # here')),
        "unknown image type 'mood'; use one of hero_packshot, ",
    ),
    (
        edited((table("[map.texture.default]"), ""), ("[map.texture.apparel]", "[map.texture.apparel] # here")),
        "[map.texture.default] is missing; verticals without a table need it",
    ),
    (
        edited(
            (table("[map.defect.default]"), ""),
            ("[map.size_scale.apparel]", "[map.size_scale.apparel] # here"),
        ),
        f"[map] lacks 'defect'; {NEEDS}",
    ),
    (edited(("", '[map.smell.default] # here\non_model = "x"')), UNKNOWN_CATEGORY),
    (
        edited(("", '[map.fit.garden] # here\non_model = "x"\n')),
        "unknown vertical 'garden'; use a known one or define [verticals.garden]",
    ),
    (edited(("[map.defect.default]", '[map.defect.default] # here\non_model = "x"')), NO_PICTURE),
    (edited(("", '[map.defect.toys] # here\non_model = "x"')), NO_PICTURE),
    (
        edited(("", "[map.unspecified.toys] # here\n")),
        "map.unspecified.toys is empty; add an image type and its brief or remove the table",
    ),
    (
        edited((table("[verticals.default]"), ""), ("[verticals.apparel]", "[verticals.apparel] # here")),
        "[verticals.default] is missing; unknown verticals need it",
    ),
    # keys and values
    ("# here", "actions is missing; add it"),
    (edited(('version = "1"', ""), ("# The taxonomy", "# here")), "version is missing; add it"),
    (edited(('version = "1"', "version = 1 # here")), f"version {NO_TEXT}"),
    (edited(('version = "1"', 'version = " " # here')), f"version {EMPTY}"),
    (edited(('name = "Fit"\n', ""), ("s.fit]", "s.fit] # here")), "categories.fit.name is missing; add it"),
    (edited(('name = "Fit"', "name = 3 # here")), f"categories.fit.name {NO_TEXT}"),
    (
        edited(("actions = []", 'actions = "none" # here')),
        "categories.texture.actions must be a list in [square brackets]",
    ),
    (edited(('"low"', "2 # here")), 'categories.unspecified.priority must be "normal" or "low"'),
    (
        edited(("capture = false", 'capture = "no" # here')),
        "image_types.hero_packshot.requires_real_capture must be true or false, without quotes",
    ),
    (
        edited(("s.in_context]", "s.In-Context] # here")),
        "image_types.In-Context is not a usable id; use lower-case letters, digits and underscores",
    ),
    (edited(("[actions.", '[actions]\nmail = "x" # here\n[actions.')), f"actions.mail {NO_TABLE}"),
    (edited(("[map.", '[map]\nsmell = "x" # here\n[map.')), f"map.smell {NO_TABLE}"),
    (edited(("", '[map.fit.toys.x] # here\ny = "z"')), f"map.fit.toys.x {NO_TEXT}"),
    (edited(("version", 'colour = "x" # here\nversion')), f"colour {NO_KEY}"),
    (edited(("s.fit]", 's.fit]\nmean = "x" # here')), f"categories.fit.mean {NO_KEY}"),
    (edited(("s.on_model]", 's.on_model]\nreal = "x" # here')), f"image_types.on_model.real {NO_KEY}"),
    (edited(("s.home]", "s.home]\nname = 5 # here")), f"verticals.home.name {NO_KEY}"),
    # several faults: the first in the file; and other ways to write a table
    (edited(('name = "Fit"', "name = 3"), ('"Colour"', "4 # here")), f"categories.colour.name {NO_TEXT}"),
    (
        edited(("", '[map.unspecified]\n"toys".on_model = " " # here')),
        f"map.unspecified.toys.on_model {EMPTY}",
    ),
    (edited(("", '[map.unspecified]\ntoys={on_model=""} # here')), f"map.unspecified.toys.on_model {EMPTY}"),
]


@pytest.mark.parametrize(("own", "reason"), FAULTS, ids=[reason[:60] for _, reason in FAULTS])
def test_a_file_with_a_fault_is_refused_with_path_line_reason_and_advice(
    own: str, reason: str, load: Load, tmp_path: Path
) -> None:
    (line,) = (number for number, text in enumerate(own.split("\n"), start=1) if "# here" in text)
    with pytest.raises(TaxonomyError) as caught:
        load(own)
    assert str(caught.value).startswith(f"{tmp_path / 'own-taxonomy.toml'}, line {line}: {reason}")


def test_a_file_that_is_not_utf8_is_refused_with_the_line_of_the_first_bad_byte(load: Load) -> None:
    with pytest.raises(TaxonomyError, match="line 2: not UTF-8; save the file as UTF-8"):
        load(b'version = "1"\n# \xe9t\xe9\n')


@pytest.mark.parametrize(
    ("shown", "own"),
    [
        (0, edited(('\npackage_contents = "', '\npackage_contents = "" # '))),
        (1, edited(("[map.defect.default]", '[map.defect.default]\non_model = "Hold it."'))),
        (2, edited(('name = "Fit"', "name = Fit"))),
    ],
)
def test_the_errors_shown_in_the_docs_are_what_the_reader_says(
    shown: int, own: str, load: Load, tmp_path: Path
) -> None:
    lines = re.findall(r"^own-taxonomy\.toml, line .*$", DOCS, re.MULTILINE)
    assert len(lines) == 3
    with pytest.raises(TaxonomyError) as caught:
        load(own)
    assert str(caught.value) == f"{tmp_path}/{lines[shown]}"
