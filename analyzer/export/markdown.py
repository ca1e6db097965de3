"""A report as a Markdown summary to read, paste or keep under version control."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzer.export.wording import (
    CAVEAT,
    CONFIDENCE,
    OMISSION,
    count_of,
    describe_gap_in_reading,
    describe_making,
    describe_origin,
    describe_plan,
    document_title,
    join_names,
    name_target,
    one_line,
    quote,
    short_target,
)
from analyzer.records import Report, Stance, Status, TargetKind
from analyzer.report import STATUSES, TOUCHED, Finding, TargetView, view_corpus, view_speakers, view_targets

QUOTE_LENGTH = 200  # characters; about two lines of a page
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$!])")


def report_to_markdown(report: Report) -> str:
    """Return the summary: for several documents an overview, then each document, failures, how it was made."""
    lines = [f"# Positions on {escape(describe_plan(report.plan))}", ""]
    lines += [f"{count_of(len(report.analyses), 'document')} read. {CAVEAT}", ""]
    if len(report.analyses) > 1:
        lines += _overview(report)
    for document in range(len(report.analyses)):
        lines += _document(report, document)
    if report.failures:
        lines += ["## Not analysed", ""]
        lines += [f"- {escape(failure.source)}: {escape(failure.message)}" for failure in report.failures]
        lines += [""]
    lines += ["## How this was made", "", escape(describe_making(report)), "", CONFIDENCE, "", OMISSION]
    return "\n".join(lines) + "\n"


def escape(text: str) -> str:
    """Return text as one line that Markdown shows as it is: no markup, no HTML, no table cell, no link begins in it."""
    escaped = _SPECIAL.sub(r"\\\1", one_line(text)).replace("&", "&amp;")
    return re.sub(r"^(\d+)([.)])|^([-+=])", lambda m: f"{m[1]}\\{m[2]}" if m[1] else f"\\{m[3]}", escaped)


def _overview(report: Report) -> Iterator[str]:
    yield from ("## All documents", "", "Number of documents that give each target a status.", "")
    yield "| Target | " + " | ".join(status.value.capitalize() for status in Status) + " |"
    yield "| --- |" + " --- |" * len(Status)
    for row in view_corpus(report):
        possible = STATUSES[row.view.target.kind]
        cells = [str(row.count(status)) if status in possible else "–" for status in Status]
        yield f"| {_target_cell(row.view)} | " + " | ".join(cells) + " |"
    yield ""


def _document(report: Report, document: int) -> Iterator[str]:
    analysis = report.analyses[document]
    targets = view_targets(report, document)
    yield from (f"## {escape(document_title(analysis))}", "")
    if origin := describe_origin(analysis):
        yield from (escape(origin), "")
    if not analysis.coverage.assessed:
        yield from (f"**{escape(describe_gap_in_reading(analysis.coverage))}**", "")
    yield from _points(targets)
    omitted = [view for view in targets if view.target.id in analysis.coverage.omitted]
    if omitted:
        names = "; ".join(f"{view.target.id} {escape(view.target.title)}" for view in omitted)
        yield from (f"**Omitted points ({len(omitted)}):** {names}", "")
    yield from _gaps(targets)
    yield from _speakers(report, document)
    notices = (*analysis.document.notices, *analysis.notices)
    if notices:
        yield from ("### Notices", "")
        yield from (f"- {escape(n.message)}{f' (page {n.page})' if n.page else ''}" for n in notices)
        yield ""


def _points(targets: tuple[TargetView, ...]) -> Iterator[str]:
    touched = [v for v in targets if v.target.kind is not TargetKind.GAP and v.status in TOUCHED]
    if not touched:
        return
    yield from ("### Points, as the document reports them", "")
    yield "| Point | Status | Endorses | Criticises | Mentions | Best quotation |"
    yield "| --- |" + " --- |" * 5
    for view in touched:
        sides = " | ".join(
            escape(join_names(view.speakers(stance))) or "–"
            for stance in (Stance.ENDORSES, Stance.CRITICISES, Stance.MENTIONS)
        )
        yield f"| {_target_cell(view)} | {view.status} | {sides} | {_quoted(view.best)} |"
    yield ""


def _gaps(targets: tuple[TargetView, ...]) -> Iterator[str]:
    touched = [v for v in targets if v.target.kind is TargetKind.GAP and v.status in TOUCHED]
    if not touched:
        return
    yield from ("### Gaps of the plan", "")
    for view in touched:
        yield f"- **{escape(view.target.title)}**"
        for stance, words in ((Stance.RAISES, "raised by"), (Stance.REJECTS, "rejected by")):
            if names := view.speakers(stance):
                yield f"  - {words} {escape(join_names(names))}: {_quoted(view.best_of(stance))}"
    yield ""


def _speakers(report: Report, document: int) -> Iterator[str]:
    speakers = view_speakers(report, document)
    if not speakers:
        return
    yield from ("### Speakers", "")
    yield "| Speaker | " + " | ".join(stance.value.capitalize() for stance in Stance) + " |"
    yield "| --- |" + " --- |" * len(Stance)
    for view in speakers:
        cells = [escape(", ".join(map(short_target, view.targets(stance)))) or "–" for stance in Stance]
        yield f"| {escape(view.name)} | " + " | ".join(cells) + " |"
    yield ""


def _target_cell(view: TargetView) -> str:
    gap = "Gap: " if view.target.kind is TargetKind.GAP else ""
    return f"{gap}{escape(name_target(view.target))}"


def _quoted(finding: Finding | None) -> str:
    if finding is None:
        return "–"
    position = finding.position
    said = f"“{escape(quote(position, QUOTE_LENGTH))}” ({escape(finding.speaker)}, {position.confidence:.2f})"
    return f"{said}, page {position.page}" if position.page else said
