"""From the judge's raw figures to positions, and the codebook's scores of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer

from analyzer.judging import STANCE_ORDER
from analyzer.records import TargetKind
from analyzer.windows import cut_windows
from training.data import Labelled, Task, collate
from training.model import Judge
from training.scoring import count_keys

SECOND = 0.5  # a second stance on one target is kept above this


@dataclass(frozen=True)
class Row:
    """The judge's figures on one sentence and one target."""

    doc: str
    sentence: int
    target: str
    present: float
    stance: tuple[float, ...]


Key = tuple[str, int, str, str]


@torch.no_grad()
def read_rows(judge: Judge, docs: Sequence[Labelled], tasks: dict[str, Task], tokenizer: Tokenizer) -> list[Row]:
    """Run the judge over every sentence and target of the documents."""
    judge.eval()
    rows = []
    for doc in docs:
        task = tasks[doc.plan]
        for window in cut_windows(doc.sentences, tokenizer):
            batch = collate([(doc, window)], task)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                present, stance, _, _ = (x.float() for x in judge(batch.ids, batch.owner, task.tokens))
            for s, placed in enumerate(window.sentences):
                for t, target in enumerate(task.ids):
                    stances = tuple(stance[0, s, t].sigmoid().tolist())
                    rows.append(Row(doc.name, placed.number, target, present[0, s, t].sigmoid().item(), stances))
    return rows


def name_stances(row: Row) -> list[tuple[str, float]]:
    """The stances of a row, the likeliest and any other above SECOND, each with its share of all."""
    names = STANCE_ORDER[TargetKind.GAP if row.target.startswith("gap:") else TargetKind.POINT]
    figures = row.stance[: len(names)]
    best = max(range(len(names)), key=figures.__getitem__)
    return [
        (n, f / sum(figures)) for i, (n, f) in enumerate(zip(names, figures, strict=True)) if i == best or f > SECOND
    ]


def take_positions(rows: Sequence[Row], threshold: float) -> set[Key]:
    """The positions that the figures give at a threshold."""
    kept = (r for r in rows if r.present >= threshold)
    return {(r.doc, r.sentence, r.target, name) for r in kept for name, _ in name_stances(r)}


def gold_positions(docs: Sequence[Labelled]) -> set[Key]:
    """The positions of the labelled documents."""
    return {(d.name, r["sentence"], str(r["target"]), r["stance"]) for d in docs for r in d.records}


def score_rows(rows: Sequence[Row], docs: Sequence[Labelled], threshold: float) -> dict[str, float]:
    """Position F1 with precision and recall, target F1 and stance accuracy at a threshold."""
    scores = count_keys(gold_positions(docs), take_positions(rows, threshold)).scores()
    names = {"f1": "position_f1", "precision": "precision", "recall": "recall", "target_f1": "target_f1"}
    return {short: round(scores[name], 3) for short, name in {**names, "stance": "stance_accuracy"}.items()}


def best_threshold(rows: Sequence[Row], docs: Sequence[Labelled]) -> float:
    """The threshold of presence with the highest position F1 on these documents."""
    gold = gold_positions(docs)
    steps = (t / 20 for t in range(3, 19))
    return max(steps, key=lambda t: count_keys(gold, take_positions(rows, t)).scores()["position_f1"])
