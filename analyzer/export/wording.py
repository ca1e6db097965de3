"""The words around a finding, the same in every output: neutral about parties, and never cut inside a word.

What the document reports is said to be reported: the tool does not assert that anybody holds a position.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from analyzer.records import (
    Analysis,
    Coverage,
    Models,
    Plan,
    Position,
    Report,
    SpeakerKind,
    Speech,
    Stance,
    Target,
    TargetKind,
)
from analyzer.report import UNKNOWN_NAME

CAVEAT = (
    "This is a machine reading. It misses positions and misreads some; check each one against the words it rests on "
    "before you rely on it."
)
CONFIDENCE = "A confidence of 0.80 means: of positions said with 0.80, about 80 in 100 are right."
OMISSION = (
    "Omitted means: positions on this plan were found, and none of them touches the point. "
    "It is not a judgement on why, and a position that was overlooked looks the same."
)

SYMBOLS = {  # shapes differ, so that no reading depends on colour
    Stance.ENDORSES: "▲",
    Stance.CRITICISES: "▼",
    Stance.MENTIONS: "●",
    Stance.RAISES: "◆",
    Stance.REJECTS: "✕",
}

_REPORTED = {
    Stance.ENDORSES: "as endorsing",
    Stance.CRITICISES: "as criticising",
    Stance.MENTIONS: "as mentioning",
    Stance.RAISES: "as raising",
    Stance.REJECTS: "as opposing, or defending the absence of,",
}
_OWN = {
    Stance.ENDORSES: "endorses",
    Stance.CRITICISES: "criticises",
    Stance.MENTIONS: "mentions",
    Stance.RAISES: "raises",
    Stance.REJECTS: "opposes, or defends the absence of,",
}
_SPEECH = {
    Speech.DIRECT: "direct quotation",
    Speech.INDIRECT: "indirect speech",
    Speech.MIXED: "indirect speech with quoted words",
    Speech.ACT: "reported act of judgement",
    Speech.VOICE: "the document's own voice",
}
_WORD = re.compile(r"\S+")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """Replace what no output can show safely (control characters, halves of surrogate pairs) by U+FFFD, one for one."""
    return _CONTROL.sub("\ufffd", text)


def one_line(text: str) -> str:
    """Return the text as one printable line: white space collapsed, no control or direction-overriding characters."""
    return " ".join(_BIDI.sub("", printable(text)).split())


def describe_target(target: Target) -> str:
    """Name a target within a sentence: “point 3, “Ceasing hostilities””."""
    title = one_line(target.title)
    if target.kind is TargetKind.PLAN:
        return "the plan as a whole"
    return f"the gap “{title}”" if target.kind is TargetKind.GAP else f"point {target.id}, “{title}”"


def name_target(target: Target) -> str:
    """Name a target at the head of a row: “3 Ceasing hostilities”, “The plan as a whole”, the title of a gap."""
    if target.kind is TargetKind.PLAN:
        return "The plan as a whole"
    return f"{target.id} {one_line(target.title)}" if target.kind is TargetKind.POINT else one_line(target.title)


def short_target(target_id: str) -> str:
    """Name a target in a label: “3”, “plan”, “troop-withdrawal”."""
    return target_id.removeprefix("gap:")


def describe_position(position: Position, target: Target) -> str:
    """Say in one neutral sentence who is reported as taking which stance on the target."""
    what = describe_target(target)
    speaker = position.speaker
    if speaker is not None and speaker.kind is SpeakerKind.AUTHOR:
        return f"The writer, in their own voice, {_OWN[position.stance]} {what}."
    who = "a speaker who could not be identified" if speaker is None else one_line(speaker.name)
    if position.speech is Speech.VOICE and speaker is not None:
        return f"The document, in the voice of {who}, {_OWN[position.stance]} {what}."
    return f"The document reports {who} {_REPORTED[position.stance]} {what}."


def describe_chain(position: Position) -> str:
    """Say how the speaker was found: kind of speech, reporting words, and how the name was resolved."""
    parts = [_SPEECH[position.speech]]
    if position.cue:
        parts.append(f"reported by “{one_line(position.cue)}”")
    if position.speaker is None:
        parts.append("no speaker could be identified")
    elif position.speaker.resolution:
        parts.append(f"speaker: {one_line(position.speaker.resolution)}")
    return "; ".join(parts)


def quote(position: Position, limit: int) -> str:
    """Return the sentence of a position, shortened around its evidence to about `limit` characters."""
    start = max(0, position.evidence.start - position.span.start)
    return shorten(position.text, limit, (start, max(start, position.evidence.end - position.span.start)))


def shorten(text: str, limit: int, focus: tuple[int, int] = (0, 0)) -> str:
    """Return one line of at most `limit` characters of whole words around `focus`, with “…” where words were left out.

    `focus` is a range of characters in `text`. A single word longer than the limit is left out as well.
    """
    spans = [match.span() for match in _WORD.finditer(text)]
    words = [one_line(text[start:end]) for start, end in spans]
    if len(" ".join(words)) <= limit:
        return " ".join(word for word in words if word)
    inside = [i for i, (start, end) in enumerate(spans) if start < max(focus[1], focus[0] + 1) and end > focus[0]]
    first = inside[0] if inside else 0
    last, length = first, len(words[first]) + 4  # 4: room for “… ” and “ …”
    while inside and last < inside[-1] and length + len(words[last + 1]) + 1 <= limit:
        last += 1
        length += len(words[last]) + 1
    if length > limit:
        return "…"
    growing = True
    while growing:
        growing = False
        for step in (1, -1):
            neighbour = last + 1 if step == 1 else first - 1
            if 0 <= neighbour < len(words) and length + len(words[neighbour]) + 1 <= limit:
                length += len(words[neighbour]) + 1
                first, last = (first, neighbour) if step == 1 else (neighbour, last)
                growing = True
    kept = " ".join(word for word in words[first : last + 1] if word)
    return f"{'… ' if first > 0 else ''}{kept}{' …' if last < len(words) - 1 else ''}"


def join_names(names: Sequence[str], most: int = 6) -> str:
    """Return names as “A, B and 2 more”, each on one line."""
    shown = ", ".join(one_line(name) for name in names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def name_holder(position: Position) -> str:
    """Name who holds a position over several documents: each document has an author of its own."""
    speaker = position.speaker
    if speaker is None:
        return UNKNOWN_NAME
    return name_author(position.document) if speaker.kind is SpeakerKind.AUTHOR else _clean_name(speaker.name)


def name_author(document: str) -> str:
    """Name the writer of one document."""
    return f"author of {_clean_name(document)}"


@lru_cache(maxsize=8192)  # the same names stand in ten thousands of positions
def _clean_name(name: str) -> str:
    return one_line(name)


def describe_origin(analysis: Analysis) -> str:
    """Return outlet, date and source of a document as far as they are known."""
    document = analysis.document
    known = (document.outlet or "", document.date.isoformat() if document.date else "", document.source)
    return " · ".join(one_line(part) for part in known if part)


def document_title(analysis: Analysis) -> str:
    """Return the document's title, or its name where it has none."""
    return one_line(analysis.document.title or "") or one_line(analysis.document.name)


def describe_plan(plan: Plan) -> str:
    """Name the plan with its sponsors and date."""
    return f"{one_line(plan.title)} ({join_names(plan.sponsors)}, {plan.date.isoformat()})"


def describe_gap_in_reading(coverage: Coverage) -> str:
    """Say why a document was not assessed; empty where it was."""
    return "" if coverage.assessed else f"Not assessed: {one_line(coverage.reason)}. No omission is claimed."


def describe_making(report: Report) -> str:
    """Say what produced the report: version of the program, encoder, judge and threshold."""
    made = f"Made with peace-plan-analyzer {one_line(report.version) or '(version unknown)'}"
    models: Models | None = report.models
    if models is None:
        return f"{made}; the models were not recorded."
    return (
        f"{made}. Encoder: {one_line(models.encoder)}. Judge: {one_line(models.judge)}. "
        f"Threshold of the judge: {models.threshold:.2f}."
    )


def count_of(number: int, noun: str) -> str:
    """Return “1 position”, “3 positions”."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
