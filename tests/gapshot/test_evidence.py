"""Token probabilities become whole-word clauses in reading order."""

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gapshot.evidence import MOST, clauses


def quoted(text: str, marked: dict[str, float], level: float = 0.5) -> list[str]:
    """Clauses of a text whose tokens are its words; `marked` gives words a probability, the others have 0.01."""
    offsets = [match.span() for match in re.finditer(r"\w+|[^\w\s]", text)]
    probabilities = np.array([marked.get(text[start:end], 0.01) for start, end in offsets])
    return [text[start:end] for start, end in clauses(probabilities, [*offsets, (0, 0)][:-1], text, level)]


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
    spans = clauses(np.array([0.0, 0.9, 0.9, 0.0]), [(0, 8), (9, 13), (16, 20), (21, 26)], text, 0.5)
    assert [text[start:end] for start, end in spans] == ["shoulder-straps dig"]


def test_at_most_three_clauses_the_surest_in_reading_order() -> None:
    text = "one x y z two x y z three x y z four"
    marked = {"one": 0.9, "two": 0.6, "three": 0.8, "four": 0.7}
    assert quoted(text, marked) == ["one", "three", "four"]


def test_a_text_without_real_tokens_has_no_clause() -> None:
    assert clauses(np.array([0.9, 0.9]), [(0, 0), (0, 0)], "", 0.5) == []


@given(st.text("ab -.'é", min_size=1, max_size=30), st.data())
def test_clauses_are_inside_the_text_in_order_and_few(text: str, data: st.DataObject) -> None:
    offsets = [match.span() for match in re.finditer(r"\w+|[^\w\s]", text)]
    levels = data.draw(st.lists(st.floats(0, 1), min_size=len(offsets), max_size=len(offsets)))
    spans = clauses(np.array(levels), offsets, text, 0.5)
    assert len(spans) <= MOST
    flat = [border for span in spans for border in span]
    assert flat == sorted(flat)
    assert all(0 <= start < end <= len(text) for start, end in spans)
