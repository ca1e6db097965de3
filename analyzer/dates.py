"""When something was said: the words of a report that tell it, and the day that they mean.

Days are resolved against the document's date by dateparser; news looks back, so "on Friday" is the last Friday, the
document's own day included, and "last week" the same weekday a week before. What means no single day ("in 2022", "on
Feb 24 and 25") keeps its words and has no date.
"""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING

from analyzer.records import Span

if TYPE_CHECKING:
    from spacy.tokens import Token

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_WEEKDAY = re.compile(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b", re.IGNORECASE)
_DAY = re.compile(
    r"\b(?:today|yesterday|(?:\w+) (?:day|week)s? ago|last week"
    rf"|{_MONTH}\.? (?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?(?!\d)"
    rf"|(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)? (?:of )?{_MONTH}"
    r"|\d{4}-\d{2}-\d{2})\b",
    re.IGNORECASE,
)
_TIME = re.compile(
    rf"\b(?:{_MONTH}\b|today|yesterday|(?:day|week|month|year|weekend)s?\b|(?:19|20)\d\d\b)", re.IGNORECASE
)
_RANGE = re.compile(r"\b(?:and|to|next|between)\b|\d\s?[-–]\s?\d", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:19|20)\d{2}\b")
_LINKS = frozenset({"on", "in", "during", "at", "earlier", "late"})
_TELLING = frozenset({"tell", "inform", "remind", "assure", "ask"})  # whom one tells comes before when
FAR = 400  # days: without a year, a day that lies further back was misread


def find_when(verb: Token, base: int) -> Span | None:
    """Return the words beside a reporting verb that tell when: "said on Friday", "told reporters Feb 24".

    `base` is the offset of the verb's sentence.
    """
    own = [*verb.children]
    if verb.lemma_ in _TELLING:
        own += [g for c in verb.children if c.dep_ in ("dobj", "dative") for g in c.children]
    beside = [c for c in own if c.dep_ == "npadvmod"]
    beside += [g for c in own if c.dep_ == "prep" and c.lower_ in _LINKS for g in c.children if g.dep_ == "pobj"]
    for dated in beside:
        words = [t for t in dated.subtree if abs(t.i - dated.i) <= 3 and t.dep_ not in ("relcl", "acl")]
        span = Span(words[0].idx, words[-1].idx + len(words[-1]))
        text = verb.doc.text[span.start : span.end]
        if _WEEKDAY.search(text) or _TIME.search(text):
            return Span(base + span.start, base + span.end)
    return None


def resolve_day(words: str, today: datetime.date | None) -> datetime.date | None:
    """Return the day that the words mean in a document of the day `today`; None where they mean no single day.

    Without the document's date, only words with a year have one.
    """
    weekday, year = bool(_WEEKDAY.search(words)), bool(_YEAR.search(words))
    if not (weekday or _DAY.search(words)) or _RANGE.search(words) or (today is None and not year):
        return None
    import dateparser

    base = today or datetime.date(2000, 1, 1)
    if weekday:
        base += datetime.timedelta(days=1)  # the parser leaves today out, where news say "on Friday" on a Friday
    settings = {
        "RELATIVE_BASE": datetime.datetime.combine(base, datetime.time(12)),
        "PREFER_DATES_FROM": "past",
        "RETURN_AS_TIMEZONE_AWARE": False,
    }
    found: datetime.datetime | None = dateparser.parse(
        re.sub(r"^(?:on|earlier|late) ", "", words), languages=["en"], settings=settings
    )
    if found is None or (not year and abs((base - found.date()).days) > FAR):
        return None
    return found.date()
