"""Choices of the reader that stand in the address, and the filters that all pages share."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analyzer.dashboard.filters import Filters
from analyzer.records import Report

FIRST_DAY, LAST_DAY = datetime.date(1900, 1, 1), datetime.date(2100, 12, 31)  # that can be chosen
DATED = "By the date of the document; one without a date is left out as soon as a day is set."


def choose_filters(report: Report, holders: Sequence[str]) -> Filters:
    """Let the reader choose what of the whole report is shown; outlets and days, where documents tell them."""
    documents = [analysis.document for analysis in report.analyses]
    with st.sidebar:
        speakers = choose_several("Speaker", "speaker", list(holders))
        names = choose_several("Document", "document", [document.name for document in documents])
        told = sorted({document.outlet for document in documents if document.outlet})
        outlets = choose_several("Outlet", "outlet", told) if told else []
        after = before = None
        if any(document.date for document in documents):
            after = _choose_day("From", "after")
            before = _choose_day("To", "before")
        least = st.slider("Least confidence", 0.0, 1.0, step=0.05, key="least", bind="query-params")
        kept = bool(st.session_state.get("workspace"))  # which keeps reviews
        unreviewed = kept and st.toggle("Not yet reviewed only", key="unreviewed", bind="query-params")
    return Filters(tuple(speakers), tuple(names), least, tuple(outlets), after, before, unreviewed)


def choose_several(
    label: str,
    key: str,
    options: list[str],
    place: DeltaGenerator | None = None,
    name: Callable[[str], str] = str,
) -> list[str]:
    """A choice among options that change with the report; what is no option any more is dropped."""
    state = st.session_state
    if key in state:
        state[key] = [value for value in state[key] if value in options]
    chosen: list[str] = (place or st).multiselect(
        label, options, key=key, bind="query-params", placeholder="All", format_func=name
    )
    return chosen


def _choose_day(label: str, key: str) -> datetime.date | None:
    day: datetime.date | None = st.date_input(
        label,
        None,
        min_value=FIRST_DAY,
        max_value=LAST_DAY,
        key=key,
        format="YYYY-MM-DD",
        help=DATED,
        bind="query-params",
    )
    return day
