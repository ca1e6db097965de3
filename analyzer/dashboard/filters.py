"""Filters: which positions are left in view, and the report that remains.

The remaining report is measured anew, so that every status and count follows from the positions in view.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace

from analyzer.coverage import measure_coverage, measure_speakers
from analyzer.export.wording import name_author as name_author
from analyzer.export.wording import name_holder as name_holder
from analyzer.records import Analysis, Document, Plan, Position, Report
from analyzer.report import UNKNOWN_NAME

FILTERED_OUT = "no position passes the filters"


@dataclass(frozen=True, slots=True)
class Filters:
    """What to show; an empty tuple stands for all."""

    speakers: tuple[str, ...] = ()  # as name_holder names them
    documents: tuple[str, ...] = ()
    least: float = 0.0  # confidence
    outlets: tuple[str, ...] = ()
    after: datetime.date | None = None  # days of documents, both included; who has no date is out of either
    before: datetime.date | None = None
    unreviewed: bool = False  # only what no person has looked at

    @property
    def limit_documents(self) -> bool:
        """True if not every document is in view."""
        return bool(self.documents or self.outlets or self.after or self.before)

    def admits(self, document: Document) -> bool:
        """True if the document is in view."""
        day = document.date
        return (
            (not self.documents or document.name in self.documents)
            and (not self.outlets or document.outlet in self.outlets)
            and (self.after is None or (day is not None and day >= self.after))
            and (self.before is None or (day is not None and day <= self.before))
        )

    def passes(self, position: Position) -> bool:
        """True if the position's speaker and confidence are in view; its document is not looked at.

        What a person confirmed or corrected passes whatever the confidence, which is the judge's.
        """
        sure = not self.unreviewed if position.reviewed is not None else position.confidence >= self.least
        return sure and (not self.speakers or name_holder(position) in self.speakers)


def narrow_report(report: Report, filters: Filters) -> Report:
    """Return the report with the documents and positions that pass, and the coverages that follow from them.

    A document whose positions all fail the filters is not assessed: no omission is claimed for what is out of view.
    """
    if filters == Filters():
        return report
    kept = [a for a in report.analyses if filters.admits(a.document)]
    return replace(report, analyses=tuple(_narrow(analysis, report.plan, filters) for analysis in kept))


def _narrow(analysis: Analysis, plan: Plan, filters: Filters) -> Analysis:
    positions = tuple(p for p in analysis.positions if filters.passes(p))
    if len(positions) == len(analysis.positions):
        return analysis
    coverage = measure_coverage(analysis.document.name, positions, plan, len(analysis.statements), FILTERED_OUT)
    return replace(analysis, positions=positions, coverage=coverage, speakers=measure_speakers(positions, plan))


def list_holders(report: Report) -> tuple[str, ...]:
    """Return everybody who holds a position, most positions first; the unidentified come last."""
    counts: dict[str, int] = {}
    for analysis in report.analyses:
        for position in analysis.positions:
            counts[name_holder(position)] = counts.get(name_holder(position), 0) + 1
    return tuple(sorted(counts, key=lambda name: (name == UNKNOWN_NAME, -counts[name])))
