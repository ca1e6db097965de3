"""What a workspace holds, what waits to be read, and what failed."""

from __future__ import annotations

import datetime
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from analyzer.export.wording import count_of
from analyzer.records import Failure, Plan, Reviewed
from analyzer.workspace.runs import find_waiting, last_run


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The last word that people had on each position, whether or not anything like it is read now."""

    confirmed: int = 0
    corrected: int = 0
    rejected: int = 0

    @property
    def total(self) -> int:
        """The number of verdicts."""
        return self.confirmed + self.corrected + self.rejected


@dataclass(frozen=True, slots=True)
class PlanStatus:
    """How far the documents are read against one plan."""

    plan: str
    read: int
    waiting: int  # not read yet, or read by other models, another version or another wording of the plan
    failed: int
    positions: int  # that count: rejected ones do not
    reviewed: int  # positions that stand as a person put them, those that are read and rejected included
    rejected: int = 0  # positions that are read and rejected
    verdicts: Verdicts = Verdicts()


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
    (rejected,) = ask("SELECT coalesce(sum(rejected), 0) FROM readings WHERE plan = ?", (plan.id,)).fetchone()
    said = dict(
        ask("SELECT verdict, count(*) FROM reviews WHERE plan = ? AND superseded IS NULL GROUP BY verdict", (plan.id,))
    )
    verdicts = Verdicts(
        *(said.get(verdict, 0) for verdict in (Reviewed.CONFIRMED, Reviewed.CORRECTED, Reviewed.REJECTED))
    )
    read = max(0, documents - waiting - failed)
    return PlanStatus(plan.id, read, waiting, failed, positions, reviewed + rejected, rejected, verdicts)


def describe_review(status: PlanStatus) -> str:
    """Say what share of a workspace's positions on the plan a person judged, and how often the reading was right.

    The share is of what is read now; how often it was right is of all verdicts that were given.
    """
    read = status.positions + status.rejected
    if not read:
        return ""
    said = f"Reviewed by a person: {status.reviewed} of {count_of(read, 'position')} ({status.reviewed / read:.0%})."
    verdicts = status.verdicts
    if not verdicts.total:
        return said
    return (
        f"{said} {count_of(verdicts.total, 'verdict')} so far: {verdicts.confirmed} confirmed what was read "
        f"({verdicts.confirmed / verdicts.total:.0%}), {verdicts.corrected} corrected and {verdicts.rejected} rejected "
        "it."
    )
