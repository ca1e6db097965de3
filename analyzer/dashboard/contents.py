"""The list of documents, with filters and an order of its own; they choose what is listed, and change no figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from analyzer.dashboard.downloads import offer_table
from analyzer.dashboard.listing import choose_part
from analyzer.dashboard.markup import show, show_note
from analyzer.dashboard.places import LIST, open_below
from analyzer.dashboard.presses import offer_presses
from analyzer.dashboard.rows import Row, document_rows
from analyzer.dashboard.state import View
from analyzer.export.markup import Html, join, tag
from analyzer.export.wording import document_title, name_target, one_line, printable
from analyzer.records import Analysis, Report, Status
from analyzer.report import TOUCHED

ANY, TOUCHING = "any", "touched"
ADDED = "as added"
FILTERS = {"listed": "", "by-target": ANY, "status": ANY, "sorted": ADDED}  # of the list
PAGE = 6  # documents of one page of the list, so that what is read below it begins on the same screen
ORDERS = {  # what is compared, and whether the greatest comes first; documents without it come last
    ADDED: (None, False),
    "by title": ("title", False),
    "newest first": ("date", True),
    "oldest first": ("date", False),
    "by outlet": ("outlet", False),
    "most positions": ("positions", True),
    "most speakers": ("speakers", True),
    "most points omitted": ("points omitted", True),
    "most gaps raised": ("gaps raised", True),
}


def list_documents(view: View) -> dict[str, bool]:
    """Show the documents that pass the list's filters, each to be opened; return of all, in order, whether they pass.

    The list can be closed, and is when the reader comes to one sentence from elsewhere; its filters hold all the same.
    """
    report, state = view.report, st.session_state
    rows = document_rows(report)
    opened = st.expander("List of documents", expanded=True, key=LIST, on_change="rerun")
    if opened.open:
        with opened:
            words, target, status, order = _choose_filters(report, rows)
    else:
        for key in FILTERS:  # what is not shown would be forgotten
            if key in state:
                state[key] = state[key]
        words, target, status, order = (state.get(key, default) for key, default in FILTERS.items())
    found = set(find_documents(report, words, None if target == ANY else target, None if status == ANY else status))
    numbers = order_documents(rows, order)
    if opened.open:
        with opened:
            key = " ".join(("documents", target, status, order, words))
            _show_list(rows, [number for number in numbers if number in found], key)
    return {rows[number]["document"]: number in found for number in numbers}


def _choose_filters(report: Report, rows: Sequence[Row]) -> tuple[str, str, str, str]:
    titles = {target.id: name_target(target) for target in report.plan.targets}
    first, second, third, fourth = st.columns([3, 3, 2, 2])
    words: str = first.text_input(
        "Find documents", key="listed", bind="query-params", placeholder="Title, name, outlet"
    )
    target: str = second.selectbox(
        "By target", [ANY, *titles], key="by-target", format_func=lambda id: titles.get(id, id), bind="query-params"
    )
    status: str = third.selectbox(
        "Its status", [ANY, TOUCHING, *(s.value for s in Status)], key="status", bind="query-params"
    )
    offered = [
        order for order, (name, _) in ORDERS.items() if name is None or any(row[name] is not None for row in rows)
    ]
    if st.session_state.get("sorted", ADDED) not in offered:
        st.session_state["sorted"] = ADDED
    order: str = fourth.selectbox("Sorted", offered, key="sorted", bind="query-params")
    return words, target, status, order


def order_documents(rows: Sequence[Row], order: str) -> list[int]:
    """Return the numbers of all documents in one of the ORDERS; equals stay as they were added."""
    name, falling = ORDERS.get(order, (None, False))
    if name is None:
        return list(range(len(rows)))
    values: list[Any] = [v.casefold() if isinstance(v := row[name], str) else v for row in rows]
    known = [number for number, value in enumerate(values) if value is not None]
    unknown = [number for number, value in enumerate(values) if value is None]
    return [*sorted(known, key=values.__getitem__, reverse=falling), *unknown]


def _show_list(rows: Sequence[Row], numbers: Sequence[int], key: str) -> None:
    if not numbers:
        st.write(f"None of the {len(rows)} documents is listed. Find by other words, another target or status.")
        return
    shown = [rows[number] for number in numbers]
    columns = [name for name in rows[0] if any(row[name] is not None for row in rows)]
    show(list_table(choose_part(shown, PAGE, key, "document"), columns))
    if len(shown) < len(rows):
        show_note(f"{len(shown)} of {len(rows)} documents are listed.")
    offer_table("documents", "The documents listed, CSV", shown)
    offer_presses("contents", lambda name: _open(name, rows))


def list_table(rows: Sequence[Row], columns: Sequence[str]) -> Html:
    """Return the documents as a table; a press on a title opens the document, under whose name it is known."""
    facts = [name for name in columns if name not in ("document", "title", "outlet")]
    lines = []
    for row in rows:
        title = tag("button", tag("bdi", row["title"]), type="button", data_press=row["document"])
        name = one_line(row["document"])
        about = [one_line(row["outlet"] or ""), name if name != row["title"] else ""]
        origin = tag("div", join([tag("bdi", part) for part in about if part], " · "), class_="muted")
        cells = [tag("td", tag("span", _tell(row[fact])), data_label=fact) for fact in facts]
        lines.append(tag("tr", tag("th", title, origin, scope="row"), *cells))
    head = tag("tr", *(tag("th", name, scope="col") for name in ("title", *facts)))
    return tag("div", tag("table", tag("thead", head), tag("tbody", *lines)), class_="wide contents")


def _tell(value: object) -> str:
    return "–" if value is None else one_line(str(value))


def _open(name: str, rows: Sequence[Row]) -> None:
    """Open the document of that name, which the browser says as it is printed."""
    if meant := next((row["document"] for row in rows if printable(row["document"]) == name), None):
        open_below(meant)


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
