"""Documents of a workspace: how one is stored, grouped with what tells the same, and removed."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import numpy as np

from analyzer.records import Document, Failure
from analyzer.workspace.database import now
from analyzer.workspace.rows import digest_text, pack_document
from analyzer.workspace.stories import ALIKE, Signature, cut_bands, share_runs, sign_text


def add_document(connection: sqlite3.Connection, document: Document) -> tuple[bool, bool]:
    """Store one document: whether it was new, and whether another tells the same story."""
    ask = connection.execute
    try:
        document.text.encode()
    except UnicodeEncodeError:
        source = document.source or document.name
        note_failure(connection, Failure(source, "the text holds half of a surrogate pair; repair it"))
        return False, False
    ask("DELETE FROM failures WHERE source = ? AND plan = ''", (document.source or document.name,))
    digest = digest_text(document.text)
    same = ask("SELECT id, source FROM documents WHERE digest = ?", (digest,)).fetchone()
    if same:
        if document.source != same[1]:
            day = document.date.isoformat() if document.date else None
            ask(
                "INSERT OR IGNORE INTO copies (document, source, outlet, date) VALUES (?,?,?,?)",
                (same[0], document.source, document.outlet, day),
            )
        return False, False
    if document.source:
        for (old,) in ask("SELECT id FROM documents WHERE source = ?", (document.source,)).fetchall():
            remove_document(connection, old)
    signature = sign_text(document.text)
    bands = cut_bands(signature)
    story = _find_story(connection, signature, bands)
    cursor = ask(
        "INSERT INTO documents (digest, name, source, title, date, outlet, text, record, story, signature, added) "
        "VALUES (?,?,?,?,?,?,?,?,?,?,?)",
        (
            digest,
            _free_name(connection, document.name),
            document.source,
            document.title,
            document.date.isoformat() if document.date else None,
            document.outlet,
            document.text,
            pack_document(document),
            story or 0,
            signature.tobytes(),
            now(),
        ),
    )
    id = cursor.lastrowid
    if not story:
        ask("UPDATE documents SET story = id WHERE id = ?", (id,))
    connection.executemany("INSERT INTO bands VALUES (?, ?)", [(band, id) for band in bands])
    return True, bool(story)


def _find_story(connection: sqlite3.Connection, signature: Signature, bands: Sequence[bytes]) -> int | None:
    near = connection.execute(
        f"SELECT DISTINCT d.story, d.signature FROM bands b JOIN documents d ON d.id = b.document "
        f"WHERE b.band IN ({','.join('?' * len(bands))}) ORDER BY d.id",
        bands,
    )
    best = max(
        ((share_runs(signature, np.frombuffer(other, np.uint32)), -story) for story, other in near), default=None
    )
    return -best[1] if best and best[0] >= ALIKE else None


def _free_name(connection: sqlite3.Connection, name: str) -> str:
    ask = connection.execute
    free, n = name, 1
    while ask("SELECT 1 FROM documents WHERE name = ?", (free,)).fetchone():
        n += 1
        free = f"{name} ({n})"
    return free


def remove_document(connection: sqlite3.Connection, id: int) -> None:
    """Remove a document with all that was read in it; the rest of its story stays together."""
    ask = connection.execute
    ask("DELETE FROM documents WHERE id = ?", (id,))
    heir = ask("SELECT min(id) FROM documents WHERE story = ?", (id,)).fetchone()[0]
    if heir:
        ask("UPDATE documents SET story = ? WHERE story = ?", (heir, id))


def note_failure(connection: sqlite3.Connection, failure: Failure, plan_id: str = "", run: int | None = None) -> None:
    """Note what could not be read: an input, or with a plan and a run a document on which a reading broke off."""
    connection.execute(
        "INSERT OR REPLACE INTO failures VALUES (?,?,?,?)",
        (failure.source.encode("utf-8", "replace").decode(), plan_id, failure.message, run),
    )
