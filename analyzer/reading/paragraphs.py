"""Paragraphs: from the lines of all pages to one text, without running heads, page numbers and line-end hyphens.

A running head is a line that stands at the same height of many pages with the same words, digits aside. Paragraphs are
set apart by blank lines; one that goes on in the next column or on the next page stays whole.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from analyzer.reading.layout import Line
from analyzer.records import Page, Span

EDGE = 0.12  # share of the page's height, above and below, in which running heads and page numbers stand
REPEATED = 0.4  # of the pages between first and last; heads of left and right pages reach half each
DRIFT = 6.0  # points by which the height of a running head may vary
SAME_SIZE = 0.12  # type sizes closer than this are one size
INDENT = 0.8  # of the type size: the first line of a paragraph stands in by at least this
SHORT = 0.15  # share of the column left free by a last line
ENDS = (".", "!", "?", "…", ":", ".”", ".’", '."', "”", "»", '"')
HYPHENS = "-\u2010\u00ad"
KEPT_PREFIXES = frozenset({"self", "well", "half", "twelve"})  # always hyphenated, and no word is parted behind them

_BULLET = re.compile(r"[•▪●◦‣■□]\s")
_NUMERAL = re.compile(r"\(?(?:[0-9]{1,2}|[ivx]{1,4})[.)]\s|[–—*-]\s", re.I)
_NUMBER = re.compile(r"[\W_]*(?:(?:page|p\.?|seite|pagina)\s*)?#(?:\s*(?:of|/|von|de)\s*#)?[\W_]*")
_PARTED = re.compile(r"(\w+)[-\u2010\u00ad]$")
_TOKEN = re.compile(r"\w+(?:[-\u2010]\w+)*")


@dataclass(frozen=True, slots=True)
class PageLines:
    """The lines of one page in reading order."""

    number: int
    height: float
    lines: tuple[Line, ...]


def drop_running_heads(pages: Sequence[PageLines]) -> list[PageLines]:
    """Return the pages without the lines that repeat at their upper and lower edges, and without page numbers."""
    places: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for page in pages:
        for line in _edge_lines(page):
            places[_blank_digits(line.text)].append((line.top, page.number))
    dropped: set[tuple[str, int, float]] = set()
    for words, found in places.items():
        for cluster in _cluster(sorted(found)):
            numbers = {number for _, number in cluster}
            reach = max(numbers) - min(numbers) + 1
            if len(numbers) >= min(3, max(2, len(pages) - 2)) and len(numbers) >= REPEATED * reach:
                dropped.update((words, number, top) for top, number in cluster)
    return [
        PageLines(
            page.number,
            page.height,
            tuple(
                line
                for line in page.lines
                if (_blank_digits(line.text), page.number, line.top) not in dropped and not _is_page_number(line, page)
            ),
        )
        for page in pages
    ]


def join_lines(pages: Sequence[PageLines]) -> tuple[str, tuple[Page, ...]]:
    """Return one text of paragraphs, and the part of it that stands on each page with text; both may be empty."""
    lines = [(page.number, line) for page in pages for line in page.lines]
    if not lines:
        return "", ()
    spacing = _usual_spacing(lines)
    known = Counter(token.casefold() for _, line in lines for token in _TOKEN.findall(line.text))
    pieces: list[str] = []
    length = 0
    starts: list[tuple[int, int]] = []
    before: tuple[int, Line] | None = None
    for number, line in lines:
        words = line.text.replace("\u00ad", "") if line.text[-1] != "\u00ad" else line.text
        if before is not None:
            if _begins_paragraph(before[1], line, spacing, turned=number != before[0]):
                joint = "\n\n"
            elif (tail := _part_word(pieces[-1], words, known)) is not None:
                length += len(tail) - len(pieces[-1])
                pieces[-1] = tail
                joint = ""
            else:
                joint = " "
            pieces.append(joint)
            length += len(joint)
        if before is None or number != before[0]:
            starts.append((number, length))
        pieces.append(words)
        length += len(words)
        before = number, line
    ends = [start for _, start in starts[1:]] + [length]
    return "".join(pieces), tuple(Page(n, Span(s, e)) for (n, s), e in zip(starts, ends, strict=True))


def _edge_lines(page: PageLines) -> Iterator[Line]:
    return (line for line in page.lines if line.bottom < EDGE * page.height or line.top > (1 - EDGE) * page.height)


def _blank_digits(text: str) -> str:
    lowered = re.sub(r"\d+", "#", text.casefold())
    return "#" if re.fullmatch(r"[ivxl]{1,7}", lowered) else " ".join(lowered.split())


def _cluster(places: Sequence[tuple[float, int]]) -> Iterator[list[tuple[float, int]]]:
    cluster: list[tuple[float, int]] = []
    for place in places:
        if cluster and place[0] - cluster[-1][0] > DRIFT:
            yield cluster
            cluster = []
        cluster.append(place)
    if cluster:
        yield cluster


def _is_page_number(line: Line, page: PageLines) -> bool:
    """True for a lone number at the very edge of a page, above or below all other lines."""
    if not _NUMBER.fullmatch(_blank_digits(line.text)) or len(page.lines) == 1:
        return False
    others = [other for other in page.lines if other is not line]
    above = line.bottom < EDGE * page.height and all(line.bottom <= other.top for other in others)
    below = line.top > (1 - EDGE) * page.height and all(line.top >= other.bottom for other in others)
    return above or below


def _usual_spacing(lines: Iterable[tuple[int, Line]]) -> float:
    """Return the free space between two lines of one paragraph, in type sizes: a fifth of all gaps are no larger.

    The median would be the space between paragraphs where most of these have a line or two.
    """
    gaps: list[float] = []
    last: tuple[int, Line] | None = None
    for number, line in lines:
        if last is not None and last[0] == number and last[1].block == line.block and line.top > last[1].top:
            gaps.append((line.top - last[1].bottom) / line.size)
        last = number, line
    return sorted(gaps)[len(gaps) // 5] if gaps else 0.2


def _begins_paragraph(before: Line, line: Line, spacing: float, *, turned: bool) -> bool:
    if abs(line.size - before.size) > SAME_SIZE * before.size:
        return True
    ended = before.text.endswith(ENDS)
    short = before.x1 < before.right - SHORT * (before.right - before.left)
    indented = INDENT * line.size < line.x0 - line.left < 6 * line.size
    lower = line.text[0].islower()
    if _BULLET.match(line.text) or (_NUMERAL.match(line.text) and (ended or short)):
        return True
    if turned or line.block != before.block:
        parted = lower or before.text[-1] in HYPHENS
        return ended and short if parted else ended or short or indented
    if (line.top - before.bottom) / line.size > spacing + 0.5:
        return True
    at_margin = before.x0 - before.left < 0.5 * before.size
    if indented and at_margin and not _are_centred(before, line):
        return True
    return ended and short and not lower


def _are_centred(*lines: Line) -> bool:
    return all(abs((line.x0 + line.x1) - (line.left + line.right)) < 4 for line in lines)


def _part_word(before: str, line: str, known: Counter[str]) -> str | None:
    """Return `before` as the next line continues its last word, None if no word is parted there.

    The hyphen stays where the document writes the word with it elsewhere, before a capital or a digit, and after a
    few prefixes; otherwise it was put there by the line end.
    """
    parted = _PARTED.search(before)
    rest = _TOKEN.match(line)
    if parted is None or rest is None:
        return None
    first, second = parted[1].casefold(), rest[0].casefold()
    if before[-1] == "\u00ad":
        return before[:-1]
    whole, hyphenated = known[first + second], known[f"{first}-{second}"]
    natural = first in KEPT_PREFIXES or first.isdigit() or not line[0].islower()
    return before if hyphenated > whole or (natural and not whole) else before[:-1]
