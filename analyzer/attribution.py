"""Whose position it is: a verdict and the statements of its sentence, to its speakers.

The statement that most closely encloses the evidence speaks first, then those around it, then the voice of the text.
Where the judge tells what kind of holder it sees (writer, sponsor, other source), the nearest candidate of a likely
kind wins. What a plan says is its sponsor's position; what it leaves out is noted by whoever notes it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from analyzer.lexicon import load_lexicon
from analyzer.records import AUTHOR, Holders, Plan, Span, Speaker, SpeakerKind, Speech, Stance, Statement, Verdict

NEAR = 12  # mentions that may begin within one long name before the word pointed at
BY_RULE = 0.3  # how much less likely each further candidate is; chosen on the held-out documents
TRUST = {
    "named": 0.0,
    "found": 0.4,
    "none": 0.4,
}  # weight of the judge's finger, by what the rules found; chosen likewise
SAID = (Stance.ENDORSES, Stance.REJECTS)  # what a plan can do by saying something
WEAK = frozenset(  # cues that pass on, or that report a state rather than an utterance
    {"according to", "is", "are", "was", "were", "be", "been", "remains", "remain", "remained", "has"}
    | {"sees", "saw", "see", "finds", "found", "find", "works", "stands", "stood"}
)


@dataclass(frozen=True, slots=True)
class Attribution:
    """The speakers of one position and the statement that they were taken from."""

    speakers: tuple[Speaker, ...]
    speech: Speech
    cue: str | None


@dataclass(frozen=True, slots=True)
class _Candidate:
    statement: Statement | None
    speakers: tuple[Speaker, ...]
    speech: Speech


def _certainty(candidate: _Candidate) -> str:
    """What the rules found in the sentence: a speaker by name, one by pronoun or office, or none."""
    if candidate.speech is Speech.VOICE or not candidate.speakers:
        return "none"
    first = candidate.speakers[0]
    sure = first.resolution.startswith("named here") or len(candidate.speakers) > 1
    return "named" if sure or first.kind in (SpeakerKind.COUNTRY, SpeakerKind.ORGANISATION) else "found"


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


def attribute_verdict(
    verdict: Verdict,
    here: Sequence[Statement],
    before: Sequence[Statement],
    plan: Plan,
    mentions: Sequence[tuple[Span, Speaker]] = (),
) -> Attribution:
    """Return who holds a verdict's position.

    `here` are the statements of its sentence, `before` those of the sentences before it in the same paragraph, in
    order; `mentions` are the names and phrases of the document, in order, by which the judge's own finger at a name
    is read.
    """
    candidates = list(_report_candidates(verdict, here, plan))
    voice = next((s for s in here if s.speech is Speech.VOICE), None)
    author = _Candidate(voice, voice.speakers if voice else (AUTHOR,), Speech.VOICE)
    if all(c.speech is not Speech.VOICE for c in candidates):
        candidates.append(author)
    if verdict.holders is None:
        chosen = candidates[0]
    else:
        candidates += _further_candidates(verdict, before, plan, candidates)
        pointed = _weigh_names(verdict.holders, mentions)
        for name, (_, speaker) in pointed.items():
            if not any(s.name == name for c in candidates for s in c.speakers):
                candidates.append(_Candidate(None, (speaker,), Speech.INDIRECT))
        likely = {
            "author": verdict.holders.author,
            "sponsor": verdict.holders.sponsor,
            "source": verdict.holders.source,
        }

        trust = TRUST[_certainty(candidates[0])]

        def score(rank: int) -> tuple[float, int]:
            c = candidates[rank]
            kind = _kind(c.speakers, plan)
            finger = max((pointed[s.name][0] for s in c.speakers if s.name in pointed), default=0.0)
            support = (
                BY_RULE**rank * (1 - trust) + finger * trust
                if kind == "source" and pointed
                else BY_RULE ** min(rank, 2)
            )
            return likely[kind] * support, -rank

        chosen = candidates[max(range(len(candidates)), key=score)]
    bare = verdict.target == "plan" and verdict.stance is Stance.MENTIONS
    if bare and not any(s.kind is SpeakerKind.PERSON for s in chosen.speakers):
        chosen = author  # a bare mention of the plan is the writer's, unless a person is the one talking about it
    return Attribution(chosen.speakers, chosen.speech, chosen.statement.cue if chosen.statement else None)


def _report_candidates(verdict: Verdict, here: Sequence[Statement], plan: Plan) -> Iterator[_Candidate]:
    """The statements of the sentence that the evidence lies in, the likeliest first."""
    overlap = {id(s): s.span.overlap(verdict.evidence) for s in here}
    need = 0.6 * (verdict.evidence.end - verdict.evidence.start)
    enclosing = sorted((s for s in here if overlap[id(s)] >= need), key=_precedence)
    touching = sorted((s for s in here if 0 < overlap[id(s)] < need), key=lambda s: -overlap[id(s)])
    for s in (*enclosing, *touching):
        if s.speakers and s.speakers[0].kind is SpeakerKind.TEXT:
            if verdict.target != "plan" and verdict.stance in SAID:
                yield _Candidate(s, _sponsors(s, plan), s.speech)
        else:
            yield _Candidate(s, s.speakers, s.speech)


def _further_candidates(
    verdict: Verdict, before: Sequence[Statement], plan: Plan, known: Sequence[_Candidate]
) -> Iterator[_Candidate]:
    """Whoever spoke last in the paragraph and may go on speaking; the sponsor, for what the plan itself says."""
    for s in reversed(before):
        if s.speech is not Speech.VOICE and s.speakers and s.speakers[0].kind is not SpeakerKind.TEXT:
            going_on = tuple(replace(x, resolution=f"goes on speaking: {x.resolution}") for x in s.speakers)
            yield _Candidate(s, going_on, Speech.INDIRECT)
            break
    if verdict.target != "plan" and not any(_kind(c.speakers, plan) == "sponsor" for c in known):
        yield _Candidate(None, _sponsors(None, plan), Speech.INDIRECT)


def _weigh_names(holders: Holders, mentions: Sequence[tuple[Span, Speaker]]) -> dict[str, tuple[float, Speaker]]:
    """How likely the judge thinks each named speaker, over all words that name them."""
    weights: dict[str, tuple[float, Speaker]] = {}
    for span, chance in holders.named:
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
    weak = statement.cue is not None and statement.cue.lower() in WEAK
    return (2 if weak else 1), statement.span.start - statement.span.end
