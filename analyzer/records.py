"""The nouns: documents, statements, plans, positions, coverage.

Offsets are half-open [start, end) character ranges into Document.text. Sentences count from 0, pages from 1.
Similarities are cosines in [-1, 1]; larger is closer. Confidences are calibrated probabilities in [0, 1].
What could not be determined is None or an empty tuple, never a placeholder.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from enum import StrEnum


class Stance(StrEnum):
    """Where a speaker stands on a target. The first three fit the plan and its points, the last two fit gaps."""

    ENDORSES = "endorses"
    CRITICISES = "criticises"
    MENTIONS = "mentions"
    RAISES = "raises"  # notes or complains that the provision is missing, or demands it
    REJECTS = "rejects"  # opposes the provision, or defends that it is missing


class TargetKind(StrEnum):
    """What a position can be about."""

    PLAN = "plan"
    POINT = "point"
    GAP = "gap"


STANCES: dict[TargetKind, frozenset[Stance]] = {
    TargetKind.PLAN: frozenset({Stance.ENDORSES, Stance.CRITICISES, Stance.MENTIONS}),
    TargetKind.POINT: frozenset({Stance.ENDORSES, Stance.CRITICISES, Stance.MENTIONS}),
    TargetKind.GAP: frozenset({Stance.RAISES, Stance.REJECTS}),
}


class SpeakerKind(StrEnum):
    """What a speaker is."""

    PERSON = "person"
    COUNTRY = "country"
    ORGANISATION = "organisation"
    GROUP = "group"  # "the West", "analysts": kept under the words of the text
    TEXT = "text"  # the plan's own words ("the paper calls for"): its sponsor speaks
    AUTHOR = "author"  # the writer's own voice


class Speech(StrEnum):
    """How a statement is reported."""

    DIRECT = "direct"  # in quotation marks
    INDIRECT = "indirect"  # "said that", "according to", "called for"
    MIXED = "mixed"  # indirect, with words in quotation marks
    ACT = "act"  # a reported act of judgement: "denounced", "welcomed", "voted against"
    VOICE = "voice"  # nobody is reported: the writer's own voice


class Reviewed(StrEnum):
    """What a person said of a position that was read."""

    CONFIRMED = "confirmed"
    CORRECTED = "corrected"  # in stance, speaker or target; the position is as the person put it
    REJECTED = "rejected"  # it counts nowhere


class Status(StrEnum):
    """What a document or a speaker does with a target."""

    ENDORSED = "endorsed"
    CRITICISED = "criticised"
    CONTESTED = "contested"  # both endorsed and criticised; of a gap: both raised and rejected
    MENTIONED = "mentioned"
    RAISED = "raised"  # a gap that is criticised as missing
    REJECTED = "rejected"  # a gap that is defended or opposed
    OMITTED = "omitted"  # positions were found; none touches this target
    NOT_ASSESSED = "not assessed"  # nothing could be read, so nothing follows


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of characters in a document's text."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"a span needs 0 <= start < end, got [{self.start}, {self.end})")

    def of(self, text: str) -> str:
        """Return the characters that the span covers; ValueError if it reaches beyond the text."""
        if self.end > len(text):
            raise ValueError(f"[{self.start}, {self.end}) reaches beyond a text of {len(text)} characters")
        return text[self.start : self.end]

    def overlap(self, other: Span) -> int:
        """Return the number of characters that both spans cover."""
        return max(0, min(self.end, other.end) - max(self.start, other.start))

    def covers(self, other: Span) -> bool:
        """True if `other` lies within this span."""
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that was skipped or guessed, and why; shown with the results."""

    message: str
    span: Span | None = None
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """The part of a document's text that stands on one page of its file."""

    number: int
    span: Span

    def __post_init__(self) -> None:
        if self.number < 1:
            raise ValueError(f"pages count from 1, got {self.number}")


@dataclass(frozen=True, slots=True)
class Document:
    """One article. `text` is the decoded file itself for .txt, the extracted main text for other formats."""

    name: str  # the file's stem; for a row of a corpus, stem:line
    text: str
    source: str  # the path, with ":line" for a row of a corpus; "" for text handed over directly
    format: str  # txt, html, pdf, docx, jsonl, csv, text
    title: str | None = None
    date: datetime.date | None = None
    outlet: str | None = None
    url: str | None = None
    pages: tuple[Page, ...] = ()
    notices: tuple[Notice, ...] = ()

    def page_of(self, span: Span) -> int | None:
        """Return the number of the page on which `span` begins, None for formats without pages."""
        return next((p.number for p in self.pages if p.span.start <= span.start < p.span.end), None)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a document. Boilerplate lines are not sentences."""

    number: int  # from 0 over the document
    span: Span
    paragraph: int  # from 0 over the document


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks, and how that was found."""

    name: str  # the entity's fullest name in the document; the country for its capital or ministry; "author"
    kind: SpeakerKind
    mention: Span | None = None  # the words in the text that name the speaker here
    resolution: str = ""  # one line for the reader: 'pronoun "he", last man named'


AUTHOR = Speaker("author", SpeakerKind.AUTHOR, None, "the writer's own voice")


@dataclass(frozen=True, slots=True)
class Statement:
    """Something that the document reports somebody as saying, or that its writer says, within one sentence."""

    sentence: int  # number of the sentence that it stands in
    span: Span  # the words that are the speaker's
    text: str  # the characters of `span`
    speakers: tuple[Speaker, ...]  # several for "both nations"; empty when the speaker could not be found
    speech: Speech
    cue: str | None = None  # the reporting words: "told reporters"
    cue_span: Span | None = None
    when: str | None = None  # the words beside the cue that tell when: "on Friday"
    said_on: datetime.date | None = None  # the day that they mean; the document's date stands with the document


@dataclass(frozen=True, slots=True)
class Target:
    """What a position can be about: the plan, one of its points, or one of its gaps."""

    id: str  # "plan", "1" … "n", "gap:NAME"
    kind: TargetKind
    title: str
    text: str  # one or two sentences: what it asks for, or what is missing
    provisions: tuple[str, ...] = ()  # a point's separate demands
    topics: tuple[str, ...] = ()
    phrasings: tuple[str, ...] = ()  # wordings that people use for it
    near_misses: tuple[str, ...] = ()  # wordings that come close and are something else
    why: str = ""  # gaps: why readers look for it

    @property
    def wordings(self) -> tuple[str, ...]:
        """Every text under which the target is indexed: title, text, provisions, phrasings, without repetition."""
        return tuple(dict.fromkeys(w for w in (self.title, self.text, *self.provisions, *self.phrasings) if w))


@dataclass(frozen=True, slots=True)
class Plan:
    """A peace plan: its points and its gaps, with who put it forward."""

    id: str
    title: str
    sponsors: tuple[str, ...]
    date: datetime.date
    conflict: str
    published: str  # where the official text stands
    summary: str
    points: tuple[Target, ...]
    gaps: tuple[Target, ...]
    official_title: str = ""
    names: tuple[str, ...] = ()  # what people call it: "the 12-point plan"

    @property
    def whole(self) -> Target:
        """The plan as a target of its own."""
        return Target("plan", TargetKind.PLAN, self.title, self.summary, phrasings=self.names)

    @property
    def targets(self) -> tuple[Target, ...]:
        """The plan as a whole, then its points, then its gaps."""
        return (self.whole, *self.points, *self.gaps)

    def target(self, target_id: str) -> Target:
        """Return the target with this id; KeyError if the plan has none."""
        for target in self.targets:
            if target.id == target_id:
                return target
        raise KeyError(target_id)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A target that a sentence may be about."""

    target: str
    similarity: float  # of the nearest wording in the index
    wording: str
    chance: float | None = (
        None  # that the sentence takes a position on it, by the judge's figures; None if it does not tell
    )


@dataclass(frozen=True, slots=True)
class Holders:
    """How likely each kind of holder is, as far as the judge can tell; the three add up to 1."""

    author: float
    sponsor: float
    source: float  # somebody else whom the text names or describes
    named: tuple[tuple[Span, float], ...] = ()  # words that may name that source, with how likely each is


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a judge reads in one sentence about one target."""

    sentence: int
    target: str
    stance: Stance
    confidence: float
    evidence: Span
    holders: Holders | None = None  # None from a judge that does not tell
    likely: tuple[tuple[str, float], ...] = ()  # the sentence's likeliest targets with their chances, likeliest first

    def __post_init__(self) -> None:
        if not 0 <= self.confidence <= 1:
            raise ValueError(f"a confidence lies in [0, 1], got {self.confidence}")


@dataclass(frozen=True, slots=True)
class Position:
    """Who takes which stance on which target, in which words, and how that was found."""

    document: str  # Document.name
    sentence: int
    span: Span  # of the sentence
    text: str  # of the sentence
    speaker: Speaker | None  # None when nobody could be found
    speech: Speech
    cue: str | None
    target: str
    stance: Stance
    confidence: float
    evidence: Span
    evidence_text: str
    candidates: tuple[Candidate, ...] = ()  # the sentence's likeliest targets, likeliest first
    page: int | None = None
    when: str | None = None  # as in its statement
    said_on: datetime.date | None = None
    reviewed: Reviewed | None = None  # None where no person has looked at it; the confidence stays the judge's


@dataclass(frozen=True, slots=True)
class TargetCoverage:
    """One target's status, with the positions that it rests on."""

    target: str
    status: Status
    positions: tuple[int, ...] = ()  # indices into Analysis.positions, most confident first


@dataclass(frozen=True, slots=True)
class Coverage:
    """The status of every target of a plan for one document or one speaker."""

    holder: str  # Document.name or Speaker.name
    targets: tuple[TargetCoverage, ...]
    reason: str = ""  # why nothing was assessed; empty where it was

    @property
    def assessed(self) -> bool:
        """False where nothing could be read, so that no omission is claimed."""
        return not self.reason

    @property
    def omitted(self) -> tuple[str, ...]:
        """Points that are not mentioned at all. Gaps and the plan as a whole are not counted as omissions."""
        return tuple(t.target for t in self.targets if t.status is Status.OMITTED and t.target.isdigit())

    @property
    def missed(self) -> tuple[str, ...]:
        """Gaps that are criticised as missing, by somebody at least."""
        return tuple(
            t.target
            for t in self.targets
            if t.target.startswith("gap:") and t.status in (Status.RAISED, Status.CONTESTED)
        )

    def status_of(self, target: str) -> Status:
        """Return the status of one target; KeyError if the plan has none of that id."""
        for t in self.targets:
            if t.target == target:
                return t.status
        raise KeyError(target)


@dataclass(frozen=True, slots=True)
class Analysis:
    """One document read against one plan."""

    document: Document
    sentences: tuple[Sentence, ...]
    statements: tuple[Statement, ...]
    positions: tuple[Position, ...]  # in the order of the text
    coverage: Coverage
    speakers: tuple[Coverage, ...]  # one for each speaker who takes a position, most positions first
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """An input that could not be analysed, and why."""

    source: str
    message: str


@dataclass(frozen=True, slots=True)
class Models:
    """What produced the positions."""

    encoder: str
    judge: str
    threshold: float


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a run: every document read against one plan, and what failed."""

    plan: Plan
    analyses: tuple[Analysis, ...]
    failures: tuple[Failure, ...] = ()
    models: Models | None = None
    version: str = field(default="")  # of this package
