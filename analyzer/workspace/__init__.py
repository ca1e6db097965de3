"""A workspace: documents, statements and positions on disk, added to over months and never lost.

    start_workspace   an empty one in a folder
    Workspace         one that is there: add, analyze, review, remove, report, status, reindex
    find_workspace    the one that a folder lies in

`schema.py` has the tables, `database.py` opens the file, `rows.py` turns records into rows, `stories.py` finds near
duplicates, `vectors.py` keeps the index, `marks.py` tells one state of a workspace from the next. `reviews.py` keeps
what a person said of positions, and `settling.py` decides what counts after it.
"""

from analyzer.workspace.corpus import (
    Added,
    Workspace,
    find_workspace,
    is_workspace,
    start_workspace,
)
from analyzer.workspace.settling import Review
from analyzer.workspace.status import PlanStatus, WorkspaceStatus

__all__ = [
    "Added",
    "PlanStatus",
    "Review",
    "Workspace",
    "WorkspaceStatus",
    "find_workspace",
    "is_workspace",
    "start_workspace",
]
