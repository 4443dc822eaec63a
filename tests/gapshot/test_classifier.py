"""Comments in, results out, on a bundle whose answers can be counted by hand (tests/standin.py)."""

import json
import shutil
from pathlib import Path

import pytest

from gapshot.bundle import seal
from gapshot.classifier import Classifier
from gapshot.comment import Comment
from gapshot.errors import BundleError
from gapshot.result import Result
from gapshot.settings import Settings
from tests.standin import ABSENT, STATED, make_bundle


def one(classifier: Classifier, text: str, **context: object) -> Result:
    return classifier.classify([{"text": text, **context}])[0]


def test_several_gaps_are_found_with_direction_evidence_and_pictures(classifier: Classifier) -> None:
    result = one(classifier, "Vase is tiny &amp; rather grey", vertical="home", existing_images=["in_context"], id=7)
    assert (result.id, result.status, result.language, result.truncated) == (7, "ok", "en", False)
    size, colour = result.gaps
    assert (size.category, size.probability, size.direction) == ("size_scale", STATED, "small")
    assert (size.missing_image, size.existing_status) == ("scale_reference", "some_missing")
    assert [(e.start, e.end, e.text) for e in size.evidence] == [(8, 12, "tiny")]
    assert (colour.category, colour.direction) == ("colour", None)
    assert [(e.start, e.end, e.text) for e in colour.evidence] == [(26, 30, "grey")]
    assert result.scores == dict.fromkeys(("size_scale", "colour"), STATED) | dict.fromkeys(
        ("texture", "fit", "defect", "unspecified"), ABSENT
    )
    assert [shot.image_type for shot in result.shots] == [
        "scale_reference",
        "true_colour_lighting",
        "dimension_overlay",
    ]
    assert result.actions == ("size_guide_copy",)


def test_a_comment_without_a_gap_is_ok_and_empty(classifier: Classifier) -> None:
    result = one(classifier, "changed my mind")
    assert (result.status, result.gaps, result.shots, result.actions) == ("ok", (), (), ())


def test_gaps_come_by_falling_probability(classifier: Classifier) -> None:
    result = one(classifier, "tiny and itchy and itchy")  # two itchy: logit 12, one tiny: logit 4
    assert [gap.category for gap in result.gaps] == ["texture", "size_scale"]


def test_opposite_directions_leave_it_unknown(classifier: Classifier) -> None:
    assert one(classifier, "tiny here, huge there").gaps[0].direction is None


def test_fillers_and_other_languages_are_not_classified(classifier: Classifier) -> None:
    results = classifier.classify([{"text": t} for t in ("", ".", "n/a", "ваза слишком маленькая, tiny")])
    assert [r.status for r in results] == ["no_text", "no_text", "no_text", "unsupported_language"]
    assert all(r.scores is None and not r.gaps for r in results)


@pytest.mark.parametrize(("language", "status"), [("en-GB", "ok"), ("EN_us", "ok"), ("de", "unsupported_language")])
def test_the_callers_language_wins(classifier: Classifier, language: str, status: str) -> None:
    result = one(classifier, "tiny", language=language)
    assert (result.status, result.language) == (status, language)


def test_a_fault_of_one_comment_harms_no_neighbour(classifier: Classifier) -> None:
    results = classifier.classify([{"text": "tiny"}, {"text": 5, "id": "r-2"}, "tiny", {"text": "grey"}])  # type: ignore[list-item]
    assert [r.status for r in results] == ["ok", "error", "error", "ok"]
    assert [r.error.code for r in results if r.error] == ["text_not_string", "not_an_object"]
    assert results[1].id == "r-2"


def test_the_same_comment_gets_the_same_answer_alone_and_in_any_company(classifier: Classifier) -> None:
    texts = ["tiny", "grey and broken", "fine", "itchy " * 60, "too tight"]
    alone = [classifier.classify([Comment(text)])[0] for text in texts]
    assert classifier.classify([Comment(text) for text in texts * 20]) == alone * 20


def test_what_lies_beyond_the_last_token_read_is_said_to_be_cut(tmp_path: Path) -> None:
    with Classifier.load(make_bundle(tmp_path / "short", max_tokens=3)) as classifier:
        within, beyond = classifier.classify([Comment("so very tiny"), Comment("so very very tiny")])
    assert (within.truncated, [g.category for g in within.gaps]) == (False, ["size_scale"])
    assert (beyond.truncated, beyond.gaps) == (True, ())


def test_the_stages_of_every_comment_are_observed(bundle: Path) -> None:
    seen: list[str] = []
    with Classifier.load(bundle, observe=lambda stage, _: seen.append(stage)) as classifier:
        classifier.classify([Comment("tiny"), Comment("n/a")])
    assert sorted(seen) == ["run", "tokenise", "wait", "wait"]


def test_a_bundle_that_answers_its_golden_comments_differently_is_refused(bundle: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(bundle, tmp_path / "copy"))
    lines = [json.loads(line) for line in (copy / "golden.jsonl").read_text().splitlines()]
    lines[1]["scores"]["defect"] -= 0.1
    (copy / "golden.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    seal(copy, "standin.1", "1", {})
    with pytest.raises(BundleError, match="golden comment 2"):
        Classifier.load(copy)


def test_the_taxonomys_version_may_move_on_while_the_categories_stay(bundle: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(bundle, tmp_path / "copy"))
    seal(copy, "standin.1", "99", {})
    with Classifier.load(copy) as classifier:
        assert (classifier.bundle.taxonomy, classifier.taxonomy.version) == ("99", "1")


def test_a_faulty_comment_keeps_its_id_and_sku_so_that_it_is_found_again(classifier: Classifier) -> None:
    result = classifier.classify([{"text": 5, "id": "r-2", "sku": "VASE-S"}])[0]
    assert (result.status, result.id, result.sku) == ("error", "r-2", "VASE-S")


def test_the_case_of_a_vertical_does_not_count(classifier: Classifier) -> None:
    assert one(classifier, "tiny", vertical=" Home").shots == one(classifier, "tiny", vertical="home").shots


def test_a_merchants_thresholds_decide(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "own.json").write_text('{"size_scale": 0.99}')
    with Classifier.load(bundle, Settings(decision=tmp_path / "own.json")) as classifier:
        assert [gap.category for gap in one(classifier, "tiny and grey").gaps] == ["colour"]
