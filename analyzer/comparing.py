"""Two plans, point by point, by meaning: which points are about one matter, and which gaps the other's points touch.

Only the plan files are read. A similarity is that of a target (a point or a gap) of one plan and a point of the other:
half the cosine of their titles with texts, half that of the two wordings that come nearest. Wordings are of friends and
critics alike, so a high similarity says that two targets are about one matter, never that they agree on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from analyzer.encoding import Encoder, load_encoder
from analyzer.records import Plan, Target, TargetKind
from analyzer.wordings import embed_wordings

# From here on a point of the other plan counts as a counterpart. Chosen by eye with search-2, on the pairs of a point
# with a point or gap of another shipped plan: of the 147 at 0.72 and more, some twelve are about different matters,
# such as a council that may punish breaches and unilateral sanctions (0.79); of the next 79, down to 0.66, about half.
FLOOR = 0.72
NEAREST = 3  # points that are kept for each target, whether they reach the floor or not

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Match:
    """A point of the other plan, how near it comes, and the nearest two wordings: the target's, the point's."""

    point: Target
    similarity: float
    wordings: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Alignment:
    """A point or gap, and the points of the other plan: counterparts, and the nearest, which may be none of them."""

    target: Target
    counterparts: tuple[Match, ...]  # at the floor or above, nearest first
    nearest: tuple[Match, ...]  # the first NEAREST, and all counterparts


@dataclass(frozen=True, slots=True)
class Side:
    """One of two plans, seen from its own targets."""

    plan: Plan
    alignments: tuple[Alignment, ...]  # points, then gaps, in the order of the plan

    @property
    def points(self) -> tuple[Alignment, ...]:
        """The points."""
        return tuple(a for a in self.alignments if a.target.kind is TargetKind.POINT)

    @property
    def unmatched(self) -> tuple[Alignment, ...]:
        """The points without a counterpart."""
        return tuple(a for a in self.points if not a.counterparts)

    @property
    def answered(self) -> tuple[Alignment, ...]:
        """The gaps whose matter a point of the other plan takes up, in whatever sense."""
        return tuple(a for a in self.alignments if a.target.kind is TargetKind.GAP and a.counterparts)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two plans side by side, with the floor and the encoder that decided."""

    one: Side
    other: Side
    floor: float
    encoder: str


def compare_plans(one: Plan, other: Plan, encoder: Encoder | None = None) -> Comparison:
    """Align the points and gaps of each plan with the points of the other.

    Comparing the other with the one gives the same, sides exchanged. The floor is that of the shipped encoder, which is
    the default; ModelError if it cannot be loaded.
    """
    encoder = encoder or load_encoder()
    left, right = _embed(one, encoder), _embed(other, encoder)
    return Comparison(
        Side(one, tuple(_align(target, right) for target in left)),
        Side(other, tuple(_align(target, left) for target in right)),
        FLOOR,
        encoder.name,
    )


@dataclass(frozen=True, slots=True)
class _Embedded:
    target: Target
    whole: Floats  # of title and text
    wordings: Floats  # a row each


@lru_cache(maxsize=32)  # a plan is compared with several others
def _embed(plan: Plan, encoder: Encoder) -> tuple[_Embedded, ...]:
    """Embed the points and gaps of a plan, in one call: an encoder may round by what else is in it."""
    vectors = embed_wordings(list_texts(plan), encoder).astype(np.float64)
    return tuple(_cut((*plan.points, *plan.gaps), vectors))


def list_texts(plan: Plan) -> tuple[str, ...]:
    """Return what is compared of a plan: of each point and gap the title with the text, then its wordings."""
    targets = (*plan.points, *plan.gaps)
    return tuple(text for t in targets for text in (f"{t.title}. {t.text}", *t.wordings))


def _cut(targets: Sequence[Target], vectors: Floats) -> Iterator[_Embedded]:
    start = 0
    for target in targets:
        end = start + 1 + len(target.wordings)
        yield _Embedded(target, vectors[start], vectors[start + 1 : end])
        start = end


def _align(target: _Embedded, others: Sequence[_Embedded]) -> Alignment:
    matches = [_match(target, point) for point in others if point.target.kind is TargetKind.POINT]
    ranked = sorted(matches, key=lambda match: -match.similarity)
    counterparts = tuple(match for match in ranked if match.similarity >= FLOOR)
    return Alignment(target.target, counterparts, tuple(ranked[: max(NEAREST, len(counterparts))]))


def _match(target: _Embedded, point: _Embedded) -> Match:
    cosines = target.wordings @ point.wordings.T
    best = float(cosines.max())
    pairs = (
        (target.target.wordings[row], point.target.wordings[column])
        for row, column in np.argwhere(cosines >= best - 1e-6)  # alike but for rounding: the same pair from either side
    )
    similarity = (float(target.whole @ point.whole) + best) / 2
    return Match(point.target, round(similarity, 4), min(pairs, key=sorted))
