"""Reviews: every figure follows the person's word, through later readings, until it is taken back."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

import analyzer.workspace.corpus as corpus
import analyzer.workspace.reviews as storing
from analyzer.cli import main
from analyzer.errors import WorkspaceError
from analyzer.export import render_report
from analyzer.records import Position, Reviewed, Span, Speaker, SpeakerKind, Stance
from analyzer.report import check_report
from analyzer.searching import search
from analyzer.workspace import Workspace, start_workspace
from analyzer.workspace.database import hold_lock
from analyzer.workspace.marks import read_mark
from analyzer.workspace.status import Verdicts, describe_review
from tests.factories import (
    WordEncoder,
    make_analysis,
    make_document,
    make_plan,
    make_position,
    make_report,
    make_sentences,
    make_speaker,
)

CONFIRMED, CORRECTED, REJECTED = Reviewed.CONFIRMED, Reviewed.CORRECTED, Reviewed.REJECTED
ENDORSES, CRITICISES, MENTIONS = Stance.ENDORSES, Stance.CRITICISES, Stance.MENTIONS
Claim = tuple[int, str, Stance, str | None]  # sentence, target, stance, speaker


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with start_workspace(tmp_path / "ws") as workspace:
        workspace._encoder = WordEncoder()
        workspace.put(make_report())
    return tmp_path / "ws"


@pytest.fixture
def workspace(folder: Path) -> Iterator[Workspace]:
    with Workspace(folder, WordEncoder()) as opened:
        yield opened


def positions(workspace: Workspace) -> tuple[Position, ...]:
    return workspace.report().analyses[0].positions


def position_on(workspace: Workspace, target: str) -> Position:
    return next(p for p in positions(workspace) if p.target == target)


def claims(workspace: Workspace) -> list[Claim]:
    return [(p.sentence, p.target, p.stance, p.speaker and p.speaker.name) for p in positions(workspace)]


def read_anew(workspace: Workspace, *found: Position) -> None:
    """What a newer judge does with the same text."""
    workspace.put(make_report(make_analysis(found)))


def test_rejected_position_counts_nowhere(workspace: Workspace) -> None:
    workspace.review(position_on(workspace, "2"), REJECTED)
    report = workspace.report()
    check_report(report)
    assert "2" in report.analyses[0].coverage.omitted
    assert "criticises" not in render_report(report, "csv")
    assert not search(workspace, "target:2").hits and not search(workspace, "stance:criticises").hits
    assert not search(workspace, "speaker:reed stance:criticises").hits and search(workspace, "speaker:reed").total == 1


def test_corrected_position_is_as_the_person_put_it(workspace: Workspace) -> None:
    read = position_on(workspace, "2")
    norland = Speaker("Norland", SpeakerKind.COUNTRY, resolution="named by a reviewer")
    workspace.review(read, CORRECTED, replace(read, stance=ENDORSES, speaker=norland, target="3"))
    now = position_on(workspace, "3")
    assert (now.stance, now.speaker, now.reviewed) == (ENDORSES, norland, CORRECTED)
    assert (now.evidence, now.confidence) == (read.evidence, read.confidence)
    assert [h.number for h in search(workspace, "country:norland stance:endorses target:3 reviewed:yes").hits] == [2]
    assert "2" in workspace.report().analyses[0].coverage.omitted


def test_correction_that_changes_nothing_confirms(workspace: Workspace) -> None:
    read = position_on(workspace, "2")
    assert workspace.review(read, CORRECTED, read).verdict is CONFIRMED


def test_table_and_search_tell_what_was_reviewed(workspace: Workspace) -> None:
    workspace.review(position_on(workspace, "1"), CONFIRMED)
    rows = list(csv.DictReader(io.StringIO(render_report(workspace.report(), "csv").lstrip("\ufeff"))))
    assert [(r["reviewed"], r["verdict"]) for r in rows] == [("yes", "confirmed")] + [("no", "")] * 4
    assert [h.number for h in search(workspace, "reviewed:yes").hits] == [1]
    assert [h.number for h in search(workspace, "reviewed:no").hits] == [2, 3]


def test_undo_takes_reviews_back_one_by_one_to_what_was_read(workspace: Workspace) -> None:
    before = positions(workspace)
    one = position_on(workspace, "1")
    workspace.review(one, CONFIRMED)
    workspace.review(position_on(workspace, "1"), REJECTED)
    workspace.review(position_on(workspace, "2"), REJECTED)
    undone = workspace.undo_review("harbour")
    assert undone and undone.read.target == "2" and len(positions(workspace)) == 4
    workspace.undo_review()
    assert position_on(workspace, "1").reviewed is CONFIRMED
    workspace.undo_review()
    assert positions(workspace) == before and workspace.undo_review() is None


def test_what_was_said_already_is_not_written_again_so_that_each_undo_has_an_effect(workspace: Workspace) -> None:
    read = position_on(workspace, "2")
    for verdict in (CONFIRMED, CORRECTED, REJECTED):
        corrected = replace(read, stance=ENDORSES)
        first = workspace.review(position_on(workspace, "2"), verdict, corrected)
        said = replace(read if verdict is not CORRECTED else corrected, reviewed=verdict)
        assert workspace.review(said, CONFIRMED if verdict is CORRECTED else verdict, corrected) == first
    assert workspace.connection.execute("SELECT count(*) FROM reviews").fetchone() == (3,)


def test_names_follow_who_still_holds_a_position(workspace: Workspace) -> None:
    bay = make_document("Quiet day on the bay\n\nThe ferries ran on time.", "bay")
    workspace.put(make_report(make_analysis([make_position(speaker="Weiss", document=bay)], bay)))
    whole = 'speaker:"Ana Weiss"'
    assert search(workspace, whole).total == 2
    (read,) = (p for a in workspace.report().analyses for p in a.positions if p.target == "1" and p.document != "bay")
    workspace.review(read, REJECTED)
    assert not search(workspace, whole).hits
    workspace.undo_review()
    assert search(workspace, whole).total == 2


def test_corrected_position_stays_where_names_make_it_one_with_another(workspace: Workspace) -> None:
    ana, bare = make_position("1", CRITICISES, evidence="ceasefire"), make_position("1", speaker="Weiss")
    read_anew(workspace, ana)
    workspace.review(position_on(workspace, "1"), CORRECTED, replace(ana, stance=ENDORSES))
    read_anew(workspace, bare, ana)
    assert [(p.stance, p.speaker and p.speaker.name, p.reviewed) for p in positions(workspace)] == [
        (ENDORSES, "Ana Weiss", CORRECTED)
    ]


def test_correction_to_what_another_holds_under_another_spelling_is_refused(workspace: Workspace) -> None:
    ana, bare = make_position("1", CRITICISES), make_position("1", speaker="Weiss")
    read_anew(workspace, ana, bare)
    with pytest.raises(WorkspaceError, match="there already"):
        workspace.review(ana, CORRECTED, replace(ana, stance=ENDORSES))
    read_anew(workspace, replace(ana, stance=ENDORSES), bare)
    assert workspace.review(positions(workspace)[0], CONFIRMED).verdict is CONFIRMED


def test_reviews_of_a_report_are_taken_over_as_reviews_and_never_as_what_was_read(workspace: Workspace) -> None:
    workspace.review(position_on(workspace, "1"), CONFIRMED)
    workspace.review(position_on(workspace, "2"), CORRECTED, replace(position_on(workspace, "2"), target="3"))
    report = workspace.report()
    said = sorted(report.analyses[0].positions, key=repr)
    with Workspace(None, WordEncoder()) as other:
        for _ in range(2):  # the second time it is known already
            other.put(report)
            assert sorted(positions(other), key=repr) == said
            assert [review.verdict for review in other.reviews("harbour")] == [CONFIRMED, CORRECTED]
        while other.undo_review():
            pass
        assert [(p.target, p.reviewed) for p in positions(other)] == [
            (p.target, None) for p in report.analyses[0].positions if p.reviewed is not CORRECTED
        ]
    workspace.put(report)
    assert sorted(positions(workspace), key=repr) == said and len(workspace.reviews("harbour")) == 2


def test_rejected_position_can_be_taken_in_again(workspace: Workspace) -> None:
    workspace.review(position_on(workspace, "2"), REJECTED)
    (review,) = workspace.reviews("harbour")
    workspace.review(replace(review.read, reviewed=REJECTED), CONFIRMED)
    assert position_on(workspace, "2").reviewed is CONFIRMED


WEISS, NORLAND = make_speaker(), make_speaker("Norland", SpeakerKind.COUNTRY)
LATER: list[tuple[str, Callable[[Workspace], object], Sequence[Position], list[Claim]]] = [
    (
        "rejected, read again: stays away",
        lambda w: w.review(position_on(w, "1"), REJECTED),
        [make_position("1", confidence=0.99)],
        [],
    ),
    (
        "rejected, read again of another speaker: stays away",
        lambda w: w.review(position_on(w, "1"), REJECTED),
        [make_position("1", speaker="Tom Reed")],
        [],
    ),
    (
        "rejected, another stance is read: that is another position",
        lambda w: w.review(position_on(w, "1"), REJECTED),
        [make_position("1", CRITICISES)],
        [(1, "1", CRITICISES, "Ana Weiss")],
    ),
    (
        "confirmed, read no more: kept",
        lambda w: w.review(position_on(w, "1"), CONFIRMED),
        [make_position("2", sentence=2)],
        [(1, "1", ENDORSES, "Ana Weiss"), (2, "2", ENDORSES, "Ana Weiss")],
    ),
    (
        "confirmed, another stance is read: as the person put it",
        lambda w: w.review(position_on(w, "1"), CONFIRMED),
        [make_position("1", MENTIONS, "Tom Reed")],
        [(1, "1", ENDORSES, "Ana Weiss")],
    ),
    (
        "corrected, the same is read again: as the person put it",
        lambda w: w.review(position_on(w, "1"), CORRECTED, replace(position_on(w, "1"), stance=MENTIONS, target="3")),
        [make_position("1")],
        [(1, "3", MENTIONS, "Ana Weiss")],
    ),
    (
        "corrected, the correction is read, too: once",
        lambda w: w.review(position_on(w, "1"), CORRECTED, replace(position_on(w, "1"), target="3")),
        [make_position("1"), make_position("3")],
        [(1, "3", ENDORSES, "Ana Weiss")],
    ),
    (
        "of two that hold it together, one is rejected: the other stays",
        lambda w: (
            read_anew(w, make_position("1"), make_position("1", speaker=NORLAND)),
            w.review(positions(w)[1], REJECTED),
        ),
        [make_position("1")],
        [(1, "1", ENDORSES, "Ana Weiss")],
    ),
]


@pytest.mark.parametrize(("review", "found", "expected"), [row[1:] for row in LATER], ids=[row[0] for row in LATER])
def test_review_outlives_a_new_reading(
    workspace: Workspace, review: Callable[[Workspace], object], found: Sequence[Position], expected: list[Claim]
) -> None:
    review(workspace)
    read_anew(workspace, *found)
    check_report(workspace.report())
    assert claims(workspace) == expected
    while workspace.undo_review():
        pass
    assert positions(workspace) == tuple(found)


def test_review_finds_its_words_where_sentences_are_cut_anew(workspace: Workspace) -> None:
    workspace.review(position_on(workspace, "2"), CONFIRMED)
    document = make_document()
    old = make_sentences(document)
    joined = replace(old[1], span=Span(old[1].span.start, old[2].span.end))
    cut = (old[0], joined, *(replace(s, number=s.number - 1) for s in old[3:]))
    workspace.put(make_report(replace(make_analysis(()), sentences=cut, statements=())))
    check_report(workspace.report())
    assert claims(workspace) == [(1, "2", CRITICISES, "Tom Reed")]


def test_plan_that_lost_a_target_loses_its_reviews_from_view_alone(workspace: Workspace) -> None:
    workspace.review(position_on(workspace, "2"), CONFIRMED)
    short = make_plan(points=1)
    workspace.put(make_report(make_analysis((make_position("1"),), plan=short), plan=short))
    assert claims(workspace) == [(1, "1", ENDORSES, "Ana Weiss")] and len(workspace.reviews("harbour")) == 1


def test_another_run_of_analyze_keeps_reviews(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    class Newer:
        name, threshold = "stub/2", 0.5

    monkeypatch.setattr(corpus, "analyze_document", lambda document, *_: make_analysis(document=document))
    workspace.review(position_on(workspace, "2"), REJECTED)
    assert workspace.analyze(make_plan(), judge=Newer()) == 1  # type: ignore[arg-type]
    assert len(positions(workspace)) == 4


def test_removed_document_takes_its_reviews_along(workspace: Workspace) -> None:
    workspace.review(position_on(workspace, "1"), CONFIRMED)
    workspace.review(position_on(workspace, "1"), REJECTED)
    workspace.remove(["harbour"])
    assert workspace.connection.execute("SELECT count(*) FROM reviews").fetchone() == (0,)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"target": "9"}, "has no target 9"),
        ({"target": "gap:troop-withdrawal"}, "choose of raises, rejects"),
        ({"target": "plan", "stance": MENTIONS, "speaker": None}, "there already"),
        *(({"speaker": make_speaker(name)}, "has no letters") for name in ("", "  ", "\u200b", "\u3164", "\u202e.")),
        ({"speaker": make_speaker("a" * 121)}, "longer than 120"),
    ],
)
def test_correction_that_cannot_be_is_one_line_and_changes_nothing(
    workspace: Workspace, fields: dict[str, object], said: str
) -> None:
    before, read = positions(workspace), position_on(workspace, "2")
    with pytest.raises(WorkspaceError, match=said):
        workspace.review(read, CORRECTED, replace(read, **fields))  # type: ignore[arg-type]
    assert positions(workspace) == before and not workspace.reviews("harbour")


def test_position_that_was_read_anew_in_the_meantime_is_not_reviewed(workspace: Workspace) -> None:
    read = position_on(workspace, "1")
    read_anew(workspace, make_position("1", CRITICISES))
    with pytest.raises(WorkspaceError, match="reload"):
        workspace.review(read, CONFIRMED)


def test_status_tells_what_was_reviewed_and_how_often_the_reading_was_right(workspace: Workspace) -> None:
    for target in ("1", "plan"):
        workspace.review(position_on(workspace, target), CONFIRMED)
    workspace.review(position_on(workspace, "2"), REJECTED)
    (status,) = workspace.status().plans
    assert (status.positions, status.reviewed) == (4, 3)
    assert (status.rejected, status.verdicts) == (1, Verdicts(2, 0, 1))
    assert describe_review(status) == (
        "Reviewed by a person: 3 of 5 positions (60%). 3 verdicts so far: 2 confirmed what was read (67%), 0 corrected "
        "and 1 rejected it."
    )


@pytest.mark.parametrize(
    ("target", "verdict", "found", "short", "reviewed"),
    [
        ("1", REJECTED, [make_position("1"), make_position("3")], False, (1, 1)),
        ("1", REJECTED, [make_position("3")], False, (1, 0)),
        ("2", CONFIRMED, [make_position("1")], False, (2, 1)),
        ("2", CONFIRMED, [make_position("1")], True, (1, 0)),
    ],
    ids=["rejected, read again", "rejected, read no more", "confirmed, read no more", "the plan lost the target"],
)
def test_share_counts_what_is_in_force_and_the_verdicts_all_that_were_given(
    workspace: Workspace, target: str, verdict: Reviewed, found: list[Position], short: bool, reviewed: tuple[int, int]
) -> None:
    workspace.review(position_on(workspace, target), verdict)
    plan = make_plan(points=1) if short else make_plan()
    workspace.put(make_report(make_analysis(found, plan=plan), plan=plan))
    (status,) = workspace.status().plans
    assert (status.positions, status.reviewed) == reviewed and status.verdicts.total == 1


def test_mark_moves_with_every_review_and_its_undo(workspace: Workspace) -> None:
    marks = [read_mark(workspace)]
    workspace.review(position_on(workspace, "1"), CONFIRMED)
    marks.append(read_mark(workspace))
    workspace.undo_review()
    marks.append(read_mark(workspace))
    assert len(set(marks)) == 3


def test_review_is_written_whole_or_not_at_all(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    before = positions(workspace)

    def break_off(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(storing, "write_positions", break_off)
    with pytest.raises(WorkspaceError, match="disk is full"):
        workspace.review(before[0], CONFIRMED)
    assert positions(workspace) == before and not workspace.reviews("harbour")


def test_review_waits_for_its_turn_and_then_says_who_is_writing(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpus, "PATIENCE", 0.01)
    with hold_lock(workspace.folder), pytest.raises(WorkspaceError, match="another process"):
        workspace.review(position_on(workspace, "1"), CONFIRMED)
    workspace.review(position_on(workspace, "1"), CONFIRMED)


def test_workspace_from_before_reviews_is_brought_up_with_its_positions(tmp_path: Path) -> None:
    from analyzer.workspace import schema

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schema, "STEPS", schema.STEPS[:1])
        patch.setattr(corpus, "apply_reviews", lambda *_: False)  # as it was: there are no tables for it
        with start_workspace(tmp_path / "old") as old:
            old._encoder = WordEncoder()
            old.put(make_report())
            before = positions(old)
            assert old.connection.execute("PRAGMA user_version").fetchone() == (1,)
    with Workspace(tmp_path / "old", WordEncoder()) as workspace:
        assert positions(workspace) == before and workspace.status().plans[0].reviewed == 0
        workspace.review(position_on(workspace, "1"), CONFIRMED)
        assert workspace.status().plans[0].reviewed == 1
        workspace.undo_review()
        assert positions(workspace) == before


def test_command_line_tells_what_was_reviewed(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    workspace.review(position_on(workspace, "1"), CONFIRMED)
    assert main(["status", "--workspace", str(workspace.folder)]) == 0
    told = capsys.readouterr().out
    assert "reviewed    1 of 5 positions (20%). 1 verdict so far: 1 confirmed what was read (100%)" in told
    assert main(["export", "--workspace", str(workspace.folder), "--format", "csv"]) == 0
    assert ",yes,confirmed" in capsys.readouterr().out
