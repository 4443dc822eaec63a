"""`gapshot evaluate` on labelled tables, counted by hand with the stand-in bundle."""

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gapshot.cli import main
from gapshot.evaluate import parse_labels

# tiny, grey, itchy are found; "narrow" is no word of the stand-in; one grey is labelled none.
ROWS = [
    ("Vase is tiny", "size_scale:small"),
    ("tiny, really", "size_scale:large"),
    ("rather grey", "colour"),
    ("grey, my favourite", "none"),
    ("=itchy", "texture|fit"),
    ("narrow", "fit:small"),
    ("changed my mind", ""),
]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "labelled.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("Comment", "labels"), *ROWS])
    return path


def run(bundle: Path, *arguments: object) -> Result:
    return CliRunner().invoke(main, ["evaluate", *map(str, arguments)], env={"GAPSHOT_BUNDLE": str(bundle)})


def test_figures_are_those_counted_by_hand(bundle: Path, table: Path, tmp_path: Path) -> None:
    done = run(bundle, table, "--out", tmp_path / "figures.json")
    assert done.exit_code == 0, done.output
    figures = json.loads((tmp_path / "figures.json").read_text())
    f1 = {category: found["f1"] for category, found in figures["categories"].items()}
    # size 2 of 2; texture 1 of 1; colour 1 right of 2 stated: 2/3; fit 0 of 2; defect neither there nor stated
    assert f1 == {"size_scale": 1, "texture": 1, "colour": 0.6667, "fit": 0, "defect": None, "unspecified": None}
    assert figures["macro_f1"] == 0.6667  # (1 + 1 + 2/3 + 0) / 4
    assert figures["direction"] == 0.5
    assert figures["exact"] == 0.5714  # 4 of 7
    assert figures["confusions"]["fit"] == {"nothing": 2}
    assert "macro-F1 of the five 0.667" in done.output


def test_misses_are_written_with_their_text_safe_for_spreadsheets(bundle: Path, table: Path, tmp_path: Path) -> None:
    done = run(bundle, table, "--misses", tmp_path / "misses.csv")
    assert "3 misses written" in done.output
    with (tmp_path / "misses.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    # surest first: 1 - 0.018 = 0.982 for all three, so in the order of the file; a row without id is its number
    assert [(row["id"], row["labelled"], row["stated"], row["text"]) for row in rows] == [
        ("4", "", "colour", "grey, my favourite"),
        ("5", "fit|texture", "texture", "'=itchy"),
        ("6", "fit", "", "narrow"),
    ]


def test_one_column_per_category_is_understood(bundle: Path, tmp_path: Path) -> None:
    rows = ["text,size_scale,texture,colour,fit,defect", "tiny,1,0,0,0,0", "grey,,,yes,,", "fine,no,no,no,no,false"]
    (tmp_path / "wide.csv").write_text("\n".join(rows))
    done = run(bundle, tmp_path / "wide.csv")
    assert done.exit_code == 0
    assert "3 comments, macro-F1 of the five 1.000" in done.output
    assert "direction" not in done.output  # such columns have none


def test_comments_at_fault_are_counted_and_written_like_all_others(bundle: Path, tmp_path: Path) -> None:
    lines = [{"text": 5, "labels": "fit"}, {"text": "tiny \ud83d", "labels": "fit"}, {"text": "tiny", "labels": "fit"}]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    done = run(bundle, tmp_path / "rows.jsonl", "--misses", tmp_path / "misses.csv")
    assert "nothing stated: 2 comments" in done.output
    with (tmp_path / "misses.csv").open(newline="") as file:
        assert [row["status"] for row in csv.DictReader(file)] == ["ok", "error", "error"]


@pytest.mark.parametrize("option", ["--misses", "--out"])
def test_the_labelled_file_itself_is_never_overwritten(bundle: Path, table: Path, option: str) -> None:
    before = table.read_bytes()
    done = run(bundle, table, option, table)
    assert (done.exit_code, table.read_bytes()) == (2, before)
    assert run(bundle, table, option, table.parent / "absent" / "file").exit_code == 2


def test_labels_may_be_objects_in_json_lines(bundle: Path, tmp_path: Path) -> None:
    rows = [{"text": "too tight", "gaps": {"fit": "small"}}, {"text": "fine", "gaps": {}}]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = run(bundle, tmp_path / "rows.jsonl")
    assert "direction right: 100.0 % of 1 found gaps" in " ".join(done.output.split())


def test_comments_that_were_not_read_are_told(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text("text,labels\nn/a,none\ntiny,size_scale\n")
    assert "nothing stated: 1 comments" in run(bundle, tmp_path / "l.csv").output


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("text,labels\ntiny,size\n", "row 1: unknown label 'size'"),
        ("text,labels\ntiny,colour:small\n", "row 1: colour cannot have the direction 'small'"),
        ("text,size_scale,texture,colour,fit,defect\ngrey,0,0,maybe,0,0\n", "row 1: the column 'colour' must hold 1/0"),
        ("text,other\ntiny,1\n", "The columns are: text, other"),
        ("text,size_scale,colour\ntiny,1,0\n", "one column for each of size_scale, texture"),
        ("labels,other\nnone,1\n", "--text-column"),
        ("text,labels\n", "no rows to evaluate"),
    ],
)
def test_a_table_at_fault_is_refused_by_row_and_reason(
    bundle: Path, tmp_path: Path, content: str, message: str
) -> None:
    (tmp_path / "l.csv").write_text(content)
    done = run(bundle, tmp_path / "l.csv")
    assert done.exit_code == 2
    assert message in " ".join(done.output.split())


@pytest.mark.parametrize(
    ("cell", "gaps"),
    [
        ("", {}),
        ("None", {}),
        (None, {}),
        ("Colour", {"colour": None}),
        ("size_scale:small | fit", {"size_scale": "small", "fit": None}),
        (["texture", "fit:large"], {"texture": None, "fit": "large"}),
        ({"fit": "large"}, {"fit": "large"}),
    ],
)
def test_a_label_cell_is_read_in_every_shape(cell: object, gaps: dict[str, str | None]) -> None:
    assert parse_labels(cell) == gaps
