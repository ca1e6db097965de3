"""What a workspace holds, what waits to be read, and what failed."""

from __future__ import annotations

import datetime
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.records import Failure, Plan
from analyzer.workspace.runs import find_waiting, last_run


@dataclass(frozen=True, slots=True)
class PlanStatus:
    """How far the documents are read against one plan."""

    plan: str
    read: int
    waiting: int  # not read yet, or read by other models, another version or another wording of the plan
    failed: int
    positions: int
    reviewed: int  # positions that somebody looked at


@dataclass(frozen=True, slots=True)
class WorkspaceStatus:
    """What a workspace holds."""

    folder: str
    documents: int
    copies: int  # inputs that had the text of another
    stories: int  # groups of documents that tell the same, single ones included
    sentences: int
    statements: int
    speakers: int
    first: datetime.date | None
    last: datetime.date | None
    plans: tuple[PlanStatus, ...]
    failures: tuple[Failure, ...]


def read_status(connection: sqlite3.Connection, folder: str, plans: Sequence[Plan]) -> WorkspaceStatus:
    """Count what a workspace holds; `plans` are those that documents were read against."""
    ask = connection.execute
    documents, stories, first, last = ask(
        "SELECT count(*), count(DISTINCT story), min(date), max(date) FROM documents"
    ).fetchone()
    counts = [ask(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("copies", "sentences", "statements")]
    (speakers,) = ask(
        "SELECT count(DISTINCT coalesce(e.entity, s.name)) FROM sources s "
        "LEFT JOIN speakers e ON e.name = s.name AND e.kind = s.kind WHERE s.kind <> 'author'"
    ).fetchone()
    read = tuple(read_plan_status(connection, plan) for plan in plans)
    failures = tuple(Failure(*row) for row in ask("SELECT source, message FROM failures ORDER BY source"))
    days = [datetime.date.fromisoformat(day) if day else None for day in (first, last)]
    copies, sentences, statements = counts
    return WorkspaceStatus(
        folder,
        documents,
        copies,
        stories,
        sentences,
        statements,
        speakers,
        days[0],
        days[1],
        read,
        failures,
    )


def read_plan_status(connection: sqlite3.Connection, plan: Plan) -> PlanStatus:
    """Say how far the documents are read against a plan that some were read against."""
    ask = connection.execute
    (documents,) = ask("SELECT count(*) FROM documents").fetchone()
    waiting = len(find_waiting(connection, plan, *last_run(connection, plan.id)))
    (failed,) = ask("SELECT count(*) FROM failures WHERE plan = ?", (plan.id,)).fetchone()
    positions, reviewed = ask(
        "SELECT count(*), coalesce(sum(reviewed), 0) FROM positions WHERE plan = ?", (plan.id,)
    ).fetchone()
    return PlanStatus(plan.id, max(0, documents - waiting - failed), waiting, failed, positions, reviewed)
