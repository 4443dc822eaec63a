"""The packaged taxonomy against the design's table, and docs/taxonomy.md against the packaged taxonomy."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapshot.taxonomy import CATEGORIES, DIRECTIONAL, GAPS, Recommendation, Taxonomy

DOCS = (Path(__file__).parents[2] / "docs" / "taxonomy.md").read_text(encoding="utf-8")
TAXONOMY = Taxonomy.load()

VERTICALS = ["apparel", "footwear", "home", "jewellery", "beauty", "electronics", "toys", "sports", "default"]

# The design's table: a row for each category, a column for each vertical, image types best first.
MAP = {
    "size_scale": """on_model dimension_overlay multi_body_fit | on_model dimension_overlay scale_reference
        | scale_reference in_context dimension_overlay | scale_reference on_model
        | scale_reference package_contents | scale_reference dimension_overlay | scale_reference in_context
        | scale_reference on_model | scale_reference dimension_overlay""",
    "texture": """macro_texture drape_motion | macro_texture construction_detail | macro_texture in_context
        | macro_texture construction_detail | in_use_result macro_texture | macro_texture construction_detail
        | macro_texture construction_detail | macro_texture construction_detail | macro_texture""",
    "colour": """true_colour_lighting colour_swatch on_model | true_colour_lighting colour_swatch
        | true_colour_lighting in_context | true_colour_lighting on_model | colour_swatch true_colour_lighting
        | true_colour_lighting colour_swatch | true_colour_lighting colour_swatch
        | true_colour_lighting colour_swatch | true_colour_lighting colour_swatch""",
    "fit": """on_model multi_body_fit drape_motion | on_model alternate_angles | in_context dimension_overlay
        | on_model multi_body_fit | in_use_result | in_use_result dimension_overlay | in_use_result in_context
        | on_model in_use_result | on_model""",
}
CELLS = [
    (category, vertical, tuple(cell.split()))
    for category, row in MAP.items()
    for vertical, cell in zip(VERTICALS, row.split("|"), strict=True)
]


def images(category: str, vertical: str | None) -> tuple[str, ...]:
    return tuple(r.image_type for r in TAXONOMY.recommendations(category, vertical))


def briefs() -> list[str]:
    return [brief for cells in TAXONOMY.map.values() for cell in cells.values() for brief in cell.values()]


# The packaged taxonomy


@pytest.mark.parametrize(("category", "vertical", "expected"), CELLS)
def test_every_cell_of_the_map_is_as_designed(category: str, vertical: str, expected: tuple[str, ...]) -> None:
    assert vertical in TAXONOMY.map[category]
    assert images(category, vertical) == expected


@pytest.mark.parametrize("vertical", VERTICALS)
def test_a_defect_leads_to_quality_control_and_to_no_image_in_any_vertical(vertical: str) -> None:
    assert images("defect", vertical) == ()
    assert TAXONOMY.actions_for("defect") == ("quality_control",)


@pytest.mark.parametrize("vertical", VERTICALS)
def test_not_as_pictured_leads_to_an_audit_of_the_basic_set_in_every_vertical(vertical: str) -> None:
    assert images("unspecified", vertical) == ("hero_packshot", "alternate_angles", "true_colour_lighting")


def test_only_size_gaps_and_defects_lead_to_actions_and_only_unspecified_has_low_priority() -> None:
    assert {c: TAXONOMY.actions_for(c) for c in CATEGORIES if TAXONOMY.actions_for(c)} == {
        "size_scale": ("size_guide_copy",),
        "defect": ("quality_control",),
    }
    assert [id for id, c in TAXONOMY.categories.items() if c.priority == "low"] == ["unspecified"]


def test_categories_stand_in_the_column_order_of_the_model() -> None:
    assert CATEGORIES == ("size_scale", "texture", "colour", "fit", "defect", "unspecified")
    assert tuple(TAXONOMY.categories) == CATEGORIES
    assert GAPS == ("size_scale", "texture", "colour", "fit", "defect")
    assert DIRECTIONAL == ("size_scale", "fit")


def test_there_are_fourteen_image_types_nine_verticals_and_two_actions() -> None:
    assert list(TAXONOMY.image_types) == [
        "hero_packshot",
        "alternate_angles",
        "scale_reference",
        "dimension_overlay",
        "in_context",
        "on_model",
        "multi_body_fit",
        "drape_motion",
        "macro_texture",
        "construction_detail",
        "true_colour_lighting",
        "colour_swatch",
        "in_use_result",
        "package_contents",
    ]
    assert list(TAXONOMY.verticals) == VERTICALS
    assert list(TAXONOMY.actions) == ["quality_control", "size_guide_copy"]


def test_scale_bodies_texture_and_true_colour_need_a_real_capture_and_nothing_else_does() -> None:
    real = {id for id, image_type in TAXONOMY.image_types.items() if image_type.requires_real_capture}
    assert real == {"true_colour_lighting", "macro_texture", "scale_reference", "multi_body_fit"}


@given(st.text())
def test_an_unknown_vertical_gets_the_answer_of_the_default_and_never_an_error(name: str) -> None:
    for category in CATEGORIES:
        expected = TAXONOMY.recommendations(category, name if name in VERTICALS else "default")
        assert TAXONOMY.recommendations(category, name) == expected


def test_an_absent_vertical_gets_the_answer_of_the_default() -> None:
    assert images("size_scale", None) == ("scale_reference", "dimension_overlay")


def test_an_unknown_category_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        TAXONOMY.recommendations("smell", "home")


def test_every_brief_is_its_own_and_one_or_two_sentences_long() -> None:
    cells = sum(len(expected) for _, _, expected in CELLS)
    assert cells == 74
    assert len(briefs()) == cells + 3  # and the three of "not as pictured"
    assert len(set(briefs())) == len(briefs())
    for brief in briefs():
        assert 1 <= len(re.findall(r"[.!?](?=\s|$)", brief)) <= 2, brief
        assert 90 <= len(brief) <= 320, brief


def test_no_two_briefs_share_a_sentence() -> None:
    sentences = [sentence for brief in briefs() for sentence in re.split(r"(?<=\.)\s", brief)]
    assert len(set(sentences)) == len(sentences)


def test_the_dictionary_holds_everything_as_json_and_keeps_order_in_lists() -> None:
    whole = TAXONOMY.as_dict()
    assert json.loads(json.dumps(whole)) == whole
    assert list(whole) == ["version", "categories", "image_types", "actions", "verticals", "map"]
    assert whole["version"] == TAXONOMY.version == "1"
    assert [(c["id"], c["directions"]) for c in whole["categories"]] == [
        ("size_scale", ["small", "large"]),
        ("texture", []),
        ("colour", []),
        ("fit", ["small", "large"]),
        ("defect", []),
        ("unspecified", []),
    ]
    assert whole["image_types"][0] == {
        "id": "hero_packshot",
        "definition": "The whole product from the front on a plain background, in accurate colour.",
        "platform_terms": [
            "Amazon MAIN",
            "Zalando packshot view",
            "Zalando catalogue view",
            "Google image_link",
        ],
        "requires_real_capture": False,
    }
    assert [a["id"] for a in whole["actions"]] == ["quality_control", "size_guide_copy"]
    assert [v["id"] for v in whole["verticals"]] == VERTICALS
    assert whole["map"]["defect"] == {"default": []}
    home = whole["map"]["size_scale"]["home"]
    assert tuple(Recommendation(**entry) for entry in home) == TAXONOMY.recommendations("size_scale", "home")


# The docs


def doc_rows(heading: str) -> list[list[str]]:
    """The cells of the first table under a heading of docs/taxonomy.md, without header and backticks."""
    section = DOCS.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    table = re.search(r"(?:^\|.*\n)+", section, re.MULTILINE)
    assert table
    return [
        [cell.strip().replace("`", "") for cell in line.strip("|").split("|")] for line in table[0].splitlines()[2:]
    ]


def test_the_docs_explain_every_category_with_its_actions() -> None:
    expected = [
        [id, c.definition, "small, large" if id in DIRECTIONAL else "", ", ".join(c.actions)]
        for id, c in TAXONOMY.categories.items()
    ]
    assert doc_rows("Categories") == expected


def test_the_docs_list_every_image_type_with_its_platform_terms() -> None:
    assert doc_rows("Image types") == [
        [id, i.definition, "; ".join(i.platform_terms), "yes" if i.requires_real_capture else "no"]
        for id, i in TAXONOMY.image_types.items()
    ]


def test_the_docs_list_every_action_and_every_vertical() -> None:
    assert doc_rows("Actions") == [[id, a.definition] for id, a in TAXONOMY.actions.items()]
    assert doc_rows("Verticals") == [[id, v.definition] for id, v in TAXONOMY.verticals.items()]


def test_the_map_of_the_docs_is_the_map_of_the_file() -> None:
    assert doc_rows("The map") == [
        [vertical, *(", ".join(images(category, vertical)) or "no image" for category in CATEGORIES)]
        for vertical in VERTICALS
    ]
