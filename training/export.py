"""A trained run as a bundle's model: ONNX with int8 weights, small enough to commit and quick on a CPU.

\b
    python -m training.export runs/release        # writes runs/release/bundle/{model.onnx,tokenizer.json}

Knows the graph and its quantisation. Does not know thresholds or quality; training.evaluate checks what was lost.
"""

import logging
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer
from onnxruntime.quantization.shape_inference import quant_pre_process
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel

from training.command import Command
from training.model import GapModel

BLOCK = 128
"""Weights of a feed-forward layer's second product that share a scale. Measured in docs/log.md."""

INT8_ACTIVATIONS = 4
"""onnxruntime's accuracy level of MatMulNBits that computes in int8, activations scaled per block."""

OUTPUTS = ("logits", "direction", "evidence")


class _Traced(nn.Module):
    """The model with plain tensors out, as the exporter wants it."""

    def __init__(self, model: GapModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, ...]:
        output = self.model(input_ids, attention_mask)
        return output["logits"], output["direction"], output["evidence"]


def trained(run: Path) -> GapModel:
    """The trained model of a run folder, ready to read: dropout off."""
    config = AutoConfig.from_pretrained(run)
    config._attn_implementation = "eager"  # the pattern onnxruntime knows how to fuse
    module: Any = AutoModel.from_config(config, add_pooling_layer=False)  # type: ignore[no-untyped-call]
    model = GapModel(module)
    model.load_state_dict(load_file(run / "model.safetensors"))
    return model.eval()


def export(run: Path) -> Path:
    """Write `model.onnx` and `tokenizer.json` into the run's folder `bundle` and return it.

    Inputs `input_ids`, `attention_mask` int64 [batch, sequence]; outputs `logits` [batch, 6], `direction`
    [batch, 2, 3], `evidence` [batch, sequence, 6]. All weights int8; activations int8 scaled at
    run time, over the whole text, or per block where the text's outliers would drown the rest.
    """
    bundle = run / "bundle"
    bundle.mkdir(exist_ok=True)
    ids = torch.arange(24, dtype=torch.long).reshape(2, 12)
    with _quiet(), tempfile.TemporaryDirectory() as folder:
        program = torch.onnx.export(
            _Traced(trained(run)).eval(),
            (ids, torch.ones_like(ids)),
            input_names=["input_ids", "attention_mask"],
            output_names=list(OUTPUTS),
            dynamic_shapes=({0: torch.export.Dim("batch"), 1: torch.export.Dim("sequence", max=512)},) * 2,
            dynamo=True,
            verbose=False,
        )
        assert program is not None
        full, prepared, mixed = (Path(folder, name) for name in ("full.onnx", "prepared.onnx", "mixed.onnx"))
        program.save(str(full))
        quant_pre_process(str(full), str(prepared), skip_symbolic_shape=True)
        # What leaves the feed-forward layers' activation has outliers that one scale for all of it cannot hold.
        wide = _narrowing(onnx.load(prepared))
        quantize_dynamic(prepared, mixed, per_channel=True, weight_type=QuantType.QInt8, nodes_to_exclude=wide)
        blocks = MatMulNBitsQuantizer(
            onnx.load(mixed), bits=8, block_size=BLOCK, is_symmetric=True, accuracy_level=INT8_ACTIVATIONS
        )
        blocks.process()
        blocks.model.save_model_to_file(str(bundle / "model.onnx"))
    onnx.checker.check_model(onnx.load(bundle / "model.onnx"))
    shutil.copy(run / "tokenizer.json", bundle / "tokenizer.json")
    return bundle


@contextmanager
def _quiet() -> Iterator[None]:
    """Without what exporter and quantiser say of themselves: deprecated calls, and every node they look at."""
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(logging.NOTSET)


def _narrowing(model: onnx.ModelProto) -> list[str]:
    """Names of the matrix products that narrow: the second layer of every feed-forward block."""
    shapes = {initial.name: tuple(initial.dims) for initial in model.graph.initializer}
    products = [
        node for node in model.graph.node if node.op_type == "MatMul" and len(shapes.get(node.input[1], ())) == 2
    ]
    widest = max(shapes[node.input[1]][0] for node in products)
    return [node.name for node in products if shapes[node.input[1]][0] == widest]


@click.command(cls=Command, help=__doc__)
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(run: Path) -> None:
    bundle = export(run)
    print(f"{bundle / 'model.onnx'}: {(bundle / 'model.onnx').stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
