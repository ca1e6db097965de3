"""Speakers: one speaker's stance on every target, with the words it rests on, and two speakers side by side."""

from __future__ import annotations

from typing import Any

import streamlit as st

from analyzer.dashboard.downloads import findings_to_csv, offer_downloads
from analyzer.dashboard.filters import Filters, name_author, narrow_report
from analyzer.dashboard.listing import list_statements
from analyzer.dashboard.markup import show, show_note, stance_word, status_word
from analyzer.dashboard.rows import find_cell
from analyzer.dashboard.state import View
from analyzer.export.markup import Html, join, tag
from analyzer.export.wording import count_of, name_target, quote
from analyzer.records import Report, Stance, TargetKind
from analyzer.report import CorpusTarget, view_corpus

NOBODY = "nobody"
QUOTE_LENGTH = 200  # characters of the best quotation; about three lines of a table cell


def show_page(view: View) -> None:
    """Show the page."""
    report = view.report
    holders = list(view.holders)
    if not holders:
        st.write("No speaker holds a position in view. Loosen the filters in the sidebar, or choose another plan.")
        return
    left, right = st.columns(2)
    named = [name for name in holders if not name.startswith(name_author(""))] or holders
    one = _choose(left, "Speaker", "one", holders, holders.index(named[0]))
    other = _choose(right, "Beside", "other", [NOBODY, *(name for name in holders if name != one)])
    names = [one] if other == NOBODY else [one, other]
    _show_stances(report, names)
    findings = [find_cell(report, name, None) for name in names]
    for name, own in zip(names, findings, strict=True):
        show(tag("h2", tag("bdi", name)), tag("p", count_of(len(own), "position"), class_="muted"))
        list_statements(report, own, f"of-{names.index(name)}")
    offer_downloads(view, "speaker", lambda: findings_to_csv(report, [f for own in findings for f in own]))


def _choose(place: Any, label: str, key: str, options: list[str], first: int = 0) -> str:
    if st.session_state.get(key) not in options:
        st.session_state.pop(key, None)
    chosen: str = place.selectbox(label, options, index=first, key=key, persist_state="session")
    return chosen


def _show_stances(report: Report, names: list[str]) -> None:
    """A table of targets: the plan and its points all, gaps where somebody touches them."""
    views = [view_corpus(narrow_report(report, Filters(speakers=(name,)))) for name in names]
    rows = []
    for cells in zip(*views, strict=True):
        target = cells[0].view.target
        if target.kind is TargetKind.GAP and not any(cell.view.findings for cell in cells):
            continue
        shown = [
            tag("td", tag("div", _stances(cell)), data_label=name) for name, cell in zip(names, cells, strict=True)
        ]
        rows.append(tag("tr", tag("th", name_target(target), scope="row"), *shown))
    head = tag("tr", *(tag("th", tag("bdi", name), scope="col") for name in ("Target", *names)))
    show(tag("div", tag("table", tag("thead", head), tag("tbody", *rows)), class_="wide"))
    show_note("A dash: no position of the speaker on it is in view, which is not a judgement on why.")


def _stances(cell: CorpusTarget) -> Html:
    best = cell.view.best
    if best is None:
        return tag("span", "–", class_="muted")
    counts = [(stance, sum(f.position.stance is stance for f in cell.view.findings)) for stance in Stance]
    words = join([join((stance_word(stance), f" {count}")) for stance, count in counts if count], ", ")
    return join(
        (
            tag("div", status_word(cell.view.status), " ", words),
            tag(
                "div",
                "“",
                tag("span", quote(best.position, QUOTE_LENGTH)),
                f"” {best.position.confidence:.2f}",
                dir="auto",
            ),
        )
    )
