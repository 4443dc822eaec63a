"""From logits to gaps: the one decision rule of training, HTTP and batch.

Knows numbers; does not know tokens or text.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gapshot.errors import BundleError, SettingsError
from gapshot.taxonomy import CATEGORIES, DIRECTIONS

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Decision:
    """What turns a model's logits into answers; `decision.json` of a bundle.

    `scale`, `bias`, `threshold`: one float per category in the order of CATEGORIES; a probability is
    sigmoid(scale * logit + bias), a gap is stated from `threshold` on (0 to 1). `direction`: least probability for
    small or large. `evidence`: least probability of a token to be quoted. `languages`: primary subtags the model
    reads. `max_tokens`: what it reads of a comment.
    """

    scale: tuple[float, ...]
    bias: tuple[float, ...]
    threshold: tuple[float, ...]
    direction: float = 0.5
    evidence: float = 0.5
    languages: tuple[str, ...] = ("en",)
    max_tokens: int = 512

    @classmethod
    def read(cls, path: Path) -> "Decision":
        """Read `decision.json`. Raises BundleError when a field is missing or not of its type."""
        try:
            values = json.loads(path.read_text("utf-8"))
            scale, bias, threshold = (
                tuple(float(values["categories"][category][field]) for category in CATEGORIES)
                for field in ("scale", "bias", "threshold")
            )
            return cls(
                scale,
                bias,
                threshold,
                direction=float(values["direction"]),
                evidence=float(values["evidence"]),
                languages=tuple(values["languages"]),
                max_tokens=int(values["max_tokens"]),
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BundleError(
                f"{path}: not a decision file of this version ({type(error).__name__}: {error})"
            ) from error

    def write(self, path: Path) -> None:
        """Write `decision.json`."""
        columns = zip(CATEGORIES, self.scale, self.bias, self.threshold, strict=True)
        values = {
            "categories": {c: {"scale": scale, "bias": bias, "threshold": level} for c, scale, bias, level in columns},
            "direction": self.direction,
            "evidence": self.evidence,
            "languages": list(self.languages),
            "max_tokens": self.max_tokens,
        }
        path.write_text(json.dumps(values, indent=1) + "\n", "utf-8")

    def with_thresholds(self, path: Path) -> "Decision":
        """This decision with thresholds of a merchant's own: a JSON object such as {"colour": 0.7}.

        Raises SettingsError that names the file and the key at fault.
        """
        try:
            own = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise SettingsError(f"{path}: not readable as JSON ({type(error).__name__})") from error
        if not isinstance(own, Mapping):
            raise SettingsError(f'{path}: must be an object of thresholds, such as {{"colour": 0.7}}')
        for category, level in own.items():
            if category not in CATEGORIES:
                raise SettingsError(f"{path}: unknown category {category!r}; known: {', '.join(CATEGORIES)}")
            if isinstance(level, bool) or not isinstance(level, int | float) or not 0 < level < 1:
                raise SettingsError(f"{path}: the threshold of {category} must be a number between 0 and 1")
        pairs = zip(CATEGORIES, self.threshold, strict=True)
        return replace(self, threshold=tuple(float(own.get(category, level)) for category, level in pairs))

    def probabilities(self, logits: Array) -> Array:
        """Calibrated probabilities; `logits` and answer have shape [..., 6], values 0 to 1."""
        return sigmoid(logits * np.asarray(self.scale) + np.asarray(self.bias))

    def stated(self, probabilities: Array) -> NDArray[np.bool_]:
        """Which categories are stated; shapes [..., 6]."""
        stated: NDArray[np.bool_] = probabilities >= np.asarray(self.threshold)
        return stated

    def direction_of(self, logits: Array) -> str | None:
        """`small`, `large` or None from three logits (unknown, small, large)."""
        odds = np.exp(logits - logits.max())
        likely = int(odds[1:].argmax())
        return DIRECTIONS[likely] if odds[1 + likely] >= self.direction * odds.sum() else None


def sigmoid(x: Array) -> Array:
    """Logistic function that does not overflow."""
    halves: Array = np.tanh(0.5 * x)
    return 0.5 * (1.0 + halves)
