"""The article in the HTML report: its words, highlighted by stance, with a card beside them for every position.

Every character of the document stands in the page, in its order. A sentence has one background, that of its dominant
stance, and a label for each of its positions; the words of evidence are underlined.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import groupby

from analyzer.export.markup import Html, escape, join, tag
from analyzer.export.wording import (
    SYMBOLS,
    describe_chain,
    describe_position,
    describe_target,
    one_line,
    short_target,
)
from analyzer.records import Analysis, Plan, Position, Reviewed, Sentence, Span, Stance
from analyzer.report import speaker_name

NUMBERED = tuple[int, Position]  # a position with its index in Analysis.positions


def article(
    analysis: Analysis, plan: Plan, prefix: str, near: Collection[int] = (), words: Collection[Span] = ()
) -> Html:
    """Return the whole text with highlights and cards; `prefix` begins every id, so that documents do not clash.

    `near` are the sentences, by number, that a search found by their meaning; `words` are those that it found.
    """
    held: dict[int, list[NUMBERED]] = {}
    for index, position in enumerate(analysis.positions):
        held.setdefault(position.sentence, []).append((index, position))
    return join(_blocks(analysis, plan, prefix, held, near, words))


def dominant_stance(positions: Iterable[Position]) -> Stance:
    """Return the stance that colours a sentence: the most frequent, a side before a mention, the surest of equals."""
    found = list(positions)
    count = {stance: sum(p.stance is stance for p in found) for stance in Stance}
    best = max(found, key=lambda p: (p.stance is not Stance.MENTIONS, count[p.stance], p.confidence))
    return best.stance


def chip(stance: Stance, target: str, href: str, spoken: str) -> Html:
    """Return a small label: the stance's symbol and the target; `spoken` is read out by screen readers."""
    return tag(
        "a",
        tag("span", SYMBOLS[stance], aria_hidden="true"),
        f" {short_target(target)}",
        tag("span", f" {spoken}", class_="vh"),
        class_=f"chip {stance.value}",
        href=href,
        title=spoken,
    )


def _blocks(
    analysis: Analysis,
    plan: Plan,
    prefix: str,
    held: dict[int, list[NUMBERED]],
    near: Collection[int],
    words: Collection[Span],
) -> Iterator[Html]:
    text, at = analysis.document.text, 0
    for _, group in groupby(analysis.sentences, key=lambda sentence: sentence.paragraph):
        sentences = list(group)
        yield _passed_over(text[at : sentences[0].span.start])
        at = max(at, sentences[0].span.start)
        pieces: list[Html] = []
        for sentence in sentences:
            pieces.append(escape(text[at : sentence.span.start]))
            at = max(at, sentence.span.start)
            found = [span for span in words if sentence.span.start <= span.start and span.end <= sentence.span.end]
            piece = _sentence(text, at, sentence, held.get(sentence.number, []), prefix, found)
            pieces.append(tag("span", piece, class_="near") if sentence.number in near else piece)
            at = max(at, sentence.span.end)
        cards = [_card(n, p, plan, prefix) for s in sentences for n, p in held.get(s.number, [])]
        notes = tag("div", *cards, class_="notes") if cards else Html("")
        yield tag("div", tag("p", *pieces, class_="text", dir="auto"), notes, class_="para")
    yield _passed_over(text[at:])


def _passed_over(text: str) -> Html:
    """Text that is no sentence, such as boilerplate: shown, but muted."""
    if not text.strip():
        return escape(text)
    return tag("p", text, class_="text passed-over", dir="auto", title="Not read as a sentence of the article")


def _sentence(
    text: str, start: int, sentence: Sentence, positions: list[NUMBERED], prefix: str, words: list[Span]
) -> Html:
    name = f"{prefix}s{sentence.number}"
    start = min(start, sentence.span.end)
    pieces = _underlined(text, start, sentence.span.end, positions, prefix, words)
    if not positions:
        return tag("span", *pieces, id=name)
    counting = [position for _, position in positions if position.reviewed is not Reviewed.REJECTED]
    marked = tag(
        "span",
        *pieces,
        class_=f"s {dominant_stance(counting).value}" if counting else "s struck",
        id=name,
        data_cards=" ".join(f"{prefix}p{n}" for n, _ in positions),
    )
    chips = [
        tag("s", label) if p.reviewed is Reviewed.REJECTED else label
        for n, p in positions
        for label in [chip(p.stance, p.target, f"#{prefix}p{n}", _spoken(p))]
    ]
    return Html(marked + tag("span", *chips, class_="chips"))


def _underlined(
    text: str, start: int, end: int, positions: list[NUMBERED], prefix: str, found: list[Span]
) -> Iterator[Html]:
    """The sentence cut where evidence or a found word begins or ends, since evidence of several may overlap."""
    spans = {n: _clipped(position.evidence, start, end) for n, position in positions}
    marks = [_clipped(span, start, end) for span in found]
    cuts = sorted({start, end, *(edge for span in (*spans.values(), *marks) for edge in span)})
    for left, right in zip(cuts, [*cuts[1:], end], strict=True):
        yield join(tag("span", id=f"{prefix}e{n}") for n, span in spans.items() if span[0] == left)
        covering = [n for n, span in spans.items() if span[0] <= left and right <= span[1]]
        words = escape(text[left:right])
        if words and any(mark[0] <= left and right <= mark[1] for mark in marks):
            words = tag("mark", words)
        if covering and words:
            yield tag("u", words, data_p=" ".join(f"{prefix}p{n}" for n in covering))
        else:
            yield words


def _clipped(span: Span, start: int, end: int) -> tuple[int, int]:
    left = min(max(span.start, start), end)
    return left, max(left, min(span.end, end))


def _spoken(position: Position) -> str:
    return f"{one_line(speaker_name(position))} {position.stance.value} {short_target(position.target)}"


def _when(position: Position) -> str:
    return f"“{one_line(position.when or '')}”" + (f", {position.said_on.isoformat()}" if position.said_on else "")


def _card(index: int, position: Position, plan: Plan, prefix: str) -> Html:
    target = plan.target(position.target)
    row = [t.id for t in plan.targets].index(target.id)
    place = f"sentence {position.sentence + 1}, characters {position.evidence.start}–{position.evidence.end}"
    likely = join(
        (
            join((tag("b", short_target(c.target)), f" {c.similarity if c.chance is None else c.chance:.2f}"))
            for c in position.candidates[:5]
        ),
        "; ",
    )
    facts = [
        ("Where", f"{place}, page {position.page}" if position.page else place),
        ("How the speaker was found", describe_chain(position)),
        *([("When it was said", _when(position))] if position.when else []),
        ("Confidence", f"{position.confidence:.2f}"),
        *([("Reviewed", f"{position.reviewed.value} by a person")] if position.reviewed else []),
        ("Likeliest targets", likely),
    ]
    return tag(
        "details",
        tag(
            "summary",
            tag("span", SYMBOLS[position.stance], class_="mark", aria_hidden="true"),
            " ",
            tag("b", tag("bdi", one_line(speaker_name(position)))),
            f" {position.stance.value} ",
            tag("b", describe_target(target)),
            " ",
            tag("span", f"{position.confidence:.2f}", class_="muted", title="confidence"),
            *([" ", tag("span", position.reviewed.value, class_="reviewed")] if position.reviewed else []),
        ),
        tag("p", describe_position(position, target)),
        tag("blockquote", "“", tag("span", position.evidence_text), "”", dir="auto"),
        tag("dl", *(Html(tag("dt", term) + tag("dd", fact)) for term, fact in facts if fact)),
        tag(
            "p",
            tag("a", "← the words in the text", href=f"#{prefix}e{index}"),
            " ",
            tag("a", "↑ all on this target", href=f"#{prefix}t{row}"),
            class_="ways",
        ),
        class_=f"card {position.stance.value}" + (" struck" if position.reviewed is Reviewed.REJECTED else ""),
        id=f"{prefix}p{index}",
    )
