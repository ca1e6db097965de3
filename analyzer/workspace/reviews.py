"""Reviews in the database: what a person says of a position is written once, and counts until it is taken back.

`readings.read` holds the positions as they were read, from the first review of a document to the last that is taken
back; `positions` holds what counts (settling.py), so that whoever reads it follows the person's word.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace

import msgspec

from analyzer.errors import WorkspaceError
from analyzer.export.wording import one_line
from analyzer.records import STANCES, Plan, Position, Reviewed, Speaker
from analyzer.workspace.database import now
from analyzer.workspace.rows import (
    pack_position,
    read_positions,
    read_sentences,
    unpack_position,
    unpack_positions,
    write_positions,
)
from analyzer.workspace.settling import Review, Settled, settle_positions

__all__ = [
    "Review",
    "Settled",
    "add_review",
    "apply_reviews",
    "drop_review",
    "list_reviews",
    "read_rejected",
    "take_reviews",
]

Names = Mapping[tuple[str, str], str]  # the name that a speaker of a name and kind goes by, where it is another
LONGEST = 120  # characters of a speaker's name that a person gives
FILLERS = "\u115f\u1160\u3164\uffa0"  # letters to Unicode, but nothing to see
_raws = msgspec.json.Decoder(list[msgspec.Raw])


def add_review(
    connection: sqlite3.Connection,
    position: Position,
    verdict: Reviewed,
    corrected: Position | None,
    plan: Plan,
    note: str = "",
) -> tuple[Review, bool]:
    """Write what a person says of a position of a report, in place of what was said of it before.

    Of `corrected`, stance, speaker and target count; where they are what was read, the position is confirmed. What was
    said already is not written again, unless with a note. Returns what counts, and whether other names stand in the
    document than before. Raises WorkspaceError if the position is not there, or the correction cannot be.
    """
    document = _find_document(connection, position.document)
    settled = _settle(connection, document, plan)
    one = _find(settled, position)
    read = replace(one.read or (one.review.read if one.review else one.position), reviewed=None)
    given: Position | None = None
    if verdict is Reviewed.CORRECTED:
        if corrected is None:
            raise ValueError("a correction needs the position as it should be")
        speaker = one.position.speaker if corrected.speaker == position.speaker else _tidy(corrected.speaker, read)
        given = replace(read, target=corrected.target, stance=corrected.stance, speaker=speaker)
        verdict = Reviewed.CONFIRMED if given == read else verdict
    elif verdict is Reviewed.CONFIRMED:
        given = read
        if one.review and one.review.given and one.counts:  # a correction that is confirmed stays one
            given, verdict = one.review.given, one.review.verdict
    if one.review and not note and _says(one, verdict, given):
        return one.review, False
    if given:
        others = [s.position for s in settled if s is not one and s.counts]
        changed = not one.counts or _claim(given) != _claim(one.position)
        _check(given, plan, others if changed else (), _read_names(connection))
    alone = one.review.alone if one.review else _is_alone(read, [s.read for s in settled if s is not one and s.read])
    review = _write_review(connection, document, plan.id, Review(0, verdict, read, given, alone, now(), note))
    if one.review:
        connection.execute("UPDATE reviews SET superseded = ? WHERE id = ?", (review.id, one.review.id))
    return review, apply_reviews(connection, document, plan)


def take_reviews(connection: sqlite3.Connection, document: int, plan: Plan, positions: Sequence[Position]) -> None:
    """Write the reviews that the positions of a report carry, those left out of which the workspace has a word already.

    What was read where a position was corrected, a report does not tell: the correction stands for it.
    """
    known = _read_reviews(connection, document, plan.id)
    names = _read_names(connection)
    said = {_claim(p, names) for review in known for p in (review.read, review.given) if p}
    stripped = [replace(p, reviewed=None) for p in positions]
    for position, read in zip(positions, stripped, strict=True):
        if (verdict := position.reviewed) and _claim(read, names) not in said:
            given = None if verdict is Reviewed.REJECTED else read
            alone = _is_alone(read, [other for other in stripped if other is not read])
            _write_review(connection, document, plan.id, Review(0, verdict, read, given, alone, now()))


def drop_review(connection: sqlite3.Connection, document: str | None, plan: Plan) -> tuple[Review | None, bool]:
    """Take back the newest review on the plan, of one document where it is named; None where there is none.

    Says also whether other names stand in the document than before.
    """
    of = _find_document(connection, document) if document is not None else None
    row = connection.execute(
        "SELECT document, max(id) FROM reviews WHERE plan = ? AND document = coalesce(?, document)", (plan.id, of)
    ).fetchone()
    if row[1] is None:
        return None, False
    review = next(r for r in _read_reviews(connection, row[0], plan.id) if r.id == row[1])
    connection.execute("DELETE FROM reviews WHERE id = ?", (review.id,))  # what it superseded counts again
    return review, apply_reviews(connection, row[0], plan)


def list_reviews(connection: sqlite3.Connection, document: str, plan_id: str) -> tuple[Review, ...]:
    """Return the reviews of a document on a plan that count, oldest first."""
    return _read_reviews(connection, _find_document(connection, document), plan_id)


def read_rejected(connection: sqlite3.Connection, document: str, plan: Plan) -> tuple[Position, ...]:
    """Return the positions of a document that are read and that a person rejected, in the order of the text."""
    settled = _settle(connection, _find_document(connection, document), plan)
    return tuple(s.position for s in settled if not s.counts)


def _settle(connection: sqlite3.Connection, document: int, plan: Plan) -> tuple[Settled, ...]:
    name, text = connection.execute("SELECT name, text FROM documents WHERE id = ?", (document,)).fetchone()
    row = connection.execute(
        "SELECT read FROM readings WHERE document = ? AND plan = ?", (document, plan.id)
    ).fetchone()
    if row is None:
        return ()
    if row[0] is None:
        read: Sequence[Position] = read_positions(connection, document, plan.id)
    else:
        read = unpack_positions([bytes(record) for record in _raws.decode(row[0])], name, text)
    sentences = tuple(read_sentences(connection, document).values())
    return settle_positions(read, _read_reviews(connection, document, plan.id), sentences, text, plan)


def apply_reviews(connection: sqlite3.Connection, document: int, plan: Plan) -> bool:
    """Make what counts in a document follow its reviews, after one of them or the reading has changed.

    Returns whether other names stand in the document than before.
    """
    ask = connection.execute
    row = ask("SELECT read FROM readings WHERE document = ? AND plan = ?", (document, plan.id)).fetchone()
    (reviews,) = ask("SELECT count(*) FROM reviews WHERE document = ? AND plan = ?", (document, plan.id)).fetchone()
    if row is None or (row[0] is None and not reviews):
        return False
    kept = row[0]
    if kept is None:
        read = [pack_position(p) for p in read_positions(connection, document, plan.id)]
        kept = msgspec.json.encode([msgspec.Raw(record) for record in read])
        ask("UPDATE readings SET read = ? WHERE document = ? AND plan = ?", (kept, document, plan.id))
    settled = _settle(connection, document, plan)
    before = _list_holders(connection, document, plan.id)
    write_positions(connection, document, plan.id, [s.position for s in settled if s.counts])
    ask(
        "UPDATE readings SET revision = (SELECT max(revision) + 1 FROM readings), rejected = ?, read = ? "
        "WHERE document = ? AND plan = ?",
        (sum(not s.counts for s in settled), kept if reviews else None, document, plan.id),
    )
    return before != _list_holders(connection, document, plan.id)


def _write_review(connection: sqlite3.Connection, document: int, plan_id: str, review: Review) -> Review:
    cursor = connection.execute(
        "INSERT INTO reviews (document, plan, verdict, at, note, alone, read, given) VALUES (?,?,?,?,?,?,?,?)",
        (
            document,
            plan_id,
            review.verdict.value,
            review.at,
            review.note,
            review.alone,
            pack_position(review.read),
            pack_position(review.given) if review.given else None,
        ),
    )
    return replace(review, id=int(cursor.lastrowid or 0))


def _list_holders(connection: sqlite3.Connection, document: int, plan_id: str) -> list[tuple[int, str, str]]:
    """The names that the sentences of a document have by its positions."""
    return connection.execute(
        "SELECT s.id, x.name, x.kind FROM sentences s JOIN sources x ON x.sentence = s.id "
        "WHERE s.document = ? AND x.plan = ? ORDER BY s.id, x.name, x.kind",
        (document, plan_id),
    ).fetchall()


def _read_names(connection: sqlite3.Connection) -> Names:
    """The names that speakers go by in the corpus, where these are others than those of the texts."""
    return {
        (name, kind): entity for name, kind, entity in connection.execute("SELECT name, kind, entity FROM speakers")
    }


def _read_reviews(connection: sqlite3.Connection, document: int, plan_id: str) -> tuple[Review, ...]:
    name, text = connection.execute("SELECT name, text FROM documents WHERE id = ?", (document,)).fetchone()
    rows = connection.execute(
        "SELECT id, verdict, read, given, alone, at, note FROM reviews "
        "WHERE document = ? AND plan = ? AND superseded IS NULL ORDER BY id",
        (document, plan_id),
    )
    return tuple(
        Review(
            id,
            Reviewed(verdict),
            unpack_position(read, name, text),
            unpack_position(given, name, text) if given is not None else None,
            bool(alone),
            at,
            note,
        )
        for id, verdict, read, given, alone, at, note in rows
    )


def _find_document(connection: sqlite3.Connection, name: str) -> int:
    row = connection.execute("SELECT id FROM documents WHERE name = ?", (name,)).fetchone()
    if row is None:
        raise WorkspaceError(f"{name}: no document of that name; `peaceplan status --documents` lists them")
    return int(row[0])


def _find(settled: Sequence[Settled], position: Position) -> Settled:
    """The position of a report: its speaker may go by another name there, but stands at the same words."""
    alike = [s for s in settled if _key(s.position) == _key(position)]
    named = [
        s for s in alike if s.position.speaker and position.speaker and s.position.speaker.name == position.speaker.name
    ]
    if not alike:
        raise WorkspaceError(
            f"{position.document}: sentence {position.sentence + 1} has no such position on {position.target} now; "
            "reload, and look at it again"
        )
    return (named or alike)[0]


def _is_alone(read: Position, others: Sequence[Position]) -> bool:
    return not any((other.sentence, other.target) == (read.sentence, read.target) for other in others)


def _key(position: Position) -> tuple[object, ...]:
    speaker = position.speaker
    who = (speaker.kind, speaker.mention) if speaker else None
    return position.sentence, position.target, position.stance, position.evidence, position.reviewed, who


def _says(one: Settled, verdict: Reviewed, given: Position | None) -> bool:
    """True if a position stands by its review as a person puts it now."""
    if given is None or not one.counts or one.review is None:
        return not one.counts and given is None
    return one.review.verdict is verdict and _claim(given) == _claim(one.position)


def _claim(position: Position, names: Names | None = None) -> tuple[object, ...]:
    """Whose position it is, and what is claimed in which words; `names` are those that speakers go by."""
    return position.evidence, position.target, position.stance, _call(position.speaker, names or {})


def _call(speaker: Speaker | None, names: Names) -> str | None:
    return names.get((speaker.name, speaker.kind.value), speaker.name) if speaker else None


def _tidy(speaker: Speaker | None, read: Position) -> Speaker | None:
    """The speaker that a person gives, by a name that can be read; WorkspaceError if there is none."""
    if speaker is None:
        return None
    name = one_line(speaker.name)
    where = f"{read.document}, sentence {read.sentence + 1}"
    if not any(letter.isalnum() and letter not in FILLERS for letter in name):
        raise WorkspaceError(f"{where}: the name of the speaker has no letters; give one that can be read")
    if len(name) > LONGEST:
        raise WorkspaceError(
            f"{where}: the name of the speaker is longer than {LONGEST} characters; give a shorter one"
        )
    return replace(speaker, name=name)


def _check(given: Position, plan: Plan, others: Sequence[Position], names: Names) -> None:
    """Raise WorkspaceError if the plan has no such position, or one of the others is the same by the names in use."""
    where = f"{given.document}, sentence {given.sentence + 1}"
    kinds = {target.id: target.kind for target in plan.targets}
    if given.target not in kinds:
        raise WorkspaceError(f"{where}: {plan.id} has no target {given.target}; choose one that it has")
    if given.stance not in STANCES[kinds[given.target]]:
        possible = ", ".join(sorted(STANCES[kinds[given.target]]))
        raise WorkspaceError(
            f"{where}: {given.target} cannot have the stance {given.stance.value}; choose of {possible}"
        )
    for other in others:
        same = (other.sentence, other.target, other.stance) == (given.sentence, given.target, given.stance)
        if same and _call(other.speaker, names) == _call(given.speaker, names):
            raise WorkspaceError(f"{where}: this position is there already; reject the one that is too many")
