"""When something was said: the words of a report that tell it, and the day that they mean.

Days are resolved against the document's date by dateparser; news looks back, so "on Friday" is the last Friday, the
document's own day included. What means no single day ("in 2022", "in February") keeps its words and has no date.
"""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING

from analyzer.records import Span

if TYPE_CHECKING:
    from spacy.tokens import Token

_WEEKDAY = re.compile(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b", re.IGNORECASE)
_DAY = re.compile(
    r"\b(?:today|yesterday|tomorrow|(?:day|week)s? ago|last week|this week"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d{1,2}(?:st|nd|rd|th)?(?!\d)"
    r"|\d{1,2}(?:st|nd|rd|th)? (?:of )?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
    r"|\d{4}-\d{2}-\d{2})\b",
    re.IGNORECASE,
)
_CALENDAR = re.compile(
    r"(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?$|(?i:mon|tues|wednes|thurs|fri|satur|sun)day$"
)
_YEAR = re.compile(r"\b(?:19|20)\d{2}\b")
_LINKS = frozenset({"on", "in", "during", "at", "by", "since", "earlier", "late"})


def find_when(verb: Token, base: int) -> Span | None:
    """Return the words beside a reporting verb that tell when: "said on Friday", "told reporters Feb 24".

    `base` is the offset of the verb's sentence.
    """
    own = [*verb.children, *(g for c in verb.children if c.dep_ in ("dobj", "dative") for g in c.children)]
    beside = [*own, *(g for c in own if c.lower_ in _LINKS for g in c.children)]
    dated = next((t for t in beside if t.ent_type_ in ("DATE", "TIME") or _CALENDAR.match(t.text)), None)
    if dated is None:
        return None
    for entity in verb.doc.ents:
        if entity.label_ in ("DATE", "TIME") and entity.start <= dated.i < entity.end:
            return Span(base + entity.start_char, base + entity.end_char)
    words = [t for t in dated.subtree if t == dated or t.like_num]
    return Span(base + words[0].idx, base + words[-1].idx + len(words[-1]))


def resolve_day(words: str, today: datetime.date | None) -> datetime.date | None:
    """Return the day that the words mean in a document of the day `today`; None where they mean no single day.

    Without the document's date, only words with a year have one.
    """
    weekday = bool(_WEEKDAY.search(words))
    if not (weekday or _DAY.search(words)) or (today is None and not _YEAR.search(words)):
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
    found = dateparser.parse(re.sub(r"^(?:on|earlier|late) ", "", words), languages=["en"], settings=settings)
    return found.date() if found else None
