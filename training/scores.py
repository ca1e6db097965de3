"""From the judge's raw figures to positions, and the codebook's scores of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from torch import nn

from analyzer.judging import STANCE_ORDER, batch_windows
from analyzer.network import Floats, RunModel
from analyzer.records import TargetKind
from analyzer.windows import Ints, cut_windows, stack_windows
from training.data import Labelled, Task
from training.scoring import count_keys

TIE = 0.005  # of position F1: less than two readings of a document differ by
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
Floats4 = npt.NDArray[np.float32]  # (sentences, targets, 4): presence and three stances, 0 to 1


def run_with(judge: nn.Module) -> RunModel:
    """A network in training as something that reads arrays."""
    judge.eval()
    device = next(judge.parameters()).device

    def run(ids: Ints, owner: Floats, targets: Ints) -> list[Floats]:
        with torch.no_grad():
            return [x.cpu().numpy() for x in judge(*(torch.from_numpy(a).to(device) for a in (ids, owner, targets)))]

    return run


def read_rows(run: RunModel, docs: Sequence[Labelled], tasks: dict[str, Task], tokenizer: Tokenizer) -> list[Row]:
    """Read every sentence and target of the documents, in the batches of run time."""
    rows = []
    for doc in docs:
        task = tasks[doc.plan]
        for windows in batch_windows(cut_windows(doc.sentences, tokenizer)):
            present, stance, *_ = run(*stack_windows(windows), task.tokens.numpy())
            chances, stances = 1 / (1 + np.exp(-present)), 1 / (1 + np.exp(-stance))
            rows += [
                Row(doc.name, placed.number, target, float(chances[b, s, t]), tuple(stances[b, s, t].tolist()))
                for b, window in enumerate(windows)
                for s, placed in enumerate(window.sentences)
                for t, target in enumerate(task.ids)
            ]
    return rows


def read_figures(run: RunModel, doc: Labelled, task: Task, tokenizer: Tokenizer) -> Floats4:
    """Presence and stances of every sentence and target of a document, in the order of the task's targets."""
    figures = np.zeros((len(doc.sentences), len(task.ids), 4), np.float32)
    for row in read_rows(run, [doc], {doc.plan: task}, tokenizer):
        figures[row.sentence, task.ids.index(row.target)] = (row.present, *row.stance)
    return figures


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


def best_threshold(groups: Sequence[tuple[Sequence[Row], Sequence[Labelled]]]) -> float:
    """The threshold of presence with the best position F1, on average over groups of documents.

    The highest within TIE of the best, of equals the more precise, unless the next one already falls off.
    """
    gold = [gold_positions(docs) for _, docs in groups]

    def reach(t: float) -> float:
        each = [count_keys(g, take_positions(rows, t)).scores() for g, (rows, _) in zip(gold, groups, strict=True)]
        return sum(scores["position_f1"] for scores in each) / len(each)

    reached = {t: reach(t / 20) for t in range(3, 19)}
    good = [t for t, f1 in reached.items() if f1 >= max(reached.values()) - TIE]
    return max([t for t in good if t + 1 in good] or good) / 20


def collect_shares(rows: Sequence[Row], gold: set[Key], floor: float) -> tuple[list[float], list[bool]]:
    """Return the judge's figure for each position above `floor`, and whether it is right."""
    shares, right = [], []
    for r in rows:
        if r.present >= floor:
            for name, share in name_stances(r):
                shares.append(r.present * share)
                right.append((r.doc, r.sentence, r.target, name) in gold)
    return shares, right


def fit_scale(groups: Sequence[tuple[Sequence[float], Sequence[bool]]]) -> tuple[float, float]:
    """Fit scale and offset of the log-odds by gradient descent on the mean log loss; the problem is convex.

    Each group of figures, with what was right, counts the same, however many it has.
    """
    shares = [share for own, _ in groups for share in own]
    right = [r for _, own in groups for r in own]
    weight = np.concatenate([np.full(len(own), 1 / (len(groups) * len(own))) for own, _ in groups if own])
    x = np.clip(np.array(shares), 1e-4, 1 - 1e-4)
    features = np.stack([np.log(x / (1 - x)), np.ones_like(x)], 1)
    y, w = np.array(right, float), np.array([1.0, 0.0])
    for _ in range(20_000):
        p = 1 / (1 + np.exp(-features @ w))
        w = w - 0.05 * features.T @ ((p - y) * weight)
    return round(float(w[0]), 4), round(float(w[1]), 4)
