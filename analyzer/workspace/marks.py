"""Marks: what tells one state of a workspace from the next, and a look at the whole of one state.

What was made from a workspace is kept with its mark, and made anew when the mark differs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from analyzer.workspace.contents import ALIASES
from analyzer.workspace.corpus import Workspace
from analyzer.workspace.database import explain_errors


class Mark(NamedTuple):
    """Of one state: what was stored and read, the newest review, and the file of aliases."""

    counts: tuple[int, ...]
    revision: int
    aliases: int  # when it was last written, in nanoseconds; 0 where there is none


# Ids of runs and documents are never used again; the sum of runs moves when a document is read anew, the revision when
# one is reviewed.
_COUNTS = """
SELECT (SELECT coalesce(max(id), 0) FROM runs), (SELECT count(ended) FROM runs),
       (SELECT count(*) FROM readings), (SELECT coalesce(sum(run), 0) FROM readings),
       (SELECT count(*) FROM documents), (SELECT coalesce(max(id), 0) FROM documents), (SELECT count(*) FROM failures),
       (SELECT coalesce(max(revision), 0) FROM readings)
"""


@contextmanager
def open_state(folder: str | Path) -> Iterator[Workspace]:
    """Open a workspace for reading as it is now: what others write in the meantime is not seen, not even half of it.

    Raises WorkspaceError if there is none, or it is damaged or of a newer version.
    """
    with Workspace(folder) as workspace, explain_errors(workspace.folder):
        workspace.connection.execute("BEGIN")
        yield workspace


def read_mark(workspace: Workspace) -> Mark:
    """Return what changes whenever something that a report shows is added, read anew, removed, reviewed or renamed."""
    with explain_errors(workspace.folder):
        *counts, revision = workspace.connection.execute(_COUNTS).fetchone()
    changed = 0
    if workspace.folder:
        with suppress(OSError):
            changed = (workspace.folder / ALIASES).stat().st_mtime_ns
    return Mark(tuple(counts), revision, changed)


def differ_by_reviews(one: Mark, other: Mark) -> bool:
    """True if nothing was done to a workspace between two marks but reviews and their undoing."""
    return one != other and one._replace(revision=other.revision) == other


def list_reviewed(workspace: Workspace, plan_id: str, since: Mark) -> list[str]:
    """Return the documents whose positions on a plan were reviewed since a mark, after which nothing else was done."""
    with explain_errors(workspace.folder):
        sql = "SELECT d.name FROM readings r JOIN documents d ON d.id = r.document WHERE r.plan = ? AND r.revision > ?"
        return [name for (name,) in workspace.connection.execute(sql, (plan_id, since.revision))]


def list_read(workspace: Workspace, plan_id: str) -> frozenset[str]:
    """Return the checksums (rows.digest_text) of the texts that were read against a plan."""
    with explain_errors(workspace.folder):
        sql = "SELECT d.digest FROM readings r JOIN documents d ON d.id = r.document WHERE r.plan = ?"
        return frozenset(digest for (digest,) in workspace.connection.execute(sql, (plan_id,)))
