"""Accuracy on public stance benchmarks, so that outsiders can compare: ibmcs.test and perspectrum.test.

Every statement is read on its own with its own target in view, and the judge's stance is the likelier of for and
against; whether it takes the statement to be about the target at all does not count. Training saw no target that shares
half of its words with one of these sets (see public.py).
"""

from __future__ import annotations

from pathlib import Path

from analyzer.models import open_tokenizer
from analyzer.network import RunModel
from analyzer.windows import cut_windows, stack_texts, stack_windows
from training.data import CON, PRO
from training.public import BENCHMARKS, Statement, read_set


def measure_accuracy(run: RunModel, folder: Path) -> dict[str, float]:
    """Share of statements whose stance is right, for each benchmark."""
    return {
        name.removesuffix(".test"): _accuracy(run, read_set(folder / f"{name}.jsonl", longest=None))
        for name in BENCHMARKS
    }


def _accuracy(run: RunModel, rows: list[Statement]) -> float:
    by_target: dict[str, list[Statement]] = {}
    for row in rows:
        by_target.setdefault(row[1], []).append(row)
    right = 0
    for target, group in by_target.items():
        tokens = stack_texts([target], open_tokenizer())
        for text, _, label in group:
            windows = cut_windows([text], open_tokenizer())
            _, stance, *_ = run(*stack_windows(windows[:1]), tokens)
            pro, con = stance[0, 0, 0, PRO], stance[0, 0, 0, CON]
            right += label == (PRO if pro >= con else CON)
    return round(right / len(rows), 3)
