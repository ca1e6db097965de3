"""Choose threshold, calibration and the weights of attribution; write the shipped files.

    python -m training.calibrate --judge runs/0/judge.pt runs/1/judge.pt

A confidence is the probability that the position is right, by Platt scaling (Platt 1999) of the judge's own figure:
log-odds times a scale plus an offset, fitted by maximum likelihood on the positions in documents not trained on: the
held-out ones, and the labelled documents of tests/gold, which are nearer to real text and would be outnumbered.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import onnxruntime

from analyzer.judging import WindowJudge
from analyzer.models import FOLDER
from analyzer.network import bind_session
from training.data import Labelled, read_labelled, read_tasks
from training.export import write_encoder, write_judge, write_manifest
from training.scores import (
    SECOND,
    Row,
    best_threshold,
    collect_shares,
    fit_scale,
    gold_positions,
    read_rows,
    run_with,
    score_rows,
)
from training.scoring import load_gold
from training.train import DATA, ROOT, is_held, load_panel, make_judge
from training.weigh import collect_choices, cross_validate, fit_weights


def split(rows: Sequence[Row], docs: Sequence[Labelled]) -> list[tuple[list[Row], list[Labelled]]]:
    """The documents on China's plan and the others, with their rows."""
    groups = []
    for china in (True, False):
        own = [d for d in docs if (d.plan == "china-2023") == china]
        names = {d.name for d in own}
        groups.append(([r for r in rows if r.doc in names], own))
    return groups


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Write the shipped files and calibrate them.")
    parser.add_argument("--judge", type=Path, nargs="+", required=True, help="judge.pt of each training run")
    parser.add_argument("--hold", type=int, default=14, help="as in the training runs")
    parser.add_argument("--fresh", nargs="*", default=[], metavar="PREFIX", help="documents that joined after the runs")
    parser.add_argument("--development", type=Path, default=ROOT / "tests" / "gold", help="for the threshold, too")
    parser.add_argument("--name", required=True, help="what the judge is called")
    parser.add_argument("--out", type=Path, default=FOLDER)
    args = parser.parse_args(argv)
    panel = load_panel(args.judge)
    _, tokenizer = make_judge(0.0)
    tasks = read_tasks([DATA / "plans", ROOT / "plans"], tokenizer)
    documents = read_labelled(DATA / "documents")
    held = [d for d in documents if is_held(d.name, args.hold) or d.name.startswith(tuple(args.fresh))]
    known = [d for d in documents if not d.name.startswith(tuple(args.fresh))] if args.fresh else documents
    with tempfile.TemporaryDirectory() as folder:  # the shipped files change only when the new ones are whole
        scratch = Path(folder)
        write_judge(panel, scratch)
        if all((args.out / name).exists() for name in ("encoder.onnx", "tokenizer.json")):
            for name in ("encoder.onnx", "tokenizer.json"):
                shutil.copyfile(args.out / name, scratch / name)
        else:
            write_encoder(None, scratch)
        session = onnxruntime.InferenceSession(scratch / "judge.onnx", providers=["CPUExecutionProvider"])
        run = bind_session(session)
        rows = read_rows(run, held, tasks, tokenizer)
        gold = read_labelled(args.development)
        gold_rows = read_rows(run, gold, tasks, tokenizer)
        threshold = best_threshold([*split(rows, held), *split(gold_rows, gold)])
        told = [(rows, held), (gold_rows, gold)]
        scale, offset = fit_scale([collect_shares(r, gold_positions(d), threshold) for r, d in told])
        settings = {
            "name": args.name,
            "threshold": threshold,
            "second_stance": SECOND,
            "calibration": [scale, offset],
            "documents": len(known),
            "sentences": sum(len(d.sentences) for d in known),
            "plans": len({d.plan for d in known}),
            "origin": f"best mean position F1 on {len(held)} held-out and {len(gold)} development documents, "
            "Platt scaling on both, which count the same; training/calibrate.py",
        }
        golds = [g for g in load_gold(DATA / "documents") if g.doc in {d.name for d in held}]
        plans = {task.plan.id: task.plan for task in tasks.values()}
        choices = collect_choices(DATA / "documents", golds, plans, WindowJudge(run, settings))
        right, possible, every = cross_validate(choices)
        write_manifest(scratch, settings, fit_weights([c for document in choices for c in document]))
        for path in scratch.iterdir():
            shutil.copyfile(path, args.out / path.name)
    print(json.dumps({"held out": len(held), "threshold": threshold, "scale": scale, "offset": offset}))
    print(json.dumps({"holders": every, "among those offered": possible, "right, weights from other folds": right}))
    held = [d for d in held if is_held(d.name, args.hold)]
    plain = read_rows(run_with(panel), held, tasks, tokenizer)
    for kind, figures in (("int8", rows), ("float", plain)):
        for name, (own, docs) in zip(("china", "other"), split(figures, held), strict=True):
            print(json.dumps({"held out": name, "arithmetic": kind, **score_rows(own, docs, threshold)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
