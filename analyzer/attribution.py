"""Whose position it is: a verdict and the statements of its sentence, to its speakers.

Candidates are the statements that enclose the evidence, the voice of the text, whoever spoke last, the plan's sponsor
(what a plan says is its position) and the names that the judge points at. Each is described by a few figures, and the
one with the largest weighted sum speaks: a conditional logit (McFadden 1974), fitted on held-out documents by
training/weigh.py and kept in the manifest beside the judge. A judge that tells nothing of holders leaves it to the
rules: the statement that most closely encloses the evidence speaks first.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from analyzer.lexicon import load_lexicon
from analyzer.records import AUTHOR, Plan, Span, Speaker, SpeakerKind, Speech, Stance, Statement, Verdict

NEAR = 12  # mentions that may begin within one long name before the word pointed at
FLOOR = 0.02  # of a chance, before its logarithm is taken
_PRONOUN = re.compile(r"[“\"](?:he|she|him|her|his|hers)[”\"]", re.IGNORECASE)
_THEY = re.compile(r"[“\"]they[”\"]", re.IGNORECASE)
Pointed = dict[str, tuple[float, Speaker]]  # names that the judge points at, with how likely each is
SAID = (Stance.ENDORSES, Stance.REJECTS)  # what a plan can do by saying something
WEAK = frozenset(  # cues that pass on, or that report a state rather than an utterance
    {"according to", "is", "are", "was", "were", "be", "been", "remains", "remain", "remained", "has"}
    | {"being", "'s", "’s", "'re", "’re"}
    | {"for", "to"}
    | {"sees", "saw", "see", "finds", "found", "find", "works", "stands", "stood"}
)
SAYING = frozenset(  # cues beside which even a nameless speaker is meant: "a port manager said"
    {
        "said",
        "says",
        "told",
        "tells",
        "added",
        "adds",
        "argued",
        "argues",
        "insisted",
        "insists",
        "stressed",
        "stresses",
    }
    | {
        "warned",
        "warns",
        "noted",
        "notes",
        "stated",
        "states",
        "declared",
        "declares",
        "replied",
        "replies",
        "answered",
    }
    | {"answers", "wrote", "writes", "explained", "explains", "complained", "complains", "remarked", "remarks"}
)


@dataclass(frozen=True, slots=True)
class Attribution:
    """The speakers of one position and the statement that they were taken from."""

    speakers: tuple[Speaker, ...]
    speech: Speech
    statement: Statement | None


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who may hold a position, and where the text has them from."""

    source: str  # "report", "inner report", "touching", "voice", "goes on", "paragraph before", "sponsor", "pointed at"
    statement: Statement | None
    speakers: tuple[Speaker, ...]
    speech: Speech


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a verdict's holder is looked for in, all in the order of the text."""

    here: Sequence[Statement]  # the statements of its sentence
    before: Sequence[Statement]  # those of the sentences before it in its paragraph
    earlier: Sequence[Statement] = ()  # those of the paragraph before
    mentions: Sequence[tuple[Span, Speaker]] = ()  # names and phrases of the document, to read the judge's finger by


def _kind(speakers: Sequence[Speaker], plan: Plan) -> str:
    if not speakers:
        return "source"
    if speakers[0].kind is SpeakerKind.AUTHOR:
        return "author"
    if speakers[0].kind is SpeakerKind.TEXT or speakers[0].name in plan.sponsors:
        return "sponsor"
    return "source"


def _sponsors(statement: Statement | None, plan: Plan) -> tuple[Speaker, ...]:
    mention = statement.speakers[0].mention if statement and statement.speakers else None
    how = statement.speakers[0].resolution if statement and statement.speakers else "the plan's own words"
    named = ((name, load_lexicon().name_of(name)) for name in plan.sponsors)
    return tuple(Speaker(n, found[1] if found else SpeakerKind.ORGANISATION, mention, how) for n, found in named)


def attribute_verdict(verdict: Verdict, around: Surroundings, plan: Plan, weights: Mapping[str, float]) -> Attribution:
    """Return who holds a verdict's position; `weights` are those of the figures that describe a holder."""
    pointed = find_pointed(verdict, around)
    holders = list_holders(verdict, around, plan, pointed)
    chosen = holders[0]
    if verdict.holders is not None:
        scores = [weigh_figures(figures, weights) for figures in describe_holders(holders, verdict, plan, pointed)]
        chosen = holders[max(range(len(holders)), key=lambda n: (scores[n], -n))]
    if _is_own(verdict, around.here):
        chosen = next(h for h in holders if h.source == "voice")
    bare = verdict.target == "plan" and verdict.stance is Stance.MENTIONS
    far = chosen.source in ("pointed at", "paragraph before")
    if bare and (far or all(s.kind is not SpeakerKind.PERSON for s in chosen.speakers)):
        # a bare mention of the plan is the writer's, unless a person is the one talking about it
        chosen = next(h for h in holders if h.source == "voice")
    return Attribution(chosen.speakers, chosen.speech, chosen.statement)


def _is_own(verdict: Verdict, here: Sequence[Statement]) -> bool:
    """True if the evidence is in the text's own voice although another is named: the statement of the voice has a cue.

    Such are blame that somebody is told not to have spoken, which raises a gap ("has yet to condemn"), and what stands
    behind "she has a point:". A report around either speaks for it.
    """
    for s in here:
        if s.speech is Speech.VOICE and s.cue_span:
            agrees = s.cue_span.end <= s.span.start
            size = min(s.span.end - s.span.start, verdict.evidence.end - verdict.evidence.start)
            met = s.span.overlap(verdict.evidence) >= 0.6 * size and (agrees or verdict.target.startswith("gap:"))
            wide = 0.9 * (s.span.end - s.span.start)
            if met and not any(t.speech is not Speech.VOICE and t.span.overlap(s.span) >= wide for t in here):
                return True
    return False


def weigh_figures(figures: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """The weighted sum of the figures that describe a holder."""
    return sum(weights.get(name, 0.0) * figure for name, figure in figures.items())


def list_holders(verdict: Verdict, around: Surroundings, plan: Plan, pointed: Pointed) -> list[Holder]:
    """Everybody who may hold a verdict's position, the likeliest by the rules first."""
    holders = list(_report_holders(verdict, around.here, plan))
    if all(h.source != "voice" for h in holders):
        voice = next((s for s in around.here if s.speech is Speech.VOICE), None)
        holders.append(Holder("voice", voice, voice.speakers if voice else (AUTHOR,), Speech.VOICE))
    if verdict.holders is not None:
        holders += list(_further_holders(verdict, around, plan, holders))
        several = any(h.source == "report" and h.speakers and _THEY.match(h.speakers[0].resolution) for h in holders)
        for name, (_, speaker) in pointed.items():
            if several and speaker.kind is SpeakerKind.PERSON:
                continue  # "they have criticised …" is nobody alone
            if not any(s.name == name for h in holders for s in h.speakers):
                holders.append(Holder("pointed at", None, (speaker,), Speech.INDIRECT))
    return holders


def describe_holders(
    holders: Sequence[Holder], verdict: Verdict, plan: Plan, pointed: Pointed
) -> list[dict[str, float]]:
    """The figures that each holder is weighed by: where it comes from, what the judge sees, how surely it is named.

    Where a report names who speaks, says "he" or "she", or has a plain word of saying, where a label names the speaker,
    or words stand in quotation marks, the judge's finger is not asked and the figures have weights of their own:
    grammar is then the better guide.
    """
    assert verdict.holders is not None
    firm = any(_is_firm(h) for h in holders)
    return [
        {(f"firm: {name}" if firm else name): figure for name, figure in _describe(h, verdict, plan, pointed, firm)}
        for h in holders
    ]


def _describe(
    holder: Holder, verdict: Verdict, plan: Plan, pointed: Pointed, firm: bool
) -> Iterator[tuple[str, float]]:
    kind = _kind(holder.speakers, plan)
    yield f"seen as {kind}", math.log(getattr(verdict.holders, kind) + FLOOR)
    yield holder.source, 1.0
    if not holder.speakers:
        yield "nobody", 1.0
        return
    first = holder.speakers[0]
    if holder.source == "report":
        yield f"report, {_how(holder)}", 1.0
    if kind == "source":
        yield f"is a {first.kind.value}", 1.0
        if pointed and not firm:
            finger = max((pointed[s.name][0] for s in holder.speakers if s.name in pointed), default=0.0)
            yield "finger", math.log(finger + FLOOR)
    if kind == "sponsor":
        yield "sponsor of a whole plan", float(verdict.target == "plan")
        yield "sponsor against itself", float(verdict.stance not in SAID)
    if holder.source == "voice" and first.kind is not SpeakerKind.AUTHOR:
        yield "voice of a label", 1.0
    if holder.statement and holder.statement.cue and holder.source != "voice":
        yield "weak cue", float(is_weak(holder.statement))
        yield f"{holder.statement.speech.value} speech", 1.0


def _is_firm(holder: Holder) -> bool:
    if holder.source == "voice":
        return bool(holder.speakers) and holder.speakers[0].kind is not SpeakerKind.AUTHOR
    if holder.source != "report" or not holder.speakers or is_weak(holder.statement):
        return False
    said = holder.statement
    if said is not None and said.speakers and said.speakers[0].kind is SpeakerKind.TEXT:
        return True  # "his plan demands": what texts say is as sure as what is said
    says = said is not None and (said.cue or "").lower() in SAYING
    return says or holder.speech is Speech.DIRECT or _how(holder) in ("named", "pronoun")


def is_weak(statement: Statement | None) -> bool:
    """True if the statement's cue only passes on, or reports a state, so that nobody need have said anything."""
    return statement is not None and statement.cue is not None and statement.cue.lower() in WEAK


def _how(holder: Holder) -> str:
    """How the text tells who a holder is: by name, by pronoun, or by other words."""
    if not holder.speakers:
        return "nobody"
    how = holder.speakers[0].resolution
    if len(holder.speakers) > 1 or how.startswith("named here"):
        return "named"
    return "pronoun" if _PRONOUN.match(how) else "described"


def _report_holders(verdict: Verdict, here: Sequence[Statement], plan: Plan) -> Iterator[Holder]:
    """The statements of the sentence that the evidence lies in, the likeliest first."""
    overlap = {id(s): s.span.overlap(verdict.evidence) for s in here}
    need = 0.6 * (verdict.evidence.end - verdict.evidence.start)
    enclosing = sorted((s for s in here if overlap[id(s)] >= need), key=_precedence)
    touching = sorted((s for s in here if 0 < overlap[id(s)] < need), key=lambda s: -overlap[id(s)])
    reports, voiced = 0, False
    for s in (*enclosing, *touching):
        if s.speech is Speech.VOICE and voiced:
            continue
        voiced = voiced or s.speech is Speech.VOICE
        source = "voice" if s.speech is Speech.VOICE else "inner report" if reports else "report"
        source = "touching" if s in touching and source != "voice" else source
        reports += source != "voice"
        if s.speakers and s.speakers[0].kind is SpeakerKind.TEXT:
            owners = s.speakers[1:]
            homes = {o.name for o in owners if o.kind in (SpeakerKind.COUNTRY, SpeakerKind.ORGANISATION)}
            if homes and not homes & set(plan.sponsors):  # another plan: "the Ukrainian president's formula"
                yield Holder(source, s, owners[:1], s.speech)
            elif verdict.target != "plan" and verdict.stance in SAID:
                yield Holder(source, s, _sponsors(s, plan), s.speech)
        else:
            yield Holder(source, s, s.speakers, s.speech)


def _further_holders(verdict: Verdict, around: Surroundings, plan: Plan, known: Sequence[Holder]) -> Iterator[Holder]:
    """Whoever spoke last and may go on speaking; the sponsor, for what the plan itself says."""
    for source, statements in (("goes on", around.before), ("paragraph before", around.earlier)):
        for s in reversed(statements):
            if s.speech is not Speech.VOICE and s.speakers and s.speakers[0].kind is not SpeakerKind.TEXT:
                going_on = tuple(replace(x, resolution=f"goes on speaking: {x.resolution}") for x in s.speakers)
                if not any(h.speakers and h.speakers[0].name == s.speakers[0].name for h in known):
                    yield Holder(source, s, going_on, Speech.INDIRECT)
                break
    if verdict.target != "plan" and not any(_kind(h.speakers, plan) == "sponsor" for h in known):
        yield Holder("sponsor", None, _sponsors(None, plan), Speech.INDIRECT)


def find_pointed(verdict: Verdict, around: Surroundings) -> Pointed:
    """How likely the judge thinks each named speaker, over all words that name them."""
    weights: dict[str, tuple[float, Speaker]] = {}
    mentions = around.mentions
    for span, chance in verdict.holders.named if verdict.holders else ():
        near = bisect_left(mentions, span.end, key=lambda pair: pair[0].start)
        found = [(m, s) for m, s in mentions[max(0, near - NEAR) : near] if m.overlap(span)]
        if found:
            _, speaker = max(found, key=lambda pair: pair[0].end - pair[0].start)
            weight, first = weights.get(speaker.name, (0.0, speaker))
            weights[speaker.name] = (weight + chance, first)
    return weights


def _precedence(statement: Statement) -> tuple[int, int]:
    """The outermost report speaks for what is reported within it; passing on and bare voice come last."""
    if statement.speech is Speech.VOICE:
        return 3, 0
    return (2 if is_weak(statement) else 1), statement.span.start - statement.span.end
