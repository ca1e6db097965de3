"""Downloads: what a view shows as CSV, and the whole report as HTML and JSON."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import streamlit as st

from analyzer.dashboard.state import View
from analyzer.export import render_report
from analyzer.export.tables import BYTE_ORDER_MARK, report_to_csv, safe_cell
from analyzer.records import Report
from analyzer.report import Finding

Cell = str | int | float | None


def findings_to_csv(report: Report, findings: Iterable[Finding]) -> str:
    """Return the findings as export/tables.py writes positions, in the order of documents and text."""
    places = {(f.document, f.index) for f in findings}
    analyses = (
        replace(analysis, positions=tuple(p for n, p in enumerate(analysis.positions) if (document, n) in places))
        for document, analysis in enumerate(report.analyses)
    )
    return report_to_csv(replace(report, analyses=tuple(analyses)))


def rows_to_csv(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Return a table as CSV with a header; a cell that a spreadsheet would run gets a leading apostrophe."""
    out = io.StringIO(newline="")
    out.write(BYTE_ORDER_MARK)
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return out.getvalue()


def offer_downloads(view: View, name: str, make_csv: Callable[[], str], what: str = "positions") -> None:
    """Offer what is shown as CSV, and the whole report; each is made when it is asked for.

    `name` is a fixed word of the page: names of files hold nothing that comes from a document.
    """
    plan = re.sub(r"[^a-z0-9-]", "", view.whole.plan.id)
    st.subheader("Download", anchor=False)
    with st.container(horizontal=True):
        _button("csv", f"The {what} shown, CSV", f"{plan}-{name}.csv", "text/csv", make_csv)
        _button(
            "html", "The whole report, HTML", f"{plan}.html", "text/html", lambda: render_report(view.whole, "html")
        )
        _button(
            "json",
            "The whole report, JSON",
            f"{plan}.json",
            "application/json",
            lambda: render_report(view.whole, "json"),
        )


def _button(key: str, label: str, file_name: str, mime: str, make: Callable[[], str]) -> None:
    st.download_button(
        label, lambda: make().encode(), file_name=file_name, mime=mime, key=f"download-{key}", on_click="ignore"
    )
