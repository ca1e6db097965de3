"""Overview: what is in the corpus, who stands where, what is covered, which gaps are raised."""

from __future__ import annotations

from typing import Any

import streamlit as st

from analyzer.dashboard.charts import CELL, COLOURS, colour_of, draw_coverage, draw_matrix
from analyzer.dashboard.downloads import offer_findings, offer_table
from analyzer.dashboard.filters import Filters
from analyzer.dashboard.listing import list_statements
from analyzer.dashboard.markup import is_dark, show, show_failures, show_note, stance_word
from analyzer.dashboard.places import leave_page
from analyzer.dashboard.rows import coverage_rows, find_cell, holders_of, list_findings, matrix_rows
from analyzer.dashboard.state import View, status_of
from analyzer.dashboard.timelines import ALL, show_timeline
from analyzer.dashboard.trust import describe_judge
from analyzer.export.markup import tag
from analyzer.export.wording import (
    CAVEAT,
    OMISSION,
    count_of,
    describe_making,
    describe_plan,
    join_names,
    name_target,
    one_line,
)
from analyzer.records import Stance, TargetKind
from analyzer.report import CorpusTarget
from analyzer.workspace.status import describe_review

SPEAKERS = 15  # rows of the matrix; as many as fit a screen of 800 pixels without scrolling
MOST = 100  # rows that the reader can ask for; a thousand take a browser many seconds to draw


def show_page(view: View) -> None:
    """Show the page."""
    report = view.report
    findings = list_findings(report)
    kinds = (("document", len(report.analyses)), ("speaker", len(view.holders)), ("position", len(findings)))
    show(
        tag("p", describe_plan(report.plan)),
        tag("p", tag("b", ", ".join(count_of(number, noun) for noun, number in kinds)), "."),
    )
    show_note(f"{CAVEAT} {describe_judge(report)} {describe_making(report)}")
    if (status := status_of(st.session_state, view)) and (reviewed := describe_review(status)):
        show_note(reviewed)
    show_failures(report.failures)
    if not findings:
        st.write(_why_empty(view.filters))
        return
    st.fragment(_show_matrix)(view)  # a click in it draws nothing else anew
    _show_coverage(view)
    _show_gaps(view.corpus)
    _show_timeline(view)
    offer_findings(view, "positions", findings)


def _why_empty(filters: Filters) -> str:
    if filters == Filters():
        return (
            "No position on this plan was found. Choose another plan in the sidebar, or add articles that speak of it."
        )
    return "No position passes the filters. Lower the least confidence or choose other speakers in the sidebar."


def _show_matrix(view: View) -> None:
    leave_page()
    st.header("Who stands where", anchor=False)
    kinds = ["Points", "Gaps"]
    kind = st.segmented_control("Targets", kinds, default="Points", key="matrix", required=True, bind="query-params")
    gaps = kind == "Gaps"
    speakers = len(view.holders)
    every = f"All {speakers} speakers" if speakers <= MOST else f"The first {MOST} of {speakers} speakers"
    most = min(speakers, MOST) if speakers > SPEAKERS and st.toggle(every, key="everybody") else SPEAKERS
    rows = matrix_rows(view.report, gaps=gaps, most=most)
    if not rows:
        st.write(f"No position on {'a gap' if gaps else 'the plan or a point of it'} is in view.")
        return
    names = {name_target(target): target.id for target in view.report.plan.targets}
    key = f"matrix-{kind}"
    st.vega_lite_chart(
        draw_matrix(rows, list(names), gaps=gaps, dark=is_dark()),
        key=key,
        width="content",
        selection_mode=CELL,
        on_select=lambda: _take_cell(key, names),
        alt="Speakers by targets; the same as a list is below, under Statements",
    )
    show_note(
        "Colour: net stance. Number: how many positions; ± where both sides are taken. "
        "Click a cell for its statements, or choose below."
    )
    offer_table("matrix", "The matrix, CSV", rows, without=("row", "label"))
    _show_cell(view)


def _take_cell(key: str, names: dict[str, str]) -> None:
    """Carry the cell that was clicked into the two choices below the matrix."""
    picked = st.session_state[key]["selection"].get(CELL) or [{}]
    st.session_state["cell-speaker"] = picked[0].get("speaker", ALL)
    st.session_state["cell-target"] = names.get(picked[0].get("target", ""), ALL)


def _show_cell(view: View) -> None:
    report = view.report
    st.subheader("Statements", anchor=False)
    left, right = st.columns(2)
    speaker = _choose(left, "Of the speaker", "cell-speaker", list(view.holders), {})
    titles = {target.id: name_target(target) for target in report.plan.targets}
    target = _choose(right, "On the target", "cell-target", list(titles), titles)
    if speaker or target:
        list_statements(report, find_cell(report, speaker, target), "cell")
    else:
        st.write("Choose a speaker, a target or a cell of the matrix to read the statements behind it.")


def _choose(place: Any, label: str, key: str, options: list[str], titles: dict[str, str]) -> str | None:
    options = [ALL, *options]
    if st.session_state.get(key, ALL) not in options:
        st.session_state[key] = ALL
    chosen: str = place.selectbox(
        label, options, key=key, format_func=lambda option: titles.get(option, option), bind="query-params"
    )
    return None if chosen == ALL else chosen


def _show_coverage(view: View) -> None:
    st.header("Coverage of the points", anchor=False)
    rows = coverage_rows(view.corpus)
    occurring = [status for status in COLOURS if any(row["status"] == status.value for row in rows)]
    swatches = [
        tag("span", tag("span", class_="swatch", style=f"background: {colour_of(s, is_dark())}"), s.value)
        for s in occurring
    ]
    show(tag("p", *swatches, class_="legend"))
    st.vega_lite_chart(
        draw_coverage(rows, [name_target(point) for point in view.report.plan.points], dark=is_dark()),
        key="coverage",
        alt="For each point, how many documents endorse, criticise, mention or omit it",
    )
    offer_table("coverage", "The coverage, CSV", rows)
    show_note(OMISSION + ("" if view.filters == Filters() else " Only positions that pass the filters count."))


def _show_gaps(rows: tuple[CorpusTarget, ...]) -> None:
    st.header("Gaps of the plan", anchor=False)
    gaps = [row for row in rows if row.view.target.kind is TargetKind.GAP]
    touched = [row for row in gaps if row.view.findings]
    items = []
    for row in touched:
        sides = []
        for stance in (Stance.RAISES, Stance.REJECTS):
            if names := holders_of(row, stance):
                sides.append(tag("p", stance_word(stance), ": ", tag("bdi", join_names(names, 12))))
        items.append(tag("li", tag("b", one_line(row.view.target.title)), *sides))
    if items:
        show(tag("ul", *items, class_="gaps"))
    else:
        st.write("Nobody in view raises or rejects a gap.")
    if untouched := [one_line(row.view.target.title) for row in gaps if not row.view.findings]:
        show_note(f"Not raised: {'; '.join(untouched)}.")


def _show_timeline(view: View) -> None:
    st.header("Positions over time", anchor=False)
    titles = {target.id: name_target(target) for target in view.report.plan.targets}
    show_timeline(view.report, _choose(st, "Positions on", "time-target", list(titles), titles), "timeline")
