"""The table of documents, with filters of its own; they choose what is listed, and change no figure."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from analyzer.dashboard.downloads import offer_table
from analyzer.dashboard.markup import show_note
from analyzer.dashboard.places import LIST, go_to_sentence
from analyzer.dashboard.rows import Row, document_rows
from analyzer.dashboard.state import View
from analyzer.export.wording import document_title, name_target
from analyzer.records import Analysis, Report, Status
from analyzer.report import TOUCHED

ANY, TOUCHING = "any", "touched"
FILTERS = {"listed": "", "by-target": ANY, "status": ANY}  # of the list
HEIGHT = 318  # pixels of the table; eight rows


def list_documents(view: View) -> list[str]:
    """Show the documents that pass the table's filters, each to be opened; return their names.

    The list can be closed, and is when the reader comes to one sentence from elsewhere; its filters hold all the same.
    """
    report, state = view.report, st.session_state
    opened = st.expander("List of documents", expanded=True, key=LIST, on_change="rerun")
    if opened.open:
        with opened:
            words, target, status = _choose_filters(report)
    else:
        for key in FILTERS:  # what is not shown would be forgotten
            if key in state:
                state[key] = state[key]
        words, target, status = (state.get(key, default) for key, default in FILTERS.items())
    numbers = find_documents(report, words, None if target == ANY else target, None if status == ANY else status)
    names = [report.analyses[number].document.name for number in numbers]
    if opened.open:
        with opened:
            _show_list(report, numbers, names)
    return names


def _choose_filters(report: Report) -> tuple[str, str, str]:
    titles = {target.id: name_target(target) for target in report.plan.targets}
    left, middle, right = st.columns([2, 2, 1])
    words: str = left.text_input("Find documents", key="listed", bind="query-params", placeholder="Title, name, outlet")
    target: str = middle.selectbox(
        "By target", [ANY, *titles], key="by-target", format_func=lambda id: titles.get(id, id), bind="query-params"
    )
    status: str = right.selectbox(
        "Its status", [ANY, TOUCHING, *(s.value for s in Status)], key="status", bind="query-params"
    )
    return words, target, status


def _show_list(report: Report, numbers: Sequence[int], names: list[str]) -> None:
    rows = document_rows(report)
    shown = [rows[number] for number in numbers]
    if not shown:
        st.write(f"None of the {len(rows)} documents is listed. Find by other words, another target or status.")
        return
    _show_table(shown, names)
    if len(shown) < len(rows):
        show_note(f"{len(shown)} of {len(rows)} documents are listed.")
    offer_table("documents", "The documents listed, CSV", shown)


def find_documents(report: Report, words: str, target: str | None, status: str | None) -> list[int]:
    """Return the documents with all words in title, name or outlet, and the status on the target; None is any.

    Without a target, a document passes that gives the status to any target; without a status, one that touches the
    target.
    """
    asked = words.casefold().split()
    found = []
    for number, analysis in enumerate(report.analyses):
        document = analysis.document
        text = f"{document_title(analysis)} {document.name} {document.outlet or ''}".casefold()
        if all(word in text for word in asked) and _has_status(analysis, target, status):
            found.append(number)
    return found


def _has_status(analysis: Analysis, target: str | None, status: str | None) -> bool:
    if target is None and status is None:
        return True
    if status == Status.OMITTED:  # a gap is never said to be omitted
        return bool(analysis.coverage.omitted) if target is None else target in analysis.coverage.omitted
    wanted = TOUCHED if status in (None, TOUCHING) else (Status(status),)
    return any(c.status in wanted for c in analysis.coverage.targets if target in (None, c.target))


def _show_table(rows: Sequence[Row], names: list[str]) -> None:
    from pyarrow import Table  # loaded where it is needed, and without pandas, which Streamlit would take for rows

    st.dataframe(
        Table.from_pylist(list(rows)),
        column_order=[name for name in rows[0] if any(row[name] is not None for row in rows)],
        hide_index=True,
        key="table",
        on_select=lambda: _take_row(names),
        selection_mode="single-row",
        placeholder="",
        height=min(38 + 35 * len(names), HEIGHT),
        column_config={"title": st.column_config.TextColumn(width="large")},
    )


def _take_row(names: list[str]) -> None:
    rows = st.session_state["table"]["selection"]["rows"]
    if rows and rows[0] < len(names):
        st.session_state["reading"] = names[rows[0]]
        go_to_sentence(None)
