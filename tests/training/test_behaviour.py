"""training.behaviour: the committed cases keep their promises, and pass rates can be counted by hand."""

import json
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from gapshot.classifier import Classifier
from gapshot.errors import TableError
from gapshot.taxonomy import CATEGORIES
from training import behaviour
from training.behaviour import Case
from training.data import OWN_COMMENTS, identity

INVARIANT = "robustness"
GUIDE = Path(__file__).parents[2] / "docs" / "behaviour.md"

SMALL = [
    ("size", "the bowl is tiny", {"size_scale": "small"}, 1),  # right
    ("size", "the bowl is fine", {}, 1),  # right: pair 1 passes
    ("size", "the bowl is huge", {"size_scale": "small"}, 2),  # the category found, the direction wrong
    ("size", "the bowl is misjudged", {"size_scale": None}, 2),  # right, but its pair is lost
    ("size", "the ring is tiny", {"size_scale": None}, 3),  # right: no direction is asked for
    ("size", "the ring is not tiny", {}, 3),  # wrong: the stand-in knows no negation
    ("several", "itchy, and the zip is broken", {"texture": None, "defect": None}, 4),  # right
    ("several", "soft, and the zip is broken", {"texture": None, "defect": None}, 4),  # wrong: one of two found
]


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return behaviour.read()


def written(path: Path, lines: list[str]) -> Path:
    path.write_text("".join(line + "\n" for line in lines), "utf-8")
    return path


@pytest.fixture
def small(tmp_path: Path) -> Path:
    keys = ("phenomenon", "text", "gaps", "pair")
    return written(tmp_path / "small.jsonl", [json.dumps(dict(zip(keys, row, strict=True))) for row in SMALL])


def by_pair(cases: list[Case]) -> dict[int, list[Case]]:
    pairs: dict[int, list[Case]] = {}
    for case in cases:
        pairs.setdefault(case.pair, []).append(case)
    return pairs


def test_there_are_at_least_300_cases_and_ten_of_every_phenomenon(cases: list[Case]) -> None:
    counts = Counter(case.phenomenon for case in cases)
    assert len(cases) >= 300
    assert len(counts) >= 20
    assert min(counts.values()) >= 10


def test_no_case_stands_there_twice(cases: list[Case]) -> None:
    assert [text for text, count in Counter(case.text for case in cases).items() if count > 1] == []


def test_every_pair_has_two_rows_or_more_of_one_phenomenon(cases: list[Case]) -> None:
    pairs = by_pair(cases)
    assert [pair for pair, rows in pairs.items() if len(rows) < 2] == []
    assert [pair for pair, rows in pairs.items() if len({row.phenomenon for row in rows}) > 1] == []


def test_within_a_pair_every_row_has_another_answer_unless_nothing_may_change(cases: list[Case]) -> None:
    for pair, rows in by_pair(cases).items():
        different = len({json.dumps(row.gaps, sort_keys=True) for row in rows})
        assert different == (1 if rows[0].phenomenon == INVARIANT else len(rows)), pair


def test_every_category_is_asked_for_and_so_is_none(cases: list[Case]) -> None:
    counts = Counter(category for case in cases for category in case.gaps or ("none",))
    assert counts.keys() == {*CATEGORIES, "none"}
    assert min(counts.values()) >= 25


def test_no_case_is_a_comment_that_trains(cases: list[Case]) -> None:
    own = {json.loads(line)["id"] for line in OWN_COMMENTS.read_text("utf-8").splitlines()}
    assert [case.pair for case in cases if identity(case.text) in own] == []


def test_the_guide_names_every_phenomenon_with_its_number_of_cases(cases: list[Case]) -> None:
    guide = GUIDE.read_text("utf-8")
    counts = Counter(case.phenomenon for case in cases)
    assert [name for name, count in counts.items() if f"| `{name}` | {count} |" not in guide] == []


def test_pass_rates_are_those_counted_by_hand(classifier: Classifier, small: Path) -> None:
    assert behaviour.rates(classifier, small) == {
        "size": {"cases": 6, "passed": 4, "pass_rate": 0.6667, "pairs": 3, "pairs_passed": 1},
        "several": {"cases": 2, "passed": 1, "pass_rate": 0.5, "pairs": 1, "pairs_passed": 0},
        "all": {"cases": 8, "passed": 5, "pass_rate": 0.625, "pairs": 4, "pairs_passed": 1},
    }


def test_an_extra_gap_fails_a_case() -> None:
    case = Case(phenomenon="size", text="tiny", gaps={"size_scale": "small"}, pair=1)
    assert case.passes({"size_scale": "small"})
    assert not case.passes({"size_scale": "small", "unspecified": None})
    assert not case.passes({})


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"phenomenon": "size", "text": "secret", "gaps": {"scent": null}, "pair": 1}', "unknown label 'scent'"),
        ('{"phenomenon": "size", "text": "secret", "gaps": {"colour": "small"}, "pair": 1}', "colour cannot have"),
        ('{"phenomenon": "size", "text": "secret", "gaps": {"fit": "tight"}, "pair": 1}', "fit cannot have"),
        ('{"phenomenon": "size", "text": "secret", "gaps": {}}', "pair: Field required"),
        ('{"phenomenon": "size", "text": "secret", "gaps": {}, "pair": 1, "sku": 3}', "sku: Extra inputs"),
        ('{"phenomenon": "", "text": "secret", "gaps": {}, "pair": 1}', "phenomenon: "),
        ("secret", "the line: Invalid JSON"),
    ],
)
def test_a_broken_line_is_named_and_its_text_is_not(tmp_path: Path, line: str, reason: str) -> None:
    good = '{"phenomenon": "size", "text": "tiny", "gaps": {"size_scale": "small"}, "pair": 1}'
    with pytest.raises(TableError, match=r"cases\.jsonl, line 2: ") as raised:
        behaviour.read(written(tmp_path / "cases.jsonl", [good, line]))
    assert reason in str(raised.value)
    assert "secret" not in str(raised.value)


def test_the_command_shows_every_phenomenon_and_lists_failures_when_asked(
    bundle: Path, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(behaviour, "CASES", small)
    monkeypatch.setenv("COLUMNS", "200")
    shown = CliRunner().invoke(behaviour.main, [str(bundle)])
    assert shown.exit_code == 0
    assert "62.5%" in shown.output
    assert "not tiny" not in shown.output
    assert "not tiny" in CliRunner().invoke(behaviour.main, [str(bundle), "--failures"]).output
