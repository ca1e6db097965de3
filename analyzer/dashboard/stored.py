"""The workspace that is served: what was read in it, kept for all sessions, and taking up what a session added.

What is kept goes by the workspace's mark (workspace/marks.py), so that nobody is shown an old state for a new one.
Writing has a connection of its own: no session sees an unfinished transaction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

import streamlit as st

from analyzer.errors import WorkspaceError
from analyzer.hits import By, Found
from analyzer.memory import pause_collection
from analyzer.records import Analysis, Document, Plan, Position, Report, Reviewed
from analyzer.searching import Searcher
from analyzer.unify import Names, names_any, rename_speakers
from analyzer.workspace import PlanStatus, Workspace
from analyzer.workspace.marks import Mark, differ_by_reviews, list_read, list_reviewed, open_state, read_mark
from analyzer.workspace.reviews import Review
from analyzer.workspace.rows import digest_text


@dataclass(frozen=True, slots=True)
class Stored:
    """One state of a workspace: a report of it, and the plans that documents were read against."""

    mark: Mark
    plans: tuple[Plan, ...]
    report: Report | None  # None where nothing was read against the plan that was asked for
    key: str  # of the report: of the folder, the plan and the mark
    apart: tuple[Analysis, ...] = ()  # of the report, with speakers by the names that each text has for them
    names: Names = field(default_factory=dict)  # that they go by in the report instead


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of the documents that were saved."""

    new: int
    known: int  # the workspace had their text already


class ScopedSearcher:
    """Searches a workspace for what a session shows of it, where the workspace has grown since."""

    def __init__(self, searcher: Searcher, report: Report) -> None:
        self._searcher = searcher
        self._shown = frozenset((a.document.name, s.number) for a in report.analyses for s in a.sentences)

    def search(
        self,
        query: str = "",
        *,
        like: int | None = None,
        by: By = By.BOTH,
        places: Collection[tuple[str, int]] | None = None,
        most: int,
        skip: int = 0,
    ) -> Found:
        """Search as Searcher does, among the sentences that the session shows."""
        among = self._shown if places is None else self._shown.intersection(places)
        return self._searcher.search(query, like=like, by=by, places=among, most=most, skip=skip)

    def find_sentence(self, document: str, number: int) -> int:
        """Return the id of a sentence; QueryError if there is none."""
        return self._searcher.find_sentence(document, number)


def present_mark(folder: str) -> Mark:
    """Return the mark of the workspace as it is now; WorkspaceError if it cannot be read."""
    return read_mark(_workspace(folder))


def read_stored(folder: str, plan_id: str, mark: Mark | None = None) -> Stored:
    """Return what was read against a plan, in the state of that mark if it is kept, otherwise in the present one.

    The mark of the result says which state it is. Raises WorkspaceError if the workspace cannot be read.
    """
    stored: Stored = _stored(folder, plan_id, mark or present_mark(folder))
    return stored


def search_stored(folder: str, report: Report, mark: Mark) -> Searcher | ScopedSearcher:
    """Return what searches the workspace for what its report, made in the state of that mark, shows."""
    searcher: Searcher = _stored_searcher(folder)
    return searcher if present_mark(folder) == mark else ScopedSearcher(searcher, report)


def count_read(folder: str, plan_id: str) -> PlanStatus | None:
    """Return how far the workspace is with a plan; None where nothing was read against it."""
    status: PlanStatus | None = _workspace(folder).plan_status(plan_id)
    return status


def list_rejected(folder: str, plan_id: str, document: str) -> tuple[Position, ...]:
    """Return the positions of a document that a person rejected."""
    with open_state(folder) as workspace:
        return workspace.rejected(document, plan_id=plan_id)


def write_review(
    folder: str, plan_id: str, position: Position, verdict: Reviewed, corrected: Position | None = None, note: str = ""
) -> None:
    """Write what a person says of a position; WorkspaceError if it cannot be written, and nothing is then."""
    with Workspace(folder) as workspace:
        workspace.review(position, verdict, corrected, plan_id=plan_id, note=note)


def undo_review(folder: str, plan_id: str, document: str) -> Review | None:
    """Take back the newest review of a document; WorkspaceError if that cannot be written."""
    with Workspace(folder) as workspace:
        return workspace.undo_review(document, plan_id=plan_id)


def save_reports(folder: str, reports: Sequence[Report]) -> Saved:
    """Put the documents of reports into the workspace, with what was read in them; each document is counted once.

    A text that is there keeps its readings, and gets those that it lacks. Raises WorkspaceError if another process is
    writing, the workspace cannot be written, or one of the plans has other words there; what was written stays.
    """
    with Workspace(folder) as workspace:
        stored = {plan.id: plan for plan in workspace.plans()}
        for report in reports:
            if stored.get(report.plan.id, report.plan) != report.plan:
                raise WorkspaceError(
                    f"{report.plan.id}: the workspace has other words for this plan; reload, then save"
                )
        marked = [_mark_sources(report) for report in reports]
        documents = {digest_text(a.document.text): a.document for report in marked for a in report.analyses}
        added = workspace.add(documents.values())
        workspace.put_all(lacking for report in marked if (lacking := _find_lacking(workspace, report)))
    return Saved(added.new, added.known)


def _find_lacking(workspace: Workspace, report: Report) -> Report | None:
    """What of a report the workspace has not read against its plan; None where there is nothing."""
    read = list_read(workspace, report.plan.id)
    lacking = tuple(a for a in report.analyses if digest_text(a.document.text) not in read)
    return replace(report, analyses=lacking, failures=()) if lacking else None


def _mark_sources(report: Report) -> Report:
    """A workspace replaces a document by another of the same source; two uploads of one name are no such pair."""
    analyses = (replace(a, document=_mark_source(a.document)) for a in report.analyses)
    return replace(report, analyses=tuple(analyses))


def _mark_source(document: Document) -> Document:
    if not document.source:
        return document
    return replace(document, source=f"{document.source} (uploaded, {digest_text(document.text)[:8]})")


def _load_stored(folder: str, plan_id: str, mark: Mark) -> Stored:
    latest: dict[str, Stored] = _latest(folder)
    with open_state(folder) as workspace:
        present = read_mark(workspace)
        before = latest.get(plan_id)
        if before and (before.mark == present or differ_by_reviews(before.mark, present)):
            stored = _follow(before, workspace, plan_id, present)
        else:
            beside = next((s for s in list(latest.values()) if s.mark == present and s.apart), None)
            stored = _load(workspace, plan_id, present, beside.apart if beside else ())
    latest[plan_id] = stored  # by now another session may have put there a state of its own
    return stored


def _follow(before: Stored, workspace: Workspace, plan_id: str, mark: Mark) -> Stored:
    """The state after reviews: only the documents that were reviewed are read, but names may change in all."""
    names = list_reviewed(workspace, plan_id, before.mark)
    if before.report is None or not names:
        return replace(before, mark=mark)
    fresh = {analysis.document.name: analysis for analysis in workspace.reread(plan_id, names)}
    apart = tuple(fresh.get(analysis.document.name, analysis) for analysis in before.apart)
    called = workspace.find_names(apart)
    moved = {name for name, _ in called.items() ^ before.names.items()}
    analyses = tuple(
        rename_speakers(now, before.report.plan, called)
        if now is not old or (moved and names_any(now, moved))
        else shown
        for now, old, shown in zip(apart, before.apart, before.report.analyses, strict=True)
    )
    key = hashlib.sha256(f"{before.key} {mark}".encode()).hexdigest()
    return Stored(mark, before.plans, replace(before.report, analyses=analyses), key, apart, called)


def _load(workspace: Workspace, plan_id: str, mark: Mark, known: Sequence[Analysis]) -> Stored:
    """The state for a plan; `known` is what was read of another plan in the same state."""
    plans = workspace.plans()
    with pause_collection():
        read = workspace.read_apart(plan_id, known) if plan_id in {plan.id for plan in plans} else None
        if read is None:
            return Stored(mark, plans, None, "")
        names = workspace.find_names(read.analyses)
        report = replace(read, analyses=tuple(rename_speakers(a, read.plan, names) for a in read.analyses))
    key = hashlib.sha256(repr((workspace.folder, plan_id, mark)).encode()).hexdigest()
    return Stored(mark, plans, report, key, read.analyses, names)


def _start_latest(folder: str) -> dict[str, Stored]:
    return {}


def _make_searcher(folder: str) -> Searcher:
    return Searcher(_workspace(folder))


# The numbers bound the memory of a long-running server.
_workspace = st.cache_resource(Workspace, max_entries=4, show_spinner="Opening the workspace")
_stored = st.cache_resource(_load_stored, max_entries=8, show_spinner="Reading the workspace")
_latest = st.cache_resource(
    _start_latest, max_entries=8, show_spinner=False
)  # the last state that was read of each plan
_stored_searcher = st.cache_resource(_make_searcher, max_entries=4, show_spinner=False)
