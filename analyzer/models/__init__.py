"""The shipped weights: where they lie, whether they are whole, and how they are opened.

`manifest.json` names each file with its checksum and the figures that belong to it (thresholds, calibration, origin).
A damaged file is refused before it is used.
"""

from __future__ import annotations

import hashlib
import json
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analyzer.errors import ModelError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

FOLDER = Path(__file__).resolve().parent


@cache
def read_manifest() -> dict[str, Any]:
    """Return the manifest; ModelError if it is missing or unreadable."""
    try:
        manifest: dict[str, Any] = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
        return manifest
    except (OSError, ValueError) as error:
        raise ModelError(f"{FOLDER / 'manifest.json'}: cannot be read; reinstall peace-plan-analyzer") from error


def _checked(name: str) -> Path:
    """Return the path of a model file whose checksum is right."""
    path = FOLDER / name
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read; reinstall peace-plan-analyzer") from error
    if digest != read_manifest().get("files", {}).get(name):
        raise ModelError(
            f"{path}: damaged, its checksum is not the one in manifest.json; reinstall peace-plan-analyzer"
        )
    return path


def open_session(name: str) -> InferenceSession:
    """Open the model called `name` ("encoder", "judge") on the CPU, with as many threads as OMP_NUM_THREADS says."""
    path = _checked(f"{name}.onnx")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    threads = os.environ.get("OMP_NUM_THREADS", "")
    options.intra_op_num_threads = int(threads) if threads.isdecimal() else 0  # 0: one a core
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if name == "judge":  # optimised when it was written (training/export.py), which takes longer than to open it
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    else:  # int8 weights are widened here, once, and not at every call
        options.add_session_config_entry("session.disable_quant_qdq", "1")
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ModelError(f"{path}: onnxruntime cannot open it ({type(error).__name__}: {error})") from error


@cache
def open_tokenizer() -> Tokenizer:
    """Return the word-piece tokenizer that both models share, without padding or truncation."""
    path = _checked("tokenizer.json")
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer
