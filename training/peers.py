"""The methods that learn, beside which ours is measured: tf-idf, frozen embeddings, SetFit and model2vec.

Each fits on normalised texts and labels [n, 6] and scores texts, higher where a category is more likely: no thresholds,
no calibration. All start from the encoder they are given and ask no hub for anything. Knows texts and labels; does not
know splits, nor our model.
"""

import io
import random
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import torch
from model2vec.distill import distill_from_model
from model2vec.train import StaticModelForClassification
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer
from tokenizers import Tokenizer
from transformers import AutoModel, PreTrainedTokenizerFast, PrinterCallback, ProgressCallback

from gapshot.taxonomy import CATEGORIES

BATCH = 64
"""Texts an encoder reads at once; sorted by length, so that little is padding."""

SHOTS = 64
"""Rows of every category from which SetFit makes its pairs: the most that its paper (Tunstall et al. 2022) tries."""

STEPS = 150
"""Steps of SetFit's contrastive training, of PAIRS pairs each."""

PAIRS = 16
"""SetFit's own batch size."""

PAIR_TOKENS = 128
"""Tokens of a text that the contrastive training reads, as many as MiniLM's own did; embeddings read the whole text."""

STATIC_WIDTH = 256
"""Width of model2vec's token vectors, its own default; the encoder's where that is narrower."""

NEVER = -10.0
"""Logit of a category that no training row states."""


class Peer(Protocol):
    """A method that learns."""

    def fit(self, texts: Sequence[str], true: np.ndarray) -> Any:
        """Learn from `texts` and their labels, bool [n, 6]."""

    def decision_function(self, texts: Sequence[str]) -> np.ndarray:
        """Scores [n, 6] without bounds."""


def tfidf(seed: int) -> Pipeline:
    """Single words, pairs, and pieces of words of 2 to 5 characters; one logistic regression per category."""
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    pieces = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=5, sublinear_tf=True)
    return make_pipeline(FeatureUnion([("words", words), ("pieces", pieces)]), _regression(seed))


def frozen(module: Any, tokenizer: Tokenizer, seed: int) -> Pipeline:
    """Mean-pooled embeddings of an encoder as it is; one logistic regression per category."""
    embeddings = FunctionTransformer(lambda texts: embed(module, tokenizer, texts))
    return make_pipeline(embeddings, _regression(seed))


def _regression(seed: int) -> OneVsRestClassifier:
    return OneVsRestClassifier(LogisticRegression(C=10.0, max_iter=1000, random_state=seed), n_jobs=1)


def embed(module: Any, tokenizer: Tokenizer, texts: Sequence[str]) -> np.ndarray:
    """Mean of the token vectors of each text, of length 1; shape [n, width], in the order of `texts`."""
    module.eval()
    encoded = [encoding.ids for encoding in tokenizer.encode_batch(list(texts))]
    order = sorted(range(len(encoded)), key=lambda i: len(encoded[i]))
    vectors = np.zeros((len(encoded), module.config.hidden_size), np.float32)
    for first in range(0, len(order), BATCH):
        chosen = order[first : first + BATCH]
        rows = [torch.tensor(encoded[i]) for i in chosen]
        ids = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
        mask = torch.nn.utils.rnn.pad_sequence([torch.ones_like(row) for row in rows], batch_first=True)
        with torch.no_grad():
            hidden = module(input_ids=ids, attention_mask=mask).last_hidden_state
        mean = (hidden * mask.unsqueeze(-1)).sum(1) / mask.sum(1, keepdim=True)
        vectors[chosen] = torch.nn.functional.normalize(mean, dim=1).numpy()
    return vectors


def few_shot(true: np.ndarray, seed: int) -> list[int]:
    """Numbers of up to SHOTS rows per category, none twice, drawn from labels [n, 6].

    Rows without a category are never drawn. SetFit counts two rows as alike when they share a label, so it would pull
    texts without any away from each other, and each from itself.
    """
    draw = np.random.default_rng(seed)
    chosen: list[int] = []
    for stated in true.T:
        rest = np.setdiff1d(np.flatnonzero(stated), chosen)
        chosen.extend(draw.permutation(rest)[:SHOTS].tolist())
    return sorted(chosen)


@dataclass
class SetFit:
    """Embeddings of the encoder after contrastive training on a few rows; one logistic regression per category.

    Only the pairs are few-shot, as its authors mean them. The regression learns from all rows, which is kinder to it
    than few-shot and what a user with our labels would do.
    """

    module: Any
    tokenizer: Tokenizer
    seed: int
    _learned: Pipeline = field(init=False, repr=False)

    def fit(self, texts: Sequence[str], true: np.ndarray) -> None:
        """Learn from `texts` and their labels [n, 6]; the given module stays as it is."""
        rows = few_shot(true, self.seed)
        module = self._contrasted([texts[i] for i in rows], true[rows])
        self._learned = frozen(module, self.tokenizer, self.seed).fit(texts, true)

    def decision_function(self, texts: Sequence[str]) -> np.ndarray:
        """Scores [n, 6] without bounds."""
        scores: np.ndarray = self._learned.decision_function(texts)
        return scores

    def _contrasted(self, texts: list[str], true: np.ndarray) -> Any:
        """A copy of the module in which texts that share a label are near each other."""
        with warnings.catch_warnings():  # setfit resets the filters of the whole process as it is imported
            import setfit
            from sentence_transformers import SentenceTransformer
            from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
        setfit.logging.set_verbosity_error()
        with _apart(self.seed), _saved(self.module, self.tokenizer) as folder:
            as_loaded = {"add_pooling_layer": False, "attn_implementation": "eager"}  # as training.encoder does
            reader = Transformer(folder, max_seq_length=PAIR_TOKENS, model_kwargs=as_loaded)
            pooling = Pooling(self.module.config.hidden_size, "mean")
            body = SentenceTransformer(modules=[reader, pooling, Normalize()], device="cpu", local_files_only=True)
            arguments = setfit.TrainingArguments(
                output_dir=folder,
                batch_size=PAIRS,
                max_steps=STEPS,
                seed=self.seed,
                report_to="none",
                logging_strategy="no",
                save_strategy="no",
            )
            trainer = setfit.Trainer(setfit.SetFitModel(body, multi_target_strategy="one-vs-rest"), arguments)
            trainer.remove_callback(ProgressCallback)
            trainer.remove_callback(PrinterCallback)
            trainer.st_trainer.args.dataloader_pin_memory = False  # else torch warns where there is no GPU
            with torch.autocast("cpu", enabled=torch.is_autocast_enabled("cpu"), cache_enabled=False):
                # The cache would go on with the weights as the first step has cast them.
                trainer.train_embeddings(texts, true.astype(int).tolist())
        return reader.auto_model.cpu()


@dataclass
class Model2Vec:
    """A vector per token distilled from the encoder, and model2vec's own classifier over their mean, trained together.

    It keeps a tenth of the rows to know when to stop.
    """

    module: Any
    tokenizer: Tokenizer
    seed: int
    _learned: StaticModelForClassification = field(init=False, repr=False)

    def fit(self, texts: Sequence[str], true: np.ndarray) -> None:
        """Learn from `texts` and their labels [n, 6]; the given module stays as it is."""
        width = min(STATIC_WIDTH, self.module.config.hidden_size)
        stated = [[CATEGORIES[k] for k in np.flatnonzero(row)] for row in true]
        with _apart(self.seed), _float32():
            with _saved(self.module, self.tokenizer) as folder:
                module = AutoModel.from_pretrained(folder, add_pooling_layer=False)  # named by a folder: asks no hub
                tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
                static = distill_from_model(module, tokenizer, device="cpu", pca_dims=width, quantize_to="float32")
            self._learned = StaticModelForClassification.from_static_model(model=static)
            self._learned.fit(texts, stated, device="cpu", random_seed=self.seed)

    def decision_function(self, texts: Sequence[str]) -> np.ndarray:
        """Scores [n, 6] without bounds."""
        scores = np.full((len(texts), len(CATEGORIES)), NEVER)
        columns = [CATEGORIES.index(category) for category in self._learned.classes_]
        with _float32():
            scores[:, columns] = self._learned.encode(list(texts))
        return scores


def _float32() -> torch.autocast:
    """Where model2vec works: it hands results to numpy, which knows no bf16."""
    return torch.autocast("cpu", enabled=False)


@contextmanager
def _apart(seed: int) -> Iterator[None]:
    """Random numbers from `seed` that leave the caller's as they were, and neither progress bars nor logs."""
    before, numpys = random.getstate(), np.random.get_state()
    try:
        # Neither library can be told to show no bars.
        with torch.random.fork_rng(devices=[]), redirect_stderr(io.StringIO()):
            torch.manual_seed(seed)
            yield
    finally:
        random.setstate(before)
        np.random.set_state(numpys)


@contextmanager
def _saved(module: Any, tokenizer: Tokenizer) -> Iterator[str]:
    """A folder with both, for libraries that load by name; gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        module.save_pretrained(folder)
        padding = tokenizer.id_to_token(module.config.pad_token_id)
        wrapped = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token=padding)  # type: ignore[no-untyped-call]
        wrapped.save_pretrained(folder)
        yield folder
