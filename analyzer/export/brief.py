"""A cited brief of one target, one speaker or one document: counts, names, and numbered quotations with their places.

Its sentences count and name what the report holds, as the documents tell it; they judge nothing. What was not assessed
is said to be so. An omission is told only where coverage.py claims it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import count
from pathlib import Path

from analyzer.errors import OutputError
from analyzer.export import load_report, print_text
from analyzer.export.brief_parts import Brief, Quotation, Section
from analyzer.export.brief_subject import find_document, find_speaker, find_target, list_findings, read_subject
from analyzer.export.brief_words import (
    begin_sentence,
    count_documents,
    count_findings,
    count_holders,
    count_in_words,
    count_speakers,
    count_statements,
    name_failures,
    noun_of,
)
from analyzer.export.files import write_bytes_atomically
from analyzer.export.wording import (
    CAVEAT,
    CONFIDENCE,
    OMISSION,
    describe_chain,
    describe_gap_in_reading,
    describe_making,
    describe_origin,
    describe_plan,
    describe_position,
    describe_target,
    document_title,
    name_holder,
    name_target,
    one_line,
)
from analyzer.records import Analysis, Report, Stance, Status, Target
from analyzer.report import Finding

SUFFIXES = {".md": "md", ".markdown": "md", ".html": "html", ".htm": "html", ".docx": "docx"}
OFFSETS = (
    "Characters count from 0 in the text of the document as it was read; "
    "the first number is that of the first character quoted, the second that of the first one behind it."
)
_NO_OMISSION = "Omissions are not told here, since positions outside these limits were left aside."


def make_brief(
    report: Report,
    *,
    target: str | None = None,
    speaker: str | None = None,
    document: str | None = None,
    limits: str = "",
) -> Brief:
    """Return the brief of the target with this id, of the speaker of this name, or of the document of this name.

    The writer of a document is the speaker “author of NAME”. `limits` says in one sentence which positions were left
    out of the report beforehand; it is told in the brief, which then tells no omission.

    Raises QueryError if the report has no such target, speaker or document, ValueError unless exactly one is asked for.
    """
    if [target, speaker, document].count(None) != 2:
        raise ValueError("a brief is of one target, one speaker or one document")
    number = count(1)
    if target is not None:
        return _brief_target(report, find_target(report, target), limits, number)
    if speaker is not None:
        return _brief_speaker(report, find_speaker(report, speaker), limits, number)
    return _brief_document(report, find_document(report, document or ""), limits, number)


def render_brief(brief: Brief, format: str) -> bytes:
    """Return the brief as md, html or docx; ValueError for another format."""
    if format == "docx":
        from analyzer.export.brief_docx import brief_to_docx

        return brief_to_docx(brief)
    from analyzer.export.brief_text import brief_to_html, brief_to_markdown

    renderers: dict[str, Callable[[Brief], str]] = {"md": brief_to_markdown, "html": brief_to_html}
    if format not in renderers:
        raise ValueError(f"unknown format {format!r}; there are md, html, docx")
    return renderers[format](brief).encode("utf-8")


def write_brief(brief: Brief, path: str | Path | None = None) -> None:
    """Write the brief in the format of the suffix (.md, .html, .docx), complete or not at all; as Markdown to
    standard output if `path` is None.

    Raises OutputError for another suffix, and where the file cannot be written.
    """
    if path is None:
        print_text(render_brief(brief, "md").decode("utf-8"), exact=True)
        return
    path = Path(path)
    write_bytes_atomically(path, render_brief(brief, _format_of(path)))


def show_brief(report: Path, subject: str, out: Path | None) -> None:
    """Write the brief of “target:10” of a saved report as write_brief does; what cannot be is refused beforehand."""
    named = read_subject(subject)
    if out is not None:
        _format_of(out)
    write_brief(make_brief(load_report(report), **named), out)


def _format_of(path: Path) -> str:
    try:
        return SUFFIXES[path.suffix.lower()]
    except KeyError:
        raise OutputError(f"{path}: no brief is written as {path.suffix or 'that'}; use .md, .html or .docx") from None


def _brief_target(report: Report, target: Target, limits: str, number: Iterator[int]) -> Brief:
    findings = [f for f in list_findings(report) if f.position.target == target.id]
    assessed = [analysis for analysis in report.analyses if analysis.coverage.assessed]
    facts = [_plan(report), *([one_line(target.text)] if target.text else []), *count_documents(report)]
    sections = []
    for stance in Stance:
        facts += count_speakers(stance, target, findings, across=True, named=False)
        taken = [f for f in findings if f.position.stance is stance]
        if taken:
            sentences = count_speakers(stance, target, taken, across=True, named=True)
            sections.append(_section(f"{stance.value.capitalize()}", sentences, report, taken, number))
    if not findings:
        facts.append(
            f"No position on {noun_of(target)} was found in {_assessed(assessed)}."
            if assessed
            else f"No document was assessed, so nothing follows about {noun_of(target)}."
        )
    omitting = [a for a in report.analyses if target.id in a.coverage.omitted] if not limits else []
    if omitting:
        told = (
            f"{count_in_words(len(omitting), 'document')} {'leaves' if len(omitting) == 1 else 'leave'} out the point."
        )
        facts.append(begin_sentence(told))
        sections.append(Section("Omitted", (facts[-1],), tuple(map(_name_document, omitting))))
    return Brief(
        f"Positions on {describe_target(target)}",
        _lead(facts, limits),
        (*sections, *_unread(report)),
        _notes(report, bool(omitting)),
    )


def _brief_speaker(report: Report, name: str, limits: str, number: Iterator[int]) -> Brief:
    findings = [f for f in list_findings(report) if name_holder(f.position) == name]
    facts = [_plan(report), *count_documents(report), count_findings(findings, "of this speaker")]
    for stance in Stance:
        touched = {f.position.target for f in findings if f.position.stance is stance}
        names = [describe_target(target) for target in report.plan.targets if target.id in touched]
        facts += [f"{stance.value.capitalize()} {'; '.join(names)}."] if names else []
    sections = []
    for target in report.plan.targets:
        own = [f for f in findings if f.position.target == target.id]
        if own:
            sentences = [said for stance in Stance for said in count_statements(stance, target, own)]
            sections.append(_section(name_target(target), sentences, report, own, number))
    omitted = () if limits else _omitted_by(report, name, findings)
    if omitted:
        verb = "is" if len(omitted) == 1 else "are"
        told = f"{count_in_words(len(omitted), 'point')} {verb} touched by none of this speaker's positions."
        facts.append(begin_sentence(told))
        sections.append(Section("Omitted", (facts[-1],), tuple(map(name_target, omitted))))
    return Brief(
        f"Positions of {name}", _lead(facts, limits), (*sections, *_unread(report)), _notes(report, bool(omitted))
    )


def _brief_document(report: Report, document: int, limits: str, number: Iterator[int]) -> Brief:
    analysis = report.analyses[document]
    findings = [f for f in list_findings(report) if f.document == document]
    origin = (describe_origin(analysis), one_line(analysis.document.url or ""))
    facts = [_plan(report), *(fact for fact in origin if fact)]
    if findings:
        facts += [count_findings(findings, "of this document"), count_holders(findings)]
    if not analysis.coverage.assessed:
        facts.append(describe_gap_in_reading(analysis.coverage))
    sections = []
    for target in report.plan.targets:
        touching = [f for f in findings if f.position.target == target.id]
        if touching:
            sentences = [said for s in Stance for said in count_speakers(s, target, touching, across=False, named=True)]
            sections.append(_section(name_target(target), sentences, report, touching, number))
    omitted = [report.plan.target(id) for id in analysis.coverage.omitted] if not limits else []
    if omitted:
        told = f"The document leaves out {count_in_words(len(omitted), 'point')}."
        facts.append(told)
        sections.append(Section("Omitted", (told,), tuple(map(name_target, omitted))))
    notices = (*analysis.document.notices, *analysis.notices)
    if notices:
        told_notices = tuple(f"{one_line(n.message)}{f' (page {n.page})' if n.page else ''}" for n in notices)
        sections.append(Section("Notices", items=told_notices))
    title = f"Positions in “{document_title(analysis)}”"
    return Brief(title, _lead(facts, limits), tuple(sections), _notes(report, bool(omitted)))


def _section(
    title: str, sentences: Iterable[str], report: Report, findings: Iterable[Finding], number: Iterator[int]
) -> Section:
    return Section(title, tuple(sentences), (), tuple(_quote(report, finding, next(number)) for finding in findings))


def _quote(report: Report, finding: Finding, number: int) -> Quotation:
    position, source = finding.position, report.analyses[finding.document].document
    return Quotation(
        number=number,
        speaker=name_holder(position),
        stance=position.stance,
        target=position.target,
        confidence=position.confidence,
        sentence=position.text,
        span=position.span,
        evidence=position.evidence_text,
        evidence_span=position.evidence,
        document=source.name,
        title=source.title,
        outlet=source.outlet,
        date=source.date,
        page=position.page,
        said_on=position.said_on,
        reading=describe_position(position, report.plan.target(position.target)),
        found=describe_chain(position),
    )


def _omitted_by(report: Report, name: str, findings: Sequence[Finding]) -> tuple[Target, ...]:
    """Return the points that every coverage of this speaker calls omitted: one coverage for each document."""
    coverages = []
    for document in dict.fromkeys(f.document for f in findings):
        held = {f.position.speaker.name for f in findings if f.document == document and f.position.speaker}
        coverages += [c for c in report.analyses[document].speakers if c.holder in held]
    return tuple(point for point in report.plan.points if coverages and all(point.id in c.omitted for c in coverages))


def _unread(report: Report) -> tuple[Section, ...]:
    silent = tuple(
        f"{_name_document(analysis)}: {one_line(analysis.coverage.reason)}"
        for analysis in report.analyses
        if not analysis.coverage.assessed
    )
    parts = (
        Section(Status.NOT_ASSESSED.value.capitalize(), items=silent),
        Section("Not analysed", items=name_failures(report)),
    )
    return tuple(part for part in parts if part.items)


def _name_document(analysis: Analysis) -> str:
    title, name = document_title(analysis), one_line(analysis.document.name)
    return title if title == name else f"{title} ({name})"


def _assessed(analyses: Sequence[Analysis]) -> str:
    verb = "was" if len(analyses) == 1 else "were"
    return f"{'the ' if len(analyses) > 1 else ''}{count_in_words(len(analyses), 'document')} that {verb} assessed"


def _plan(report: Report) -> str:
    return f"Read against {describe_plan(report.plan)}."


def _lead(facts: Sequence[str], limits: str) -> tuple[str, ...]:
    return (*facts, *([f"{limits} {_NO_OMISSION}"] if limits else []), CAVEAT)


def _notes(report: Report, omission: bool) -> tuple[str, ...]:
    return (CONFIDENCE, *([OMISSION] if omission else []), OFFSETS, describe_making(report))
