"""Paragraphs and sentences, as spans into the document's text.

Paragraphs end at blank lines, and at line ends that close a sentence or a short line; a hard-wrapped text keeps its
paragraphs. Boilerplate paragraphs have no sentences. Speed: one pass of one regular expression.
"""

from __future__ import annotations

import re
from functools import cache

from analyzer.normalize import is_boilerplate, tidy_text
from analyzer.records import Sentence, Span
from analyzer.resources import load_words

_BLANK = re.compile(r"(?<![ \t\u00a0])(?:[ \t\u00a0]*+(?>\r\n|\r|\n)){2,}[ \t\u00a0]*+")
UNWRAPPED = 160  # characters; nobody wraps text at so wide a line
LONGEST = 800  # characters of a sentence; about what the judge reads of one
_CLOSING = frozenset(".!?:…\"'”’»)")
_WORD = re.compile(r"[A-Za-z]+")
_LINE = re.compile(r"\r\n|\r|\n")
_END = re.compile(r"""(?P<mark>(?<![.!?…])[.!?…]++)(?P<close>["')\]]*)(?P<space>\s+)(?P<next>["'(\[]*\S)""")
_ASIDE = re.compile(
    r"(?:[A-Z][\w.'-]*\s+){1,4}(?:said|says|asked|asks|added|told|wrote|replied|cried|exclaimed|wondered|warned|insisted|quipped)\b"
)


@cache
def _abbreviations() -> dict[str, frozenset[str]]:
    return {key: frozenset(words) for key, words in load_words("abbreviations.toml").items()}


def _is_boundary(text: str, match: re.Match[str]) -> bool:
    """Decide whether a full stop, with what follows it, ends a sentence."""
    mark, close, following = match["mark"], match["close"], match["next"][-1]
    if following.islower():
        return False
    if mark == "." and not close:
        word = re.search(r"[\w.']+$", text[max(0, match.start() - 20) : match.start()])
        written = word[0] if word else ""
        token = written.lower()
        known = _abbreviations()
        if token in known["numbered"]:
            return not following.isdigit()
        dotted = bool(re.fullmatch(r"(?:[a-z]\.)*[a-z]", token))  # initials: "J.", "U.S."
        if token in known["closing"] or (dotted and "." in token):
            after = _WORD.match(text, match.end() - 1)
            return after is not None and after[0].lower() in known["starters"]
        if (token in known["capitalised"] and written[:1].isupper()) or token in known["always"] or (dotted and token):
            return False
    return not (close and mark[-1] in "?!" and _ASIDE.match(text[match.end() - 1 : match.end() + 80]))


def split_sentences(text: str, start: int, end: int) -> list[Span]:
    """Split one paragraph, the characters [start, end) of a tidy text, into sentence spans without outer spaces."""
    spans: list[Span] = []
    begin, position = start, start
    while match := _END.search(text, position, end):
        position = match.end("close")
        if _is_boundary(text, match):
            spans.append(Span(begin, match.end("close")))
            begin = match.end("space")
    while end > begin and text[end - 1].isspace():
        end -= 1
    if end > begin:
        spans.append(Span(begin, end))
    return [part for span in spans for part in _shorten(text, span)]


def _shorten(text: str, span: Span) -> list[Span]:
    """Cut a sentence that is too long to be read at once, at the last good place before the limit."""
    parts, begin = [], span.start
    while span.end - begin > LONGEST:
        room = begin + LONGEST
        cut = next(
            (c for sign in ("\n", "; ", ", ", " ") if (c := text.rfind(sign, begin + 1, room)) > begin), room - 1
        )
        parts.append(Span(begin, cut + 1))
        begin = cut + 1
        while begin < span.end and text[begin].isspace():
            begin += 1
    if begin < span.end:
        parts.append(Span(begin, span.end))
    return [Span(p.start, p.start + len(p.of(text).rstrip())) for p in parts if p.of(text).strip()]


def split_paragraphs(text: str) -> list[Span]:
    """Return the paragraphs of `text` without outer white space."""
    blocks: list[tuple[int, int]] = []
    begin = 0
    for gap in _BLANK.finditer(text):
        blocks.append((begin, gap.start()))
        begin = gap.end()
    blocks.append((begin, len(text)))
    paragraphs = []
    for start, end in blocks:
        for a, z in _split_lines(text, start, end):
            while a < z and text[a].isspace():
                a += 1
            while z > a and text[z - 1].isspace():
                z -= 1
            if a < z:
                paragraphs.append(Span(a, z))
    return paragraphs


def _split_lines(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Split a block at line ends that end a paragraph; a line end within hard-wrapped prose does not."""
    breaks = [(m.start(), m.end()) for m in _LINE.finditer(text, start, end)]
    if not breaks:
        return [(start, end)]
    edges = [start, *(z for _, z in breaks), end]
    ends = [a for a, _ in breaks] + [end]
    lines = [text[line_start:line_end].rstrip() for line_start, line_end in zip(edges, ends, strict=False)]
    width = sorted(map(len, lines))[len(lines) * 9 // 10]
    whole = all(line[-1:] in _CLOSING for line in lines)  # every line is a paragraph of its own
    parts, begin = [], start
    for (a, z), line in zip(breaks, lines, strict=False):
        closed = line[-1:] in _CLOSING
        goes_on = text[z : z + 1].islower() and not closed
        short = len(line) < (0.85 if closed else 0.6) * width
        if not goes_on and (whole or short or (width > UNWRAPPED and closed)):
            parts.append((begin, a))
            begin = z
    parts.append((begin, end))
    return parts


def segment_text(text: str) -> tuple[Sentence, ...]:
    """Return the sentences of a document's text in order, numbered from 0, boilerplate left out."""
    tidy = tidy_text(text)
    sentences: list[Sentence] = []
    for number, paragraph in enumerate(split_paragraphs(text)):
        if is_boilerplate(paragraph.of(text)):
            continue
        for span in split_sentences(tidy, paragraph.start, paragraph.end):
            if any(c.isalnum() for c in span.of(text)):
                sentences.append(Sentence(len(sentences), span, number))
    return tuple(sentences)
