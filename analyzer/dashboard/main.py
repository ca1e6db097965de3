"""The frame of every page: navigation, the sidebar's plan and filters, and what to say when there is nothing to show.

Filters stand in the address under their names (plan, speaker, document, outlet, after, before, least), so that a view
can be sent as a link.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

import streamlit as st

from analyzer.dashboard import adding, comparison, documents, finding, overview, speakers, targets
from analyzer.dashboard.choosing import choose_filters
from analyzer.dashboard.filters import Filters
from analyzer.dashboard.markup import show, show_failures, show_note
from analyzer.dashboard.places import leave_page
from analyzer.dashboard.state import View, make_view, offered_plans, open_start, report_on
from analyzer.dashboard.style import STYLE
from analyzer.errors import AnalyzerError
from analyzer.export.markup import tag
from analyzer.export.wording import describe_plan
from analyzer.memory import start_looking
from analyzer.records import Plan

PAGES: dict[str, tuple[str, Callable[[View], None]]] = {
    "overview": ("Overview", overview.show_page),
    "documents": ("Documents", documents.show_page),
    "points": ("Points and gaps", targets.show_page),
    "speakers": ("Speakers", speakers.show_page),
    "search": ("Search", finding.show_page),
}


def show_dashboard(argv: Sequence[str] | None = None) -> None:
    """Show the page that is asked for; `argv` is what stands after -- on the command line."""
    st.set_page_config(page_title="Peace-plan analyzer", layout="wide")
    st.html(f"<style>{STYLE}</style>")
    view: View | None = None
    pages = {
        name: st.Page(_bind(lambda: view, title, page), title=title, url_path=name, default=name == "overview")
        for name, (title, page) in PAGES.items()
    }
    pages["compare"] = st.Page(lambda: comparison.show_page(_shown_plan()), title="Compare plans", url_path="compare")
    pages["add"] = st.Page(lambda: adding.show_page(_shown_plan()), title="Add", url_path="add")
    current = st.navigation(list(pages.values()))
    state = st.session_state
    if "documents" not in state:
        start_looking()
        try:
            open_start(state, sys.argv[1:] if argv is None else argv)
        except AnalyzerError as error:
            show(tag("p", str(error)))
    state["pages"] = pages
    leave_page()
    plan = _choose_plan()
    about_documents = current not in (pages["compare"], pages["add"])
    if about_documents and state["documents"]:
        view = _open_view(plan)
    elif about_documents and state["failures"]:
        show_failures(state["failures"])
    current.run()


def _bind(view: Callable[[], View | None], title: str, page: Callable[[View], None]) -> Callable[[], None]:
    def run() -> None:
        st.title(title, anchor=False)
        shown = view()
        if shown is None:
            st.write("There are no documents yet. Paste or upload articles, and they are read against the plan.")
            st.button("Add articles", on_click=go_to, args=("add",), type="primary")
        elif not shown.report.analyses:
            st.write("No document passes the filters. Choose other documents, outlets or days in the sidebar.")
        else:
            page(shown)

    return run


def go_to(page: str) -> None:
    """Show another page at the next run; for callbacks of buttons."""
    st.session_state["go_to"] = page


def _shown_plan() -> Plan:
    return offered_plans(st.session_state)[st.session_state["plan"]]


def _choose_plan() -> Plan:
    state, plans = st.session_state, offered_plans(st.session_state)
    if chosen := state.pop("next_plan", None):  # a new report: filters made for the last one would hide it
        state.update(plan=chosen, speaker=[], document=[], outlet=[], after=None, before=None, least=0.0)
        state["unreviewed"] = False
    default = state["default_plan"]
    with st.sidebar:
        others = [plan_id for plan_id in plans if plan_id != default]
        st.selectbox("Plan", [default, *others], key="plan", bind="query-params")
        show_note(describe_plan(_shown_plan()))
    return _shown_plan()


def _open_view(plan: Plan) -> View:
    place = st.empty()

    def progress(done: int, total: int) -> None:
        place.progress(done / total, f"Reading article {done + 1} of {total}; it takes some seconds each.")

    report = report_on(st.session_state, plan, progress)
    place.empty()
    whole = make_view(st.session_state, report, Filters())
    return make_view(st.session_state, report, choose_filters(whole.report, whole.holders))
