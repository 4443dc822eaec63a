"""training.doubts: the label that the model contradicts most comes first, by id alone."""

import json
from pathlib import Path

import numpy as np
import pytest
from datasets import Dataset

from gapshot.errors import SettingsError
from tests.training.labelled import SMALL, labelled, rows_of
from training import data, doubts
from training.config import Config


def test_the_row_whose_label_the_model_contradicts_comes_first() -> None:
    rows = rows_of(
        labelled("zip broke", defect=0),
        labelled("rather grey", {"colour": ["rather grey"]}, colour=0),
        labelled("changed my mind"),
        labelled("far too small", size_scale=SMALL),
    )
    probability = np.full((4, 6), 0.02)
    probability[0, 4] = 0.95  # agreed
    probability[1, 2] = 0.03  # labelled colour, the model does not see it
    probability[2, 3] = 0.60  # not labelled fit, the model thinks so
    probability[3, 0] = 0.90
    found = doubts.ranked(rows, probability)
    assert [row["id"] for row in found[:2]] == [rows["id"][1], rows["id"][2]]
    assert {k: found[0][k] for k in ("category", "labelled", "probability")} == {
        "category": "colour", "labelled": "yes", "probability": "0.0300",
    }  # fmt: skip
    assert (found[1]["category"], found[1]["labelled"]) == ("fit", "no")
    assert len(found) == 4
    assert all("grey" not in value for row in found for value in row.values())


class Remembers:
    """Stands in for an exported model: sure of defect where it has seen the text, of nothing where it has not."""

    def __init__(self, seen: set[str]) -> None:
        self.seen = seen

    def __enter__(self) -> "Remembers":
        return self

    def __exit__(self, *_: object) -> None: ...

    def scores(self, text: str) -> tuple[np.ndarray, None]:
        return np.full(6, 5.0 if text in self.seen else -5.0), None


def test_no_row_is_scored_by_a_model_that_saw_it_or_its_twin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"the {thing} broke on day one, and so did its {thing} box" for thing in ("jug", "lamp", "rake", "sofa")]
    rows = rows_of(*(labelled(text + end, defect=0) for text in texts for end in (".", "!!")))
    seen: dict[Path, set[str]] = {}

    def train(config: Config, parts: dict[str, Dataset], out: Path) -> None:
        seen[out] = set(parts["train"]["text"]) | {text[:-1] + "!!" for text in parts["train"]["text"]}
        (out / "bundle").mkdir(parents=True)
        record = {"config": config.model_dump(mode="json"), "dataset": data.manifest(parts)}
        (out / "run.json").write_text(json.dumps(record), "utf-8")

    monkeypatch.setattr(doubts, "train", train)
    monkeypatch.setattr(doubts, "export", lambda run: (run / "bundle" / "model.onnx").touch())
    monkeypatch.setattr(doubts.calibrate, "unsealed", lambda bundle, _: Remembers(seen[bundle.parent]))
    probability = doubts.out_of_fold(Config(name="x"), rows, 2, tmp_path)
    assert probability.max() < 0.01  # nobody remembered anything
    trained = [{row for row in rows["text"] if row in texts} for texts in seen.values()]
    assert trained[0] | trained[1] == set(rows["text"])
    assert not trained[0] & trained[1]

    seen.clear()
    monkeypatch.setattr(doubts.calibrate, "unsealed", lambda *_: Remembers(set()))
    doubts.out_of_fold(Config(name="x"), rows, 2, tmp_path)
    assert not seen  # nothing is trained twice
    with pytest.raises(SettingsError, match="of other rows"):
        doubts.out_of_fold(Config(name="x"), rows.select(range(6)), 2, tmp_path)
