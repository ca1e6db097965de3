"""The numbers behind tables and charts: plain rows, made of the views of report.py.

A cell's net is (pro − contra) / (pro + contra), from -1 to 1; 0 where a target is only mentioned, or evenly contested.
Pro is to endorse a point and to reject a gap; contra is to criticise a point and to raise a gap.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from analyzer.dashboard.filters import list_holders, name_holder
from analyzer.export.wording import document_title, name_target
from analyzer.records import Report, Stance, Status, TargetKind
from analyzer.report import CorpusTarget, Finding
from analyzer.trends import Timeline

Row = dict[str, Any]
SIDES = {  # for the plan and its points, for gaps: pro, contra
    TargetKind.PLAN: (Stance.ENDORSES, Stance.CRITICISES),
    TargetKind.POINT: (Stance.ENDORSES, Stance.CRITICISES),
    TargetKind.GAP: (Stance.REJECTS, Stance.RAISES),
}


def list_findings(report: Report) -> tuple[Finding, ...]:
    """Return every position with its place, in the order of documents and text."""
    return tuple(
        Finding(document, index, position)
        for document, analysis in enumerate(report.analyses)
        for index, position in enumerate(analysis.positions)
    )


def matrix_rows(report: Report, *, gaps: bool, most: int) -> list[Row]:
    """One row for each speaker and target with a position, for the `most` speakers with most positions."""
    targets = {t.id: t for t in report.plan.targets if (t.kind is TargetKind.GAP) == gaps}
    cells: dict[tuple[str, str], list[Stance]] = {}
    for analysis in report.analyses:
        for position in analysis.positions:
            if position.target in targets:
                cells.setdefault((name_holder(position), position.target), []).append(position.stance)
    held = {speaker for speaker, _ in cells}
    shown = {name: row for row, name in enumerate([n for n in list_holders(report) if n in held][:most])}
    rows = []
    for (speaker, target_id), taken in cells.items():
        if speaker in shown:
            target, stances = targets[target_id], Counter(taken)
            pro, contra = (stances[stance] for stance in SIDES[target.kind])
            rows.append(
                {
                    "speaker": speaker,
                    "target": name_target(target),
                    "net": (pro - contra) / (pro + contra) if pro + contra else 0.0,
                    "positions": stances.total(),
                    "label": f"{stances.total()}±" if pro and contra else str(stances.total()),
                    "row": shown[speaker],
                }
                | {stance.value: stances[stance] for stance in Stance}
            )
    return sorted(rows, key=lambda row: row["row"])


def coverage_rows(corpus: Iterable[CorpusTarget]) -> list[Row]:
    """One row for each point and status: how many documents."""
    return [
        {"target": name_target(row.view.target), "status": status.value, "documents": len(documents)}
        for row in corpus
        if row.view.target.kind is TargetKind.POINT
        for status, documents in row.documents
    ]


def timeline_rows(timeline: Timeline) -> list[Row]:
    """One row for each period and stance with a position: first and last day, stance and how many."""
    return [
        {
            "from": day.isoformat(),
            "to": timeline.period.end(day).isoformat(),
            "stance": stance.value,
            "positions": count,
        }
        for day, stance, count in timeline.counts
    ]


def document_rows(report: Report) -> list[Row]:
    """One row for each document."""
    return [
        {
            "document": analysis.document.name,
            "title": document_title(analysis),
            "date": analysis.document.date,
            "outlet": analysis.document.outlet,
            "positions": len(analysis.positions),
            "speakers": len(analysis.speakers),
            "points omitted": len(analysis.coverage.omitted) if analysis.coverage.assessed else None,
            "gaps raised": len(analysis.coverage.missed) if analysis.coverage.assessed else None,
        }
        for analysis in report.analyses
    ]


def find_cell(report: Report, speaker: str | None, target: str | None) -> tuple[Finding, ...]:
    """Return the positions of a speaker on a target (its id), surest first; None stands for all."""
    found = (
        f
        for f in list_findings(report)
        if (speaker is None or name_holder(f.position) == speaker) and (target is None or f.position.target == target)
    )
    return rank_findings(found)


def rank_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings by falling confidence; equals stay in the order of documents and text."""
    return tuple(sorted(findings, key=lambda finding: -finding.position.confidence))


def holders_of(row: CorpusTarget, stance: Stance) -> tuple[str, ...]:
    """Return who takes the stance on a target, in order of appearance."""
    found = (name_holder(f.position) for f in row.view.findings if f.position.stance is stance)
    return tuple(dict.fromkeys(found))


def documents_of(row: CorpusTarget, status: Status) -> tuple[int, ...]:
    """Return the documents that give the target this status, as indices into Report.analyses."""
    return dict(row.documents).get(status, ())
