"""Flat tables for other programs: one position a line, as JSONL or CSV.

Documents without positions, and inputs that failed, have no line here: an empty table is not a list of omissions.
The other formats carry them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import msgspec

from analyzer.errors import OutputError
from analyzer.records import Document, Plan, Position, Report

# Excel reads a CSV without a byte order mark in the local code page and garbles names; csv, pandas and R skip the mark
# when told "utf-8-sig", and pandas does so by itself.
BYTE_ORDER_MARK = "\ufeff"

# A spreadsheet runs a cell that begins with one of these as a formula; so does one that first trims white space.
FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")

COLUMNS = (
    "doc",
    "source",
    "plan",
    "sentence",
    "start",
    "end",
    "page",
    "text",
    "speaker",
    "speaker_kind",
    "resolution",
    "speech",
    "cue",
    "when",
    "said_on",
    "document_date",
    "target",
    "target_title",
    "stance",
    "confidence",
    "evidence_start",
    "evidence_end",
    "evidence_text",
    "candidates",
    "reviewed",
    "verdict",
)

# Legal inside a JSON string, and yet line ends for str.splitlines and many editors.
_LINE_ENDS = {ord(mark): f"\\u{ord(mark):04x}" for mark in "\x85\u2028\u2029"}


def report_to_jsonl(report: Report) -> str:
    """Return one JSON object a line for each position, in the order of documents and text.

    `speaker` is "author" for the writer and null where nobody could be identified. Offsets are half-open character
    ranges into the document's text, for a .txt file into the decoded file.

    Raises OutputError if a text holds half of a surrogate pair.
    """
    lines = []
    for document, position in _positions(report):
        speaker = position.speaker
        row = {
            "doc": position.document,
            "source": document.source,
            "plan": report.plan.id,
            "sentence": position.sentence,
            "start": position.span.start,
            "end": position.span.end,
            "page": position.page,
            "text": position.text,
            "speaker": speaker.name if speaker else None,
            "speaker_kind": speaker.kind if speaker else None,
            "resolution": speaker.resolution if speaker else None,
            "speech": position.speech,
            "cue": position.cue,
            "when": position.when,
            "said_on": position.said_on,
            "document_date": document.date,
            "target": position.target,
            "target_title": report.plan.target(position.target).title,
            "stance": position.stance,
            "confidence": position.confidence,
            "evidence": {
                "start": position.evidence.start,
                "end": position.evidence.end,
                "text": position.evidence_text,
            },
            "candidates": [
                {"target": c.target, "chance": c.chance, "similarity": c.similarity, "wording": c.wording}
                for c in position.candidates
            ],
            "reviewed": "yes" if position.reviewed else "no",
            "verdict": position.reviewed,
        }
        try:
            line = msgspec.json.encode(row).decode("utf-8")
        except UnicodeEncodeError as error:
            raise OutputError(
                f"{position.document}: its text holds half of a surrogate pair, which JSON cannot carry; repair it"
            ) from error
        lines.append(line.translate(_LINE_ENDS) + "\n")
    return "".join(lines)


def report_to_csv(report: Report) -> str:
    """Return the same table as CSV (RFC 4180) with a header and a byte order mark; unknown cells are empty.

    Candidates stand in one cell as “10 0.953; 2 0.071”. A cell that a spreadsheet would run as a formula gets a leading
    apostrophe, so that texts may differ by this one character from those in JSON.
    """
    out = io.StringIO(newline="")
    out.write(BYTE_ORDER_MARK)
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for document, position in _positions(report):
        writer.writerow([safe_cell(cell) for cell in _cells(document, position, report.plan)])
    return out.getvalue()


def _cells(document: Document, position: Position, plan: Plan) -> tuple[str | int | float | None, ...]:
    speaker = position.speaker
    return (
        position.document,
        document.source,
        plan.id,
        position.sentence,
        position.span.start,
        position.span.end,
        position.page,
        position.text,
        speaker.name if speaker else None,
        speaker.kind.value if speaker else None,
        speaker.resolution if speaker else None,
        position.speech.value,
        position.cue,
        position.when,
        position.said_on.isoformat() if position.said_on else None,
        document.date.isoformat() if document.date else None,
        position.target,
        plan.target(position.target).title,
        position.stance.value,
        position.confidence,
        position.evidence.start,
        position.evidence.end,
        position.evidence_text,
        "; ".join(f"{c.target} {c.similarity if c.chance is None else c.chance:.3f}" for c in position.candidates),
        "yes" if position.reviewed else "no",
        position.reviewed.value if position.reviewed else None,
    )


def safe_cell(cell: str | int | float | None) -> str | int | float | None:
    if isinstance(cell, str) and (cell.lstrip().startswith(FORMULA_STARTS) or cell.startswith(("\t", "\r", "\n"))):
        return f"'{cell}"
    return cell


def _positions(report: Report) -> Iterator[tuple[Document, Position]]:
    for analysis in report.analyses:
        for position in analysis.positions:
            yield analysis.document, position
