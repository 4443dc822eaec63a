"""The one normalisation of a comment, whether it says anything, and in which language.

Knows what return portals do to text: HTML entities and tags, answers joined by `|`, line breaks. Keeps the way back
from every normalised character to the text as sent, so that evidence can be quoted from the original.
Does not know tokens or models: Unicode forms, case and accents are the tokenizer's business, whose own normaliser
keeps offsets too.
"""

import html
import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from typing import Any

MAX_CHARACTERS = 20_000
"""A comment longer than this is refused: it is not something a customer typed into a return form."""

FOREIGN_CERTAINTY = 0.95
"""py3langid takes 40 % of English comments of one to three words for another language, none at 0.95 or above."""

ANSWER_END = " . "
"""What stands in a cleaned text where the customer or the form went to the next line or answer."""

_BLOCK = re.compile(r"[|\r\n]|</?(?:br|p|div|li|ul|ol|table|tr|h[1-6])\b", re.IGNORECASE)

# Order matters: a tag may stand beside an entity, and `|` joins the answers of one form.
_ARTEFACT = re.compile(
    r"</?(?:br|p|div|li|ul|ol|b|i|u|em|strong|span|a|font|table|tr|td|h[1-6])\b[^<>]{0,300}>|\s*[\r\n]\s*"
    r"|&(?:amp;)*(?:#[0-9]{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});|\s*\|\s*|\s+",
    re.IGNORECASE,
)
_FILLERS = frozenset(
    {
        "na",
        "none",
        "null",
        "nil",
        "nan",
        "nocomment",
        "nocomments",
        "notapplicable",
        "noreason",
        "nothing",
        "no",
        "yes",
        "other",
    }
)


@dataclass(frozen=True, slots=True)
class Normalised:
    """A cleaned text and the way back to the text as sent.

    `text` is the cleaned text. `pieces` are (start in text, start as sent, copied) in rising order: a copied piece
    is character for character the original, any other stands for one artefact as a whole.
    """

    text: str
    pieces: tuple[tuple[int, int, bool], ...]
    original_length: int

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Code points `start` (inclusive) to `end` (exclusive) of `text`, as offsets into the text as sent."""
        first = bisect_right(self.pieces, start, key=lambda piece: piece[0]) - 1
        last = bisect_right(self.pieces, end - 1, key=lambda piece: piece[0]) - 1
        here, there, copied = self.pieces[first]
        original_start = there + (start - here) if copied else there
        here, there, copied = self.pieces[last]
        if copied:
            return original_start, there + (end - here)
        following = self.pieces[last + 1 :]
        return original_start, following[0][1] if following else self.original_length


def _mend(artefact: str) -> str:
    """What stands in the cleaned text for one artefact."""
    if artefact.startswith("&"):
        return html.unescape(html.unescape(artefact)).replace("\xa0", " ")  # some portals escape twice
    if _BLOCK.search(artefact):
        return ANSWER_END
    return " "


def normalise(text: str) -> Normalised:
    """Clean one comment: entities decoded, white space to one space, ends of lines and answers to a stop."""
    parts: list[str] = []
    pieces: list[tuple[int, int, bool]] = []
    length = done = 0
    for match in _ARTEFACT.finditer(text):
        outside = match.start() == 0 or match.end() == len(text)
        mended = "" if outside and match.group().isspace() else _mend(match.group())
        if mended == match.group():  # an ordinary space, or something that only looks like an entity
            continue
        for piece, source, copied in ((text[done : match.start()], done, True), (mended, match.start(), False)):
            if piece:
                pieces.append((length, source, copied))
                parts.append(piece)
                length += len(piece)
        done = match.end()
    if done < len(text) or not pieces:
        pieces.append((length, done, True))
        parts.append(text[done:])
    return Normalised("".join(parts), tuple(pieces), len(text))


def says_nothing(text: str) -> bool:
    """True for a normalised text without two letters, or with a form's filler such as `n/a` or `none`."""
    answers = ("".join(c for c in answer.lower() if c.isalpha()) for answer in text.split(ANSWER_END))
    return all(len(letters) < 2 or letters in _FILLERS for letters in answers)


def language_of(text: str) -> str:
    """Language of a normalised text as a two-letter code; English unless the evidence for another is strong.

    Strong is a mostly non-Latin script (`und` when the detector still says English) or FOREIGN_CERTAINTY.
    """
    language, certainty = _detector().classify(text)
    letters = [c for c in text if c.isalpha()]
    latin = sum(c.isascii() or unicodedata.name(c, "").startswith("LATIN") for c in letters)
    if 2 * latin < len(letters):
        return "und" if language == "en" else str(language)
    return str(language) if certainty >= FOREIGN_CERTAINTY else "en"


@cache
def _detector() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # reads its model from disk: not before it is needed

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
