"""Speakers: one speaker's stance on every target, with the words it rests on, and two speakers side by side."""

from __future__ import annotations

from typing import Any

import streamlit as st

from analyzer.dashboard.briefs import offer_briefs
from analyzer.dashboard.downloads import offer_findings
from analyzer.dashboard.filters import name_author, name_holder
from analyzer.dashboard.listing import PAGE, choose_part, list_statements, show_with_way
from analyzer.dashboard.markup import show, show_note, stance_word, statement_card, status_word
from analyzer.dashboard.rows import find_cell
from analyzer.dashboard.state import View
from analyzer.export.markup import Html, join, tag
from analyzer.export.wording import count_of, describe_target, join_names, name_target, quote, short_target
from analyzer.records import Report, Stance, Status, TargetKind
from analyzer.report import Finding, TargetView, view_findings
from analyzer.trends import SHARED, Change, date_finding, find_changes, rank_agreement

NOBODY = "nobody"
ALIKE = 10  # others in the ranking before the reader asks for more; about one screen
CHANGES = 4  # of one page of a list; each has two cards, so about two screens
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
    findings = [find_cell(report, name, None) for name in names]
    _show_stances(report, names, findings)
    _show_agreement(report, names)
    _show_changes(report, names)
    for name, own in zip(names, findings, strict=True):
        show(tag("h2", tag("bdi", name)), tag("p", count_of(len(own), "position"), class_="muted"))
        list_statements(report, own, f"of-{names.index(name)}", PAGE // len(names))
    offer_briefs(view, "speaker", names)
    offer_findings(view, "speaker", [f for own in findings for f in own])


def _choose(place: Any, label: str, key: str, options: list[str], first: int = 0) -> str:
    if st.session_state.get(key) not in options:
        st.session_state.pop(key, None)
    chosen: str = place.selectbox(label, options, index=first, key=key, bind="query-params")
    return chosen


def _show_stances(report: Report, names: list[str], findings: list[tuple[Finding, ...]]) -> None:
    """A table of targets: the plan and its points all, gaps where somebody touches them."""
    views = [view_findings(own, report.plan, Status.NOT_ASSESSED) for own in findings]
    rows = []
    for cells in zip(*views, strict=True):
        target = cells[0].target
        if target.kind is TargetKind.GAP and not any(cell.findings for cell in cells):
            continue
        shown = [
            tag("td", tag("div", _stances(cell)), data_label=name) for name, cell in zip(names, cells, strict=True)
        ]
        rows.append(tag("tr", tag("th", name_target(target), scope="row"), *shown))
    head = tag("tr", *(tag("th", tag("bdi", name), scope="col") for name in ("Target", *names)))
    show(tag("div", tag("table", tag("thead", head), tag("tbody", *rows)), class_="wide"))
    show_note("A dash: no position of the speaker on it is in view, which is not a judgement on why.")


def _stances(cell: TargetView) -> Html:
    best = cell.best
    if best is None:
        return tag("span", "–", class_="muted")
    counts = [(stance, sum(f.position.stance is stance for f in cell.findings)) for stance in Stance]
    words = join([join((stance_word(stance), f" {count}")) for stance, count in counts if count], ", ")
    return join(
        (
            tag("div", status_word(cell.status), " ", words),
            tag(
                "div",
                "“",
                tag("span", quote(best.position, QUOTE_LENGTH)),
                f"” {best.position.confidence:.2f}",
                dir="auto",
            ),
        )
    )


def _show_changes(report: Report, names: list[str]) -> None:
    """Where a speaker is first reported on one side of a target and later on the other, with the words of both."""
    st.header("Changes of stance", anchor=False)
    found = [(name, change) for name in names for change in find_changes(report, name, name_holder)]
    if not found:
        st.write("None is found: no dated positions in view take one side of a target, and later the other.")
    shown = choose_part(found, CHANGES, f"changes-{' and '.join(names)}", "change")
    for n, (name, change) in enumerate(shown):
        _show_change(report, name, change, f"change-{n}")
    if found:
        show_note("Read both statements before you rely on a change: one that is misread or misdated looks the same.")


def _show_change(report: Report, name: str, change: Change, key: str) -> None:
    old, new = change.before.position.stance, change.after.position.stance
    what = describe_target(report.plan.target(change.target))
    words = (" from ", stance_word(old), " to ", stance_word(new), f" on {what}, on {change.since.isoformat()}")
    show(tag("p", tag("b", tag("bdi", name)), ":", *words))
    for part, finding in (("before", change.before), ("after", change.after)):
        dated = tag("div", str(date_finding(report, finding)), class_="muted")
        card = join((dated, statement_card(finding, report)))
        show_with_way(card, f"{key}-{part}", finding.position.document, finding.position.sentence)


def _show_agreement(report: Report, names: list[str]) -> None:
    """Who takes the same sides as a speaker, those who agree most first."""
    st.header("Agreement with others", anchor=False)
    for n, name in enumerate(names):
        ranked = rank_agreement(report, name, name_holder)
        if not ranked:
            show(
                tag(
                    "p",
                    "Nobody in view has a side on ",
                    str(SHARED),
                    " targets or more on which ",
                    tag("bdi", name),
                    " has one.",
                )
            )
            continue
        if len(ranked) > ALIKE and not st.toggle(f"Show all {len(ranked)} of them", key=f"alike-{n}"):
            ranked = ranked[:ALIKE]
        rows = []
        for other, agreement in ranked:
            cells = {
                "Share": f"{agreement.share:.0%}",
                "Targets": f"{len(agreement.agreed)} of {agreement.shared}",
                "Opposed on": join_names([short_target(target) for target in agreement.opposed], ALIKE) or "–",
            }
            shown = [tag("td", tag("div", text), data_label=label) for label, text in cells.items()]
            rows.append(tag("tr", tag("th", tag("bdi", other), scope="row"), *shown))
        titles = (f"With {name}", "Share", "Targets", "Opposed on")
        head = tag("tr", *(tag("th", tag("bdi", title), scope="col") for title in titles))
        show(tag("div", tag("table", tag("thead", head), tag("tbody", *rows)), class_="wide"))
    show_note(
        f"The share of the targets on which both have a side where it is the same, for {SHARED} such targets or more. "
        "A side is what more of the positions in view take: to endorse or to criticise, to raise or to reject."
    )
