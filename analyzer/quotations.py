"""Quotations: where somebody else's words begin and end.

All marks count: straight, curly, guillemets, single within double. A quotation that is not closed runs to the end of
its paragraph; if the next paragraph opens with a mark too, it is the same speaker going on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.normalize import tidy_text
from analyzer.records import Span

LONGEST_SINGLE = 600  # characters between single marks; beyond, the first one is an apostrophe
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
    """Find the quotations of one paragraph; marks within a quotation only deepen it."""
    quotations: list[Quotation] = []
    opened: int | None = None
    mark, depth = "", 0
    for i in range(paragraph.start, paragraph.end):
        c = tidy[i]
        if opened is None:
            if c in "\"'" and _opens(text, tidy, i, paragraph):
                opened, mark, depth = i, c, 0
        elif c == '"' == mark and text[opened] == "“" == text[i]:
            depth += 1  # a second opening mark: nested without a kind of mark of its own
        elif c == mark and i > opened + 1 and (c == '"' or _closes_single(tidy, i, paragraph)):
            if depth and text[i] == "”":
                depth -= 1
                continue
            quotations.append(Quotation(Span(opened, i + 1), True, False))
            opened = None
    if opened is not None and mark == '"' and paragraph.end > opened + 1:
        quotations.append(Quotation(Span(opened, paragraph.end), False, opens_next))
    return quotations


def _opens(text: str, tidy: str, i: int, paragraph: Span) -> bool:
    """True if the mark at i opens a quotation: a space before it and words behind it, and no mark that closes."""
    before = tidy[i - 1] if i > paragraph.start else " "
    after = tidy[i + 1] if i + 1 < paragraph.end else " "
    if text[i] in "”’»" and not (before.isspace() and after.isalpha() and text[i] != "’"):
        return False
    if tidy[i] == '"':
        return not after.isspace() or before.isspace()
    if before.isalnum() or not (after.isalpha() or after in ".$"):
        return False
    limit = min(paragraph.end, i + LONGEST_SINGLE)
    return any(tidy[j] == "'" and _closes_single(tidy, j, paragraph) for j in range(i + 2, limit))


def _closes_single(tidy: str, i: int, paragraph: Span) -> bool:
    before = tidy[i - 1]
    after = tidy[i + 1] if i + 1 < paragraph.end else " "
    return (
        not before.isspace()
        and not after.isalnum()
        and not (before == "s" and after == " " and i + 2 < paragraph.end and tidy[i + 2].islower())
    )
