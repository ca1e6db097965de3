"""Page layout: from the words of a page, with their places, to lines in the order in which they are read.

Lengths are points, 1/72 inch; x grows to the right, y downwards. Columns are found by their gutter: an upright strip
that few lines cross, with filled lines on both sides. Lines that do cross it, such as a headline over two columns,
cut the page into bands; within a band the left column is read before the right one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

DEPTH = 2  # gutters within gutters: up to four columns
MARGIN = 0.2  # share of the width on each side where no gutter is looked for; narrower columns are margin notes
CROSSED = 0.5  # a gutter is crossed at most half as often as the text beside it, which a wide abstract still allows
NARROWEST = 8.0  # points; word spaces of justified lines stay below, gutters of newspapers begin at about 10
WIDEST = 20_000.0  # points; the largest page that a PDF may have is 14,400
COLUMN_LINES = 4  # fewer lines on one side are a caption or an address, not a column
FILLED = 0.5  # the median line of running text fills more of its column; cells of a table fill less
SPACE = 0.12  # of the type size; narrower gaps are kerning between pieces of one word


@dataclass(frozen=True, slots=True)
class Word:
    """A word and its place on the page."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line of one column. `left` and `right` are the edges of the block of text that it stands in."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float
    left: float
    right: float
    block: int  # counted from 0 over the page; a new block is a new column or band


def order_lines(words: Sequence[Word], gutter: float | None = None) -> list[Line]:
    """Return the lines of a page in reading order; `gutter` parts its columns, None for a single one."""
    lines: list[Line] = []
    for number, block in enumerate(_split_columns(words, gutter, DEPTH)):
        left, right = min(w.x0 for w in block), max(w.x1 for w in block)
        lines.extend(_make_line(row, left, right, number) for row in _group_rows(block))
    return [line for line in lines if line.text]


def find_gutter(words: Sequence[Word]) -> float | None:
    """Return the x of the clearest gutter, None for a single column."""
    if len(words) < 2 * COLUMN_LINES:
        return None
    left, right = min(w.x0 for w in words), max(w.x1 for w in words)
    if right - left > WIDEST:
        return None
    covered = _count_cover(words, left, right)
    first, last = int(len(covered) * MARGIN), int(len(covered) * (1 - MARGIN))
    if last - first < NARROWEST:
        return None
    low = min(covered[first:last])
    strip = _widest_run([count <= low + 1 for count in covered], first, last)
    middle = (strip[0] + strip[1]) // 2
    beside = min(max(covered[:middle], default=0), max(covered[middle:], default=0))
    if strip[1] - strip[0] < NARROWEST or low > CROSSED * beside:
        return None
    gutter = left + middle
    rows = [row for row in _group_rows(words) if not _crosses(row, gutter)]
    sides = [[w for w in row if w.x1 <= gutter] for row in rows], [[w for w in row if w.x0 >= gutter] for row in rows]
    return gutter if all(_is_column([row for row in side if row]) for side in sides) else None


def fits_gutter(words: Sequence[Word], gutter: float) -> bool:
    """True if the few lines of a page keep clear of the gutter that other pages have, and stand on both sides."""
    rows = _group_rows(words)
    both = any(row[0].x0 < gutter < row[-1].x1 and not _crosses(row, gutter) for row in rows)
    return both and sum(_crosses(row, gutter) for row in rows) * 4 <= len(rows)


def _group_rows(words: Iterable[Word]) -> list[list[Word]]:
    """Group words whose middles lie at one height; rows from top to bottom, words from left to right."""
    rows: list[list[Word]] = []
    height = size = 0.0
    for word in sorted(words, key=lambda w: (w.top + w.bottom, w.x0)):
        middle = (word.top + word.bottom) / 2
        if rows and middle - height <= 0.4 * max(size, word.size):
            rows[-1].append(word)
            if word.size > size:
                height, size = middle, word.size
        else:
            rows.append([word])
            height, size = middle, word.size
    return [sorted(row, key=lambda w: w.x0) for row in rows]


def _make_line(row: list[Word], left: float, right: float, block: int) -> Line:
    size = median(w.size for w in row for _ in w.text)
    middle = median((w.top + w.bottom) / 2 for w in row for _ in w.text)
    kept = [w for w in row if not _is_note_mark(w, size, middle)] if len(row) > 1 else row
    text = ""
    for before, word in zip([None, *kept], kept, strict=False):
        apart = before is not None and word.x0 - before.x1 > SPACE * min(before.size, word.size)
        text += f" {word.text}" if apart else word.text
    return Line(
        text.strip(),
        row[0].x0,
        max(w.x1 for w in row),
        min(w.top for w in row),
        max(w.bottom for w in row),
        size,
        left,
        right,
        block,
    )


def _is_note_mark(word: Word, size: float, middle: float) -> bool:
    raised = (word.top + word.bottom) / 2 < middle - 0.05 * size
    return word.text.isdigit() and len(word.text) <= 3 and word.size < 0.8 * size and raised


def _split_columns(words: Sequence[Word], gutter: float | None, depth: int) -> list[list[Word]]:
    if gutter is None:
        return [list(words)] if words else []
    blocks: list[list[Word]] = []
    left: list[Word] = []
    right: list[Word] = []
    wide: list[Word] = []
    for row in _group_rows(words):
        if _crosses(row, gutter):
            blocks += _split_further(left, right, depth)
            left, right = [], []
            wide += row
            continue
        if wide:
            blocks.append(wide)
            wide = []
        left += [w for w in row if w.x1 <= gutter]
        right += [w for w in row if w.x0 >= gutter]
    return blocks + _split_further(left, right, depth) + ([wide] if wide else [])


def _split_further(left: list[Word], right: list[Word], depth: int) -> list[list[Word]]:
    sides = ((side, find_gutter(side) if depth > 1 else None) for side in (left, right))
    return [block for side, gutter in sides for block in _split_columns(side, gutter, depth - 1)]


def _crosses(row: Sequence[Word], gutter: float) -> bool:
    """True if the row runs over the gutter: through a word, or with no more than a word space there."""
    if any(w.x0 < gutter < w.x1 for w in row):
        return True
    before = [w for w in row if w.x1 <= gutter]
    after = [w for w in row if w.x0 >= gutter]
    if not before or not after:
        return False
    return min(w.x0 for w in after) - max(w.x1 for w in before) < max(6.0, 0.6 * max(w.size for w in row))


def _count_cover(words: Sequence[Word], left: float, right: float) -> list[int]:
    """Return for each point of the width how many words lie over it."""
    steps = [0] * (int(right - left) + 2)
    for word in words:
        steps[int(word.x0 - left)] += 1
        steps[int(word.x1 - left) + 1] -= 1
    covered, count = [], 0
    for step in steps[:-1]:
        count += step
        covered.append(count)
    return covered


def _widest_run(flags: Sequence[bool], first: int, last: int) -> tuple[int, int]:
    best = start = (first, first)
    begin = first
    for at in range(first, last + 1):
        if at == last or not flags[at]:
            best = max(best, (begin, at), key=lambda run: run[1] - run[0])
            begin = at + 1
    return best if best != start else (first, first)


def _is_column(rows: Sequence[Sequence[Word]]) -> bool:
    if len(rows) < COLUMN_LINES:
        return False
    width = max(row[-1].x1 for row in rows) - min(row[0].x0 for row in rows)
    return width > 0 and median((row[-1].x1 - row[0].x0) / width for row in rows) >= FILLED
