"""Choose threshold and calibration on the held-out documents, then write the shipped files.

    python -m training.calibrate --judge runs/judge/judge.pt

A confidence is the probability that the position is right, by Platt scaling (Platt 1999) of the judge's own figure:
log-odds times a scale plus an offset, fitted by maximum likelihood on the positions in documents not trained on.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from analyzer.models import FOLDER
from training.data import read_labelled, read_tasks
from training.export import write_models
from training.scores import SECOND, Row, best_threshold, gold_positions, name_stances, read_rows, score_rows
from training.train import DATA, ROOT, is_held, make_judge


def collect_shares(
    rows: Sequence[Row], gold: set[tuple[str, int, str, str]], floor: float
) -> tuple[list[float], list[bool]]:
    """Return the judge's figure for each position above `floor`, and whether it is right."""
    shares, right = [], []
    for r in rows:
        if r.present >= floor:
            for name, share in name_stances(r):
                shares.append(r.present * share)
                right.append((r.doc, r.sentence, r.target, name) in gold)
    return shares, right


def fit_scale(shares: Sequence[float], right: Sequence[bool]) -> tuple[float, float]:
    """Fit scale and offset of the log-odds by gradient descent on the mean log loss; the problem is convex."""
    x = np.clip(np.array(shares), 1e-3, 1 - 1e-3)
    features = np.stack([np.log(x / (1 - x)), np.ones_like(x)], 1)
    y, w = np.array(right, float), np.array([1.0, 0.0])
    for _ in range(20_000):
        p = 1 / (1 + np.exp(-features @ w))
        w = w - 0.05 * features.T @ (p - y) / len(y)
    return round(float(w[0]), 4), round(float(w[1]), 4)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Calibrate the judge and write the shipped files.")
    parser.add_argument("--judge", type=Path, required=True, help="judge.pt of a training run")
    parser.add_argument("--hold", type=int, default=14, help="as in the training run")
    parser.add_argument("--name", default="judge-1")
    parser.add_argument("--out", type=Path, default=FOLDER)
    args = parser.parse_args(argv)
    judge, tokenizer = make_judge(0.0)
    judge.load_state_dict(torch.load(args.judge))
    tasks = read_tasks([DATA / "plans", ROOT / "plans"], tokenizer)
    held = [d for d in read_labelled(DATA / "documents") if is_held(d.name, args.hold)]
    rows, gold = read_rows(judge, held, tasks, tokenizer), gold_positions(held)
    threshold = best_threshold(rows, held)
    scale, offset = fit_scale(*collect_shares(rows, gold, threshold))
    print(
        {
            "documents": len(held),
            "threshold": threshold,
            "scale": scale,
            "offset": offset,
            **score_rows(rows, held, threshold),
        }
    )
    write_models(args.judge, args.out, {
        "name": args.name,
        "threshold": threshold,
        "second_stance": SECOND,
        "calibration": [scale, offset],
        "origin": f"best position F1 and Platt scaling on {len(held)} held-out documents; training/calibrate.py",
    })  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
