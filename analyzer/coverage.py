"""Coverage: what a document, a speaker or a corpus does with each target of a plan.

Silence is told apart from failure. OMITTED needs positions elsewhere on the plan: where nothing was read or found,
every target is NOT_ASSESSED and the reason says why. Gaps and the plan as a whole can be untouched, too;
Coverage.omitted lists only points.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from analyzer.records import STANCES, Coverage, Plan, Position, Stance, Status, TargetCoverage, TargetKind

NO_STATEMENT = "no statement could be read"
NO_POSITION = "no position on this plan was found"


def measure_coverage(
    holder: str, positions: Sequence[Position], plan: Plan, statements: int, reason: str = ""
) -> Coverage:
    """Give every target of the plan a status for one document, in the plan's order.

    `positions` are all positions of the document, and TargetCoverage.positions are indices into them. `statements` is
    the number of statements that were read. A document without statements is NOT_ASSESSED throughout, and so is one
    whose statements take no position on this plan: it has no profile, and no omission is claimed for it. `reason`
    replaces the standard reason in both cases, for a caller that knows more.

    Raises ValueError if a position names a target that is not in the plan, or a stance that its target cannot have.
    """
    if statements < 0:
        raise ValueError(f"statements are counted from 0, got {statements}")
    reason = reason or (NO_POSITION if statements else NO_STATEMENT)
    return _measure(holder, list(enumerate(positions)), plan, _kinds(plan), reason)


def measure_speakers(positions: Sequence[Position], plan: Plan) -> tuple[Coverage, ...]:
    """Give one coverage for each named speaker, the author included; most positions first, then by first appearance.

    Positions whose speaker is None belong to nobody and count for the document only. Indices are those of `positions`.

    Raises ValueError as measure_coverage does.
    """
    held: dict[str, list[tuple[int, Position]]] = {}
    for index, position in enumerate(positions):
        if position.speaker is not None:
            held.setdefault(position.speaker.name, []).append((index, position))
    ranked = sorted(held.items(), key=lambda item: -len(item[1]))
    kinds = _kinds(plan)
    return tuple(_measure(name, own, plan, kinds, NO_POSITION) for name, own in ranked)


def status_of_stances(stances: Iterable[Stance]) -> Status | None:
    """Fold the stances that were taken on one target into its status; None where there is none.

    A side outweighs a mention, and both sides together are CONTESTED.
    """
    taken = frozenset(stances)
    for pro, contra, pro_status, contra_status in (
        (Stance.ENDORSES, Stance.CRITICISES, Status.ENDORSED, Status.CRITICISED),
        (Stance.RAISES, Stance.REJECTS, Status.RAISED, Status.REJECTED),
    ):
        if pro in taken and contra in taken:
            return Status.CONTESTED
        if pro in taken:
            return pro_status
        if contra in taken:
            return contra_status
    return Status.MENTIONED if taken else None


def _kinds(plan: Plan) -> dict[str, TargetKind]:
    return {target.id: target.kind for target in plan.targets}


def _measure(
    holder: str, positions: list[tuple[int, Position]], plan: Plan, kinds: Mapping[str, TargetKind], reason: str
) -> Coverage:
    touching: dict[str, list[tuple[int, Position]]] = {}
    for index, position in positions:
        if position.target not in kinds:
            raise ValueError(f"position {index} names the target {position.target!r}, which {plan.id} does not have")
        if position.stance not in STANCES[kinds[position.target]]:
            raise ValueError(f"position {index}: {position.target} cannot have the stance {position.stance.value!r}")
        touching.setdefault(position.target, []).append((index, position))
    blank, places = _leave_untouched(tuple(kinds), Status.OMITTED if positions else Status.NOT_ASSESSED)
    targets = list(blank)
    for target, found in touching.items():
        status = status_of_stances([position.stance for _, position in found])
        assert status is not None  # each has a stance
        found.sort(key=lambda item: -item[1].confidence)
        targets[places[target]] = TargetCoverage(target, status, tuple(index for index, _ in found))
    return Coverage(holder, tuple(targets), "" if positions else reason)


@lru_cache(maxsize=64)
def _leave_untouched(targets: tuple[str, ...], status: Status) -> tuple[tuple[TargetCoverage, ...], dict[str, int]]:
    """Every target as one that nothing touches, and its place: most are untouched, and equal records can be one."""
    return tuple(TargetCoverage(t, status) for t in targets), {t: n for n, t in enumerate(targets)}
