"""The model card: what a bundle is, how good, on what, and where it fails, as a page; and the seal on the bundle.

Knows Markdown and the metrics' names. Every figure comes from metrics.json; nothing is measured here.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rich.table import Table

from gapshot import bundle
from gapshot.taxonomy import CATEGORIES, GAPS, Taxonomy
from training import split

PEER_FIGURES = ("macro-F1", *CATEGORIES, "ms a comment")


def finish(run: Path, version: str) -> None:
    """Write the card into a run's bundle and seal it under `version`; the manifest is written last."""
    folder = run / "bundle"
    record = json.loads((run / "run.json").read_text("utf-8"))
    metrics = json.loads((folder / "metrics.json").read_text("utf-8"))
    (folder / "README.md").write_text(page(version, metrics, record), "utf-8")
    facts = {key: record[key] for key in ("config", "dataset", "libraries")}
    bundle.seal(folder, version, Taxonomy.load().version, {"seed": record["config"]["seed"]} | facts)


def page(version: str, metrics: Mapping[str, Any], record: Mapping[str, Any]) -> str:
    """The card as Markdown."""
    matched, wanted = metrics["reviews_matched"]
    ends = " to ".join(map(_three, metrics["macro_f1_interval"]))
    parity, shares = metrics["parity"], record["config"]["calibration"]
    sections = [
        f"# gapshot bundle {version}",
        "Reads English return comments and reviews; says which expectation gaps they state (size/scale, texture, "
        "colour, fit, defect, or an unspecified mismatch), in which direction for size and fit, and in which words.",
        "## How it was made",
        f"- Base: `{_base(record['config']['encoder'])}`, fine-tuned; label-wise attention over tokens, supervised by "
        "marked clauses. ONNX, int8 weights.",
        f"- Labels: guideline v1 (docs/labelling.md), **model-assisted**, not by customers or retail experts. "
        f"{matched} of {wanted} labelled public reviews and the project's own return-form comments; "
        f"{', '.join(f'{name} {rows}' for name, rows in metrics['split'].items())} rows; near-duplicates together.",
        *_sources(record["config"]["data"].get("sources")),
        f"- Seed {record['config']['seed']}; configuration, data hashes and library versions are in manifest.json.",
        "## How good it is",
        f"On the test split, through the exported model and the code that serves: **macro-F1 of the five "
        f"{_three(metrics['macro_f1'])}** (95 % bootstrap interval {ends}); the five exactly right in "
        f"{_percent(metrics['exact'])} of comments; direction right in {_percent(metrics['direction'])} of "
        f"{metrics['directions']} found gaps of size and fit; a quoted span right in "
        f"{_percent(metrics['evidence'])} of {metrics['clauses']} found gaps with marked clauses.",
        _categories(metrics),
        "Calibration error is over 10 equal bins and all rows. Precision at a fixed recall, for those who set "
        "thresholds of their own (`GAPSHOT_DECISION`):",
        _at_recall(metrics),
        "![Reliability](reliability.png)",
        "![Precision and recall](precision_recall.png)",
        "### By kind of comment",
        _forms(metrics),
        _slices(metrics),
        "### By phenomenon",
        "Minimal pairs written for this project (docs/behaviour.md), never trained on; a pair passes when all its rows "
        "get exactly the gaps they state.",
        _behaviour(metrics),
        "### Beside simpler methods",
        "Same split, same machine, one comment at a time on one thread.",
        _peers(metrics),
        "### Export",
        f"{_percent(parity['equal_decisions'])} of decisions equal those of the trained model; macro-F1 "
        f"{parity['trained_macro_f1']:.4f} before, {parity['exported_macro_f1']:.4f} after.",
        "## Where it fails",
        "What was stated instead of a missed gap (`nothing`: no wrong category beside it):",
        _confusions(metrics),
        "- It reads English only, and at most 512 tokens.",
        "- Most of the test split comes from the sources of training; the return forms of the writers "
        f"{' and '.join(source for source, name in split.HELD_OUT.items() if name == 'test')} do not (see the slices). "
        "On other shops expect less: measure with `gapshot evaluate` on comments of your own before you act on shot "
        "lists.",
        "- Verticals other than clothing are thin in the data (see the slices); pets, food and furniture hardly there.",
        "- `unspecified` is rare and the least sure; it never hides the other five.",
        f"- Probabilities are calibrated for traffic of which {_percent(shares['return_form_weight'])} are return-form "
        "comments, the rest reviews.",
    ]
    return "\n\n".join(sections) + "\n"


def peers(metrics: Mapping[str, Any]) -> Table:
    """Baselines beside the model, a column each, for the terminal."""
    names, *columns = zip(*_peer_rows(metrics), strict=True)
    view = Table("", *names, box=None, pad_edge=False)
    for name, figures in zip(PEER_FIGURES, columns, strict=True):
        view.add_row(name, *figures)
    return view


def _peer_rows(metrics: Mapping[str, Any]) -> Iterable[list[str]]:
    ours = {
        "name": "gapshot",
        "macro_f1": metrics["macro_f1"],
        "f1": {c: metrics["categories"][c]["f1"] for c in CATEGORIES},
        "milliseconds_per_comment": metrics["milliseconds_per_comment"],
    }
    for peer in [*metrics["baselines"], ours]:
        f1 = [_three(peer["f1"][category]) for category in CATEGORIES]
        yield [peer["name"], _three(peer["macro_f1"]), *f1, f"{peer['milliseconds_per_comment']:.2f}"]


def _peers(metrics: Mapping[str, Any]) -> str:
    return _markdown(["method", *PEER_FIGURES], _peer_rows(metrics))


def _categories(metrics: Mapping[str, Any]) -> str:
    rows = []
    for category, found in metrics["categories"].items():
        shares = [_three(found[key]) for key in ("precision", "recall", "f1")]
        interval = " to ".join(map(_three, found["f1_interval"]))
        others = [_three(found[key]) for key in ("average_precision", "calibration_error")]
        rows.append([category, str(found["support"]), *shares, interval, *others])
    head = ["category", "support", "precision", "recall", "F1", "95 %", "average precision", "calibration error"]
    return _markdown(head, rows)


def _at_recall(metrics: Mapping[str, Any]) -> str:
    rows = [
        [category, *(f"{_three(precision)} (at {_three(level)})" for precision, level in found["at_recall"].values())]
        for category, found in metrics["categories"].items()
    ]
    return _markdown(["category", *(f"recall {r}" for r in ("0.7", "0.8", "0.9"))], rows)


def _forms(metrics: Mapping[str, Any]) -> str:
    rows = []
    for form, found in metrics["forms"].items():
        figures = [_three(found[key]) for key in ("macro_f1", "exact", "direction", "evidence")]
        worst = max(found["calibration_error"][category] for category in GAPS)
        rows.append([form.replace("_", " "), str(found["comments"]), *figures, _three(worst)])
    return _markdown(
        ["form", "comments", "macro-F1", "exact", "direction", "evidence", "worst calibration error"], rows
    )


def _slices(metrics: Mapping[str, Any]) -> str:
    rows = [
        [name, value, str(found["comments"]), _three(found["macro_f1"])]
        for name, values in metrics["slices"].items()
        for value, found in values.items()
    ]
    return _markdown(["slice", "", "comments", "macro-F1"], rows)


def _behaviour(metrics: Mapping[str, Any]) -> str:
    rows = [
        [name, str(found["cases"]), _percent(found["pass_rate"]), str(found["pairs"]), str(found["pairs_passed"])]
        for name, found in metrics["behaviour"].items()
    ]
    return _markdown(["phenomenon", "cases", "passed", "pairs", "pairs passed"], rows)


def _confusions(metrics: Mapping[str, Any]) -> str:
    rows = [
        [category, ", ".join(f"{other} {count}" for other, count in sorted(found.items(), key=lambda pair: -pair[1]))]
        for category, found in metrics["confusions"].items()
    ]
    return _markdown(["missed", "stated instead"], rows)


def _markdown(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _sources(sources: Iterable[str] | None) -> list[str]:
    if sources is None:
        return []
    return [
        f"- **Trained and calibrated on the reviews of {', '.join(sources)} and the project's own comments alone.**"
    ]


def _base(encoder: Mapping[str, Any]) -> str:
    return "random weights" if encoder["scratch"] else str(encoder["name"])


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"


def _three(figure: float | None) -> str:
    return "–" if figure is None else f"{figure:.3f}"
