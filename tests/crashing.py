"""A process that works on a workspace until it is killed: `python -m tests.crashing FOLDER COUNT`.

It adds COUNT articles and reads them, with stand-ins for the models, or, with COUNT 0, reviews the positions that are
there, and says on its standard output what is done.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import count

import analyzer.workspace.corpus as corpus
import analyzer.workspace.vectors as vectors
from analyzer.records import Document, Reviewed
from analyzer.workspace import Workspace
from tests.factories import WordEncoder, make_analysis, make_document, make_plan

PLAN = make_plan()


class StubJudge:
    name, threshold = "stub/1", 0.5


def article(number: int) -> Document:
    """The article of that number."""
    words = " ".join(f"Sentence {n} of report{number} tells of ship{n * number % 17}." for n in range(6))
    return make_document(f"Report {number}\n\n{words}", f"report-{number}")


def act(workspace: Workspace, number: int) -> None:
    """What a reviewer does as that number: rejects or confirms a position, takes in a rejected one, takes a word back."""
    (analysis,) = workspace.report().analyses
    rejected = workspace.rejected(analysis.document.name)
    if number % 4 == 3 or not analysis.positions:
        workspace.undo_review()
    elif number % 4 == 2 and rejected:
        workspace.review(rejected[0], Reviewed.CONFIRMED)
    else:
        one = analysis.positions[number % len(analysis.positions)]
        workspace.review(one, (Reviewed.REJECTED, Reviewed.CONFIRMED)[number // 3 % 2])


def review(folder: str) -> None:
    """Review without end, telling of each thing that is done."""
    with Workspace(folder, WordEncoder()) as workspace:
        for number in count():
            act(workspace, number)
            print(number, flush=True)


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
    main(sys.argv[1], int(sys.argv[2])) if int(sys.argv[2]) else review(sys.argv[1])
