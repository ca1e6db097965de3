"""Runs of a workspace: which models read which plan, and what waits to be read by them."""

from __future__ import annotations

import sqlite3

from analyzer.records import Models, Plan
from analyzer.workspace.database import now
from analyzer.workspace.rows import digest_plan, pack_plan


def note_run(connection: sqlite3.Connection, plan: Plan, models: Models, version: str) -> int:
    """Note the beginning of a run, and the plan as it is read in it; return the run's id."""
    digest = digest_plan(plan)
    connection.execute(
        "INSERT INTO plans VALUES (?,?,?) ON CONFLICT (id) DO UPDATE SET digest = excluded.digest, "
        "record = excluded.record",
        (plan.id, digest, pack_plan(plan)),
    )
    cursor = connection.execute(
        "INSERT INTO runs (plan, plan_digest, version, encoder, judge, threshold, started) VALUES (?,?,?,?,?,?,?)",
        (plan.id, digest, version, models.encoder, models.judge, models.threshold, now()),
    )
    return int(cursor.lastrowid or 0)


def find_waiting(connection: sqlite3.Connection, plan: Plan, models: Models, version: str) -> list[int]:
    """Return the documents that were neither read nor failed in a run like the one that these models would make."""
    like = (plan.id, digest_plan(plan), version, models.encoder, models.judge, models.threshold)
    rows = connection.execute(
        "WITH alike AS (SELECT id FROM runs WHERE (plan, plan_digest, version, encoder, judge, threshold) = "
        "(?,?,?,?,?,?)) "
        "SELECT id FROM documents WHERE id NOT IN (SELECT document FROM readings WHERE plan = ? AND run IN alike) "
        "AND (NOT EXISTS (SELECT 1 FROM failures WHERE plan = ?) OR "
        "     CASE source WHEN '' THEN name ELSE source END NOT IN "
        "     (SELECT source FROM failures WHERE plan = ? AND run IN alike)) "
        "ORDER BY id",
        (*like, plan.id, plan.id, plan.id),
    )
    return [id for (id,) in rows]


def last_run(connection: sqlite3.Connection, plan_id: str) -> tuple[Models, str]:
    """Return the models and the version of this package that last read against a plan; one must have been."""
    *models, version = connection.execute(
        "SELECT encoder, judge, threshold, version FROM runs WHERE plan = ? ORDER BY id DESC LIMIT 1", (plan_id,)
    ).fetchone()
    return Models(*models), version
