"""What the commands share on the terminal: a bar for long work, the formats of a report, what failed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    from analyzer.records import Failure

FORMATS = ("table", "json", "jsonl", "csv", "md", "html")


def make_bar(console: Console) -> Progress:
    """Return a bar that says what is done, how much of how much, and how long the rest will take."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True)


def format_of(out: Path | None) -> str:
    """The format that a file's suffix asks for."""
    if out is None:
        return "table"
    suffix = out.suffix.lower().lstrip(".")
    format = {"markdown": "md", "htm": "html", "txt": "table", "": "table"}.get(suffix, suffix)
    if format not in FORMATS:
        from analyzer.errors import OutputError

        raise OutputError(
            f"{out}: no format goes with .{suffix}; use .json, .jsonl, .csv, .md, .html or .txt, or --format"
        )
    return format


def list_failures(failures: Sequence[Failure]) -> None:
    """Tell each failure on a line of its own."""
    for failure in failures:
        print(f"peaceplan: {failure.source}: {failure.message}", file=sys.stderr)
