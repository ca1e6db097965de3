"""What the process keeps for all sessions: what it was started with, analyses, and what is derived from reports.

Analyses are kept by content and plan, so that a session meets another's only where both have the same text; models are
loaded once a process.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import streamlit as st

from analyzer.dashboard.filters import Filters, list_holders, narrow_report
from analyzer.encoding import load_encoder
from analyzer.export import load_report, render_report
from analyzer.memory import set_apart
from analyzer.pipeline import analyze
from analyzer.plans import list_plans
from analyzer.reading import iterate_documents
from analyzer.records import Document, Failure, Plan, Report
from analyzer.report import CorpusTarget, view_corpus
from analyzer.resources import find_data
from analyzer.searching import Searcher
from analyzer.workspace import Workspace


def fingerprint(content: str) -> str:
    """Return a key for a content."""
    return hashlib.sha256(content.encode("utf-8", "backslashreplace")).hexdigest()


def _read_start(paths: tuple[str, ...]) -> tuple[tuple[Document, ...], tuple[Failure, ...]]:
    failures: list[Failure] = []
    documents = tuple(iterate_documents(paths or [find_data("samples")], failures.append))
    return documents, tuple(failures)


def _open_saved(path: str) -> tuple[Report, str]:
    report = load_report(Path(path))
    return report, fingerprint(render_report(report, "json"))


def _list_shipped() -> tuple[Plan, ...]:
    return tuple(list_plans())


def _read_one(key: str, _document: Document, _plan: Plan) -> Report:
    return analyze((_document,), _plan)


def _make_searcher(key: str, _report: Report) -> Searcher:
    workspace = Workspace(None, load_encoder())
    workspace.put(_report)
    return Searcher(workspace)


def _narrow(key: str, filters: Filters, _report: Report) -> tuple[Report, tuple[str, ...], tuple[CorpusTarget, ...]]:
    narrowed = narrow_report(_report, filters)
    view = narrowed, list_holders(narrowed), view_corpus(narrowed)
    set_apart()  # the report, too: else each click would look through all that was read and is kept of earlier filters
    return view


# Arguments with an underscore are no part of the key. The numbers bound the memory of a long-running server.
# What the server was started with is read once, so that every session opens at once; it is restarted for changed files.
read_start = st.cache_resource(_read_start, max_entries=4, show_spinner="Reading the articles")
open_saved = st.cache_resource(_open_saved, max_entries=4, show_spinner="Opening the report")
list_shipped = st.cache_resource(_list_shipped, show_spinner=False)
read_one = st.cache_resource(_read_one, max_entries=4096, show_spinner=False)
make_searcher = st.cache_resource(
    _make_searcher, max_entries=8, show_spinner="Preparing the search: some minutes for a thousand articles, once"
)
narrow = st.cache_resource(_narrow, max_entries=64, show_spinner=False)
