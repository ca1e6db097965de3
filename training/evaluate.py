"""Measure the tool on labelled documents and write the page docs/evaluation.md.

    python -m training.evaluate --gold tests/gold --out docs/evaluation.md

`--peer NAME=FILE` measures the weights of a training run beside the shipped judge, at its threshold; `--record` notes
the shipped judge's figures in history.jsonl, from which the page draws the curve, with `--public FOLDER` those on the
public benchmarks, too, and precision and recall in the judge's manifest, from which the dashboard tells them.
Intervals are 95 % bootstrap intervals over documents (Efron 1979), 2,000 draws, seeded.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from analyzer import analyze_document, load_plan, read_document
from analyzer.dashboard.trust import OTHER
from analyzer.encoding import load_encoder
from analyzer.judging import Judge, WindowJudge, load_judge
from analyzer.matching import TargetIndex
from analyzer.models import FOLDER, open_tokenizer, read_manifest
from analyzer.records import Document, Plan
from analyzer.settings import CANDIDATES
from training.data import Task, read_labelled
from training.peers import take_nearest, take_nearest_with_sentiment
from training.public_tests import measure_accuracy
from training.scores import read_rows, run_with
from training.scoring import Counts, Found, Gold, count_document, is_headline, load_gold
from training.speakers import by_construction, by_holders, by_speech, count_right
from training.train import load_panel

DRAWS = 2000
HISTORY = Path(__file__).resolve().parent / "history.jsonl"
RANKS = (1, 2, 3, 4, 6, 8, 10, 12)  # of candidates whose recall is told
NAMES = {
    "position_f1": "position F1",
    "precision": "precision",
    "recall": "recall",
    "target_f1": "target F1",
    "stance_accuracy": "stance accuracy",
    "speaker_accuracy": "speaker accuracy",
    "omission_f1": "omission F1",
}


Reader = Callable[[Document, Plan], list[Found]]


def read_with(judge: Judge | None) -> Reader:
    """The tool's own positions, with the shipped judge or another."""

    def read(document: Document, plan: Plan) -> list[Found]:
        return [
            Found(
                document.name,
                p.span.start,
                p.span.end,
                p.target,
                p.stance.value,
                p.speaker.name if p.speaker else "",
                p.confidence,
                f"{p.speech.value}: {p.speaker.resolution}" if p.speaker else "",
            )
            for p in analyze_document(document, plan, judge=judge).positions
        ]

    return read


def load_peer(name: str, file: Path) -> WindowJudge:
    """The weights of a training run as a judge, with the shipped one's settings."""
    return WindowJudge(run_with(load_panel([file])), {**read_manifest()["judge"], "name": name})


def draw_intervals(counts: Sequence[Counts], seed: int = 0) -> dict[str, tuple[float, float]]:
    """95 % intervals of each score over resampled documents."""
    rng = Random(seed)
    drawn = [sum(rng.choices(counts, k=len(counts)), Counts()).scores() for _ in range(DRAWS)]
    intervals = {}
    for name in NAMES:
        values = sorted(d[name] for d in drawn)
        intervals[name] = values[int(0.025 * DRAWS)], values[int(0.975 * DRAWS)]
    return intervals


def measure_calibration(gold: Sequence[Gold], found: Sequence[Found]) -> tuple[float, list[tuple[float, float, int]]]:
    """Expected calibration error over ten bins (Naeini et al. 2015) and the bins: confidence, share right, count."""
    by_name = {g.doc: g for g in gold}
    bins: dict[int, list[tuple[float, bool]]] = {}
    for p in found:
        if is_headline(p.target, p.stance):
            g = by_name[p.doc]
            right = (g.locate(p.start, p.end), p.target, p.stance) in g.keys
            bins.setdefault(min(9, int(p.confidence * 10)), []).append((p.confidence, right))
    rows = [(sum(c for c, _ in b) / len(b), sum(r for _, r in b) / len(b), len(b)) for _, b in sorted(bins.items())]
    total = sum(n for *_, n in rows)
    return sum(abs(c - r) * n for c, r, n in rows) / total if total else 0.0, rows


def find_confusions(gold: Sequence[Gold], found: Sequence[Found]) -> Counter[tuple[str, str]]:
    """Labelled target and the wrong one found instead, in sentences where one is missed and another is too much."""
    by_name = {g.doc: g for g in gold}
    mine: dict[tuple[str, int], set[str]] = {}
    for p in found:
        if (n := by_name[p.doc].locate(p.start, p.end)) is not None:
            mine.setdefault((p.doc, n), set()).add(p.target)
    pairs: Counter[tuple[str, str]] = Counter()
    for g in gold:
        for n in range(len(g.spans)):
            labelled, got = {r[1] for r in g.records if r[0] == n}, mine.get((g.doc, n), set())
            pairs.update((a, b) for a in labelled - got for b in got - labelled)
    return pairs


def group_name(gold: Gold) -> str:
    """The genre of a labelled document, by its name."""
    kinds = {"seed": "real articles", "cn-news": "news", "cn-comm": "commentary", "ood": "other plans"}
    return next((kind for begin, kind in kinds.items() if gold.doc.startswith(begin)), "others")


def measure_recall(folder: Path, plan_id: str) -> tuple[int, dict[str, list[float]]]:
    """Positions on a plan, and the share whose target is among the first 1, 2, 3 … of its sentence.

    Once in the judge's order, once by nearness in the index.
    """
    docs, task = [d for d in read_labelled(folder) if d.plan == plan_id], Task.of(load_plan(plan_id), open_tokenizer())
    likely: dict[tuple[str, int], list[tuple[float, str]]] = {}
    for row in read_rows(load_judge().run_model, docs, {plan_id: task}, open_tokenizer()):
        likely.setdefault((row.doc, row.sentence), []).append((-row.present, row.target))
    index = TargetIndex(task.plan, load_encoder())
    ranks: dict[str, list[int]] = {"judge": [], "index": []}
    for doc in docs:
        near = index.find_candidates(doc.sentences)
        for r in doc.records:
            ranks["index"].append([c.target for c in near[r["sentence"]]].index(str(r["target"])))
            order = [target for _, target in sorted(likely[doc.name, r["sentence"]])]
            ranks["judge"].append(order.index(str(r["target"])))
    shares = {by: [sum(rank < k for rank in all_) / max(1, len(all_)) for k in RANKS] for by, all_ in ranks.items()}
    return len(ranks["judge"]), shares


def draw_calibration(rows: Sequence[tuple[float, float, int]]) -> str:
    """The bins of confidence as a small SVG: a dot where confidence and share right meet, its area the positions."""
    dots = "".join(
        f'<circle cx="{40 + 240 * c:.1f}" cy="{260 - 240 * r:.1f}" r="{2 + n**0.5 / 2:.1f}" opacity=".7"/>'
        for c, r, n in rows
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 300" width="300" font-family="sans-serif" '
        'font-size="11" fill="#333">'
        '<rect width="300" height="300" fill="#fff"/><path d="M40 20V260H280" fill="none" stroke="#555"/>'
        '<path d="M40 260L280 20" stroke="#999" stroke-dasharray="4"/>'
        '<text x="160" y="290" text-anchor="middle">confidence said</text>'
        '<text x="14" y="140" text-anchor="middle" transform="rotate(-90 14 140)">share right</text>'
        '<text x="40" y="274" text-anchor="middle">0</text><text x="280" y="274" text-anchor="middle">1</text>'
        f'<text x="30" y="24" text-anchor="end">1</text>{dots}</svg>\n'
    )


class Measured:
    """What the page tells, measured once."""

    def __init__(self, folder: Path, peers: Mapping[str, Path]) -> None:
        self.folder, self.gold = folder, load_gold(folder)
        self.aliases = json.loads((folder / "aliases.json").read_text(encoding="utf-8"))
        self.plans = {g.plan: load_plan(g.plan) for g in self.gold}
        begun = time.monotonic()
        self.found = self.read(read_with(None))
        self.seconds = time.monotonic() - begun
        self.peers = {
            "nearest target by cosine": self.read(take_nearest),
            "the same, stance by sentiment": self.read(take_nearest_with_sentiment),
            **{name: self.read(read_with(load_peer(name, file))) for name, file in peers.items()},
        }
        self.mark = f"{len(self.gold)} documents, {zlib.crc32(repr(self.gold).encode()):08x}"  # tells these from others
        self.china = [g for g in self.gold if g.plan == "china-2023"]
        self.other = [g for g in self.gold if g.plan != "china-2023"]
        self.error, self.bins = measure_calibration(self.gold, [p for ps in self.found.values() for p in ps])

    def document(self, gold: Gold) -> Document:
        return read_document(self.folder / f"{gold.doc}.txt")

    def read(self, reader: Reader) -> dict[str, list[Found]]:
        return {g.doc: reader(self.document(g), self.plans[g.plan]) for g in self.gold}

    def count(self, positions: Mapping[str, list[Found]], group: Sequence[Gold]) -> list[Counts]:
        return [count_document(g, positions[g.doc], len(self.plans[g.plan].points), self.aliases) for g in group]

    def score(self, group: Sequence[Gold], positions: Mapping[str, list[Found]] | None = None) -> dict[str, float]:
        return sum(self.count(positions or self.found, group), Counts()).scores()


def note_history(m: Measured, public: Mapping[str, float]) -> dict[str, object]:
    """Put the shipped judge's figures into history.jsonl; an older entry of the same judge on these documents goes."""
    trained = {k: read_manifest()["judge"][k] for k in ("documents", "sentences", "plans")}
    entry: dict[str, object] = {
        "judge": load_judge().name,
        **trained,
        "measured on": m.mark,
        **{f"china {k}": round(v, 3) for k, v in m.score(m.china).items()},
        **{f"other {k}": round(v, 3) for k, v in m.score(m.other).items()},
        "calibration error": round(m.error, 3),
        **public,
    }
    kept = [e for e in read_history() if (e["judge"], e["measured on"]) != (entry["judge"], m.mark)]
    lines = "".join(json.dumps(e) + "\n" for e in [*kept, entry])
    HISTORY.write_text(lines, encoding="utf-8")
    return entry


def note_scores(manifest: Path, scores: Mapping[str, Mapping[str, float]]) -> None:
    """Put figures of the shipped judge into its manifest, by plan; the dashboard shows them beside what it judged.

    `scores` has documents, precision and recall, by the id of a plan or “other plans”. What else the manifest holds
    stays. A new judge comes with a new manifest (export.py), and so without the figures of the last one.
    """
    kept = json.loads(manifest.read_text(encoding="utf-8"))
    judge = {"judge": kept["judge"]["name"], "threshold": kept["judge"]["threshold"]}
    manifest.write_text(json.dumps({**kept, "scores": {**judge, "on": scores}}, indent=1) + "\n", encoding="utf-8")


def sum_up(m: Measured) -> dict[str, dict[str, float]]:
    """The figures that note_scores takes: of China's plan, and of the others, none of which was trained on."""
    groups = {"china-2023": m.china, OTHER: m.other}
    keys = ("precision", "recall")
    return {
        plan: {"documents": len(group), **{k: round(v, 3) for k, v in m.score(group).items() if k in keys}}
        for plan, group in groups.items()
        if group
    }


def read_history() -> list[dict[str, Any]]:
    """The figures of each judge that was shipped, oldest first."""
    lines = HISTORY.read_text(encoding="utf-8").splitlines() if HISTORY.exists() else []
    return [json.loads(line) for line in lines]


def write_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield a Markdown table with an empty line before and after it."""
    yield ""
    yield "| " + " | ".join(header) + " |"
    yield "| " + " | ".join("---" for _ in header) + " |"
    yield from ("| " + " | ".join(map(str, row)) + " |" for row in rows)
    yield ""


def write_page(m: Measured) -> Iterator[str]:
    """Yield the page, line by line."""
    words = sum(len(m.document(g).text.split()) for g in m.gold)
    sentences, records = sum(len(g.spans) for g in m.gold), sum(len(g.records) for g in m.gold)
    yield "# How well it reads"
    yield ""
    yield f"Written by `python -m training.evaluate`. Judge {load_judge().name}, threshold {load_judge().threshold}."
    yield f"{len(m.gold)} labelled documents with {sentences} sentences, {words} words and {records} records, read in"
    yield f"{m.seconds:.0f} s on {_cores()} cores ({platform.machine()}, {platform.system()}). Scores as in"
    yield "[codebook.md](codebook.md) and `training/scoring.py`; in brackets 95 % bootstrap intervals over documents."
    yield "Two independent readings of such documents, by readers of one kind, agreed at 0.95 (position F1)."
    for title, group in (("China's twelve points", m.china), ("Other plans, never trained on", m.other)):
        if not group:
            continue
        scores, intervals = m.score(group), draw_intervals(m.count(m.found, group))
        others = [m.score(group, found) for found in m.peers.values()]
        yield ""
        yield f"## {title} ({len(group)} documents)"
        yield from write_table(
            ("score", "the tool", *m.peers),
            (
                (
                    name,
                    "{:.3f} [{:.3f}, {:.3f}]".format(scores[key], *intervals[key]),
                    *(f"{o[key]:.3f}" for o in others),
                )
                for key, name in NAMES.items()
            ),
        )
    yield "## By genre"
    keys = ("position_f1", "precision", "recall", "target_f1", "stance_accuracy", "speaker_accuracy")
    kinds = {kind: [g for g in m.gold if group_name(g) == kind] for kind in dict.fromkeys(map(group_name, m.gold))}
    scored = {kind: m.score(group) for kind, group in kinds.items()}
    yield from write_table(
        ("genre", "documents", *(NAMES[k] for k in keys)),
        ((kind, len(group), *(f"{scored[kind][k]:.3f}" for k in keys)) for kind, group in kinds.items()),
    )
    yield "## By stance"
    yield from write_table(("stance", "labelled", "found", "precision", "recall", "F1"), _rows_by_stance(m))
    yield "## Who says it"
    yield ""
    yield "Over the right positions: how often the speaker is right, by how the tool found them. A position that"
    yield "several hold counts once for each that the tool names."
    yield from _write_speakers(m, "found by", by_construction)
    yield "The same by the kind of speech, as the tool read it, and by how many holders the labels of a sentence name."
    yield from _write_speakers(m, "speech", by_speech)
    yield from _write_speakers(m, "in a sentence with", by_holders)
    yield "## Calibration"
    yield ""
    yield f"Expected calibration error {m.error:.3f} over ten bins; the picture shows the same, a dot a bin."
    yield ""
    yield "![confidence said and share right](calibration.svg)"
    rows = ((f"{c:.2f}", f"{r:.2f}", n) for c, r, n in m.bins)
    yield from write_table(("confidence said", "share right", "positions"), rows)
    yield "## What is taken for what"
    yield ""
    yield "The labelled target and the one found in its place in the same sentence, on China's twelve points."
    pairs = find_confusions(m.china, [p for g in m.china for p in m.found[g.doc]])
    most = sorted(pairs.items(), key=lambda x: (-x[1], x[0]))[:12]
    yield from write_table(("labelled", "found", "times"), ((a, b, n) for (a, b), n in most))
    yield "## Candidates"
    yield ""
    yield "The share of the labelled positions whose target is among the first k of its sentence: in the order of the"
    yield f"judge, which reads every target and whose first {CANDIDATES} are kept with a position, and by nearness in"
    yield "the index."
    recalls = [(plan, *measure_recall(m.folder, plan)) for plan in m.plans]
    rows = (
        (p, len(m.plans[p].targets), n, by, *(f"{x:.3f}" for x in shares))
        for p, n, recall in recalls
        for by, shares in recall.items()
    )
    yield from write_table(("plan", "targets", "positions", "order", *(f"k = {k}" for k in RANKS)), rows)
    if history := [e for e in read_history() if e["measured on"] == m.mark]:
        yield "## The judges so far"
        yield ""
        yield "Each was measured when it was shipped: what it was trained on and what it reached on the same documents."
        yield "The last columns are accuracies on two public benchmarks, IBM claim stance and Perspectrum; no judge was"
        yield "trained on a motion that shares half of its words with one of theirs."
        header = {
            "judge": "judge",
            "documents": "documents",
            "sentences": "sentences",
            "plans": "plans",
            "china position_f1": "position F1, china",
            "other position_f1": "position F1, other",
            "china stance_accuracy": "stance accuracy, china",
            "china omission_f1": "omission F1, china",
            "calibration error": "calibration error",
            "ibmcs": "IBM",
            "perspectrum": "Perspectrum",
        }
        yield from write_table(list(header.values()), ([e.get(k, "") for k in header] for e in history))


def _write_speakers(m: Measured, header: str, group: Callable[[Gold, Found], str]) -> Iterator[str]:
    counted = count_right(m.gold, m.found, m.aliases, group)
    rows = ((name, f"{right / n:.2f}", n) for name, (right, n) in counted.items())
    yield from write_table((header, "right", "positions"), rows)


def _rows_by_stance(m: Measured) -> Iterator[tuple[object, ...]]:
    for stance in ("endorses", "criticises", "mentions", "raises", "rejects"):
        only = [replace(g, records=tuple(r for r in g.records if r[2] == stance)) for g in m.gold]
        mine = {doc: [p for p in ps if p.stance == stance] for doc, ps in m.found.items()}
        total = sum(m.count(mine, only), Counts())
        scores = total.scores()
        figures = (f"{scores[k]:.3f}" for k in ("precision", "recall", "position_f1"))
        yield stance, total.labelled, total.found, *figures


def _cores() -> int:
    import os

    return len(os.sched_getaffinity(0))


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Measure the tool on labelled documents.")
    parser.add_argument("--gold", type=Path, required=True, help="folder of labelled documents")
    parser.add_argument(
        "--peer", action="append", default=[], metavar="NAME=FILE", help="weights to measure beside ours"
    )
    parser.add_argument("--public", type=Path, help="folder of the public benchmarks")
    parser.add_argument("--record", action="store_true", help="note the figures in history.jsonl and in the manifest")
    parser.add_argument("--out", type=Path, help="write the page here instead of to the screen")
    args = parser.parse_args(argv)
    m = Measured(args.gold, {name: Path(file) for name, _, file in (peer.partition("=") for peer in args.peer)})
    if args.record:
        note_history(m, measure_accuracy(load_judge().run_model, args.public) if args.public else {})
        note_scores(FOLDER / "manifest.json", sum_up(m))
    page = "\n".join(write_page(m)).rstrip() + "\n"
    if args.out:
        notes = args.out.with_suffix(".notes.md")
        page += "\n" + notes.read_text(encoding="utf-8") if notes.exists() else ""
        args.out.write_text(page, encoding="utf-8")
        args.out.with_name("calibration.svg").write_text(draw_calibration(m.bins), encoding="utf-8")
    else:
        print(page, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
