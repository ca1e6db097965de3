"""Queries: what is typed into the search box, taken apart.

    sanctions must go before a truce            by meaning and by words
    "security guarantees"                       the phrase must occur
    sanction* AND (truce OR ceasefire) NOT grain
    stance:criticises target:10 speaker:Zelensky after:2023-03-01

A filter is KEY:VALUE or KEY:"several words"; a filter that is given several times lets any of its values pass.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from analyzer.errors import QueryError
from analyzer.normalize import strip_accents
from analyzer.records import Speech, Stance

KEYS = {
    "speaker": "a name or part of it",
    "country": "a country that speaks",
    "stance": ", ".join(Stance),
    "target": "plan, a point's number, or gap:NAME",
    "plan": "a plan's id",
    "document": "a document's name or part of it",
    "outlet": "an outlet's name or part of it",
    "after": "a day, as in 2023-03-01, on or after which it was published",
    "before": "a day on or before which it was published",
    "speech": ", ".join(Speech),
    "reviewed": "yes or no",
}
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
FUNCTION_WORDS = frozenset(  # not looked for among other words: they stand everywhere
    _WORD.findall(
        "a about after all also an and any are as at be been before but by can could did do does for from had has have "
        "he her his how i if in into is it its may me more most must my no nor not of off on or our out over said say "
        "says shall she should so some such than that the their them then there these they this those to under up us "
        "was we were what when where which who whom whose why will with would you your"
    )
)
OPERATORS = ("AND", "OR", "NOT")
_TOKEN = re.compile(r'([A-Za-z]+):"([^"]*)"|([A-Za-z]+):([^\s"()]+)|"([^"]*)"|([()])|([^\s"()]+)|"')


@dataclass(frozen=True, slots=True)
class Filters:
    """What a sentence must have to be found; empty fields ask for nothing. Values of one field are alternatives."""

    speakers: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    stances: tuple[Stance, ...] = ()
    targets: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    outlets: tuple[str, ...] = ()
    after: datetime.date | None = None
    before: datetime.date | None = None
    speeches: tuple[Speech, ...] = ()
    reviewed: bool | None = None
    least: float = 0.0  # confidence of the position

    @property
    def empty(self) -> bool:
        """True if nothing is asked for."""
        return self == Filters()


@dataclass(frozen=True, slots=True)
class Query:
    """A query taken apart."""

    text: str = ""  # what is compared by meaning: the words and phrases, without operators
    words: tuple[str, ...] = ()  # of which any may occur
    pattern: str = ""  # in the language of SQLite's FTS5, which must match; empty where nothing must
    filters: Filters = field(default_factory=Filters)


def parse_query(text: str) -> Query:
    """Take a query apart; QueryError in one line if a filter is unknown, or has no such value."""
    given: dict[str, list[str]] = {}
    plain: list[str] = []
    pattern: list[str] = []
    strict = False
    for match in _TOKEN.finditer(text):
        key, value = match[1] or match[3], match[2] if match[1] else match[4]
        phrase, bracket, word = match[5], match[6], match[7]
        if key and (key.casefold() in KEYS or key.islower()) and value and not value.startswith("//"):
            if key.casefold() not in KEYS:
                raise QueryError(f"{key}: no such filter; there are {', '.join(f'{k}:' for k in KEYS)}")
            given.setdefault(key.casefold(), []).append(value)
        elif phrase is not None:
            if found := _WORD.findall(phrase):
                strict = True
                plain.append(phrase)
                pattern.append(_quote(" ".join(found)))
        elif bracket or (word or "") in OPERATORS:
            strict = strict or word in OPERATORS
            pattern.append(bracket or word)
        else:
            found = _WORD.findall(match[0])
            prefix = match[0].endswith("*")
            strict = strict or (prefix and bool(found))
            plain += found
            pattern += [_quote(w) + ("*" if prefix and w is found[-1] else "") for w in found]
    if strict and not plain:
        raise QueryError("AND, OR and NOT stand between words or phrases, as in: sanctions AND (truce OR ceasefire)")
    words = tuple(dict.fromkeys(w.casefold() for w in _WORD.findall(" ".join(plain))))
    rare = tuple(w for w in words if strip_accents(w) not in FUNCTION_WORDS) or words
    return Query(" ".join(plain), rare, _join(pattern) if strict else "", _read_filters(given))


def match_any(words: Iterable[str]) -> str:
    """Return the pattern of FTS5 that any of the words matches."""
    return " OR ".join(_quote(word) for word in words)


def _quote(words: str) -> str:
    return '"' + words.replace('"', '""') + '"'


def _join(pattern: list[str]) -> str:
    """Join words and operators; between two words AND is meant, unless the user chose otherwise."""
    joined: list[str] = []
    for part in pattern:
        if joined and part not in (*OPERATORS, ")") and joined[-1] not in (*OPERATORS, "("):
            joined.append("AND")
        joined.append(part)
    return " ".join(joined)


def _read_filters(given: dict[str, list[str]]) -> Filters:
    def one_of(key: str, allowed: Iterable[str]) -> list[str]:
        names = list(allowed)
        for value in given.get(key, ()):
            if value.casefold() not in names:
                raise QueryError(f"{key}:{value}: unknown; allowed are {', '.join(names)}")
        return [value.casefold() for value in given.get(key, ())]

    reviewed = one_of("reviewed", ("yes", "no"))
    return Filters(
        speakers=tuple(given.get("speaker", ())),
        countries=tuple(given.get("country", ())),
        stances=tuple(Stance(s) for s in one_of("stance", Stance)),
        targets=tuple(t.casefold() for t in given.get("target", ())),
        plans=tuple(given.get("plan", ())),
        documents=tuple(given.get("document", ())),
        outlets=tuple(given.get("outlet", ())),
        after=_read_day("after", given),
        before=_read_day("before", given),
        speeches=tuple(Speech(s) for s in one_of("speech", Speech)),
        reviewed=reviewed[-1] == "yes" if reviewed else None,
    )


def _read_day(key: str, given: dict[str, list[str]]) -> datetime.date | None:
    if key not in given:
        return None
    value = given[key][-1]
    try:
        if not (match := re.fullmatch(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?", value)):
            raise ValueError(value)
        year, month, day = int(match[1]), int(match[2] or 1), int(match[3] or 1)
        if key == "before" and not match[3]:  # to the end of the month or the year that is named
            year, month = (year, month + 1) if match[2] else (year + 1, 1)
            return datetime.date(year + month // 13, (month - 1) % 12 + 1, 1) - datetime.timedelta(days=1)
        return datetime.date(year, month, day)
    except ValueError as error:
        raise QueryError(f"{key}:{value}: not a day; write it as in {key}:2023-03-01") from error
