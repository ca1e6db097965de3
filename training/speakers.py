"""How often the speaker of a right position is right: by how the tool found them, by speech and by holders."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from training.scoring import Found, Gold, is_headline, is_same_speaker

CONSTRUCTIONS = {  # by how the tool says that it found a speaker
    "not found": r"^$",
    "the writer's voice": "the writer's own voice",
    "a label or a printed speech": "label |answers in an interview|prints their speech",
    "going on from an earlier sentence": "goes on speaking|in the sentence after",
    "a pronoun": r"“(?i:he|she|him|her|his|hers|it|they|them|its|their)”:",
    "an office or description": r"office held|spoke last|last named|the countries of",
    "a capital, ministry, people or nameless official": "stands for",
    "the plan, for its sponsor": "the plan's own words|speaks for its sponsor",
    "a group or nameless person": "a group|nameless",
    "a name in quoted speech": r"^(?:direct|mixed): named here",
    "a name in reported speech": "named here",
    "a name that the judge points at": "named: ",
}


def name_construction(how: str) -> str:
    """The construction by which a speaker was found, from what the tool says of it."""
    return next((name for name, pattern in CONSTRUCTIONS.items() if re.search(pattern, how)), "other words")


def name_speech(how: str) -> str:
    """The kind of speech that the tool took a position from: direct, mixed, indirect, act or voice."""
    return how.partition(":")[0] or "not found"


def count_right(
    golds: Sequence[Gold],
    found: Mapping[str, Sequence[Found]],
    aliases: Mapping[str, Sequence[str]],
    group: Callable[[Gold, Found], str],
) -> dict[str, tuple[int, int]]:
    """For each group, the right positions whose speaker is right, and all right positions; the commonest first."""
    counted: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for gold in golds:
        for p in found[gold.doc]:
            key = (gold.locate(p.start, p.end), p.target, p.stance)
            labelled = [r[3] for r in gold.records if r[:3] == key]
            if labelled and is_headline(p.target, p.stance):
                name = group(gold, p)
                counted[name] += 1
                right[name] += any(is_same_speaker(p.speaker, name, aliases) for name in labelled)
    return {name: (right[name], n) for name, n in counted.most_common()}


def by_construction(gold: Gold, found: Found) -> str:
    """A group for count_right: how the tool found the speaker."""
    return name_construction(found.how)


def by_speech(gold: Gold, found: Found) -> str:
    """A group for count_right: the kind of speech, as the tool read it."""
    return name_speech(found.how)


def by_holders(gold: Gold, found: Found) -> str:
    """A group for count_right: whether the labels of a sentence name one holder or several."""
    here = gold.locate(found.start, found.end)
    return "one holder" if len({r[3] for r in gold.records if r[0] == here}) == 1 else "several holders"
