"""Articles a second at scale with one worker and with two, beside the plain pipeline on the same articles.

python -m benchmarks.scale                         # prints
python -m benchmarks.scale --write docs/scale.md   # and fills the table of the page
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec

from analyzer import load_plan, make_document, read_document
from analyzer.pipeline import analyze_document
from analyzer.records import Plan
from analyzer.scale import analyze_at_scale
from analyzer.scale.folder import KINDS, Manifest
from benchmarks.machine import describe_machine

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
BEGIN, END = "<!-- scale:begin -->", "<!-- scale:end -->"
SIZES, CORES = (1_000_000, 100_000_000), (16, 256, 4096)


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run at scale took, once each worker had read its first partition and was warm."""

    rate: float  # articles a second, all workers
    start: float  # seconds until each had read one
    cpu: float  # seconds of one core an article
    memory: float  # MB, of the largest worker
    bytes: float  # an article, in the folder of results


def main() -> int:
    """Measure, print, and write the table where it is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=96, metavar="N", help="default: %(default)s")
    parser.add_argument("--partition", type=int, default=8, metavar="N", help="articles in one; default: %(default)s")
    parser.add_argument("--write", type=Path, metavar="PAGE.md", help=f"replace what stands between {BEGIN} and {END}")
    args = parser.parse_args()
    if args.articles < 6 * args.partition:
        parser.error("two workers need at least six partitions, one each to get warm and two to be measured on")
    plan, load = load_plan("china-2023"), os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        texts = write_articles(folder / "articles.jsonl", args.articles)
        plain = time_plain(texts, plan)
        one, two = (measure(folder, plan, workers, args.partition) for workers in (1, 2))
    words = sum(len(text.split()) for text in texts) / len(texts)
    machine = f"{describe_machine()}, load {load:.1f} when it began"
    print(machine)
    print(f"{args.articles} articles of {words:.0f} words, in partitions of {args.partition}")
    print(f"plain pipeline, one process: {plain:.2f} articles a second")
    for workers, found in ((1, one), (2, two)):
        print(
            f"{workers} at scale: {found.rate:.2f} articles a second, {found.cpu:.2f} core seconds an article, "
            f"{found.memory:.0f} MB a worker, {found.start:.0f} s for the start"
        )
    print(
        f"ratio of two workers to one: {two.rate / one.rate:.2f}; of one to the plain pipeline: {one.rate / plain:.2f}"
    )
    if args.write:
        write_table(args.write, "\n".join(describe_costs(machine, words, plain, one, two)))
    return 0


def write_articles(path: Path, count: int) -> list[str]:
    """Write articles of paragraphs drawn from the samples, as long as those are; the same in each run."""
    draw = random.Random(0)
    samples = [read_document(p).text.split("\n\n") for p in sorted(SAMPLES.glob("*.txt"))]
    paragraphs = [paragraph for sample in samples for paragraph in sample[1:]]
    texts = [
        "\n\n".join((f"Report {n}", *draw.sample(paragraphs, len(samples[n % len(samples)]) - 1))) for n in range(count)
    ]
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
    return texts


def time_plain(texts: list[str], plan: Plan) -> float:
    """Articles a second of the steps themselves in this process, on a third of the articles."""
    documents = [make_document(text) for text in texts[: max(2, len(texts) // 3)]]
    analyze_document(documents[0], plan)
    begun = time.perf_counter()
    for document in documents[1:]:
        analyze_document(document, plan)
    return (len(documents) - 1) / (time.perf_counter() - begun)


def measure(folder: Path, plan: Plan, workers: int, partition: int) -> Measured:
    """Read the articles with so many workers; the rate is theirs while all are at work."""
    out, finished = folder / f"out-{workers}", []

    def note(done: int, total: int, name: str) -> None:
        finished.append((time.perf_counter(), name))

    begun = time.perf_counter()
    analyze_at_scale([folder / "articles.jsonl"], plan, out, workers=workers, rows=partition, progress=note)
    paths = [out / "manifests" / f"{name}.json" for _, name in finished]
    manifests = [msgspec.json.decode(path.read_bytes(), type=Manifest) for path in paths]
    first = {m.worker: n for n, m in reversed(list(enumerate(manifests)))}  # in which a worker gets warm
    warm = [m for n, m in enumerate(manifests) if n not in first.values()]
    articles = sum(m.documents for m in warm)
    size = sum(path.stat().st_size for kind in KINDS for path in (out / kind).iterdir())
    return Measured(
        workers * articles / sum(m.seconds for m in warm),
        finished[max(first.values())][0] - begun,
        sum(m.cpu_seconds for m in warm) / articles,
        max(m.memory for m in manifests),
        size / sum(m.documents for m in manifests),
    )


def describe_costs(machine: str, words: float, plain: float, one: Measured, two: Measured) -> list[str]:
    """Return the lines of the table: what was measured, and what follows for many articles."""
    rate = 1 / two.cpu
    lines = [
        f"Measured on {machine}; articles of {words:.0f} words.",
        "",
        "| measured | plain pipeline | 1 worker | 2 workers |",
        "| --- | --: | --: | --: |",
        f"| articles a second | {plain:.2f} | {one.rate:.2f} | {two.rate:.2f} |",
        f"| core seconds an article | | {one.cpu:.2f} | {two.cpu:.2f} |",
        f"| memory of a worker (M), MB | | {one.memory:.0f} | {two.memory:.0f} |",
        f"| results an article, KB | | {one.bytes / 1000:.1f} | {two.bytes / 1000:.1f} |",
        "",
        f"Two workers read {two.rate / one.rate:.2f} times as much as one. "
        f"R = 1 / {two.cpu:.2f} = {rate:.2f} articles a second and core.",
        "",
        "| articles | core hours | " + " | ".join(f"hours on {n:,} cores" for n in CORES) + " | results, GB |",
        "| --: | --: | " + "--: | " * len(CORES) + "--: |",
    ]
    for size in SIZES:
        hours = size / rate / 3600
        spans = " | ".join(f"{hours / n:,.1f}" for n in CORES)
        lines.append(f"| {size:,} | {hours:,.0f} | {spans} | {size * two.bytes / 1e9:,.1f} |")
    memory = ", ".join(f"{n * two.memory / 1000:,.0f} GB for {n:,}" for n in CORES)
    return [*lines, "", f"Memory of the workers, one a core: {memory}."]


def write_table(page: Path, table: str) -> None:
    """Put the table between the two marks of a page."""
    text = page.read_text(encoding="utf-8")
    before, found, rest = text.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not found or not ended:
        raise SystemExit(f"{page}: has no lines {BEGIN} and {END} to write between")
    page.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
