"""The nearest sentences of a workspace: an index file for most of them, the database for the newest.

The vectors stand in the database; the index is a copy that may be thrown away at any time. A sentence's id is never
used again and its vector never changes, so an index cannot say anything wrong: it may lack sentences that were added
later, which are compared one by one, and hold some that were removed, which are passed over.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from analyzer.encoding import Vectors
from analyzer.errors import OutputError, WorkspaceError
from analyzer.index import EXACT, RESCORED, StoredIndex, build_index
from analyzer.workspace.database import transaction
from analyzer.workspace.rows import unpack_vectors

Ids = npt.NDArray[np.int64]
LOOSE = 5000  # sentences that may lack in the index before it is built anew: comparing them takes a millisecond …
SHARE = 0.1  # … or this share of the indexed ones, so that building costs little beside reading what was added
FEW = 2000  # sentences left by a filter up to which each is read and compared; beyond, the index passes over the others
FEW_OF_MANY = 5000  # the same where the index looks into some cells only, in which few of them may lie
BLOCK = 50_000  # vectors read at a time


class SentenceVectors:
    """The vectors of a workspace's sentences, to be asked for the nearest; opened for one state of the database."""

    def __init__(self, connection: sqlite3.Connection, folder: Path | None) -> None:
        self._connection, self._folder = connection, folder
        self._through = 0  # the last sentence that the index may hold
        self._index: StoredIndex | None = None
        self._open()
        (self.loose,) = connection.execute("SELECT count(*) FROM sentences WHERE id > ?", (self._through,)).fetchone()
        if self.loose > EXACT:  # more than memory should hold, and slow
            raise WorkspaceError(f"{folder}: the search index is missing; build it with: peaceplan reindex")
        rows = connection.execute("SELECT id, vector FROM sentences WHERE id > ? ORDER BY id", (self._through,))
        ids: list[int] = []
        parts: list[Vectors] = []
        while block := rows.fetchmany(BLOCK):
            ids += [id for id, _ in block]
            parts.append(unpack_vectors([vector for _, vector in block]))
        self._ids = np.array(ids, np.int64)
        self._vectors = np.concatenate(parts) if parts else np.zeros((0, 0), np.float32)
        (self.count,) = connection.execute("SELECT count(*) FROM sentences").fetchone()
        self._gone = self.indexed - (self.count - self.loose)  # sentences in the index that were removed since

    @property
    def indexed(self) -> int:
        """The number of sentences in the index, those included that were removed since."""
        return len(self._index) if self._index else 0

    def find_nearest(self, query: Vectors, most: int, among: Ids | None) -> list[tuple[int, float]]:
        """Return up to `most` (sentence, similarity), nearest first; `among` are the sentences to choose from."""
        if among is not None and self._index and len(among) <= (FEW if self._index.exact else FEW_OF_MANY):
            return _rank(*self._fetch(among), query, most)
        found: list[tuple[int, float]] = []
        if self._index:
            found = self._index.find_nearest(query, max(most, RESCORED) + self._gone, among)
            found = self._present(found) if self._gone else found
            if not self._index.exact:
                first = np.array([id for id, _ in found[:RESCORED]], np.int64)
                found = [*_rank(*self._fetch(first), query, RESCORED), *found[RESCORED:]]
        ids, vectors = self._ids, self._vectors
        if among is not None and len(ids):
            kept = np.isin(ids, among)
            ids, vectors = ids[kept], vectors[kept]
        found += _rank(ids, vectors, query, most)
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:most]

    def of(self, sentence: int) -> Vectors | None:
        """Return the vector of one sentence, shape (dimensions,); None if there is no such sentence."""
        ids, vectors = self._fetch(np.array([sentence]))
        return vectors[0] if len(ids) else None

    def _fetch(self, ids: Ids) -> tuple[Ids, Vectors]:
        wanted = json.dumps(ids.tolist())
        rows = self._connection.execute(
            "SELECT id, vector FROM sentences WHERE id IN (SELECT value FROM json_each(?))", (wanted,)
        ).fetchall()
        if not rows:
            return np.zeros(0, np.int64), np.zeros((0, 0), np.float32)
        return np.array([id for id, _ in rows], np.int64), unpack_vectors([vector for _, vector in rows])

    def _present(self, found: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
        wanted = json.dumps([id for id, _ in found])
        rows = self._connection.execute(
            "SELECT id FROM sentences WHERE id IN (SELECT value FROM json_each(?))", (wanted,)
        )
        there = {id for (id,) in rows}
        return [pair for pair in found if pair[0] in there]

    def _open(self) -> None:
        entry = _read_entry(self._connection)
        if not entry or self._folder is None:
            return
        path = self._folder / entry["file"]
        try:
            self._index = StoredIndex(path, entry["probes"])
        except FileNotFoundError:
            return  # every sentence is compared; slower, never wrong
        except (RuntimeError, OSError) as error:
            raise WorkspaceError(f"{path}: damaged; build it anew with: peaceplan reindex") from error
        if len(self._index) != entry["count"]:
            raise WorkspaceError(f"{path}: not the index of this workspace; build it anew with: peaceplan reindex")
        self._through = entry["through"]


def wants_index(connection: sqlite3.Connection) -> bool:
    """True if so much was added or removed since the index was built that it should be built anew."""
    entry = _read_entry(connection) or {"through": 0, "count": 0}
    (fresh,) = connection.execute("SELECT count(*) FROM sentences WHERE id > ?", (entry["through"],)).fetchone()
    if fresh > max(LOOSE, SHARE * entry["count"]):
        return True
    (all_kept,) = connection.execute("SELECT count(*) FROM sentences").fetchone()
    return bool(entry["count"] - (all_kept - fresh) > max(LOOSE, SHARE * entry["count"]))


def write_index(connection: sqlite3.Connection, folder: Path) -> int:
    """Build the index of all sentences beside the database; return how many it holds.

    The database names the file that counts, so that an index is either complete or not there.
    """
    ids, vectors = _read_all(connection)
    entry = {}
    if len(ids):
        path = folder / f"sentences-{secrets.token_hex(4)}.faiss"
        try:
            probes = build_index(path, ids, vectors)
        except (RuntimeError, OSError) as error:
            path.unlink(missing_ok=True)
            raise OutputError(f"{path}: the index cannot be written ({error}); see that the disk has room") from error
        entry = {"file": path.name, "through": int(ids[-1]), "count": len(ids), "probes": probes}
    with transaction(connection):
        connection.execute("DELETE FROM settings WHERE name = 'index'")
        if entry:
            connection.execute("INSERT INTO settings VALUES ('index', ?)", (json.dumps(entry),))
    for path in folder.glob("sentences-*.faiss"):  # the old one, and what a process that died had begun
        if path.name != entry.get("file"):
            with suppress(OSError):
                path.unlink()
    return len(ids)


def _read_entry(connection: sqlite3.Connection) -> dict[str, Any] | None:
    """What the database says of its index: file, last sentence, number of sentences, cells to look into."""
    row = connection.execute("SELECT value FROM settings WHERE name = 'index'").fetchone()
    return json.loads(row[0]) if row else None


def _read_all(connection: sqlite3.Connection) -> tuple[Ids, npt.NDArray[np.float16]]:
    (count,) = connection.execute("SELECT count(*) FROM sentences").fetchone()
    ids, vectors = np.zeros(count, np.int64), np.zeros((0, 0), np.float16)
    rows = connection.execute("SELECT id, vector FROM sentences ORDER BY id")
    done = 0
    while block := rows.fetchmany(BLOCK):
        part = np.frombuffer(b"".join(v for _, v in block), np.float16).reshape(len(block), -1)
        if not done:
            vectors = np.zeros((count, part.shape[1]), np.float16)
        ids[done : done + len(block)] = [id for id, _ in block]
        vectors[done : done + len(block)] = part
        done += len(block)
    return ids, vectors


def _rank(ids: Ids, vectors: Vectors, query: Vectors, most: int) -> list[tuple[int, float]]:
    if not len(ids):
        return []
    similarities = vectors @ query
    order = np.lexsort((ids, -similarities))[:most]
    return [(int(ids[i]), float(similarities[i])) for i in order]
