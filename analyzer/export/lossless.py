"""JSON that gives back an equal report: every record with all of its fields, under a name for the format."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec

from analyzer.errors import OutputError, ReportError
from analyzer.records import Report
from analyzer.report import check_report

FORMAT = "peaceplan-report/1"  # the number goes up when an older program could no longer read the file


@dataclass(frozen=True, slots=True)
class _Saved:
    format: str
    report: Report


class _Head(msgspec.Struct):
    format: str


def report_to_json(report: Report) -> str:
    """Return the whole report as JSON: {"format": "peaceplan-report/1", "report": …}.

    Raises OutputError if a text holds half of a surrogate pair, which JSON in UTF-8 cannot carry.
    """
    try:
        data = msgspec.json.encode(_Saved(FORMAT, report))
    except UnicodeEncodeError as error:
        raise OutputError(
            "the report cannot be saved as JSON, a text holds half of a surrogate pair; repair the text of the input"
        ) from error
    return msgspec.json.format(data, indent=1).decode("utf-8") + "\n"


def report_from_json(text: str | bytes, source: str = "report") -> Report:
    """Return the report that report_to_json wrote; `source` names it in errors.

    Raises ReportError for what is not JSON, another kind of file, another version of the format, or a report whose
    parts do not fit each other.
    """
    try:
        head = msgspec.json.decode(text, type=_Head)
    except (msgspec.ValidationError, UnicodeDecodeError) as error:
        raise ReportError(
            f"{source}: not a saved report; one is written by `peaceplan analyze --format json`"
        ) from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise ReportError(f"{source}: damaged or not JSON ({error}); write it again") from error
    if head.format != FORMAT:
        raise ReportError(
            f"{source}: its format is {head.format!r} and this version reads {FORMAT!r}; analyse the documents again"
        )
    try:
        report = msgspec.json.decode(text, type=_Saved).report
        check_report(report)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise ReportError(f"{source}: a damaged report ({error}); analyse the documents again") from error
    return report


def load_report(path: str | Path) -> Report:
    """Return the report saved at `path` as JSON, equal to the one that was written.

    Raises ReportError if the file cannot be read or is no such report.
    """
    try:
        data = Path(path).read_bytes()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise ReportError(f"{path}: cannot be read ({why}); name a file written with --format json") from error
    return report_from_json(data, str(path))
