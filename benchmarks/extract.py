"""Words a second from text to statements with speakers, beside spaCy's own pipeline on the same text.

python benchmarks/extract.py
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from machine import describe_machine, time_rounds

from analyzer import make_document
from analyzer.normalize import tidy_text
from analyzer.parsing import parse_sentences
from analyzer.segment import segment_text
from analyzer.statements import extract_statements

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
ROUNDS, COPIES = 3, 4


def main() -> int:
    """Print words a second and the ratio to the bare parse; the best of some rounds, for machines are noisy."""
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
    print(describe_machine())
    print(f"{words} words: {words / whole:.0f} words a second from text to statements with speakers")
    print(f"spaCy on the same paragraphs: {words / raw:.0f}; ours takes {whole / raw:.2f} times as long")
    print(f"of which the parse of our sentences: {parse / whole:.2f}")
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
