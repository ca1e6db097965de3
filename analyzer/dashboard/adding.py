"""Add: pasted or uploaded articles are read against a plan and shown.

Uploaded names are shown and never used as paths: a file is read under a number in a folder that is deleted at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

import streamlit as st

from analyzer.dashboard.listing import open_document
from analyzer.dashboard.markup import show_failures, show_note
from analyzer.dashboard.state import put_report, read_documents
from analyzer.errors import InputError
from analyzer.export.wording import one_line
from analyzer.reading import make_document, read_document
from analyzer.reading.files import ARTICLES
from analyzer.records import Document, Failure, Plan

NAME = 80  # characters of a name that is shown; longer ones break tables


def show_page(plan: Plan) -> None:
    """Show the page."""
    st.title("Add", anchor=False)
    st.write("Paste an article or upload some. They are read on this machine and stay in this session.")
    with st.form("add", border=False):
        text = st.text_area("Text of an article", key="pasted", height=220)
        title = st.text_input("Its title", key="pasted-title", max_chars=200)
        kinds = [suffix.lstrip(".") for suffix in ARTICLES]
        files = st.file_uploader("Files", type=kinds, accept_multiple_files=True, key="files")
        st.toggle("Keep the documents that are shown now", value=False, key="keep")
        show_note(f"They are read against the plan chosen in the sidebar: {plan.title}.")
        asked = st.form_submit_button("Analyse", type="primary")
    if asked:
        _add(text, title, [(file.name, file.getvalue()) for file in files], plan)


def _add(text: str, title: str, files: Sequence[tuple[str, bytes]], plan: Plan) -> None:
    state = st.session_state
    held: tuple[Document, ...] = tuple(state["documents"]) if state["keep"] else ()
    earlier: tuple[Failure, ...] = tuple(state["failures"]) if state["keep"] else ()
    fresh, failures = read_inputs(text, title, files, [document.name for document in held])
    if not fresh:
        show_failures(failures)
        st.write("Nothing was analysed. " + ("" if failures else "Paste a text or choose a file first."))
        return
    bar = st.progress(0.0, "Reading")

    def progress(done: int, total: int) -> None:
        bar.progress(done / total, f"Reading article {done + 1} of {total}; it takes some seconds each.")

    report = read_documents((*held, *fresh), plan, (*earlier, *failures), progress)
    read = {analysis.document.name for analysis in report.analyses}
    landed = [document.name for document in fresh if document.name in read]
    if landed:
        put_report(state, report)
        open_document(landed[0])
        st.rerun()
    bar.empty()
    show_failures(report.failures)


def read_inputs(
    text: str, title: str, files: Iterable[tuple[str, bytes]], taken: Iterable[str] = ()
) -> tuple[tuple[Document, ...], tuple[Failure, ...]]:
    """Read a pasted text and files (name, content) as documents with names of their own; and what failed and why."""
    documents: list[Document] = []
    failures: list[Failure] = []
    names = set(taken)
    if text.strip():
        try:
            made = make_document(text, "pasted text", title=title or None)
            documents.append(replace(made, name=_name_apart(made.name, names)))
        except InputError as error:
            failures.append(Failure("pasted text", str(error).removeprefix("pasted text: ")))
    for name, content in files:
        shown = show_name(name)
        try:
            documents.append(replace(read_upload(shown, content), name=_name_apart(PurePosixPath(shown).stem, names)))
        except InputError as error:
            failures.append(Failure(shown, str(error)))
    return tuple(documents), tuple(failures)


def read_upload(name: str, content: bytes) -> Document:
    """Read a file's content; its name gives the kind of file and is shown as the source.

    Raises InputError, which says what is wrong.
    """
    suffix = PurePosixPath(name).suffix.lower()
    if suffix not in ARTICLES:
        raise InputError(f"is not a kind of file that can be read here. Known: {', '.join(ARTICLES)}.")
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"upload{suffix}"
        path.write_bytes(content)
        try:
            document = read_document(path)
        except InputError as error:
            raise InputError(str(error).removeprefix(f"{path}: ").replace(str(path), name)) from error
    return replace(document, source=name)


def show_name(name: str) -> str:
    """Return an uploaded name as it can be shown: its last part, on one line, not longer than NAME characters."""
    last = one_line(name.replace("\\", "/").rsplit("/", 1)[-1]) or "file"
    suffix = PurePosixPath(last).suffix[:10]
    return last if len(last) <= NAME else last[: NAME - len(suffix) - 1] + "…" + suffix


def _name_apart(name: str, taken: set[str]) -> str:
    """Return the name, with a number where another document has it, and note it as taken."""
    free, number = name, 2
    while free in taken:
        free, number = f"{name} ({number})", number + 1
    taken.add(free)
    return free
