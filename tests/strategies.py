"""Hypothesis strategies for records: small, and as odd as a text can be, but always fitting together."""

from __future__ import annotations

from dataclasses import replace

from factories import make_analysis, make_document, make_plan, make_position, make_report, make_sentences
from hypothesis import strategies as st

from analyzer.records import (
    AUTHOR,
    STANCES,
    Analysis,
    Candidate,
    Document,
    Failure,
    Notice,
    Plan,
    Position,
    Report,
    Span,
    Speaker,
    SpeakerKind,
    Speech,
)

ODD = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "[red]markup[/red]",
    "=HYPERLINK(1)",
    "\x1b[31mred\x1b[0m",
    "\u202eabc",
    "\u2028",
    "\x85",
    "a|b",
    "&amp;",
    "]]>",
    "<!--",
)
CHARACTERS = st.characters(exclude_categories=["Cs"])


def words() -> st.SearchStrategy[str]:
    """Short texts, hostile ones among them; never blank."""
    return st.one_of(st.sampled_from(ODD), st.text(CHARACTERS, min_size=1, max_size=12)).map(
        lambda text: text if text.strip() else "word"
    )


def spans(length: int) -> st.SearchStrategy[Span]:
    """Spans within a text of `length` characters, of which there is at least one."""
    starts = st.integers(0, length - 1)
    return starts.flatmap(lambda start: st.builds(Span, st.just(start), st.integers(start + 1, length)))


def plans() -> st.SearchStrategy[Plan]:
    """Plans with one to four points and up to two gaps."""
    return st.builds(make_plan, points=st.integers(1, 4), gaps=st.integers(0, 2), title=words(), published=words())


def speakers() -> st.SearchStrategy[Speaker | None]:
    """A few names, so that some repeat; the author; nobody."""
    kinds = st.sampled_from([kind for kind in SpeakerKind if kind is not SpeakerKind.AUTHOR])
    names = st.one_of(st.sampled_from(["Ana Weiss", "Norland"]), words())
    return st.one_of(st.none(), st.just(AUTHOR), st.builds(Speaker, names, kinds, st.none(), words()))


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Documents of one to four paragraphs of sentences."""
    paragraphs = draw(st.lists(st.lists(words(), min_size=1, max_size=3), min_size=1, max_size=4))
    text = "\n\n".join(" ".join(f"{sentence}." for sentence in paragraph) for paragraph in paragraphs)
    name, title, url = draw(words()), draw(st.none() | words()), draw(st.none() | words())
    return make_document(text, name, title=title, url=url, outlet=draw(st.none() | words()))


@st.composite
def positions(draw: st.DrawFn, document: Document, plan: Plan) -> Position:
    """A position on a sentence of the document, with a stance that fits its target."""
    sentence = draw(st.sampled_from(make_sentences(document)))
    target = draw(st.sampled_from(plan.targets))
    cut = draw(spans(sentence.span.end - sentence.span.start))
    evidence = Span(sentence.span.start + cut.start, sentence.span.start + cut.end)
    position = make_position(
        target.id,
        draw(st.sampled_from(sorted(STANCES[target.kind]))),
        draw(speakers()),
        document=document,
        sentence=sentence.number,
        confidence=draw(st.floats(0, 1)),
        speech=draw(st.sampled_from(Speech)),
        cue=draw(st.none() | words()),
        page=draw(st.none() | st.integers(1, 9)),
        candidates=tuple(
            draw(st.lists(st.builds(Candidate, st.just(target.id), st.floats(-1, 1), words()), max_size=2))
        ),
    )
    return replace(position, evidence=evidence, evidence_text=cut.of(position.text))


@st.composite
def analyses(draw: st.DrawFn, plan: Plan) -> Analysis:
    """A document with up to six positions, in the order of the text."""
    document = draw(documents())
    found = sorted(draw(st.lists(positions(document, plan), max_size=6)), key=lambda position: position.sentence)
    return make_analysis(found, document, plan, notices=tuple(draw(st.lists(st.builds(Notice, words()), max_size=1))))


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """Reports on up to two documents, some with failures."""
    plan = draw(plans())
    read = tuple(draw(st.lists(analyses(plan), min_size=1, max_size=2)))
    failures = tuple(draw(st.lists(st.builds(Failure, words(), words()), max_size=1)))
    return make_report(*read, plan=plan, failures=failures)
