"""How good the search is: 60 queries, written and judged by hand over the labelled documents of tests/gold.

    python -m tests.search_quality

Each line of data/queries.jsonl has a query, its kind and the sentences that answer it: 2 answers it, 1 is useful beside it.
The figure is nDCG@10 with gains of 2^grade - 1 (Järvelin and Kekäläinen 2002; Burges et al. 2005).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from analyzer.encoding import load_encoder
from analyzer.plans import load_plan
from analyzer.reading import read_document
from analyzer.records import Document, Plan, Sentence, Span, Verdict
from analyzer.searching import By, Searcher
from analyzer.workspace import Workspace
from training.scoring import discount

HERE = Path(__file__).parent
BEST = 10


@dataclass(frozen=True, slots=True)
class Judged:
    """A query with the grades of the spans that answer it, by document."""

    kind: str
    query: str
    grades: dict[tuple[str, Span], int]


class SilentJudge:
    """Finds no position: the search does not ask for any, and reading them takes a while."""

    name, threshold = "silent", 1.0

    def judge(self, document: Document, sentences: Sequence[Sentence], plan: Plan) -> list[Verdict]:
        return []


def read_judged() -> list[Judged]:
    """Read the queries."""
    spans = {}
    for path in (HERE / "gold").glob("*.sentences.json"):
        d = json.loads(path.read_text(encoding="utf-8"))
        spans |= {(d["doc"], n): Span(s["start"], s["end"]) for n, s in enumerate(d["sentences"])}
    rows = [json.loads(line) for line in (HERE / "data" / "queries.jsonl").read_text(encoding="utf-8").splitlines()]
    return [
        Judged(r["kind"], r["query"], {(doc, spans[doc, n]): grade for doc, n, grade in r["relevant"]}) for r in rows
    ]


def fill_workspace() -> Workspace:
    """Return a workspace in memory with the labelled documents."""
    workspace = Workspace(None, load_encoder())
    workspace.add(read_document(path) for path in sorted((HERE / "gold").glob("*.txt")))
    workspace.analyze(load_plan("china-2023"), judge=SilentJudge())
    return workspace


def measure_quality(searcher: Searcher, judged: Sequence[Judged], by: By) -> dict[str, float]:
    """Return nDCG@10 over all queries and for each kind of them."""
    figures: dict[str, list[float]] = {}
    for asked in judged:
        hits = searcher.search(asked.query, by=by, most=BEST).hits
        gains = [_gain(asked, hit.document, hit.span) for hit in hits]
        best = sorted((2**grade - 1 for grade in asked.grades.values()), reverse=True)[:BEST]
        for kind in ("all", asked.kind):
            figures.setdefault(kind, []).append(discount(gains) / discount(best))
    return {kind: sum(values) / len(values) for kind, values in figures.items()}


def _gain(asked: Judged, document: str, span: Span) -> int:
    for (name, answer), grade in asked.grades.items():
        shared = answer.overlap(span)  # sentences may be cut otherwise than in the labelled file
        if name == document and 2 * shared > min(answer.end - answer.start, span.end - span.start):
            return int(2**grade - 1)
    return 0


def main() -> None:
    """Print the figures."""
    judged = read_judged()
    searcher = Searcher(fill_workspace())
    for by in By:
        figures = measure_quality(searcher, judged, by)
        print(f"{by:8} " + "  ".join(f"{kind} {value:.3f}" for kind, value in figures.items()))


if __name__ == "__main__":
    main()
