"""training.baselines: rules that can be read, five methods on the same rows, one table."""

from collections.abc import Iterator

import numpy as np
import pytest
from datasets import Dataset
from rich.console import Console

from gapshot.quality import Answers
from gapshot.taxonomy import CATEGORIES
from training import baselines, data, peers, split
from training.baselines import Baseline, keywords
from training.config import Calibration, Config, Encoder, Optimiser, Scratch
from training.config import Data as Rows

CONFIG = Config(
    name="test",
    encoder=Encoder(scratch=Scratch(layers=1, hidden=16, vocabulary=300)),
    data=Rows(reviews=False, limit=200),
    optimiser=Optimiser(bf16=False),
    calibration=Calibration(support_floor=5),
)


def found(text: str) -> set[str]:
    return {category for category, stated in zip(CATEGORIES, keywords(text), strict=True) if stated}


@pytest.fixture(scope="module")
def parts() -> dict[str, Dataset]:
    rows, _ = data.load(reviews=False)
    return {name: split.select(rows, name).select(range(230)) for name in split.NAMES}


@pytest.fixture(autouse=True, scope="module")
def few_steps() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(peers, "STEPS", 10)
        yield


@pytest.fixture(scope="module")
def compared(parts: dict[str, Dataset]) -> list[Baseline]:
    return baselines.compare(parts, CONFIG)


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("Too small", "size_scale"),
        ("runs a bit large, go down a size", "size_scale"),
        ("itchy and see-through", "texture"),
        ("looks cheap", "texture"),
        ("The colour is different", "colour"),
        ("more grey than blue", "colour"),
        ("it isn’t navy at all", "colour"),
        ("tight in the shoulders", "fit"),
        ("doesn't fit", "fit"),
        ("arrived damaged", "defect"),
        ("stopped working after a week", "defect"),
        ("not as pictured", "unspecified"),
        ("looks nothing like the photo", "unspecified"),
    ],
)
def test_a_plain_comment_is_found_by_its_words(text: str, category: str) -> None:
    assert found(text) == {category}


@pytest.mark.parametrize("text", ["", "changed my mind", "not too small", "it isn't itchy", "was never too tight"])
def test_other_reasons_and_denials_state_nothing(text: str) -> None:
    assert found(text) == set()


def test_several_gaps_are_found_at_once() -> None:
    assert found("too small and the zip is broken") == {"size_scale", "defect"}


def test_unspecified_stands_only_where_nothing_else_is_said() -> None:
    assert found("not as described") == {"unspecified"}
    assert found("not as described, much too small") == {"size_scale"}


def test_rules_match_whole_words_only() -> None:
    assert found("I tore through the catalogue's trips and thinking") == {"defect"}  # tore; not rip, not thin


def test_there_are_rules_for_every_category() -> None:
    assert tuple(baselines.KEYWORDS) == CATEGORIES


def test_five_baselines_answer_the_whole_test_split(parts: dict[str, Dataset], compared: list[Baseline]) -> None:
    assert [each.name for each in compared] == [
        "keyword rules",
        "tf-idf + logistic regression",
        "frozen embeddings + logistic regression",
        "SetFit + logistic regression",
        "model2vec classifier",
    ]
    for each in compared:
        assert each.answers.true.tolist() == (np.array(parts["test"]["labels"]) > 0).tolist()
        assert each.answers.stated.shape == each.answers.probability.shape == (230, 6)
        assert each.answers.probability.min() >= 0
        assert each.answers.probability.max() <= 1
        assert each.seconds_per_comment > 0


def test_keyword_rules_are_as_sure_as_they_sound(parts: dict[str, Dataset], compared: list[Baseline]) -> None:
    assert compared[0].answers.stated[5].tolist() == keywords(parts["test"]["text"][5])
    assert compared[0].answers.probability.tolist() == compared[0].answers.stated.astype(float).tolist()


def test_a_second_run_gives_the_same_answers(parts: dict[str, Dataset], compared: list[Baseline]) -> None:
    again = baselines.compare(parts, CONFIG)
    for first, second in zip(compared, again, strict=True):
        assert first.answers.probability == pytest.approx(second.answers.probability, abs=1e-4)


def test_the_table_shows_what_can_be_counted_by_hand() -> None:
    true = np.eye(6, dtype=bool)
    perfect = Baseline("all right", Answers(true, true, true.astype(float)), 0.0015)
    nothing = Baseline("says nothing", Answers(true, true & False, np.zeros((6, 6))), 0.00002)
    console = Console(width=100)
    with console.capture() as capture:
        console.print(baselines.table([perfect, nothing]))
    lines = capture.get().splitlines()
    assert ["1.000", "0.000"] in [line.replace("│", " ").split()[-2:] for line in lines if "macro-F1" in line]
    assert [line.replace("│", " ").split()[-2:] for line in lines if "ms a comment" in line] == [["1.50", "0.02"]]
    assert sum("F1 " in line for line in lines) == 1 + len(CATEGORIES)
