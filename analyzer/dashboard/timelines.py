"""Positions over time: the strips of bars, their CSV, and what is said where dates are unknown."""

from __future__ import annotations

import streamlit as st

from analyzer.dashboard.charts import draw_timeline
from analyzer.dashboard.downloads import offer_file, rows_to_csv
from analyzer.dashboard.markup import is_dark, show_note
from analyzer.dashboard.rows import timeline_rows
from analyzer.export.wording import count_of
from analyzer.records import Report
from analyzer.trends import Timeline, count_over_time

ALL = "all"


def show_timeline(report: Report, target: str | None, key: str) -> None:
    """Show the positions on a target (its id; None stands for all) over time; `key` tells those of a session apart."""
    timeline = count_over_time(report, target)
    if timeline.days < 2:
        known = "One date is known" if timeline.days else "No date is known"
        st.write(f"{known} of these positions; it takes two to show them over time.")
    else:
        st.vega_lite_chart(
            draw_timeline(timeline_rows(timeline), dark=is_dark()),
            key=key,
            width="content",
            alt=f"How many positions of each stance by {timeline.period.value}; the CSV below has the same",
        )
        offer_file(
            key,
            "Positions over time, CSV",
            "positions-over-time.csv",
            "text/csv",
            lambda: timeline_to_csv(timeline, target),
        )
        show_note(
            f"Counted by {timeline.period.value}: by the day on which a statement is said to have been made, else by "
            "the date of its document."
        )
    if timeline.undated:
        verb = "has" if timeline.undated == 1 else "have"
        show_note(f"{count_of(timeline.undated, 'position')} {verb} no date.")


def timeline_to_csv(timeline: Timeline, target: str | None) -> str:
    """Return the counts as CSV, a line for each period and stance; `target` is what was counted, None for all."""
    columns = ("from", "to", "stance", "positions")
    lines = ((target or ALL, *(row[column] for column in columns)) for row in timeline_rows(timeline))
    return rows_to_csv(("target", *columns), lines)
