"""gapshot.quality: every figure by hand, on ten comments or fewer."""

import math
from collections.abc import Sequence

import numpy as np
import pytest

from gapshot import quality
from gapshot.quality import Answers, Truth
from gapshot.result import Evidence, Gap, Result
from gapshot.taxonomy import CATEGORIES

SIZE, TEXTURE, COLOUR, FIT, DEFECT, UNSPECIFIED = range(6)


def answers(true: Sequence[set[int]], stated: Sequence[set[int]]) -> Answers:
    """Comments by the category numbers that are true, and those that were stated (with probability 1)."""
    table = [np.array([[k in row for k in range(6)] for row in rows], bool) for rows in (true, stated)]
    return Answers(table[0], table[1], table[1].astype(float))


def result(**gaps: str | None) -> Result:
    """An answer that states `gaps` (category=direction) with probability 0.9, all others with 0.1."""
    found = tuple(Gap(category, 0.9, direction, None, "unknown", ()) for category, direction in gaps.items())
    return Result("ok", gaps=found, scores={c: 0.9 if c in gaps else 0.1 for c in CATEGORIES})


def quoting(*spans: tuple[int, int]) -> Result:
    """An answer that states a gap of colour and quotes `spans` for it."""
    evidence = tuple(Evidence(start, end, "x" * (end - start)) for start, end in spans)
    gap = Gap("colour", 0.9, None, None, "unknown", evidence)
    return Result("ok", gaps=(gap,), scores=dict.fromkeys(CATEGORIES, 0.5))


def truth(**gaps: str | None) -> Truth:
    return Truth(gaps, {})


def test_answers_line_up_truth_and_results_by_category() -> None:
    both = Answers.of([truth(colour=None, fit="small"), truth()], [result(colour=None), result(unspecified=None)])
    assert both.true.astype(int).tolist() == [[0, 0, 1, 1, 0, 0], [0, 0, 0, 0, 0, 0]]
    assert both.stated.astype(int).tolist() == [[0, 0, 1, 0, 0, 0], [0, 0, 0, 0, 0, 1]]
    assert both.probability.tolist() == [[0.1, 0.1, 0.9, 0.1, 0.1, 0.1], [0.1, 0.1, 0.1, 0.1, 0.1, 0.9]]


def test_a_comment_that_was_not_read_states_nothing_with_probability_zero() -> None:
    unread = Answers.of([truth(colour=None)], [Result("no_text")])
    assert not unread.stated.any()
    assert unread.probability.tolist() == [[0.0] * 6]


def test_f1_of_two_found_one_missed_and_one_wrong_is_two_thirds() -> None:
    both = answers([{COLOUR}, {COLOUR}, {COLOUR}, set()], [{COLOUR}, {COLOUR}, set(), {COLOUR}])
    assert quality.f1(both.true, both.stated)[COLOUR] == pytest.approx(2 / 3)  # precision 2/3, recall 2/3


def test_f1_is_no_number_where_nothing_was_to_be_found_and_zero_where_all_was_missed() -> None:
    both = answers([{SIZE}, set()], [set(), set()])
    assert [str(score) for score in quality.f1(both.true, both.stated)] == ["0.0", *["nan"] * 5]
    assert quality.macro_f1(both) == 0.0  # a gap that all is missed of is not outweighed by gaps that do not occur
    assert math.isnan(quality.macro_f1(both.rows([1])))


def test_macro_f1_is_the_mean_of_the_five_and_leaves_unspecified_apart() -> None:
    true = [{SIZE}, {TEXTURE}, {COLOUR}, {FIT}, {DEFECT}, {UNSPECIFIED}]
    stated: list[set[int]] = [{SIZE}, {TEXTURE}, {COLOUR}, {FIT}, set(), set()]
    assert quality.macro_f1(answers(true, stated)) == pytest.approx(4 / 5)


def test_exact_counts_comments_whose_five_are_all_right() -> None:
    true = [{SIZE}, {SIZE, FIT}, set(), {UNSPECIFIED}]
    stated = [{SIZE}, {SIZE}, {COLOUR}, {DEFECT, UNSPECIFIED}]
    assert quality.exact(answers(true, stated)) == 0.25
    stated[3] = set()  # unspecified is not one of the five
    assert quality.exact(answers(true, stated)) == 0.5


def test_chosen_rows_keep_their_order() -> None:
    both = answers([{SIZE}, {FIT}, {COLOUR}], [{SIZE}, set(), set()])
    chosen = both.rows([2, 0])
    assert chosen.true.argmax(1).tolist() == [COLOUR, SIZE]
    assert chosen.stated.any(1).tolist() == [False, True]


def test_calibration_error_weighs_the_bins_by_their_comments() -> None:
    # Four at 0.95, three of them true: 0.2 apart. Six at 0.05, none true: 0.05 apart. (4 x 0.2 + 6 x 0.05) / 10.
    true = np.array([True] * 3 + [False] * 7)
    probability = np.array([0.95] * 4 + [0.05] * 6)
    assert quality.calibration_error(true, probability) == pytest.approx(0.11)


def test_a_probability_of_one_lies_in_the_last_bin() -> None:
    assert quality.calibration_error(np.array([True, False]), np.array([1.0, 0.9])) == pytest.approx(0.45)


def test_average_precision_is_the_mean_precision_at_each_hit() -> None:
    true = np.array([True, False, True, False])
    assert quality.average_precision(true, np.array([0.9, 0.8, 0.7, 0.1])) == pytest.approx((1 + 2 / 3) / 2)


def test_average_precision_does_not_depend_on_the_order_of_equal_probabilities() -> None:
    even = np.full(4, 0.5)
    for true in ([True, False, False, False], [False, False, False, True]):
        assert quality.average_precision(np.array(true), even) == pytest.approx(0.25)


def test_precision_at_recall_names_the_threshold_that_gives_it() -> None:
    true = np.array([True, False, True, True, False, True])
    probability = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    assert quality.precision_at_recall(true, probability, 0.25) == (1.0, 0.9)
    assert quality.precision_at_recall(true, probability, 0.5) == (0.75, 0.6)  # 3 of 4 is better than 2 of 3
    assert quality.precision_at_recall(true, probability, 1.0) == pytest.approx((4 / 6, 0.4))


def test_precision_at_recall_takes_equal_probabilities_together() -> None:
    true = np.array([True, False, False, False])
    assert quality.precision_at_recall(true, np.full(4, 0.5), 1.0) == (0.25, 0.5)


def test_figures_without_positives_are_not_numbers() -> None:
    none, probability = np.zeros(3, bool), np.array([0.1, 0.2, 0.3])
    assert math.isnan(quality.average_precision(none, probability))
    assert all(math.isnan(value) for value in quality.precision_at_recall(none, probability, 0.8))


def test_an_interval_is_the_middle_of_the_resamples_without_those_that_have_no_figure() -> None:
    assert quality.interval([*range(101), math.nan]) == [2.5, 97.5]
    assert quality.interval([math.nan]) == [None, None]


def test_the_interval_of_a_report_holds_its_figure_and_is_the_same_every_time() -> None:
    truths = [truth(size_scale=None), truth(size_scale=None), truth(fit=None), truth(fit=None)] * 10
    results = [result(size_scale=None), result(), result(fit=None), result(size_scale=None)] * 10
    found = quality.report(truths, results)
    low, high = found["macro_f1_interval"]
    assert 0 <= low < found["macro_f1"] < high <= 1
    assert quality.report(truths, results) == found


def test_a_direction_counts_where_the_gap_is_true_and_found() -> None:
    small = truth(size_scale="small")
    truths = [small, truth(fit="large"), truth(fit=None), truth(colour=None), small]
    results = [result(size_scale="small"), result(fit="small"), result(fit=None), result(size_scale="small"), result()]
    assert quality.direction_right(truths, results) == (2, 3)  # an unknown direction left unknown is right


@pytest.mark.parametrize(
    ("quoted", "right"),
    [
        ((100, 200), 1),  # the clause itself
        ((100, 160), 1),  # 60 of its 100 characters
        ((100, 159), 0),  # 59
        ((140, 210), 1),  # 60, and 10 beside it
        ((0, 300), 1),  # three times as long
        ((0, 301), 0),
    ],
)
def test_a_quoted_span_covers_most_of_a_long_clause_and_not_much_more(quoted: tuple[int, int], right: int) -> None:
    truths = [Truth({"colour": None}, {"colour": [(100, 200)]})]
    assert quality.evidence_right(truths, [quoting(quoted)]) == (right, 1)


@pytest.mark.parametrize(("quoted", "right"), [((0, 70), 1), ((0, 71), 0), ((4, 10), 1), ((5, 10), 0)])
def test_a_short_clause_may_be_quoted_with_sixty_characters_more(quoted: tuple[int, int], right: int) -> None:
    truths = [Truth({"colour": None}, {"colour": [(0, 10)]})]
    assert quality.evidence_right(truths, [quoting(quoted)]) == (right, 1)


def test_one_right_span_of_several_is_enough() -> None:
    truths = [Truth({"colour": None}, {"colour": [(0, 10), (50, 60)]})]
    assert quality.evidence_right(truths, [quoting((20, 30), (50, 60))]) == (1, 1)


def test_evidence_counts_only_where_the_gap_is_true_found_and_marked() -> None:
    marked = {"colour": [(0, 10)]}
    truths = [Truth({"colour": None}, {}), Truth({}, marked), Truth({"colour": None}, marked)]
    assert quality.evidence_right(truths, [quoting((0, 10)), quoting((0, 10)), result(fit=None)]) == (0, 0)


def test_confusions_say_what_was_stated_instead() -> None:
    true = [{COLOUR}, {COLOUR}, {COLOUR}, {COLOUR, FIT}]
    stated = [{TEXTURE}, set(), {COLOUR}, {FIT}]
    table = quality.confusions(answers(true, stated))
    assert table["colour"] == {"texture": 1, "nothing": 2}  # a fit that is true is no confusion
    assert table["fit"] == {"nothing": 0}
    assert tuple(table) == CATEGORIES


def test_a_report_counts_what_can_be_counted_by_hand() -> None:
    truths = [truth(size_scale="small"), truth(size_scale="large"), truth(colour=None), truth()]
    results = [result(size_scale="small"), result(size_scale="small"), result(), result(size_scale=None)]
    found = quality.report(truths, results)
    size = found["categories"]["size_scale"]
    assert found["comments"] == 4
    assert (size["support"], size["stated"], size["precision"], size["recall"], size["f1"]) == (2, 3, 0.6667, 1.0, 0.8)
    assert found["macro_f1"] == 0.4  # 0.8 and 0; the other three neither occur nor are stated
    assert [found["categories"][c]["missed"] for c in ("size_scale", "colour")] == [0, 1]
    assert found["exact"] == 0.5
    assert (found["direction"], found["directions"]) == (0.5, 2)
    assert (found["evidence"], found["clauses"]) == (None, 0)
    assert found["categories"]["fit"]["precision"] is None
    assert found["categories"]["fit"]["at_recall"]["0.8"] == [None, None]
    assert found["confusions"]["colour"] == {"nothing": 1}


def test_there_is_no_report_on_no_comments() -> None:
    with pytest.raises(ValueError, match="at least one comment"):
        quality.report([], [])
