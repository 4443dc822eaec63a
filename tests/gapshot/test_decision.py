"""Logits become probabilities, gaps and directions; files at fault are refused by name."""

import json
from pathlib import Path

import numpy as np
import pytest

from gapshot.decision import Decision, sigmoid
from gapshot.errors import BundleError, SettingsError
from gapshot.taxonomy import CATEGORIES

SIX = (1.0,) * 6
PLAIN = Decision(SIX, (0.0,) * 6, (0.5,) * 6)


def test_the_logistic_function_is_right_and_never_overflows() -> None:
    assert sigmoid(np.array([0.0, 4.0, -4.0])).round(3).tolist() == [0.5, 0.982, 0.018]
    assert sigmoid(np.array([-1e4, 1e4])).tolist() == [0.0, 1.0]


def test_scale_and_bias_shift_one_category_only() -> None:
    decision = Decision((2.0, *SIX[1:]), (-1.0, *(0.0,) * 5), (0.5,) * 6)
    found = decision.probabilities(np.full(6, 1.5))
    assert found.round(3).tolist() == [0.881, *[0.818] * 5]  # sigmoid(2 * 1.5 - 1), sigmoid(1.5)


def test_a_probability_at_the_threshold_is_a_gap() -> None:
    assert PLAIN.stated(np.array([0.5, 0.4999, 0.6, 0, 1, 0.5])).tolist() == [True, False, True, False, True, True]


@pytest.mark.parametrize(
    ("logits", "direction"), [([0, 3, 0], "small"), ([0, 0, 3], "large"), ([3, 0, 0], None), ([1, 1, 1], None)]
)
def test_a_direction_needs_half_of_the_probability(logits: list[float], direction: str | None) -> None:
    assert PLAIN.direction_of(np.array(logits, float)) == direction


def test_a_decision_survives_its_file(tmp_path: Path) -> None:
    PLAIN.write(tmp_path / "decision.json")
    assert Decision.read(tmp_path / "decision.json") == PLAIN


def test_a_decision_without_a_category_is_refused_by_name(tmp_path: Path) -> None:
    PLAIN.write(tmp_path / "decision.json")
    values = json.loads((tmp_path / "decision.json").read_text())
    del values["categories"]["colour"]
    (tmp_path / "decision.json").write_text(json.dumps(values))
    with pytest.raises(BundleError, match=r"decision\.json.*colour"):
        Decision.read(tmp_path / "decision.json")


def test_a_merchants_thresholds_replace_only_those_they_name(tmp_path: Path) -> None:
    (tmp_path / "own.json").write_text('{"colour": 0.7}')
    own = PLAIN.with_thresholds(tmp_path / "own.json")
    assert dict(zip(CATEGORIES, own.threshold, strict=True)) == dict.fromkeys(CATEGORIES, 0.5) | {"colour": 0.7}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('{"color": 0.7}', "unknown category 'color'"),
        ('{"colour": 1.0}', "threshold of colour"),
        ('{"colour": "high"}', "threshold of colour"),
        ('{"colour": true}', "threshold of colour"),
        ("[0.7]", "must be an object"),
        ("{", "not readable as JSON"),
    ],
)
def test_a_threshold_file_at_fault_is_refused_with_the_reason(tmp_path: Path, content: str, reason: str) -> None:
    (tmp_path / "own.json").write_text(content)
    with pytest.raises(SettingsError, match=reason) as caught:
        PLAIN.with_thresholds(tmp_path / "own.json")
    assert "own.json" in str(caught.value)
