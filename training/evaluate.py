"""Measure an exported bundle as it will serve: the test split through the classifier, baselines and champion beside it.

\b
    python -m training.evaluate runs/release      # finishes runs/release/bundle: metrics, plots, card, golden, manifest

Knows what a release has to show. Does not decide whether it is good enough (training.gates).
"""

import json
import time
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch
from datasets import Dataset
from rich.console import Console
from rich.progress import track
from tokenizers import Tokenizer

from gapshot.classifier import Classifier
from gapshot.decision import Decision
from gapshot.evaluate import table
from gapshot.quality import (
    Answers,
    calibration_error,
    direction_right,
    evidence_right,
    exact,
    f1,
    macro_f1,
    report,
)
from gapshot.result import Result
from gapshot.settings import Settings
from gapshot.taxonomy import CATEGORIES
from gapshot.text import normalise
from training import baselines, behaviour, calibrate, card, data, golden, plots, split
from training.command import Command
from training.config import Config
from training.export import trained

CANDIDATE = "candidate"
"""Version of a bundle that is not released."""


def classify(classifier: Classifier, rows: Dataset) -> list[Result]:
    """Results of all rows, with progress; the language is detected, as for callers who do not say."""
    futures = [classifier.submit({"text": text}) for text in rows["text"]]
    return [future.result() for future in track(futures, "classify")]


def slices(rows: Dataset, results: list[Result]) -> dict[str, dict[str, Any]]:
    """Macro-F1 and count by form, source, vertical and length in characters; slices under 30 comments are left out."""
    truths = [data.truth(row) for row in rows]
    answers = Answers.of(truths, results)
    lengths = np.array([len(text) for text in rows["text"]])
    cuts: dict[str, np.ndarray] = {
        "characters": np.select([lengths <= 60, lengths <= 200, lengths <= 400], ["1-60", "61-200", "201-400"], "401-"),
        **{column: np.array(rows[column]) for column in ("form", "source", "vertical")},
    }
    return {
        name: {
            str(value): {"comments": int((values == value).sum())} | f1_figures(answers.rows(values == value))
            for value in np.unique(values)
            if (values == value).sum() >= 30
        }
        for name, values in cuts.items()
    }


def parity(run: Path, decision: Decision, rows: Dataset, classifier: Classifier) -> dict[str, float]:
    """The exported model beside the trained one: share of equal decisions (rows x categories), macro-F1 of both."""
    model = trained(run)
    tokenizer = Tokenizer.from_file(str(run / "tokenizer.json"))
    original, exported = [], []
    with torch.no_grad():
        for text in track(rows["text"], "parity"):
            ids = torch.tensor([tokenizer.encode(normalise(text).text).ids])
            original.append(model(ids, torch.ones_like(ids))["logits"][0].numpy())
            exported.append(classifier.scores(text)[0])
    true = np.array(rows["labels"]) > 0
    probability = [decision.probabilities(np.array(logits)) for logits in (original, exported)]
    stated = [decision.stated(p) for p in probability]
    return {
        "equal_decisions": round(float((stated[0] == stated[1]).mean()), 5),
        "trained_macro_f1": round(macro_f1(Answers(true, stated[0], probability[0])), 4),
        "exported_macro_f1": round(macro_f1(Answers(true, stated[1], probability[1])), 4),
    }


def speed(classifier: Classifier, texts: list[str]) -> float:
    """Milliseconds for one comment, median of these, one after the other on one thread."""
    times = []
    for text in texts:
        started = time.perf_counter()
        classifier.classify([{"text": text}])
        times.append(time.perf_counter() - started)
    return round(1000 * float(np.median(times)), 3)


def champion(rows: Dataset, models: Path) -> dict[str, Any] | None:
    """F1 of the released bundle on the same rows, with its own thresholds; None where there is none yet."""
    if not (models / "current").exists():
        return None
    bare = Settings(models=models, bundle=None, decision=None, taxonomy=None)
    with Classifier.load(settings=bare) as classifier:
        answers = Answers.of([data.truth(row) for row in rows], classify(classifier, rows))
        return {"version": classifier.bundle.version} | f1_figures(answers)


def by_form(rows: Dataset, results: list[Result]) -> dict[str, dict[str, Any]]:
    """The figures of return-form comments and of reviews apart."""
    forms = np.array(rows["form"])
    found = {}
    for form in np.unique(forms):
        at = np.flatnonzero(forms == form)
        truths, part = [data.truth(rows[int(i)]) for i in at], [results[i] for i in at]
        answers = Answers.of(truths, part)
        errors = [calibration_error(answers.true[:, k], answers.probability[:, k]) for k in range(len(CATEGORIES))]
        (turned, turns), (quoted, clauses) = direction_right(truths, part), evidence_right(truths, part)
        found[str(form)] = {
            "comments": len(at),
            **f1_figures(answers),
            "exact": round(exact(answers), 4),
            "direction": round(turned / turns, 4) if turns else None,
            "evidence": round(quoted / clauses, 4) if clauses else None,
            "calibration_error": {c: round(error, 4) for c, error in zip(CATEGORIES, errors, strict=True)},
        }
    return found


def f1_figures(answers: Answers) -> dict[str, Any]:
    """Macro-F1 of the five, and F1 of each category (None where it is neither true nor stated)."""
    scores = dict(zip(CATEGORIES, f1(answers.true, answers.stated), strict=True))
    known = {category: None if np.isnan(score) else round(float(score), 4) for category, score in scores.items()}
    macro = macro_f1(answers)
    return {"macro_f1": None if np.isnan(macro) else round(macro, 4), "f1": known}


def evaluate(run: Path) -> dict[str, Any]:
    """Measure a calibrated run and finish its bundle as a candidate; returns the metrics."""
    record = json.loads((run / "run.json").read_text("utf-8"))
    config = Config.model_validate(record["config"])
    parts, join = split.of_run(record)
    print(join)
    rows, folder = parts["test"], run / "bundle"
    truths = [data.truth(row) for row in rows]
    decision = Decision.read(folder / "decision.json")
    with calibrate.unsealed(folder, decision) as classifier:
        results = classify(classifier, rows)
        metrics: dict[str, Any] = report(truths, results) | {
            "forms": by_form(rows, results),
            "slices": slices(rows, results),
            "parity": parity(run, decision, rows, classifier),
            "milliseconds_per_comment": speed(classifier, baselines.timing_sample(rows["text"], config.seed)),
            "baselines": [
                {"name": peer.name, "milliseconds_per_comment": round(1000 * peer.seconds_per_comment, 3)}
                | f1_figures(peer.answers)
                for peer in baselines.compare(parts, config, Console())
            ],
            "behaviour": behaviour.rates(classifier),
            "champion": champion(rows, Settings.read().models),
            "split": {name: len(part) for name, part in parts.items()},
            "reviews_matched": [join.matched, join.wanted],
        }
        golden.write(classifier, decision, config.seed, folder / "golden.jsonl")
    with calibrate.unsealed(folder, decision) as reloaded:
        metrics["golden"] = golden.repeated(reloaded)
    (folder / "metrics.json").write_text(json.dumps(metrics, indent=1) + "\n", "utf-8")
    answers = Answers.of(truths, results)
    plots.reliability(answers, rows["form"], folder / "reliability.png")
    plots.precision_recall(answers, decision, folder / "precision_recall.png")
    card.finish(run, CANDIDATE)
    Classifier.load(folder).close()  # hashes and golden answers, as a server would check them
    return metrics


@click.command(cls=Command, help=__doc__)
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(run: Path) -> None:
    metrics = evaluate(run)
    console = Console()
    console.print(table(metrics))
    console.print(card.peers(metrics))


if __name__ == "__main__":
    main()
