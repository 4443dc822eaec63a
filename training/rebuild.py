"""The texts behind the committed labels, made again from the files their owners publish.

\b
    python -m training.rebuild ORIGINALS --out FOLDER       # FOLDER is then GAPSHOT_REVIEWS_DIR

ORIGINALS holds any of these; what is absent is left out:

    Womens Clothing E-Commerce Reviews.csv      Women's E-Commerce Clothing Reviews (Kaggle, CC0)
    amazon/{home,fashion,electronics,toy}.txt   the DMASTE corpus (Findings of ACL 2023): lines "RATING #### TOKENS"
    dataset/{domain}/{train,dev,test}.txt       its labelled part: lines "TOKENS####TRIPLETS####SUBDOMAIN"

Knows how each text was made from its original: encoding mended, markup removed, tokens joined again, a title in front.
A text is taken when its identity is that of a committed label. Does not know what the labels say.
"""

import csv
import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

import click
from rich.progress import track

from gapshot.errors import TableError
from training.command import Command
from training.data import REVIEW_LABELS, Join, identity

CLOTHING = "Womens Clothing E-Commerce Reviews.csv"

# The order of these matters, and so does every pattern: another result is another identity, and no label is found.
_MOJIBAKE = re.compile(
    "[\u00c2\u00c3\u00e2][\u0080-\u00bf\u20ac\u2019\u201c\u201d\u0153\u2122\u02dc\u00a6\u00b4\u00a0]"
)
_BLOCK = re.compile(r"<\s*(br|p|/p|div|/div|li|/li|ul|/ul)\b[^<>]{0,80}>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z!][^<>]{0,300}>")
_INVISIBLE = re.compile("[\u200b\u200c\u200d\ufffd\ufeff\x00]")
_TOKENS = (
    (re.compile(r"``|''"), '"'),
    (re.compile(r" n ?'t\b"), "n't"),
    (re.compile(r"(\w)n 't\b"), r"\1n't"),
    (re.compile(r" ('(?:s|re|ve|ll|d|m|S|RE|VE|LL|D|M))\b"), r"\1"),
    (re.compile(r" ([.,!?;:%)\]])"), r"\1"),
    (re.compile(r"([(\[$#]) "), r"\1"),
    (re.compile(r"(\w) - (\w)"), r"\1-\2"),
    (re.compile(r"(\d) / (\d)"), r"\1/\2"),
    (re.compile(r'(\d) "'), r'\1"'),
    (re.compile(r'" ([^"]{1,80}?) "'), r'"\1"'),
)
_REPEATED_STOP = re.compile(r"([.!?])(?:\s+\1)+")


def clean(text: str | None) -> str:
    """One field as plain text: encoding mended, entities decoded, markup gone, white space collapsed."""
    if text is None or text.lower() in ("nan", "none", "null"):
        return ""
    text = _mend_encoding(text)
    for _ in range(2):  # some originals are escaped twice
        text = html.unescape(text)
    text = _TAG.sub(" ", _BLOCK.sub(" ", text))
    text = _INVISIBLE.sub("", text.replace("\u00a0", " "))
    return re.sub(r"\s+", " ", text).strip()


def _mend_encoding(text: str) -> str:
    """Undo UTF-8 that was read as cp1252 or latin-1."""
    if _MOJIBAKE.search(text):
        for encoding in ("cp1252", "latin-1"):
            try:
                return text.encode(encoding).decode("utf-8")
            except (UnicodeEncodeError, UnicodeDecodeError):
                continue
    return text


def detokenise(tokens: str) -> str:
    """DMASTE's tokens, joined as people write: "do n't" to "don't", " ." to "."."""
    for pattern, joined in _TOKENS:
        tokens = pattern.sub(joined, tokens)
    return _REPEATED_STOP.sub(lambda match: match.group().replace(" ", ""), tokens)


def joined(title: str | None, text: str) -> str:
    """Title and text as one comment."""
    title, text = clean(title), clean(text)
    stop = "" if not title or title[-1] in ".!?" else "."
    return f"{title}{stop} {text}".strip()


def originals(folder: Path) -> Iterator[str]:
    """Every review of the original files, as one text. Raises TableError when none of the files is there."""
    clothing = folder / CLOTHING
    reviews = sorted((folder / "amazon").glob("*.txt"))
    labelled = sorted((folder / "dataset").glob("*/*.txt"))
    if not (clothing.exists() or reviews or labelled):
        raise TableError(f"{folder}: holds neither {CLOTHING!r} nor amazon/*.txt nor dataset/*/*.txt; see --help")
    if clothing.exists():
        yield from _clothing(clothing)
    for path in reviews:
        for line in _lines(path):
            if match := re.match(r"\d #### (.*)", line):
                yield joined(None, detokenise(match.group(1)))
    for path in labelled:
        for line in _lines(path):
            if line.count("####") >= 2:
                yield joined(None, detokenise(line.split("####")[0]))


def _clothing(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        for column in ("Title", "Review Text"):
            if column not in (rows.fieldnames or ()):
                raise TableError(f"{path}: no column {column!r}; take the file as published")
        for row in rows:
            yield joined(row["Title"], row["Review Text"])


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8", "replace").splitlines()


def rebuild(folder: Path, out: Path, labels: Path = REVIEW_LABELS) -> Join:
    """Write `out`/reviews.jsonl, rows {"id", "text"} in the order of `labels`, and say how many were found."""
    wanted = [json.loads(line)["id"] for line in labels.read_text("utf-8").splitlines()]
    found = dict.fromkeys(wanted, "")
    for text in track(originals(folder), "originals"):
        if (id_ := identity(text)) in found:
            found[id_] = text
    rows = [{"id": id_, "text": text} for id_, text in found.items() if text]
    out.mkdir(parents=True, exist_ok=True)
    with (out / "reviews.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return Join(len(wanted), len(rows))


@click.command(cls=Command, help=__doc__)
@click.argument("originals", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder for the texts.")
def main(originals: Path, out: Path) -> None:
    join = rebuild(originals, out)
    click.echo(f"{out / 'reviews.jsonl'}: {join.matched} of {join.wanted} labelled reviews matched")


if __name__ == "__main__":
    main()
