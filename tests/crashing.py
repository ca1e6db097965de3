"""A process that works on a workspace until it is killed: `python -m tests.crashing FOLDER COUNT`.

It adds COUNT articles and reads them, with stand-ins for the models, and says on its standard output what is done.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import analyzer.workspace.corpus as corpus
import analyzer.workspace.vectors as vectors
from analyzer.records import Document
from analyzer.workspace import Workspace
from tests.factories import WordEncoder, make_analysis, make_document, make_plan

PLAN = make_plan()


class StubJudge:
    name, threshold = "stub/1", 0.5


def article(number: int) -> Document:
    """The article of that number."""
    words = " ".join(f"Sentence {n} of report{number} tells of ship{n * number % 17}." for n in range(6))
    return make_document(f"Report {number}\n\n{words}", f"report-{number}")


def main(folder: str, count: int) -> None:
    """Add, read and index, telling of each document when it is done."""
    corpus.analyze_document = lambda document, plan, encoder, judge: make_analysis((), document, plan)
    vectors.LOOSE = 20  # so that the index is built anew all the time
    with Workspace(folder, WordEncoder()) as workspace:

        def follow() -> Iterator[Document]:
            for number in range(count):
                yield article(number)
                print(f"added report-{number}", flush=True)  # asked for the next one, so this one is stored

        workspace.add(follow())
        last: list[str] = []

        def progress(done: int, total: int, name: str) -> None:
            if last:
                print(f"read {last.pop()}", flush=True)
            last.append(name)

        workspace.analyze(PLAN, judge=StubJudge(), progress=progress)  # type: ignore[arg-type]
        print("all", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
