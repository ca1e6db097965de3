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

from analyzer.encoding import load_encoder
from analyzer.errors import AnalyzerError, WorkspaceError
from analyzer.judging import Judge, load_judge
from analyzer.pipeline import analyze_document, describe_failure
from analyzer.records import Analysis, Document, Failure, Models, Plan, Position, Report, Reviewed, SpeakerKind
from analyzer.settings import DEFAULT_ENCODER, EARLIER_ENCODERS
from analyzer.unify import choose_names
from analyzer.workspace.contents import Contents
from analyzer.workspace.database import DATABASE, explain_errors, hold_lock, now, open_database, transaction
from analyzer.workspace.documents import add_document, note_failure, remove_document
from analyzer.workspace.reviews import (
    Review,
    add_review,
    apply_reviews,
    drop_review,
    take_reviews,
)
from analyzer.workspace.rows import (
    digest_text,
    pack_vectors,
    read_sentences,
    unpack_document,
    write_analysis,
)
from analyzer.workspace.runs import find_waiting, note_run
from analyzer.workspace.vectors import wants_index, write_index

PATIENCE = 2.0  # seconds that a writer waits for another one; a review takes milliseconds
Progress = Callable[[int, int, str], None]  # documents done, documents in all, the name of the next


@dataclass(frozen=True, slots=True)
class Added:
    """What became of the inputs of one `add`."""

    new: int
    known: int  # inputs whose text was stored already
    alike: int  # of the new ones, those that tell a story that another document tells, too
    failed: int


class Workspace(Contents):
    """A corpus in a folder; in memory where there is none."""

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
            self._refresh_index()
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
            self._refresh_index()
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

    def reindex(self, progress: Progress | None = None) -> int:
        """Build the index of all sentences anew; return how many it holds.

        Sentences whose vectors are of an encoder that this version no longer has are read by the shipped one before.
        """
        if self.folder is None:
            return 0
        with self._writing():
            if self.encoder_name in EARLIER_ENCODERS:
                self._encode_anew(progress)
            return write_index(self.connection, self.folder)

    # Inside

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with hold_lock(self.folder, PATIENCE), explain_errors(self.folder):
            yield

    def _refresh_index(self) -> None:
        if self.folder and wants_index(self.connection):
            write_index(self.connection, self.folder)

    def _encode_anew(self, progress: Progress | None) -> None:
        """Give all sentences vectors of the shipped encoder, which the workspace names once all have them."""
        ask, encoder = self.connection.execute, self._encoder or load_encoder()
        with transaction(self.connection):
            ask("DELETE FROM settings WHERE name = 'index'")
        documents = ask("SELECT id, name FROM documents ORDER BY id").fetchall()
        for done, (document, name) in enumerate(documents):
            if progress:
                progress(done, len(documents), name)
            rows = ask("SELECT id, text FROM sentences WHERE document = ? ORDER BY number", (document,)).fetchall()
            vectors = pack_vectors(encoder.encode_document([text for _, text in rows])) if rows else []
            with transaction(self.connection):
                self.connection.executemany(
                    "UPDATE sentences SET vector = ? WHERE id = ?",
                    [(vector, id) for vector, (id, _) in zip(vectors, rows, strict=True)],
                )
        with transaction(self.connection):
            ask("UPDATE settings SET value = ? WHERE name = 'encoder'", (DEFAULT_ENCODER,))
        self.encoder_name = DEFAULT_ENCODER

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
