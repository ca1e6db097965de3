"""Cited briefs of what a page shows, each made when its button is pressed."""

from __future__ import annotations

import re
from collections.abc import Sequence

import streamlit as st

from analyzer.dashboard.filters import Filters
from analyzer.dashboard.markup import show, show_note
from analyzer.dashboard.state import View
from analyzer.export.brief import make_brief, render_brief
from analyzer.export.markup import tag
from analyzer.export.wording import join_names
from analyzer.report import UNKNOWN_NAME

MIMES = {
    "md": ("Markdown", "text/markdown"),
    "html": ("HTML", "text/html"),
    "docx": ("DOCX", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
}


def offer_briefs(view: View, kind: str, names: Sequence[str]) -> None:
    """Offer the brief of each target (its id), speaker or document in view, as Markdown, HTML and DOCX."""
    plan = re.sub(r"[^a-z0-9-]", "", view.whole.plan.id)
    with st.expander("Cited brief"):
        show_note("Counts, names and every quotation in view, numbered, with its place in the document.")
        for n, name in enumerate(names):
            if len(names) > 1:
                show(tag("p", tag("bdi", name)))
            if kind == "speaker" and name == UNKNOWN_NAME:
                show_note("Statements without an identified speaker have no brief; choose a speaker.")
                continue
            with st.container(horizontal=True):
                for format, (label, mime) in MIMES.items():
                    st.download_button(
                        label,
                        lambda name=name, format=format: _make(view, kind, name, format),
                        file_name=f"{plan}-{kind}-brief.{format}",  # a fixed word: nothing of a document
                        mime=mime,
                        key=f"brief-{n}-{format}",
                        on_click="ignore",
                    )


def describe_limits(filters: Filters) -> str:
    """Say which positions the filters leave out; empty where all positions of the documents in view are there."""
    parts = [f"of {join_names(filters.speakers, len(filters.speakers))}"] if filters.speakers else []
    parts += [f"with a confidence of at least {filters.least:.2f}"] if filters.least else []
    parts += ["that nobody has reviewed yet"] if filters.unreviewed else []
    return f"Only positions {' and '.join(parts)} are in view." if parts else ""


def _make(view: View, kind: str, name: str, format: str) -> bytes:
    return render_brief(make_brief(view.report, **{kind: name}, limits=describe_limits(view.filters)), format)
