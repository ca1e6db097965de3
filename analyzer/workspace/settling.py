"""What counts after reviews: a reading of a document and what a person said of its positions, in one list.

A review is about one sentence and one target. A confirmed or corrected position counts as the person put it, whatever a
later reading finds there; a rejection holds for the stance that was rejected. Speakers tell reviews apart only where
several positions on the target were read in the sentence. Sentences are found again by their place in the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from analyzer.normalize import strip_accents
from analyzer.records import STANCES, Plan, Position, Reviewed, Sentence, Speaker


@dataclass(frozen=True, slots=True)
class Review:
    """What a person said of a position, and when."""

    id: int
    verdict: Reviewed
    read: Position  # as it was read when it was reviewed
    given: Position | None  # as it counts since; None where it was rejected
    alone: bool  # nothing else was read in the sentence on the target
    at: str  # in UTC
    note: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """A position after the reviews; its `reviewed` says by which verdict, and a rejected one does not count."""

    position: Position
    read: Position | None  # what the present reading has; None where it finds the position no more
    review: Review | None

    @property
    def counts(self) -> bool:
        """False for a rejected position."""
        return self.position.reviewed is not Reviewed.REJECTED


def settle_positions(
    read: Sequence[Position], reviews: Sequence[Review], sentences: Sequence[Sentence], text: str, plan: Plan
) -> tuple[Settled, ...]:
    """Return what was read, as the reviews make it, with what they keep of earlier readings, in the order of the text.

    Each review speaks of one reading at most. One that fits nothing any more (a rejected position that is not read, a
    target that the plan has lost, words that are no sentence now) is passed over.
    """
    placed = [(review, place) for review in reviews if (place := _place(review, sentences)) and _fits(review, plan)]
    paired = _pair(read, placed)
    found = {review.id for review in paired.values()}
    kept = [
        Settled(_move(review.given, place, text, review.verdict), None, review)
        for review, place in placed
        if review.given and review.id not in found
    ]
    settled = [
        Settled(_put(review, position) if (review := paired.get(n)) else position, position, paired.get(n))
        for n, position in enumerate(read)
    ]
    said = {_claim(s.position) for s in (*settled, *kept) if s.review and s.counts}
    settled = [s for s in settled if s.review or _claim(s.position) not in said]  # said by the person already
    for one in kept:
        after = (n for n, s in enumerate(settled) if s.position.sentence > one.position.sentence)
        settled.insert(next(after, len(settled)), one)
    return tuple(settled)


def _claim(position: Position) -> tuple[object, ...]:
    return position.sentence, position.target, position.stance, position.speaker and position.speaker.name


def _place(review: Review, sentences: Sequence[Sentence]) -> Sentence | None:
    """The sentence that has most of the words that were reviewed."""
    words = review.read.evidence
    best = max(sentences, key=lambda sentence: sentence.span.overlap(words), default=None)
    return best if best and best.span.overlap(words) else None


def _fits(review: Review, plan: Plan) -> bool:
    """True if the plan has the target, and the target can have the stance."""
    position = review.given or review.read
    return any(t.id == position.target and position.stance in STANCES[t.kind] for t in plan.targets)


def _pair(read: Sequence[Position], placed: Sequence[tuple[Review, Sentence]]) -> dict[int, Review]:
    """The review of each reading that has one, the surest pairs first."""
    ranked = sorted(
        (rank, r, n)
        for r, (review, place) in enumerate(placed)
        for n, position in enumerate(read)
        if position.sentence == place.number and (rank := _rank(review, position)) is not None
    )
    paired: dict[int, Review] = {}
    taken: set[int] = set()
    for _, r, n in ranked:
        if r not in taken and n not in paired:
            taken.add(r)
            paired[n] = placed[r][0]
    return paired


def _rank(review: Review, position: Position) -> int | None:
    """How surely a reading of the sentence is the one that was reviewed, 0 surest; None if it is another."""
    read, given = review.read, review.given
    if position.target == read.target:
        apart = _tell_apart(read.speaker, position.speaker)
        if apart < 2 or review.alone:
            if position.stance is read.stance:
                return apart
            return 3 + apart if given else None
    if given and position.target == given.target and _tell_apart(given.speaker, position.speaker) < 2:
        return 6
    return None


def _tell_apart(one: Speaker | None, other: Speaker | None) -> int:
    """0 for speakers of one name or both not found, 1 if the words of one name stand in the other, otherwise 2."""
    if one is None or other is None:
        return 0 if one is other else 2
    words, others = (set(strip_accents(s.name.casefold()).split()) for s in (one, other))
    return 0 if words == others else 1 if words <= others or others <= words else 2


def _put(review: Review, position: Position) -> Position:
    """A reading as the review has it: what it claims is the person's, how it was found is the reading's."""
    given = review.given
    if given is None:
        return replace(position, reviewed=review.verdict)
    named = given.speaker != review.read.speaker or _tell_apart(given.speaker, position.speaker) == 2
    speaker = given.speaker if named else position.speaker
    return replace(position, target=given.target, stance=given.stance, speaker=speaker, reviewed=review.verdict)


def _move(given: Position, place: Sentence, text: str, verdict: Reviewed) -> Position:
    """A position that is read no more, in the sentence that has its words now."""
    return replace(given, sentence=place.number, span=place.span, text=place.span.of(text), reviewed=verdict)
