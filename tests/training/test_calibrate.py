"""training.calibrate: known scales and biases found again, the mix of forms, thresholds with a floor."""

import numpy as np
import pytest

from gapshot.decision import sigmoid
from gapshot.taxonomy import CATEGORIES
from tests.training.labelled import SMALL, labelled, rows_of
from training import calibrate
from training.config import Calibration
from training.data import ABSENT

LEVEL = np.ones(20)


def test_forms_are_weighted_to_the_mix_of_the_traffic() -> None:
    weights = calibrate.form_weights(["return_form", "review", "review", "review"], share=0.5)
    assert weights == pytest.approx([2.0, 2 / 3, 2 / 3, 2 / 3])
    assert weights.mean() == pytest.approx(1.0)


@pytest.mark.parametrize("form", ["return_form", "review"])
def test_one_form_alone_is_not_weighted(form: str) -> None:
    assert calibrate.form_weights([form] * 3, share=0.5).tolist() == [1.0, 1.0, 1.0]


def test_a_known_scale_and_bias_are_found_again() -> None:
    draw = np.random.default_rng(0)
    logits = draw.normal(scale=2.0, size=50_000)
    true = draw.random(50_000) < sigmoid(0.7 * logits - 1.2)
    scale, bias = calibrate.scale_and_bias(logits, true, np.ones(50_000))
    assert scale == pytest.approx(0.7, abs=0.03)
    assert bias == pytest.approx(-1.2, abs=0.05)


def test_every_category_gets_its_own_scale_and_bias() -> None:
    draw = np.random.default_rng(1)
    scales, biases = np.linspace(0.5, 1.5, 6), np.linspace(-1.0, 1.0, 6)
    logits = draw.normal(scale=2.0, size=(30_000, 6))
    true = draw.random((30_000, 6)) < sigmoid(scales * logits + biases)
    decision = calibrate.fit(logits, true, ["review"] * 30_000, Calibration())
    assert decision.scale == pytest.approx(scales, abs=0.06)
    assert decision.bias == pytest.approx(biases, abs=0.08)


def test_a_form_weighs_its_share_of_the_traffic_not_of_the_rows() -> None:
    # Logits say nothing. 5 of 10 return forms and 9 of 90 reviews state the gap: half of 0.5 and half of 0.1 is 0.3.
    forms = ["return_form"] * 10 + ["review"] * 90
    true = np.zeros((100, 6), bool)
    true[:5] = true[10:19] = True
    decision = calibrate.fit(np.zeros((100, 6)), true, forms, Calibration(return_form_weight=0.5))
    assert decision.probabilities(np.zeros(6)) == pytest.approx([0.3] * 6, abs=1e-3)


@pytest.mark.parametrize("answer", [True, False])
def test_a_category_that_is_always_or_never_true_stays_as_it_is(answer: bool) -> None:
    assert calibrate.scale_and_bias(np.arange(5.0), np.full(5, answer), np.ones(5)) == (1.0, 0.0)


def test_the_threshold_lies_between_what_is_true_and_what_is_not() -> None:
    true = np.arange(20) < 10
    level = calibrate.threshold(np.where(true, 0.7, 0.3), true, LEVEL, floor=10)
    assert 0.3 < level <= 0.7


def test_below_the_support_floor_the_threshold_stays_at_a_half() -> None:
    true = np.arange(20) < 10
    probability = np.where(true, 0.25, 0.15)
    assert calibrate.threshold(probability, true, LEVEL, floor=11) == 0.5
    assert calibrate.threshold(probability, true, LEVEL, floor=10) < 0.25


def test_a_row_counts_in_the_threshold_by_its_weight() -> None:
    # Ten positives at 0.7, ten negatives at 0.5: a level above 0.5 is right, unless the negatives weigh nothing
    # and one more positive lies at 0.4.
    true = np.array([True] * 11 + [False] * 10)
    probability = np.array([0.7] * 10 + [0.4] + [0.5] * 10)
    assert calibrate.threshold(probability, true, np.ones(21), floor=5) > 0.5
    assert calibrate.threshold(probability, true, np.array([1.0] * 11 + [0.0] * 10), floor=5) < 0.4


def test_a_decision_from_few_rows_has_every_threshold_at_a_half() -> None:
    draw = np.random.default_rng(2)
    decision = calibrate.fit(draw.normal(size=(30, 6)), draw.random((30, 6)) < 0.5, ["review"] * 30, Calibration())
    assert decision.threshold == (0.5,) * 6


def test_the_reference_counts_labels_scores_and_lengths() -> None:
    rows = rows_of(
        labelled("tiny", size_scale=SMALL),
        labelled("rather grey, and tiny", size_scale=SMALL, colour=0),
        labelled("late"),
    )
    probability = np.full((3, 6), 0.05)
    probability[:2, 0] = 0.95
    found = calibrate.reference(rows, probability)
    assert found["comments"] == 3
    assert found["label_mix"] == dict.fromkeys(CATEGORIES, 0.0) | {"size_scale": 0.6667, "colour": 0.3333}
    assert found["score_histogram"]["size_scale"] == [1, 0, 0, 0, 0, 0, 0, 0, 0, 2]
    assert found["score_histogram"]["fit"] == [3, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    assert found["characters"]["0.5"] == 4  # of 4, 4 and 21


def test_a_direction_is_said_from_where_most_are_right() -> None:
    likely = np.log([[[0.50, 0.42, 0.08]], [[0.52, 0.08, 0.40]], [[0.50, 0.46, 0.04]], [[0.90, 0.05, 0.05]]])
    logits = np.repeat(likely, 2, axis=1)
    true = np.array([[1, ABSENT], [2, ABSENT], [ABSENT, 0], [ABSENT, 0]])
    assert calibrate.direction_level(logits, true, np.ones(4)) == 0.4  # 0.42 and 0.40 are right, 0.46 is wrong
    assert calibrate.direction_level(logits, true, np.array([1, 1, 9, 1])) == 0.5  # 0.46 weighs more
    assert calibrate.direction_level(logits, np.full((4, 2), ABSENT), np.ones(4)) == 0.5
