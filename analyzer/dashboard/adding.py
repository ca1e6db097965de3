"""Add: articles are read against a plan and shown, saved to the workspace, or made a draft of a plan."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from analyzer.dashboard.drafting import show_drafting
from analyzer.dashboard.listing import open_document
from analyzer.dashboard.markup import show, show_failures, show_note
from analyzer.dashboard.own import add_documents, save_own
from analyzer.dashboard.state import show_workspace
from analyzer.dashboard.stored import Saved, present_mark
from analyzer.dashboard.uploads import read_inputs
from analyzer.errors import AnalyzerError
from analyzer.export.markup import tag
from analyzer.export.wording import count_of
from analyzer.reading.files import ARTICLES, CORPORA
from analyzer.records import Plan

COLUMNS = "A .jsonl or .csv file holds many articles, in columns text, title, date, outlet and url; text is enough."


def show_page(plan: Plan) -> None:
    """Show the page."""
    st.title("Add", anchor=False)
    articles, draft = st.tabs(["Articles", "Draft of a plan"])
    with articles:
        if st.session_state.get("workspace"):
            _show_workspace(plan)
        _show_form(plan)
    with draft:
        show_drafting()


def _show_form(plan: Plan) -> None:
    st.write("Paste an article or upload some. They are read on this machine and stay in this session.")
    with st.form("add", border=False):
        text = st.text_area("Text of an article", key="pasted", height=220)
        title = st.text_input("Its title", key="pasted-title", max_chars=200)
        kinds = [suffix.lstrip(".") for suffix in (*ARTICLES, *CORPORA)]
        files = st.file_uploader("Files", type=kinds, accept_multiple_files=True, key="files")
        show_note(COLUMNS)
        kept = bool(st.session_state.get("workspace"))  # adding to a corpus is the rule there
        st.toggle("Keep the documents that are shown now", value=kept, key="keep")
        show_note(f"They are read against the plan chosen in the sidebar: {plan.title}.")
        asked = st.form_submit_button("Analyse", type="primary")
    if asked:
        _add(text, title, [(file.name, file.getvalue()) for file in files], plan)


def _add(text: str, title: str, files: Sequence[tuple[str, bytes]], plan: Plan) -> None:
    state = st.session_state
    taken = [document.name for document in state["documents"]] if state["keep"] else []
    bar = st.progress(0.0, "Reading")
    fresh, failures = read_inputs(
        text, title, files, taken, lambda done, total: bar.progress(done / total, f"Opening file {done + 1} of {total}")
    )
    if not fresh:
        bar.empty()
        show_failures(failures)
        st.write("Nothing was analysed. " + ("" if failures else "Paste a text or choose a file first."))
        return

    def progress(done: int, total: int) -> None:
        bar.progress(done / total, f"Reading article {done + 1} of {total}; it takes some seconds each.")

    try:
        report, landed = add_documents(state, plan, fresh, failures, keep=state["keep"], progress=progress)
    except AnalyzerError as error:
        bar.empty()
        _show_error(error)
        return
    if landed:
        open_document(landed[0])
        st.rerun()
    bar.empty()
    show_failures(report.failures)


def _show_workspace(plan: Plan) -> None:
    """Say how the session stands to its workspace, and offer to save and to reload."""
    state = st.session_state
    if saved := state.pop("saved", None):
        st.write(describe_saved(saved))
    own = len(state["own"])
    try:
        changed = present_mark(state["workspace"]) != state["mark"]
    except AnalyzerError as error:
        _show_error(error)
        return
    waiting = f"{count_of(own, 'document')} of this session {'is' if own == 1 else 'are'} not in the workspace yet."
    shown = "The workspace has changed since it was opened here." if changed else "The workspace is shown as it is now."
    show_note(f"{waiting} {shown}" if own else shown)
    with st.container(horizontal=True):
        save = st.button("Save to the workspace", disabled=not own)
        reload = st.button("Reload", help="Show the workspace as it is now; what this session added stays")
    if not (save or reload):
        return
    try:
        if save:
            state["saved"] = save_own(state, plan)
        else:
            show_workspace(state, state["workspace"], plan.id)
    except AnalyzerError as error:
        _show_error(error)
        return
    st.rerun()


def describe_saved(saved: Saved) -> str:
    """Say what became of the documents that were saved."""
    known = f"; {saved.known} {'was' if saved.known == 1 else 'were'} there already" if saved.known else ""
    return f"{count_of(saved.new, 'new document')} in the workspace{known}."


def _show_error(error: AnalyzerError) -> None:
    show(tag("p", str(error), role="alert"))
