"""Searches that were given a name: kept in the workspace's settings, for everybody who opens it.

What a search consists of is text to this module; whoever saves it reads it again.
"""

from __future__ import annotations

from analyzer.errors import WorkspaceError
from analyzer.workspace.corpus import Workspace
from analyzer.workspace.database import explain_errors, transaction

PREFIX = "search:"  # of the names in the table of settings


def list_searches(workspace: Workspace) -> dict[str, str]:
    """Return the saved searches by name, in the order of names."""
    with explain_errors(workspace.folder):
        sql = "SELECT substr(name, ?), value FROM settings WHERE name GLOB ? ORDER BY name"
        return dict(workspace.connection.execute(sql, (len(PREFIX) + 1, f"{PREFIX}*")))


def save_search(workspace: Workspace, name: str, what: str) -> None:
    """Keep a search under a name; WorkspaceError if there is one of that name, or nothing can be written."""
    with explain_errors(workspace.folder), transaction(workspace.connection):
        _refuse_taken(workspace, name)
        workspace.connection.execute("INSERT INTO settings VALUES (?, ?)", (PREFIX + name, what))


def rename_search(workspace: Workspace, old: str, new: str) -> None:
    """Give a search another name; WorkspaceError if that is taken, or the search is gone."""
    with explain_errors(workspace.folder), transaction(workspace.connection):
        _refuse_taken(workspace, new)
        sql = "UPDATE settings SET name = ? WHERE name = ?"
        if not workspace.connection.execute(sql, (PREFIX + new, PREFIX + old)).rowcount:
            raise WorkspaceError(f"{old}: no search of that name any more; somebody else renamed or deleted it")


def delete_search(workspace: Workspace, name: str) -> None:
    """Forget a search; one that is gone already stays so."""
    with explain_errors(workspace.folder), transaction(workspace.connection):
        workspace.connection.execute("DELETE FROM settings WHERE name = ?", (PREFIX + name,))


def _refuse_taken(workspace: Workspace, name: str) -> None:
    row = workspace.connection.execute("SELECT 1 FROM settings WHERE name = ?", (PREFIX + name,)).fetchone()
    if row:
        raise WorkspaceError(f"{name}: there is a search of that name; choose another, or delete that one first")
