"""What a brief is asked to be about: a target, a speaker or a document of the report, or one line on what it has."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from analyzer.errors import QueryError
from analyzer.export.wording import name_holder, one_line
from analyzer.records import Report, Target
from analyzer.report import UNKNOWN_NAME, Finding

SUBJECTS = ("target", "speaker", "document")
LISTED = 20  # names told to somebody who asked for an unknown one; some lines of a terminal


def read_subject(text: str) -> dict[str, str]:
    """Take “target:10” apart into an argument of make_brief; QueryError if it names no kind of subject."""
    kind, colon, name = text.partition(":")
    if kind not in SUBJECTS or not colon or not name.strip():
        raise QueryError(f"{one_line(text)}: no subject of a brief; write target:ID, speaker:NAME or document:NAME")
    return {kind: name.strip()}


def find_target(report: Report, target_id: str) -> Target:
    """Return the target of the plan with this id; QueryError lists those that there are."""
    try:
        return report.plan.target(target_id)
    except KeyError:
        known = ", ".join(target.id for target in report.plan.targets)
        raise QueryError(f"{one_line(target_id)}: {report.plan.id} has no such target; there are {known}") from None


def find_speaker(report: Report, name: str) -> str:
    """Return the name of the speaker that is meant, as name_holder gives it; QueryError names the nearest."""
    held: dict[str, int] = {}
    for finding in list_findings(report):
        holder = name_holder(finding.position)
        held[holder] = held.get(holder, 0) + 1
    held.pop(UNKNOWN_NAME, None)
    return _find_name(name, sorted(held, key=lambda holder: -held[holder]), "speaker")


def find_document(report: Report, name: str) -> int:
    """Return the index of the document that is meant; QueryError names the nearest, or tells of several."""
    names = [one_line(analysis.document.name) for analysis in report.analyses]
    found = [n for n, known in enumerate(names) if known == one_line(name)]
    if len(found) > 1:
        raise QueryError(f"{one_line(name)}: {len(found)} documents of the report bear this name; rename one of them")
    return found[0] if found else names.index(_find_name(name, names, "document"))


def _find_name(name: str, known: Sequence[str], what: str) -> str:
    """Return the known name that is meant, whatever its capitals; QueryError names the nearest, or what there is."""
    wanted = one_line(name)
    if wanted in known:
        return wanted
    folded = {one.casefold(): one for one in reversed(known)}
    if wanted.casefold() in folded:
        return folded[wanted.casefold()]
    holding = [one for fold, one in folded.items() if wanted.casefold() in fold or fold in wanted.casefold()]
    close = [folded[fold] for fold in difflib.get_close_matches(wanted.casefold(), folded, 6)]
    if near := list(dict.fromkeys([*close, *reversed(holding)]))[:6]:
        raise QueryError(f"{wanted}: the report has no such {what}; the nearest: {'; '.join(near)}")
    if not known:
        raise QueryError(f"{wanted}: the report has no {what}")
    rest = f" and {len(known) - LISTED} more" if len(known) > LISTED else ""
    raise QueryError(f"{wanted}: the report has no such {what}; there are {'; '.join(known[:LISTED])}{rest}")


def list_findings(report: Report) -> list[Finding]:
    """Return every position with its place, in the order of documents and text."""
    return [
        Finding(document, index, position)
        for document, analysis in enumerate(report.analyses)
        for index, position in enumerate(analysis.positions)
    ]
