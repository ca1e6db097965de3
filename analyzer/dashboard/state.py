"""The report of this session: where it comes from, and what is kept of it.

A session holds its documents and one report a plan. Analyses are cached for the process by content and plan, so that a
session meets another's only where both have the same text; models are loaded once a process. A session that a workspace
was opened for shows one state of it (`mark`), and beside it the documents that it added itself (`own`).
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Callable, Iterable, MutableMapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import streamlit as st

from analyzer.dashboard.filters import Filters, list_holders, narrow_report
from analyzer.dashboard.stored import ScopedSearcher, Stored, count_read, read_stored, search_stored
from analyzer.encoding import load_encoder
from analyzer.errors import InputError
from analyzer.export import load_report, render_report
from analyzer.pipeline import analyze
from analyzer.plans import list_plans, load_plan
from analyzer.reading import iterate_documents
from analyzer.records import Document, Failure, Plan, Report
from analyzer.report import CorpusTarget, view_corpus
from analyzer.resources import find_data
from analyzer.searching import Searcher
from analyzer.settings import DEFAULT_PLAN
from analyzer.unify import unify_speakers
from analyzer.workspace import PlanStatus, Workspace, is_workspace

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
        show_workspace(state, paths[0], plan.id)
        state["default_plan"] = state.pop("next_plan", plan.id)
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


def show_workspace(state: State, folder: str, plan_id: str) -> None:
    """Show the workspace as it is now, against this plan or else the first one, and what the session added beside it.

    Raises WorkspaceError if it cannot be read; the session stays as it is then.
    """
    stored = read_stored(folder, plan_id)
    known = [plan.id for plan in stored.plans]
    if known and plan_id not in known:
        stored = read_stored(folder, known[0], stored.mark)
    own, failures = state.get("own", ()), state.get("own_failures", ())
    plans = {plan.id: plan for plan in stored.plans}
    if stored.report is None:
        state.update(documents=own, failures=failures, reports={}, keys={})
    elif own:
        put_report(state, read_beside(stored.report, own, failures))
    else:
        put_report(state, stored.report)
        state["keys"] = {stored.report.plan.id: stored.key}
    state.update(plans=state["plans"] | plans, workspace=folder, mark=stored.mark, beside=True)
    state.update(own=own, own_failures=failures)


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
    folder: str | None = state.get("workspace")
    if plan.id not in reports and folder and state["beside"]:
        stored = read_stored(folder, plan.id, state["mark"])
        if stored.mark != state["mark"]:  # what the session shows of other plans is of an earlier state
            show_workspace(state, folder, plan.id)
            state.pop("next_plan", None)
        elif stored.report:
            reports[plan.id] = stored.report
            if state["own"]:
                reports[plan.id] = read_beside(stored.report, state["own"], state["own_failures"], progress)
            else:
                state["keys"][plan.id] = stored.key
    reports = state["reports"]
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
    report = gather_parts(read_each(documents, plan, progress), plan)
    analyses = unify_speakers(report.analyses, plan)
    return replace(report, analyses=analyses, failures=(*failures, *report.failures))


def name_apart(name: str, taken: set[str]) -> str:
    """Return the name, with a number where another document has it, and note it as taken."""
    free, number = name, 2
    while free in taken:
        free, number = f"{name} ({number})", number + 1
    taken.add(free)
    return free


def read_each(documents: Iterable[Document], plan: Plan, progress: Progress | None = None) -> list[Report]:
    """Return a report of each document by itself, from the cache where it was read before.

    The names of speakers are those of each text: they meet in unify_speakers.
    """
    listed, parts = list(documents), []
    for done, document in enumerate(listed):
        if progress:
            progress(done, len(listed))
        parts.append(_read_one(_fingerprint(repr((document, plan))), document, plan))
    return parts


def gather_parts(parts: Sequence[Report], plan: Plan) -> Report:
    """Return the reports of single documents as one; names of speakers stay those of each text."""
    analyses = tuple(analysis for part in parts for analysis in part.analyses)
    failures = tuple(failure for part in parts for failure in part.failures)
    return Report(plan, analyses, failures, parts[0].models if parts else None, parts[0].version if parts else "")


def read_beside(
    report: Report, own: Sequence[Document], failures: Sequence[Failure], progress: Progress | None = None
) -> Report:
    """Return a workspace's report with the session's own documents after it, under names that are free there."""
    taken = {analysis.document.name for analysis in report.analyses}
    apart = [replace(document, name=name_apart(document.name, taken)) for document in own]
    read = gather_parts(read_each(apart, report.plan, progress), report.plan)
    analyses = unify_speakers((*report.analyses, *read.analyses), report.plan)
    return replace(report, analyses=analyses, failures=(*report.failures, *failures, *read.failures))


def searcher_of(state: State, view: View) -> Searcher | ScopedSearcher:
    """Return what searches the whole report: the workspace that it lies in, or one in memory, filled once."""
    if stored := _find_stored(state, view):
        return search_stored(state["workspace"], view.whole, stored.mark)
    searcher: Searcher = _searcher(view.key, view.whole)
    return searcher


def status_of(state: State, view: View) -> PlanStatus | None:
    """Return how far the workspace that the report lies in is with its plan; None where it lies in none."""
    return count_read(state["workspace"], view.whole.plan.id) if _find_stored(state, view) else None


def _find_stored(state: State, view: View) -> Stored | None:
    """The state of the workspace whose report is shown; None where something else is shown."""
    folder: str | None = state.get("workspace")
    if not folder or not state["beside"] or state["own"]:
        return None
    stored = read_stored(folder, view.whole.plan.id, state["mark"])
    return stored if stored.key == view.key else None


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


# Arguments with an underscore are no part of the key. The numbers bound the memory of a long-running server.
# What the server was started with is read once, so that every session opens at once; it is restarted for changed files.
_start = st.cache_resource(_read_start, max_entries=4, show_spinner="Reading the articles")
_saved = st.cache_resource(_load_start, max_entries=4, show_spinner="Opening the report")
_shipped_plans = st.cache_resource(list_plans, show_spinner=False)
_read_one = st.cache_resource(_analyze_one, max_entries=4096, show_spinner=False)
_searcher = st.cache_resource(
    _make_searcher, max_entries=8, show_spinner="Preparing the search: some minutes for a thousand articles, once"
)
_narrowed = st.cache_resource(_narrow, max_entries=64, show_spinner=False)
