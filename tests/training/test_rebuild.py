"""training.rebuild: originals as their owners publish them in, the texts of the labels out."""

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from gapshot.errors import TableError
from training import data, rebuild
from training.data import Join, identity

JUG = "Tiny! The jug holds a cup, if that."
LAMP = "Leans. It doesn't stand, and the shade isn't grey."
SOFA = 'A 6/8-inch gap ("tiny") shows. I can\'t close it.'
RUG = "The rug pilled... now it's bald!"


@pytest.fixture
def originals(tmp_path: Path) -> Path:
    """One made-up file of every kind, with four reviews of which labels may speak, and others."""
    folder = tmp_path / "originals"
    (folder / "amazon").mkdir(parents=True)
    (folder / "dataset" / "home").mkdir(parents=True)
    with (folder / rebuild.CLOTHING).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["", "Title", "Review Text", "Rating"])
        writer.writerow([0, "Tiny!", "The jug holds  a cup,<br />if that.", 2])
        writer.writerow([1, "Leans", "It doesn&amp;#39;t stand, and the shade isn&#39;t grey.", 1])
        writer.writerow([2, "", "A row no label speaks of", 5])
    sofa = """2 #### A 6 / 8 - inch gap ( " tiny " ) shows . I ca n't close it ."""
    (folder / "amazon" / "home.txt").write_text(f"{sofa}\nnot a line of this corpus\n", "utf-8")
    rug = "The rug pilled . . . now it 's bald !####[]####rugs"
    (folder / "dataset" / "home" / "train.txt").write_text(f"{rug}\n", "utf-8")
    return folder


def labels(folder: Path, *texts: str) -> Path:
    path = folder / "labels.jsonl"
    path.write_text("".join(json.dumps({"id": identity(text)}) + "\n" for text in texts), "utf-8")
    return path


def test_texts_are_made_again_from_every_kind_of_file(originals: Path, tmp_path: Path) -> None:
    wanted = labels(tmp_path, RUG, JUG, SOFA, LAMP)
    assert rebuild.rebuild(originals, tmp_path / "out", wanted) == Join(wanted=4, matched=4)
    rows = [json.loads(line) for line in (tmp_path / "out" / "reviews.jsonl").read_text("utf-8").splitlines()]
    assert rows == [{"id": identity(text), "text": text} for text in (RUG, JUG, SOFA, LAMP)]


def test_labels_without_an_original_are_counted(originals: Path, tmp_path: Path) -> None:
    wanted = labels(tmp_path, JUG, "nobody published this")
    assert rebuild.rebuild(originals, tmp_path / "out", wanted) == Join(wanted=2, matched=1)


def test_files_that_are_absent_are_left_out(originals: Path, tmp_path: Path) -> None:
    (originals / rebuild.CLOTHING).unlink()
    assert rebuild.rebuild(originals, tmp_path / "out", labels(tmp_path, JUG, SOFA)).matched == 1


def test_the_folder_is_what_training_reads(originals: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = {"id": identity(JUG), "source": "made_up", "vertical": "home", "gaps": {"size_scale": "small"}}
    wanted = tmp_path / "labels.jsonl"
    wanted.write_text(json.dumps(row) + "\n", "utf-8")
    monkeypatch.setattr(data, "REVIEW_LABELS", wanted)
    rebuild.rebuild(originals, tmp_path / "out", wanted)
    rows, join = data.load(tmp_path / "out")
    assert join == Join(wanted=1, matched=1)
    assert rows[-1]["text"] == JUG


@pytest.mark.parametrize(
    ("published", "text"),
    [
        ("It&amp;nbsp;is &lt;b&gt;tiny&lt;/b&gt;", "It is tiny"),
        ("cafÃ© table", "café table"),
        ("  two \n lines ", "two lines"),
        ("zero\u200bwidth", "zerowidth"),
        ("3 < 4 > 2", "3 < 4 > 2"),
        ("nan", ""),
    ],
)
def test_a_field_is_cleaned(published: str, text: str) -> None:
    assert rebuild.clean(published) == text


@pytest.mark.parametrize(
    ("title", "text", "whole"),
    [
        ("Tiny", "Holds a cup", "Tiny. Holds a cup"),
        ("Tiny?", "Holds a cup", "Tiny? Holds a cup"),
        ("", "Holds a cup", "Holds a cup"),
        (None, "Holds a cup", "Holds a cup"),
        ("Tiny", "", "Tiny."),
    ],
)
def test_a_title_goes_in_front(title: str | None, text: str, whole: str) -> None:
    assert rebuild.joined(title, text) == whole


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        ("it does n't fit", "it doesn't fit"),
        ("it do n 't fit", "it don't fit"),
        ("too small , sadly .", "too small, sadly."),
        ("`` leather ''", '"leather"'),
        ("$ 20 for a 9 - inch pan", "$20 for a 9-inch pan"),
    ],
)
def test_tokens_are_joined_as_people_write(tokens: str, text: str) -> None:
    assert rebuild.detokenise(tokens) == text


def test_a_folder_without_any_original_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"holds neither 'Womens Clothing E-Commerce Reviews\.csv'"):
        rebuild.rebuild(tmp_path, tmp_path / "out")


def test_a_table_of_other_columns_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / rebuild.CLOTHING).write_text("Title,Body\na,b\n", "utf-8")
    with pytest.raises(TableError, match="no column 'Review Text'"):
        rebuild.rebuild(tmp_path, tmp_path / "out")


def test_the_command_says_how_many_of_the_committed_labels_it_matched(originals: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(rebuild.main, [str(originals), "--out", str(tmp_path / "out")])
    committed = len(data.REVIEW_LABELS.read_text("utf-8").splitlines())
    assert done.exit_code == 0, done.output
    assert f"0 of {committed} labelled reviews matched" in done.output
    assert (tmp_path / "out" / "reviews.jsonl").read_text("utf-8") == ""


def test_the_command_explains_a_fault_without_a_traceback(tmp_path: Path) -> None:
    done = CliRunner().invoke(rebuild.main, [str(tmp_path), "--out", str(tmp_path / "out")])
    assert done.exit_code == 2
    assert "Error: " in done.output
    assert "Traceback" not in done.output
