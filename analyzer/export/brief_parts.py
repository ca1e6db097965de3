"""The nouns of a brief: numbered quotations in sections under a title.

Texts are as plain as they come; a rendering puts them on one line and escapes them. Offsets are half-open character
ranges into Document.text, and pages count from 1. Quotations are numbered from 1 in the order in which they are shown.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from analyzer.export.wording import one_line
from analyzer.records import Span, Stance


@dataclass(frozen=True, slots=True)
class Quotation:
    """One position, with what is needed to find its words again and to check them."""

    number: int
    speaker: str  # "author of NAME" for a writer; "speaker not identified"
    stance: Stance
    target: str  # id
    confidence: float
    sentence: str  # the characters of `span`
    span: Span
    evidence: str  # the characters of `evidence_span`
    evidence_span: Span
    document: str  # Document.name
    title: str | None
    outlet: str | None
    date: datetime.date | None  # of the document
    page: int | None
    said_on: datetime.date | None
    reading: str  # one neutral sentence: "The document reports X as endorsing point 1, “…”."
    found: str  # how the speaker was found

    @property
    def citation(self) -> str:
        """Where the sentence stands: “Outlet, “Title”, date, page, characters start–end (name of document)”."""
        title = one_line(self.title or "")
        known = (
            one_line(self.outlet or ""),
            f"“{title}”" if title else "",
            self.date.isoformat() if self.date else "",
            f"page {self.page}" if self.page else "",
            _characters(self.span),
        )
        return f"{', '.join(part for part in known if part)} ({one_line(self.document)})"

    @property
    def facts(self) -> str:
        """How sure, how the speaker was found, and on which day it was said."""
        known = (
            f"confidence {self.confidence:.2f}",
            one_line(self.found),
            f"said on {self.said_on.isoformat()}" if self.said_on else "",
        )
        return " · ".join(part for part in known if part)

    @property
    def evidence_place(self) -> str:
        """Where the evidence stands: “characters start–end”."""
        return _characters(self.evidence_span)

    @property
    def pieces(self) -> tuple[str, str, str]:
        """The sentence on one line, cut into what stands before, in and after the evidence."""
        left = min(max(self.evidence_span.start - self.span.start, 0), len(self.sentence))
        right = min(max(self.evidence_span.end - self.span.start, left), len(self.sentence))
        cut: list[str] = []
        line = one_line(self.sentence)
        at = 0
        for part in (self.sentence[:left], self.sentence[left:right]):
            length = len(re.sub(r"\s", "", one_line(part)))  # white space may change, other characters stay
            end = at
            while length:
                length -= not line[end].isspace()
                end += 1
            cut.append(line[at:end])
            at = end
            if len(cut) == 1 and at < len(line) and line[at].isspace() and part:
                cut[0] += line[at]
                at += 1
        return cut[0], cut[1], line[at:]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, sentences that count and name, a list, and quotations; each may be empty."""

    title: str
    sentences: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    quotations: tuple[Quotation, ...] = ()


@dataclass(frozen=True, slots=True)
class Brief:
    """What a report holds on one target, one speaker or one document."""

    title: str
    facts: tuple[str, ...]
    sections: tuple[Section, ...]
    notes: tuple[str, ...]  # how to read it, and how it was made

    @property
    def quotations(self) -> tuple[Quotation, ...]:
        """All quotations by their numbers."""
        return tuple(quotation for section in self.sections for quotation in section.quotations)


def _characters(span: Span) -> str:
    return f"characters {span.start}–{span.end}"
