"""training.data: rows, labels and the join with the texts of public reviews."""

import gzip
import json
from pathlib import Path

import pytest

from gapshot.errors import TableError
from gapshot.taxonomy import CATEGORIES
from tests.training.labelled import LARGE, SMALL, labelled, rows_of
from training import data
from training.data import ABSENT, Join

OWN = len(data.OWN_COMMENTS.read_text("utf-8").splitlines())
REVIEWS = [json.loads(line) for line in data.REVIEW_LABELS.read_text("utf-8").splitlines()]


def texts(folder: Path, *lines: str) -> Path:
    (folder / "reviews.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    return folder


def line(row: dict[str, str], text: str = "made up for this test") -> str:
    return json.dumps({"id": row["id"], "text": text})


def test_an_id_ignores_case_and_white_space() -> None:
    assert data.identity("  Too\n SMALL ") == data.identity("too small")
    assert data.identity("too small") != data.identity("too smal")
    assert len(data.identity("too small")) == 16


def test_every_own_comment_carries_the_id_of_its_text() -> None:
    rows, _ = data.load(reviews=False)
    assert rows["id"] == [data.identity(text) for text in rows["text"]]


def test_without_the_texts_of_the_reviews_only_own_comments_are_there() -> None:
    rows, join = data.load()
    assert len(rows) == OWN
    assert join == Join(wanted=len(REVIEWS), matched=0)
    assert "GAPSHOT_REVIEWS_DIR" in str(join)
    assert "training.rebuild" in str(join)


def test_files_are_read_plain_or_zipped_and_backups_are_left_alone(tmp_path: Path) -> None:
    folder = texts(tmp_path, line(REVIEWS[3], "third"))
    with gzip.open(folder / "more_reviews.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write(line(REVIEWS[7], "seventh") + "\n")
    (folder / "reviews.jsonl.bak").write_text(line(REVIEWS[5], "an old copy") + "\n", "utf-8")
    rows, join = data.load(folder)
    assert join.matched == 2
    assert rows["text"][OWN:] == ["third", "seventh"]


def test_reviews_can_be_left_out_altogether(tmp_path: Path) -> None:
    rows, join = data.load(texts(tmp_path, line(REVIEWS[0])), reviews=False)
    assert len(rows) == OWN
    assert join.matched == 0


def test_the_join_counts_the_labels_that_found_their_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [line(REVIEWS[3], "third"), line({"id": "0" * 16}, "belongs to no label"), line(REVIEWS[7], "seventh")]
    monkeypatch.setenv("GAPSHOT_REVIEWS_DIR", str(texts(tmp_path, *lines)))
    rows, join = data.load()
    assert join == Join(wanted=len(REVIEWS), matched=2)
    assert str(join) == f"2 of {len(REVIEWS)} labelled reviews matched with their text"
    assert rows["text"][OWN:] == ["third", "seventh"]
    assert rows["form"][OWN:] == ["review", "review"]
    assert rows["source"][OWN:] == [REVIEWS[3]["source"], REVIEWS[7]["source"]]


def test_a_folder_given_by_hand_wins_over_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAPSHOT_REVIEWS_DIR", "/nowhere")
    _, join = data.load(texts(tmp_path, line(REVIEWS[0])))
    assert join.matched == 1


@pytest.mark.parametrize("broken", ['{"id": "secret words', '["secret words"]', '{"text": "secret words"}'])
def test_a_broken_line_is_named_with_its_file_and_number_but_not_its_text(tmp_path: Path, broken: str) -> None:
    folder = texts(tmp_path, line(REVIEWS[0]), broken)
    with pytest.raises(TableError, match=r"reviews\.jsonl, line 2: ") as fault:
        data.load(folder)
    assert "secret" not in str(fault.value)


def test_a_row_without_text_is_named_with_its_file_and_number(tmp_path: Path) -> None:
    folder = texts(tmp_path, line(REVIEWS[0]), json.dumps({"id": REVIEWS[1]["id"]}))
    with pytest.raises(TableError, match=r"reviews\.jsonl, line 2: no `text`"):
        data.load(folder)


def test_an_own_comment_becomes_labels_and_directions_in_column_order() -> None:
    rows, _ = data.load(reviews=False)
    row = rows[rows["text"].index("comes small, buttons gap at belly")]
    assert row["labels"] == [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]  # size_scale and fit
    assert row["direction"] == [SMALL, SMALL]
    assert all(row["marked"])
    quotes = {CATEGORIES[mark["category"]]: row["text"][mark["start"] : mark["end"]] for mark in row["evidence"]}
    assert quotes == {"size_scale": "comes small", "fit": "buttons gap at belly"}
    assert row["form"] == "return_form"


def test_a_direction_is_absent_where_the_gap_is() -> None:
    rows, _ = data.load(reviews=False)
    row = rows[rows["text"].index("bed for a horse")]
    assert row["direction"] == [LARGE, ABSENT]


def test_every_committed_evidence_offset_is_a_span_of_a_stated_category() -> None:
    for row in REVIEWS:
        for category, spans in row.get("evidence", {}).items():
            assert category in row["gaps"]
            assert all(0 <= start < end for start, end in spans)
        assert set(row["gaps"]) <= set(CATEGORIES)


def test_committed_labels_hold_no_text() -> None:
    assert {key for row in REVIEWS for key in row} == {"id", "source", "vertical", "gaps", "evidence"}
    spans = [span for row in REVIEWS for marked in row.get("evidence", {}).values() for span in marked]
    assert {type(offset) for span in spans for offset in span} == {int}


def test_the_truth_of_a_row_names_categories_directions_and_clauses() -> None:
    row = labelled("vase is tiny and grey", {"size_scale": ["is tiny"]}, size_scale=SMALL, colour=0)
    truth = data.truth(row)
    assert truth.gaps == {"size_scale": "small", "colour": None}
    assert truth.clauses == {"size_scale": [(5, 12)]}


def test_the_manifest_follows_the_labels_and_not_the_order_of_rows() -> None:
    small, blue = labelled("far too small", size_scale=SMALL), labelled("not the blue shown", colour=0)
    first = data.manifest({"test": rows_of(small, blue)})["test"]
    again = data.manifest({"test": rows_of(blue, small)})["test"]
    other = data.manifest({"test": rows_of(small, labelled("not the blue shown", unspecified=0))})["test"]
    assert first["rows"] == 2
    assert first == again
    assert first["sha256"] != other["sha256"]
