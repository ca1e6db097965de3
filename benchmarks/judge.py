"""Statements a second on all targets of a plan, beside the bare model call on the same tokens.

python benchmarks/judge.py
"""

from __future__ import annotations

import os
import platform
import sys
import time
from pathlib import Path

from analyzer import load_plan, read_document
from analyzer.judging import batch_windows, load_judge
from analyzer.models import open_tokenizer
from analyzer.normalize import tidy_text
from analyzer.segment import segment_text
from analyzer.windows import cut_windows, stack_targets, stack_windows

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
ROUNDS = 5


def main() -> int:
    """Print statements a second and the ratio to the bare call; the best of some rounds, for machines are noisy."""
    plan, judge, tokenizer = load_plan("china-2023"), load_judge(), open_tokenizer()
    documents = [read_document(path) for path in sorted(SAMPLES.glob("*.txt"))]
    sentences = [segment_text(d.text) for d in documents]
    targets = stack_targets(plan.targets, tokenizer)
    stacked = []
    for document, own in zip(documents, sentences, strict=True):
        tidy = tidy_text(document.text)
        windows = cut_windows([s.span.of(tidy) for s in own], tokenizer)
        stacked += [stack_windows(batch) for batch in batch_windows(windows)]
    whole, bare = [], []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        for document, own in zip(documents, sentences, strict=True):
            judge.judge(document, own, plan)
        whole.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        for ids, owner in stacked:
            judge.run_model(ids, owner, targets)
        bare.append(time.perf_counter() - begun)
    count = sum(map(len, sentences))
    print(f"{platform.machine()}, {platform.system()}, {len(os.sched_getaffinity(0))} cores")
    print(f"{count} statements, {len(plan.targets)} targets: {count / min(whole):.0f} statements a second")
    print(f"ratio to the bare model call: {min(whole) / min(bare):.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
