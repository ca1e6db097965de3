"""Search: the sentences of a workspace that come nearest to a query, by meaning and by words.

Two figures are added: the cosine similarity of the encoder's vectors, and what the words of the query weigh that a
sentence has (BM25 of SQLite's FTS5). Similarities are cosines; larger is closer. Spans are half-open ranges of
characters of the document's text.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping, Sequence
from itertools import accumulate
from threading import Lock

import numpy as np

from analyzer.errors import QueryError, WorkspaceError
from analyzer.hits import By, Found, Hit, Marker, count_facets, load_hit
from analyzer.queries import Query, match_any, parse_query
from analyzer.selecting import Ids, Name, Ranges, explain_pattern, intersect, match_words, select_sentences
from analyzer.workspace.corpus import Workspace
from analyzer.workspace.database import explain_errors
from analyzer.workspace.vectors import SentenceVectors

__all__ = ["By", "Found", "Hit", "Searcher", "search"]

# How much the words count beside a cosine: the weight of a sentence that is alone in having all words of the query. The
# best for queries that training holds out are 0.1 to 0.3: python -m tests.search_quality --held --words 0.1 0.2 0.3 0.4
WORDS = 0.2
DEPTH = 1000  # sentences taken from each ranking, whichever page is shown, so that pages do not shift
LEAST = 0.2  # similarity of a sentence that counts as found; 97 % of the answers in tests/data/queries.jsonl have it
FREQUENT = 10_000  # sentences with words from which on they are not ranked by, for weighing each takes too long
FEW = 20_000  # sentences left by filters up to which these alone are ranked by words …
WIDE = 5000  # … and of more, those that stand among so many best ones
FACETED = 500  # best sentences that facets count; each costs a look into the database
PAGE = 20  # hits; about three screens


class Searcher:
    """Searches one workspace; what it loads is loaded again when the workspace has changed."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lock = Lock()  # one connection serves one thread at a time
        self._state: object = None
        self._vectors: SentenceVectors | None = None
        self._names: list[Name] = []
        self._ranges: Ranges
        self._entities: dict[tuple[str, str], str] = {}
        self._marker = Marker()

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
        what they let pass, in the order of dates and texts. A query that nothing answers still finds what comes
        nearest; the similarity says how near.

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
        connection = self._workspace.connection
        among = select_sentences(connection, query.filters, query.pattern, self._names, self._ranges)
        if places is not None:
            chosen = self._find_places(places)
            among = chosen if among is None else intersect(chosen, among)
        similarities: dict[int, float] = {}
        words: dict[int, float] = {}
        if like is not None or (query.text and by is not By.WORDS):
            similarities = dict(self._rank_meaning(query.text, like, among))
        if like is None and query.text and by is not By.MEANING:
            words = self._weigh_words(query, among, bounded=not query.filters.empty or places is not None)
        scores = add_scores(similarities, words)
        if like is None and not query.text:
            if among is None:
                return Found((), 0, {})
            scores = {id: -float(place) for place, id in enumerate(self._in_order(among))}
        order = sorted(scores, key=lambda id: (-scores[id], -similarities.get(id, 0.0), id))
        page = order[skip : skip + most]
        marked = self._mark_words(query, page) if by is not By.MEANING and like is None else {}
        plans = query.filters.plans
        hits = tuple(
            load_hit(connection, id, self._entities, plans, similarities.get(id), scores[id], marked.get(id, ""))
            for id in page
        )
        return Found(hits, len(order), count_facets(connection, order[:FACETED], self._entities, self._ranges))

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
            self._ranges = Ranges(self._workspace.connection)
            self._entities = {(name, kind): entity for name, kind, entity in self._names if name != entity}
            self._state = state

    def _rank_meaning(self, text: str, like: int | None, among: Ids | None) -> list[tuple[int, float]]:
        vectors = self._vectors
        assert vectors is not None
        if like is None:
            found = vectors.find_nearest(self._workspace.encoder.encode([text])[0], DEPTH, among)
            # What passed filters is few, and wanted to the last.
            return found if among is not None else [pair for pair in found if pair[1] >= LEAST]
        own = vectors.of(like)
        if own is None:
            raise QueryError(f"{like}: no sentence has this id")
        return [pair for pair in vectors.find_nearest(own, DEPTH + 1, among) if pair[0] != like][:DEPTH]

    def _weigh_words(self, query: Query, among: Ids | None, bounded: bool) -> dict[int, float]:
        """What the query's words weigh in the sentences where they weigh most: 1 if one sentence alone has all of them.

        `bounded` tells that more than the query's own pattern decides on `among`.
        """
        pattern = query.pattern
        if not self._is_rare(pattern):
            pattern, bounded = match_any(self._pick_rare(query.words)), among is not None
        if not pattern or self._vectors is None:
            return {}
        near = "AND +rowid IN (SELECT value FROM json_each(?))"  # the plus: no look-up of each in the index of words
        few = bounded and among is not None and len(among) <= FEW
        most = WIDE if bounded and not few else DEPTH
        sql = (
            f"SELECT rowid, bm25(words) FROM words WHERE words MATCH ? {near if few else ''} ORDER BY 2, 1 LIMIT {most}"
        )
        values = (pattern, json.dumps(among.tolist())) if few and among is not None else (pattern,)
        with explain_pattern():
            weights = dict(self._workspace.connection.execute(sql, values).fetchall())
        if bounded and among is not None and not few:
            kept = intersect(np.fromiter(weights, np.int64), among)[:DEPTH]
            weights = {id: weights[id] for id in kept.tolist()}
        rarest = math.log(1 + self._vectors.count)  # about what BM25 makes of a word that stands in one sentence
        return {id: -weight / (rarest * len(query.words)) for id, weight in weights.items()}

    def _is_rare(self, pattern: str) -> bool:
        """True if something matches the pattern, and little enough to be weighed."""
        return bool(pattern) and 0 < self._count(pattern) < FREQUENT

    def _pick_rare(self, words: Sequence[str]) -> list[str]:
        """The rarest words, as many as match few enough sentences together; in the order of the query."""
        counted = sorted((count, word) for word in words if 0 < (count := self._count(match_any([word]))) < FREQUENT)
        sums = accumulate(count for count, _ in counted)
        chosen = {word for (_, word), total in zip(counted, sums, strict=True) if total < FREQUENT}
        return [word for word in words if word in chosen]

    def _count(self, pattern: str) -> int:
        asked = "SELECT count(*) FROM (SELECT 1 FROM words WHERE words MATCH ? LIMIT ?)"
        return int(match_words(self._workspace.connection, asked, (pattern, FREQUENT))[0])

    def _in_order(self, among: Ids) -> list[int]:
        documents = np.unique(self._ranges.documents_of(among))
        rows = self._workspace.connection.execute(  # each has one of the sentences at least
            "SELECT id FROM documents WHERE id IN (SELECT value FROM json_each(?)) ORDER BY date IS NULL, date, name "
            "LIMIT ?",
            (json.dumps(documents.tolist()), DEPTH),
        )
        return self._ranges.pick_first(among, np.array([id for (id,) in rows], np.int64), DEPTH)

    def _mark_words(self, query: Query, page: Sequence[int]) -> dict[int, str]:
        """The text of each sentence of a page that has words of the query, with marks around them."""
        pattern = query.pattern or match_any(query.words)
        return self._marker.mark(self._workspace.connection, pattern, page) if pattern else {}


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


def add_scores(similarities: Mapping[int, float], words: Mapping[int, float]) -> dict[int, float]:
    """Return, for each row of either, its similarity and what its words weigh; one that is not near is at LEAST."""
    floor = LEAST if similarities else 0.0
    return {
        id: max(similarities.get(id, floor), floor) + WORDS * words.get(id, 0.0)
        for id in dict.fromkeys((*similarities, *words))
    }
