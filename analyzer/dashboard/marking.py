"""What the search found last, kept for the session and marked in its documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from analyzer.dashboard.markup import show
from analyzer.export.markup import Html, tag
from analyzer.export.wording import count_of, one_line
from analyzer.hits import Hit
from analyzer.records import Span

FOUND = "found"


@dataclass(frozen=True, slots=True)
class Marks:
    """What of one document was found."""

    near: frozenset[int] = frozenset()  # sentences, by number
    words: tuple[Span, ...] = ()


def keep_marks(what: str, hits: Sequence[Hit]) -> None:
    """Mark these hits, found by `what`, in their documents from now on."""
    st.session_state[FOUND] = (one_line(what), tuple(hits))


def drop_marks() -> None:
    """Mark nothing any more."""
    st.session_state.pop(FOUND, None)


def marks_in(document: str) -> Marks:
    """Return what is to be marked in a document."""
    _, hits = st.session_state.get(FOUND, ("", ()))
    own = [hit for hit in hits if hit.document == document]
    return Marks(
        frozenset(hit.number for hit in own if hit.similarity is not None),
        tuple(span for hit in own for span in hit.words),
    )


def show_legend(document: str) -> None:
    """Say what is marked in a document, and offer to mark it no longer."""
    what, hits = st.session_state.get(FOUND, ("", ()))
    count = sum(hit.document == document for hit in hits)
    if not count:
        return
    show(tag("p", f"Marked: {count_of(count, 'sentence')} found by “", tag("bdi", what), "”. ", explain_shades()))
    st.button("Remove the marks", on_click=drop_marks)


def explain_shades() -> Html:
    """Return the two shades with what they mean."""
    meaning, words = tag("span", "close in meaning", class_="near"), tag("span", "word of the query", class_="found")
    return tag("span", meaning, " ", words, class_="legend shades")
