"""One report seen by target, by speaker and by document; every output is a rendering of these views.

Nothing is computed anew: statuses come from coverage.py, and a view only gathers what belongs together. The best
quotation is the position of highest confidence; where several share it, the one that stands first in the text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from analyzer.coverage import status_of_stances
from analyzer.records import (
    STANCES,
    Analysis,
    Coverage,
    Plan,
    Position,
    Report,
    SpeakerKind,
    Stance,
    Status,
    Target,
    TargetKind,
)

AUTHOR_NAME = "the author"
UNKNOWN_NAME = "speaker not identified"
# What each kind of target can be reported as. Nobody is said to omit a gap, or the plan as a whole.
STATUSES: dict[TargetKind, frozenset[Status]] = {
    TargetKind.PLAN: frozenset(Status) - {Status.RAISED, Status.REJECTED, Status.OMITTED},
    TargetKind.POINT: frozenset(Status) - {Status.RAISED, Status.REJECTED},
    TargetKind.GAP: frozenset({Status.RAISED, Status.REJECTED, Status.CONTESTED, Status.NOT_ASSESSED}),
}
TOUCHED = tuple(status for status in Status if status not in (Status.OMITTED, Status.NOT_ASSESSED))


@dataclass(frozen=True, slots=True)
class Finding:
    """A position and its place in the report."""

    document: int  # index into Report.analyses
    index: int  # index into Analysis.positions
    position: Position

    @property
    def speaker(self) -> str:
        """The name to show for the position's speaker."""
        return speaker_name(self.position)


@dataclass(frozen=True, slots=True)
class TargetView:
    """Who stands where on one target, in one document or in all of them."""

    target: Target
    status: Status
    findings: tuple[Finding, ...]  # in the order of the text

    @property
    def best(self) -> Finding | None:
        """The best quotation on the target; None where nothing touches it."""
        return best_finding(self.findings)

    def best_of(self, stance: Stance) -> Finding | None:
        """The best quotation with this stance."""
        return best_finding(f for f in self.findings if f.position.stance is stance)

    def speakers(self, stance: Stance) -> tuple[str, ...]:
        """Names of those who take this stance, in order of appearance, without repetition."""
        return tuple(dict.fromkeys(f.speaker for f in self.findings if f.position.stance is stance))


@dataclass(frozen=True, slots=True)
class SpeakerView:
    """One speaker's positions in one document."""

    name: str
    kind: SpeakerKind
    coverage: Coverage
    findings: tuple[Finding, ...]

    def targets(self, stance: Stance) -> tuple[str, ...]:
        """Ids of the targets on which the speaker takes this stance, in order of appearance."""
        return tuple(dict.fromkeys(f.position.target for f in self.findings if f.position.stance is stance))


@dataclass(frozen=True, slots=True)
class CorpusTarget:
    """One target over all documents: the findings, and which documents give it which status."""

    view: TargetView
    documents: tuple[tuple[Status, tuple[int, ...]], ...]  # statuses that occur, with indices into Report.analyses

    def count(self, *statuses: Status) -> int:
        """Number of documents that give the target one of these statuses."""
        return sum(len(indices) for status, indices in self.documents if status in statuses)


@dataclass(frozen=True, slots=True)
class CorpusSpeaker:
    """One speaker over all documents. Each document has an author of its own, so authors are never put together."""

    name: str
    documents: tuple[int, ...]  # indices into Report.analyses
    findings: tuple[Finding, ...]


def speaker_name(position: Position) -> str:
    """Return the name to show for a position's speaker: its own, “the author”, or that nobody could be identified."""
    if position.speaker is None:
        return UNKNOWN_NAME
    return AUTHOR_NAME if position.speaker.kind is SpeakerKind.AUTHOR else position.speaker.name


def best_finding(findings: Iterable[Finding]) -> Finding | None:
    """Return the finding of highest confidence, the first of equals; None if there is none."""
    return max(findings, key=lambda finding: finding.position.confidence, default=None)


def view_targets(report: Report, document: int) -> tuple[TargetView, ...]:
    """Return every target of the plan, in its order, as one document treats it."""
    analysis = report.analyses[document]
    return tuple(
        TargetView(target, analysis.coverage.status_of(target.id), _findings(document, analysis, target=target.id))
        for target in report.plan.targets
    )


def view_speakers(report: Report, document: int) -> tuple[SpeakerView, ...]:
    """Return the speakers of one document in the order of its coverages: most positions first."""
    analysis = report.analyses[document]
    views = []
    for coverage in analysis.speakers:
        own = _findings(document, analysis, speaker=coverage.holder)
        kinds = Counter(f.position.speaker.kind for f in own if f.position.speaker)
        kind = kinds.most_common(1)[0][0] if kinds else SpeakerKind.GROUP
        views.append(SpeakerView(own[0].speaker if own else coverage.holder, kind, coverage, own))
    return tuple(views)


def view_corpus(report: Report) -> tuple[CorpusTarget, ...]:
    """Return every target of the plan over all documents.

    A target that no document touches is OMITTED if at least one document was assessed, NOT_ASSESSED if none was.
    """
    assessed = any(analysis.coverage.assessed for analysis in report.analyses)
    untouched = Status.OMITTED if assessed else Status.NOT_ASSESSED
    by_status: dict[str, dict[Status, list[int]]] = {target.id: {} for target in report.plan.targets}
    for document, analysis in enumerate(report.analyses):
        for covered in analysis.coverage.targets:
            by_status[covered.target].setdefault(covered.status, []).append(document)
    findings = (f for document, analysis in enumerate(report.analyses) for f in _findings(document, analysis))
    return tuple(
        CorpusTarget(view, tuple((s, tuple(documents[s])) for s in Status if s in documents))
        for view in view_findings(findings, report.plan, untouched)
        for documents in (by_status[view.target.id],)
    )


def view_findings(findings: Iterable[Finding], plan: Plan, untouched: Status) -> tuple[TargetView, ...]:
    """Return every target of the plan with those findings that are on it; `untouched` is the status without any."""
    held: dict[str, list[Finding]] = {}
    for finding in findings:
        held.setdefault(finding.position.target, []).append(finding)
    views = []
    for target in plan.targets:
        own = tuple(held.get(target.id, ()))
        status = status_of_stances(finding.position.stance for finding in own) or untouched
        views.append(TargetView(target, status, own))
    return tuple(views)


def view_corpus_speakers(report: Report) -> tuple[CorpusSpeaker, ...]:
    """Return the named speakers over all documents, those with most positions first; authors stay out."""
    held: dict[str, list[Finding]] = {}
    for document, analysis in enumerate(report.analyses):
        for finding in _findings(document, analysis):
            speaker = finding.position.speaker
            if speaker is not None and speaker.kind is not SpeakerKind.AUTHOR:
                held.setdefault(speaker.name, []).append(finding)
    ranked = sorted(held.items(), key=lambda item: -len(item[1]))
    return tuple(CorpusSpeaker(name, tuple(dict.fromkeys(f.document for f in own)), tuple(own)) for name, own in ranked)


def check_report(report: Report) -> None:
    """Refuse a report whose parts do not fit each other, so that no output can point to words that are not there.

    Raises ValueError naming the document and what does not fit.
    """
    kinds = {target.id: target.kind for target in report.plan.targets}
    for analysis in report.analyses:
        name, text = analysis.document.name, analysis.document.text
        sentences = {sentence.number: sentence.span for sentence in analysis.sentences}
        for n, position in enumerate(analysis.positions):
            where = f"{name}, position {n}"
            if position.target not in kinds:
                raise ValueError(f"{where}: {report.plan.id} has no target {position.target!r}")
            if position.stance not in STANCES[kinds[position.target]]:
                raise ValueError(f"{where}: {position.target} cannot have the stance {position.stance.value!r}")
            if sentences.get(position.sentence) != position.span:
                raise ValueError(f"{where}: its span is not that of sentence {position.sentence}")
            if position.span.end > len(text) or position.span.of(text) != position.text:
                raise ValueError(f"{where}: its text is not what stands in the document")
            if position.evidence.end > len(text) or position.evidence.of(text) != position.evidence_text:
                raise ValueError(f"{where}: its evidence is not what stands in the document")
        for coverage in (analysis.coverage, *analysis.speakers):
            _check_coverage(coverage, analysis, report.plan)


def _check_coverage(coverage: Coverage, analysis: Analysis, plan: Plan) -> None:
    where = f"{analysis.document.name}, coverage of {coverage.holder}"
    if [t.target for t in coverage.targets] != [t.id for t in plan.targets]:
        raise ValueError(f"{where}: its targets are not those of {plan.id}")
    for covered in coverage.targets:
        if any(not 0 <= index < len(analysis.positions) for index in covered.positions):
            raise ValueError(f"{where}: it counts on positions that are not there")


def _findings(
    document: int, analysis: Analysis, *, target: str | None = None, speaker: str | None = None
) -> tuple[Finding, ...]:
    return tuple(
        Finding(document, index, position)
        for index, position in enumerate(analysis.positions)
        if (target is None or position.target == target)
        and (speaker is None or (position.speaker is not None and position.speaker.name == speaker))
    )
