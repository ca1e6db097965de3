"""Labelled documents as batches of windows, for training and for scoring the judge."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor

from analyzer.lexicon import load_lexicon
from analyzer.normalize import tidy_text
from analyzer.plans import read_plan
from analyzer.records import Plan, Target, TargetKind
from analyzer.windows import Window, cut_windows, stack_targets, stack_texts, stack_windows, target_text

PRO, CON, NEUTRAL = 0, 1, 2
THIN, KEPT = 0.6, 0.6  # share of the batches that see part of the plan only, and which part of its targets
STANCE_CLASS = {"endorses": PRO, "raises": PRO, "criticises": CON, "rejects": CON, "mentions": NEUTRAL}


@dataclass(frozen=True)
class Labelled:
    """A document with its records."""

    name: str
    plan: str
    sentences: tuple[str, ...]
    records: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Task:
    """A plan as the judge meets it: its target ids and their tokens."""

    plan: Plan
    ids: tuple[str, ...]
    tokens: Tensor

    @classmethod
    def of(cls, plan: Plan, tokenizer: Tokenizer) -> Task:
        """The plan as it is read at run time."""
        return cls(plan, tuple(t.id for t in plan.targets), torch.from_numpy(stack_targets(plan.targets, tokenizer)))

    def vary(self, tokenizer: Tokenizer, rng: Random) -> Task:
        """The plan with some targets left out and some worded otherwise, so that the words are read and not the place.

        Records on a target that is left out are not learnt from, this time.
        """
        thin = rng.random() < THIN
        kept = [t for t in self.plan.targets if not thin or rng.random() < KEPT] or list(self.plan.targets)
        texts = [_word_target(t, rng) for t in kept]
        return Task(self.plan, tuple(t.id for t in kept), torch.from_numpy(stack_texts(texts, tokenizer)))


def _word_target(target: Target, rng: Random) -> str:
    """One of the ways to word a target; the one of run time half of the time."""
    choice = rng.random()
    if choice < 0.5 or target.kind is TargetKind.PLAN:
        return target_text(target)
    lead = "missing: " if target.kind is TargetKind.GAP else ""
    if choice < 0.7:
        return f"{lead}{target.title}: {target.text}"
    wordings = [w for w in (target.text, *target.provisions, *target.phrasings, *target.topics) if w]
    return f"{lead}{target.title}: {'; '.join(rng.sample(wordings, min(3, len(wordings))))}"


def read_tasks(folders: Sequence[Path], tokenizer: Tokenizer) -> dict[str, Task]:
    """Read every plan file in the folders."""
    plans = [read_plan(path) for folder in folders for path in sorted(folder.glob("*.toml"))]
    return {plan.id: Task.of(plan, tokenizer) for plan in plans}


def read_labelled(folder: Path, prefix: str = "") -> list[Labelled]:
    """Read the labelled documents of a folder whose names begin with `prefix`."""
    docs = []
    for path in sorted(folder.glob(f"{prefix}*.sentences.json")):
        d = json.loads(path.read_text(encoding="utf-8"))
        lines = path.with_name(d["doc"] + ".gold.jsonl").read_text(encoding="utf-8").splitlines()
        records = tuple(json.loads(x) for x in lines if x.strip())
        records = tuple({**r, "evidence": tidy_text(r["evidence"])} for r in records)
        docs.append(Labelled(d["doc"], d["plan"], tuple(tidy_text(s["text"]) for s in d["sentences"]), records))
    return docs


@dataclass(frozen=True)
class Batch:
    """Windows of one plan with their labels; shapes as in model.py."""

    targets: Tensor  # (T, M) token ids
    ids: Tensor
    owner: Tensor
    real: Tensor  # (B, S) 1 where a sentence stands
    present: Tensor  # (B, S, T)
    stance: Tensor  # (B, S, T, 3)
    evidence: Tensor | None  # (B, L, T); None where nobody marked it
    holders: list[tuple[int, int, int, list[int]]]  # window, sentence, target, the choices that are right


@cache
def known_names(speaker: str) -> re.Pattern[str]:
    """The words by which a text may name a speaker: a surname, a country's capital and people, an abbreviation."""
    lexicon = load_lexicon()
    words = {speaker, speaker.split()[-1]}
    if named := lexicon.name_of(speaker):
        for table in (lexicon.places, lexicon.peoples, lexicon.organisations):
            known = [word for word, name in table.items() if name == named[0]]
            words |= {w.upper() if len(w) <= 4 else w for w in known} | {w.capitalize() for w in known if len(w) == 4}
    long = "|".join(map(re.escape, sorted((w for w in words if len(w) > 4), key=len, reverse=True)))
    short = "|".join(map(re.escape, sorted((w for w in words if len(w) <= 4), key=len, reverse=True)))
    forms = [f"(?i:{long})" if long else "", short]  # "US" and "WHO" are names only in capitals
    return re.compile(r"(?<!\w)(?:" + "|".join(f for f in forms if f) + r")(?!\w)")


def find_names(speaker: str, doc: Labelled, window: Window) -> list[int]:
    """The tokens of a window's judged sentences and of its context that name a speaker."""
    pattern = known_names(speaker)
    return [
        first + n
        for number, first, offsets in window.spread
        for match in pattern.finditer(doc.sentences[number])
        for n, (a, z) in enumerate(offsets)
        if a < match.end() and z > match.start()
    ]


def find_holders(speaker: str, doc: Labelled, window: Window, task: Task) -> list[int]:
    """The right choices of holder: 0 the writer, 1 the sponsor, 2 + n the n-th token, all tokens if none names it."""
    if speaker == "author":
        return [0]
    if speaker in task.plan.sponsors:
        return [1]
    return [2 + n for n in find_names(speaker, doc, window)] or list(range(2, 2 + len(window.tokens)))


def collate(pairs: Sequence[tuple[Labelled, Window]], task: Task) -> Batch:
    """Stack windows of documents about one plan, with the labels of their sentences."""
    ids, owner = (torch.from_numpy(x) for x in stack_windows([w for _, w in pairs]))
    (b, s, length), t = owner.shape, len(task.ids)
    real, present, stance = torch.zeros(b, s), torch.zeros(b, s, t), torch.zeros(b, s, t, 3)
    evidence = torch.zeros(b, length, t)
    right: dict[tuple[int, int, int], set[int]] = {}
    column = {target: i for i, target in enumerate(task.ids)}
    for i, (doc, window) in enumerate(pairs):
        for j, placed in enumerate(window.sentences):
            real[i, j] = 1
            for r in (r for r in doc.records if r["sentence"] == placed.number):
                if (k := column.get(str(r["target"]))) is None:
                    continue
                present[i, j, k] = 1
                stance[i, j, k, STANCE_CLASS[r["stance"]]] = 1
                right.setdefault((i, j, k), set()).update(find_holders(r["speaker"], doc, window, task))
                start = doc.sentences[placed.number].find(r["evidence"])
                end = start + len(r["evidence"])
                for n, (a, z) in enumerate(placed.offsets):
                    if start >= 0 and a < end and z > start:
                        evidence[i, placed.start + n, k] = 1
    holders = [(*pair, sorted(choices)) for pair, choices in right.items()]
    return Batch(task.tokens, ids, owner, real, present, stance, evidence, holders)


def draw_batches(
    docs: Sequence[Labelled],
    tasks: dict[str, Task],
    tokenizer: Tokenizer,
    size: int,
    rng: Random | None,
) -> Iterator[Batch]:
    """Batches of windows of one plan and of similar lengths; in random order and of random cut with `rng`."""
    by_plan: dict[str, list[tuple[Labelled, Window]]] = {}
    for doc in docs:
        for window in cut_windows(doc.sentences, tokenizer, rng):
            by_plan.setdefault(doc.plan, []).append((doc, window))
    groups = []
    for plan, pairs in by_plan.items():
        if rng:
            rng.shuffle(pairs)
        for i in range(0, len(pairs), size * 8):
            block = sorted(pairs[i : i + size * 8], key=lambda p: len(p[1].tokens))
            groups += [(plan, block[j : j + size]) for j in range(0, len(block), size)]
    if rng:
        rng.shuffle(groups)
    for plan, pairs in groups:
        task = tasks[plan]
        if rng:
            task = task.vary(tokenizer, rng)
        yield collate(pairs, task)
