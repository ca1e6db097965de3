"""Reading: from files, folders and corpora to documents.

    read_document       one article: .txt, .html, .pdf, .docx
    iterate_documents   files, folders and corpora (.jsonl, .csv), one document after the other
    count_inputs        how many of them there are, for a progress bar
    make_document       a text that is at hand

A file that is named and cannot be read raises InputError; one inside a folder, or a row of a corpus, becomes a Failure
and the rest goes on. Errors of the libraries that open the files never come through.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from analyzer.errors import InputError
from analyzer.reading.corpora import count_rows, iterate_rows
from analyzer.reading.docx import read_docx
from analyzer.reading.files import CORPORA, Source, check_file, list_sources, show_path
from analyzer.reading.headline import date_of_name
from analyzer.reading.html import read_html
from analyzer.reading.pdf import read_pdf
from analyzer.reading.plain import make_document, read_plain
from analyzer.records import Document, Failure

__all__ = ["count_inputs", "iterate_documents", "make_document", "read_document"]

Progress = Callable[[int, int], None]


def read_document(path: str | Path, progress: Progress | None = None) -> Document:
    """Read one article from a .txt, .html, .htm, .pdf or .docx file; its name is the file's stem.

    Where neither text nor properties tell the article's date, that with which the name begins counts:
    "2023-03-01-reactions.txt".

    `progress` is called after each page of a PDF with the pages done and the pages in all.

    Raises InputError, in one line that says what is wrong and what to do, for anything that cannot be read as an
    article: a missing path, a folder, a corpus, an unknown suffix, a damaged or protected file, one without words.
    """
    path = Path(path)
    if problem := check_file(path):
        raise InputError(f"{show_path(path)}: {problem}")
    if path.suffix.lower() in CORPORA:
        raise InputError(f"{show_path(path)}: is a corpus of many articles. Read it with read_documents.")
    return _read_file(path, show_path(path.stem), progress)


def iterate_documents(
    paths: Sequence[str | Path], on_failure: Callable[[Failure], None], progress: Progress | None = None
) -> Iterator[Document]:
    """Return an iterator over the articles in files, in folders with all that lies below them, and in corpora.

    Names are unique over all that is yielded: files of one stem are told apart by their folders. A bad file in a
    folder and a bad row of a corpus are handed to `on_failure`, once each. Hidden entries of a folder are passed over.

    Raises InputError at once for a named path that does not exist, is empty or of an unknown kind, and for a single
    named file that proves unreadable; among several, such a file is handed to `on_failure`, so that the others are
    not lost.
    """
    listed = [paths] if isinstance(paths, str | os.PathLike) else paths
    return _iterate_sources(list_sources(listed), on_failure, progress)


def count_inputs(paths: Sequence[str | Path]) -> int | None:
    """Return how many articles `iterate_documents` will yield or report as failed; None where counting takes long.

    Raises InputError as `iterate_documents` does at once.
    """
    listed = [paths] if isinstance(paths, str | os.PathLike) else paths
    total = 0
    for source in list_sources(listed):
        count = count_rows(source.path) if _is_corpus(source) else 1
        if count is None:
            return None
        total += count
    return total


def _iterate_sources(
    sources: Sequence[Source], on_failure: Callable[[Failure], None], progress: Progress | None
) -> Iterator[Document]:
    taken: set[str] = set()
    for source in sources:
        shown = show_path(source.path)
        try:
            if source.problem:
                raise InputError(f"{shown}: {source.problem}")
            if _is_corpus(source):
                documents = iterate_rows(source.path, source.name, on_failure)
            else:
                documents = iter((_read_file(source.path, source.name, progress),))
            for document in documents:
                name = document.name
                while name in taken:
                    name += "~"
                taken.add(name)
                yield document if name == document.name else replace(document, name=name)
        except InputError as error:
            if source.named and len(sources) == 1:
                raise
            on_failure(Failure(shown, str(error).removeprefix(f"{shown}: ")))


def _is_corpus(source: Source) -> bool:
    return not source.problem and source.path.suffix.lower() in CORPORA


def _read_file(path: Path, name: str, progress: Progress | None) -> Document:
    document = _read_text(path, name, progress)
    return document if document.date else replace(document, date=date_of_name(path.stem))


def _read_text(path: Path, name: str, progress: Progress | None) -> Document:
    match path.suffix.lower():
        case ".pdf":
            return read_pdf(path, name, progress)
        case ".docx":
            return read_docx(path, name)
        case ".html" | ".htm":
            return read_html(path, name)
        case _:
            return read_plain(path, name)
