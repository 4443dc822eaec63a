"""Normalisation keeps the way back; fillers say nothing; only strong evidence makes a comment foreign."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapshot.text import language_of, normalise, says_nothing


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("too  small \t for me", "too small for me"),
        ("\n too small\r\n- colour faded\n", "too small . - colour faded"),
        ("too small<br>zip broke", "too small . zip broke"),
        ("itchy &amp; stiff", "itchy & stiff"),
        ("it&#39;s tiny", "it's tiny"),
        ("it&#x27;s tiny", "it's tiny"),
        ("isn&amp;#39;t blue", "isn't blue"),
        ("waist<mine but hips>mine", "waist<mine but hips>mine"),
        ("<p>Runs <b>small</b></p>", ". Runs small ."),
        ("Not as Expected|The sole is thin|No", "Not as Expected . The sole is thin . No"),
        ("size < 10 & width > 3", "size < 10 & width > 3"),
        ("", ""),
    ],
)
def test_portal_artefacts_are_cleaned(sent: str, read: str) -> None:
    assert " ".join(normalise(sent).text.split()) == " ".join(read.split())


def test_a_span_of_the_cleaned_text_leads_back_to_the_same_words_as_sent() -> None:
    sent = "Fine &amp; soft|but <b>the colour</b> is   off"
    cleaned = normalise(sent)
    for words in ("soft", "the colour", "off"):
        start = cleaned.text.index(words)
        begin, end = cleaned.original_span(start, start + len(words))
        assert sent[begin:end] == words
    start = cleaned.text.index("Fine & soft")
    begin, end = cleaned.original_span(start, start + len("Fine & soft"))
    assert sent[begin:end] == "Fine &amp; soft"


PIECES = st.lists(
    st.sampled_from(["a", "bc", " ", "  ", "\n", "|", "&amp;", "&lt;", "<br>", "<", "&", "é", "👍", "&#39;"]),
    max_size=20,
)


@given(PIECES)
def test_every_character_leads_back_into_the_text_and_in_order(pieces: list[str]) -> None:
    sent = "".join(pieces)
    cleaned = normalise(sent)
    spans = [cleaned.original_span(i, i + 1) for i in range(len(cleaned.text))]
    assert all(0 <= start < end <= len(sent) for start, end in spans)
    assert spans == sorted(spans)
    for (start, end), character in zip(spans, cleaned.text, strict=True):
        assert sent[start:end] == character or sent[start:end] not in ("a", "bc", "é", "👍")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        ".",
        "n/a",
        "N/A",
        "n.a.",
        "None",
        "no comment",
        "---",
        "n / a",
        "n/a|n/a",
        "N/A | none",
        "12345",
        "x",
        "No",
        "yes.",
        "👍👍",
        "no reason",
    ],
)
def test_fillers_say_nothing(text: str) -> None:
    assert says_nothing(normalise(text).text)


@pytest.mark.parametrize("text", ["too small", "ok", "none of it fits", "meh", "no pockets"])
def test_words_say_something(text: str) -> None:
    assert not says_nothing(normalise(text).text)


@pytest.mark.parametrize("text", ["too small", "tight", "colour off", "sole thin", "Itchy!!", "runs big"])
def test_short_english_is_never_taken_for_another_language(text: str) -> None:
    assert language_of(text) == "en"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Die Vase ist viel kleiner als auf dem Bild und eher grau als blau", "de"),
        ("La robe est beaucoup trop petite et la couleur ne correspond pas du tout à la photo", "fr"),
        ("ваза слишком маленькая", "ru"),
    ],
)
def test_other_languages_are_named(text: str, language: str) -> None:
    assert language_of(text) == language


def test_another_script_is_never_english() -> None:
    assert language_of("小さすぎる") != "en"
