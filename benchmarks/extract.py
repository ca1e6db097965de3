"""Words a second from text to statements with speakers, beside spaCy's own pipeline; then one very long document.

python -m benchmarks.extract
python -m benchmarks.extract --whole 1000000      also reads the long document with the judge: half an hour

The long document is made of the samples and of the training data's articles, one after another, so that names keep
coming. Each length is read in a fresh process.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from itertools import chain, repeat
from random import Random
from typing import Any

from analyzer import analyze_document, load_plan, make_document
from analyzer.normalize import tidy_text
from analyzer.parsing import parse_sentences
from analyzer.segment import segment_text
from analyzer.statements import extract_statements
from benchmarks.machine import ROOT, SAMPLES, Row, ask_fresh, make_parser, read_memory, tell, time_rounds

ROUNDS, COPIES = 3, 4
LENGTHS = (10_000, 100_000, 1_000_000)  # words
LEAST = 3000  # words a second, the limit


def compare() -> list[Row]:
    """Words a second and the ratio to the bare parse; the best of some rounds, for machines are noisy."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(SAMPLES.glob("*.txt"))] * COPIES
    words = sum(len(t.split()) for t in texts)

    def extract() -> None:
        for text in texts:
            document = make_document(text)
            extract_statements(document, segment_text(document.text))

    def parse_ours() -> None:
        for text in texts:
            tidy = tidy_text(text)
            for _ in parse_sentences(s.span.of(tidy) for s in segment_text(text)):
                pass

    def parse_paragraphs() -> None:
        for _ in parse_sentences(p for text in texts for p in text.split("\n\n") if p.strip()):
            pass

    whole, parse, raw = time_rounds(ROUNDS, extract, parse_ours, parse_paragraphs)
    return [
        Row("words a second, from text to statements with speakers", words / whole, limit=LEAST, least=True),
        Row("the same, spaCy's own pipeline on the same paragraphs", words / raw),
        Row("seconds, as a ratio to spaCy's pipeline", whole / raw),
        Row("of which the parse of our sentences", parse / whole),
    ]


def make_long(words: int) -> str:
    """A text of so many words, the same at every call."""
    folders = (SAMPLES, ROOT / "training" / "data" / "documents")
    texts = [path.read_text(encoding="utf-8") for folder in folders for path in sorted(folder.glob("*.txt"))]
    Random(0).shuffle(texts)
    taken, count = [], 0
    for text in chain.from_iterable(repeat(texts)):
        taken.append(text.strip())
        count += len(text.split())
        if count >= words:
            break
    return "\n\n".join(taken)


def read_long(words: int, judged: bool) -> dict[str, Any]:
    """Read the long document once in this process: its words, seconds, statements and the most memory that it took."""
    short = make_document("Kenya said that it would help.")
    extract_statements(short, segment_text(short.text))  # so that the parser is loaded
    document = make_document(make_long(words))
    begun = time.perf_counter()
    if judged:
        statements = analyze_document(document, load_plan("china-2023")).statements
    else:
        statements = extract_statements(document, segment_text(document.text)).statements
    taken = time.perf_counter() - begun
    count = len(document.text.split())
    return {"words": count, "seconds": taken, "statements": len(statements), "peak": read_memory("VmHWM")}


def measure_long(lengths: Sequence[int], judged: bool) -> list[Row]:
    """Words a second and peak memory at each length, and how the cost of a word grows."""
    rows, rates = [], []
    for words in lengths:
        found = ask_fresh("-m", "benchmarks.extract", "--long", str(words), *(["--judged"] if judged else []))
        rates.append(found["words"] / found["seconds"])
        kind = "read with the judge" if judged else "statements"
        rows.append(Row(f"one document of {found['words']:,} words: {kind}, words a second", rates[-1]))
        rows.append(Row(f"one document of {found['words']:,} words: {kind}, peak memory", found["peak"], "MB"))
    if len(rates) > 1:
        rows.append(Row("time a word in the longest over that in the shortest", rates[0] / rates[-1]))
    return rows


def main(argv: Sequence[str] | None = None) -> int:
    """Print the figures; status 1 if a limit is not kept."""
    parser = make_parser(__doc__)
    parser.add_argument("--lengths", type=int, nargs="+", default=LENGTHS, metavar="N", help="words of long documents")
    parser.add_argument("--whole", type=int, nargs="+", default=(), metavar="N", help="words, read with the judge too")
    parser.add_argument("--long", type=int, metavar="N", help="read one document of so many words, as JSON")
    parser.add_argument("--judged", action="store_true", help="with --long: by the judge, too")
    args = parser.parse_args(argv)
    if args.long:
        print(json.dumps(read_long(args.long, args.judged)))
        return 0
    rows = [*compare(), *measure_long(args.lengths, False), *measure_long(args.whole, True)]
    return tell(rows, args.rows)


if __name__ == "__main__":
    sys.exit(main())
