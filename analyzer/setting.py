"""Where a text is set: whether it can be about a plan's conflict at all.

A position counts where the setting is the conflict that the plan is about (docs/codebook.md): what a summit says on the
borders of other countries touches no point of a plan for Ukraine, however alike the words are. The judge reads some
sentences at a time and cannot know; the whole text tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzer.lexicon import load_lexicon
from analyzer.people import find_known
from analyzer.records import Plan, SpeakerKind

LONG = 8  # sentences from which on a text that is about a conflict names a party to it
ELSEWHERE = 2  # countries that a text names if it is about something else
NEAR = 60  # characters between the plan's owner and the word for a plan: "the paper that the Chinese put out"
_NAMES = re.compile(r"(?=((?:[A-Z][\w.]*)(?:[ -][A-Z][\w.]*){0,2}))")  # each run of up to three, overlapping
_PLANS = re.compile(r"\b(peace )?(?:plan|paper|proposal|initiative|formula|document|position|text|point)s?\b")


def is_set_elsewhere(text: str, sentences: int, plan: Plan) -> bool:
    """True if a text of that many sentences names other countries, but neither a party to the conflict nor the plan.

    False if the plan's `conflict` is not one of two countries at least: texts on a civil war need not name the country.
    """
    parties = set(_name_countries(plan.conflict))
    if len(parties) < 2 or sentences < LONG:
        return False
    sponsors = {country for sponsor in plan.sponsors for country in _name_countries(sponsor)}
    others = set()
    for country in _name_countries(text):
        if country in parties:
            return False
        if country not in sponsors:
            others.add(country)
    return len(others) >= ELSEWHERE and not _speaks_of_plan(text, sponsors)


def _name_countries(text: str) -> Iterator[str]:
    """The countries that a text names: by name, capital or people, or by somebody who held an office of theirs."""
    lexicon = load_lexicon()
    for match in _NAMES.finditer(text):
        words = re.split(r"[ -]", match[1])
        for n in range(len(words), 0, -1):
            name = " ".join(words[:n]).rstrip(".")
            named = lexicon.name_of(name)
            if country := lexicon.people_of(name) or (named[0] if named and named[1] is SpeakerKind.COUNTRY else None):
                yield country
                break
        else:
            if known := find_known(words[0], None):
                yield known.country


def _speaks_of_plan(text: str, sponsors: set[str]) -> bool:
    return any(
        match[1] or sponsors & set(_name_countries(text[max(0, match.start() - NEAR) : match.end() + NEAR]))
        for match in _PLANS.finditer(text)
    )
