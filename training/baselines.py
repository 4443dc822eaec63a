"""What a user would otherwise run, trained and scored on the same rows as ours: one table, no excuses.

\b
    python -m training.baselines                                         # all five, a quarter of an hour on 2 cores
    python -m training.baselines --config training/configs/tiny.toml     # seconds, random encoder

Keyword rules as return portals use them (written from the labelling guideline, no learning), and four that learn from
the same labels (training.peers): tf-idf and the untouched base encoder, each with logistic regression, SetFit, and a
model2vec classifier. The four get calibration and thresholds as ours does. Knows texts and labels of the three splits;
does not know our model.
"""

import functools
import re
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch
from datasets import Dataset
from rich.console import Console
from rich.table import Table

from gapshot.quality import Answers, f1, f1_resamples, interval, macro_f1
from gapshot.taxonomy import CATEGORIES, GAPS
from gapshot.text import normalise
from training import calibrate, encoder, peers, split
from training.command import Command
from training.config import Config
from training.peers import Model2Vec, Peer, SetFit

CONFIG = Path(__file__).parent / "configs" / "release.toml"

TIMED = 200
"""Comments over which the time of one is measured."""

SHADE = (
    "red|blue|green|yellow|orange|purple|pink|brown|black|white|grey|gray|beige|cream|ivory|navy|teal|gold|silver|tan|"
    "burgundy|turquoise|maroon"
)
PART = "sleeves?|arms?|torso|waist|hips?|bust|chest|shoulders?|legs?|straps?|neck|thighs?|calf|calves|toes?|heels?|back"
SHOP = "pictured|pictures?|pics?|photos?|images?|shown|described?|descriptions?|advertised|listing|website|online"

KEYWORDS: Mapping[str, tuple[str, ...]] = {
    "size_scale": (
        r"(too|way|much|far|bit|little|slightly|very|so|really) (small|big|large|short|long)",
        r"runs? (\w+ ){0,2}(small|large|big|short|long)",
        r"(tiny|huge|enormous|gigantic|minuscule|miniature|oversized|undersized)",
        r"(smaller|bigger|larger|shorter|longer) than",
        r"(way|much|far|lot|bit|little) (smaller|bigger|larger|shorter|longer)",
        r"(a|one|two|half a) (full |whole )?sizes? (up|down|too|bigger|smaller|larger)",
        r"(size|sized|sizing) (up|down|smaller|larger|bigger|is off|was off|chart|guide)",
        r"(not|n't) true to size",
        r"(go|order|buy)( \w+)? (up|down) (a|one|two) sizes?",
        r"(wo|does|did)n't fit (in|into|on|under|through|over)",
    ),
    "texture": (
        r"(itchy|scratchy|stiff|flimsy|see[- ]?through|sheer|transparent|thin|thinner|coarse|rough)",
        r"(plasticky|plasticy)",
        r"(looks?|looking|feels?|felt) (\w+ )?(cheap|like plastic|fake)",
        r"(cheap|poor|bad|awful|horrible|weird|synthetic) (quality )?(fabric|material|cloth|plastic|leather)",
        r"(too|very|so|really) (heavy|thick|shiny|hard)",
        r"(fabric|material) (is|was|feels) (\w+ )?(cheap|awful|horrible|terrible|weird|heavy|hard)",
        r"(not|n't|no) (\w+ )?(real|genuine) (leather|wood|silk|wool|cotton|suede)",
    ),
    "colour": (
        r"(different|wrong|off|not the|n't the) (\w+ )?(colou?r|shade|hue)",
        r"colou?rs? (\w+ ){0,4}(off|different|wrong|not|dull|darker|lighter|brighter|misleading)",
        r"colou?rs? (is|was|are|were|does|do|did)n't",
        r"(darker|lighter|brighter|duller|paler|yellower|pinker) than",
        rf"(more|looks|looked) (like |of a |a )?({SHADE})( \w+)? (than|not)",
        rf"(not|n't) (a |the |really |actually |even )?({SHADE})",
    ),
    "fit": (
        r"(too|very|so|bit|little|really|super) (tight|loose|narrow|wide|baggy|snug|boxy|low cut)",
        r"(tight|loose|snug|baggy|big|small|short|long|wide|narrow) (\w+ )?(in|at|on|around|across|through) "
        rf"(the |my |her |his )?({PART})",
        rf"({PART}) (is|are|was|were) (\w+ )?(tight|loose|short|long|big|small|wide|narrow)",
        r"(gapes?|gaping|gapped|boxy|baggy|unflattering|shapeless|uncomfortable|ill[- ]fitting)",
        r"(blisters?|rubs|rubbing)",
        r"(tight|tighter|pinch|pinches|pinching|tent)",
        r"(do|does|did)(n't| not) (\w+ )?fit",
        r"(poor|bad|weird|awkward|strange|odd|terrible) fit",
        r"fits? (\w+ )?(weird|odd|oddly|awkward|awkwardly|strange|strangely|poorly|badly|funny)",
        r"like (\w+ )?a (tent|sack|potato sack|box|bag)",
        r"(not|n't) (\w+ )?flattering",
        r"(digs?|dug|pinches|pinched) (in|into|my)",
    ),
    "defect": (
        r"(broken|broke|breaks|ripped|rip|torn|tore|holes?|stain|stained|stains|cracked|crack|damaged|defective|faulty)",
        r"(stopped|quit|not|n't) (work|working|charge|charging|turn on|turning on|start)",
        r"(missing|leaks?|leaked|leaking|unravell?ed|unravell?ing|frayed|crooked|warped|bent|snapped|malfunction\w*)",
        r"(fell|falling|falls|came|comes|coming) (apart|off|undone)",
        r"(pilled|pilling|pills|shrunk|shrank|faded|fades|peeled|peeling|scratched|scratches|dented|wobbly|rattles)",
        r"(loose|pulled) (threads?|seams?|stitching|stitches)",
        r"(smells?|smelled|smelly|stinks?|stank)",
        r"(died|dead on arrival)",
    ),
    "unspecified": (
        rf"(not|n't) (\w+ )?(as|like|what|match|look like|looks like) (\w+ ){{0,3}}({SHOP}|expected)",
        rf"nothing like (\w+ )?({SHOP})",
        rf"different (from|than|to) (\w+ )?({SHOP})",
        r"(picture|pic|photo|image|listing|description)s? (\w+ )?(shows?|showed|says?|said|lies|lied|promised?)",
        r"(misleading|false advertis\w+)",
    ),
}
"""Whole-word phrases per category, looked at on the train split only. `unspecified` counts where nothing else does."""

RULES = {
    category: re.compile("|".join(rf"(?:\b|(?=n't)){phrase}\b" for phrase in phrases), re.IGNORECASE)
    for category, phrases in KEYWORDS.items()
}
DENIED = re.compile(r"(\bnot|n't|\bnever|\bno)( at all| even| the least bit)? $", re.IGNORECASE)
"""What before a phrase takes it back: "not too small", "isn't itchy"."""


@dataclass(frozen=True)
class Baseline:
    """One way of doing without our model: its answers to the test split, and the median time of one."""

    name: str
    answers: Answers
    seconds_per_comment: float


def keywords(text: str) -> list[bool]:
    """Which of the six categories the keyword rules find in a normalised text."""
    text = text.replace("’", "'")
    found = {
        category: any(not DENIED.search(text[: match.start()]) for match in rule.finditer(text))
        for category, rule in RULES.items()
    }
    found["unspecified"] &= sum(found.values()) == 1
    return [found[category] for category in CATEGORIES]


def compare(parts: Mapping[str, Dataset], config: Config, console: Console | None = None) -> list[Baseline]:
    """Five baselines: fitted on `train`, calibrated on `calibration`, scored on `test`, timed on one thread.

    `parts` holds these three splits with the columns of `training.data.load`. Same seed, same answers.
    Raises SettingsError when the encoder of the configuration cannot be had.
    """
    console = console or Console(quiet=True)
    texts = {name: [normalise(text).text for text in part["text"]] for name, part in parts.items()}
    true = {name: np.array(part["labels"]) > 0 for name, part in parts.items()}
    timed = timing_sample(parts["test"]["text"], config.seed)
    console.print("keyword rules")
    stated = np.array([keywords(text) for text in texts["test"]])
    answers = Answers(true["test"], stated, stated.astype(float))
    baselines = [Baseline("keyword rules", answers, _median_seconds(keywords, timed))]

    with torch.random.fork_rng(devices=[]):  # an encoder from scratch draws its weights
        torch.manual_seed(config.seed)
        module, tokenizer = encoder.load(config.encoder, texts["train"])
    learned: dict[str, Peer] = {
        "tf-idf + logistic regression": peers.tfidf(config.seed),
        "frozen embeddings + logistic regression": peers.frozen(module, tokenizer, config.seed),
        "SetFit + logistic regression": SetFit(module, tokenizer, config.seed),
        "model2vec classifier": Model2Vec(module, tokenizer, config.seed),
    }
    for name, peer in learned.items():
        console.print(name)
        with torch.autocast("cpu", torch.bfloat16, enabled=config.optimiser.bf16):  # as in training: twice as fast
            peer.fit(texts["train"], true["train"])
            scores = {part: peer.decision_function(texts[part]) for part in ("calibration", "test")}
        forms = parts["calibration"]["form"]
        decision = calibrate.fit(scores["calibration"], true["calibration"], forms, config.calibration)
        probability = decision.probabilities(scores["test"])
        answers = Answers(true["test"], decision.stated(probability), probability)
        seconds = _median_seconds(functools.partial(_one_score, peer), timed)
        baselines.append(Baseline(name, answers, seconds))
    return baselines


def timing_sample(texts: Sequence[str], seed: int) -> list[str]:
    """The comments on which every method is timed: TIMED of them, drawn once."""
    return [texts[int(i)] for i in np.random.default_rng(seed).permutation(len(texts))[:TIMED]]


def _one_score(peer: Peer, text: str) -> np.ndarray:
    return peer.decision_function([text])


def _median_seconds(answer: Callable[[str], Any], texts: Sequence[str]) -> float:
    """Median wall time from a text as sent to its answer, one at a time on one thread."""
    seconds = []
    with _one_thread():
        for text in texts:
            started = time.perf_counter()
            answer(normalise(text).text)
            seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


@contextmanager
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def table(baselines: Sequence[Baseline]) -> Table:
    """A column per baseline: macro-F1 of the five with its 95 % interval, F1 of each category, time."""
    columns = []
    for each in baselines:
        low, high = interval(np.nanmean(f1_resamples(each.answers)[:, : len(GAPS)], axis=1))
        figures = f1(each.answers.true, each.answers.stated)
        columns.append(
            [
                f"{macro_f1(each.answers):.3f}",
                f"{low:.3f} to {high:.3f}",
                *(f"{figure:.3f}" for figure in figures),
                f"{1000 * each.seconds_per_comment:.2f}",
            ]
        )
    out = Table("", *(each.name for each in baselines), box=None, pad_edge=False)
    names = ["macro-F1 of the five", "95 % interval", *(f"F1 {c}" for c in CATEGORIES), "ms a comment"]
    for name, *values in zip(names, *columns, strict=True):
        out.add_row(name, *values)
    return out


@click.command(cls=Command, help=__doc__)
@click.option("--config", type=click.Path(path_type=Path), default=CONFIG, show_default=True)
def main(config: Path) -> None:
    settings = Config.read(config)
    console = Console()
    parts, join = split.parts(settings)
    console.print(str(join))
    console.print(table(compare(parts, settings, console)))


if __name__ == "__main__":
    main()
