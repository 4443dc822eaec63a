"""The rules from gaps to shots, on examples that can be followed by hand in the map of docs/taxonomy.md."""

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapshot.shots import Advice, GapAdvice, Shot, shots_for
from gapshot.taxonomy import CATEGORIES, Taxonomy

TAXONOMY = Taxonomy.load()


def order(advice: Advice) -> list[tuple[str, tuple[str, ...]]]:
    return [(shot.image_type, shot.categories) for shot in advice.shots]


def brief(category: str, vertical: str, image_type: str) -> str:
    return TAXONOMY.map[category][vertical][image_type]


def test_the_vase_gets_exactly_the_shots_of_the_contract() -> None:
    advice = shots_for(("size_scale", "colour"), TAXONOMY, "home", ["hero_packshot", "in_context"])
    assert advice == Advice(
        gaps=(
            GapAdvice("size_scale", "scale_reference", "some_missing"),
            GapAdvice("colour", "true_colour_lighting", "some_missing"),
        ),
        shots=(
            Shot("scale_reference", ("size_scale",), brief("size_scale", "home", "scale_reference"), True),
            Shot("true_colour_lighting", ("colour",), brief("colour", "home", "true_colour_lighting"), True),
            Shot("dimension_overlay", ("size_scale",), brief("size_scale", "home", "dimension_overlay"), False),
        ),
        actions=("size_guide_copy",),
        warnings=(),
    )


def test_no_gaps_give_no_advice() -> None:
    assert shots_for((), TAXONOMY, "home", []) == Advice((), (), (), ())


def test_when_nobody_says_which_pictures_exist_everything_is_recommended_and_the_status_is_unknown() -> None:
    advice = shots_for(("texture",), TAXONOMY, "apparel")
    assert advice.gaps == (GapAdvice("texture", "macro_texture", "unknown"),)
    assert order(advice) == [("macro_texture", ("texture",)), ("drape_motion", ("texture",))]


def test_an_empty_list_of_pictures_says_that_none_exist() -> None:
    advice = shots_for(("texture",), TAXONOMY, "apparel", [])
    assert advice.gaps == (GapAdvice("texture", "macro_texture", "some_missing"),)
    assert order(advice) == [("macro_texture", ("texture",)), ("drape_motion", ("texture",))]


def test_the_missing_image_is_the_first_one_that_does_not_exist() -> None:
    advice = shots_for(("texture",), TAXONOMY, "apparel", ["macro_texture"])
    assert advice.gaps == (GapAdvice("texture", "drape_motion", "some_missing"),)
    assert order(advice) == [("drape_motion", ("texture",))]


def test_a_gap_whose_pictures_all_exist_says_so_instead_of_repeating_them() -> None:
    advice = shots_for(("texture",), TAXONOMY, "apparel", ["drape_motion", "macro_texture", "hero_packshot"])
    assert advice.gaps == (GapAdvice("texture", None, "present_but_ineffective"),)
    assert advice.shots == ()


@pytest.mark.parametrize("existing", [None, [], ["hero_packshot"]])
def test_a_defect_never_recommends_an_image_but_quality_control(existing: list[str] | None) -> None:
    advice = shots_for(("defect",), TAXONOMY, "home", existing)
    assert advice == Advice((GapAdvice("defect", None, "no_image_helps"),), (), ("quality_control",), ())


def test_a_defect_does_not_hold_back_the_shots_of_a_gap_beside_it() -> None:
    advice = shots_for(("defect", "texture"), TAXONOMY)
    assert order(advice) == [("macro_texture", ("texture",))]


def test_first_choices_come_before_second_ones_and_these_before_third_ones() -> None:
    # colour: true_colour_lighting, colour_swatch, on_model; texture: macro_texture, drape_motion
    assert order(shots_for(("colour", "texture"), TAXONOMY, "apparel")) == [
        ("true_colour_lighting", ("colour",)),
        ("macro_texture", ("texture",)),
        ("colour_swatch", ("colour",)),
        ("drape_motion", ("texture",)),
        ("on_model", ("colour",)),
    ]


def test_the_more_probable_gap_opens_each_round() -> None:
    assert [image for image, _ in order(shots_for(("texture", "colour"), TAXONOMY, "apparel"))] == [
        "macro_texture",
        "true_colour_lighting",
        "drape_motion",
        "colour_swatch",
        "on_model",
    ]


def test_rounds_count_missing_pictures_only() -> None:
    # macro_texture exists, so drape_motion is the first missing picture of texture and moves up
    advice = shots_for(("colour", "texture"), TAXONOMY, "apparel", ["macro_texture"])
    assert [shot.image_type for shot in advice.shots] == [
        "true_colour_lighting",
        "drape_motion",
        "colour_swatch",
        "on_model",
    ]


def test_an_image_type_stands_once_with_all_its_categories_and_the_brief_of_the_first() -> None:
    # colour: true_colour_lighting, colour_swatch, on_model; fit: on_model, multi_body_fit, drape_motion
    advice = shots_for(("colour", "fit"), TAXONOMY, "apparel")
    assert order(advice) == [
        ("true_colour_lighting", ("colour",)),
        ("on_model", ("fit", "colour")),  # fit brings it in the first round, colour asks in the third
        ("colour_swatch", ("colour",)),
        ("multi_body_fit", ("fit",)),
        ("drape_motion", ("fit",)),
    ]
    assert advice.shots[1].brief == brief("fit", "apparel", "on_model")


def test_unspecified_shots_come_after_all_others_however_probable_it_is() -> None:
    # beauty, texture: in_use_result, macro_texture; colour: colour_swatch, true_colour_lighting
    advice = shots_for(("unspecified", "colour", "texture"), TAXONOMY, "beauty")
    assert order(advice) == [
        ("colour_swatch", ("colour",)),
        ("in_use_result", ("texture",)),
        ("true_colour_lighting", ("colour", "unspecified")),
        ("macro_texture", ("texture",)),
        ("hero_packshot", ("unspecified",)),
        ("alternate_angles", ("unspecified",)),
    ]
    assert advice.shots[2].brief == brief("colour", "beauty", "true_colour_lighting")
    assert [gap.category for gap in advice.gaps] == ["unspecified", "colour", "texture"]


def test_unspecified_alone_is_an_audit_of_the_basic_set() -> None:
    advice = shots_for(("unspecified",), TAXONOMY, "home", ["hero_packshot"])
    assert advice.gaps == (GapAdvice("unspecified", "alternate_angles", "some_missing"),)
    assert [shot.image_type for shot in advice.shots] == ["alternate_angles", "true_colour_lighting"]


def test_actions_stand_in_the_order_of_the_gaps_and_a_size_gap_carries_the_size_guide() -> None:
    assert shots_for(("defect", "colour", "size_scale"), TAXONOMY).actions == (
        "quality_control",
        "size_guide_copy",
    )


def test_a_size_gap_whose_pictures_all_exist_still_carries_the_size_guide() -> None:
    advice = shots_for(("size_scale",), TAXONOMY, "toys", ["scale_reference", "in_context"])
    assert advice.shots == ()
    assert advice.actions == ("size_guide_copy",)


@pytest.mark.parametrize("vertical", [None, "garden", "", "default"])
def test_an_unknown_or_absent_vertical_uses_the_default(vertical: str | None) -> None:
    advice = shots_for(("size_scale",), TAXONOMY, vertical)
    assert [shot.image_type for shot in advice.shots] == ["scale_reference", "dimension_overlay"]
    assert advice.shots[0].brief == brief("size_scale", "default", "scale_reference")
    assert advice.warnings == ()


def test_unknown_values_of_existing_images_are_ignored_and_each_named_once() -> None:
    existing = ["mood_shot", "macro_texture", "MAIN", "mood_shot"]
    advice = shots_for(("texture",), TAXONOMY, "apparel", existing)
    assert order(advice) == [("drape_motion", ("texture",))]
    assert advice.warnings == (
        "existing_images: 'mood_shot' is not an image type and was ignored",
        "existing_images: 'MAIN' is not an image type and was ignored",
    )


def test_a_warning_repeats_at_most_forty_characters_and_can_always_be_encoded() -> None:
    (warning,) = shots_for((), TAXONOMY, None, ["\ud800" + "a" * 100]).warnings
    assert warning == f"existing_images: '\\ud800{'a' * 39}' is not an image type and was ignored"
    assert warning.encode()


def test_an_unknown_category_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        shots_for(("smell",), TAXONOMY)


comments = given(
    categories=st.lists(st.sampled_from(CATEGORIES), unique=True),
    vertical=st.none() | st.sampled_from([*TAXONOMY.verticals, "garden"]),
    existing=st.none() | st.lists(st.sampled_from([*TAXONOMY.image_types, "mood_shot"])),
)


@comments
def test_shots_are_exactly_the_missing_pictures_of_the_gaps_each_once(
    categories: list[str], vertical: str | None, existing: list[str] | None
) -> None:
    advice = shots_for(categories, TAXONOMY, vertical, existing)
    asked = chain.from_iterable(TAXONOMY.recommendations(c, vertical) for c in categories)
    types = [shot.image_type for shot in advice.shots]
    assert len(types) == len(set(types))
    assert set(types) == {r.image_type for r in asked} - set(existing or ())


@comments
def test_a_shot_names_every_gap_that_asks_for_it_and_carries_the_brief_of_the_first(
    categories: list[str], vertical: str | None, existing: list[str] | None
) -> None:
    cells = {c: {r.image_type: r.brief for r in TAXONOMY.recommendations(c, vertical)} for c in categories}
    for shot in shots_for(categories, TAXONOMY, vertical, existing).shots:
        assert set(shot.categories) == {c for c in categories if shot.image_type in cells[c]}
        assert shot.brief == cells[shot.categories[0]][shot.image_type]
        assert shot.requires_real_capture == TAXONOMY.image_types[shot.image_type].requires_real_capture


@comments
def test_gaps_keep_their_order_and_their_missing_image_is_among_the_shots(
    categories: list[str], vertical: str | None, existing: list[str] | None
) -> None:
    advice = shots_for(categories, TAXONOMY, vertical, existing)
    assert [gap.category for gap in advice.gaps] == categories
    types = {shot.image_type for shot in advice.shots}
    for gap in advice.gaps:
        assert gap.missing_image is None or gap.missing_image in types
        assert (gap.missing_image is None) == (gap.existing_status in ("present_but_ineffective", "no_image_helps"))
        assert (gap.existing_status == "no_image_helps") == (gap.category == "defect")
