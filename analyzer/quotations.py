"""Quotations: where somebody else's words begin and end.

All marks count: straight, curly, guillemets, single within double. A quotation that is not closed runs to the end of
its paragraph; if the next paragraph opens with a mark too, it is the same speaker going on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.normalize import tidy_text
from analyzer.records import Span

SHORTEST_SPEECH = 4  # words; a shorter quotation is a term in quotation marks, not speech


@dataclass(frozen=True, slots=True)
class Quotation:
    """Words in quotation marks."""

    span: Span  # marks included
    closed: bool
    continues: bool  # the next paragraph opens with a mark before this one was closed

    def words(self, text: str) -> int:
        """Return how many words stand between the marks."""
        return len(self.span.of(text).split())


def find_quotations(text: str, paragraphs: Sequence[Span]) -> tuple[Quotation, ...]:
    """Return the outermost quotations of each paragraph in order."""
    tidy = tidy_text(text)
    found: list[Quotation] = []
    for number, paragraph in enumerate(paragraphs):
        following = paragraphs[number + 1] if number + 1 < len(paragraphs) else None
        opens_next = following is not None and tidy[following.start] in "\"'"
        found += _scan(text, tidy, paragraph, opens_next)
    return tuple(found)


def _scan(text: str, tidy: str, paragraph: Span, opens_next: bool) -> list[Quotation]:
    """Find the quotations of one paragraph."""
    quotations: list[Quotation] = []
    opened: int | None = None
    mark = ""
    i = paragraph.start
    while i < paragraph.end:
        c = tidy[i]
        if opened is None:
            if c == '"' or (c == "'" and _opens_single(tidy, i, paragraph)):
                opened, mark = i, c
        elif c == mark and i > opened + 1 and (c == '"' or _closes_single(tidy, i, paragraph)):
            if c == '"' and text[i] in "“„" and not _ends_german(text, opened):
                i += 1  # a second opening mark within: nested without its own kind of mark
                continue
            quotations.append(Quotation(Span(opened, i + 1), True, False))
            opened = None
        i += 1
    if opened is not None and mark == '"' and paragraph.end > opened + 1:
        quotations.append(Quotation(Span(opened, paragraph.end), False, opens_next))
    return quotations


def _ends_german(text: str, opened: int) -> bool:
    return text[opened] in "„»"


def _opens_single(tidy: str, i: int, paragraph: Span) -> bool:
    before = tidy[i - 1] if i > paragraph.start else " "
    after = tidy[i + 1] if i + 1 < paragraph.end else " "
    if before.isalnum() or not (after.isalnum() or after in ".$"):
        return False
    return any(_closes_single(tidy, j, paragraph) for j in range(i + 2, paragraph.end) if tidy[j] == "'")


def _closes_single(tidy: str, i: int, paragraph: Span) -> bool:
    before = tidy[i - 1]
    after = tidy[i + 1] if i + 1 < paragraph.end else " "
    return (
        not before.isspace()
        and not after.isalnum()
        and not (before == "s" and after == " " and i + 2 < paragraph.end and tidy[i + 2].islower())
    )
