"""What is in a workspace: documents, what was read in them, and what people said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

from analyzer.encoding import Encoder, load_encoder
from analyzer.errors import WorkspaceError
from analyzer.records import Analysis, Failure, Plan, Position, Report
from analyzer.settings import DEFAULT_ENCODER, EARLIER_ENCODERS
from analyzer.unify import Aliases, Names, find_names, read_aliases, unify_speakers
from analyzer.workspace.database import explain_errors, open_database, snapshot
from analyzer.workspace.reviews import Review, list_reviews, read_rejected
from analyzer.workspace.rows import read_analysis, unpack_plan
from analyzer.workspace.runs import last_run
from analyzer.workspace.status import PlanStatus, WorkspaceStatus, read_plan_status, read_status

ALIASES = "aliases.toml"  # names that mean one speaker; unify.read_aliases says the form


class Contents:
    """A workspace as far as it is read."""

    def __init__(self, folder: str | Path | None, encoder: Encoder | None = None) -> None:
        """Open a workspace; one in memory is empty. `encoder` stands in for the one that is named in it.

        Raises WorkspaceError if there is none, or it is damaged or of a newer version.
        """
        self.folder = Path(folder) if folder is not None else None
        self.connection = open_database(self.folder)
        with explain_errors(self.folder):
            row = self.connection.execute("SELECT value FROM settings WHERE name = 'encoder'").fetchone()
            self.encoder_name: str = row[0] if row else DEFAULT_ENCODER
        self._encoder = encoder

    def close(self) -> None:
        """Close the database."""
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def encoder(self) -> Encoder:
        """The encoder whose vectors the workspace holds; WorkspaceError if this version no longer has it."""
        if self._encoder is None and self.encoder_name in EARLIER_ENCODERS:
            raise WorkspaceError(
                f"{self.folder}: its sentences were read by {self.encoder_name}, which this version no longer has; "
                "have them read anew with: peaceplan reindex"
            )
        return self._encoder or load_encoder(self.encoder_name)

    def report(self, plan_id: str | None = None) -> Report:
        """Return all that was read against a plan, each speaker by one name; the only plan if none is named.

        Raises WorkspaceError if nothing was read against it yet.
        """
        report = self.read_apart(plan_id)
        return replace(report, analyses=unify_speakers(report.analyses, report.plan, self._aliases()))

    def read_apart(self, plan_id: str | None = None, known: Sequence[Analysis] = ()) -> Report:
        """Return what `report` does, with speakers by the names that each text has for them.

        `known` is what this method returned of another plan, while the workspace was what it is now: what all plans
        share is taken from there.
        """
        with explain_errors(self.folder):
            plan = self.find_plan(plan_id)
            ids = self.connection.execute(
                "SELECT r.document, d.name FROM readings r JOIN documents d ON d.id = r.document WHERE plan = ? "
                "ORDER BY d.date IS NULL, d.date, d.name",
                (plan.id,),
            ).fetchall()
            shared = {analysis.document.name: analysis for analysis in known}
            analyses = [read_analysis(self.connection, id, plan, shared.get(name)) for id, name in ids]
            models, version = last_run(self.connection, plan.id)
            failures = tuple(Failure(source, message) for source, message in self._failures(plan.id))
        return Report(plan, tuple(analyses), failures, models, version)

    def reread(self, plan_id: str, names: Sequence[str]) -> tuple[Analysis, ...]:
        """Return what `read_apart` has of some documents."""
        with explain_errors(self.folder):
            plan = self.find_plan(plan_id)
            ask = self.connection.execute
            ids = [ask("SELECT id FROM documents WHERE name = ?", (name,)).fetchone()[0] for name in names]
            return tuple(read_analysis(self.connection, id, plan) for id in ids)

    def find_names(self, analyses: Sequence[Analysis]) -> Names:
        """Return the names that `report` has for speakers in place of those of `read_apart`, the analyses of which."""
        return find_names(analyses, self._aliases())

    def rejected(self, document: str, *, plan_id: str | None = None) -> tuple[Position, ...]:
        """Return the positions of a document that are read and that a person rejected, in the order of the text."""
        with explain_errors(self.folder), snapshot(self.connection):
            plan = self.find_plan(plan_id)
            return read_rejected(self.connection, document, plan)

    def reviews(self, document: str, *, plan_id: str | None = None) -> tuple[Review, ...]:
        """Return the reviews of a document on a plan that count, oldest first."""
        with explain_errors(self.folder), snapshot(self.connection):
            plan = self.find_plan(plan_id)
            return list_reviews(self.connection, document, plan.id)

    def plans(self) -> tuple[Plan, ...]:
        """The plans that documents were read against."""
        with explain_errors(self.folder):
            return tuple(unpack_plan(r) for (r,) in self.connection.execute("SELECT record FROM plans ORDER BY id"))

    def find_plan(self, plan_id: str | None) -> Plan:
        """Return a plan that documents were read against, the only one if none is named; WorkspaceError otherwise."""
        known = {plan.id: plan for plan in self.plans()}
        if plan_id is None and len(known) == 1:
            return next(iter(known.values()))
        if plan_id in known:
            return known[plan_id]
        if not known:
            raise WorkspaceError("nothing was analysed yet; run: peaceplan analyze")
        if plan_id is None:
            raise WorkspaceError(f"several plans were read; choose one with --plan: {', '.join(known)}")
        raise WorkspaceError(f"{plan_id}: nothing was read against this plan; read were {', '.join(known)}")

    def documents(self) -> list[tuple[str, str | None, str | None, str, int]]:
        """Return name, date, outlet, source and the number of documents that tell the same story, by date and name."""
        with explain_errors(self.folder):
            return self.connection.execute(
                "SELECT name, date, outlet, source, (SELECT count(*) FROM documents o WHERE o.story = d.story) "
                "FROM documents d ORDER BY date IS NULL, date, name"
            ).fetchall()

    def count_documents(self) -> int:
        """Return the number of documents."""
        with explain_errors(self.folder):
            return int(self.connection.execute("SELECT count(*) FROM documents").fetchone()[0])

    def count_unread(self) -> int:
        """Return the number of documents that were read against no plan, so that no search finds them."""
        with explain_errors(self.folder):
            sql = "SELECT count(*) FROM documents WHERE id NOT IN (SELECT document FROM readings)"
            return int(self.connection.execute(sql).fetchone()[0])

    def status(self) -> WorkspaceStatus:
        """Say what is there, what waits, and what failed."""
        with explain_errors(self.folder):
            return read_status(self.connection, str(self.folder or "memory"), self.plans())

    def plan_status(self, plan_id: str) -> PlanStatus | None:
        """Say how far the documents are read against one plan; None where nothing was read against it."""
        plan = next((plan for plan in self.plans() if plan.id == plan_id), None)
        with explain_errors(self.folder):
            return read_plan_status(self.connection, plan) if plan else None

    def _failures(self, plan_id: str) -> list[tuple[str, str]]:
        return self.connection.execute(
            "SELECT source, message FROM failures WHERE plan IN ('', ?) ORDER BY source", (plan_id,)
        ).fetchall()

    def _aliases(self) -> Aliases | None:
        path = self.folder / ALIASES if self.folder else None
        return read_aliases(path) if path and path.is_file() else None
