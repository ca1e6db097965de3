"""Statements a second on all targets of a plan, beside the bare model call on the same tokens.

python benchmarks/judge.py
"""

from __future__ import annotations

import sys
from pathlib import Path

from machine import describe_machine, time_rounds

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

    def judge_whole() -> None:
        for document, own in zip(documents, sentences, strict=True):
            judge.judge(document, own, plan)

    def run_bare() -> None:
        for ids, owner in stacked:
            judge.run_model(ids, owner, targets)

    whole, bare = time_rounds(ROUNDS, judge_whole, run_bare)
    count = sum(map(len, sentences))
    print(describe_machine())
    print(f"{count} statements, {len(plan.targets)} targets: {count / whole:.0f} statements a second")
    print(f"ratio to the bare model call: {whole / bare:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
