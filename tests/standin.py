"""A bundle whose answers can be counted by hand, for tests that need no trained model.

Every known word adds its weight to the logit of its category, every comment starts at -4. So a comment with one such
word has probability sigmoid(8 - 4) = 0.982 for its category, and sigmoid(-4) = 0.018 for the others; the word itself
is the evidence. Thresholds are 0.5.
"""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from gapshot.bundle import Bundle, seal
from gapshot.classifier import Classifier, golden_answer
from gapshot.comment import Comment
from gapshot.decision import Decision
from gapshot.taxonomy import CATEGORIES, DIRECTIONAL, DIRECTIONS, Taxonomy

WORDS = {
    "tiny": ("size_scale", "small"),
    "huge": ("size_scale", "large"),
    "misjudged": ("size_scale", None),
    "itchy": ("texture", None),
    "grey": ("colour", None),
    "tight": ("fit", "small"),
    "loose": ("fit", "large"),
    "broken": ("defect", None),
    "unlike": ("unspecified", None),
}
WEIGHT, BIAS = 8.0, -4.0
STATED, ABSENT = 0.982, 0.018  # sigmoid(4) and sigmoid(-4), to three decimals


def _model() -> onnx.ModelProto:
    size = len(WORDS) + 1  # word 0 is any other word
    gaps = np.full((size, len(CATEGORIES)), 0.0, np.float32)
    tokens = np.full((size, len(CATEGORIES)), -WEIGHT, np.float32)
    directions = np.zeros((size, len(DIRECTIONAL) * (len(DIRECTIONS) + 1)), np.float32)
    for word, (category, direction) in enumerate(WORDS.values(), 1):
        column = CATEGORIES.index(category)
        gaps[word, column] = WEIGHT
        tokens[word, column] = WEIGHT
        if category in DIRECTIONAL:
            directions[word, 3 * DIRECTIONAL.index(category) + [None, *DIRECTIONS].index(direction)] = WEIGHT
    constants = {
        "gap_table": gaps,
        "token_table": tokens,
        "direction_table": directions,
        "bias": np.full(len(CATEGORIES), BIAS, np.float32),
        "axis": np.array([1], np.int64),
        "shape": np.array([-1, len(DIRECTIONAL), len(DIRECTIONS) + 1], np.int64),
    }
    nodes = [
        helper.make_node("Gather", ["token_table", "input_ids"], ["evidence"]),
        helper.make_node("Gather", ["gap_table", "input_ids"], ["each"]),
        helper.make_node("ReduceSum", ["each", "axis"], ["sum"], keepdims=0),
        helper.make_node("Add", ["sum", "bias"], ["logits"]),
        helper.make_node("Gather", ["direction_table", "input_ids"], ["turns"]),
        helper.make_node("ReduceSum", ["turns", "axis"], ["turned"], keepdims=0),
        helper.make_node("Reshape", ["turned", "shape"], ["direction"]),
        helper.make_node("Identity", ["attention_mask"], ["unused"]),
    ]
    ids = [helper.make_tensor_value_info(n, TensorProto.INT64, ["b", "s"]) for n in ("input_ids", "attention_mask")]
    outputs = [
        helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["b", 6]),
        helper.make_tensor_value_info("direction", TensorProto.FLOAT, ["b", 2, 3]),
        helper.make_tensor_value_info("evidence", TensorProto.FLOAT, ["b", "s", 6]),
    ]
    initial = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "standin", ids, outputs, initial)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def _tokenizer() -> Tokenizer:
    vocabulary = {"[UNK]": 0} | {word: i for i, word in enumerate(WORDS, 1)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer


def make_bundle(path: Path, version: str = "standin.1", **decision: object) -> Path:
    """Write the bundle into `path` (made if absent); `decision` replaces fields of its Decision."""
    path.mkdir(parents=True, exist_ok=True)
    onnx.save(_model(), path / "model.onnx")
    _tokenizer().save(str(path / "tokenizer.json"))
    six = len(CATEGORIES)
    rule = Decision(**({"scale": (1.0,) * six, "bias": (0.0,) * six, "threshold": (0.5,) * six} | decision))  # type: ignore[arg-type]
    rule.write(path / "decision.json")
    (path / "metrics.json").write_text(json.dumps({"macro_f1": 1.0}))
    (path / "golden.jsonl").write_text("")
    taxonomy = Taxonomy.load()
    seal(path, version, taxonomy.version, {})
    with Classifier(Bundle.load(path), rule, taxonomy, threads=1) as classifier:
        texts = ["Vase is tiny and more grey than blue", "the strap is broken", "all fine, thank you"]
        rows = [
            {"text": t} | golden_answer(r)
            for t, r in zip(texts, classifier.classify([Comment(t) for t in texts]), strict=True)
        ]
    (path / "golden.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    seal(path, version, taxonomy.version, {})
    return path
