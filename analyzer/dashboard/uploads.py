"""Uploads: pasted texts, articles and corpora to documents, and what failed and why.

Uploaded names are shown and never used as paths: a file is read under a fixed name in a folder that is deleted at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from analyzer.dashboard.state import name_apart
from analyzer.errors import InputError
from analyzer.export.wording import one_line
from analyzer.reading import iterate_documents, make_document
from analyzer.reading.files import ARTICLES, CORPORA, show_path
from analyzer.records import Document, Failure

NAME = 80  # characters of a name that is shown; longer ones break tables
PASTED = "pasted text"
Progress = Callable[[int, int], None]


def read_inputs(
    text: str,
    title: str,
    files: Sequence[tuple[str, bytes]],
    taken: Iterable[str] = (),
    progress: Progress | None = None,
) -> tuple[tuple[Document, ...], tuple[Failure, ...]]:
    """Read a pasted text and files (name, content) as documents with names of their own; and what failed and why.

    `progress` is told before each file how many are done and how many there are.
    """
    documents: list[Document] = []
    failures: list[Failure] = []
    if text.strip():
        try:
            documents.append(make_document(text, PASTED, title=title or None))
        except InputError as error:
            failures.append(Failure(PASTED, str(error).removeprefix(f"{PASTED}: ")))
    for done, (name, content) in enumerate(files):
        if progress:
            progress(done, len(files))
        documents += read_upload(name, content, failures.append)
    names = set(taken)
    return tuple(replace(document, name=name_apart(document.name, names)) for document in documents), tuple(failures)


def read_upload(name: str, content: bytes, on_failure: Callable[[Failure], None]) -> list[Document]:
    """Return the article of a file, or the articles of a corpus (.jsonl, .csv), each row a line of its source.

    Its name gives the kind of file and is shown as the source. A file or row that cannot be read goes to `on_failure`.
    """
    shown = show_name(name)
    suffix = PurePosixPath(shown).suffix.lower()
    documents: list[Document] = []
    if suffix not in (*ARTICLES, *CORPORA):
        known = ", ".join((*ARTICLES, *CORPORA))
        on_failure(Failure(shown, f"is not a kind of file that can be read here. Known: {known}."))
        return documents
    stem = PurePosixPath(shown).stem
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"upload{suffix}"
        path.write_bytes(content)
        here = show_path(path)

        def tell(failure: Failure) -> None:
            source = failure.source.replace(here, shown)
            on_failure(Failure(source, failure.message.removeprefix(f"{here}: ").replace(here, shown)))

        try:
            for document in iterate_documents([path], tell):
                name = stem + document.name.removeprefix(path.stem)
                documents.append(replace(document, name=name, source=document.source.replace(here, shown)))
        except InputError as error:
            tell(Failure(here, str(error)))
    return documents


def show_name(name: str) -> str:
    """Return an uploaded name as it can be shown: its last part, on one line, not longer than NAME characters."""
    last = one_line(name.replace("\\", "/").rsplit("/", 1)[-1]) or "file"
    suffix = PurePosixPath(last).suffix[:10]
    return last if len(last) <= NAME else last[: NAME - len(suffix) - 1] + "…" + suffix
