"""Hits: what is told of a sentence that a search found, and what all of them have in common."""

from __future__ import annotations

import datetime
import json
import re
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from analyzer.attribution import is_weak
from analyzer.records import Position, Span, Speaker, SpeakerKind
from analyzer.selecting import Ranges
from analyzer.workspace.rows import unpack_position, unpack_statements
from analyzer.workspace.schema import TOKENIZE

OPEN, CLOSE = "\x02", "\x03"  # around matching words; control characters stand in no text that was tidied
Entities = Mapping[tuple[str, str], str]  # name and kind as in the texts -> the name that its bearer goes by


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
    facets: dict[str, tuple[tuple[str, int], ...]]  # the best sentences by stance, target, speaker, document, outlet


def load_hit(
    connection: sqlite3.Connection,
    id: int,
    entities: Entities,
    plans: Sequence[str] = (),
    similarity: float | None = None,
    score: float = 0.0,
    marked: str = "",
) -> Hit:
    """Return what is known of a sentence; `plans` bound its positions, `marked` is its text with OPEN and CLOSE."""
    ask = connection.execute
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
    records = [record for (record,) in ask("SELECT record FROM statements WHERE sentence = ?", (id,))]
    statements = unpack_statements(records, text)
    positions = tuple(
        (plan, _rename_holder(unpack_position(record, name, text), entities))
        for plan, record in ask("SELECT plan, record FROM positions WHERE sentence = ? ORDER BY plan, number", (id,))
        if not plans or plan in plans
    )
    said = [_rename(s, entities) for statement in statements if not is_weak(statement) for s in statement.speakers]
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


def _rename(speaker: Speaker, entities: Entities) -> Speaker:
    name = entities.get((speaker.name, speaker.kind.value))
    return replace(speaker, name=name) if name else speaker


def _rename_holder(position: Position, entities: Entities) -> Position:
    return replace(position, speaker=_rename(position.speaker, entities)) if position.speaker else position


def count_facets(
    connection: sqlite3.Connection, ids: Sequence[int], entities: Entities, ranges: Ranges
) -> dict[str, tuple[tuple[str, int], ...]]:
    """Count sentences by the stances, targets and holders of their positions, by document and outlet; most first."""
    held: dict[str, set[tuple[str, int]]] = {"stance": set(), "target": set(), "speaker": set()}
    for id, stance, target, speaker, kind in connection.execute(
        "SELECT sentence, stance, target, speaker, kind FROM positions "
        "WHERE sentence IN (SELECT value FROM json_each(?))",
        (json.dumps(list(ids)),),
    ):
        held["stance"].add((stance, id))
        held["target"].add((target, id))
        if speaker:
            held["speaker"].add((entities.get((speaker, kind), speaker), id))
    facets = {facet: Counter(value for value, _ in sorted(pairs)) for facet, pairs in held.items()}
    documents = Counter(ranges.documents_of(np.array(ids, np.int64)).tolist())
    names, outlets = Counter[str](), Counter[str]()
    for id, name, outlet in connection.execute(
        "SELECT id, name, outlet FROM documents WHERE id IN (SELECT value FROM json_each(?)) ORDER BY name",
        (json.dumps(list(documents)),),
    ):
        names[name] += documents[id]
        if outlet:
            outlets[outlet] += documents[id]
    facets |= {"document": names, "outlet": outlets}
    return {facet: tuple(counts.most_common()) for facet, counts in facets.items()}


class Marker:
    """Marks the words of a pattern in sentences, which it indexes for the moment: that costs less than a look for each
    word of the pattern and each sentence into the index of all."""

    def __init__(self) -> None:
        self._connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self._connection.execute(f"CREATE VIRTUAL TABLE words USING fts5 (text, speakers, tokenize = '{TOKENIZE}')")

    def mark(self, connection: sqlite3.Connection, pattern: str, ids: Sequence[int]) -> dict[int, str]:
        """Return the text of each sentence that the pattern matches, with OPEN and CLOSE around the words."""
        rows = connection.execute(
            "SELECT id, text, speakers FROM sentences WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(ids)),),
        )
        ask = self._connection.execute
        ask("BEGIN")
        try:
            self._connection.executemany("INSERT INTO words (rowid, text, speakers) VALUES (?,?,?)", rows)
            return dict(
                ask(
                    f"SELECT rowid, highlight(words, 0, '{OPEN}', '{CLOSE}') FROM words WHERE words MATCH ?", (pattern,)
                )
            )
        finally:
            ask("ROLLBACK")


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
