"""Documents: a table of them, and one to read, its sentences tinted by stance with a card for each position."""

from __future__ import annotations

import streamlit as st

from analyzer.dashboard.briefs import offer_briefs
from analyzer.dashboard.downloads import findings_to_csv, offer_downloads
from analyzer.dashboard.markup import show, show_failures, show_note
from analyzer.dashboard.rows import document_rows, list_findings
from analyzer.dashboard.state import View
from analyzer.export.html_tables import gaps_section, omitted_section, points_table, speakers_table
from analyzer.export.html_text import article
from analyzer.export.markup import link, tag
from analyzer.export.wording import SYMBOLS, describe_gap_in_reading, describe_origin, document_title, one_line
from analyzer.records import Notice, Stance
from analyzer.report import view_speakers, view_targets


def show_page(view: View) -> None:
    """Show the page."""
    report = view.report
    show_failures(report.failures)
    names = [analysis.document.name for analysis in report.analyses]
    if len(names) > 1:
        _show_table(view, names)
    reading = _choose_document(names)
    _show_document(view, reading)
    findings = [f for f in list_findings(report) if f.document == reading]
    offer_briefs(view, "document", [names[reading]])
    offer_downloads(view, "document", lambda: findings_to_csv(report, findings))


def _show_table(view: View, names: list[str]) -> None:
    rows = document_rows(view.report)
    st.dataframe(
        rows,
        column_order=[name for name in rows[0] if any(row[name] is not None for row in rows)],
        hide_index=True,
        key="table",
        on_select=lambda: _take_row(names),
        selection_mode="single-row",
        placeholder="",
        height=min(38 + 35 * len(names), 318),
        column_config={"title": st.column_config.TextColumn(width="large")},
    )


def _take_row(names: list[str]) -> None:
    rows = st.session_state["table"]["selection"]["rows"]
    if rows and rows[0] < len(names):
        st.session_state["reading"] = names[rows[0]]
        st.session_state["place"] = None


def _choose_document(names: list[str]) -> int:
    """Let the reader choose by name or step by step; return the index of the choice."""
    state = st.session_state
    if state.get("reading") not in names:
        state.pop("reading", None)
    chosen: str = st.selectbox("Read", names, key="reading", on_change=_forget_place, bind="query-params")
    place = names.index(chosen)
    with st.container(horizontal=True):
        for label, other in (("Previous document", place - 1), ("Next document", place + 1)):
            possible = 0 <= other < len(names)
            name = names[other] if possible else chosen
            st.button(label, on_click=_read, args=(name,), disabled=not possible)
    return place


def _forget_place() -> None:
    st.session_state["place"] = None


def _read(name: str) -> None:
    st.session_state["reading"] = name
    _forget_place()


def _show_document(view: View, document: int) -> None:
    report = view.report
    analysis = report.analyses[document]
    prefix = f"d{document}-"
    targets, speakers = view_targets(report, document), view_speakers(report, document)
    notices = (*analysis.document.notices, *analysis.notices)
    url = analysis.document.url
    show(
        tag("h2", document_title(analysis), dir="auto"),
        tag("p", tag("bdi", describe_origin(analysis)), class_="muted"),
        tag("p", link(one_line(url), url)) if url else "",
        tag("p", describe_gap_in_reading(analysis.coverage)),
        tag("p", *(tag("span", f"{SYMBOLS[s]} {s.value}", class_=f"chip {s.value}") for s in Stance), class_="chips"),
    )
    if not analysis.positions:
        st.write("No position is in view here. Lower the least confidence, or choose another plan or speaker.")
    _mark_place(prefix)
    show(tag("article", article(analysis, report.plan, prefix), aria_label="The text"))
    show(
        points_table(targets, prefix),
        omitted_section(targets, analysis.coverage.omitted, noticed=bool(notices)),
        gaps_section(targets, prefix),
        speakers_table(speakers, prefix) if speakers else "",
        tag("section", tag("h3", "Notices"), tag("ul", *map(_notice, notices))) if notices else "",
    )


def _mark_place(prefix: str) -> None:
    """Frame the sentence from which the reader comes, and bring it into view."""
    sentence = st.session_state.get("place")
    if not isinstance(sentence, int):
        return
    name = f"{prefix}s{sentence}"
    st.html(
        f"<style>.pp #{name} {{ outline: 3px solid var(--link); outline-offset: 3px; border-radius: 3px; }}</style>"
    )
    show_note(f"Framed below: sentence {sentence + 1}, from which you came.")
    if not st.session_state.pop("scroll", False):  # once, or every later run would jump
        return
    # The name is made of two whole numbers; nothing of a document enters the script.
    script = f"setTimeout(() => document.getElementById('{name}')?.scrollIntoView({{block: 'center'}}), 300)"
    st.html(f"<script>{script}</script>", unsafe_allow_javascript=True)


def _notice(notice: Notice) -> str:
    return tag("li", one_line(notice.message), f" (page {notice.page})" if notice.page else "")
