"""Labelled documents as batches of windows, for training and for scoring the judge."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from torch import Tensor

from analyzer.lexicon import load_lexicon
from analyzer.normalize import tidy_text
from analyzer.plans import read_plan
from analyzer.records import Plan, Target, TargetKind
from analyzer.windows import Window, cut_windows, stack_targets, stack_texts, stack_windows, target_text

PRO, CON, NEUTRAL = 0, 1, 2
UNLABELLED = {"ungdc_ukraine.unlabelled": "sentence", "unscon.all": "text"}  # sets, and where their sentences stand
PIECE = 30  # sentences
LABEL_SHARE = 0.5  # of what is learnt where a teacher's figures lie beside the label
REACH = 160  # characters behind a name in which a pronoun tells who is meant
RENAMED = 0.7  # share of a document's people, where their gender is known, who get another name for an epoch
OFFICE_HOLDERS = [  # name, what they are called afterwards, gender
    *(
        (name, name.split()[0], "m")
        for name in ("Xi Jinping", "Wang Yi", "Qin Gang", "Li Hui", "Wang Wenbin", "Lee Jae-myung")
    ),
    ("Mao Ning", "Mao", "f"),
    ("Lula da Silva", "Lula", "m"),
    ("Ursula von der Leyen", "von der Leyen", "f"),
    *(
        (name, name.split()[-1], "m")
        for name in (
            *("Alexander Lukashenko", "Vladimir Putin", "Sergei Lavrov", "Dmitry Peskov", "Volodymyr Zelensky"),
            *("Dmytro Kuleba", "Mykhailo Podolyak", "Andriy Yermak", "Joe Biden", "Antony Blinken", "Jake Sullivan"),
            *("Donald Trump", "Marco Rubio", "Emmanuel Macron", "Olaf Scholz", "Friedrich Merz", "Josep Borrell"),
            *("Charles Michel", "Jens Stoltenberg", "Mark Rutte", "António Guterres", "Celso Amorim", "Narendra Modi"),
            *("Recep Tayyip Erdogan", "Hakan Fidan", "Cyril Ramaphosa", "Viktor Orban", "Robert Fico", "Rishi Sunak"),
            *("Keir Starmer", "Andrzej Duda", "Donald Tusk", "Rafael Grossi", "Martin Griffiths", "Anthony Albanese"),
        )
    ),
    *(
        (name, name.split()[-1], "f")
        for name in (
            *(
                "Maria Zakharova",
                "Annalena Baerbock",
                "Giorgia Meloni",
                "Kaja Kallas",
                "Sanna Marin",
                "Mette Frederiksen",
            ),
            *("Linda Thomas-Greenfield", "Olha Stefanishyna", "Roberta Metsola", "Penny Wong", "Catherine Colonna"),
        )
    ),
]
THIN, KEPT = 0.6, 0.6  # share of the batches that see part of the plan only, and which part of its targets
STANCE_CLASS = {"endorses": PRO, "raises": PRO, "criticises": CON, "rejects": CON, "mentions": NEUTRAL}


Hints = npt.NDArray[np.uint8]  # (sentences, targets, 4): a teacher's presence and stances, each times 255


@dataclass(frozen=True)
class Labelled:
    """A document with its records, or one that nobody labelled and only a teacher read."""

    name: str
    plan: str
    sentences: tuple[str, ...]
    records: tuple[dict[str, Any], ...] = ()
    hints: Hints | None = None
    labelled: bool = True


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


def read_texts(folder: Path) -> dict[str, tuple[str, ...]]:
    """Diplomats' sentences that nobody labelled, in pieces of PIECE, by name; none if the folder lacks the sets."""
    texts = {}
    for name, key in UNLABELLED.items():
        if (path := folder / f"{name}.jsonl").exists():
            lines = path.read_text(encoding="utf-8").splitlines()
            rows = [" ".join(json.loads(line)[key].split()) for line in lines]
            texts |= {f"{name}-{i}": tuple(rows[i : i + PIECE]) for i in range(0, len(rows), PIECE)}
    return texts


def draw_readings(
    docs: Sequence[Labelled], texts: Mapping[str, tuple[str, ...]], plans: Sequence[str]
) -> list[Labelled]:
    """Texts with plans on which nobody labelled them, for a teacher to read; `plans` are those of the documents.

    Each text is read against China's plan and one other, each document against a plan that is not its own. They are
    named TEXT@PLAN.
    """
    rng, others = Random(3), sorted(set(plans) - {"china-2023"})
    drawn = [(name, plan, s) for name, s in texts.items() for plan in ("china-2023", rng.choice(others))]
    for doc in docs:
        plan = rng.choice(others) if doc.plan == "china-2023" or rng.random() < 0.5 else "china-2023"
        if plan != doc.plan:
            drawn.append((doc.name, plan, doc.sentences))
    return [Labelled(f"{name}@{plan}", plan, sentences, labelled=False) for name, plan, sentences in drawn]


def read_hints(path: Path, docs: Sequence[Labelled], texts: Mapping[str, tuple[str, ...]]) -> list[Labelled]:
    """The documents with what a teacher reads in them, and the further readings that the file tells of.

    Readings of texts that are not at hand are left out.
    """
    with np.load(path) as file:
        hints: dict[str, Hints] = dict(file)
    known = [replace(d, hints=hints.get(d.name)) for d in docs]
    words = {**texts, **{d.name: d.sentences for d in docs}}
    for name, figures in hints.items():
        text, _, plan = name.partition("@")
        if plan and text in words:
            known.append(Labelled(name, plan, words[text], hints=figures, labelled=False))
    return known


@dataclass(frozen=True)
class Batch:
    """Windows of one plan with their labels; shapes as in model.py."""

    targets: Tensor  # (T, M) token ids
    ids: Tensor
    owner: Tensor
    real: Tensor  # (B, S) 1 where a sentence stands
    present: Tensor  # (B, S, T), 0 to 1
    stance: Tensor  # (B, S, T, 3), 0 to 1
    evidence: Tensor  # (B, L, T)
    marked: Tensor  # (B,) 1 where the evidence is known
    held: Tensor  # (N, 3) the pairs whose holder is known: window, sentence, target
    holders: Tensor  # (N, 2 + L) true for the choices of holder that are right

    def to(self, device: torch.device) -> Batch:
        """The same on a device."""
        tensors = {f.name: v.to(device) for f in fields(self) if isinstance(v := getattr(self, f.name), Tensor)}
        return replace(self, **tensors)


@cache
def known_names(speaker: str) -> re.Pattern[str]:
    """The words by which a text may name a speaker: a surname, a country's capital and people, an abbreviation."""
    lexicon = load_lexicon()
    words = {speaker, speaker.split()[-1], speaker.split()[0]}  # family names come first in some languages
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
    """Stack windows of documents about one plan, with the labels of their sentences.

    Where a teacher read a labelled document, what is to be learnt lies between its figures and the labels.
    """
    ids, owner = (torch.from_numpy(x) for x in stack_windows([w for _, w in pairs]))
    (b, s, length), t = owner.shape, len(task.ids)
    real, present, stance = torch.zeros(b, s), torch.zeros(b, s, t), torch.zeros(b, s, t, 3)
    evidence = torch.zeros(b, length, t)
    marked = torch.tensor([float(doc.labelled) for doc, _ in pairs])
    right: dict[tuple[int, int, int], set[int]] = {}
    column = {target: i for i, target in enumerate(task.ids)}
    place = {target.id: i for i, target in enumerate(task.plan.targets)}
    seen = [place[target] for target in task.ids]
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
            if doc.hints is not None:
                hint = torch.from_numpy(doc.hints[placed.number, seen]) / 255
                trust = LABEL_SHARE if doc.labelled else 0.0
                found = present[i, j] > 0
                present[i, j] = trust * present[i, j] + (1 - trust) * hint[:, 0]
                known = torch.where(hint[:, 0] > 0, trust * found, found.float())[
                    :, None
                ]  # no stance where it sees none
                stance[i, j] = known * stance[i, j] + (1 - known) * hint[:, 1:]
    held = torch.tensor(list(right), dtype=torch.long).view(-1, 3)
    holders = torch.zeros(len(right), 2 + length, dtype=torch.bool)
    for row, choices in enumerate(right.values()):
        holders[row, sorted(choices)] = True
    return Batch(task.tokens, ids, owner, real, present, stance, evidence, marked, held, holders)


def tell_gender(surname: str, text: str) -> str | None:
    """Whether "he" or "she" follows a name, where only one of them does: the nearest within some words."""
    follow = re.findall(rf"\b{re.escape(surname)}\b[^“”\"]{{0,{REACH}}}?\b(he|his|him|she|her)\b", text)
    said = {"m" if word.startswith("h") and word != "her" else "f" for word in follow}
    return said.pop() if len(said) == 1 else None


def is_person_name(name: str) -> bool:
    """True for words that name a person and not a group or a member of one: "Ana Weiss", not "German officials"."""
    lexicon, words = load_lexicon(), name.split()
    common = words[-1].lower()
    nouns = lexicon.nouns["people"] | lexicon.nouns["institutions"]
    plural = common.removesuffix("s")
    return all(w[:1].isupper() for w in words) and not {common, plural} & nouns and plural not in lexicon.offices


def rename_people(doc: Labelled, rng: Random) -> Labelled:
    """The document with some of its people under names of office-holders, as the news has them.

    The names of the documents are invented, so that a judge may take a name that it knows for nobody's who speaks. Who
    gets which name is drawn anew each time and has nothing to do with what they say.
    """
    lexicon, people = load_lexicon(), sorted({r["speaker"] for r in doc.records})
    text = " ".join(doc.sentences)
    free = [n for n in OFFICE_HOLDERS if not any(re.search(rf"\b{re.escape(w)}\b", text) for w in n)]
    rng.shuffle(free)
    renamed: dict[str, str] = {}
    for name in people:
        given, *rest = name.split()
        gender = "m" if given.lower() in lexicon.male else "f" if given.lower() in lexicon.female else None
        gender = gender or tell_gender(name.split()[-1], text)
        fitting = [n for n in free if n[2] == gender]
        known = lexicon.name_of(name) or lexicon.people_of(given) or lexicon.name_of(given)
        if known or len(rest) != 1 or not is_person_name(name) or not fitting or rng.random() > RENAMED:
            continue
        new = fitting[0]
        free.remove(new)
        renamed |= {name: new[0], rest[0]: new[1]}
    if not renamed:
        return doc
    pattern = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, sorted(renamed, key=len, reverse=True))) + r")(?!\w)")

    def swap(words: str) -> str:
        return pattern.sub(lambda m: renamed[m[0]], words)

    records = tuple({**r, "speaker": swap(r["speaker"]), "evidence": swap(r["evidence"])} for r in doc.records)
    return replace(doc, sentences=tuple(map(swap, doc.sentences)), records=records)


def draw_batches(
    docs: Sequence[Labelled],
    tasks: dict[str, Task],
    tokenizer: Tokenizer,
    size: int,
    rng: Random | None,
) -> Iterator[Batch]:
    """Batches of windows of one plan and of similar lengths; in random order and of random cut with `rng`."""
    by_plan: dict[str, list[tuple[Labelled, Window]]] = {}
    for given in docs:
        doc = rename_people(given, rng) if rng else given
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
