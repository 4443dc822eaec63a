"""Golden comments: a few own comments with the answers a bundle gave when it was made, checked at every start.

Knows which comments make good witnesses. Does not know training or quality.
"""

import json
import random
from pathlib import Path

from gapshot.classifier import Classifier, golden_answer
from gapshot.comment import Comment
from gapshot.decision import Decision
from training import data

COUNT = 24
"""They are classified at every start, so few."""

MARGIN = 0.15
"""Least distance of their probabilities from the thresholds, or half of what there is on that side: rounding on another
processor must not flip an answer."""


def write(classifier: Classifier, decision: Decision, seed: int, path: Path) -> None:
    """Choose own comments, two in three with a gap, and write them with their answers, one JSON object a line."""
    own, _ = data.load(reviews=False)
    texts = sorted(text for text in own["text"] if 12 <= len(text) <= 120)
    random.Random(seed).shuffle(texts)
    wanted = {True: COUNT * 2 // 3, False: COUNT - COUNT * 2 // 3}
    with path.open("w", encoding="utf-8") as file:
        for text in texts:
            answer = golden_answer(classifier.classify([Comment(text)])[0])
            if answer["status"] != "ok" or not wanted[bool(answer["gaps"])]:
                continue
            pairs = zip(answer["scores"].values(), decision.threshold, strict=True)
            if all(abs(score - level) >= min(MARGIN, level / 2, (1 - level) / 2) for score, level in pairs):
                wanted[bool(answer["gaps"])] -= 1
                file.write(json.dumps({"text": text} | answer, ensure_ascii=False) + "\n")
            if not any(wanted.values()):
                return


def repeated(classifier: Classifier) -> dict[str, int]:
    """How many golden comments the classifier's bundle has, and how many it answers again exactly as recorded."""
    lines = classifier.bundle.golden()
    answers = classifier.classify([Comment(line["text"]) for line in lines])
    same = sum(
        {"text": line["text"]} | golden_answer(answer) == line for line, answer in zip(lines, answers, strict=True)
    )
    return {"comments": len(lines), "exact": same}
