"""The first stage: what endorsing and criticising is, from public sets, before the project's own documents.

    python -m training.public --data ../shared/data --out runs/public.pt

A batch mixes statements on some dozens of targets: every statement is judged on all of them and has a label for its
own; for the others it counts as saying nothing. What a statement entails, it endorses; what it contradicts, it
criticises; what it leaves open, it mentions. Rows whose text occurs in the benchmarks (ibmcs.test, perspectrum.test),
or whose target shares half of its words with one there, are left out; some of the same topics remain in other words.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import torch
from tokenizers import Tokenizer

from analyzer.windows import cut_windows, stack_texts, stack_windows
from training.data import CON, NEUTRAL, PRO, Batch
from training.model import Judge
from training.train import Trainer, learn, make_judge, prepare_run

CLASSES = {
    "endorses": PRO,
    "entailment": PRO,
    "criticises": CON,
    "contradiction": CON,
    "neutral": NEUTRAL,
}
BENCHMARKS = ("ibmcs.test", "perspectrum.test")
SETS = {  # name, and how many rows are drawn at most
    "perspectrum.train": 10_000,
    "ibmcs.train": 10_000,
    "argkp.train": 4_000,
    "nli_cad.train": 6_000,
    "nli_conj.train": 3_000,
    "newsmtsc.train": 6_000,
}
LONGEST = 60  # words of a statement
EACH = 6  # statements on one target in a batch
ROWS, TARGETS = 96, 48  # of a batch
PRONOUNS = {"he", "she", "it", "they", "him", "her", "them", "his", "their", "its", "i", "we", "you", "who"}
SIMPLE = {"the", "a", "an", "of", "to", "in", "should", "be", "is", "are", "we", "this", "house", "would", "believes"}

Statement = tuple[str, str, int]  # text, target, class


def read_set(path: Path, longest: int | None = LONGEST) -> list[Statement]:
    """Read one set: text, target and class of each labelled row of at most `longest` words."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    actor = path.name.startswith("newsmtsc")
    return [
        (r["text"], f"attitude towards {r['target']}" if actor else r["target"], CLASSES[r["label"]])
        for r in rows
        if r["label"] in CLASSES
        and (longest is None or len(r["text"].split()) <= longest)
        and not (actor and r["target"].lower() in PRONOUNS)
    ]


def bag_words(text: str) -> frozenset[str]:
    """The words of a target that tell its topic."""
    return frozenset(re.findall(r"\w+", text.lower())) - SIMPLE


def drop_benchmarks(rows: Sequence[Statement], tests: Sequence[Statement]) -> list[Statement]:
    """Leave out rows whose text stands in a benchmark, or whose target shares half of its words with one there."""
    texts = {text.lower().strip(" .") for text, _, _ in tests}
    bags = {bag_words(target) for _, target, _ in tests}
    close: dict[str, bool] = {}
    for _, target, _ in rows:
        if target not in close:
            mine = bag_words(target)
            close[target] = any(2 * len(mine & bag) >= len(mine | bag) for bag in bags)
    return [r for r in rows if not close[r[1]] and r[0].lower().strip(" .") not in texts]


def read_statements(folder: Path, rng: Random) -> list[Statement]:
    """The rows of all sets that training may see."""
    tests = [row for name in BENCHMARKS for row in read_set(folder / f"{name}.jsonl", longest=None)]
    kept = []
    for name, most in SETS.items():
        rows = drop_benchmarks(read_set(folder / f"{name}.jsonl"), tests)
        kept += rng.sample(rows, min(most, len(rows)))
    return kept


def draw_public(statements: Sequence[Statement], tokenizer: Tokenizer, rng: Random) -> Iterator[Batch]:
    """Batches of statements on some dozens of targets, in random order."""
    by_target: dict[str, list[Statement]] = {}
    for row in statements:
        by_target.setdefault(row[1], []).append(row)
    bundles = []
    for rows in by_target.values():
        rows = rng.sample(rows, len(rows))
        bundles += [rows[i : i + EACH] for i in range(0, len(rows), EACH)]
    rng.shuffle(bundles)
    drawn: list[Statement] = []
    for bundle in bundles:
        drawn += bundle
        if len(drawn) >= ROWS or len({r[1] for r in drawn}) >= TARGETS:
            yield stack_statements(drawn, tokenizer, rng)
            drawn = []
    if drawn:
        yield stack_statements(drawn, tokenizer, rng)


def stack_statements(rows: Sequence[Statement], tokenizer: Tokenizer, rng: Random) -> Batch:
    """Windows of unrelated statements, shuffled, with all of their targets in view."""
    rows = rng.sample(rows, len(rows))
    targets = list(dict.fromkeys(r[1] for r in rows))
    windows = cut_windows([r[0] for r in rows], tokenizer, rng, alone=True)
    ids, owner = (torch.from_numpy(x) for x in stack_windows(windows))
    b, s, _ = owner.shape
    real, present, stance = torch.zeros(b, s), torch.zeros(b, s, len(targets)), torch.zeros(b, s, len(targets), 3)
    for i, window in enumerate(windows):
        for j, placed in enumerate(window.sentences):
            _, target, label = rows[placed.number]
            k = targets.index(target)
            real[i, j] = present[i, j, k] = stance[i, j, k, label] = 1
    tokens = torch.from_numpy(stack_texts(targets, tokenizer))
    evidence, marked = torch.zeros(b, ids.shape[1], len(targets)), torch.zeros(b)
    held, holders = torch.zeros(0, 3, dtype=torch.long), torch.zeros(0, 2 + ids.shape[1], dtype=torch.bool)
    return Batch(tokens, ids, owner, real, present, stance, evidence, marked, held, holders)


def start_trainer(judge: Judge, rate: float) -> Trainer:
    """The steps of the first stage, the same for the judge and for its teacher."""
    return Trainer(judge, rate, 1e-3, weight=1.5, masked=0.05, average=0)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Train the judge's first stage on public sets.")
    parser.add_argument("--data", type=Path, required=True, help="folder of the public sets")
    parser.add_argument("--out", type=Path, required=True, help="file for the weights")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(argv)
    rng, device = prepare_run(args.seed, args.threads)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    judge, tokenizer = make_judge(0.1)
    statements = read_statements(args.data, rng)
    trainer = start_trainer(judge.to(device), args.rate)
    begun = time.monotonic()
    for epoch, step, steps in learn(trainer, lambda: draw_public(statements, tokenizer, rng), args.epochs):
        if step % 50 == 0:
            figures = {"epoch": epoch, "step": step, "of": steps, "loss": trainer.take_means()}
            print(json.dumps({**figures, "seconds": round(time.monotonic() - begun)}), flush=True)
    torch.save({k: v.cpu() for k, v in judge.state_dict().items()}, args.out)
    print(json.dumps({"statements": len(statements), "targets": len({r[1] for r in statements})}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
