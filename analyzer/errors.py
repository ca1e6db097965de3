"""What can go wrong, as one tree; the command line turns each into one line and exit status 2.

    AnalyzerError
    ├── InputError      a path or file that cannot be read as an article
    ├── PlanError       a plan file that breaks the form, or a plan that does not exist
    ├── ModelError      weights that are damaged, missing, or do not fit each other
    ├── ReportError     a saved report that cannot be loaded
    ├── QueryError      a search that cannot be understood
    ├── WorkspaceError  a workspace that is missing, damaged, in use, or cannot be written
    └── OutputError     a result that cannot be written

A message says what happened, to what, and what to do. Errors of foreign libraries are translated where they are called.
"""

from __future__ import annotations


class AnalyzerError(Exception):
    """Base of every error that this package raises on purpose."""


class InputError(AnalyzerError):
    """An article, corpus or folder that cannot be read."""


class PlanError(AnalyzerError):
    """A plan that is unknown, or a plan file that breaks the form."""


class ModelError(AnalyzerError):
    """Model files that are missing, damaged or of another version."""


class ReportError(AnalyzerError):
    """A saved report that cannot be loaded."""


class QueryError(AnalyzerError):
    """A search whose filters or operators cannot be understood."""


class WorkspaceError(AnalyzerError):
    """A workspace that is missing, damaged, in use by another process, or cannot be written."""


class OutputError(AnalyzerError):
    """A result that cannot be written where it was asked for."""
