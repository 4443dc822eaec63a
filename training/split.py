"""Which labelled row trains, which calibrates, which tests: decided once and committed, so figures stay comparable.

A row keeps its split for ever; new rows are added beside it. Near-duplicates go together: a text almost equal to a
test row never trains. Stratified over categories, forms and sources at once.

\b
    python -m training.split         # assigns rows that have no split yet, rewrites training/data/splits.csv
"""

import csv
import re
from collections import Counter
from pathlib import Path
from typing import Any

import click
import numpy as np
from datasets import Dataset
from datasketch import MinHash, MinHashLSH
from iterstrat.ml_stratifiers import MultilabelStratifiedShuffleSplit
from rich.console import Console
from rich.progress import track
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gapshot.errors import SettingsError, TableError
from training.command import Command
from training.config import Config
from training.data import HERE, Join, load, manifest, review_sources

SPLITS = HERE / "splits.csv"
NAMES = ("train", "calibration", "test")
SHARES = {"calibration": 0.08, "test": 0.12}
HELD_OUT = {"portal_6": "test", "portal_10": "test", "portal_9": "calibration"}
"""Sources that never train, and their split: writers of return forms whom the model meets for the first time.

A row of theirs that nearly repeats an older row goes where that is: it would be no first meeting.
"""

SIMILAR = 0.7
"""Jaccard similarity of character 5-grams above which two texts are near-duplicates (read by eye on this pool)."""


def near_duplicates(texts: list[str], progress: bool = False) -> np.ndarray:
    """Group number of every text, shape [n]; texts that are nearly equal share one."""
    index = MinHashLSH(threshold=SIMILAR, num_perm=64)
    rows: list[int] = []
    columns: list[int] = []
    for i, text in enumerate(track(texts, "near-duplicates", disable=not progress)):
        plain = " ".join(re.findall(r"\w+", text.lower()))
        sketch = MinHash(num_perm=64, seed=1)
        sketch.update_batch([plain[j : j + 5].encode() for j in range(max(1, len(plain) - 4))])
        for j in index.query(sketch):
            rows.append(i)
            columns.append(j)
        index.insert(i, sketch)
    graph = coo_array((np.ones(len(rows)), (rows, columns)), shape=(len(texts), len(texts)))
    return np.asarray(connected_components(graph, directed=False)[1])


def assign(dataset: Dataset, known: dict[str, str], seed: int, progress: bool = False) -> dict[str, str]:
    """A split for every row: as `known`, else that of its near-duplicates, else drawn by stratification."""
    ids = dataset["id"]
    groups = near_duplicates(dataset["text"], progress)
    settled: dict[int, str] = {}
    for id_, group in zip(ids, groups, strict=True):
        if id_ in known:  # a new row beside a test row never trains, whatever else it is near to
            settled[group] = max(settled.get(group, "train"), known[id_], key=NAMES.index)
    for source, group in zip(dataset["source"], groups, strict=True):
        if source in HELD_OUT:
            settled.setdefault(group, HELD_OUT[source])
    open_groups = sorted(set(groups.tolist()) - settled.keys())
    kinds = sorted(set(dataset["source"]) | set(dataset["form"]))
    traits = np.zeros((groups.max() + 1, len(dataset["labels"][0]) + len(kinds)))
    for group, labels, source, form in zip(groups, dataset["labels"], dataset["source"], dataset["form"], strict=True):
        traits[group] = np.maximum(traits[group], [*labels, *(float(kind in (source, form)) for kind in kinds)])
    left = 1.0
    for name, share in SHARES.items():
        if len(open_groups) < 10:  # too few to stratify; a handful of new rows trains
            break
        draw = MultilabelStratifiedShuffleSplit(n_splits=1, test_size=share / left, random_state=seed)
        _, chosen = next(draw.split(open_groups, traits[open_groups]))
        settled |= {open_groups[i]: name for i in chosen}
        open_groups = [group for group in open_groups if group not in settled]
        left -= share
    return {id_: known.get(id_) or settled.get(group, "train") for id_, group in zip(ids, groups, strict=True)}


def read(path: Path = SPLITS) -> dict[str, str]:
    """Split by id; empty when nothing was assigned yet."""
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {row["id"]: row["split"] for row in csv.DictReader(file)}


def select(dataset: Dataset, name: str) -> Dataset:
    """The rows of one split, in the order of the data. Rows without a split are in none."""
    splits = read()
    return dataset.filter(lambda ids: [splits.get(i) == name for i in ids], input_columns="id", batched=True)


def parts(config: Config) -> tuple[dict[str, Dataset], Join]:
    """The rows of a configuration by split, at most `limit` of each, and what the join of the texts found.

    Raises SettingsError for a source of reviews that nobody labelled.
    """
    dataset, join = load(reviews=config.data.reviews)
    found = {name: select(dataset, name) for name in NAMES}
    if config.data.sources is not None:
        if unknown := set(config.data.sources) - (known := review_sources()):
            raise SettingsError(
                f"[data] sources: no reviews of {sorted(unknown)[0]!r}; there are {', '.join(sorted(known))}"
            )
        for name in ("train", "calibration"):
            found[name] = found[name].filter(
                lambda row: row["form"] == "return_form" or row["source"] in config.data.sources
            )
    if config.data.share < 1:
        rows = found["train"].shuffle(config.seed)
        found["train"] = rows.select(range(round(config.data.share * len(rows))))
    if limit := config.data.limit:
        found = {name: part.shuffle(config.seed).select(range(min(limit, len(part)))) for name, part in found.items()}
    return found, join


def of_run(record: dict[str, Any]) -> tuple[dict[str, Dataset], Join]:
    """The rows that a run was made from, by its `run.json`. Raises TableError when other rows are at hand now."""
    found, join = parts(Config.model_validate(record["config"]))
    if manifest(found) != record["dataset"]:
        raise TableError(
            f"the labelled rows at hand are not those this run was trained on ({join}); set GAPSHOT_REVIEWS_DIR as "
            "then, or train again"
        )
    return found, join


@click.command(cls=Command, help=__doc__)
def main() -> None:
    console = Console()
    dataset, join = load()
    console.print(str(join))
    known = read()
    splits = known | assign(dataset, known, seed=20261125, progress=True)
    with SPLITS.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id", "split"])
        writer.writerows(sorted(splits.items()))
    console.print(dict(Counter(splits.values())))


if __name__ == "__main__":
    main()
