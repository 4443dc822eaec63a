"""Rows through the classifier: in order, complete, and no further ahead than promised."""

import csv
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from gapshot.bulk import AHEAD, Tally, classify_rows
from gapshot.classifier import Classifier
from gapshot.errors import CommentError
from gapshot.readers import read
from gapshot.rows import Row, rows
from tests.standin import WORDS

OWN_COMMENTS = Path(__file__).parents[2] / "training" / "data" / "portal_comments.jsonl"


def row(number: int, text: str = "tiny", **fields: str) -> Row:
    return Row(number, {"id": number, "text": text, **fields}, number)


def test_two_thousand_comments_of_a_csv_come_back_in_order_and_complete(tmp_path: Path, classifier: Classifier) -> None:
    comments = [json.loads(line) for line in OWN_COMMENTS.read_text("utf-8").splitlines()[:2000]]
    for comment in comments[::7]:  # what spreadsheets make of some of them
        comment["text"] = f'"{comment["text"]}",\r\nit said.'
    with (tmp_path / "returns.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("id", "text"), *((c["id"], c["text"]) for c in comments)])
    with read(tmp_path / "returns.csv") as table:
        answers = list(classify_rows(rows(table, language="en"), classifier))
    assert [result.id for _, result in answers] == [comment["id"] for comment in comments]
    assert [found.text for found, _ in answers] == [comment["text"] for comment in comments]
    texts = [comment["text"] for comment in comments]
    assert [result for _, result in answers[:50]] == classifier.classify(
        {"id": comment["id"], "text": text, "language": "en"}
        for comment, text in zip(comments[:50], texts, strict=False)
    )
    plain = [i for i, text in enumerate(texts) if not any(word in text.lower() for word in WORDS)]
    assert len(plain) > 1000
    assert all(answers[i][1].gaps == () for i in plain)


def test_a_row_that_cannot_be_read_is_answered_in_its_place_with_what_is_known_of_it(classifier: Classifier) -> None:
    fault = CommentError("undecodable", "the column 'text' is not UTF-8")
    broken = Row(2, fault, "R-2", sku="VASE-S", vertical="home")
    answers = [result for _, result in classify_rows([row(1), broken, row(3)], classifier)]
    assert [(a.id, a.sku, a.status, len(a.gaps)) for a in answers] == [
        (1, None, "ok", 1),
        ("R-2", "VASE-S", "error", 0),
        (3, None, "ok", 1),
    ]
    assert answers[1].error is fault


def test_a_comment_that_the_classifier_refuses_keeps_its_id_and_sku(classifier: Classifier) -> None:
    refused = Row(1, {"id": "A", "sku": "S", "text": 5}, "A", sku="S")
    ((_, result),) = classify_rows([refused], classifier)
    assert (result.id, result.sku, result.status) == ("A", "S", "error")
    assert result.error is not None
    assert result.error.code == "text_not_string"


def test_rows_are_read_no_further_ahead_than_the_window(classifier: Classifier) -> None:
    taken = 0

    def endless() -> Iterator[Row]:
        nonlocal taken
        while True:
            taken += 1
            yield row(taken)

    window = AHEAD * classifier.threads
    answers = classify_rows(endless(), classifier)
    assert [found.number for found, _ in islice(answers, 10)] == list(range(1, 11))
    assert taken == window + 9
    answers.close()  # type: ignore[attr-defined]  # it is a generator
    assert taken == window + 9


def test_fewer_rows_than_the_window_are_all_answered(classifier: Classifier) -> None:
    assert [found.number for found, _ in classify_rows([row(1), row(2)], classifier)] == [1, 2]
    assert list(classify_rows([], classifier)) == []


def test_the_tally_counts_rows_statuses_faults_gaps_and_strange_verticals(classifier: Classifier) -> None:
    tally = Tally()
    lines = [
        Row(1, {"text": "tiny and grey"}, 1, vertical="home"),
        Row(2, {"text": "tiny"}, 2, vertical="Home & Garden"),
        Row(3, {"text": "n/a"}, 3),
        Row(4, CommentError("invalid_json", "line 4 is not JSON"), 4),
        Row(5, {"text": "grey " * 600}, 5),
    ]
    for found, result in classify_rows(lines, classifier):
        tally.add(found, result, classifier.taxonomy)
    assert tally == Tally(
        rows=5,
        truncated=1,
        unknown_verticals=1,
        statuses={"ok": 3, "no_text": 1, "error": 1},  # type: ignore[arg-type]  # a Counter equals a dict
        faults={"invalid_json": 1},  # type: ignore[arg-type]
        gaps={"size_scale": 2, "colour": 2},  # type: ignore[arg-type]
    )
