"""Corpora: one article a row, in JSONL or CSV, with columns text, title, date, outlet, url.

Only `text` is required. Rows are read one by one, so a corpus may be larger than memory. A row that cannot be read is
reported and the rest goes on; its number is that of the line on which it begins, counted from 1.
"""

from __future__ import annotations

import csv
import datetime
import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

from analyzer.errors import InputError
from analyzer.reading.encodings import find_encoding
from analyzer.reading.files import show_path
from analyzer.reading.plain import make_document
from analyzer.records import Document, Failure, Notice

COLUMNS = ("text", "title", "date", "outlet", "url")
LONGEST_FIELD = 2**31 - 1  # the csv module's own limit is 131,072 characters, less than a long report
DELIMITERS = ",;\t"
COUNTABLE = 64_000_000  # bytes; counting the rows of a larger corpus takes longer than a progress bar is worth

Row = tuple[int, dict[str, Any] | str]  # line, and the row's cells by column or what is wrong with it


def iterate_rows(path: Path, name: str, on_failure: Callable[[Failure], None]) -> Iterator[Document]:
    """Yield the articles of a .jsonl or .csv corpus, named `name:line`; bad rows go to `on_failure`.

    Raises InputError for a corpus that is binary, empty, or a CSV file without a column called text.
    """
    empty = True
    encoding, notices = _choose_encoding(path)
    for line, row in _list_rows(path, encoding):
        empty = False
        source = f"{show_path(path)}:{line}"
        try:
            if isinstance(row, str):
                raise InputError(f"{source}: {row}")
            yield make_row(row, f"{name}:{line}", source, notices)
        except InputError as error:
            on_failure(Failure(source, str(error).removeprefix(f"{source}: ")))
    if empty:
        raise InputError(f"{show_path(path)}: the corpus holds no rows.")


def count_rows(path: Path) -> int | None:
    """Return the number of rows, good and bad; None for a corpus over 64 MB or one that cannot be read."""
    try:
        if path.stat().st_size > COUNTABLE:
            return None
        return sum(1 for _ in _list_rows(path, _choose_encoding(path)[0]))
    except (InputError, OSError):
        return None


def _choose_encoding(path: Path) -> tuple[str, tuple[Notice, ...]]:
    encoding, notices = find_encoding(path)
    if notices and not _is_csv(path):  # JSON is UTF-8 by its standard: a guess would hide a broken line
        return "utf-8", ()
    return encoding, notices


def _is_csv(path: Path) -> bool:
    return path.suffix.lower() == ".csv"


def _list_rows(path: Path, encoding: str) -> Iterator[Row]:
    try:
        with path.open(encoding=encoding, errors="surrogateescape", newline="") as file:
            yield from _read_csv(file, show_path(path)) if _is_csv(path) else read_jsonl(file)
    except OSError as error:
        raise InputError(f"{show_path(path)}: cannot be read ({error.strerror}).") from error
    except UnicodeError as error:
        raise InputError(f"{show_path(path)}: breaks off or is damaged; not all of it is {encoding}.") from error


def read_jsonl(file: TextIO) -> Iterator[Row]:
    """Yield each line that is not blank, numbered from 1, by columns in lower case or with what is wrong with it."""
    for number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        if _has_undecoded(line):
            yield number, "the line is not valid UTF-8."
            continue
        try:
            row = json.loads(line.rstrip("\r\n"))
        except (ValueError, RecursionError) as error:
            where = f" at character {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
            yield number, f"the line is not valid JSON{where}."
            continue
        if isinstance(row, dict):
            yield number, {key.strip().casefold(): value for key, value in row.items()}
        else:
            yield number, 'the line is not an object like {"text": "…"}.'


def _read_csv(file: TextIO, shown: str) -> Iterator[Row]:
    csv.field_size_limit(LONGEST_FIELD)
    columns, delimiter, used = _read_header(file, shown)
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    while True:
        line = used + reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            unclosed = "unexpected end" in str(error)
            yield line, "a quotation mark is never closed." if unclosed else f"the row is not valid CSV ({error})."
            continue
        if not cells:
            continue
        if len(cells) > len(columns):
            yield (
                line,
                f"the row has {len(cells)} cells, the header {len(columns)}. Put quotation marks around the text.",
            )
        elif any(map(_has_undecoded, cells)):
            yield line, "the row holds characters that could not be decoded."
        else:
            yield line, dict(zip(columns, cells, strict=False))


def _read_header(file: TextIO, shown: str) -> tuple[list[str], str, int]:
    """Return the columns, the delimiter under which one of them is called text, and the lines used."""
    first = next((line for line in itertools.islice(file, 1)), "")
    found: list[str] = []
    for delimiter in DELIMITERS:
        try:
            cells = next(csv.reader([first], delimiter=delimiter), [])
        except csv.Error:
            continue
        columns = [cell.strip().casefold() for cell in cells]
        if "text" in columns:
            return columns, delimiter, 1
        found = max(found, cells, key=len)
    listed = ", ".join(repr(cell[:40]) for cell in found[:12]) or "none"
    raise InputError(f"{shown}: has no column called text. Columns found: {listed}. Name the articles' column text.")


def make_row(row: dict[str, Any], name: str, source: str, told: tuple[Notice, ...]) -> Document:
    """Return the article of a row, with the notices of its file; InputError for a row without text."""
    text = row.get("text")
    if not isinstance(text, str):
        state = "no text" if text is None else f"a text that is {type(text).__name__}, not a string"
        raise InputError(f"{source}: the row has {state}.")
    kind = "csv" if _is_csv(Path(source.rpartition(":")[0])) else "jsonl"
    date, notices = _read_date(row.get("date"))
    title, outlet, url = (
        value if isinstance(value := row.get(key), str) else None for key in ("title", "outlet", "url")
    )
    return make_document(
        text,
        name,
        title=title,
        date=date,
        outlet=outlet,
        url=url,
        source=source,
        format=kind,
        notices=(*told, *notices),
    )


def _read_date(value: Any) -> tuple[datetime.date | None, tuple[Notice, ...]]:
    if value is None or value == "":
        return None, ()
    try:
        return datetime.datetime.fromisoformat(value.strip()).date(), ()
    except (ValueError, AttributeError):
        return None, (Notice(f"The date {str(value)[:40]!r} is not of the form 2023-03-01 and was left out."),)


def _has_undecoded(text: str) -> bool:
    return any("\udc80" <= c <= "\udcff" for c in text) if not text.isascii() else False
