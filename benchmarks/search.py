"""Search in workspaces of ten thousand to a million sentences: seconds, memory, and what the index misses.

python -m benchmarks.search --sizes 10000 100000 1000000

A million sentences are not read by the models; they are made of real ones. Each row has the words of one sentence, some
of them exchanged for words of another, and a mix of the vectors of both with a little noise. A workspace is kept under
--cache, so that it is made once; its index is built anew each time. The queries are asked in a fresh process.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from analyzer import load_plan, searching
from analyzer.encoding import load_encoder
from analyzer.index import find_exactly
from analyzer.queries import FUNCTION_WORDS
from analyzer.records import (
    AUTHOR,
    STANCES,
    Candidate,
    Document,
    Plan,
    Position,
    Span,
    Speaker,
    SpeakerKind,
    Speech,
    Statement,
)
from analyzer.searching import Searcher
from analyzer.segment import segment_text
from analyzer.settings import DEFAULT_ENCODER
from analyzer.workspace import Workspace, start_workspace
from analyzer.workspace.database import transaction
from analyzer.workspace.rows import digest_plan, digest_text, pack_document, pack_plan, pack_vectors
from analyzer.workspace.vectors import SentenceVectors
from benchmarks.machine import CACHE, ROOT, Row, Timer, ask_fresh, make_once, make_parser, read_memory, tell

Vectors = npt.NDArray[np.float32]

MADE = 1  # version of what is made; another one makes the kept workspaces anew
SIZES = (10_000, 100_000, 1_000_000)
REAL = 20_000  # sentences that are embedded
A_DOCUMENT = 30  # sentences of one
AT_ONCE = 100  # documents made and stored in one transaction
EXCHANGED, NOISE = 0.3, 0.01  # share of words that come from the other sentence; deviation for each dimension
SAID, HELD = 0.5, 0.1  # share of sentences in which somebody other than the writer speaks, that hold a position
QUERIES, ASKED = 12, 3  # of each kind, and times that each is asked; the median counts
RECALLED = 100  # queries by which the index is held against comparing all
LIMITS = {10_000: (15.0, None), 1_000_000: (60.0, 1200.0)}  # milliseconds for 95 of 100 queries, megabytes
RECALL = 0.97
PLAN = "china-2023"
OUTLETS = tuple(f"Outlet {n}" for n in range(20))
FIRST_DAY, DAYS = datetime.date(2022, 2, 24), 1000
SPEAKERS = (
    *(
        Speaker(name, SpeakerKind.PERSON)
        for name in ("Volodymyr Zelensky", "Jens Stoltenberg", "Ursula von der Leyen", "Wang Wenbin", "Zelensky")
    ),
    *(Speaker(name, SpeakerKind.COUNTRY) for name in ("China", "Russia", "Ukraine", "the United States", "Brazil")),
    *(Speaker(f"Envoy Number{n}", SpeakerKind.PERSON) for n in range(400)),
)
METHODS = ("_rank_meaning", "_weigh_words", "_mark_words")
FUNCTIONS = ("select_sentences", "load_hit", "count_facets")
STEPS = (*METHODS, *FUNCTIONS)
_WORD = re.compile(r"[^\W\d_]+")


# What is searched


def read_sentences(most: int) -> list[str]:
    """Up to `most` real sentences, in an order that is always the same."""
    folders = (ROOT / "samples", ROOT / "tests" / "gold", ROOT / "training" / "data" / "documents")
    texts = [path.read_text(encoding="utf-8") for folder in folders for path in sorted(folder.glob("*.txt"))]
    found = [s.span.of(text) for text in texts for s in segment_text(text)]
    speeches = ROOT.parent / "shared" / "data" / "ungdc_ukraine.unlabelled.jsonl"
    if speeches.is_file():
        found += [json.loads(line)["sentence"] for line in speeches.read_text(encoding="utf-8").splitlines()]
    whole = sorted({" ".join(s.split()) for s in found if len(s.split()) >= 5})
    Random(0).shuffle(whole)
    return whole[:most]


def exchange_words(one: Sequence[str], other: Sequence[str], rng: Random) -> str:
    """The words of one sentence, some of them exchanged for words of another."""
    words = list(one)
    for _ in range(max(1, round(len(words) * EXCHANGED))):
        words[int(rng.random() * len(words))] = other[int(rng.random() * len(other))]
    return " ".join(words)


def embed(sentences: Sequence[str], cache: Path) -> Vectors:
    """The vectors of real sentences, kept in the cache."""
    path = cache / f"vectors-{_digest(DEFAULT_ENCODER, *sentences)}.npy"
    if not path.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        np.save(path, load_encoder().encode(sentences))
    vectors: Vectors = np.load(path)
    return vectors


def make_workspace(size: int, sentences: Sequence[str], vectors: Vectors, cache: Path) -> Path:
    """The folder of a workspace with `size` sentences, which is made if the cache lacks it."""

    def fill(folder: Path) -> None:
        with start_workspace(folder) as workspace:
            _fill(workspace, size, sentences, vectors)

    return make_once(cache / f"search-{size}-{_digest(str(MADE), DEFAULT_ENCODER, *sentences)}", fill)


def _fill(workspace: Workspace, size: int, sentences: Sequence[str], vectors: Vectors) -> None:
    ask, plan = workspace.connection.execute, load_plan(PLAN)
    ask("PRAGMA synchronous = OFF")
    ask("INSERT INTO plans VALUES (?,?,?)", (plan.id, digest_plan(plan), pack_plan(plan)))
    ask(
        "INSERT INTO runs (id, plan, plan_digest, version, encoder, judge, threshold, started) "
        "VALUES (1,?,?,'0','made','made',0.5,'')",
        (plan.id, digest_plan(plan)),
    )
    ask(
        "INSERT INTO speakers VALUES (?,?,?)", (SPEAKERS[4].name, SpeakerKind.PERSON.value, SPEAKERS[0].name)
    )  # the surname alone
    rng, dice = Random(size), np.random.default_rng(size)
    words = [s.split() for s in sentences]
    weights = 1 / np.arange(1, len(SPEAKERS) + 1)  # Zipf: few speak often
    block = AT_ONCE * A_DOCUMENT
    for first in range(0, size, block):
        count = min(block, size - first)
        ones, others = dice.integers(0, len(words), (2, count))
        texts = [exchange_words(words[a], words[b], rng) for a, b in zip(ones, others, strict=True)]
        shares = dice.uniform(0.6, 0.95, (count, 1)).astype(np.float32)
        mixed = shares * vectors[ones] + (1 - shares) * vectors[others]
        mixed += dice.normal(0, NOISE, mixed.shape).astype(np.float32)
        mixed /= np.linalg.norm(mixed, axis=1, keepdims=True)
        speaking = rng.choices(SPEAKERS, weights.tolist(), k=count)
        said = [speaker if rng.random() < SAID else AUTHOR for speaker in speaking]
        with transaction(workspace.connection):
            for start in range(0, count, A_DOCUMENT):
                part = slice(start, start + A_DOCUMENT)
                number = (first + start) // A_DOCUMENT + 1
                _store(workspace, number, first + start + 1, texts[part], mixed[part], said[part], plan, rng)
        if first // block % 50 == 49:
            print(f"made {first + count} of {size} sentences", file=sys.stderr, flush=True)


def _store(
    workspace: Workspace,
    number: int,
    first: int,
    texts: Sequence[str],
    vectors: Vectors,
    said: Sequence[Speaker],
    plan: Plan,
    rng: Random,
) -> None:
    """Write one document with what is held in it; `first` is the id of its first sentence."""
    connection = workspace.connection
    text, spans = "", []
    for n, sentence in enumerate(texts):
        text += ("\n\n" if n % 3 == 0 else " ") if n else ""
        spans.append(Span(len(text), len(text) + len(sentence)))
        text += sentence
    day = FIRST_DAY + datetime.timedelta(rng.randrange(DAYS))
    outlet, name = rng.choice(OUTLETS), f"article-{number}"
    document = Document(name, "", name, "txt", f"Article {number}", day, outlet)
    connection.execute(
        "INSERT INTO documents VALUES (?,?,?,?,?,?,?,?,?,?,?,'')",
        (
            number,
            digest_text(f"{number} {text}"),
            name,
            name,
            document.title,
            day.isoformat(),
            outlet,
            text,
            pack_document(document),
            number,
            bytes(512),
        ),
    )
    connection.executemany(
        "INSERT INTO sentences VALUES (?,?,?,?,?,?,?,?,?)",
        [
            (first + n, number, n, span.start, span.end, n // 3, sentence, speaker.name, vector)
            for n, (span, sentence, speaker, vector) in enumerate(
                zip(spans, texts, said, pack_vectors(vectors), strict=True)
            )
        ],
    )
    statements, positions = [], []
    for n, (span, speaker) in enumerate(zip(spans, said, strict=True)):
        speech = Speech.VOICE if speaker is AUTHOR else Speech.INDIRECT
        statements.append(
            (number, n, first + n, speech.value, None, msgspec.json.encode(Statement(n, span, "", (speaker,), speech)))
        )
        if rng.random() >= HELD:
            continue
        target = rng.choice(plan.targets)
        stance = rng.choice(sorted(STANCES[target.kind]))
        near = tuple(Candidate(t.id, 0.5, t.title, 0.5) for t in plan.targets[:6])
        sure = round(rng.uniform(0.3, 1), 3)
        record = msgspec.json.encode(
            Position("", n, span, "", speaker, speech, None, target.id, stance, sure, span, "", near)
        )
        who = (speaker.name, speaker.kind.value)
        positions.append(
            (number, plan.id, n, first + n, target.id, stance.value, sure, speech.value, *who, None, record)
        )
    connection.executemany("INSERT INTO statements VALUES (?,?,?,?,?,?)", statements)
    connection.executemany(
        "INSERT INTO positions (document, plan, number, sentence, target, stance, confidence, speech, speaker, kind, "
        "said_on, record) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
        positions,
    )
    held = {place[3] for place in positions}
    connection.executemany(
        "INSERT INTO sources VALUES (?,?,?,?)",
        [
            (first + n, of, speaker.name, speaker.kind.value)
            for n, speaker in enumerate(said)
            for of in ("", plan.id)
            if not of or first + n in held
        ],
    )
    connection.execute("INSERT INTO readings (document, plan, run, notices) VALUES (?,?,1,'[]')", (number, plan.id))


# What is asked


def make_queries(sentences: Sequence[str], each: int) -> dict[str, list[str]]:
    """`each` queries of every kind."""
    rng = Random(1)
    counted: Counter[str] = Counter()
    runs: list[list[str]] = []
    for sentence in sentences:
        found = [w.casefold() for w in _WORD.findall(sentence)]
        counted.update(w for w in found if w not in FUNCTION_WORDS and len(w) > 2)
        runs.append(found)
    ranked = [word for word, _ in counted.most_common()]
    ranks = np.unique(np.geomspace(1, len(ranked), each).astype(int)) - 1  # from the most frequent to the rarest
    frequent = ranked[:300]

    def pick_text() -> str:
        run = rng.choice([r for r in rng.choices(runs, k=20) if len(r) >= 5] or runs)
        start = rng.randrange(max(1, len(run) - 4))
        return " ".join(run[start : start + rng.randint(4, 9)])

    def pick_phrase() -> str:
        while True:
            run = rng.choice(runs)
            pairs = [pair for pair in pairwise(run) if counted[pair[0]] and counted[pair[1]]]
            if pairs:
                return " ".join(rng.choice(pairs))

    def pick_days(n: int) -> str:
        start = FIRST_DAY + datetime.timedelta(rng.randrange(DAYS // 2))
        end = start + datetime.timedelta((30, 90, 365)[n % 3])
        return f"after:{start} before:{end}"

    words = [f"{a} AND ({b} OR {c})" for a, b, c in (rng.sample(frequent, 3) for _ in range(each))]
    stances = sorted({stance.value for kind in STANCES.values() for stance in kind})
    return {
        "free text": [pick_text() for _ in range(each)],
        "one word": [ranked[int(rank)] for rank in ranks],
        "phrase": [f'"{pick_phrase()}"' for _ in range(each)],
        "AND, OR": words,
        "speaker filter": [f'{pick_text()} speaker:"{SPEAKERS[(n * n) % len(SPEAKERS)].name}"' for n in range(each)],
        "stance filter": [f"{pick_text()} stance:{stances[n % len(stances)]}" for n in range(each)],
        "date range": [f"{pick_text()} {pick_days(n)}" for n in range(each)],
    }


def answer(given: dict[str, Any]) -> dict[str, Any]:
    """Ask the queries of a workspace, in this process: milliseconds of each, what the steps took, and memory."""
    begun = time.perf_counter()
    workspace = Workspace(given["folder"])
    searcher = Searcher(workspace)
    searcher.search("a first query opens the index and loads the encoder")
    opened = time.perf_counter() - begun
    queries: list[tuple[str, str]] = [(kind, q) for kind, own in given["queries"].items() for q in own]

    def ask_all() -> list[float]:
        taken = []
        for _, query in queries:
            begun = time.perf_counter()
            searcher.search(query)
            taken.append((time.perf_counter() - begun) * 1000)
        return taken

    first = ask_all()
    rounds = [ask_all() for _ in range(given["asked"])]
    memory = {name: read_memory(name) for name in ("VmRSS", "RssAnon", "VmHWM")}
    steps: dict[str, dict[str, float]] = {}
    plain = {name: getattr(searching, name) for name in FUNCTIONS}
    for kind, own in given["queries"].items():
        timers = {name: Timer(getattr(type(searcher), name).__get__(searcher)) for name in METHODS}
        timers |= {name: Timer(function) for name, function in plain.items()}
        for name, timer in timers.items():
            setattr(searcher if name in METHODS else searching, name, timer)
        encoder: Any = workspace.encoder
        encode = timers["encode"] = Timer(type(encoder).encode.__get__(encoder))
        encoder.encode = encode
        for query in own:
            searcher.search(query)
        steps[kind] = {name: timer.seconds * 1000 / len(own) for name, timer in timers.items()}
        steps[kind]["_rank_meaning"] -= steps[kind]["encode"]
    workspace.close()
    return {
        "opened": opened,
        "kinds": [kind for kind, _ in queries],
        "first": first,
        "taken": [median(own) for own in zip(*rounds, strict=True)],
        "memory": memory,
        "steps": steps,
    }


def measure_recall(folder: Path, queries: Vectors) -> float:
    """The share of the ten nearest sentences, found by comparing all, that the workspace finds."""
    with Workspace(folder) as workspace:
        connection = workspace.connection
        (count,) = connection.execute("SELECT count(*) FROM sentences").fetchone()
        ids, vectors, done = np.zeros(count, np.int64), np.zeros((count, queries.shape[1]), np.float16), 0
        rows = connection.execute("SELECT id, vector FROM sentences ORDER BY id")
        while block := rows.fetchmany(50_000):
            part = slice(done, done + len(block))
            ids[part] = [id for id, _ in block]
            vectors[part] = np.frombuffer(b"".join(v for _, v in block), np.float16).reshape(len(block), -1)
            done += len(block)
        truth = ids[find_exactly(queries, vectors, 10)]
        index = SentenceVectors(connection, folder)
        found = [{id for id, _ in index.find_nearest(query, 10, None)} for query in queries]
    return float(np.mean([len(own & set(row)) / len(row) for own, row in zip(found, truth.tolist(), strict=True)]))


def measure(sizes: Sequence[int], real: int, each: int, cache: Path) -> list[Row]:
    """Return the figures of workspaces of these sizes."""
    sentences = read_sentences(real)
    vectors = embed(sentences, cache)
    queries = make_queries(sentences, each)
    texts = make_queries(sentences[::-1], RECALLED)["free text"]
    asked = load_encoder().encode(texts)
    rows = []
    for size in sizes:
        folder = make_workspace(size, sentences, vectors, cache)
        with Workspace(folder) as workspace:
            begun = time.perf_counter()
            workspace.reindex()
            built = time.perf_counter() - begun
        given = {"folder": str(folder), "queries": queries, "asked": ASKED}
        found = ask_fresh("-m", "benchmarks.search", "--answer", given=json.dumps(given))
        rows += _read_answer(size, found, built)
        rows.append(Row(f"{size}: recall of the ten nearest", measure_recall(folder, asked), "", RECALL, least=True))
        _print_steps(size, found["steps"])
    return rows


def _read_answer(size: int, found: dict[str, Any], built: float) -> list[Row]:
    limit, memory_limit = LIMITS.get(size, (None, None))
    taken, kinds = np.array(found["taken"]), np.array(found["kinds"])
    rows = [
        Row(f"{size}: median of {len(taken)} queries", float(np.percentile(taken, 50)), "ms"),
        Row(f"{size}: 95 of 100 queries within", float(np.percentile(taken, 95)), "ms", limit),
        Row(f"{size}: the same, each asked for the first time", float(np.percentile(found["first"], 95)), "ms"),
    ]
    for kind, steps in found["steps"].items():
        own = taken[kinds == kind]
        slowest = max(steps, key=lambda name: steps[name])
        rows += [
            Row(f"{size}: {kind}, median", float(np.percentile(own, 50)), "ms"),
            Row(f"{size}: {kind}, 95 of 100 within", float(np.percentile(own, 95)), "ms"),
            Row(f"{size}: {kind}, mean of its slowest step, {slowest.lstrip('_')}", steps[slowest], "ms"),
        ]
    memory = found["memory"]
    return [
        *rows,
        Row(f"{size}: memory after the queries", memory["VmRSS"], "MB", memory_limit),
        Row(f"{size}: of it not mapped from files", memory["RssAnon"], "MB"),
        Row(f"{size}: peak memory", memory["VmHWM"], "MB"),
        Row(f"{size}: opening and the first query", found["opened"], "s"),
        Row(f"{size}: building the index", built, "s"),
    ]


def _print_steps(size: int, steps: dict[str, dict[str, float]]) -> None:
    """Print the mean milliseconds of each step of a search, by kind of query."""
    names = ["encode", *STEPS]
    print(f"{size} sentences, mean milliseconds of each step")
    print(f"{'':16}" + "".join(f"{name.lstrip('_'):>14}" for name in names))
    for kind, own in steps.items():
        print(f"{kind:16}" + "".join(f"{own[name]:14.1f}" for name in names))
    print()


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:8]


def main(argv: Sequence[str] | None = None) -> int:
    """Print the figures."""
    parser = make_parser(__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="sentences of each workspace")
    parser.add_argument("--queries", type=int, default=QUERIES, help="of each kind")
    parser.add_argument("--real", type=int, default=REAL, help="sentences that the others are made of")
    parser.add_argument("--cache", type=Path, default=CACHE, metavar="DIR", help="where workspaces are kept")
    parser.add_argument("--answer", action="store_true", help="ask the queries that stand in the standard input")
    args = parser.parse_args(argv)
    if args.answer:
        print(json.dumps(answer(json.load(sys.stdin))))
        return 0
    return tell(measure(args.sizes, args.real, args.queries, args.cache), args.rows)


if __name__ == "__main__":
    sys.exit(main())
