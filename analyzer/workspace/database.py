"""The database file: how it is opened, who may write, and what its errors mean.

One SQLite file in WAL mode: readers see the last finished transaction and never wait. A lock file keeps a second
writer out; the system takes it back from a process that dies.
"""

from __future__ import annotations

import datetime
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from analyzer.errors import WorkspaceError
from analyzer.workspace.schema import STEPS, check_version, prepare

DATABASE, LOCK = "peaceplan.db", "peaceplan.lock"
CACHE = 65_536  # KiB of the file that are kept in memory; a search touches some thousand pages
WAIT = 10.0  # seconds for another process to end a transaction; each takes milliseconds


def open_database(folder: Path | None, *, create: bool = False) -> sqlite3.Connection:
    """Open the database of a workspace, in memory where there is no folder.

    Raises WorkspaceError if it is missing, damaged, of another kind, or cannot be opened.
    """
    if folder is None:
        connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA foreign_keys = ON")
        prepare(connection, "memory")
        return connection
    path = folder / DATABASE
    if not create and not path.is_file():
        raise WorkspaceError(
            f"{folder}: not a workspace (no {DATABASE} in it); start one with: peaceplan init {folder}"
        )
    with explain_errors(folder):
        writable = os.access(folder, os.W_OK) and (not path.exists() or os.access(path, os.W_OK))
        # On a medium that cannot be written, nobody else writes either.
        how = "rwc" if create else "rw" if writable else "ro&immutable=1"
        uri = f"file:{quote(str(path.resolve()))}?mode={how}"
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=WAIT, check_same_thread=False)
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute(f"PRAGMA cache_size = -{CACHE}")
            version = check_version(connection, str(path))  # before anything is written: it may be somebody else's
            if writable:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")  # what was reported as done outlives a power cut, too
                prepare(connection, str(path))
            elif version == 0:
                raise WorkspaceError(f"{path}: empty; start a workspace with: peaceplan init FOLDER")
            elif version < len(STEPS):
                raise WorkspaceError(
                    f"{path}: written by an older version of peaceplan, and it cannot be brought up to date where it "
                    "cannot be written; open a copy of the folder that can be"
                )
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of what is written inside, or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """One state of the database for all that is read inside, or that of the transaction that is open already."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


@contextmanager
def hold_lock(folder: Path | None, patience: float = 0.0) -> Iterator[None]:
    """Be the one writer of the workspace; WorkspaceError if another process still is after `patience` seconds."""
    if folder is None:
        yield
        return
    from filelock import FileLock, Timeout

    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=patience)
    except Timeout as error:
        raise WorkspaceError(
            f"{folder}: another process is adding to this workspace, analysing or reviewing it; "
            "wait until it has finished"
        ) from error
    except OSError as error:
        raise WorkspaceError(f"{folder}: cannot be written ({error.strerror}); change its permissions") from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def explain_errors(folder: Path | None) -> Iterator[None]:
    """Translate the database's errors into one line that says what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise _explained(folder, error) from error


def _explained(folder: Path | None, error: sqlite3.Error) -> WorkspaceError:
    path = f"{folder / DATABASE}" if folder else "the workspace in memory"
    said = str(error)
    code = getattr(error, "sqlite_errorname", "")
    if "full" in said:
        why = "the disk is full; make room and give the command again, what was reported as done is kept"
    elif code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        why = f"damaged ({said}); put back a copy of the file, or start a new workspace"
    elif code.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        why = f"cannot be written ({said}); change the permissions of the folder and its files"
    elif code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        why = "another process is writing to it; try again when it has finished"
    elif code.startswith("SQLITE_IOERR"):
        why = (
            f"the disk refused ({said}); what was reported as done is kept, see that the disk has room and is in order"
        )
    else:
        why = f"{said} ({code or type(error).__name__}); please report this"
    return WorkspaceError(f"{path}: {why}")


def now() -> str:
    """Return the time as it is written into the database, in UTC."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
