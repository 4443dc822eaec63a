"""training.split: near-duplicates together, a split for ever, all labels in every split."""

from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
from datasets import Dataset

from gapshot.errors import SettingsError
from tests.training.labelled import SMALL, labelled, rows_of
from training import data, split
from training.config import Config

LAMP = "The lamp that arrived is a good deal smaller than it looked in the photo on the page"


@pytest.fixture(scope="module")
def own() -> Dataset:
    return data.load(reviews=False)[0]


def test_texts_that_are_nearly_equal_share_a_group() -> None:
    groups = split.near_duplicates([LAMP, "zip broke on day one", LAMP.upper() + "!!", LAMP + "s"])
    assert groups[0] == groups[2] == groups[3]
    assert groups[1] != groups[0]


def test_short_comments_with_other_words_stay_apart() -> None:
    assert len(set(split.near_duplicates(["too small", "too big", "x", ""]))) == 4


def test_a_near_duplicate_of_a_test_row_is_tested_too() -> None:
    known = labelled(LAMP, size_scale=SMALL)
    new = labelled(LAMP + "!", size_scale=SMALL)
    assert split.assign(rows_of(known, new), {known["id"]: "test"}, seed=1)[new["id"]] == "test"


def test_a_row_keeps_its_split_when_rows_are_added(own: Dataset) -> None:
    before = split.assign(own.select(range(200)), {}, seed=1)
    after = split.assign(own.select(range(400)), before, seed=2)
    assert {id_: after[id_] for id_ in before} == before
    assert Counter(after.values())["test"] > Counter(before.values())["test"]


def test_splits_have_their_shares_and_every_category(own: Dataset) -> None:
    rows = own.select(range(1000))
    splits = split.assign(rows, {}, seed=1)
    counts = Counter(splits.values())
    assert counts["calibration"] == pytest.approx(80, abs=10)  # 8 % of 1,000
    assert counts["test"] == pytest.approx(120, abs=10)  # 12 %
    labels = np.array(rows["labels"])
    for name in split.NAMES:
        chosen = [splits[id_] == name for id_ in rows["id"]]
        assert labels[chosen].mean(0) == pytest.approx(labels.mean(0), abs=0.05)


def test_the_same_seed_draws_the_same_splits(own: Dataset) -> None:
    rows = own.select(range(200))
    assert split.assign(rows, {}, seed=5) == split.assign(rows, {}, seed=5)


def test_a_handful_of_new_rows_trains() -> None:
    rows = rows_of(labelled("far too small", size_scale=SMALL), labelled("zip broke on day one", defect=0))
    assert set(split.assign(rows, {}, seed=1).values()) == {"train"}


def test_every_own_comment_and_every_label_has_a_committed_split(own: Dataset) -> None:
    splits = split.read()
    assert set(own["id"]) <= splits.keys()
    assert set(splits.values()) == set(split.NAMES)


def test_no_near_duplicates_among_own_comments_cross_the_committed_splits(own: Dataset) -> None:
    splits = split.read()
    found = defaultdict(set)
    for id_, group in zip(own["id"], split.near_duplicates(own["text"]), strict=True):
        found[group].add(splits[id_])
    assert [group for group, names in found.items() if len(names) > 1] == []


def test_selected_splits_are_disjoint_and_together_everything(own: Dataset) -> None:
    parts = [split.select(own, name)["id"] for name in split.NAMES]
    assert sorted(id_ for part in parts for id_ in part) == sorted(own["id"])


def test_a_row_without_a_split_is_in_none() -> None:
    rows = rows_of(labelled("a sentence that no file of this project assigns to any split"))
    assert [len(split.select(rows, name)) for name in split.NAMES] == [0, 0, 0]


def test_splits_that_were_never_assigned_are_empty(tmp_path: Path) -> None:
    assert split.read(tmp_path / "splits.csv") == {}


def test_writers_who_are_held_out_never_train() -> None:
    writers = {"portal_6": "test", "portal_9": "calibration", "portal_10": "test"}
    assert writers == split.HELD_OUT
    texts = iter(["zip stuck", "rather grey", "far too long", "gift", "itches badly", "lid gone"])
    rows = [labelled(next(texts)) | {"source": writer} for writer in writers for _ in range(2)]
    splits = split.assign(rows_of(*rows), {}, seed=1)
    assert {(row["source"], splits[row["id"]]) for row in rows} == set(writers.items())


def test_a_configuration_may_name_the_sources_it_trains_on(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        labelled(f"{source} {n}") | {"source": source, "form": "return_form" if source == "portal_2" else "review"}
        for source in ("portal_2", "shop", "other")
        for n in range(6)
    ]
    splits = {row["id"]: split.NAMES[n % 3] for n, row in enumerate(rows)}
    monkeypatch.setattr(split, "load", lambda **_: (rows_of(*rows), data.Join(0, 0)))
    monkeypatch.setattr(split, "read", lambda: splits)
    monkeypatch.setattr(split, "review_sources", lambda: {"shop", "other"})
    found, _ = split.parts(Config(name="x", data={"sources": ["shop"]}))
    assert set(found["train"]["source"]) == set(found["calibration"]["source"]) == {"portal_2", "shop"}
    assert set(found["test"]["source"]) == {"portal_2", "shop", "other"}  # the same test for every configuration


def test_a_source_that_nobody_labelled_is_refused_by_name() -> None:
    with pytest.raises(SettingsError, match=r"no reviews of 'womens_cloting'; there are .*womens_clothing"):
        split.parts(Config(name="x", data={"sources": ["womens_cloting"]}))


def test_a_held_out_row_that_repeats_an_older_row_goes_with_it() -> None:
    known = labelled(LAMP, size_scale=SMALL)
    twin = labelled(LAMP + "!", size_scale=SMALL) | {"source": "portal_6"}
    fresh = labelled("wobbles on every table we own, and on the floor") | {"source": "portal_6"}
    splits = split.assign(rows_of(known, twin, fresh), {known["id"]: "train"}, seed=1)
    assert splits == {known["id"]: "train", twin["id"]: "train", fresh["id"]: "test"}


def test_a_share_of_the_training_rows_leaves_the_other_splits_whole() -> None:
    whole, half = (split.parts(Config(name="x", data={"reviews": False, "share": share}))[0] for share in (1, 0.5))
    assert len(half["train"]) == round(len(whole["train"]) / 2)
    assert set(half["train"]["id"]) < set(whole["train"]["id"])
    assert [len(half[name]) for name in ("calibration", "test")] == [len(whole[n]) for n in ("calibration", "test")]
