"""training.peers: what learns beside our model does so from the given encoder alone, repeatably and quietly."""

import random
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import setfit
import torch

from gapshot.taxonomy import CATEGORIES
from training import data, encoder, peers, split
from training.config import Encoder, Scratch
from training.peers import Model2Vec, Peer, SetFit

ENCODER = Encoder(scratch=Scratch(layers=1, hidden=16, vocabulary=300))
SEED = 7

Loaded = tuple[Any, Any]
Make = Callable[[Any, Any, int], Peer]

both = pytest.mark.parametrize("make", [SetFit, Model2Vec])


@pytest.fixture(autouse=True)
def few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "STEPS", 10)


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return list(split.select(data.load(reviews=False)[0], "train")["text"][:200])


@pytest.fixture(scope="module")
def true() -> np.ndarray:
    return np.array(split.select(data.load(reviews=False)[0], "train")["labels"][:200]) > 0


@pytest.fixture(scope="module")
def loaded(texts: list[str]) -> Loaded:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        return encoder.load(ENCODER, texts)


def scores(make: Make, loaded: Loaded, texts: list[str], true: np.ndarray, seed: int = SEED) -> np.ndarray:
    peer = make(*loaded, seed)
    peer.fit(texts, true)
    return peer.decision_function(texts[:50])


def test_an_embedding_has_length_one_and_does_not_depend_on_its_neighbours() -> None:
    texts = ["too small", "rather grey than blue and far too large for the shelf", "itchy"]
    module, tokenizer = encoder.load(ENCODER, texts)
    together = peers.embed(module, tokenizer, texts)
    alone = np.concatenate([peers.embed(module, tokenizer, [text]) for text in texts])
    assert together.shape == (3, 16)
    assert np.linalg.norm(together, axis=1) == pytest.approx([1, 1, 1], abs=1e-5)
    assert together == pytest.approx(alone, abs=1e-5)


def test_a_category_gives_sixty_four_rows_or_all_it_has() -> None:
    true = np.zeros((110, 6), bool)
    true[:3, 0] = True
    true[3:103, 1] = True  # and seven rows without a gap
    drawn = np.array(peers.few_shot(true, SEED))
    assert true[drawn].sum(0).tolist() == [3, 64, 0, 0, 0, 0]
    assert len(set(drawn)) == 67
    assert drawn.max() < 103


def test_a_row_of_two_categories_is_drawn_once() -> None:
    true = np.zeros((4, 6), bool)
    true[:2, [0, 3]] = True
    assert peers.few_shot(true, SEED) == [0, 1]


def test_another_seed_draws_other_rows() -> None:
    true = np.zeros((1000, 6), bool)
    true[:, 4] = True
    assert peers.few_shot(true, SEED) == peers.few_shot(true, SEED)
    assert peers.few_shot(true, SEED) != peers.few_shot(true, SEED + 1)


def test_rows_without_gaps_are_never_in_a_pair(
    loaded: Loaded, texts: list[str], true: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs: list[dict[str, Any]] = []
    made = setfit.Trainer.get_dataset

    def noted(*arguments: Any, **options: Any) -> Any:
        found = made(*arguments, **options)
        pairs.extend(found[0])
        return found

    monkeypatch.setattr(setfit.Trainer, "get_dataset", noted)
    scores(SetFit, loaded, texts, true)
    labels = {text: set(np.flatnonzero(row)) for text, row in zip(texts, true, strict=True)}
    assert len(pairs) == 10 * peers.PAIRS
    assert all(labels[pair["sentence_1"]] and labels[pair["sentence_2"]] for pair in pairs)
    assert not true.any(1).all()  # there were some to leave out


@both
def test_a_score_for_every_text_and_category_the_same_for_the_same_seed(
    make: Make, loaded: Loaded, texts: list[str], true: np.ndarray
) -> None:
    first = scores(make, loaded, texts, true)
    assert first.shape == (50, 6)
    assert np.isfinite(first).all()
    assert scores(make, loaded, texts, true) == pytest.approx(first, abs=1e-4)
    assert scores(make, loaded, texts, true, SEED + 1) != pytest.approx(first, abs=1e-4)


@both
def test_the_given_encoder_stays_as_it_is(make: Make, loaded: Loaded, texts: list[str], true: np.ndarray) -> None:
    module, tokenizer = loaded
    before = peers.embed(module, tokenizer, texts[:5]), tokenizer.to_str()
    scores(make, loaded, texts, true)
    assert np.array_equal(peers.embed(module, tokenizer, texts[:5]), before[0])
    assert tokenizer.to_str() == before[1]


def test_setfit_moves_the_embeddings_that_its_regression_reads(
    loaded: Loaded, texts: list[str], true: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peers, "STEPS", 60)
    plain = peers.frozen(*loaded, SEED).fit(texts, true).decision_function(texts[:50])
    assert np.abs(scores(SetFit, loaded, texts, true) - plain).max() > 0.1


@pytest.mark.parametrize("bf16", [True, False])
def test_setfit_trains_in_the_callers_precision_and_never_on_weights_cast_before(
    loaded: Loaded, texts: list[str], true: np.ndarray, bf16: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    states: list[tuple[bool, bool]] = []
    train = setfit.Trainer.train_embeddings

    def noted(*arguments: Any, **options: Any) -> None:
        states.append((torch.is_autocast_enabled("cpu"), torch.is_autocast_cache_enabled()))
        train(*arguments, **options)

    monkeypatch.setattr(setfit.Trainer, "train_embeddings", noted)
    with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        assert np.isfinite(scores(SetFit, loaded, texts, true)).all()
    assert states == [(bf16, False)]


def test_model2vec_is_not_touched_by_bf16(loaded: Loaded, texts: list[str], true: np.ndarray) -> None:
    exact = scores(Model2Vec, loaded, texts, true)
    with torch.autocast("cpu", torch.bfloat16):
        assert scores(Model2Vec, loaded, texts, true) == pytest.approx(exact, abs=1e-4)


def test_model2vec_gives_each_category_its_own_column(loaded: Loaded, texts: list[str]) -> None:
    true = np.zeros((200, 6), bool)
    true[:, CATEGORIES.index("defect")] = True
    true[:50, CATEGORIES.index("fit")] = True
    found = dict(zip(CATEGORIES, scores(Model2Vec, loaded, texts, true).mean(0), strict=True))
    assert found["defect"] > 0 > found["fit"] > peers.NEVER
    assert [found[c] for c in ("size_scale", "texture", "colour", "unspecified")] == [peers.NEVER] * 4


@both
def test_nothing_is_asked_of_the_network(
    make: Make, loaded: Loaded, texts: list[str], true: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def refuse(*arguments: Any, **_: Any) -> None:
        asked.append(arguments)  # the libraries would swallow the error alone
        raise OSError("no network in tests")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    scores(make, loaded, texts, true)
    assert asked == []


@both
def test_no_file_no_line_and_no_drawn_number_is_left_behind(
    make: Make,
    loaded: Loaded,
    texts: list[str],
    true: np.ndarray,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()
    scores(make, loaded, texts, true)
    assert (random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()) == before
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr() == ("", "")
