"""A corpus on disk: documents, what was read in them, and in which run.

What is added or analysed is stored document by document, each in one transaction: a process that dies loses the
document it had in hand, and the next run goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from analyzer.encoding import Encoder, load_encoder
from analyzer.errors import AnalyzerError, WorkspaceError
from analyzer.judging import Judge, load_judge
from analyzer.pipeline import analyze_document, describe_failure
from analyzer.records import Analysis, Document, Failure, Models, Plan, Position, Report, Reviewed, SpeakerKind
from analyzer.settings import DEFAULT_ENCODER
from analyzer.unify import Aliases, Names, choose_names, find_names, read_aliases, unify_speakers
from analyzer.workspace.database import DATABASE, explain_errors, hold_lock, now, open_database, snapshot, transaction
from analyzer.workspace.documents import add_document, note_failure, remove_document
from analyzer.workspace.reviews import (
    Review,
    add_review,
    apply_reviews,
    drop_review,
    list_reviews,
    read_rejected,
    take_reviews,
)
from analyzer.workspace.rows import (
    digest_text,
    read_analysis,
    read_sentences,
    unpack_document,
    unpack_plan,
    write_analysis,
)
from analyzer.workspace.runs import find_waiting, last_run, note_run
from analyzer.workspace.status import PlanStatus, WorkspaceStatus, read_plan_status, read_status
from analyzer.workspace.vectors import wants_index, write_index

ALIASES = "aliases.toml"  # names that mean one speaker; unify.read_aliases says the form
PATIENCE = 2.0  # seconds that a writer waits for another one; a review takes milliseconds
Progress = Callable[[int, int, str], None]  # documents done, documents in all, the name of the next


@dataclass(frozen=True, slots=True)
class Added:
    """What became of the inputs of one `add`."""

    new: int
    known: int  # inputs whose text was stored already
    alike: int  # of the new ones, those that tell a story that another document tells, too
    failed: int


class Workspace:
    """A corpus in a folder; in memory where there is none."""

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

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def encoder(self) -> Encoder:
        """The encoder whose vectors the workspace holds."""
        return self._encoder or load_encoder(self.encoder_name)

    # What goes in

    def add(self, documents: Iterable[Document], failures: Sequence[Failure] = ()) -> Added:
        """Store documents that are new. `failures` are taken up after the documents, so that reading may fill the list.

        The same text is stored once, its other sources with it. A document whose source has another text than before
        is replaced. Names are made unique.
        """
        new = known = alike = 0
        with self._writing():
            for document in documents:
                with transaction(self.connection):
                    added, story = add_document(self.connection, document)
                new, known, alike = new + added, known + (not added), alike + story
            with transaction(self.connection):
                for failure in failures:
                    note_failure(self.connection, failure)
        return Added(new, known, alike, len(failures))

    def remove(self, names: Sequence[str]) -> None:
        """Remove documents by name with all that was read in them; WorkspaceError if one is not there."""
        with self._writing(), transaction(self.connection):
            for name in names:
                row = self.connection.execute("SELECT id FROM documents WHERE name = ?", (name,)).fetchone()
                if row is None:
                    raise WorkspaceError(f"{name}: no document of that name; `peaceplan status --documents` lists them")
                remove_document(self.connection, row[0])
            self._write_names()

    def analyze(
        self,
        plan: Plan,
        *,
        judge: Judge | None = None,
        progress: Progress | None = None,
        on_failure: Callable[[Failure], None] = lambda failure: None,
    ) -> int:
        """Read against `plan` what was not read by these models and this plan yet; return how many were read.

        A document that fails is noted, and tried again only by another version.
        """
        judge = judge or load_judge()
        read = 0
        with self._writing():
            run, waiting = self._begin_run(plan, Models(self.encoder_name, judge.name, judge.threshold))
            try:
                for done, document_id in enumerate(waiting):
                    document = self._load(document_id)
                    if progress:
                        progress(done, len(waiting), document.name)
                    try:
                        analysis = analyze_document(document, plan, self.encoder, judge)
                    except AnalyzerError:
                        raise
                    except Exception as error:
                        failure = describe_failure(document, error)
                        with transaction(self.connection):
                            note_failure(self.connection, failure, plan.id, run)
                        on_failure(failure)
                        continue
                    self._store(document_id, run, analysis, plan)
                    read += 1
            finally:
                with transaction(self.connection):
                    self._write_names()
                    self.connection.execute("UPDATE runs SET ended = ? WHERE id = ?", (now(), run))
            if self.folder and wants_index(self.connection):
                write_index(self.connection, self.folder)
        return read

    def put(self, report: Report) -> None:
        """Store what was analysed elsewhere: the documents of a report with all that was read in them.

        What was reviewed there is reviewed here, too, except where this workspace has a review of the same position.
        """
        self.put_all([report])

    def put_all(self, reports: Iterable[Report]) -> int:
        """Store many reports as they come; return how many of their documents. What came before an error stays."""
        stored = 0
        with self._writing():
            try:
                for report in reports:
                    self._put_one(report)
                    stored += len(report.analyses)
            finally:
                with transaction(self.connection):
                    self._write_names()
            if self.folder and wants_index(self.connection):
                write_index(self.connection, self.folder)
        return stored

    def review(
        self,
        position: Position,
        verdict: Reviewed,
        corrected: Position | None = None,
        *,
        plan_id: str | None = None,
        note: str = "",
    ) -> Review:
        """Confirm, reject or correct a position of a report; every figure follows from then on, after later runs, too.

        Of `corrected`, stance, speaker and target count. Raises WorkspaceError if the position is not there any more,
        the correction cannot be, or another process is writing.
        """
        plan = self.find_plan(plan_id)
        with self._writing(), transaction(self.connection):
            review, renamed = add_review(self.connection, position, verdict, corrected, plan, note)
            if renamed:
                self._write_names()
        return review

    def undo_review(self, document: str | None = None, *, plan_id: str | None = None) -> Review | None:
        """Take back the newest review on a plan, of one document where it is named; None where there is none."""
        plan = self.find_plan(plan_id)
        with self._writing(), transaction(self.connection):
            review, renamed = drop_review(self.connection, document, plan)
            if renamed:
                self._write_names()
        return review

    def reindex(self) -> int:
        """Build the index of all sentences anew; return how many it holds."""
        if self.folder is None:
            return 0
        with self._writing():
            return write_index(self.connection, self.folder)

    # What comes out

    def report(self, plan_id: str | None = None) -> Report:
        """Return all that was read against a plan, each speaker by one name; the only plan if none is named.

        Raises WorkspaceError if nothing was read against it yet.
        """
        report = self.read_apart(plan_id)
        return replace(report, analyses=unify_speakers(report.analyses, report.plan, self._aliases()))

    def read_apart(self, plan_id: str | None = None) -> Report:
        """Return what `report` does, with speakers by the names that each text has for them."""
        with explain_errors(self.folder):
            plan = self.find_plan(plan_id)
            ids = self.connection.execute(
                "SELECT r.document FROM readings r JOIN documents d ON d.id = r.document WHERE plan = ? "
                "ORDER BY d.date IS NULL, d.date, d.name",
                (plan.id,),
            ).fetchall()
            analyses = [read_analysis(self.connection, id, plan) for (id,) in ids]
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

    # Inside

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with hold_lock(self.folder, PATIENCE), explain_errors(self.folder):
            yield

    def _put_one(self, report: Report) -> None:
        models = report.models or Models(self.encoder_name, "unknown", 0.0)
        with transaction(self.connection):
            run = note_run(self.connection, report.plan, models, report.version)
        for analysis in report.analyses:
            with transaction(self.connection):
                add_document(self.connection, analysis.document)
            digest = digest_text(analysis.document.text)
            (id,) = self.connection.execute("SELECT id FROM documents WHERE digest = ?", (digest,)).fetchone()
            self._store(id, run, analysis, report.plan)
        with transaction(self.connection):
            for failure in report.failures:
                note_failure(self.connection, failure)

    def _load(self, id: int) -> Document:
        name, text, record = self.connection.execute(
            "SELECT name, text, record FROM documents WHERE id = ?", (id,)
        ).fetchone()
        return unpack_document(record, name, text)

    def _store(self, id: int, run: int, analysis: Analysis, plan: Plan) -> None:
        stored = tuple(read_sentences(self.connection, id).values())
        vectors = None
        if stored != analysis.sentences:
            texts = [s.span.of(analysis.document.text) for s in analysis.sentences]
            vectors = self.encoder.encode_document(texts) if texts else np.zeros((0, 1), np.float32)
        with transaction(self.connection):
            read = analysis
            if any(p.reviewed for p in analysis.positions):
                plain = (replace(p, reviewed=None) for p in analysis.positions if p.reviewed is not Reviewed.CORRECTED)
                read = replace(analysis, positions=tuple(plain))
            write_analysis(self.connection, id, run, read, plan, vectors)
            if read is not analysis:
                take_reviews(self.connection, id, plan, analysis.positions)
            apply_reviews(self.connection, id, plan)
            source = analysis.document.source or analysis.document.name
            self.connection.execute("DELETE FROM failures WHERE source = ? AND plan IN ('', ?)", (source, plan.id))

    def _begin_run(self, plan: Plan, models: Models) -> tuple[int, list[int]]:
        from analyzer import __version__

        with transaction(self.connection):
            waiting = find_waiting(self.connection, plan, models, __version__)
            run = note_run(self.connection, plan, models, __version__)
        return run, waiting

    def _failures(self, plan_id: str) -> list[tuple[str, str]]:
        return self.connection.execute(
            "SELECT source, message FROM failures WHERE plan IN ('', ?) ORDER BY source", (plan_id,)
        ).fetchall()

    def _aliases(self) -> Aliases | None:
        path = self.folder / ALIASES if self.folder else None
        return read_aliases(path) if path and path.is_file() else None

    def _write_names(self) -> None:
        """Note for each name of the texts the one that its bearer goes by in the corpus."""
        ask = self.connection.execute
        counted = {
            (name, SpeakerKind(kind)): count
            for name, kind, count in ask("SELECT name, kind, count(*) FROM sources GROUP BY name, kind")
        }
        chosen = choose_names(counted, self._aliases())
        ask("DELETE FROM speakers")
        self.connection.executemany(
            "INSERT INTO speakers VALUES (?,?,?)", [(name, kind.value, new) for (name, kind), new in chosen.items()]
        )


def start_workspace(folder: str | Path, encoder: str = DEFAULT_ENCODER) -> Workspace:
    """Make an empty workspace in a folder, which is made if need be; WorkspaceError if there is one already."""
    folder = Path(folder)
    if (folder / DATABASE).exists():
        raise WorkspaceError(f"{folder}: a workspace already; add articles with: peaceplan add PATH")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkspaceError(f"{folder}: cannot be made ({error.strerror}); name another folder") from error
    connection = open_database(folder, create=True)
    with explain_errors(folder), transaction(connection):
        connection.execute("INSERT INTO settings VALUES ('encoder', ?)", (encoder,))
    connection.close()
    return Workspace(folder)


def is_workspace(folder: Path) -> bool:
    """True if the folder holds a workspace."""
    return (folder / DATABASE).is_file()


def find_workspace(start: Path) -> Path | None:
    """Return the folder, `start` or one above it, that is a workspace; None if there is none."""
    return next(filter(is_workspace, (start, *start.parents)), None)
