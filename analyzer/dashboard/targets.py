"""Points and gaps: a target with its text, who takes which stance in which words, and which documents leave it out."""

from __future__ import annotations

import streamlit as st

from analyzer.dashboard.briefs import offer_briefs
from analyzer.dashboard.downloads import findings_to_csv, offer_downloads
from analyzer.dashboard.listing import list_statements
from analyzer.dashboard.markup import show, show_note, stance_word, status_word
from analyzer.dashboard.rows import documents_of, holders_of, rank_findings
from analyzer.dashboard.state import View
from analyzer.export.markup import Html, tag
from analyzer.export.wording import OMISSION, document_title, join_names, name_target, one_line
from analyzer.records import Report, Stance, Status, TargetKind
from analyzer.report import CorpusTarget

NOTHING = {
    Status.OMITTED: "Documents that leave it out",
    Status.NOT_ASSESSED: "Documents that were not assessed",
}


def show_page(view: View) -> None:
    """Show the page."""
    report = view.report
    rows = {row.view.target.id: row for row in view.corpus}
    if st.session_state.get("target") not in rows:
        st.session_state.pop("target", None)
    chosen: str = st.selectbox(
        "Target",
        list(rows),
        index=1,
        key="target",
        format_func=lambda target_id: _name_with_count(rows[target_id]),
        persist_state="session",
    )
    row = rows[chosen]
    _show_target(row)
    for stance in Stance:
        findings = rank_findings(f for f in row.view.findings if f.position.stance is stance)
        if findings:
            show(tag("h3", stance_word(stance), ": ", tag("bdi", join_names(holders_of(row, stance), 12))))
            list_statements(report, findings, f"{chosen}-{stance.value}")
    if not row.view.findings:
        st.write("No position on it is in view. Choose another target, or loosen the filters in the sidebar.")
    _show_silent(row, report)
    offer_briefs(view, "target", [chosen])
    offer_downloads(view, "target", lambda: findings_to_csv(report, row.view.findings))


def _name_with_count(row: CorpusTarget) -> str:
    kind = "Gap: " if row.view.target.kind is TargetKind.GAP else ""
    return f"{kind}{name_target(row.view.target)} ({len(row.view.findings)})"


def _show_target(row: CorpusTarget) -> None:
    target = row.view.target
    status = status_word(row.view.status) if row.view.findings else Html("")
    show(
        tag("h2", name_target(target), " ", status),
        tag("p", one_line(target.text)),
        tag("p", one_line(target.why), class_="muted") if target.why else "",
        _list("What it asks for", target.provisions),
        _list("Wordings that come close and are something else", target.near_misses),
    )


def _list(title: str, texts: tuple[str, ...]) -> Html:
    if not texts:
        return Html("")
    return tag("details", tag("summary", title), tag("ul", *(tag("li", one_line(text)) for text in texts)))


def _show_silent(row: CorpusTarget, report: Report) -> None:
    if row.view.target.kind is not TargetKind.POINT:
        return
    for status, title in NOTHING.items():
        if silent := documents_of(row, status):
            items = [tag("li", tag("bdi", document_title(report.analyses[document]))) for document in silent]
            show(tag("h3", f"{title} ({len(silent)})"), tag("ul", *items))
    show_note(OMISSION)
