"""Inputs to partitions, and their rows to documents.

Rows count from 1; in JSONL they are lines. Row 0 is the file itself, where it cannot be read.
"""

from __future__ import annotations

import datetime
import hashlib
import io
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import pyarrow
from pyarrow.parquet import ParquetFile

from analyzer.errors import InputError
from analyzer.reading.corpora import COLUMNS, Row, make_row, read_jsonl
from analyzer.reading.files import name_paths, show_path, walk_folder
from analyzer.records import Document, Failure

ROWS = 1_000  # of a partition at most: what is lost when a worker dies; a quarter of an hour at a second an article
SUFFIXES = (".jsonl", ".parquet")
HEAD = 32_768  # bytes in which a NUL shows that a file is no JSONL in UTF-8


@dataclass(frozen=True, slots=True)
class Partition:
    """Successive rows of one file."""

    id: str  # what its files are called
    path: str
    name: str  # its documents are called name:row
    first: int  # number of its first row
    rows: int
    start: int = 0  # JSONL: the bytes [start, end) of the file
    end: int = 0
    problem: str = ""  # why the file cannot be read; it is then the one partition of the file

    @property
    def source(self) -> str:
        """Where it begins."""
        return f"{show_path(self.path)}:{self.first}"


def list_partitions(inputs: Sequence[str | Path], rows: int = ROWS) -> list[Partition]:
    """Cut the files behind `inputs` into partitions, each file once; InputError for what is no such file."""
    files = {os.path.realpath(path): (path, named) for given in inputs for path, named in _list_files(Path(given))}
    names = name_paths([path for path, _ in files.values()])
    found: list[Partition] = []
    for real, (path, named) in files.items():
        slug = re.sub(r"[^A-Za-z0-9]+", "-", path.stem).strip("-")[:40] or "file"
        key = f"{slug}-{hashlib.sha256(os.fsencode(real)).hexdigest()[:10]}"
        try:
            with _explain_reading(path):
                cuts = list(_cut_jsonl(path, rows) if path.suffix.lower() == ".jsonl" else _cut_parquet(path, rows))
            if not cuts:
                raise InputError(f"{show_path(path)}: the corpus holds no rows.")
        except InputError as error:
            if named and len(files) == 1:
                raise
            found.append(Partition(f"{key}-00000", str(path), names[path], 1, 0, problem=str(error)))
            continue
        for n, (first, count, start, end) in enumerate(cuts):
            found.append(Partition(f"{key}-{n:05d}", str(path), names[path], first, count, start, end))
    return found


def load_rows(partition: Partition) -> tuple[list[Row], str]:
    """Return the rows of a partition with their numbers, and their checksum; InputError if they cannot be read."""
    if partition.problem:
        return [(0, partition.problem)], hashlib.sha256(partition.problem.encode()).hexdigest()
    with _explain_reading(partition.path):
        if not partition.end:
            rows: list[Row] = list(enumerate(_load_parquet(partition), partition.first))
            return rows, hashlib.sha256(msgspec.json.encode(rows, enc_hook=str)).hexdigest()
        with Path(partition.path).open("rb") as file:
            file.seek(partition.start)
            data = file.read(partition.end - partition.start)
    encoding = "utf-8" if partition.start else "utf-8-sig"
    text = io.TextIOWrapper(io.BytesIO(data), encoding, errors="surrogateescape", newline="\n")
    rows = [(partition.first - 1 + number, row) for number, row in read_jsonl(text)]
    return rows, hashlib.sha256(data).hexdigest()


def make_documents(
    partition: Partition, rows: Iterable[Row], on_failure: Callable[[Failure], None]
) -> Iterator[Document]:
    """Yield the articles of the rows, called as their column `name` says or else file:row; bad rows are handed on."""
    taken: set[str] = set()
    format = Path(partition.path).suffix.lower().lstrip(".")
    for number, row in rows:
        source = show_path(partition.path) + (f":{number}" if number else "")
        try:
            if isinstance(row, str):
                raise InputError(row)
            own = row.get("name")
            name = show_path(own.strip()) if isinstance(own, str) and own.strip() else f"{partition.name}:{number}"
            while name in taken:
                name += "~"
            document = replace(make_row(row, name, source, ()), format=format)
            msgspec.json.encode(document)
        except InputError as error:
            on_failure(Failure(source, str(error).removeprefix(f"{source}: ")))
        except UnicodeEncodeError:
            on_failure(Failure(source, "the row holds half of a surrogate pair; repair it"))
        else:
            taken.add(name)
            yield document


def _list_files(given: Path) -> list[tuple[Path, bool]]:
    """Return the files that an input names, with whether it names them one by one."""
    shown = show_path(given)
    if given.is_dir():
        inside = [path for path, _ in walk_folder(given) if not path.name.startswith("_")]  # Spark's _SUCCESS
        other = [path.name for path in inside if path.suffix.lower() not in SUFFIXES]
        if other:
            raise InputError(
                f"{shown}: {len(other)} files in it are neither .jsonl nor .parquet, first {show_path(other[0])}; "
                f"name those to read by a pattern such as '{shown}/**/*.jsonl'"
            )
        if not inside:
            raise InputError(f"{shown}: the folder holds no .jsonl or .parquet files.")
        return [(path, False) for path in inside]
    if not given.exists() and any(sign in str(given) for sign in "*?["):
        fitting = Path(given.anchor).glob(str(given.relative_to(given.anchor)))
        matches = sorted(path for path in fitting if not path.name.startswith("."))
        if not matches:
            raise InputError(f"{shown}: no file fits this pattern.")
        return [(path, False) for match in matches for path, _ in _list_files(match)]
    if not given.exists():
        raise InputError(f"{shown}: does not exist. Check the spelling and the folder.")
    if given.suffix.lower() not in SUFFIXES:
        raise InputError(
            f"{shown}: at scale only .jsonl and .parquet files are read, one article a row; "
            "for other formats use `peaceplan analyze` without --engine ray"
        )
    return [(given, True)]


def _cut_jsonl(path: Path, rows: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield first row, number of rows, and the range of bytes of each partition."""
    with path.open("rb") as file:
        if b"\0" in file.read(HEAD):
            raise InputError(f"{show_path(path)}: holds NUL bytes, so it is no JSONL in UTF-8. Save it as UTF-8.")
        file.seek(0)
        first, count, start, end, blank = 1, 0, 0, 0, True
        for line in file:
            count, end, blank = count + 1, end + len(line), blank and not line.strip()
            if count == rows:
                if not blank:
                    yield first, count, start, end
                first, count, start, blank = first + count, 0, end, True
        if not blank:
            yield first, count, start, end


def _cut_parquet(path: Path, rows: int) -> Iterator[tuple[int, int, int, int]]:
    with ParquetFile(path) as file:
        if "text" not in _find_columns(file):
            listed = ", ".join(map(repr, file.schema_arrow.names[:12])) or "none"
            raise InputError(
                f"{show_path(path)}: has no column called text, only {listed}. Name the articles' column text."
            )
        for first in range(1, file.metadata.num_rows + 1, rows):
            yield first, min(rows, file.metadata.num_rows + 1 - first), 0, 0


def _load_parquet(partition: Partition) -> list[dict[str, Any]]:
    with ParquetFile(partition.path, buffer_size=1 << 20) as file:  # read by pieces, not a row group at once
        columns, groups, before, passed = _find_columns(file), [], partition.first - 1, 0
        for group in range(file.metadata.num_row_groups):
            count = file.metadata.row_group(group).num_rows
            if passed + count <= partition.first - 1:
                before -= count
            elif passed < partition.first - 1 + partition.rows:
                groups.append(group)
            passed += count
        rows: list[dict[str, Any]] = []
        for batch in file.iter_batches(ROWS, row_groups=groups, columns=list(columns.values())):
            if before < batch.num_rows:
                rows += batch.slice(before, partition.rows - len(rows)).to_pylist()
            before = max(0, before - batch.num_rows)
            if len(rows) == partition.rows:
                break
        return [{known: _plain(row[name]) for known, name in columns.items()} for row in rows]


def _find_columns(file: Any) -> dict[str, str]:
    """Return the file's names of the columns that are read, by ours."""
    wanted = (*COLUMNS, "name")
    return {known: name for name in file.schema_arrow.names if (known := name.strip().casefold()) in wanted}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime.date) else value


@contextmanager
def _explain_reading(path: str | Path) -> Iterator[None]:
    """Whatever is wrong with the file is an InputError of one line."""
    try:
        yield
    except (OSError, pyarrow.ArrowException, UnicodeDecodeError) as error:
        told = isinstance(error, OSError) and error.strerror
        why = " ".join(str(told or error).split())[:200]
        raise InputError(
            f"{show_path(path)}: {'cannot be read' if told else 'damaged or not Parquet'} ({why})."
        ) from error
