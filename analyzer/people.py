"""Who held which office when, for names that a document has: words/people.toml."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from analyzer.lexicon import load_lexicon
from analyzer.normalize import transliterate
from analyzer.resources import load_words


@dataclass(frozen=True, slots=True)
class Term:
    """An office held by somebody, from a month to a month, both included."""

    name: str  # as in the data, a surname that is not the last word in capitals
    country: str  # or organisation
    office: str
    since: str  # 2019-05
    until: str  # "" for still in office


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a person whom a document names."""

    given: str  # first name in small letters, which tells "he" from "she"
    country: str
    offices: frozenset[str]


def find_known(name: str, day: datetime.date | None) -> Known | None:
    """Return the offices that the bearer of a name held on a day; None for whoever held none, or may be several.

    A surname is enough, and other words of the name must agree: "Scholz" and "Olaf Scholz", not "Edith Scholz". Without
    a day every term counts.
    """
    words = transliterate(name).split()
    held = [
        term
        for word in {*words[:1], *words[-1:]}
        for term, surname, given in _terms().get(word, ())
        if set(words) <= {*surname, *given} and (day is None or term.since <= f"{day:%Y-%m}" <= (term.until or "9"))
    ]
    if len({(term.name, term.country) for term in held}) != 1:
        return None  # several people, or one at two places of which only the day could tell which
    first = held[0]
    given = next((w for w in first.name.split() if not w.isupper()), first.name)
    return Known(given.lower(), first.country, frozenset(term.office for term in held))


@cache
def _terms() -> dict[str, list[tuple[Term, list[str], list[str]]]]:
    """All terms with surname and given names, by the first and the last word of the surname."""
    found: dict[str, list[tuple[Term, list[str], list[str]]]] = {}
    for term in _read_terms():
        words = term.name.split()
        surname = [w for w in words if w.isupper()] or words[-1:]
        given = [transliterate(w) for w in words if w not in surname]
        folded = [transliterate(w) for w in surname]
        for word in {folded[0], folded[-1]}:
            found.setdefault(word, []).append((term, folded, given))
    return found


def _read_terms() -> Iterator[Term]:
    offices = load_lexicon().offices
    for country, table in load_words("people.toml").items():
        for office, holders in table.items():
            for name, since, until in holders:
                yield Term(name, country, offices[office], since, until)
