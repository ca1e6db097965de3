"""A list of statements, each with a way into its document."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analyzer.dashboard.markup import show, statement_card
from analyzer.export.markup import Html
from analyzer.export.wording import count_of
from analyzer.records import Report
from analyzer.report import Finding

FIRST = 12  # statements shown before the reader asks for more; about two screens


def list_statements(report: Report, findings: Sequence[Finding], key: str) -> None:
    """Show the findings as cards; beyond FIRST, the rest on demand. `key` tells lists of one page apart."""
    if not findings:
        st.write("No statement in view.")
        return
    shown = list(findings)
    if len(shown) > FIRST and not st.toggle(f"Show all {len(shown)} statements", key=f"{key}-all"):
        shown = shown[:FIRST]
    for finding in shown:
        name = f"{key}-{finding.document}-{finding.index}"
        show_with_way(statement_card(finding, report), name, finding.position.document, finding.position.sentence)
    if len(shown) < len(findings):
        st.caption(f"{count_of(len(findings) - len(shown), 'statement')} more, less sure or later in the text.")


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
    st.session_state["place"] = sentence
    st.session_state["scroll"] = sentence is not None
    st.session_state["go_to"] = "documents"
