"""From trained weights to what is shipped: int8 ONNX files, the tokenizer and the manifest; see calibrate.py."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnx.numpy_helper
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn
from torch.nn import functional as F

from analyzer.network import ENCODED, LOGITS
from training.model import Judge, Panel
from training.shipping import MORE, ShippedPanel
from training.train import find_encoder, make_judge

OPSET = 17
BATCH = {0: "batch", 1: "length"}


class SentenceEncoder(nn.Module):
    """The encoder alone: for each of a window's sentences the mean of its token states, normalised.

    Takes token ids (B, L), their mask (B, L) and what is each sentence's (B, S, L); returns vectors (B, S, D).
    """

    def __init__(self, judge: Judge) -> None:
        super().__init__()
        self.inner = judge

    def forward(self, ids: Tensor, mask: Tensor, owner: Tensor) -> Tensor:
        x = self.inner.embed(ids, 0)
        bias = self.inner.weigh(mask > 0)
        for layer in self.inner.layers:
            x, _, _ = layer(x, bias)
        return F.normalize(owner.to(x.dtype) @ x, dim=-1)


def share_weights(model: onnx.ModelProto) -> None:
    """Let both passes of the judge use one copy of each weight, where the exporter wrote a copy as Identity."""
    weights = {i.name for i in model.graph.initializer}
    copies: dict[str, str] = {}
    for n in model.graph.node:  # in the order of the computation, so that a copy of a copy leads to the weight, too
        if n.op_type == "Identity" and (source := copies.get(n.input[0], n.input[0])) in weights:
            copies[n.output[0]] = source
    for node in model.graph.node:
        for i, name in enumerate(node.input):
            node.input[i] = copies.get(name, name)
    kept = [n for n in model.graph.node if not (n.op_type == "Identity" and n.output[0] in copies)]
    del model.graph.node[:]
    model.graph.node.extend(kept)


def store_as_int8(model: onnx.ModelProto) -> None:
    """Store each large weight as int8 with a scale a channel; it is widened again when the model is opened.

    The computation stays in float32, so that a text's vector does not depend on what else is in the batch.
    """
    looked_up = {n.input[0] for n in model.graph.node if n.op_type == "Gather"}
    nodes = []
    for weight in list(model.graph.initializer):
        values = onnx.numpy_helper.to_array(weight)
        if values.ndim != 2 or values.dtype != np.float32 or values.size < 10_000:
            continue
        axis = 0 if weight.name in looked_up else 1
        scale = np.maximum(np.abs(values).max(1 - axis), 1e-8) / 127
        narrow = np.round(values / np.expand_dims(scale, 1 - axis)).astype(np.int8)
        name = weight.name
        model.graph.initializer.remove(weight)
        model.graph.initializer.append(onnx.numpy_helper.from_array(narrow, f"{name}.int8"))
        model.graph.initializer.append(onnx.numpy_helper.from_array(scale.astype(np.float32), f"{name}.scale"))
        nodes.append(onnx.helper.make_node("DequantizeLinear", [f"{name}.int8", f"{name}.scale"], [name], axis=axis))
    rest = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend([*nodes, *rest])


def optimise(path: Path) -> None:
    """Let onnxruntime fuse what it can, as far as that fits every processor, so that opening the file is quick."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(path.with_suffix(".fused"))
    onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    path.with_suffix(".fused").replace(path)


def export_module(
    module: nn.Module,
    example: tuple[Tensor, ...],
    inputs: dict[str, dict[int, str]],
    outputs: list[str],
    path: Path,
    integer: bool,
) -> None:
    """Write a module as ONNX with int8 weights; with `integer`, its matrix products are computed in int8, too."""
    with tempfile.TemporaryDirectory() as scratch:
        plain = Path(scratch) / "plain.onnx"
        torch.onnx.export(
            module.eval(),
            example,
            str(plain),
            input_names=list(inputs),
            output_names=outputs,
            dynamic_axes=inputs,
            opset_version=OPSET,
            dynamo=False,
        )
        model = onnx.load(str(plain))
        share_weights(model)
        if integer:
            onnx.save(model, str(plain))
            quantize_dynamic(
                str(plain),
                str(path),
                weight_type=QuantType.QUInt8,  # with signed weights, products saturate on processors without VNNI
                per_channel=True,
                op_types_to_quantize=["MatMul", "Gather", "Gemm"],
            )
            optimise(path)
        else:
            store_as_int8(model)
            onnx.save(model, str(path))
        print(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB")


def write_encoder(weights: Path | None, out: Path) -> None:
    """Write the encoder, with weights that training/encoder.py left or those that it starts from, and its tokenizer."""
    plain, _ = make_judge(0.0)
    if weights:
        plain.load_state_dict(torch.load(weights))
    ids = torch.randint(1000, 2000, (3, 20))
    owner = torch.zeros(3, 2, 20)
    owner[:, 0, 1:9] = 1
    owner[:, 1, 9:19] = 1
    inputs = {"ids": BATCH, "mask": BATCH, "owner": {0: "batch", 1: "sentences", 2: "length"}}
    example = (ids, torch.ones(3, 20), owner)
    export_module(SentenceEncoder(plain), example, inputs, ["vectors"], out / "encoder.onnx", False)
    shutil.copyfile(find_encoder() / "tokenizer.json", out / "tokenizer.json")


def write_judge(panel: Panel, out: Path) -> None:
    """Write the judge."""
    torch.manual_seed(0)
    ids = torch.randint(1000, 2000, (3, 20))
    owner = torch.zeros(3, 2, 20)
    owner[:, 0, 1:9] = 1
    owner[:, 1, 9:19] = 1
    shape, members = panel.judges[0].shape, len(panel.judges)
    keys, values = torch.randn(2, members, shape.layers, shape.heads, 7, shape.width // shape.heads + MORE)
    example = (ids, owner, torch.randint(1000, 2000, (5, 12)), keys, values, torch.randn(members, 2, shape.width))
    shapes = {
        "ids": BATCH,
        "owner": {0: "batch", 1: "sentences", 2: "length"},
        "targets": {0: "targets", 1: "words"},
        "keys": {3: "kept"},
        "values": {3: "kept"},
        "vectors": {1: "kept_targets"},
    }
    outputs = [*LOGITS, *(f"new_{name}" for name in ENCODED)]
    export_module(ShippedPanel(panel), example, shapes, outputs, out / "judge.onnx", True)


def ship_encoder(weights: Path, out: Path) -> None:
    """Replace the shipped encoder, and its checksum in the manifest; the rest stays."""
    write_encoder(weights, out)
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    for name in manifest["files"]:
        manifest["files"][name] = hashlib.sha256((out / name).read_bytes()).hexdigest()
    (out / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


def write_manifest(out: Path, settings: dict[str, object], attribution: dict[str, float]) -> None:
    """Write the checksums of the files, the judge's figures and the weights that attribution goes by."""
    names = ("encoder.onnx", "judge.onnx", "tokenizer.json")
    files = {n: hashlib.sha256((out / n).read_bytes()).hexdigest() for n in names}
    manifest = json.dumps({"files": files, "judge": settings, "attribution": attribution}, indent=1)
    (out / "manifest.json").write_text(manifest + "\n", encoding="utf-8")
