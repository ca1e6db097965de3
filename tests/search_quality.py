"""How good the search is: 60 queries, written and judged by hand over the labelled documents of tests/gold.

    python -m tests.search_quality
    python -m tests.search_quality --held --words 0.1 0.2 0.3 0.4

Each line of data/queries.jsonl has a query, its kind and the sentences that answer it: 2 answers it, 1 is useful beside it.
The figure is nDCG@10 with gains of 2^grade - 1 (Järvelin and Kekäläinen 2002; Burges et al. 2005).

With --held it is measured on the queries that training/encoder.py holds out, judged over their own documents only: to
choose settings by, such as how much the words count.
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
from training.data import is_held_out
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


def read_held() -> list[Judged]:
    """Read the queries that were kept from training."""
    rows = [r for r in _read_rows(DATA / "queries.jsonl") if is_held_out(r["doc"])]
    spans = _read_spans(DATA / "documents" / f"{name}.sentences.json" for name in sorted({r["doc"] for r in rows}))
    return [
        Judged(r["kind"], r["query"], {(r["doc"], spans[r["doc"], int(n)]): int(grade) for n, grade in r["relevant"]})
        for r in rows
    ]


def fill_workspace(paths: Iterable[Path] = GOLD) -> Workspace:
    """Return a workspace in memory with the documents."""
    workspace = Workspace(None, load_encoder())
    workspace.add(read_document(path) for path in paths)
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
    parser.add_argument("--held", action="store_true", help="on the held-out queries of the training data")
    parser.add_argument("--words", type=float, nargs="+", default=[searching.WORDS], help="weights of the words to try")
    args = parser.parse_args(argv)
    judged = read_held() if args.held else read_judged()
    names = sorted({name for asked in judged for name, _ in asked.grades})
    searcher = Searcher(fill_workspace([DATA / "documents" / f"{name}.txt" for name in names] if args.held else GOLD))
    tried = [(by, searching.WORDS) for by in (By.MEANING, By.WORDS)] + [(By.BOTH, weight) for weight in args.words]
    for by, searching.WORDS in tried:
        figures = measure_quality(searcher, judged, by)
        weight = f"{searching.WORDS:g}" if by is By.BOTH else ""
        print(f"{by:8} {weight:4} " + "  ".join(f"{kind} {value:.3f}" for kind, value in figures.items()))


if __name__ == "__main__":
    main()
