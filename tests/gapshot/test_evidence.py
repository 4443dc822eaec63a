"""Token probabilities become whole-word clauses in reading order."""

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gapshot.evidence import MOST, clauses


def quoted(
    text: str, marked: dict[str, float], rivals: dict[str, float] | None = None, level: float = 0.5
) -> list[str]:
    """Clauses of a text whose tokens are its words; `marked` gives words a probability, the others have 0.01.

    `rivals` does the same for another gap that the text states.
    """
    offsets = [match.span() for match in re.finditer(r"\w+|[^\w\s]", text)]
    probabilities = np.array([marked.get(text[start:end], 0.01) for start, end in offsets])
    others = np.array([(rivals or {}).get(text[start:end], 0.0) for start, end in offsets])
    return [text[start:end] for start, end in clauses(probabilities, others, offsets, text, level)]


def test_neighbouring_marked_words_are_one_clause() -> None:
    assert quoted("I like it but sleeves too long for me", {"sleeves": 0.9, "too": 0.8, "long": 0.9}) == [
        "sleeves too long"
    ]


def test_a_gap_of_two_words_is_bridged_and_of_three_is_not() -> None:
    assert quoted("tight a b waist", {"tight": 0.9, "waist": 0.9}) == ["tight a b waist"]
    assert quoted("tight a b c waist", {"tight": 0.9, "waist": 0.9}) == ["tight", "waist"]


def test_a_full_stop_is_never_bridged() -> None:
    assert quoted("too tight. Itchy", {"tight": 0.9, "Itchy": 0.9}) == ["tight", "Itchy"]


def test_below_the_level_the_strongest_words_are_quoted() -> None:
    assert quoted("maybe a touch big", {"big": 0.3, "touch": 0.2}) == ["touch big"]


def test_a_span_is_widened_to_whole_words_and_trimmed() -> None:
    text = "shoulder-straps dig, badly"
    spans = clauses(np.array([0.0, 0.9, 0.9, 0.0]), np.zeros(4), [(0, 8), (9, 13), (16, 20), (21, 26)], text, 0.5)
    assert [text[start:end] for start, end in spans] == ["shoulder-straps dig"]


def test_punctuation_alone_is_never_quoted_and_ends_a_clause_even_when_marked() -> None:
    assert quoted("!!! awful", {"!": 0.9, "awful": 0.3}) == ["awful"]
    assert quoted("is small. Colour wrong", {"is": 0.9, "small": 0.9, ".": 0.9, "Colour": 0.9, "wrong": 0.9}) == [
        "is small",
        "Colour wrong",
    ]


def test_at_most_three_clauses_the_surest_in_reading_order() -> None:
    text = "one x y z two x y z three x y z four"
    marked = {"one": 0.99, "two": 0.92, "three": 0.98, "four": 0.93}
    assert quoted(text, marked) == ["one", "three", "four"]


def test_a_run_that_is_faint_beside_the_surest_is_not_quoted() -> None:
    assert quoted("one x y z two x y z three", {"one": 0.95, "two": 0.8, "three": 0.9}) == ["one", "three"]


def test_words_that_another_gap_is_much_surer_of_are_left_to_it() -> None:
    text = "Vase is tiny and more grey than blue"
    size = {"Vase": 0.8, "is": 0.7, "tiny": 0.9, "and": 0.2}
    colour = {"Vase": 0.5, "is": 0.75, "tiny": 0.2, "and": 0.95, "more": 0.99, "grey": 0.99, "than": 0.98, "blue": 0.98}
    assert quoted(text, size, colour) == ["Vase is tiny"]
    assert quoted(text, colour, size) == ["more grey than blue"]


def test_a_word_that_serves_two_gaps_is_quoted_inside_a_clause_of_both_but_at_no_end() -> None:
    marked, rivals = {"thin": 0.9, "tight": 0.8, "sleeve": 0.9}, {"tight": 0.9, "fabric": 0.9}
    assert quoted("thin tight sleeve", marked, rivals) == ["thin tight sleeve"]
    assert quoted("thin tight", marked, rivals) == ["thin"]


def test_a_text_without_real_tokens_has_no_clause() -> None:
    assert clauses(np.array([0.9, 0.9]), np.zeros(2), [(0, 0), (0, 0)], "", 0.5) == []


@given(st.text("ab -.'é", min_size=1, max_size=30), st.data())
def test_clauses_are_inside_the_text_in_order_and_few(text: str, data: st.DataObject) -> None:
    offsets = [match.span() for match in re.finditer(r"\w+|[^\w\s]", text)]
    levels, rivals = (
        np.array(data.draw(st.lists(st.floats(0, 1), min_size=len(offsets), max_size=len(offsets)))) for _ in range(2)
    )
    spans = clauses(levels, rivals, offsets, text, 0.5)
    assert bool(spans) == any(c.isalnum() for c in text)
    assert len(spans) <= MOST
    flat = [border for span in spans for border in span]
    assert flat == sorted(flat)
    assert all(0 <= start < end <= len(text) for start, end in spans)
