"""Sentences and targets: which of a plan's targets a sentence comes near.

A target is indexed under its title and text, or under all of its wordings; its similarity to a sentence is that of the
nearest. Candidates explain a position and serve search. They are no verdict: the judge decides on every target.
"""

from __future__ import annotations

from collections.abc import Sequence

from analyzer.encoding import Encoder
from analyzer.index import VectorIndex
from analyzer.records import Candidate, Plan
from analyzer.wordings import embed_wordings

BLOCK = 1024  # sentences embedded at a time; bounds memory


class TargetIndex:
    """The titles and texts of a plan's targets, embedded once; with `every`, all of their wordings, at more cost."""

    def __init__(self, plan: Plan, encoder: Encoder, every: bool = False) -> None:
        pairs = [(t.id, wording) for t in plan.targets for wording in (t.wordings if every else (t.title, t.text))]
        self._wordings = tuple(wording for _, wording in pairs)
        self._targets = len(plan.targets)
        self._encoder = encoder
        self._index = VectorIndex([i for i, _ in pairs], embed_wordings(self._wordings, encoder))

    def find_candidates(self, sentences: Sequence[str]) -> list[tuple[Candidate, ...]]:
        """Return, for each sentence, all targets, the nearest first."""
        if not sentences:
            return []
        found: list[tuple[Candidate, ...]] = []
        for start in range(0, len(sentences), BLOCK):
            vectors = self._encoder.encode(sentences[start : start + BLOCK])
            found += [self._best(rows) for rows in self._index.find_nearest(vectors, len(self._wordings))]
        return found

    def _best(self, rows: Sequence[tuple[int, float]]) -> tuple[Candidate, ...]:
        best: dict[str, Candidate] = {}
        for row, similarity in rows:
            target = self._index.ids[row]
            if target not in best:
                best[target] = Candidate(target, round(similarity, 4), self._wordings[row])
                if len(best) == self._targets:
                    break
        return tuple(best.values())
