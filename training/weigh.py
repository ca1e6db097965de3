"""Fit the weights by which attribution chooses a position's holder, on the documents that the judge was not trained on.

A conditional logit: the chance of each holder that a sentence offers is the softmax of its weighted figures
(analyzer/attribution.py), and the weights make the labelled holders likeliest. `calibrate.py` keeps them beside the
judge.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np
import torch

from analyzer import read_document
from analyzer.attribution import Holder, describe_holders, find_pointed, list_holders, weigh_figures
from analyzer.judging import Judge, find_surroundings, group_statements
from analyzer.records import Plan
from analyzer.segment import segment_text
from analyzer.statements import extract_statements
from training.scoring import Gold, is_headline, is_same_speaker

RIDGE = 0.01  # of the squared weights, a choice
FOLDS = 5

Choice = tuple[list[dict[str, float]], list[bool]]  # the holders' figures, and which are right


def name_right(holders: Sequence[Holder], labelled: Sequence[str]) -> list[bool]:
    """Which holders are among the labelled ones."""
    return [any(is_same_speaker(s.name, name, {}) for s in h.speakers for name in labelled) for h in holders]


def collect_choices(folder: Path, golds: Sequence[Gold], plans: dict[str, Plan], judge: Judge) -> list[list[Choice]]:
    """For each document, the choices of holder of the positions that the judge finds rightly."""
    collected = []
    for gold in golds:
        document, plan = read_document(folder / f"{gold.doc}.txt"), plans[gold.plan]
        sentences = segment_text(document.text)
        extraction = extract_statements(document, sentences)
        by_sentence = group_statements(extraction)
        choices = []
        for verdict in judge.judge(document, sentences, plan):
            span = sentences[verdict.sentence].span
            key = (gold.locate(span.start, span.end), verdict.target, verdict.stance.value)
            labelled = [r[3] for r in gold.records if r[:3] == key]
            if labelled and is_headline(verdict.target, verdict.stance.value):  # a bare mention of the plan has a rule
                around = find_surroundings(sentences[verdict.sentence], sentences, by_sentence, extraction)
                pointed = find_pointed(verdict, around)
                holders = list_holders(verdict, around, plan, pointed)
                choices.append((describe_holders(holders, verdict, plan, pointed), name_right(holders, labelled)))
        collected.append(choices)
    return collected


def fit_weights(choices: Sequence[Choice]) -> dict[str, float]:
    """The weights that make the right holders likeliest; choices without a right one teach nothing."""
    names = sorted({name for figures, _ in choices for f in figures for name in f})
    place = {name: i for i, name in enumerate(names)}
    taught = [c for c in choices if any(c[1]) and not all(c[1])]
    most = max(len(figures) for figures, _ in taught)
    x, real = np.zeros((len(taught), most, len(names)), np.float32), np.zeros((len(taught), most), bool)
    right = np.zeros((len(taught), most), bool)
    for n, (figures, good) in enumerate(taught):
        real[n, : len(figures)], right[n, : len(figures)] = True, good
        for m, described in enumerate(figures):
            for name, figure in described.items():
                x[n, m, place[name]] = figure
    tensors = torch.from_numpy(x), torch.from_numpy(real), torch.from_numpy(right)
    weights = torch.zeros(len(names), requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=200, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        scores = (tensors[0] @ weights).masked_fill(~tensors[1], -1e9)
        gain = scores.masked_fill(~tensors[2], -1e9).logsumexp(1) - scores.logsumexp(1)
        loss = -gain.mean() + RIDGE * weights.square().sum() / 2
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    return {name: round(float(w), 3) for name, w in zip(names, weights.tolist(), strict=True)}


def count_right(choices: Sequence[Choice], weights: dict[str, float]) -> int:
    """How many choices the weights get right."""
    right = 0
    for figures, good in choices:
        scores = [weigh_figures(f, weights) for f in figures]
        right += good[int(np.argmax(scores))]
    return right


def cross_validate(documents: Sequence[Sequence[Choice]]) -> tuple[int, int, int]:
    """How many choices are right when each document's weights are fitted on others; how many could be; of how many."""
    order = list(range(len(documents)))
    Random(0).shuffle(order)
    right = 0
    for fold in range(FOLDS):
        left_out = set(order[fold::FOLDS])
        weights = fit_weights([c for n, d in enumerate(documents) if n not in left_out for c in d])
        right += sum(count_right(documents[n], weights) for n in left_out)
    every = [good for d in documents for _, good in d]
    return right, sum(map(any, every)), len(every)
