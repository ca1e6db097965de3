"""Report → table, JSON (lossless), JSONL, CSV, Markdown, HTML: pure renderings, and one place that writes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from analyzer.export.files import check_writable, write_text_atomically
from analyzer.export.html import report_to_html
from analyzer.export.lossless import load_report, report_from_json, report_to_json
from analyzer.export.markdown import report_to_markdown
from analyzer.export.tables import report_to_csv, report_to_jsonl
from analyzer.export.terminal import print_report, report_to_table
from analyzer.records import Report

__all__ = [
    "FORMATS",
    "check_writable",
    "load_report",
    "render_report",
    "report_from_json",
    "write_report",
    "write_text_atomically",
]

_RENDERERS: dict[str, Callable[[Report], str]] = {
    "table": report_to_table,
    "json": report_to_json,
    "jsonl": report_to_jsonl,
    "csv": report_to_csv,
    "md": report_to_markdown,
    "html": report_to_html,
}
FORMATS = tuple(_RENDERERS)


def render_report(report: Report, format: str) -> str:
    """Return the report in one of FORMATS, without colour.

    Raises ValueError for another format, OutputError if a text cannot be encoded.
    """
    if format not in _RENDERERS:
        raise ValueError(f"unknown format {format!r}; there are {', '.join(FORMATS)}")
    return _RENDERERS[format](report)


def write_report(report: Report, format: str, out: Path | None = None) -> None:
    """Write the report to the file `out`, complete or not at all, or to standard output if `out` is None.

    A table on a terminal takes its width and colours; everything else is UTF-8, whatever the terminal's encoding.

    Raises ValueError for an unknown format, OutputError if the result cannot be encoded or written.
    """
    if out is not None:
        write_text_atomically(out, render_report(report, format))
    elif format == "table" and sys.stdout.isatty() and (sys.stdout.encoding or "").lower().startswith("utf"):
        from rich.console import Console

        print_report(report, Console(file=sys.stdout))
    else:
        print_text(render_report(report, format), exact=format != "table")


def print_text(text: str, exact: bool) -> None:
    """Write to standard output; `exact` means UTF-8 with the line ends as they are, for other programs to read."""
    encoding = "utf-8" if exact else sys.stdout.encoding or "utf-8"
    data = text.encode(encoding, "strict" if exact else "replace")
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:  # a stream of text that something put in its place
        sys.stdout.write(text)
        return
    sys.stdout.flush()
    buffer.write(data)
    buffer.flush()
