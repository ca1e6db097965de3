"""Sentences of a brief: they count and name what was found, and judge nothing."""

from __future__ import annotations

from collections.abc import Sequence

from analyzer.export.wording import count_of, join_names, name_holder, one_line
from analyzer.records import Report, Stance, Target, TargetKind
from analyzer.report import UNKNOWN_NAME, Finding

NAMES = 12  # speakers named in a sentence; the quotations below name them all
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_NOUNS = {TargetKind.PLAN: "plan", TargetKind.POINT: "point", TargetKind.GAP: "gap"}


def count_in_words(number: int, noun: str) -> str:
    """Return “one speaker”, “three speakers”; from 13 on with digits."""
    counted = count_of(number, noun)
    return f"{_NUMBERS[number]} {counted.split(' ', 1)[1]}" if number < len(_NUMBERS) else counted


def begin_sentence(text: str) -> str:
    """Return the text with a capital at its start."""
    return text[:1].upper() + text[1:]


def noun_of(target: Target) -> str:
    """Return “the plan”, “the point” or “the gap”."""
    return f"the {_NOUNS[target.kind]}"


def say_stance(stance: Stance, target: Target, number: int) -> str:
    """Return what `number` of somebody do: “criticise the point”, “criticises the point” for one."""
    if stance is Stance.REJECTS:
        many = "oppose the provision or defend its absence"
        return many if number != 1 else "opposes the provision or defends its absence"
    verb = stance.value if number == 1 else stance.value.removesuffix("s")
    return f"{verb} {noun_of(target)}"


def count_speakers(
    stance: Stance, target: Target, findings: Sequence[Finding], *, across: bool, named: bool
) -> list[str]:
    """Say how many speakers take the stance: “Three speakers criticise the point in two documents.”

    `across` counts the documents as well, `named` lists the speakers. Statements without a speaker are counted apart.
    """
    taken = [finding for finding in findings if finding.position.stance is stance]
    known = [finding for finding in taken if finding.position.speaker is not None]
    unknown = [finding for finding in taken if finding.position.speaker is None]
    told = []
    if known:
        names = list(dict.fromkeys(name_holder(finding.position) for finding in known))
        said = f"{count_in_words(len(names), 'speaker')} {say_stance(stance, target, len(names))}"
        told.append(f"{said}{_in_documents(known, across)}{f': {join_names(names, NAMES)}' if named else ''}.")
    if unknown:
        said = f"{count_in_words(len(unknown), 'statement')} {say_stance(stance, target, len(unknown))}"
        whose = "its speaker" if len(unknown) == 1 else "their speakers"
        told.append(f"{said}{_in_documents(unknown, across)}; {whose} could not be identified.")
    return [begin_sentence(sentence) for sentence in told]


def count_statements(stance: Stance, target: Target, findings: Sequence[Finding]) -> list[str]:
    """Say how many statements of one speaker take the stance: “Two statements criticise the point in one document.”"""
    taken = [finding for finding in findings if finding.position.stance is stance]
    if not taken:
        return []
    said = f"{count_in_words(len(taken), 'statement')} {say_stance(stance, target, len(taken))}"
    return [begin_sentence(f"{said}{_in_documents(taken, True)}.")]


def count_documents(report: Report) -> list[str]:
    """Say how many documents were looked at, how many of them were not assessed, and how many inputs failed."""
    unread = sum(not analysis.coverage.assessed for analysis in report.analyses)
    told = [begin_sentence(f"{_were(len(report.analyses), 'document')} looked at.")]
    if unread:
        told.append(begin_sentence(f"{_were(unread, 'document')} not assessed; nothing follows from {_it(unread)}."))
    if report.failures:
        failed = len(report.failures)
        told.append(begin_sentence(f"{_were(failed, 'input')} not analysed; nothing follows from {_it(failed)}."))
    return told


def count_findings(findings: Sequence[Finding], what: str) -> str:
    """Say how many positions were found, and on how many targets: “Two positions of this speaker were found, …”."""
    targets = len({finding.position.target for finding in findings})
    verb = "was" if len(findings) == 1 else "were"
    counted = count_in_words(len(findings), "position")
    return begin_sentence(f"{counted} {what} {verb} found, on {count_in_words(targets, 'target')}.")


def count_holders(findings: Sequence[Finding]) -> str:
    """Say how many speakers hold the positions, and how many positions are nobody's."""
    names = {name_holder(finding.position) for finding in findings} - {UNKNOWN_NAME}
    unknown = sum(finding.position.speaker is None for finding in findings)
    verb = "holds" if len(names) == 1 else "hold"
    told = f"{count_in_words(len(names), 'speaker')} {verb} {'the others' if unknown and names else 'them'}"
    if not unknown:
        return begin_sentence(f"{told}.")
    counted = f"of {count_in_words(unknown, 'position')} the speaker could not be identified"
    return begin_sentence(f"{counted}; {told}." if names else f"{counted}.")


def name_failures(report: Report) -> tuple[str, ...]:
    """List the inputs that were not analysed, and why."""
    return tuple(f"{one_line(failure.source)}: {one_line(failure.message)}" for failure in report.failures)


def _in_documents(findings: Sequence[Finding], across: bool) -> str:
    return f" in {count_in_words(len({f.document for f in findings}), 'document')}" if across else ""


def _were(number: int, noun: str) -> str:
    return f"{count_in_words(number, noun)} {'was' if number == 1 else 'were'}"


def _it(number: int) -> str:
    return "it" if number == 1 else "them"
