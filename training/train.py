"""Fine-tune the encoder: labelled rows in; a run folder with weights, tokenizer and all that repeats it out.

\b
    python -m training.train                             # the release configuration, an hour on 2 cores
    python -m training.train --config training/configs/tiny.toml --out runs/tiny    # seconds, random weights
"""

import json
import math
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
import torch
from datasets import Dataset, concatenate_datasets
from safetensors.torch import save_file
from transformers import Trainer, TrainingArguments, set_seed

from gapshot.errors import SettingsError
from gapshot.quality import Answers, macro_f1
from training import data, encoder, features, split
from training.command import Command
from training.config import Config
from training.model import GapModel, loss

LIBRARIES = ("torch", "transformers", "tokenizers", "onnxruntime", "onnx", "scikit-learn", "datasets")
CONFIGS = Path(__file__).parent / "configs"


def _progress(prediction: Any) -> dict[str, float]:
    """Macro-F1 of the five at logit 0, for the progress line only; release figures come from training.evaluate."""
    logits, true = prediction.predictions[0], prediction.label_ids["gaps"] > 0
    return {"macro_f1": macro_f1(Answers(true, logits > 0, logits))}


def is_done(config: Config, parts: Mapping[str, Dataset], out: Path) -> bool:
    """Whether `out` holds this very run already. Raises SettingsError when it holds another one."""
    if not (out / "run.json").exists():
        return False
    record = json.loads((out / "run.json").read_text("utf-8"))
    if Config.model_validate(record["config"]) != config or record["dataset"] != data.manifest(parts):
        raise SettingsError(
            f"{out} holds a run of another configuration or of other rows; remove it or name another folder"
        )
    return True


def train(config: Config, parts: Mapping[str, Dataset], out: Path) -> None:
    """Train on the part `train`, watch on `calibration`, write `out`: weights, tokenizer, configuration, manifest.

    Deterministic on one machine for one configuration. Raises SettingsError for an encoder that cannot be had.
    """
    set_seed(config.seed)
    torch.use_deterministic_algorithms(True)
    # Nothing reads memory that was not written, and filling it costs a tenth of a step.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    # Adam's moments of rare words decay into denormal floats, which made steps ten times slower after a thousand.
    torch.set_flush_denormal(True)
    module, tokenizer = encoder.load(config.encoder, parts["train"]["text"], config.optimiser.max_tokens)
    labelled = parts["train"]
    made = [
        features.clauses(labelled),
        features.stitched(labelled, config.seed),
    ]
    rows = concatenate_datasets([labelled, *made])
    training, watching = (features.encode(part, tokenizer) for part in (rows, parts["calibration"]))
    steps = math.ceil(len(training) / config.optimiser.batch_size * config.optimiser.epochs)
    arguments = TrainingArguments(
        output_dir=str(out / "checkpoints"),
        num_train_epochs=config.optimiser.epochs,
        per_device_train_batch_size=config.optimiser.batch_size,
        per_device_eval_batch_size=64,
        learning_rate=config.optimiser.learning_rate,
        warmup_steps=round(steps * config.optimiser.warmup),
        weight_decay=config.optimiser.weight_decay,
        bf16=config.optimiser.bf16,
        use_cpu=not torch.cuda.is_available(),  # bf16 on a CPU wants to be asked for
        train_sampling_strategy="group_by_length",
        length_column_name="length",
        remove_unused_columns=False,
        dataloader_pin_memory=False,
        label_names=["labels"],
        eval_strategy="epoch",
        save_strategy="no",
        logging_steps=50,
        seed=config.seed,
        report_to=[],
    )
    model = GapModel(module)
    evidence_weight, direction_weight = config.optimiser.evidence_weight, config.optimiser.direction_weight
    trainer = Trainer(
        model=model,
        args=arguments,
        train_dataset=training,
        eval_dataset=watching,
        data_collator=features.collate,
        compute_loss_func=lambda output, labels, **_: loss(output, labels, evidence_weight, direction_weight),
        compute_metrics=_progress,
    )
    trainer.train()
    out.mkdir(parents=True, exist_ok=True)
    save_file(model.state_dict(), out / "model.safetensors")
    module.config.save_pretrained(out)
    tokenizer.enable_truncation(512)
    tokenizer.save(str(out / "tokenizer.json"))
    record = {
        "config": config.model_dump(),
        "dataset": data.manifest(parts),
        "libraries": {name: version(name) for name in LIBRARIES},
        "log": trainer.state.log_history,
    }
    (out / "run.json").write_text(json.dumps(record, indent=1) + "\n", "utf-8")


@click.command(cls=Command, help=__doc__)
@click.option("--config", type=click.Path(path_type=Path), default=CONFIGS / "release.toml", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), help="Run folder [default: runs/<name of the configuration>]")
def main(config: Path, out: Path | None) -> None:
    settings = Config.read(config)
    parts, join = split.parts(settings)
    print(join)
    train(settings, parts, out or Path("runs") / settings.name)


if __name__ == "__main__":
    main()
