"""Filters to sentences: which ones of a workspace a query lets pass.

The sentences of a document have ids that follow one another (schema.py), so that whatever is asked of documents is
answered by ranges, without a look at the sentences.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import reduce

import numpy as np
import numpy.typing as npt

from analyzer.errors import QueryError
from analyzer.normalize import strip_accents
from analyzer.queries import Filters
from analyzer.records import SpeakerKind

Ids = npt.NDArray[np.int64]
Name = tuple[str, str, str]  # as in the texts, kind, and the name that its bearer goes by in the corpus
ANY = "IN (SELECT value FROM json_each(?))"
ANY_NAME = "IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))"


class Ranges:
    """Which sentences each document has."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        rows = connection.execute("SELECT document, min(id), max(id) FROM sentences GROUP BY document ORDER BY min(id)")
        table = np.array(rows.fetchall(), np.int64).reshape(-1, 3)
        self._documents, self._firsts, self._lasts = map(np.ascontiguousarray, table.T)

    def sentences_of(self, documents: Ids) -> Ids:
        """Return the sentences of documents, ascending."""
        chosen = np.isin(self._documents, documents)
        firsts, counts = self._firsts[chosen], (self._lasts - self._firsts + 1)[chosen]
        before = np.cumsum(counts) - counts  # sentences of the chosen documents before each
        return np.repeat(firsts - before, counts) + np.arange(counts.sum())

    def pick_first(self, sentences: Ids, documents: Ids, most: int) -> list[int]:
        """Return up to `most` of the sentences, ascending, in the order of their documents and then of the text."""
        places = np.full(int(self._documents.max()) + 1, len(documents))
        places[documents] = np.arange(len(documents))
        ranked: list[int] = sentences[np.argsort(places[self.documents_of(sentences)], kind="stable")[:most]].tolist()
        return ranked

    def documents_of(self, sentences: Ids) -> Ids:
        """Return the document of each sentence."""
        return self._documents[np.searchsorted(self._firsts, sentences, "right") - 1]


def select_sentences(
    connection: sqlite3.Connection, filters: Filters, pattern: str, names: Sequence[Name], ranges: Ranges
) -> Ids | None:
    """Return the ids of the sentences that filters and pattern let pass, ascending; None if all do.

    `names` are all speakers of the workspace. Raises QueryError for a pattern that makes no sense.
    """
    chosen: list[Ids] = []
    if pattern:
        with explain_pattern():
            chosen.append(_collect(connection, "rowid", "words WHERE words MATCH ?", (pattern,)))
    conditions, values = _ask_of_documents(connection, filters)
    if conditions:
        documents = _collect(connection, "id", f"documents WHERE {' AND '.join(conditions)}", values)
        chosen.append(ranges.sentences_of(documents))
    for where, bound in _ask_of_speakers(filters, names):
        chosen.append(_collect(connection, "sentence", where, bound))
    return reduce(intersect, chosen) if chosen else None


def intersect(ids: Ids, among: Ids) -> Ids:
    """Return those of the ids that are among the others, in their order."""
    return ids[np.isin(ids, among, kind="table")]


def match_words(connection: sqlite3.Connection, sql: str, values: Sequence[object]) -> Ids:
    """Return what a query with a pattern of FTS5 gives, in its order; QueryError if the pattern makes no sense."""
    with explain_pattern():
        return np.fromiter((id for (id,) in connection.execute(sql, values)), np.int64)


@contextmanager
def explain_pattern() -> Iterator[None]:
    """Turn what FTS5 says of a pattern that makes no sense into a QueryError."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "fts5" in str(error) or "syntax" in str(error) or "malformed MATCH" in str(error):
            raise QueryError(
                "the query cannot be read; AND, OR, NOT stand between words: sanctions AND (truce OR ceasefire)"
            ) from error
        raise


def _collect(connection: sqlite3.Connection, column: str, where: str, values: Sequence[object]) -> Ids:
    """The ids in a column, ascending and each once; as one text, which costs a fifth of a row each."""
    (found,) = connection.execute(f"SELECT group_concat({column}) FROM {where}", values).fetchone()
    ids = np.sort(np.fromstring(found or "", np.int64, sep=","), kind="stable")  # runs that are sorted already
    return ids[np.diff(ids, prepend=-1) > 0]


def _ask_of_documents(connection: sqlite3.Connection, filters: Filters) -> tuple[list[str], list[object]]:
    conditions: list[str] = []
    values: list[object] = []
    for condition, day in (("date >= ?", filters.after), ("date <= ?", filters.before)):
        if day:
            conditions.append(condition)
            values.append(day.isoformat())
    for column, wanted in (("name", filters.documents), ("outlet", filters.outlets)):
        if wanted:
            known = [name for (name,) in connection.execute(f"SELECT DISTINCT {column} FROM documents") if name]
            conditions.append(f"{column} {ANY}")
            values.append(json.dumps(_pick(known, wanted)))
    return conditions, values


def _ask_of_speakers(filters: Filters, names: Sequence[Name]) -> list[tuple[str, list[object]]]:
    held: list[tuple[str, object]] = []
    for column, chosen in (("stance", filters.stances), ("target", filters.targets), ("plan", filters.plans)):
        if chosen:
            held.append((f"{column} {ANY}", json.dumps(list(chosen))))
    if filters.reviewed is not None:
        held.append(("reviewed = ?", int(filters.reviewed)))
    if filters.least:
        held.append(("(confidence >= ? OR reviewed)", filters.least))  # a person is surer than the judge
    speakers = _pick_speakers(filters, names)
    speeches = json.dumps([s.value for s in filters.speeches])
    if held:  # the position itself must be that speaker's, and in that speech
        if speakers is not None:
            held.append((f"(speaker, kind) {ANY_NAME}", speakers))
        if filters.speeches:
            held.append((f"speech {ANY}", speeches))
        where = " AND ".join(condition for condition, _ in held)
        return [(f"positions WHERE {where}", [value for _, value in held])]
    asked: list[tuple[str, list[object]]] = []
    if speakers is not None:
        asked.append((f"sources WHERE (name, kind) {ANY_NAME}", [speakers]))
    if filters.speeches:
        asked.append((f"statements WHERE speech {ANY}", [speeches]))
    return asked


def _pick_speakers(filters: Filters, names: Sequence[Name]) -> str | None:
    """The names with their kinds that the filters mean, as JSON; None if they ask for nobody."""
    if not filters.speakers and not filters.countries:
        return None
    return json.dumps(
        [
            (name, kind)
            for name, kind, entity in names
            if (not filters.speakers or _names_one(filters.speakers, f"{name} {entity}"))
            and (
                not filters.countries
                or (kind == SpeakerKind.COUNTRY and _names_one(filters.countries, f"{name} {entity}"))
            )
        ]
    )


def _fold(text: str) -> str:
    """A text without case and accents, by which names are compared."""
    plain = text.casefold()
    return plain if plain.isascii() else strip_accents(plain)


def _names_one(asked: Sequence[str], name: str) -> bool:
    """True if all words of one of the asked names stand in `name`."""
    words = set(re.findall(r"\w+", _fold(name)))
    return any(words.issuperset(re.findall(r"\w+", _fold(a))) for a in asked)


def _pick(known: Sequence[str], asked: Sequence[str]) -> list[str]:
    """The names that one of the asked ones is, or else is part of."""
    folded = {name: _fold(name) for name in known}
    chosen: list[str] = []
    for a in map(_fold, asked):
        same = [name for name, plain in folded.items() if plain == a]
        chosen += same or [name for name, plain in folded.items() if a in plain]
    return chosen
