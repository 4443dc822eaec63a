"""The configuration of one training run, read from TOML. Knows names, types and ranges; does nothing."""

import tomllib
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gapshot.errors import SettingsError

Share = Annotated[float, Field(gt=0, lt=1)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Scratch(_Table):
    """An encoder with random weights and a vocabulary learned from the training texts: for tests, needs no download."""

    layers: int = 1
    hidden: int = 32
    vocabulary: int = 2000


class Encoder(_Table):
    """The pretrained encoder: a folder, a hub name, or `scratch`."""

    name: str = "sentence-transformers/all-MiniLM-L6-v2"
    scratch: Scratch | None = None


class Data(_Table):
    """Which rows to learn from and to measure on; `limit` keeps that many of every split (None = all).

    `sources` names the sources of reviews to train and calibrate on (None = all); the test split is the same for all.
    `share` of the training rows, for learning curves.
    """

    reviews: bool = True
    sources: tuple[str, ...] | None = None
    share: float = Field(default=1.0, gt=0, le=1)
    limit: int | None = None


class Optimiser(_Table):
    """AdamW with a linear schedule. `max_tokens` cuts training texts only; serving reads 512."""

    epochs: float = 3
    batch_size: int = 32
    learning_rate: float = 1e-4
    warmup: float = 0.06
    weight_decay: float = 0.01
    max_tokens: int = 256
    bf16: bool = True
    evidence_weight: float = Field(default=1.0, ge=0)
    direction_weight: float = Field(default=0.3, ge=0)


class Calibration(_Table):
    """`return_form_weight`: share of return-form comments in the traffic the probabilities are calibrated for.
    `support_floor`: fewer positives than this in the calibration split, and the threshold stays at 0.5."""

    return_form_weight: Share = 0.5
    support_floor: int = 25


class Gates(_Table):
    """Floors a bundle must reach on the test split before it may be released."""

    macro_f1: float = 0.82
    category_f1: float = 0.70
    category_regression: float = 0.03
    parity: float = 0.995
    golden: int = 24
    export_loss: float = 0.005
    bundle_megabytes: float = 25.0
    regression: float = 0.005


class Config(_Table):
    """Everything that decides a run; saved beside its weights."""

    name: str
    seed: int = 20261125
    encoder: Encoder = Encoder()
    data: Data = Data()
    optimiser: Optimiser = Optimiser()
    calibration: Calibration = Calibration()
    gates: Gates = Gates()

    @classmethod
    def read(cls, path: Path) -> "Config":
        """Read and check a TOML file. Raises SettingsError that names the file, the key and the reason."""
        try:
            values: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
            return cls(**values)
        except FileNotFoundError as error:
            raise SettingsError(f"{path}: no such file; training/configs/ holds the ones that ship") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{path}: not readable as TOML: {error}") from error
        except ValidationError as error:
            faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            raise SettingsError(f"{path}: {faults}") from error
