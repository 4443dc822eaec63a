"""Comments in, results out: the one classifier behind Python, HTTP and bulk.

Knows how a comment travels: parse, normalise, language, tokenise, run, decide, advise. Every comment runs alone, on one
of as many threads as there are CPUs, so its answer never depends on its neighbours. (Dynamic int8 quantisation scales
over a whole batch: batched and alone differ by up to 0.09; and batching hardly pays on a CPU: docs/log.md)
Does not know HTTP, files, or how the model was trained.
"""

import os
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from gapshot import cpus, evidence
from gapshot.bundle import Bundle, locate
from gapshot.comment import Comment, salvage
from gapshot.decision import Decision, sigmoid
from gapshot.errors import BundleError, CommentError
from gapshot.result import Evidence, Gap, Result
from gapshot.settings import Settings
from gapshot.shots import shots_for
from gapshot.taxonomy import CATEGORIES, DIRECTIONAL, Taxonomy
from gapshot.text import Normalised, language_of, normalise, says_nothing

Floats = NDArray[np.floating[Any]]
Item = Comment | Mapping[str, Any]
Observer = Callable[[str, float], None]
"""Called with a stage (`wait`, `tokenise`, `run`) and the seconds one comment spent in it."""

GOLDEN_TOLERANCE = 0.03
"""Probability by which a golden answer may differ on another processor; on the machine that built it they are equal."""


class Classifier:
    """Reads comments with one bundle. Safe to share between threads; a context manager that ends its threads."""

    def __init__(
        self,
        bundle: Bundle,
        decision: Decision,
        taxonomy: Taxonomy,
        threads: int | None = None,
        observe: Observer | None = None,
    ) -> None:
        self.bundle = bundle
        self.decision = decision
        self.taxonomy = taxonomy
        self.threads = threads or cpus.granted()
        self._observe = observe or (lambda *_: None)
        self._tokenizer = Tokenizer.from_file(str(bundle.path / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(decision.max_tokens)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            bundle.path / "model.onnx", options, providers=["CPUExecutionProvider"]
        )
        self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="classify")

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str] | None = None,
        settings: Settings | None = None,
        observe: Observer | None = None,
    ) -> Self:
        """A classifier from a bundle folder, or from what the settings name; its golden answers are checked.

        Raises BundleError, TaxonomyError or SettingsError when a part cannot be used.
        """
        settings = settings or Settings.read()
        bundle = Bundle.load(Path(path) if path else locate(settings))
        taxonomy = Taxonomy.load(settings.taxonomy)
        decision = Decision.read(bundle.path / "decision.json")
        classifier = cls(bundle, decision, taxonomy, settings.threads)
        classifier.check_golden()
        if observe:
            classifier._observe = observe  # from here on: golden comments are not traffic
        if settings.decision:
            classifier.decision = decision.with_thresholds(settings.decision)
        return classifier

    def classify(self, comments: Iterable[Item]) -> list[Result]:
        """One result per comment, in order. A comment is a `Comment`, or a mapping with `text`.

        A comment that cannot be read gets a result with status `error`; its neighbours are unharmed.
        """
        return [future.result() for future in [self.submit(comment) for comment in comments]]

    def submit(self, comment: Item) -> "Future[Result]":
        """Queue one comment; the future holds its result."""
        return self._pool.submit(self._timed, comment, time.perf_counter())

    def close(self) -> None:
        """End the threads; comments already queued are finished."""
        self._pool.shutdown()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def scores(self, text: str) -> tuple[Floats, Floats, Floats]:
        """The model's raw reading of one text: logits [6], direction [2, 3], token evidence [tokens, 6]."""
        return self._run(self._tokenizer.encode(normalise(text).text))

    def check_golden(self) -> None:
        """Classify the bundle's golden comments again.

        Raises BundleError when a comment has other gaps than recorded, or a probability is off by more than
        GOLDEN_TOLERANCE. Directions and evidence may differ by rounding on another processor.
        """
        for number, golden in enumerate(self.bundle.golden(), 1):
            answer = golden_answer(self._classify(Comment(golden["text"])))
            scores = answer["scores"] or {}
            near = all(abs(scores.get(c, 0.0) - golden["scores"][c]) <= GOLDEN_TOLERANCE for c in CATEGORIES)
            if not near or set(answer["gaps"]) != set(golden["gaps"]):
                raise BundleError(
                    f"{self.bundle.path}: golden comment {number} is answered differently here than when it was made; "
                    "this machine or its onnxruntime computes otherwise, do not serve this bundle on it"
                )

    def _timed(self, item: Item, queued: float) -> Result:
        self._observe("wait", time.perf_counter() - queued)
        try:
            return self._classify(item if isinstance(item, Comment) else Comment.parse(item))
        except CommentError as error:
            return Result("error", *salvage(item), error=error)

    def _classify(self, comment: Comment) -> Result:
        started = time.perf_counter()
        text = normalise(comment.text)
        if says_nothing(text.text):
            return Result("no_text", comment.id, comment.sku, comment.language)
        language = comment.language or language_of(text.text)
        if language.strip().replace("_", "-").split("-")[0].lower() not in self.decision.languages:
            return Result("unsupported_language", comment.id, comment.sku, language)
        encoding = self._tokenizer.encode(text.text)
        tokenised = time.perf_counter()
        self._observe("tokenise", tokenised - started)
        logits, direction, tokens = self._run(encoding)
        self._observe("run", time.perf_counter() - tokenised)
        probabilities = self.decision.probabilities(logits)
        stated = [int(i) for i in np.argsort(-probabilities, kind="stable") if self.decision.stated(probabilities)[i]]
        advice = shots_for([CATEGORIES[i] for i in stated], self.taxonomy, comment.vertical, comment.existing_images)
        gaps = tuple(
            Gap(
                CATEGORIES[i],
                round(float(probabilities[i]), 4),
                self._direction(CATEGORIES[i], direction),
                known.missing_image,
                known.existing_status,
                self._evidence(comment.text, text, encoding.offsets, sigmoid(tokens[:, stated]), place),
            )
            for place, (i, known) in enumerate(zip(stated, advice.gaps, strict=True))
        )
        return Result(
            "ok",
            comment.id,
            comment.sku,
            language,
            bool(encoding.overflowing),
            gaps,
            {category: round(float(p), 4) for category, p in zip(CATEGORIES, probabilities, strict=True)},
            advice.shots,
            advice.actions,
            advice.warnings,
        )

    def _run(self, encoding: Encoding) -> tuple[Floats, Floats, Floats]:
        feed = {
            "input_ids": np.asarray([encoding.ids], np.int64),
            "attention_mask": np.asarray([encoding.attention_mask], np.int64),
        }
        logits, direction, tokens = self._session.run(["logits", "direction", "evidence"], feed)
        return logits[0], direction[0], tokens[0]

    def _direction(self, category: str, logits: Floats) -> str | None:
        return self.decision.direction_of(logits[DIRECTIONAL.index(category)]) if category in DIRECTIONAL else None

    def _evidence(
        self, sent: str, text: Normalised, offsets: list[tuple[int, int]], tokens: Floats, place: int
    ) -> tuple[Evidence, ...]:
        """The clauses of the stated gap at `place`; `tokens` [tokens, stated gaps] are probabilities."""
        rivals = np.delete(tokens, place, axis=1).max(axis=1, initial=0.0)
        found = evidence.clauses(tokens[:, place], rivals, offsets, text.text, self.decision.evidence)
        spans = [text.original_span(start, end) for start, end in found]
        return tuple(Evidence(start, end, sent[start:end]) for start, end in spans)


def golden_answer(result: Result) -> dict[str, Any]:
    """What a golden line records of a result: all that the bundle alone decides, nothing the taxonomy adds."""
    return {
        "status": result.status,
        "gaps": {gap.category: [gap.direction, *([e.start, e.end] for e in gap.evidence)] for gap in result.gaps},
        "scores": result.scores,
    }
