"""Records as rows and back: what a document, a statement and a position look like in the database.

Whatever stands in the document's text already is left out of a record and put back when it is read.
"""

from __future__ import annotations

import datetime
import hashlib
import sqlite3
from collections.abc import Sequence
from dataclasses import replace

import msgspec
import numpy as np

from analyzer.coverage import measure_coverage, measure_speakers
from analyzer.encoding import Vectors
from analyzer.records import Analysis, Document, Notice, Plan, Position, Sentence, Span, Statement

_encode, _put = msgspec.json.encode, object.__setattr__
_documents = msgspec.json.Decoder(Document)
_statements = msgspec.json.Decoder(list[Statement])
_positions = msgspec.json.Decoder(list[Position])
_notices = msgspec.json.Decoder(tuple[Notice, ...])
_plans = msgspec.json.Decoder(Plan)


def digest_text(text: str) -> str:
    """Return the checksum by which a text is known."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def digest_plan(plan: Plan) -> str:
    """Return the checksum of all that a plan says."""
    return hashlib.sha256(_encode(plan)).hexdigest()


def pack_document(document: Document) -> bytes:
    """Return a document as JSON, without its text."""
    return _encode(replace(document, text=""))


def unpack_document(record: bytes, name: str, text: str) -> Document:
    """Return the document of a row; its name is that of the row."""
    return replace(_documents.decode(record), name=name, text=text)


def pack_plan(plan: Plan) -> bytes:
    """Return a plan as JSON."""
    return _encode(plan)


def unpack_plan(record: bytes) -> Plan:
    """Return the plan of a row."""
    return _plans.decode(record)


def pack_vectors(vectors: Vectors) -> list[bytes]:
    """Return each vector in half precision, which moves a cosine by less than 0.001."""
    return [row.tobytes() for row in vectors.astype(np.float16)]


def unpack_vectors(blobs: Sequence[bytes]) -> Vectors:
    """Return the vectors of as many rows, shape (rows, dimensions)."""
    return np.frombuffer(b"".join(blobs), np.float16).reshape(len(blobs), -1).astype(np.float32)


def read_sentences(connection: sqlite3.Connection, document: int) -> dict[int, Sentence]:
    """Return a document's sentences by their ids, in the order of the text."""
    rows = connection.execute(
        'SELECT id, number, start, "end", paragraph FROM sentences WHERE document = ? ORDER BY number', (document,)
    )
    return {id: Sentence(number, Span(start, end), paragraph) for id, number, start, end, paragraph in rows}


def write_analysis(
    connection: sqlite3.Connection, document: int, run: int, analysis: Analysis, plan: Plan, vectors: Vectors | None
) -> None:
    """Store one document's analysis in place of an earlier one against the same plan.

    `vectors` are those of its sentences; None leaves the stored sentences as they are. New sentences make an end of
    the readings against other plans, which counted on the old ones.
    """
    if vectors is not None:
        connection.execute("DELETE FROM sentences WHERE document = ?", (document,))
        connection.execute("DELETE FROM readings WHERE document = ?", (document,))
        connection.executemany(
            'INSERT INTO sentences (document, number, start, "end", paragraph, text, vector) VALUES (?,?,?,?,?,?,?)',
            [
                (document, s.number, s.span.start, s.span.end, s.paragraph, s.span.of(analysis.document.text), v)
                for s, v in zip(analysis.sentences, pack_vectors(vectors), strict=True)
            ],
        )
    ids = {s.number: id for id, s in read_sentences(connection, document).items()}
    connection.execute("DELETE FROM statements WHERE document = ?", (document,))
    connection.executemany("DELETE FROM sources WHERE sentence = ? AND plan = ''", [(id,) for id in ids.values()])
    connection.executemany(
        "INSERT INTO statements VALUES (?,?,?,?,?,?)",
        [
            (document, n, ids[s.sentence], s.speech.value, _day(s.said_on), _encode(replace(s, text="")))
            for n, s in enumerate(analysis.statements)
        ],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO sources VALUES (?,'',?,?)",
        [(ids[s.sentence], x.name, x.kind.value) for s in analysis.statements for x in s.speakers],
    )
    write_positions(connection, document, plan.id, analysis.positions)
    connection.execute(
        "INSERT OR REPLACE INTO readings (document, plan, run, notices) VALUES (?,?,?,?)",
        (document, plan.id, run, _encode(analysis.notices)),
    )


def write_positions(connection: sqlite3.Connection, document: int, plan_id: str, positions: Sequence[Position]) -> None:
    """Store the positions that count in a document, in place of the earlier ones on the same plan, with their holders.

    The statements of the document must be there.
    """
    ids = {s.number: id for id, s in read_sentences(connection, document).items()}
    connection.execute("DELETE FROM positions WHERE document = ? AND plan = ?", (document, plan_id))
    connection.executemany(
        "INSERT INTO positions (document, plan, number, sentence, target, stance, confidence, speech, speaker, kind, "
        "said_on, reviewed, record) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
        [(document, plan_id, n, ids[p.sentence], *_position(p)) for n, p in enumerate(positions)],
    )
    connection.executemany(
        "DELETE FROM sources WHERE sentence = ? AND plan = ?", [(id, plan_id) for id in ids.values()]
    )
    connection.executemany(
        "INSERT OR IGNORE INTO sources VALUES (?,?,?,?)",
        [(ids[p.sentence], plan_id, p.speaker.name, p.speaker.kind.value) for p in positions if p.speaker],
    )
    connection.execute(
        "UPDATE sentences SET speakers = coalesce("
        "(SELECT group_concat(DISTINCT name) FROM sources WHERE sentence = sentences.id), '') WHERE document = ?",
        (document,),
    )


def read_analysis(
    connection: sqlite3.Connection, document: int, plan: Plan, shared: Analysis | None = None
) -> Analysis:
    """Return one document's analysis against a plan as it was stored.

    `shared` is its analysis against another plan; what all plans share is taken from there.
    """
    if shared:
        read, sentences, statements = shared.document, shared.sentences, shared.statements
    else:
        read = _read_document(connection, document)
        sentences = tuple(read_sentences(connection, document).values())
        rows = connection.execute("SELECT record FROM statements WHERE document = ? ORDER BY number", (document,))
        statements = unpack_statements([record for (record,) in rows], read.text)
    positions = read_positions(connection, document, plan.id)
    (notices,) = connection.execute(
        "SELECT notices FROM readings WHERE document = ? AND plan = ?", (document, plan.id)
    ).fetchone()
    return Analysis(
        read,
        sentences,
        statements,
        positions,
        measure_coverage(read.name, positions, plan, len(statements)),
        measure_speakers(positions, plan),
        _notices.decode(notices),
    )


def _read_document(connection: sqlite3.Connection, document: int) -> Document:
    name, text, record = connection.execute(
        "SELECT name, text, record FROM documents WHERE id = ?", (document,)
    ).fetchone()
    return unpack_document(record, name, text)


def read_positions(connection: sqlite3.Connection, document: int, plan_id: str) -> tuple[Position, ...]:
    """Return the positions that count in a document on a plan, in the order of the text."""
    (name, text) = connection.execute("SELECT name, text FROM documents WHERE id = ?", (document,)).fetchone()
    rows = connection.execute(
        "SELECT record FROM positions WHERE document = ? AND plan = ? ORDER BY number", (document, plan_id)
    )
    return unpack_positions([record for (record,) in rows], name, text)


def unpack_statements(records: Sequence[bytes], text: str) -> tuple[Statement, ...]:
    """Return the statements of a document of that text."""
    statements = _statements.decode(_list(records))
    for s in statements:  # they are nobody's yet, and to copy each takes longer than to read it
        _put(s, "text", s.span.of(text))
    return tuple(statements)


def pack_position(position: Position) -> bytes:
    """Return a position as JSON, without the words of the document."""
    return _encode(replace(position, document="", text="", evidence_text=""))


def unpack_position(record: bytes, name: str, text: str) -> Position:
    """Return a position in the document of that name and text."""
    return unpack_positions((record,), name, text)[0]


def unpack_positions(records: Sequence[bytes], name: str, text: str) -> tuple[Position, ...]:
    """Return positions in the document of that name and text."""
    positions = _positions.decode(_list(records))
    for p in positions:
        _put(p, "document", name)
        _put(p, "text", p.span.of(text))
        _put(p, "evidence_text", p.evidence.of(text))
    return tuple(positions)


def _list(records: Sequence[bytes]) -> bytes:
    """Records as one list: to decode each by itself takes twice as long."""
    return b"[" + b",".join(records) + b"]"


def _position(p: Position) -> tuple[object, ...]:
    who = (p.speaker.name, p.speaker.kind.value) if p.speaker else (None, None)
    seen = p.reviewed is not None
    return p.target, p.stance.value, p.confidence, p.speech.value, *who, _day(p.said_on), seen, pack_position(p)


def _day(day: datetime.date | None) -> str | None:
    return day.isoformat() if day else None
