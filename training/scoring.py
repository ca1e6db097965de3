"""The codebook's scores of predicted positions against labelled documents. Standard library only.

position F1      right: same sentence, target and stance; micro over documents; bare mentions of the plan left out
target F1        the same without the stance
stance accuracy  over the sentence-target pairs that both have
speaker accuracy over the right positions: the speaker is the labelled one, under one of their names
omission F1      the omitted points of a document, macro over documents
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Any

TITLES = frozenset(
    {"president", "prime", "minister", "premier", "foreign", "secretary-general", "secretary", "general", "chancellor"}
    | {"spokesperson", "spokeswoman", "spokesman", "king", "pope", "mr", "mrs", "ms", "dr", "the", "leader", "of"}
    | {"us", "chinese", "russian", "ukrainian", "belarusian", "state"}
)
VAGUE = frozenset("a an the of from for who some other others several few many one".split())  # noqa: SIM905


@dataclass(frozen=True)
class Found:
    """A predicted position, reduced to what is scored."""

    doc: str
    start: int
    end: int
    target: str
    stance: str
    speaker: str
    confidence: float = 1.0
    how: str = ""  # how the speaker was found, as the tool says it


@dataclass(frozen=True)
class Gold:
    """A labelled document."""

    doc: str
    plan: str
    spans: tuple[tuple[int, int], ...]  # of its sentences
    records: tuple[tuple[int, str, str, str], ...]  # sentence, target, stance, speaker

    def locate(self, start: int, end: int) -> int | None:
        """Return the sentence that a span overlaps most; None if it overlaps none."""
        overlaps = [min(end, z) - max(start, a) for a, z in self.spans]
        best = max(range(len(overlaps)), key=overlaps.__getitem__, default=None)
        return best if best is not None and overlaps[best] > 0 else None

    @property
    def keys(self) -> set[tuple[int, str, str]]:
        return {r[:3] for r in self.records}


def load_gold(folder: Path, prefix: str = "") -> list[Gold]:
    """Read the labelled documents of a folder whose names begin with `prefix`."""
    gold = []
    for path in sorted(folder.glob(f"{prefix}*.sentences.json")):
        d = json.loads(path.read_text(encoding="utf-8"))
        lines = path.with_name(d["doc"] + ".gold.jsonl").read_text(encoding="utf-8").splitlines()
        records = [json.loads(line) for line in lines if line.strip()]
        gold.append(
            Gold(
                d["doc"],
                d["plan"],
                tuple((s["start"], s["end"]) for s in d["sentences"]),
                tuple((r["sentence"], str(r["target"]), r["stance"], r["speaker"]) for r in records),
            )
        )
    return gold


def bare_name(name: str) -> str:
    """Return a name in small letters without accents, signs and leading titles."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower().replace("'s", "")
    words = re.sub(r"[^a-z0-9&\- ]+", " ", plain).split()
    while len(words) > 1 and words[0] in TITLES:
        words = words[1:]
    return " ".join(words)


def is_same_speaker(found: str, labelled: str, aliases: Mapping[str, Sequence[str]]) -> bool:
    """True if a found name means the labelled speaker: equal, an alias, a surname, or a like name of a vague group."""
    a, b = bare_name(found), bare_name(labelled)
    if not a or not b:
        return False
    if a == b or a in {bare_name(x) for x in aliases.get(labelled, ())}:
        return True
    if labelled[0].islower() and labelled != "author":
        return bool((set(a.split()) & set(b.split())) - VAGUE) or (found[0].islower() and a != "author")
    return " " in b and a == b.split()[-1]


def is_headline(target: str, stance: str) -> bool:
    """True for what the headline score counts: everything but a bare mention of the plan."""
    return not (target == "plan" and stance == "mentions")


def f1(right: int, found: int, labelled: int) -> float:
    """Return the harmonic mean of precision and recall; 0 where nothing is right."""
    return 2 * right / (found + labelled) if right else 0.0


@dataclass(frozen=True)
class Counts:
    """What one document, or several together, contribute to the scores."""

    right: int = 0  # positions, bare mentions of the plan left out
    found: int = 0
    labelled: int = 0
    targets_right: int = 0
    targets_found: int = 0
    targets_labelled: int = 0
    agreed: int = 0  # targets on which the stance is right, too
    named: int = 0  # right positions whose speaker is right
    omissions: float = 0.0
    documents: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def scores(self) -> dict[str, float]:
        """Return the scores by name; a share of nothing is 0."""
        return {
            "position_f1": f1(self.right, self.found, self.labelled),
            "precision": self.right / self.found if self.found else 0.0,
            "recall": self.right / self.labelled if self.labelled else 0.0,
            "target_f1": f1(self.targets_right, self.targets_found, self.targets_labelled),
            "stance_accuracy": self.agreed / self.targets_right if self.targets_right else 0.0,
            "speaker_accuracy": self.named / self.right if self.right else 0.0,
            "omission_f1": self.omissions / self.documents if self.documents else 0.0,
        }


def count_document(
    gold: Gold, positions: Iterable[Found], points: int, aliases: Mapping[str, Sequence[str]] | None = None
) -> Counts:
    """Return the counts of one document; positions of other documents are passed over."""
    placed: dict[tuple[int, str, str], list[str]] = {}
    for p in positions:
        sentence = gold.locate(p.start, p.end) if p.doc == gold.doc else None
        if sentence is not None:
            placed.setdefault((sentence, p.target, p.stance), []).append(p.speaker)
    named = 0
    for key in gold.keys & set(placed):
        if is_headline(*key[1:]):
            speakers = [r[3] for r in gold.records if r[:3] == key]
            named += any(is_same_speaker(n, s, aliases or {}) for n in placed[key] for s in speakers)
    omissions = _score_omissions({k[1] for k in gold.keys}, {k[1] for k in placed}, points)
    return replace(count_keys(gold.keys, set(placed)), named=named, omissions=omissions, documents=1)


def count_keys(keys: Set[tuple[Any, ...]], mine: Set[tuple[Any, ...]]) -> Counts:
    """Return the counts of labelled and found keys, tuples that end in target and stance."""
    labelled, found = ({k for k in x if is_headline(*k[-2:])} for x in (keys, mine))
    ta, tb = ({k[:-1] for k in x} for x in (keys, mine))
    agreed = len({k[:-1] for k in keys & mine})
    return Counts(len(labelled & found), len(found), len(labelled), len(ta & tb), len(tb), len(ta), agreed)


def score_positions(
    gold: Sequence[Gold],
    positions: Sequence[Found],
    points: Mapping[str, int],
    aliases: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, float]:
    """Return the scores by name; `points` holds the number of points of each plan, for the omissions."""
    counts = (count_document(g, positions, points[g.plan], aliases) for g in gold)
    return sum(counts, Counts()).scores()


def _score_omissions(labelled: set[str], found: set[str], points: int) -> float:
    every = {str(n + 1) for n in range(points)}
    if not labelled:
        return 0.0 if found else 1.0
    a, b = every - labelled, (every - found) if found else set()
    return f1(len(a & b), len(b), len(a)) if a or b else 1.0


def discount(gains: Iterable[float]) -> float:
    """The discounted cumulative gain of a ranking (Järvelin and Kekäläinen 2002)."""
    return sum(gain / math.log2(place + 2) for place, gain in enumerate(gains))
