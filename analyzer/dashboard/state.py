"""The report of this session: where it comes from, and what is kept of it.

A session holds its documents and one report a plan; what all sessions share is kept by caches.py and stored.py. One
that a workspace was opened for shows one state of it (`mark`), and beside it what it added itself (`own`).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, MutableMapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from analyzer.dashboard.caches import fingerprint, list_shipped, make_searcher, narrow, open_saved, read_one, read_start
from analyzer.dashboard.filters import Filters
from analyzer.dashboard.stored import ScopedSearcher, Stored, count_read, present_mark, read_stored, search_stored
from analyzer.errors import InputError
from analyzer.export import render_report
from analyzer.plans import load_plan
from analyzer.records import Document, Failure, Plan, Report
from analyzer.report import CorpusTarget
from analyzer.resources import find_data
from analyzer.searching import Searcher
from analyzer.settings import DEFAULT_PLAN
from analyzer.unify import unify_speakers
from analyzer.workspace import PlanStatus, is_workspace
from analyzer.workspace.marks import differ_by_reviews

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
        report, key = open_saved(paths[0])
        put_report(state, report)
        state.update(default_plan=state.pop("next_plan"), keys={report.plan.id: key})
        return
    if not paths and plan.id == DEFAULT_PLAN:  # the samples, read already, so that the first look costs nothing
        report, key = open_saved(str(find_data(FIRST_LOOK)))
        put_report(state, report)
        state.update(default_plan=state.pop("next_plan"), keys={report.plan.id: key})
        return
    documents, failures = read_start(tuple(paths))
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
    return {plan.id: plan for plan in list_shipped()} | own


def report_on(state: State, plan: Plan, progress: Progress | None = None) -> Report:
    """Return the session's documents read against the plan; kept for the session."""
    folder: str | None = state.get("workspace")
    if folder and state["beside"]:
        _take_reviews(state, folder, plan)
    reports: dict[str, Report] = state["reports"]
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


def _take_reviews(state: State, folder: str, plan: Plan) -> None:
    """Take up what was reviewed in the workspace since; what was added or read there waits for a reload."""
    present = present_mark(folder)
    if not differ_by_reviews(state["mark"], present):
        return
    for stored in read_stored(folder, plan.id, present).plans:
        state["reports"].pop(stored.id, None)
        state["keys"].pop(stored.id, None)
    state["mark"] = present


def follow_workspace(state: State, folder: str, plan_id: str) -> None:
    """Show the workspace as it is after this session has written a review; reviews alone are taken up by report_on."""
    present = present_mark(folder)
    if present != state["mark"] and not differ_by_reviews(state["mark"], present):
        show_workspace(state, folder, plan_id)
        state.pop("next_plan", None)


def reviewed_in(state: State, view: View, document: str) -> str | None:
    """Return the folder of the workspace that keeps reviews of a document; None where it lies in none."""
    folder: str | None = state.get("workspace")
    if not folder or not state["beside"]:
        return None
    stored = read_stored(folder, view.whole.plan.id, state["mark"]).report
    return folder if stored and any(a.document.name == document for a in stored.analyses) else None


def make_view(state: State, report: Report, filters: Filters) -> View:
    """Return what the pages show of the report."""
    keys: dict[str, str] = state.setdefault("keys", {})
    if report.plan.id not in keys:
        keys[report.plan.id] = fingerprint(render_report(report, "json"))
    key = keys[report.plan.id]
    narrowed, holders, corpus = narrow(key, filters, report)
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
        parts.append(read_one(fingerprint(repr((document, plan))), document, plan))
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
    searcher: Searcher = make_searcher(view.key, view.whole)
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
