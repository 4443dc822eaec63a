"""training.features: clauses as texts of their own, targets on the right tokens, padding that says nothing."""

import pytest
import torch
from datasets import Dataset
from tokenizers import Tokenizer

from gapshot.taxonomy import CATEGORIES
from tests.training.labelled import LARGE, SMALL, labelled, rows_of
from training import encoder, features
from training.config import Encoder, Scratch
from training.data import ABSENT
from training.model import UNMARKED

SIZE, TEXTURE, COLOUR, FIT = range(4)
TEXTS = ["the jug is tiny", "rather grey than blue", "scratchy wool", "tight at the waist", "colour and size"] * 3


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return encoder.load(Encoder(scratch=Scratch(vocabulary=400)), TEXTS)[1]


def quoted(row: dict[str, list[list[float]]], tokenizer: Tokenizer, category: int) -> str:
    """The tokens on which the target of `category` stands, as text."""
    marked = zip(row["input_ids"], row["evidence"], strict=True)
    return str(tokenizer.decode([id_ for id_, target in marked if target[category] == 1.0]))  # type: ignore[misc]


def one(tokenizer: Tokenizer, **row: object) -> dict[str, list[list[float]]]:
    encoded: dict[str, list[list[float]]] = features.encode(rows_of(row), tokenizer)[0]
    return encoded


def test_every_marked_clause_becomes_a_text_with_its_own_labels() -> None:
    text = "The jug is tiny, and the blue is rather grey."
    row = labelled(text, {"size_scale": ["jug is tiny"], "colour": ["blue is rather grey"]}, size_scale=SMALL, colour=0)
    small, grey = features.clauses(rows_of(row))
    assert (small["text"], grey["text"]) == ("jug is tiny", "blue is rather grey")
    assert small["labels"] == [1.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    assert grey["labels"] == [0.0, 0.0, 1.0, 0.0, 0.0, 0.0]
    assert small["direction"] == [SMALL, ABSENT]
    assert grey["direction"] == [ABSENT, ABSENT]
    assert small["evidence"] == [{"category": SIZE, "start": 0, "end": 11}]
    assert small["marked"] == [True] * 6


def test_a_clause_that_states_two_gaps_carries_both_and_comes_once() -> None:
    words = "huge and baggy at the waist"
    row = labelled(f"It is {words}.", {"size_scale": [words], "fit": [words]}, size_scale=LARGE, fit=LARGE)
    (clause,) = features.clauses(rows_of(row))
    assert clause["labels"] == [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]
    assert clause["direction"] == [LARGE, LARGE]


def test_a_clause_takes_the_label_of_a_mark_that_covers_half_of_it_and_no_less() -> None:
    text = "0123456789abcdefghij"
    long, half, less = "0123456789", "56789abcdefghij", "6789abcdefghij"
    row = labelled(text, {"texture": [long], "colour": [half], "defect": [less]}, texture=0, colour=0, defect=0)
    assert features.clauses(rows_of(row))[0]["labels"] == [0.0, 1.0, 1.0, 0.0, 0.0, 0.0]


def test_a_clause_of_a_word_or_no_clause_at_all_gives_no_text() -> None:
    rows = rows_of(labelled("It is huge.", {"size_scale": ["huge"]}, size_scale=LARGE), labelled("changed my mind"))
    assert len(features.clauses(rows)) == 0


def test_clauses_have_the_columns_of_the_rows_they_come_from() -> None:
    rows: Dataset = rows_of(labelled("rather grey than blue", {"colour": ["rather grey"]}, colour=0))
    assert features.clauses(rows).features == rows.features


def test_targets_stand_on_the_marked_words_alone(tokenizer: Tokenizer) -> None:
    row = one(tokenizer, **labelled("the jug is tiny", {"size_scale": ["is tiny"]}, size_scale=SMALL))
    assert quoted(row, tokenizer, SIZE) == "is tiny"
    assert quoted(row, tokenizer, COLOUR) == ""


@pytest.mark.parametrize(
    "text",
    [
        "colour &amp; size: rather grey",
        "<br/>the&nbsp;jug <b>is</b>|rather grey",
        "the   jug\n\nis\trather grey",
        "&pound;20 jug, rather grey &#128512;",
    ],
)
def test_targets_stand_on_the_right_words_after_entities_and_tags(text: str, tokenizer: Tokenizer) -> None:
    row = one(tokenizer, **labelled(text, {"colour": ["rather grey"]}, colour=0))
    assert quoted(row, tokenizer, COLOUR) == "rather grey"


def test_special_tokens_are_never_evidence(tokenizer: Tokenizer) -> None:
    text = "scratchy wool"
    row = one(tokenizer, **labelled(text, {"texture": [text]}, texture=0))
    assert [target[TEXTURE] for target in row["evidence"]] == [0.0, *[1.0] * (len(row["input_ids"]) - 2), 0.0]


def test_a_gap_without_marked_clauses_says_nothing_about_tokens(tokenizer: Tokenizer) -> None:
    row = one(tokenizer, **labelled("tight at the waist", fit=SMALL))
    assert {target[FIT] for target in row["evidence"]} == {UNMARKED}
    assert {target[SIZE] for target in row["evidence"]} == {0.0}  # not stated: no token states it


def test_length_counts_tokens_up_to_the_truncation(tokenizer: Tokenizer) -> None:
    tokenizer = Tokenizer.from_str(tokenizer.to_str())
    tokenizer.enable_truncation(8)
    row = one(tokenizer, **labelled("the jug is tiny " * 20, size_scale=SMALL))
    assert row["length"] == len(row["input_ids"]) == len(row["evidence"]) == 8


def test_a_batch_is_padded_with_zeros_that_carry_no_target() -> None:
    nothing = [0.0] * len(CATEGORIES)
    short = {"input_ids": [2, 3], "gaps": nothing, "direction": [ABSENT, ABSENT], "evidence": [nothing] * 2}
    long = {"input_ids": [2, 5, 6, 3], "gaps": [1.0] * 6, "direction": [SMALL, LARGE], "evidence": [nothing] * 4}
    batch = features.collate([short, long])
    assert batch["input_ids"].tolist() == [[2, 3, 0, 0], [2, 5, 6, 3]]
    assert batch["attention_mask"].tolist() == [[1, 1, 0, 0], [1, 1, 1, 1]]
    assert batch["labels"]["gaps"].tolist() == [nothing, [1.0] * 6]
    assert batch["labels"]["direction"].tolist() == [[ABSENT, ABSENT], [SMALL, LARGE]]
    assert torch.all(batch["labels"]["evidence"][0, 2:] == UNMARKED)
    assert torch.all(batch["labels"]["evidence"][0, :2] == 0)


def test_stitched_comments_state_the_gaps_of_both(tokenizer: Tokenizer) -> None:
    tiny = labelled("the jug is tiny", {"size_scale": ["is tiny"]}, size_scale=SMALL)
    grey = labelled("rather grey than blue", {"colour": ["rather grey"]}, colour=0)
    found: list[str] = []
    rows = features.stitched(rows_of(*[tiny, grey] * 4), seed=3)
    assert len(rows) == 8
    for row in rows:
        both = {mark["category"]: row["text"][mark["start"] : mark["end"]] for mark in row["evidence"]}
        stated = {k for k, label in enumerate(row["labels"]) if label}
        if "tiny" in row["text"] and "grey" in row["text"]:
            assert (stated, both) == ({SIZE, COLOUR}, {SIZE: "is tiny", COLOUR: "rather grey"})
            assert {category: quoted(one(tokenizer, **row), tokenizer, category) for category in both} == both
            found.append(row["text"])
        assert all(row["marked"])
    assert found


def test_stitching_asks_nothing_about_unspecified_where_one_half_tells_the_gap() -> None:
    vague, tiny = labelled("not as pictured", unspecified=0), labelled("the jug is tiny", size_scale=SMALL)
    gift = labelled("gift, not wanted")
    rows = features.stitched(rows_of(*[vague, tiny, gift] * 6), seed=2)
    found = {
        frozenset(words for words in ("pictured", "tiny", "gift") if words in row["text"]): row["labels"][-1]
        for row in rows
    }
    assert found[frozenset({"pictured", "tiny"})] == UNMARKED
    assert found[frozenset({"pictured", "gift"})] == found[frozenset({"pictured"})] == 1.0
    assert found[frozenset({"tiny", "gift"})] == 0.0


def test_a_direction_beside_an_unknown_one_stands() -> None:
    rows = features.stitched(
        rows_of(*[labelled("sleeves too short", fit=SMALL), labelled("fits badly", fit=0)] * 4), seed=1
    )
    mixed = [row["direction"] for row in rows if "short" in row["text"] and "badly" in row["text"]]
    assert mixed
    assert all(direction == [ABSENT, SMALL] for direction in mixed)


def test_stitched_comments_with_opposite_directions_have_none() -> None:
    tiny, huge = labelled("sleeves too short", fit=SMALL), labelled("gapes at the waist", fit=LARGE)
    rows = features.stitched(rows_of(tiny, huge, tiny, huge), seed=1)
    mixed = [row for row in rows if "short" in row["text"] and "gapes" in row["text"]]
    assert mixed
    assert all(row["direction"] == [ABSENT, 0] for row in mixed)
    assert all(not row["marked"][FIT] for row in rows)
