"""A brief as Markdown, and as one HTML page in the style of the report. Every text in it is escaped."""

from __future__ import annotations

from collections.abc import Iterator

from analyzer.export.brief_parts import Brief, Quotation, Section
from analyzer.export.html import make_page
from analyzer.export.markdown import escape
from analyzer.export.markup import Html, tag
from analyzer.export.wording import SYMBOLS, one_line


def brief_to_markdown(brief: Brief) -> str:
    """Return the brief as Markdown in which nothing of a document, plan or name is markup."""
    blocks = [f"# {escape(brief.title)}", _list(brief.facts)]
    for section in brief.sections:
        blocks += [f"## {escape(section.title)}", *map(escape, section.sentences)]
        blocks += [_list(section.items)] if section.items else []
        for quotation in section.quotations:
            blocks.append(escape(f"[{quotation.number}] {quotation.reading}"))
            blocks.append(f"> {escape(quotation.sentence)}")
            blocks.append(
                escape(f"Evidence: “{one_line(quotation.evidence)}”, {quotation.evidence_place} · {quotation.facts}")
            )
    if brief.quotations:
        blocks += ["## References", *(escape(f"[{q.number}] {q.citation}") for q in brief.quotations)]
    blocks += ["## How to read this", *map(escape, brief.notes)]
    return "\n\n".join(blocks) + "\n"


def brief_to_html(brief: Brief) -> str:
    """Return a page that needs nothing else; numbers lead from a quotation to its reference and back."""
    title = one_line(brief.title)
    header = tag(
        "header",
        tag("p", "Cited brief", class_="eyebrow"),
        tag("h1", title, dir="auto"),
        tag("ul", *(tag("li", one_line(fact), dir="auto") for fact in brief.facts)),
    )
    parts = [_section(section) for section in brief.sections]
    if brief.quotations:
        references = [
            tag("p", tag("a", f"[{q.number}]", href=f"#q{q.number}"), " ", tag("bdi", q.citation), id=f"r{q.number}")
            for q in brief.quotations
        ]
        parts.append(tag("section", tag("h2", "References"), *references, class_="document"))
    notes = [tag("p", one_line(note)) for note in brief.notes]
    parts.append(tag("section", tag("h2", "How to read this"), *notes, id="making"))
    return make_page(f"Cited brief: {title}", header, tag("main", *parts, id="main"))


def _list(texts: tuple[str, ...]) -> str:
    return "\n".join(f"- {escape(text)}" for text in texts)


def _section(section: Section) -> Html:
    items = [tag("li", one_line(item), dir="auto") for item in section.items]
    return tag(
        "section",
        tag("h2", one_line(section.title), dir="auto"),
        *(tag("p", one_line(sentence), dir="auto") for sentence in section.sentences),
        tag("ul", *items) if items else "",
        *_cards(section),
        class_="document",
    )


def _cards(section: Section) -> Iterator[Html]:
    for q in section.quotations:
        yield tag(
            "div",
            tag("p", tag("a", f"[{q.number}]", href=f"#r{q.number}"), " ", _label(q), " ", tag("bdi", q.reading)),
            tag("blockquote", *_marked(q), dir="auto"),
            tag("p", tag("bdi", f"{q.facts} · underlined: {q.evidence_place}"), class_="muted"),
            id=f"q{q.number}",
            class_=f"card {q.stance.value}",
        )


def _label(quotation: Quotation) -> Html:
    return tag("span", f"{SYMBOLS[quotation.stance]} {quotation.stance.value}", class_="chip")


def _marked(quotation: Quotation) -> tuple[str, ...]:
    before, evidence, after = quotation.pieces
    return before, tag("u", evidence) if evidence else "", after
