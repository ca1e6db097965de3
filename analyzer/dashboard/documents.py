"""Documents: a list of them, and one to read, its sentences tinted by stance with a card for each position."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from analyzer.dashboard.briefs import offer_briefs
from analyzer.dashboard.contents import list_documents
from analyzer.dashboard.downloads import offer_findings
from analyzer.dashboard.marking import marks_in, show_legend
from analyzer.dashboard.markup import show, show_failures
from analyzer.dashboard.places import frame_place, go_to_sentence, show_heading, show_steps
from analyzer.dashboard.reviewing import add_rejected, offer_reviews, show_review
from analyzer.dashboard.state import View
from analyzer.export.html_tables import gaps_section, omitted_section, points_table, speakers_table
from analyzer.export.html_text import article
from analyzer.export.markup import link, tag
from analyzer.export.wording import SYMBOLS, describe_gap_in_reading, describe_origin, document_title, one_line
from analyzer.records import Notice, Stance
from analyzer.report import Finding, view_speakers, view_targets


def show_page(view: View) -> None:
    """Show the page."""
    report = view.report
    show_failures(report.failures)
    names = [analysis.document.name for analysis in report.analyses]
    listed = list_documents(view) if len(names) > 1 else dict.fromkeys(names, True)
    reading = _choose_document(names, listed)
    _show_document(view, reading)
    findings = [Finding(reading, index, p) for index, p in enumerate(report.analyses[reading].positions)]
    offer_briefs(view, "document", [names[reading]])
    offer_findings(view, "document", findings)


def _choose_document(names: list[str], listed: Mapping[str, bool]) -> int:
    """Let the reader choose by name, or step by step in the order of the list; return the index of the choice."""
    state = st.session_state
    if state.get("reading") not in names:
        state.pop("reading", None)
    chosen: str = st.selectbox("Read", names, key="reading", on_change=_forget_place, bind="query-params")
    order = list(listed)
    place = order.index(chosen)
    before = next((name for name in reversed(order[:place]) if listed[name]), None)
    after = next((name for name in order[place + 1 :] if listed[name]), None)
    with st.container(horizontal=True):
        for label, key, other in (("Previous document", "Shift+P", before), ("Next document", "Shift+N", after)):
            st.button(label, shortcut=key, on_click=_read, args=(other,), disabled=other is None)
    return names.index(chosen)


def _forget_place() -> None:
    go_to_sentence(None)


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
    show_legend(analysis.document.name)
    read = add_rejected(view, analysis)
    with st.container(key="reading-bar"):
        show_steps(read)
        show_review(view, read)
    marks = marks_in(analysis.document.name)
    show(tag("article", article(read, report.plan, prefix, marks.near, marks.words), aria_label="The text"))
    show(
        points_table(targets, prefix),
        omitted_section(targets, analysis.coverage.omitted, noticed=bool(notices)),
        gaps_section(targets, prefix),
        speakers_table(speakers, prefix) if speakers else "",
        tag("section", tag("h3", "Notices"), tag("ul", *map(_notice, notices))) if notices else "",
    )
    offer_reviews(view, read, prefix)
    show_heading()
    frame_place(read, prefix)  # at the end, so that the article stays in its place, with its open cards


def _notice(notice: Notice) -> str:
    return tag("li", one_line(notice.message), f" (page {notice.page})" if notice.page else "")
