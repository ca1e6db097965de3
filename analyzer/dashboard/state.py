"""The report of this session: where it comes from, and what is kept of it.

A session holds its documents and one report a plan. Analyses are cached for the process by content and plan, so that a
session meets another's only where both have the same text; models are loaded once a process.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from analyzer.dashboard.filters import Filters, list_holders, narrow_report
from analyzer.encoding import load_encoder
from analyzer.errors import InputError
from analyzer.export import load_report, render_report
from analyzer.pipeline import analyze
from analyzer.plans import list_plans, load_plan
from analyzer.reading import iterate_documents
from analyzer.records import Analysis, Document, Failure, Models, Plan, Report
from analyzer.report import CorpusTarget, view_corpus
from analyzer.resources import find_data
from analyzer.searching import Searcher
from analyzer.settings import DEFAULT_PLAN
from analyzer.unify import unify_speakers
from analyzer.workspace import Workspace, is_workspace

FIRST_LOOK = "first-look.json"  # of `peaceplan analyze samples`; tests/test_dashboard.py says when it is out of date
State = MutableMapping[str, Any]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class View:
    """What the pages show: the whole report, what the filters leave of it, and a key for what is derived."""

    whole: Report
    report: Report
    holders: tuple[str, ...]  # of positions in view, as filters.list_holders ranks them
    corpus: tuple[CorpusTarget, ...]  # the targets over all documents in view
    filters: Filters
    key: str  # of the whole report's content


def open_start(state: State, argv: Sequence[str]) -> None:
    """Fill a new session from the command line: a workspace, a saved report (.json), files and folders, or the samples.

    Raises AnalyzerError if nothing of it can be read; the session is empty then, and articles can still be added.
    """
    state.update(documents=(), failures=(), reports={}, plans={}, default_plan=DEFAULT_PLAN)
    paths, plan_id = _read_arguments(argv)
    plan = load_plan(plan_id)
    state.update(plans={plan.id: plan}, default_plan=plan.id)
    if len(paths) == 1 and is_workspace(Path(paths[0])):
        _open_workspace(state, paths[0], plan.id)
        return
    if len(paths) == 1 and paths[0].endswith(".json"):
        report, key = _saved(paths[0])
        put_report(state, report)
        state.update(default_plan=state.pop("next_plan"), keys={report.plan.id: key})
        return
    if not paths and plan.id == DEFAULT_PLAN:  # the samples, read already, so that the first look costs nothing
        report, key = _saved(str(find_data(FIRST_LOOK)))
        put_report(state, report)
        state.update(default_plan=state.pop("next_plan"), keys={report.plan.id: key})
        return
    documents, failures = _start(tuple(paths))
    state.update(documents=documents, failures=failures)


def _open_workspace(state: State, folder: str, plan_id: str) -> None:
    """Show what was read in a workspace, against this plan or else the first one."""
    known = [plan.id for plan in _workspace(folder).plans()]
    report, key = _stored(folder, plan_id if plan_id in known or not known else known[0])
    put_report(state, report)
    state.update(default_plan=state.pop("next_plan"), keys={report.plan.id: key}, workspace=folder)


def _read_arguments(argv: Sequence[str]) -> tuple[list[str], str]:
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    parser.add_argument("paths", nargs="*")
    parser.add_argument("--plan", default=DEFAULT_PLAN)
    try:
        known, unknown = parser.parse_known_args(list(argv))
    except argparse.ArgumentError as error:
        raise InputError(f"{error}; after -- come paths and --plan ID") from error
    if unknown:
        raise InputError(f"{' '.join(unknown)}: unknown; after -- come paths and --plan ID")
    return known.paths, known.plan


def put_report(state: State, report: Report) -> None:
    """Show this report from now on, in place of what the session held."""
    documents = tuple(analysis.document for analysis in report.analyses)
    plans = state.get("plans", {}) | {report.plan.id: report.plan}
    state.update(documents=documents, failures=report.failures, reports={report.plan.id: report})
    state.update(plans=plans, keys={}, next_plan=report.plan.id)
    state.setdefault("default_plan", report.plan.id)


def offered_plans(state: State) -> dict[str, Plan]:
    """The shipped plans by id, and those that the session brought along."""
    own: dict[str, Plan] = state.get("plans", {})
    return {plan.id: plan for plan in _shipped_plans()} | own


def report_on(state: State, plan: Plan, progress: Progress | None = None) -> Report:
    """Return the session's documents read against the plan; kept for the session."""
    reports: dict[str, Report] = state["reports"]
    folder = state.get("workspace")
    if plan.id not in reports and folder and plan.id in {p.id for p in _workspace(folder).plans()}:
        reports[plan.id], state["keys"][plan.id] = _stored(folder, plan.id)
    if plan.id not in reports:
        reports[plan.id] = read_documents(state["documents"], plan, state["failures"], progress)
    return reports[plan.id]


def make_view(state: State, report: Report, filters: Filters) -> View:
    """Return what the pages show of the report."""
    keys: dict[str, str] = state.setdefault("keys", {})
    if report.plan.id not in keys:
        keys[report.plan.id] = _fingerprint(render_report(report, "json"))
    key = keys[report.plan.id]
    narrowed, holders, corpus = _narrowed(key, filters, report)
    return View(report, narrowed, holders, corpus, filters, key)


def read_documents(
    documents: Sequence[Document], plan: Plan, failures: Sequence[Failure] = (), progress: Progress | None = None
) -> Report:
    """Read documents against a plan as pipeline.analyze does, each from the cache where it was read before."""
    parts: list[Report] = []
    for done, document in enumerate(documents):
        if progress:
            progress(done, len(documents))
        parts.append(_read_one(_fingerprint(repr((document, plan))), document, plan))
    analyses: list[Analysis] = [analysis for part in parts for analysis in part.analyses]
    failed = [failure for part in parts for failure in part.failures]
    models: Models | None = parts[0].models if parts else None
    version = parts[0].version if parts else ""
    return Report(plan, unify_speakers(analyses, plan), (*failures, *failed), models, version)


def searcher_of(state: State, view: View) -> Searcher:
    """Return what searches the whole report: the workspace that it lies in, or one in memory, filled once."""
    folder = state.get("workspace")
    if folder and view.key == _stored(folder, view.whole.plan.id)[1]:
        return Searcher(_workspace(folder))
    searcher: Searcher = _searcher(view.key, view.whole)
    return searcher


def _fingerprint(content: str) -> str:
    return hashlib.sha256(content.encode("utf-8", "backslashreplace")).hexdigest()


def _analyze_one(key: str, _document: Document, _plan: Plan) -> Report:
    return analyze((_document,), _plan)


def _make_searcher(key: str, _report: Report) -> Searcher:
    workspace = Workspace(None, load_encoder())
    workspace.put(_report)
    return Searcher(workspace)


def _narrow(key: str, filters: Filters, _report: Report) -> tuple[Report, tuple[str, ...], tuple[CorpusTarget, ...]]:
    narrowed = narrow_report(_report, filters)
    return narrowed, list_holders(narrowed), view_corpus(narrowed)


def _read_start(paths: tuple[str, ...]) -> tuple[tuple[Document, ...], tuple[Failure, ...]]:
    failures: list[Failure] = []
    documents = tuple(iterate_documents(paths or [find_data("samples")], failures.append))
    return documents, tuple(failures)


def _load_start(path: str) -> tuple[Report, str]:
    report = load_report(Path(path))
    return report, _fingerprint(render_report(report, "json"))


def _load_stored(folder: str, plan_id: str) -> tuple[Report, str]:
    report = _workspace(folder).report(plan_id)
    return report, _fingerprint(repr(report))


# Arguments with an underscore are no part of the key. The numbers bound the memory of a long-running server.
# What the server was started with is read once, so that every session opens at once; it is restarted for changed files.
_start = st.cache_resource(_read_start, max_entries=4, show_spinner="Reading the articles")
_saved = st.cache_resource(_load_start, max_entries=4, show_spinner="Opening the report")
_shipped_plans = st.cache_resource(list_plans, show_spinner=False)
_read_one = st.cache_resource(_analyze_one, max_entries=4096, show_spinner=False)
_searcher = st.cache_resource(
    _make_searcher, max_entries=8, show_spinner="Preparing the search: some minutes for a thousand articles, once"
)
_workspace = st.cache_resource(Workspace, max_entries=4, show_spinner="Opening the workspace")
_stored = st.cache_resource(_load_stored, max_entries=8, show_spinner="Reading the workspace")
_narrowed = st.cache_resource(_narrow, max_entries=64, show_spinner=False)
