"""A workspace: what goes in comes out, once, and nothing that was there is lost."""

from __future__ import annotations

import datetime
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import analyzer.workspace.corpus as corpus
from analyzer.errors import WorkspaceError
from analyzer.judging import Judge
from analyzer.records import Analysis, Document, Failure, Plan, Report, Speaker, SpeakerKind
from analyzer.workspace import Workspace, find_workspace, is_workspace, start_workspace
from analyzer.workspace.database import DATABASE
from analyzer.workspace.schema import STEPS
from tests.factories import WordEncoder, make_analysis, make_document, make_plan, make_position, make_report

PLAN = make_plan()


class NamedJudge:
    """Stands for a judge where the reading itself is replaced."""

    def __init__(self, name: str = "stub/1") -> None:
        self.name, self.threshold = name, 0.5


def read_stub(document: Document, plan: Plan, encoder: object, judge: object) -> Analysis:
    """A stand-in for reading: no position, and a failure for a document that asks for it."""
    if "FAIL" in document.text:
        raise RuntimeError("broke off")
    return make_analysis((), document, plan)


@pytest.fixture(autouse=True)
def stubs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus, "analyze_document", read_stub)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    start_workspace(tmp_path / "ws").close()
    with Workspace(tmp_path / "ws", WordEncoder()) as opened:
        yield opened


def judge(name: str = "stub/1") -> Judge:
    return NamedJudge(name)  # type: ignore[return-value]


def article(number: int, **fields: Any) -> Document:
    text = (
        f"Report {number}\n\nThe minister of port {number} called for a truce. Ship {number} left the harbour at dawn."
    )
    return make_document(text, f"report-{number}", **fields)


def ask(workspace: Workspace, sql: str) -> list[tuple[Any, ...]]:
    return workspace.connection.execute(sql).fetchall()


def test_report_comes_out_as_it_was_analysed(workspace: Workspace) -> None:
    report = make_report(make_analysis(), make_analysis((), make_document("Rain fell. It stopped.", "rain")))
    workspace.put(report)
    stored = workspace.report()
    assert stored.plan == report.plan and stored.models == report.models
    assert {a.document.name: a for a in stored.analyses} == {a.document.name: a for a in report.analyses}


def test_document_keeps_every_field(workspace: Workspace) -> None:
    document = article(1, date=datetime.date(2023, 3, 1), outlet="The Herald", url="https://example.org/1", title="Één")
    workspace.add([document])
    workspace.analyze(PLAN, judge=judge())
    assert workspace.report().analyses[0].document == document


def test_same_text_is_stored_once_and_its_other_sources_are_kept(workspace: Workspace) -> None:
    first = article(1)
    added = workspace.add([first, replace(first, name="twin", source="elsewhere/twin.txt", outlet="The Bell")])
    assert (added.new, added.known) == (1, 1)
    assert ask(workspace, "SELECT source, outlet FROM copies") == [("elsewhere/twin.txt", "The Bell")]
    assert workspace.add([first]).known == 1 and workspace.status().copies == 1


def test_changed_file_replaces_what_was_read_before(workspace: Workspace) -> None:
    workspace.add([article(1)])
    workspace.analyze(PLAN, judge=judge())
    changed = replace(article(1), text="Report 1, corrected\n\nNobody called for anything.")
    assert workspace.add([changed]).new == 1
    assert workspace.status().documents == 1
    assert workspace.analyze(PLAN, judge=judge()) == 1
    assert [a.document.text for a in workspace.report().analyses] == [changed.text]


def test_documents_of_one_name_are_told_apart(workspace: Workspace) -> None:
    workspace.add([article(1), replace(article(2), name="report-1")])
    assert [row[0] for row in workspace.documents()] == ["report-1", "report-1 (2)"]


def test_only_what_is_new_is_read(workspace: Workspace) -> None:
    workspace.add([article(1), article(2)])
    assert workspace.analyze(PLAN, judge=judge()) == 2
    assert workspace.analyze(PLAN, judge=judge()) == 0
    workspace.add([article(3)])
    assert workspace.analyze(PLAN, judge=judge()) == 1


@pytest.mark.parametrize(
    ("plan", "name"), [(PLAN, "stub/2"), (replace(PLAN, summary="Reworded."), "stub/1")], ids=["judge", "plan"]
)
def test_other_models_or_words_of_the_plan_read_everything_anew(workspace: Workspace, plan: Plan, name: str) -> None:
    workspace.add([article(1)])
    workspace.analyze(PLAN, judge=judge())
    assert workspace.analyze(plan, judge=judge(name)) == 1
    assert len(workspace.report().analyses) == 1


def test_several_plans_are_kept_side_by_side(workspace: Workspace) -> None:
    other = replace(PLAN, id="other-2032")
    workspace.put(make_report())
    workspace.put(Report(other, (make_analysis((make_position("3"),)),)))
    assert [plan.id for plan in workspace.plans()] == ["harbour-2031", "other-2032"]
    assert len(workspace.report("harbour-2031").analyses[0].positions) == 5
    assert [p.target for p in workspace.report("other-2032").analyses[0].positions] == ["3"]
    with pytest.raises(WorkspaceError, match="choose one with --plan: harbour-2031, other-2032"):
        workspace.report()


def test_document_that_fails_is_noted_once_and_the_rest_goes_on(workspace: Workspace) -> None:
    told: list[Failure] = []
    workspace.add([make_document("FAIL", "bad"), article(1)])
    assert workspace.analyze(PLAN, judge=judge(), on_failure=told.append) == 1
    assert [f.source for f in told] == ["articles/bad.txt"] and "broke off" in told[0].message
    assert workspace.analyze(PLAN, judge=judge(), on_failure=told.append) == 0 and len(told) == 1
    assert workspace.analyze(PLAN, judge=judge("stub/2"), on_failure=told.append) == 1 and len(told) == 2
    status = workspace.status()
    assert (status.plans[0].read, status.plans[0].failed) == (1, 1)
    assert [f.source for f in workspace.report().failures] == ["articles/bad.txt"]


def test_input_that_could_not_be_read_is_listed_until_it_can(workspace: Workspace) -> None:
    workspace.add([], [Failure("articles/report-1.txt", "is empty (0 bytes).")])
    assert workspace.status().failures == (Failure("articles/report-1.txt", "is empty (0 bytes)."),)
    workspace.add([article(1)])
    assert workspace.status().failures == ()


def test_half_of_a_surrogate_pair_is_a_failure_and_not_a_crash(workspace: Workspace) -> None:
    workspace.add([make_document("Half a pair: \ud800.", "half"), article(1)])
    assert workspace.status().documents == 1 and "surrogate" in workspace.status().failures[0].message


def test_removed_document_leaves_nothing_behind(workspace: Workspace) -> None:
    workspace.put(make_report(make_analysis(), make_analysis((), article(1))))
    workspace.remove(["harbour"])
    for table in ("sentences", "statements", "sources", "positions", "readings", "bands"):
        named = "document" if table != "sources" else "(SELECT document FROM sentences WHERE id = sentence)"
        (kept,) = ask(workspace, "SELECT id FROM documents")[0]
        assert {row[0] for row in ask(workspace, f"SELECT {named} FROM {table}")} <= {kept}, table
    assert ask(workspace, "SELECT rowid FROM words WHERE words MATCH 'sanctions'") == []
    with pytest.raises(WorkspaceError, match="no document of that name"):
        workspace.remove(["harbour"])


def test_one_story_in_several_papers_is_grouped(workspace: Workspace) -> None:
    body = " ".join(
        f"Sentence {n} of the agency tells what the envoy of port {n % 7} said about berth {n}." for n in range(30)
    )
    agency = make_document(f"Envoys meet\n\n{body}", "agency")
    cut = make_document(f"Talks: a new lead by our own correspondent.\n\n{body[: len(body) * 3 // 4]}", "paper")
    other = make_document(" ".join(f"On day {n} the council heard witness {n * 13}." for n in range(40)), "council")
    assert workspace.add([agency, cut, other]).alike == 1
    assert [(row[0], row[4]) for row in workspace.documents()] == [("agency", 2), ("council", 1), ("paper", 2)]
    workspace.remove(["agency"])  # the first of a story; the rest stays together
    assert workspace.status().stories == 2


def test_one_name_for_one_speaker_over_the_corpus(workspace: Workspace) -> None:
    def said_by(name: str, document: Document) -> Analysis:
        speaker = Speaker(name, SpeakerKind.PERSON, resolution="named in the sentence")
        return make_analysis((make_position("1", speaker=speaker, document=document),), document)

    workspace.put(make_report(said_by("Volodymyr Zelensky", make_document()), said_by("Zelenskyy", article(1))))
    assert ask(workspace, "SELECT name, entity FROM speakers") == [("Zelenskyy", "Volodymyr Zelensky")]
    names = {p.speaker.name for a in workspace.report().analyses for p in a.positions if p.speaker}
    assert names == {"Volodymyr Zelensky"}


def test_aliases_of_the_workspace_are_used(workspace: Workspace) -> None:
    assert workspace.folder
    (workspace.folder / "aliases.toml").write_text('"Ana Weiss" = ["the Norland leader"]', encoding="utf-8")
    leader = Speaker("the Norland leader", SpeakerKind.PERSON, resolution="nameless")
    workspace.put(make_report(make_analysis((make_position("1", speaker=leader),))))
    assert [p.speaker.name for p in workspace.report().analyses[0].positions if p.speaker] == ["Ana Weiss"]


def test_second_writer_is_turned_away_and_readers_are_not(workspace: Workspace) -> None:
    assert workspace.folder
    with Workspace(workspace.folder) as other:

        def slowly() -> Iterator[Document]:
            yield article(1)
            with pytest.raises(WorkspaceError, match="another process"):
                other.add([article(2)])
            assert other.status().documents == 1
            yield article(3)

        assert workspace.add(slowly()).new == 2
        assert other.add([article(2)]).new == 1


def test_workspace_is_found_from_a_folder_inside(workspace: Workspace) -> None:
    assert workspace.folder
    (inside := workspace.folder / "a" / "b").mkdir(parents=True)
    assert find_workspace(inside) == workspace.folder and is_workspace(workspace.folder)
    assert find_workspace(workspace.folder.parent) is None


def test_folder_that_is_none_is_explained(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="peaceplan init"):
        Workspace(tmp_path)
    start_workspace(tmp_path / "ws").close()
    with pytest.raises(WorkspaceError, match="a workspace already"):
        start_workspace(tmp_path / "ws")


@pytest.mark.parametrize("damage", ["head", "middle", "empty", "other"])
def test_damaged_database_is_one_clear_line_and_is_left_alone(tmp_path: Path, damage: str) -> None:
    start_workspace(tmp_path).close()
    with Workspace(tmp_path, WordEncoder()) as workspace:
        workspace.put(make_report(*(make_analysis((), article(n)) for n in range(20))))
    path = tmp_path / DATABASE
    data = bytearray(path.read_bytes())
    if damage == "head":
        data[:100] = b"x" * 100
    elif damage == "middle":
        data[8192:] = b"\xff" * (len(data) - 8192)
    elif damage == "empty":
        data = bytearray()
    else:
        path.unlink()
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE theirs (a)")
        connection.commit()
        connection.close()
        data = bytearray(path.read_bytes())
    path.write_bytes(data)
    with pytest.raises(WorkspaceError) as caught, Workspace(tmp_path, WordEncoder()) as workspace:
        workspace.report()
    assert "\n" not in str(caught.value) and str(tmp_path) in f"{caught.value} {tmp_path if damage == 'empty' else ''}"
    if damage != "empty":
        assert path.read_bytes() == bytes(data)


def test_workspace_of_a_newer_version_is_refused_and_an_older_one_is_brought_up(tmp_path: Path) -> None:
    start_workspace(tmp_path).close()
    connection = sqlite3.connect(tmp_path / DATABASE)
    connection.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
    connection.close()
    with pytest.raises(WorkspaceError, match="newer version"):
        Workspace(tmp_path)


def test_migration_takes_the_steps_that_are_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start_workspace(tmp_path).close()
    with Workspace(tmp_path, WordEncoder()) as workspace:
        workspace.add([article(1)])
    monkeypatch.setattr(
        "analyzer.workspace.schema.STEPS", (*STEPS, "CREATE TABLE later (a);\nCREATE TABLE last (b);\n")
    )
    with Workspace(tmp_path) as workspace:
        assert ask(workspace, "PRAGMA user_version") == [(len(STEPS) + 1,)]
        assert ask(workspace, "SELECT count(*) FROM later") == [(0,)] and workspace.status().documents == 1


def test_migration_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start_workspace(tmp_path).close()
    monkeypatch.setattr(
        "analyzer.workspace.schema.STEPS", (*STEPS, "CREATE TABLE later (a);\nCREATE TABLE later (a);\n")
    )
    with pytest.raises(WorkspaceError):
        Workspace(tmp_path)
    monkeypatch.setattr("analyzer.workspace.schema.STEPS", STEPS)
    with Workspace(tmp_path) as workspace:
        assert ask(workspace, "SELECT count(*) FROM sqlite_master WHERE name = 'later'") == [(0,)]


def test_vectors_are_kept_to_a_thousandth(workspace: Workspace) -> None:
    from analyzer.workspace.rows import pack_vectors, unpack_vectors

    vectors = WordEncoder().encode(["one sentence", "another one", "the third of them"])
    kept = unpack_vectors(pack_vectors(vectors))
    assert np.abs(kept @ kept.T - vectors @ vectors.T).max() < 1e-3
