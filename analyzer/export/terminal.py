"""A report on the terminal: one block per document, in the width that there is, plain where colour is not wanted.

Nothing from a document is read as markup: texts become rich.text.Text, without control characters.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from analyzer.export.wording import (
    CAVEAT,
    SYMBOLS,
    describe_gap_in_reading,
    describe_making,
    describe_origin,
    describe_plan,
    document_title,
    join_names,
    name_target,
    one_line,
    quote,
)
from analyzer.records import Report, Stance, Status, TargetKind
from analyzer.report import STATUSES, TOUCHED, Finding, TargetView, view_corpus, view_targets

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

WIDE = 110  # columns from which each stance has a column of its own
PIPED_WIDTH = 100  # columns of a table that is written to a file
COLOURS = {
    Stance.ENDORSES: "blue",
    Stance.CRITICISES: "dark_orange",
    Stance.MENTIONS: "bright_black",
    Stance.RAISES: "magenta",
    Stance.REJECTS: "cyan",
}
_POINT_STANCES = (Stance.ENDORSES, Stance.CRITICISES, Stance.MENTIONS)
_GAP_STANCES = ((Stance.RAISES, "raised by"), (Stance.REJECTS, "rejected by"))


def report_to_table(report: Report, width: int = PIPED_WIDTH) -> str:
    """Return the summary as plain text without colour, `width` columns wide."""
    from rich.console import Console

    out = io.StringIO()
    print_report(report, Console(file=out, width=width, color_system=None, force_terminal=False))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def print_report(report: Report, console: Console) -> None:
    """Print the summary: for several documents an overview, then each document, then the failures."""
    console.print(_text(describe_plan(report.plan), "bold"))
    for document in range(len(report.analyses)):
        for part in _document(report, document, console.width):
            console.print(part)
    if len(report.analyses) > 1:
        console.print()
        console.print(_heading("All documents", "how many give each target which status"))
        console.print(_overview(report))
    if report.failures:
        console.print()
        console.print(_text(f"Not analysed ({len(report.failures)})", "bold red"))
        for failure in report.failures:
            console.print(_indented(f"{one_line(failure.source)}: {one_line(failure.message)}"))
    console.print()
    console.print(_text(f"{describe_making(report)} {CAVEAT}", "dim"))


def _document(report: Report, document: int, width: int) -> Iterator[RenderableType]:
    analysis = report.analyses[document]
    targets = view_targets(report, document)
    yield _text("")
    yield _heading(document_title(analysis), describe_origin(analysis))
    if not analysis.coverage.assessed:
        yield _text(describe_gap_in_reading(analysis.coverage), "bold")
    touched = [view for view in targets if view.status in TOUCHED]
    points = [view for view in touched if view.target.kind is not TargetKind.GAP]
    if points:
        yield _text("Points, as the document reports them", "bold")
        yield _point_table(points, width)
    omitted = [view.target for view in targets if view.target.id in analysis.coverage.omitted]
    if omitted:
        titles = "; ".join(name_target(target) for target in omitted)
        yield _text(f"Omitted points ({len(omitted)}): ", "bold").append(titles, "not bold")
    gaps = [view for view in touched if view.target.kind is TargetKind.GAP]
    if gaps:
        yield _text("Gaps of the plan", "bold")
        for view in gaps:
            yield from _gap(view, width)
    notices = (*analysis.document.notices, *analysis.notices)
    if notices:
        yield _text(f"Notices ({len(notices)})", "bold")
        for notice in notices:
            yield _indented(f"{one_line(notice.message)}{f' (page {notice.page})' if notice.page else ''}")


def _point_table(views: list[TargetView], width: int) -> Table:
    table = _table(leading=1)
    wide = width >= WIDE
    table.add_column("Point", ratio=4, min_width=14)
    for stance in _POINT_STANCES if wide else ():
        table.add_column(_stance_label(stance), ratio=3, min_width=12)
    if not wide:
        table.add_column("Who", ratio=5, min_width=20)
    table.add_column("Best quotation", ratio=8 if wide else 6, min_width=20)
    limit = max(60, width)
    for view in views:
        who = [_text(join_names(view.speakers(stance), 4)) for stance in _POINT_STANCES] if wide else [_stacked(view)]
        table.add_row(_text(name_target(view.target)), *who, _quotation(view.best, limit))
    return table


def _stacked(view: TargetView) -> Text:
    lines = _text("")
    for stance in _POINT_STANCES:
        if names := view.speakers(stance):
            lines.append("\n" if len(lines) else "").append_text(_stance_label(stance))
            lines.append(f" {join_names(names, 4)}")
    return lines


def _gap(view: TargetView, width: int) -> Iterator[RenderableType]:
    yield _indented(name_target(view.target))
    for stance, words in _GAP_STANCES:
        if names := view.speakers(stance):
            line = _text(f"{SYMBOLS[stance]} {words} ", COLOURS[stance]).append(f"{join_names(names, 4)}: ", "default")
            yield _indented(line.append_text(_quotation(view.best_of(stance), 2 * width)), 4)


def _overview(report: Report) -> Table:
    table = _table()
    table.add_column("Target", ratio=3)
    table.add_column("Touched", ratio=3)
    table.add_column("Omitted", justify="right")
    table.add_column("Not assessed", justify="right")
    for row in view_corpus(report):
        target = row.view.target
        touched = ", ".join(f"{status.value} {row.count(status)}" for status in TOUCHED if row.count(status))
        omitted = str(row.count(Status.OMITTED)) if Status.OMITTED in STATUSES[target.kind] else "–"
        unread = str(row.count(Status.NOT_ASSESSED))
        table.add_row(_text(name_target(target)), _text(touched or "–"), omitted, unread)
    return table


def _quotation(finding: Finding | None, limit: int) -> Text:
    if finding is None:
        return _text("–")
    position = finding.position
    text = _text(f"“{quote(position, limit)}” ", "default")
    return text.append(f"{SYMBOLS[position.stance]} {one_line(finding.speaker)}, {position.confidence:.2f}", "dim")


def _stance_label(stance: Stance) -> Text:
    return _text(f"{SYMBOLS[stance]} {stance.value}", COLOURS[stance])


def _heading(title: str, detail: str) -> RenderableType:
    from rich.console import Group
    from rich.rule import Rule

    return Group(Rule(style="dim"), _text(title, "bold"), *([_text(detail, "dim")] if detail else []))


def _table(leading: int = 0) -> Table:
    from rich import box
    from rich.table import Table

    return Table(
        box=box.SIMPLE_HEAD, expand=True, show_lines=False, pad_edge=False, header_style="bold", leading=leading
    )


def _indented(content: str | Text, columns: int = 2) -> RenderableType:
    from rich.padding import Padding

    return Padding(_text(content) if isinstance(content, str) else content, (0, 0, 0, columns))


def _text(content: str, style: str = "") -> Text:
    from rich.text import Text

    return Text(content, style=style, overflow="fold")
