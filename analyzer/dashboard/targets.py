"""Points and gaps: a target with its text, who takes which stance in which words, when, and who leaves it out."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from analyzer.dashboard.briefs import offer_briefs
from analyzer.dashboard.downloads import offer_findings
from analyzer.dashboard.listing import list_statements
from analyzer.dashboard.markup import show, show_note, stance_word, status_word
from analyzer.dashboard.rows import documents_of, holders_of, rank_findings
from analyzer.dashboard.state import View
from analyzer.dashboard.timelines import show_timeline
from analyzer.export.markup import Html, tag
from analyzer.export.wording import OMISSION, count_of, document_title, join_names, name_target, one_line
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
        format_func=lambda target_id: _name_kind(rows[target_id]),
        bind="query-params",
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
    if row.view.findings:
        st.subheader("History", anchor=False)
        show_timeline(report, chosen, "history")
    _show_silent(row, report)
    offer_briefs(view, "target", [chosen])
    offer_findings(view, "target", row.view.findings)


def _name_kind(row: CorpusTarget) -> str:
    kind = "Gap: " if row.view.target.kind is TargetKind.GAP else ""
    return f"{kind}{name_target(row.view.target)}"


def _show_target(row: CorpusTarget) -> None:
    target = row.view.target
    status = status_word(row.view.status) if row.view.findings else Html("")
    show(
        tag("h2", name_target(target), " ", status),
        tag("p", one_line(target.text)),
        tag("p", f"{count_of(len(row.view.findings), 'position')} in view.", class_="muted"),
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
    if outlets := list_silent_outlets(row, report):
        items = [
            tag("li", tag("bdi", one_line(name)), f": {omitting} of {count_of(assessed, 'document')} assessed")
            for name, omitting, assessed in outlets
        ]
        show(tag("h3", f"Outlets that leave it out, in all or some of their documents ({len(outlets)})"))
        show(tag("ul", *items))
    show_note(OMISSION)


def list_silent_outlets(row: CorpusTarget, report: Report) -> list[tuple[str, int, int]]:
    """Return the outlets with a document that omits the point: how many omit it, of how many that were assessed.

    Those that leave it out altogether come first. Documents that name no outlet belong to none.
    """
    omitting, assessed = Counter[str](), Counter[str]()
    for status, documents in row.documents:
        if status is Status.NOT_ASSESSED:
            continue
        outlets = Counter(o for d in documents if (o := report.analyses[d].document.outlet))
        assessed += outlets
        if status is Status.OMITTED:
            omitting = outlets
    found = [(outlet, count, assessed[outlet]) for outlet, count in omitting.items()]
    return sorted(found, key=lambda line: (-line[1] / line[2], -line[1], line[0]))
