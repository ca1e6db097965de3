"""How good the search is: 60 queries, written and judged by hand over the labelled documents of tests/gold.

    python -m tests.search_quality
    python -m tests.search_quality --held --words 0.1 0.2 0.3 0.4

Each line of data/queries.jsonl has a query, its kind and the sentences that answer it: 2 answers it, 1 is useful beside it.
The figure is nDCG@10 with gains of 2^grade - 1 (Järvelin and Kekäläinen 2002; Burges et al. 2005).

With --held it is measured on the 80 of training/data/pools.jsonl, each judged over the eleven documents of its pool, which are
held from the training of judge and encoder (search-2 has seen other queries about some of them): to choose settings by, such
as how much the words count.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analyzer import searching
from analyzer.encoding import load_encoder
from analyzer.plans import load_plan
from analyzer.reading import read_document
from analyzer.records import Document, Plan, Sentence, Span, Verdict
from analyzer.searching import By, Searcher
from analyzer.workspace import Workspace
from training.scoring import discount
from training.train import DATA

HERE = Path(__file__).parent
GOLD = sorted((HERE / "gold").glob("*.txt"))
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
    spans = _read_spans((HERE / "gold").glob("*.sentences.json"))
    return [
        Judged(r["kind"], r["query"], {(doc, spans[doc, n]): grade for doc, n, grade in r["relevant"]})
        for r in _read_rows(HERE / "data" / "queries.jsonl")
    ]


def read_pools() -> list[tuple[list[Path], list[Judged]]]:
    """Read the held-out documents, in pools, and the queries that were judged over each."""
    pools = []
    for row in _read_rows(DATA / "pools.jsonl"):
        paths = [DATA / "documents" / f"{name}.txt" for name in row["documents"]]
        spans = _read_spans(path.with_suffix(".sentences.json") for path in paths)
        judged = [
            Judged(r["kind"], r["query"], {(doc, spans[doc, n]): grade for doc, n, grade in r["relevant"]})
            for r in row["queries"]
        ]
        pools.append((paths, judged))
    return pools


def fill_workspace(paths: Iterable[Path] = GOLD) -> Workspace:
    """Return a workspace in memory with the documents."""
    workspace = Workspace(None, load_encoder())
    workspace.add(read_document(path) for path in paths)
    workspace.analyze(load_plan("china-2023"), judge=SilentJudge())
    return workspace


def measure_quality(searcher: Searcher, judged: Sequence[Judged], by: By) -> dict[str, float]:
    """Return nDCG@10 over all queries and for each kind of them."""
    return _average(measure_each(searcher, judged, by))


def measure_each(searcher: Searcher, judged: Sequence[Judged], by: By) -> list[tuple[str, float]]:
    """Return the kind and nDCG@10 of each query."""
    figures = []
    for asked in judged:
        hits = searcher.search(asked.query, by=by, most=BEST).hits
        gains = [_gain(asked, hit.document, hit.span) for hit in hits]
        best = sorted((2**grade - 1 for grade in asked.grades.values()), reverse=True)[:BEST]
        figures.append((asked.kind, discount(gains) / discount(best)))
    return figures


def _average(figures: Sequence[tuple[str, float]]) -> dict[str, float]:
    by_kind: dict[str, list[float]] = {}
    for kind, value in figures:
        for name in ("all", kind):
            by_kind.setdefault(name, []).append(value)
    return {kind: sum(values) / len(values) for kind, values in by_kind.items()}


def _gain(asked: Judged, document: str, span: Span) -> int:
    for (name, answer), grade in asked.grades.items():
        shared = answer.overlap(span)  # sentences may be cut otherwise than in the labelled file
        if name == document and 2 * shared > min(answer.end - answer.start, span.end - span.start):
            return int(2**grade - 1)
    return 0


def _read_rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _read_spans(paths: Iterable[Path]) -> dict[tuple[str, int], Span]:
    spans = {}
    for path in paths:
        d = json.loads(path.read_text(encoding="utf-8"))
        spans |= {(d["doc"], n): Span(s["start"], s["end"]) for n, s in enumerate(d["sentences"])}
    return spans


def main(argv: Sequence[str] | None = None) -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="Measure the search.")
    parser.add_argument("--held", action="store_true", help="on the held-out documents of the training data")
    parser.add_argument("--words", type=float, nargs="+", default=[searching.WORDS], help="weights of the words to try")
    args = parser.parse_args(argv)
    pools = [
        (Searcher(fill_workspace(paths)), judged)
        for paths, judged in (read_pools() if args.held else [(GOLD, read_judged())])
    ]
    tried = [(by, searching.WORDS) for by in (By.MEANING, By.WORDS)] + [(By.BOTH, weight) for weight in args.words]
    for by, searching.WORDS in tried:
        figures = _average([figure for searcher, judged in pools for figure in measure_each(searcher, judged, by)])
        weight = f"{searching.WORDS:g}" if by is By.BOTH else ""
        print(f"{by:8} {weight:4} " + "  ".join(f"{kind} {value:.3f}" for kind, value in figures.items()))


if __name__ == "__main__":
    main()
