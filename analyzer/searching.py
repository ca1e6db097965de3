"""Search: the sentences of a workspace that come nearest to a query, by meaning and by words.

Two rankings are fused by reciprocal rank: cosine similarity of the encoder's vectors, and BM25 of the words (SQLite
FTS5). Ranks count from 1. Similarities are cosines; larger is closer. Spans are half-open ranges of characters of the
document's text.
"""

from __future__ import annotations

import datetime
import json
import re
import sqlite3
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from threading import Lock

import numpy as np
import numpy.typing as npt

from analyzer.errors import QueryError, WorkspaceError
from analyzer.normalize import strip_accents
from analyzer.queries import Filters, Query, match_any, parse_query
from analyzer.records import Position, Span, Speaker, SpeakerKind
from analyzer.workspace.corpus import Workspace
from analyzer.workspace.database import explain_errors
from analyzer.workspace.rows import unpack_position, unpack_statement
from analyzer.workspace.vectors import SentenceVectors

FUSION = 60  # damps the first ranks; the constant of Cormack, Clarke and Büttcher, SIGIR 2009, who tuned it
DEPTH = 1000  # sentences taken from each ranking, whichever page is shown, so that pages do not shift
FREQUENT = 20_000  # sentences with a word from which on it is not ranked by, for weighing each takes too long
OPEN, CLOSE = "\x02", "\x03"  # around matching words; control characters stand in no text that was tidied
PAGE = 20  # hits; about three screens

Ids = npt.NDArray[np.int64]


class By(StrEnum):
    """What a search goes by."""

    BOTH = "both"
    MEANING = "meaning"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Hit:
    """A sentence that was found, and why."""

    sentence: int  # its id in the workspace
    document: str
    number: int  # of the sentence in the document
    span: Span
    text: str
    before: str  # the sentence before it; empty at the beginning
    after: str
    title: str | None
    outlet: str | None
    date: datetime.date | None
    speakers: tuple[Speaker, ...]  # who holds its positions; where there is none, who speaks
    positions: tuple[tuple[str, Position], ...]  # with the id of the plan
    similarity: float | None  # None where the search went by words alone
    words: tuple[Span, ...]  # words that the query has, too
    score: float  # of the fused ranking; only its order means something

    @property
    def why(self) -> By:
        """Whether the words, the meaning or both led here."""
        if self.similarity is None:
            return By.WORDS
        return By.BOTH if self.words else By.MEANING


@dataclass(frozen=True, slots=True)
class Found:
    """One page of hits, and what all of them have in common."""

    hits: tuple[Hit, ...]
    total: int  # sentences found, those on other pages included
    facets: dict[str, tuple[tuple[str, int], ...]]  # sentences by stance, target, speaker, document, outlet; most first


class Searcher:
    """Searches one workspace; what it loads is loaded again when the workspace has changed."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lock = Lock()  # one connection serves one thread at a time
        self._state: object = None
        self._vectors: SentenceVectors | None = None
        self._names: list[tuple[str, str, str]] = []
        self._entities: dict[tuple[str, str], str] = {}

    def search(
        self,
        query: str | Query = "",
        *,
        like: int | None = None,
        by: By = By.BOTH,
        places: Collection[tuple[str, int]] | None = None,
        most: int = PAGE,
        skip: int = 0,
    ) -> Found:
        """Return up to `most` sentences, best first, after the first `skip`.

        `like` is the id of a sentence whose neighbours are wanted, in place of words; `places`, each a document's name
        and a sentence's number, are the sentences to choose from. A query of filters alone returns
        what they let pass, in the order of dates and texts. Every sentence has a similarity, so that a query which
        nothing answers still finds the nearest ones; their similarity says how near.

        Raises QueryError for a query that cannot be understood, WorkspaceError if the workspace cannot be read.
        """
        asked = parse_query(query) if isinstance(query, str) else query
        with self._lock, explain_errors(self._workspace.folder):
            self._refresh()
            return self._search(asked, like, by, places, most, skip)

    @property
    def indexed(self) -> int:
        """The number of sentences in the index file at the last search."""
        return self._vectors.indexed if self._vectors else 0

    @property
    def loose(self) -> int:
        """The number of sentences that were compared one by one, for they are newer than the index."""
        return self._vectors.loose if self._vectors else 0

    def find_sentence(self, document: str, number: int) -> int:
        """Return the id of a sentence; QueryError if there is none."""
        row = self._workspace.connection.execute(
            "SELECT s.id FROM sentences s JOIN documents d ON d.id = s.document WHERE d.name = ? AND s.number = ?",
            (document, number),
        ).fetchone()
        if row is None:
            raise QueryError(f"{document}:{number}: no such sentence; a hit shows its document and number")
        return int(row[0])

    def _search(
        self,
        query: Query,
        like: int | None,
        by: By,
        places: Collection[tuple[str, int]] | None,
        most: int,
        skip: int,
    ) -> Found:
        among = self._pass_filters(query.filters, query.pattern)
        if places is not None:
            chosen = self._find_places(places)
            among = chosen if among is None else np.intersect1d(among, chosen)
        similarities: dict[int, float] = {}
        by_meaning: list[int] = []
        by_words: list[int] = []
        if like is not None or (query.text and by is not By.WORDS):
            for id, similarity in self._rank_meaning(query.text, like, among):
                by_meaning.append(id)
                similarities[id] = similarity
        if like is None and query.text and by is not By.MEANING:
            by_words = self._rank_words(query, among)
        scores = fuse_ranks(by_meaning, by_words)
        if like is None and not query.text:
            if among is None:
                return Found((), 0, {})
            scores = {id: -float(place) for place, id in enumerate(self._in_order(among))}
        order = sorted(scores, key=lambda id: (-scores[id], -similarities.get(id, 0.0), id))
        page = order[skip : skip + most]
        marked = self._mark_words(query, page) if by is not By.MEANING and like is None else {}
        hits = tuple(self._load(id, similarities.get(id), scores[id], marked.get(id), query.filters) for id in page)
        return Found(hits, len(order), self._count_facets(order))

    def _find_places(self, places: Collection[tuple[str, int]]) -> Ids:
        rows = self._workspace.connection.execute(
            "SELECT s.id FROM json_each(?) j JOIN documents d ON d.name = j.value ->> 0 "
            "JOIN sentences s ON s.document = d.id AND s.number = j.value ->> 1 ORDER BY s.id",
            (json.dumps(sorted(places)),),
        )
        return np.array([id for (id,) in rows], np.int64)

    def _refresh(self) -> None:
        ask = self._workspace.connection.execute
        # data_version tells what others wrote, total_changes what this process did.
        state = (ask("PRAGMA data_version").fetchone()[0], self._workspace.connection.total_changes)
        if state != self._state:
            if not ask("SELECT EXISTS (SELECT 1 FROM sentences)").fetchone()[0]:
                raise WorkspaceError("nothing was analysed yet, so nothing can be found; run: peaceplan analyze")
            self._vectors = SentenceVectors(self._workspace.connection, self._workspace.folder)
            self._names = ask(
                "SELECT DISTINCT s.name, s.kind, coalesce(e.entity, s.name) FROM sources s "
                "LEFT JOIN speakers e ON e.name = s.name AND e.kind = s.kind"
            ).fetchall()
            self._entities = {(name, kind): entity for name, kind, entity in self._names if name != entity}
            self._state = state

    def _rank_meaning(self, text: str, like: int | None, among: Ids | None) -> list[tuple[int, float]]:
        vectors = self._vectors
        assert vectors is not None
        if like is None:
            return vectors.find_nearest(self._workspace.encoder.encode([text])[0], DEPTH, among)
        own = vectors.of(like)
        if own is None:
            raise QueryError(f"{like}: no sentence has this id")
        return [pair for pair in vectors.find_nearest(own, DEPTH + 1, among) if pair[0] != like][:DEPTH]

    def _rank_words(self, query: Query, among: Ids | None) -> list[int]:
        pattern = query.pattern or match_any(self._rare(query.words))
        if not pattern:
            return []
        narrowed = "" if among is None else "AND rowid IN (SELECT value FROM json_each(?))"
        values = () if among is None else (json.dumps(among.tolist()),)
        rows = self._match(
            f"SELECT rowid FROM words WHERE words MATCH ? {narrowed} "
            f"ORDER BY bm25(words, 1.0, 0.5), rowid LIMIT {DEPTH}",
            (pattern, *values),
        )
        return [id for (id,) in rows]

    def _rare(self, words: Sequence[str]) -> list[str]:
        """The words that stand in few enough sentences to be weighed."""
        asked = "SELECT count(*) FROM (SELECT 1 FROM words WHERE words MATCH ? LIMIT ?)"
        return [w for w in words if 0 < self._match(asked, (match_any([w]), FREQUENT))[0][0] < FREQUENT]

    def _match(self, sql: str, values: Sequence[object]) -> list[tuple[int]]:
        try:
            return self._workspace.connection.execute(sql, values).fetchall()
        except sqlite3.OperationalError as error:
            if "fts5" in str(error) or "syntax" in str(error) or "malformed MATCH" in str(error):
                raise QueryError(
                    "the query cannot be read; AND, OR, NOT stand between words: sanctions AND (truce OR ceasefire)"
                ) from error
            raise

    def _pass_filters(self, filters: Filters, pattern: str) -> Ids | None:
        """The sentences that filters and pattern let pass; None if all do."""
        if filters.empty and not pattern:
            return None
        where: list[str] = ["1"]
        values: list[object] = []
        if pattern:
            where.append("s.id IN (SELECT rowid FROM words WHERE words MATCH ?)")
            values.append(pattern)
        if not filters.empty:
            conditions, bound = self._write_conditions(filters)
            where += conditions
            values += bound
        sql = "SELECT s.id FROM sentences s JOIN documents d ON d.id = s.document WHERE "
        sql += f"{' AND '.join(where)} ORDER BY s.id"
        return np.array([id for (id,) in self._match(sql, values)], np.int64)

    def _write_conditions(self, filters: Filters) -> tuple[list[str], list[object]]:
        where: list[str] = []
        values: list[object] = []

        def add(condition: str, *bound: object) -> None:
            where.append(condition)
            values.extend(bound)

        if filters.after:
            add("d.date >= ?", filters.after.isoformat())
        if filters.before:
            add("d.date <= ?", filters.before.isoformat())
        for field, asked in (("name", filters.documents), ("outlet", filters.outlets)):
            if asked:
                known = [
                    x for (x,) in self._workspace.connection.execute(f"SELECT DISTINCT {field} FROM documents") if x
                ]
                add(f"d.{field} IN (SELECT value FROM json_each(?))", json.dumps(_pick(known, asked)))
        names = self._pick_speakers(filters)
        held: list[str] = []
        bound: list[object] = []
        for column, chosen in (("stance", filters.stances), ("target", filters.targets), ("plan", filters.plans)):
            if chosen:
                held.append(f"p.{column} IN (SELECT value FROM json_each(?))")
                bound.append(json.dumps(list(chosen)))
        if filters.reviewed is not None:
            held.append("p.reviewed = ?")
            bound.append(int(filters.reviewed))
        if filters.least:
            held.append("p.confidence >= ?")
            bound.append(filters.least)
        if held:  # the position itself must be that speaker's, and in that speech
            if names is not None:
                held.append("(p.speaker || ' ' || p.kind) IN (SELECT value FROM json_each(?))")
                bound.append(names)
            if filters.speeches:
                held.append("p.speech IN (SELECT value FROM json_each(?))")
                bound.append(json.dumps([s.value for s in filters.speeches]))
            add(f"s.id IN (SELECT p.sentence FROM positions p WHERE {' AND '.join(held)})", *bound)
            return where, values
        if names is not None:
            add(
                "s.id IN (SELECT sentence FROM sources "
                "WHERE (name || ' ' || kind) IN (SELECT value FROM json_each(?)))",
                names,
            )
        if filters.speeches:
            add(
                "s.id IN (SELECT sentence FROM statements WHERE speech IN (SELECT value FROM json_each(?)))",
                json.dumps([s.value for s in filters.speeches]),
            )
        return where, values

    def _pick_speakers(self, filters: Filters) -> str | None:
        """The names with their kinds that the filters mean, as JSON; None if they ask for nobody."""
        if not filters.speakers and not filters.countries:
            return None
        chosen = []
        for name, kind, entity in self._names:
            country = kind == SpeakerKind.COUNTRY
            if (not filters.speakers or _names_one(filters.speakers, f"{name} {entity}")) and (
                not filters.countries or (country and _names_one(filters.countries, f"{name} {entity}"))
            ):
                chosen.append(f"{name} {kind}")
        return json.dumps(chosen)

    def _in_order(self, among: Ids) -> list[int]:
        rows = self._workspace.connection.execute(
            "SELECT s.id FROM sentences s JOIN documents d ON d.id = s.document "
            "WHERE s.id IN (SELECT value FROM json_each(?)) ORDER BY d.date IS NULL, d.date, d.name, s.number LIMIT ?",
            (json.dumps(among.tolist()), DEPTH),
        )
        return [id for (id,) in rows]

    def _mark_words(self, query: Query, page: Sequence[int]) -> dict[int, str]:
        """The text of each sentence of a page that has words of the query, with marks around them."""
        pattern = query.pattern or match_any(query.words)
        if not pattern:
            return {}
        rows = self._workspace.connection.execute(
            f"SELECT rowid, highlight(words, 0, '{OPEN}', '{CLOSE}') FROM words WHERE words MATCH ? "
            "AND rowid IN (SELECT value FROM json_each(?))",
            (pattern, json.dumps(list(page))),
        )
        return dict(rows.fetchall())

    def _load(self, id: int, similarity: float | None, score: float, marked: str | None, filters: Filters) -> Hit:
        ask = self._workspace.connection.execute
        number, start, end, document, name, text, title, outlet, date = ask(
            'SELECT s.number, s.start, s."end", d.id, d.name, d.text, d.title, d.outlet, d.date '
            "FROM sentences s JOIN documents d ON d.id = s.document WHERE s.id = ?",
            (id,),
        ).fetchone()
        around = dict(
            ask(
                "SELECT number, text FROM sentences WHERE document = ? AND number IN (?, ?)",
                (document, number - 1, number + 1),
            )
        )
        statements = [
            unpack_statement(r, text) for (r,) in ask("SELECT record FROM statements WHERE sentence = ?", (id,))
        ]
        positions = tuple(
            (plan, self._rename(unpack_position(record, name, text)))
            for plan, record in ask(
                "SELECT plan, record FROM positions WHERE sentence = ? ORDER BY plan, number", (id,)
            )
            if not filters.plans or plan in filters.plans
        )
        said = [self._entity(s) for statement in statements for s in statement.speakers]
        named = [s for s in said if s.kind is not SpeakerKind.AUTHOR]
        holders = [p.speaker for _, p in positions if p.speaker]
        speakers = {s.name: s for s in holders or named or said}
        return Hit(
            id,
            name,
            number,
            Span(start, end),
            text[start:end],
            around.get(number - 1, ""),
            around.get(number + 1, ""),
            title,
            outlet,
            datetime.date.fromisoformat(date) if date else None,
            tuple(speakers.values()),
            positions,
            similarity,
            _read_marks(marked, start) if marked else (),
            score,
        )

    def _entity(self, speaker: Speaker) -> Speaker:
        name = self._entities.get((speaker.name, speaker.kind.value))
        return replace(speaker, name=name) if name else speaker

    def _rename(self, position: Position) -> Position:
        return replace(position, speaker=self._entity(position.speaker)) if position.speaker else position

    def _count_facets(self, ids: Sequence[int]) -> dict[str, tuple[tuple[str, int], ...]]:
        ask = self._workspace.connection.execute
        chosen = json.dumps(list(ids))
        among = "(SELECT value FROM json_each(?))"
        entity = "LEFT JOIN speakers e ON e.name = p.speaker AND e.kind = p.kind"
        counted = {
            "stance": f"SELECT stance, count(DISTINCT sentence) FROM positions WHERE sentence IN {among} GROUP BY 1",
            "target": f"SELECT target, count(DISTINCT sentence) FROM positions WHERE sentence IN {among} GROUP BY 1",
            "speaker": f"SELECT coalesce(e.entity, p.speaker), count(DISTINCT sentence) FROM positions p {entity} "
            f"WHERE p.speaker IS NOT NULL AND sentence IN {among} GROUP BY 1",
            "document": "SELECT d.name, count(*) FROM sentences s JOIN documents d ON d.id = s.document "
            f"WHERE s.id IN {among} GROUP BY 1",
            "outlet": "SELECT d.outlet, count(*) FROM sentences s JOIN documents d ON d.id = s.document "
            f"WHERE d.outlet IS NOT NULL AND s.id IN {among} GROUP BY 1",
        }
        return {
            name: tuple(Counter(dict(ask(sql, (chosen,)).fetchall())).most_common()) for name, sql in counted.items()
        }


def search(
    workspace: Workspace,
    query: str | Query = "",
    *,
    like: int | None = None,
    by: By = By.BOTH,
    most: int = PAGE,
    skip: int = 0,
) -> Found:
    """Search a workspace once; whoever asks several times keeps a Searcher, whose search this is."""
    return Searcher(workspace).search(query, like=like, by=by, most=most, skip=skip)


def fuse_ranks(*rankings: Sequence[int]) -> dict[int, float]:
    """Return, for each row of some ranking, the sum of 1 / (FUSION + its rank) over the rankings that have it."""
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, row in enumerate(ranking, 1):
            scores[row] = scores.get(row, 0.0) + 1 / (FUSION + rank)
    return scores


def fold_text(text: str) -> str:
    """Return a text without case and accents, by which names are compared."""
    return strip_accents(text.casefold())


def _names_one(asked: Sequence[str], name: str) -> bool:
    """True if all words of one of the asked names stand in `name`."""
    words = set(re.findall(r"\w+", fold_text(name)))
    return any(words.issuperset(re.findall(r"\w+", fold_text(a))) for a in asked)


def _pick(known: Sequence[str], asked: Sequence[str]) -> list[str]:
    """The names that one of the asked ones is, or else is part of."""
    folded = {name: fold_text(name) for name in known}
    chosen: list[str] = []
    for a in map(fold_text, asked):
        same = [name for name, plain in folded.items() if plain == a]
        chosen += same or [name for name, plain in folded.items() if a in plain]
    return chosen


def _read_marks(marked: str, start: int) -> tuple[Span, ...]:
    """The spans between the marks; `start` is where the sentence begins in its document."""
    spans, place = [], start
    for part in re.split(f"([{OPEN}{CLOSE}])", marked):
        if part == OPEN:
            begun = place
        elif part == CLOSE:
            spans.append(Span(begun, place))
        else:
            place += len(part)
    return tuple(spans)
