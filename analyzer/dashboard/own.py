"""What a session adds: read and shown at once, and put into the workspace when that is asked for."""

from __future__ import annotations

from collections.abc import Sequence

from analyzer.dashboard.state import (
    Progress,
    State,
    gather_parts,
    offered_plans,
    put_report,
    read_beside,
    read_documents,
    read_each,
    show_workspace,
)
from analyzer.dashboard.stored import Saved, read_stored, save_reports
from analyzer.records import Document, Failure, Plan, Report


def add_documents(
    state: State,
    plan: Plan,
    fresh: Sequence[Document],
    failures: Sequence[Failure] = (),
    *,
    keep: bool = False,
    progress: Progress | None = None,
) -> tuple[Report, tuple[str, ...]]:
    """Read documents and show them, with `keep` beside what is shown; return the report and the names of those read.

    If none of them could be read, the session stays as it is.
    """
    folder: str | None = state.get("workspace")
    own = (*(state.get("own", ()) if keep else ()), *fresh)
    told = (*(state.get("own_failures", ()) if keep else ()), *failures)
    beside = bool(folder and keep and state["beside"])
    stored = read_stored(folder, plan.id, state["mark"]) if folder and beside else None
    if stored and stored.report:  # what the workspace holds was read already
        report = read_beside(stored.report, own, told, progress)
    else:
        held, earlier = (state["documents"], state["failures"]) if keep else ((), ())
        report = read_documents((*held, *fresh), plan, (*earlier, *failures), progress)
    texts = {document.text for document in fresh}
    landed = tuple(a.document for a in report.analyses[-len(fresh) :] if a.document.text in texts) if fresh else ()
    if landed:
        put_report(state, report)
        if folder:
            read = {analysis.document.text for analysis in report.analyses}
            state.update(own=tuple(document for document in own if document.text in read), own_failures=told)
            state.update(beside=beside, mark=stored.mark if stored else state["mark"])
    return report, tuple(document.name for document in landed)


def save_own(state: State, plan: Plan) -> Saved:
    """Put what the session added into its workspace, and show the workspace from then on.

    It is put there with what was read in it, against those of the session's plans that the workspace has, or against
    its first one; this plan, where it has none. A plan of which it would hold a few documents alone does not get in.
    Raises AnalyzerError if that cannot be; the session stays as it is then, and it can be tried again.
    """
    folder: str = state["workspace"]
    known = {stored.id: stored for stored in read_stored(folder, plan.id).plans}
    offered = offered_plans(state)
    shared = [offered[plan_id] for plan_id in dict.fromkeys((plan.id, *state["reports"])) if plan_id in known]
    wanted = shared or list(known.values())[:1] or [plan]
    saved = save_reports(folder, [gather_parts(read_each(state["own"], plan), plan) for plan in wanted])
    state.update(own=(), own_failures=())
    show_workspace(state, folder, plan.id)
    return saved
