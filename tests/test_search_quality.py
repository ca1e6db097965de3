"""The search on 60 judged queries: no worse than it was, and better than by meaning or by words alone."""

from __future__ import annotations

from analyzer.searching import By, Searcher
from tests.search_quality import fill_workspace, measure_quality, read_judged

FLOOR = 0.69  # nDCG@10; measured when it was written: python -m tests.search_quality


def test_there_are_sixty_queries_of_four_kinds_with_answers() -> None:
    judged = read_judged()
    assert len({asked.query for asked in judged}) == 60
    assert {kind: sum(a.kind == kind for a in judged) for kind in {a.kind for a in judged}} == {
        "meaning": 15,
        "words": 15,
        "mixed": 15,
        "topic": 15,
    }
    assert all(2 in asked.grades.values() for asked in judged)


def test_both_rankings_together_are_better_than_either() -> None:
    judged, searcher = read_judged(), Searcher(fill_workspace())
    both, meaning, words = (measure_quality(searcher, judged, by)["all"] for by in By)
    assert both > max(meaning, words)
    assert both >= FLOOR
