"""A list of statements, each with a way into its document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analyzer.dashboard.markup import show, statement_card
from analyzer.dashboard.places import LIST, go_to_sentence
from analyzer.export.markup import Html
from analyzer.export.wording import count_of
from analyzer.records import Report
from analyzer.report import Finding

PAGE = 8  # statements of one page of a list; about a screen, and there may be three lists
T = TypeVar("T")


def list_statements(report: Report, findings: Sequence[Finding], key: str, size: int = PAGE) -> None:
    """Show the findings as cards, `size` at a time. `key` tells lists of one page apart."""
    if not findings:
        st.write("No statement in view.")
        return
    first = findings[0]
    for finding in choose_part(findings, size, f"{key}-{first.document}-{first.index}", "statement"):
        name = f"{key}-{finding.document}-{finding.index}"
        show_with_way(statement_card(finding, report), name, finding.position.document, finding.position.sentence)


def choose_part(items: Sequence[T], size: int, key: str, noun: str) -> Sequence[T]:
    """Let the reader turn the pages of a list that has more than `size` items; return those of the page.

    Another list, which has another `key` or length, begins at its first page.
    """
    if len(items) <= size:
        return items
    with st.container(horizontal=True, vertical_alignment="center"):
        page = st.pagination(-(-len(items) // size), key=f"{key}-{len(items)}-page", max_visible_pages=5)
        start = (page - 1) * size
        part = items[start : start + size]
        st.caption(f"{start + 1} to {start + len(part)} of {count_of(len(items), noun)}.")
    return part


def show_with_way(card: Html, key: str, document: str, sentence: int) -> DeltaGenerator:
    """Show a card with a button that opens the document at the sentence; return the place below the button."""
    left, right = st.columns([5, 1], vertical_alignment="top")
    with left:
        show(card)
    right.button(
        "Go to text",
        key=f"open-{key}",
        on_click=open_document,
        args=(document, sentence),
        help="Read it in its document",
    )
    return right


def open_document(document: str, sentence: int | None = None) -> None:
    """Show the reading pane at a sentence at the next run; for callbacks."""
    st.session_state["reading"] = document
    go_to_sentence(sentence)
    st.session_state.update({"go_to": "documents", LIST: False})
