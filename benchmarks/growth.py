"""Seconds a document, and memory, while a workspace grows; and what one more article costs in a large one.

python -m benchmarks.growth
python -m benchmarks.growth --stub --sizes 1 10 100 1000 10000

With --stub nothing is read by the models: each sentence is a statement, some hold a position, and vectors are drawn by
lot. What remains is the cost of storing, which is where growth would show. Each corpus is built in a fresh process.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt

from analyzer import load_plan, make_document
from analyzer.coverage import measure_coverage, measure_speakers
from analyzer.judging import load_judge
from analyzer.records import STANCES, Analysis, Document, Plan, Position, Speech, Statement
from analyzer.segment import segment_text
from analyzer.settings import DEFAULT_ENCODER
from analyzer.workspace import Workspace, corpus, start_workspace
from benchmarks.machine import CACHE, Row, Timer, ask_fresh, make_parser, read_memory, tell, time_each
from benchmarks.search import SPEAKERS, exchange_words, read_sentences

SIZES, STUB_SIZES = (1, 10, 100, 1000), (1, 10, 100, 1000, 10_000)
LARGE = 10_000  # documents of the workspace to which one more is added
SENTENCES = 20  # of an article, so that all articles cost the same
REAL = 2_000  # sentences that articles are made of
ROUNDS = 7
FROM, GROWTH, ONE_MORE = 100, 1.1, 1.5  # the limits
PLAN = "china-2023"


class StubEncoder:
    """Vectors that depend on the text alone and mean nothing."""

    name = DEFAULT_ENCODER

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return one unit vector a text."""
        rows = [np.random.default_rng(zlib.crc32(t.encode())).standard_normal(384, np.float32) for t in texts]
        vectors = np.array(rows, np.float32).reshape(len(rows), 384)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)

    encode_document = encode


class StubJudge:
    """Bears the shipped judge's name, so that what it read counts as read."""

    def __init__(self) -> None:
        shipped = load_judge()
        self.name, self.threshold = shipped.name, shipped.threshold


def read_stub(document: Document, plan: Plan, encoder: Any, judge: Any) -> Analysis:
    """Stands for the models: a statement in each sentence, a position in every tenth."""
    rng = Random(document.name)
    text, sentences = document.text, segment_text(document.text)
    statements, positions = [], []
    for s in sentences:
        speaker = SPEAKERS[min(int(rng.expovariate(0.1)), len(SPEAKERS) - 1)]
        words = s.span.of(text)
        statements.append(Statement(s.number, s.span, words, (speaker,), Speech.INDIRECT))
        if rng.random() < 0.1:
            target = rng.choice(plan.targets)
            stance, sure = rng.choice(sorted(STANCES[target.kind])), round(rng.random(), 3)
            held = (speaker, Speech.INDIRECT, None, target.id, stance, sure, s.span, words)
            positions.append(Position(document.name, s.number, s.span, words, *held))
    return Analysis(
        document,
        tuple(sentences),
        tuple(statements),
        tuple(positions),
        measure_coverage(document.name, positions, plan, len(statements)),
        measure_speakers(positions, plan),
    )


def write_articles(first: int, count: int) -> Iterator[Document]:
    """Articles of one length, all different, numbered from `first`."""
    words = [s.split() for s in read_sentences(REAL)]
    words = [w for w in words if w[-1][-1] in ".!?" and len(w) > 5]
    for number in range(first, first + count):
        rng = Random(number)
        pairs = (rng.sample(words, 2) for _ in range(SENTENCES))
        sentences = [exchange_words(one[:-1], other, rng).rstrip(".!?") + "." for one, other in pairs]
        paragraphs = [" ".join(sentences[n : n + 4]) for n in range(0, SENTENCES, 4)]
        yield make_document("\n\n".join(paragraphs), f"article-{number}", source=f"article-{number}.txt")


def build(folder: Path, size: int, stub: bool) -> dict[str, float]:
    """Add and analyze a corpus in this process; its seconds and memory. What is loaded once is loaded before."""
    plan, judge = load_plan(PLAN), StubJudge() if stub else load_judge()
    if stub:
        corpus.analyze_document = read_stub
    encoder: Any = StubEncoder() if stub else None
    with Workspace(None, encoder) as first:
        first.add(write_articles(0, 1))
        first.analyze(plan, judge=judge)
    start_workspace(folder).close()
    articles = write_articles(1, size)
    made = Timer(next)
    end = object()

    def hand_over() -> Iterator[Document]:
        while (document := made(articles, end)) is not end:
            yield document

    read = Timer(corpus.analyze_document)
    corpus.analyze_document = read
    with Workspace(folder, encoder) as workspace:
        begun = time.perf_counter()
        workspace.add(hand_over())
        added = time.perf_counter()
        workspace.analyze(plan, judge=judge)
        ended = time.perf_counter()
        done, sentences = workspace.status().plans[0].read, workspace.status().sentences
    if done != size:
        raise RuntimeError(f"{done} of {size} articles were read")
    return {
        "add": added - begun - made.seconds,
        "read": read.seconds,
        "store": ended - added - read.seconds,
        "peak": read_memory("VmHWM"),
        "sentences": sentences,
    }


def build_fresh(folder: Path, size: int, stub: bool) -> dict[str, float]:
    """The same in a fresh process."""
    options = ["--stub"] if stub else []
    found: dict[str, float] = ask_fresh(
        "-m", "benchmarks.growth", "--build", str(folder), "--sizes", str(size), *options
    )
    return found


def measure(sizes: Sequence[int], stub: bool, large: int, rounds: int, cache: Path) -> list[Row]:
    """Return the figures."""
    cache.mkdir(parents=True, exist_ok=True)
    rows: list[Row] = []
    costs: dict[int, float] = {}
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        for size in sizes:
            found = build_fresh(Path(scratch) / f"{size}", size, stub)
            costs[size] = (found["add"] + found["read"] + found["store"]) / size
            rows += [
                Row(f"{size} documents: add and analyze, each", costs[size] * 1000, "ms"),
                Row(f"{size} documents: of it adding", found["add"] * 1000 / size, "ms"),
                Row(
                    f"{size} documents: of it embedding, storing and indexing what was read",
                    found["store"] * 1000 / size,
                    "ms",
                ),
                Row(f"{size} documents: peak memory", found["peak"], "MB"),
            ]
        later = [cost for size, cost in costs.items() if size > FROM]
        if FROM in costs and later:
            what = f"cost of a document, the most of the larger ones over {FROM} documents"
            rows.append(Row(what, max(later) / costs[FROM], "", GROWTH))
        if large:
            grown = Path(scratch) / f"{large}"
            if not (stub and large in costs):
                grown = Path(scratch) / "large"
                build_fresh(grown, large, True)
            rows += compare_one_more(grown, large, Path(scratch), rounds)
    return rows


def compare_one_more(grown: Path, large: int, scratch: Path, rounds: int) -> list[Row]:
    """Seconds of one more article, read by the models, in a large workspace and in an empty one."""
    plan, judge = load_plan(PLAN), load_judge()
    articles = list(write_articles(large + 1, rounds + 1))
    empty = [scratch / f"empty-{n}" for n in range(len(articles))]
    for folder in empty:
        start_workspace(folder).close()

    def add_to(folders: Sequence[Path]) -> Callable[[], object]:
        turns = iter(zip(folders, articles, strict=True))

        def add() -> None:
            folder, article = next(turns)
            with Workspace(folder) as workspace:
                workspace.add([article])
                if workspace.analyze(plan, judge=judge) != 1:
                    raise RuntimeError(f"{folder}: more or less than the one article was read")

        return add

    runs = add_to([grown] * len(articles)), add_to(empty)
    time_each(1, *runs)  # loads the models
    many, none = time_each(rounds, *runs)
    return [
        Row(f"one more article in {large}", median(many) * 1000, "ms"),
        Row("one article in an empty workspace", median(none) * 1000, "ms"),
        Row("the first over the second", median(m / n for m, n in zip(many, none, strict=True)), "", ONE_MORE),
    ]


def main(argv: Sequence[str] | None = None) -> int:
    """Print the figures."""
    parser = make_parser(__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", help="documents of each corpus")
    parser.add_argument("--stub", action="store_true", help="without the models, which shows the cost of storing")
    parser.add_argument(
        "--large", type=int, help=f"documents beside which one is added; {LARGE}, with --stub 0, which leaves it out"
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="articles that are added one by one")
    parser.add_argument("--cache", type=Path, default=CACHE, metavar="DIR", help="where workspaces lie meanwhile")
    parser.add_argument("--build", type=Path, metavar="FOLDER", help="build one corpus and tell its cost")
    args = parser.parse_args(argv)
    sizes = args.sizes or (STUB_SIZES if args.stub else SIZES)
    if args.build:
        print(json.dumps(build(args.build, sizes[0], args.stub)))
        return 0
    large = (0 if args.stub else LARGE) if args.large is None else args.large
    return tell(measure(sizes, args.stub, large, args.rounds, args.cache), args.rows)


if __name__ == "__main__":
    sys.exit(main())
