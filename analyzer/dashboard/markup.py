"""Pieces of HTML and their style; every text of a document, plan or file name comes to the screen through show()."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from analyzer.dashboard.filters import name_holder
from analyzer.export.html_text import dominant_stance
from analyzer.export.markup import Html, escape, join, tag
from analyzer.export.wording import SYMBOLS, describe_chain, describe_target, document_title, one_line, short_target
from analyzer.records import Failure, Position, Report, Span, Stance, Status
from analyzer.report import Finding


def show(*parts: str) -> None:
    """Put HTML on the page; whatever is not Html is escaped."""
    st.html(tag("div", *parts, class_="pp"))


def is_dark() -> bool:
    """True if the reader's theme is a dark one."""
    return bool(st.context.theme.type == "dark")


def show_note(text: str) -> None:
    """Put a muted line of text on the page."""
    show(tag("p", text, class_="muted"))


def show_failures(failures: Iterable[Failure]) -> None:
    """List the inputs that were not analysed, and why."""
    items = [tag("li", tag("b", tag("bdi", one_line(f.source))), ": ", one_line(f.message)) for f in failures]
    if items:
        show(tag("h3", f"Not analysed ({len(items)})"), tag("ul", *items))


def stance_chip(position: Position) -> Html:
    """Return who holds a position, with a label of sign, stance and target."""
    label = f"{SYMBOLS[position.stance]} {position.stance.value} {short_target(position.target)}"
    holder = tag("span", tag("bdi", name_holder(position)), class_="muted")
    return join((holder, tag("span", label, class_=f"chip {position.stance.value}")), " ")


def stance_word(stance: Stance) -> Html:
    """Return a stance in its colour, with its sign."""
    return tag("span", f"{SYMBOLS[stance]} {stance.value}", class_=f"stance {stance.value}")


def status_word(status: Status) -> Html:
    """Return a status in a frame."""
    return tag("span", status.value, class_="status")


def statement_card(finding: Finding, report: Report) -> Html:
    """Return the sentence of a position with its evidence underlined, and who, where and how sure."""
    position = finding.position
    analysis = report.analyses[finding.document]
    target = report.plan.target(position.target)
    page = f", page {position.page}" if position.page else ""
    facts = f"{document_title(analysis)}{page} · {describe_chain(position)} · confidence {position.confidence:.2f}"
    return tag(
        "div",
        tag("div", tag("b", tag("bdi", name_holder(position))), f" {position.stance.value} {describe_target(target)}"),
        tag(
            "blockquote",
            "“",
            mark_words(position.text, position.span.start, evidence=position.evidence),
            "”",
            dir="auto",
        ),
        tag("div", facts, class_="muted"),
        class_=f"card {position.stance.value} words",
    )


def passage_card(
    text: str, start: int, words: tuple[Span, ...], positions: tuple[Position, ...], *facts: str, close: bool = False
) -> Html:
    """Return a sentence that was found, with its matching words marked, and itself where it is `close` in meaning.

    `start` is its offset in the document.
    """
    stance = dominant_stance(positions).value if positions else ""
    marked = tag("span", mark_words(text, start, found=words), class_="near" if close else "")
    return tag(
        "div",
        tag("blockquote", "“", marked, "”", dir="auto"),
        tag("div", join([f for f in facts if f], " · "), class_="muted"),
        tag("div", join([stance_chip(p) for p in positions], ", ")) if positions else "",
        class_=f"card {stance}".strip(),
    )


def mark_words(text: str, start: int, *, evidence: Span | None = None, found: Iterable[Span] = ()) -> Html:
    """Return a text that begins at `start` of its document, its evidence underlined or its found words marked."""
    parts: list[Html] = []
    at = 0
    for span, name in [*([(evidence, "u")] if evidence else []), *((span, "mark") for span in found)]:
        left = min(max(span.start - start, at), len(text))
        right = min(max(span.end - start, left), len(text))
        parts += [escape(text[at:left]), tag(name, text[left:right]) if right > left else Html("")]
        at = right
    return join([*parts, escape(text[at:])])
