"""Positions over time, changes of stance, and who sides with whom: pure figures over a report.

A position's day is the day on which its words say that it was said; without such words, the date of its document. Words
that mean no single day ("in 2022") give none, since the document's date would be a wrong one. A side is one of two
stances that exclude each other: endorses and criticises, raises and rejects. Positions whose speaker could not be found
count over time, and belong to nobody.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from analyzer.records import Position, Report, Stance
from analyzer.report import Finding, best_finding

OPPOSITE = {
    Stance.ENDORSES: Stance.CRITICISES,
    Stance.CRITICISES: Stance.ENDORSES,
    Stance.RAISES: Stance.REJECTS,
    Stance.REJECTS: Stance.RAISES,
}
DAYS = 31  # the longest range that is counted by day; a row of bars is 560 pixels wide, 18 a day
WEEKS = 26 * 7  # the longest that is counted by week, in days; half a year
SHARED = 3  # targets on which two must have a side before their agreement ranks; fewer make 0 or 1 of chance
Naming = Callable[[Position], str]  # how to name who holds a position; a position without a speaker is never asked for


class Period(StrEnum):
    """What positions are counted by."""

    DAY = "day"
    WEEK = "week"  # from Monday
    MONTH = "month"

    def begin(self, day: datetime.date) -> datetime.date:
        """Return the first day of the period in which a day lies."""
        if self is Period.WEEK:
            return day - datetime.timedelta(days=min(day.weekday(), day.toordinal() - 1))
        return day.replace(day=1) if self is Period.MONTH else day

    def end(self, day: datetime.date) -> datetime.date:
        """Return the last day of the period in which a day lies."""
        if self is Period.DAY:
            return day
        start = self.begin(day)
        if self is Period.WEEK:
            return start + datetime.timedelta(days=min(6 - start.weekday(), (datetime.date.max - start).days))
        if (start.year, start.month) == (datetime.MAXYEAR, 12):
            return datetime.date.max
        return (start + datetime.timedelta(days=31)).replace(day=1) - datetime.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Timeline:
    """How many positions of each stance fall into each period."""

    period: Period
    counts: tuple[tuple[datetime.date, Stance, int], ...]  # first day of the period; in the order of days and stances
    days: int  # different days that are known
    undated: int  # positions without a day


@dataclass(frozen=True, slots=True)
class Change:
    """A speaker took one side of a target, and later the other."""

    target: str
    before: Finding  # the surest of the last day on which the former side was taken
    since: datetime.date  # the first day on which the new side was taken
    after: Finding  # the surest of that day


@dataclass(frozen=True, slots=True)
class Agreement:
    """On how much two agree of what both have a side on."""

    agreed: tuple[str, ...]  # ids of targets, in the order of the plan
    opposed: tuple[str, ...]

    @property
    def shared(self) -> int:
        """Number of targets on which both have a side."""
        return len(self.agreed) + len(self.opposed)

    @property
    def share(self) -> float | None:
        """Share of the targets on which they agree, in [0, 1]; None where they have none in common."""
        return len(self.agreed) / self.shared if self.shared else None


def date_finding(report: Report, finding: Finding) -> datetime.date | None:
    """Return the day of a position; None where neither its words nor its document tell one."""
    position = finding.position
    if position.said_on is not None or position.when:
        return position.said_on
    return report.analyses[finding.document].document.date


def count_over_time(report: Report, target: str | None = None) -> Timeline:
    """Count the positions on a target (its id; None stands for all) by stance, and by day, week or month.

    The period follows from the range of days: up to DAYS by day, up to WEEKS by week, beyond by month.
    """
    dated = [
        (date_finding(report, f), f.position.stance) for f in _findings(report) if target in (None, f.position.target)
    ]
    known = {day for day, _ in dated if day is not None}
    length = (max(known) - min(known)).days + 1 if known else 0
    period = Period.DAY if length <= DAYS else Period.WEEK if length <= WEEKS else Period.MONTH
    counts = Counter((period.begin(day), stance) for day, stance in dated if day is not None)
    order = list(Stance)
    ranked = sorted(counts.items(), key=lambda item: (item[0][0], order.index(item[0][1])))
    undated = sum(day is None for day, _ in dated)
    return Timeline(period, tuple((day, stance, count) for (day, stance), count in ranked), len(known), undated)


def find_changes(report: Report, speaker: str, name: Naming) -> tuple[Change, ...]:
    """Return where a speaker's dated positions on one target go over from a side to the opposite one, oldest first.

    A day on which both sides are taken settles nothing and is passed over: it is contested, not a change.
    """
    held: dict[str, dict[datetime.date, list[Finding]]] = {}
    for finding in _findings(report):
        position = finding.position
        if position.speaker is None or position.stance not in OPPOSITE or name(position) != speaker:
            continue
        if (day := date_finding(report, finding)) is not None:
            held.setdefault(position.target, {}).setdefault(day, []).append(finding)
    changes = [change for target, days in held.items() for change in _changes(target, days)]
    return tuple(sorted(changes, key=lambda change: change.since))


def _changes(target: str, days: Mapping[datetime.date, list[Finding]]) -> Iterator[Change]:
    last: Finding | None = None
    for day, findings in sorted(days.items()):
        best = best_finding(findings)
        if best is None or len({f.position.stance for f in findings}) > 1:
            continue
        if last is not None and best.position.stance is OPPOSITE[last.position.stance]:
            yield Change(target, last, day, best)
        last = best


def take_sides(report: Report, name: Naming) -> dict[str, dict[str, Stance]]:
    """Return the side of everybody on each target, by name and target: the one they take in more positions.

    Who takes both equally often has none. Targets stand in the order of the plan, people in that of the report.
    """
    counts: dict[str, dict[str, Counter[Stance]]] = {}
    for finding in _findings(report):
        position = finding.position
        if position.speaker is not None and position.stance in OPPOSITE:
            own = counts.setdefault(name(position), {})
            own.setdefault(position.target, Counter())[position.stance] += 1
    targets = [target.id for target in report.plan.targets]
    return {
        holder: {t: side for t in targets if t in own and (side := _find_majority(own[t])) is not None}
        for holder, own in counts.items()
    }


def _find_majority(counts: Counter[Stance]) -> Stance | None:
    (stance, count), *_ = counts.most_common(1)
    return stance if count > counts[OPPOSITE[stance]] else None


def compare_sides(one: Mapping[str, Stance], other: Mapping[str, Stance]) -> Agreement:
    """Return on which of the targets on which both have a side they agree."""
    both = [target for target in one if target in other]
    return Agreement(
        tuple(target for target in both if one[target] is other[target]),
        tuple(target for target in both if one[target] is not other[target]),
    )


def rank_agreement(
    report: Report, speaker: str, name: Naming, least: int = SHARED
) -> tuple[tuple[str, Agreement], ...]:
    """Return everybody else who shares at least `least` targets with a speaker, those who agree most first.

    Of equals, those who share more targets come first, then those who are named first in the report.
    """
    if least < 1:
        raise ValueError(f"two who share no target have no agreement: least must be 1 or more, got {least}")
    sides = take_sides(report, name)
    own = sides.pop(speaker, {})
    compared = ((other, compare_sides(own, theirs)) for other, theirs in sides.items())
    ranked = [(other, agreement) for other, agreement in compared if agreement.shared >= least]
    return tuple(sorted(ranked, key=lambda pair: (-(pair[1].share or 0.0), -pair[1].shared)))


def _findings(report: Report) -> Iterator[Finding]:
    for document, analysis in enumerate(report.analyses):
        for index, position in enumerate(analysis.positions):
            yield Finding(document, index, position)
