"""Downloads: what a view shows as CSV and JSON, and the whole report as HTML and JSON."""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import streamlit as st

from analyzer.dashboard.rows import Row
from analyzer.dashboard.state import View
from analyzer.export import render_report
from analyzer.export.tables import BYTE_ORDER_MARK, report_to_csv, report_to_jsonl, safe_cell
from analyzer.records import Report
from analyzer.report import Finding

Cell = str | int | float | datetime.date | None


def findings_to_csv(report: Report, findings: Iterable[Finding]) -> str:
    """Return the findings as export/tables.py writes positions, in the order of documents and text."""
    return report_to_csv(_keep(report, findings))


def findings_to_json(report: Report, findings: Iterable[Finding]) -> str:
    """Return the same as a JSON array, each position as a line of JSONL has it."""
    lines = report_to_jsonl(_keep(report, findings)).splitlines()
    return "[\n" + ",\n".join(lines) + "\n]\n"


def _keep(report: Report, findings: Iterable[Finding]) -> Report:
    """The report with these positions alone."""
    places = {(f.document, f.index) for f in findings}
    analyses = (
        replace(analysis, positions=tuple(p for n, p in enumerate(analysis.positions) if (document, n) in places))
        for document, analysis in enumerate(report.analyses)
    )
    return replace(report, analyses=tuple(analyses))


def rows_to_csv(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Return a table as CSV with a header; a cell that a spreadsheet would run gets a leading apostrophe."""
    out = io.StringIO(newline="")
    out.write(BYTE_ORDER_MARK)
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([cell if isinstance(cell, datetime.date) else safe_cell(cell) for cell in row] for row in rows)
    return out.getvalue()


def rows_to_json(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Return a table as a JSON array of objects; texts stand in it as they are."""
    return json.dumps([dict(zip(columns, row, strict=True)) for row in rows], ensure_ascii=False, indent=1)


def offer_findings(view: View, name: str, findings: Sequence[Finding]) -> None:
    """Offer the positions that are shown, and the whole report."""
    report = view.report
    offer_downloads(view, name, lambda: findings_to_csv(report, findings), lambda: findings_to_json(report, findings))


def offer_downloads(
    view: View, name: str, make_csv: Callable[[], str], make_json: Callable[[], str], what: str = "positions"
) -> None:
    """Offer what is shown, and the whole report; each is made when it is asked for.

    `name` is a fixed word of the page: names of files hold nothing that comes from a document.
    """
    plan = re.sub(r"[^a-z0-9-]", "", view.whole.plan.id)
    st.subheader("Download", anchor=False)
    with st.container(horizontal=True):
        offer_file("csv", f"The {what} shown, CSV", f"{plan}-{name}.csv", "text/csv", make_csv)
        offer_file("shown", f"The {what} shown, JSON", f"{plan}-{name}.json", "application/json", make_json)
        offer_file(
            "html", "The whole report, HTML", f"{plan}.html", "text/html", lambda: render_report(view.whole, "html")
        )
        offer_file(
            "json",
            "The whole report, JSON",
            f"{plan}.json",
            "application/json",
            lambda: render_report(view.whole, "json"),
        )


def offer_table(name: str, label: str, rows: Sequence[Row], *, without: Sequence[str] = ()) -> None:
    """Offer the rows of a table or chart as CSV; `name`, a fixed word, is that of the file."""
    columns = [column for column in rows[0] if column not in without]
    lines = [[row[column] for column in columns] for row in rows]
    offer_file(name, label, f"{name}.csv", "text/csv", lambda: rows_to_csv(columns, lines))


def offer_file(key: str, label: str, file_name: str, mime: str, make: Callable[[], str]) -> None:
    """Offer a file, made when it is asked for; `key` tells the buttons of a page apart."""
    st.download_button(
        label, lambda: make().encode(), file_name=file_name, mime=mime, key=f"download-{key}", on_click="ignore"
    )
