"""The dashboard's review: a position is confirmed, rejected, corrected and taken back, and every page follows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

st = pytest.importorskip("streamlit")

from streamlit.testing.v1 import AppTest  # noqa: E402

from analyzer.dashboard.reviewing import list_speakers, name_speaker  # noqa: E402
from analyzer.dashboard.stored import read_stored  # noqa: E402
from analyzer.errors import WorkspaceError  # noqa: E402
from analyzer.records import Position, Reviewed, SpeakerKind  # noqa: E402
from analyzer.workspace import Workspace, start_workspace  # noqa: E402
from analyzer.workspace.database import hold_lock  # noqa: E402
from tests.dashboard import html_of, open_page, open_session, press, settle  # noqa: E402
from tests.factories import (  # noqa: E402
    WordEncoder,
    make_analysis,
    make_document,
    make_plan,
    make_position,
    make_report,
)

pytestmark = pytest.mark.usefixtures("stubbed_dashboard")

BAY = make_document("Quiet day on the bay\n\nThe ferries ran on time. Fish was cheap.", "bay", title="Quiet day")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    with start_workspace(tmp_path / "ws") as workspace:
        workspace._encoder = WordEncoder()
        workspace.put(make_report(make_analysis(), make_analysis((), BAY)))
    monkeypatch.setattr("sys.argv", ["app.py", str(tmp_path / "ws")])
    return tmp_path / "ws"


def open_harbour() -> AppTest:
    return settle(open_session("documents", reading="harbour").run())


def stances(folder: Path) -> list[str]:
    with Workspace(folder) as workspace:
        (harbour,) = (a for a in workspace.report().analyses if a.document.name == "harbour")
        return [f"{p.target} {p.stance}" + (f" {p.reviewed}" if p.reviewed else "") for p in harbour.positions]


def test_positions_are_gone_through_one_by_one_and_taken_back(folder: Path) -> None:
    at = open_harbour()
    assert "0 of 5 reviewed." in html_of(at) and next(b for b in at.button if b.label == "Confirm").disabled
    press(at, "Next position")
    press(at, "Confirm")
    assert "1 of 5 reviewed." in html_of(at) and "Position 2 of 5" in html_of(at)
    press(at, "Reject")
    assert "2 of 5 reviewed." in html_of(at) and "Position 2 of 4" in html_of(at)
    assert stances(folder)[:2] == ["1 endorses confirmed", "2 criticises"]
    assert 'class="card mentions' not in html_of(at)
    press(at, "Show rejected (1)")
    assert 'class="card mentions struck"' in html_of(at)
    press(at, "Undo")
    assert "The verdict “rejected” is taken back: sentence 3, speaker not identified mentions the plan" in html_of(at)
    assert "1 of 5 reviewed." in html_of(at) and stances(folder)[2] == "plan mentions"


def test_correction_takes_target_stance_and_speaker(folder: Path) -> None:
    at = press(press(open_harbour(), "Next position"), "Correct")
    at.selectbox(key="target-0-harbour").set_value("gap:security-guarantees").run()
    at.selectbox(key="stance-gap-0-harbour").set_value("rejects")
    at.selectbox(key="speaker-0-harbour").set_value("Tom Reed")
    press(settle(at.run()), "Save the correction")
    assert stances(folder)[0] == "gap:security-guarantees rejects corrected"
    assert not [button for button in at.button if button.label == "Save the correction"]
    at.session_state["go_to"] = "overview"
    assert "1 corrected and 0 rejected" in html_of(settle(at.run())) and "3 speakers" in html_of(at)


def test_speaker_without_a_name_is_refused_and_the_form_stays(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = {"\u200b": name_speaker("\u200b")}  # AppTest chooses among the options alone
    monkeypatch.setattr("analyzer.dashboard.reviewing.list_speakers", lambda a: list_speakers(a) | nobody)
    at = press(press(open_harbour(), "Next position"), "Correct")
    at.selectbox(key="speaker-0-harbour").set_value("\u200b")
    press(settle(at.run()), "Save the correction")
    assert "Nothing was written. " in html_of(at) and "has no letters" in html_of(at)
    assert [button for button in at.button if button.label == "Save the correction"]
    assert stances(folder)[0] == "1 endorses"


def test_review_that_is_written_but_cannot_be_shown_is_not_called_unwritten(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise WorkspaceError("the disk refused")

    at = press(open_harbour(), "Next position")
    monkeypatch.setattr("analyzer.dashboard.reviewing.follow_workspace", fail)
    press(at, "Confirm")
    assert "Nothing was written" not in html_of(at) and "It is written, but" in html_of(at)
    assert stances(folder)[0] == "1 endorses confirmed"


def test_report_that_followed_reviews_is_the_one_that_the_workspace_gives(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = make_plan().id
    with Workspace(folder, WordEncoder()) as workspace:
        bay = make_analysis([make_position("3", speaker="Weiss", document=BAY)], BAY)
        workspace.put(make_report(bay))
        assert read_stored(str(folder), plan).report == workspace.report()
        monkeypatch.setattr("analyzer.dashboard.stored._load", pytest.fail)  # from here on it is followed

        def position_on(target: str) -> Position:
            return next(p for a in workspace.report().analyses for p in a.positions if p.target == target)

        def say(target: str, verdict: Reviewed, **fields: Any) -> None:
            position = position_on(target)
            workspace.review(position, verdict, replace(position, **fields))

        seen = set()
        for step in (
            lambda: say("1", Reviewed.REJECTED),  # nobody is left whom "Weiss" could mean
            lambda: say("2", Reviewed.CORRECTED, speaker=name_speaker("Ana Weiss")),
            lambda: say("2", Reviewed.CORRECTED, speaker=name_speaker("Eva Weiss")),
            lambda: workspace.undo_review(),
            lambda: say("3", Reviewed.CONFIRMED),
            *[workspace.undo_review] * 3,
        ):
            step()
            assert read_stored(str(folder), plan).report == workspace.report()
            speaker = position_on("3").speaker
            seen.add(speaker and speaker.name)
        assert seen == {"Weiss", "Ana Weiss", "Eva Weiss"} and not workspace.undo_review()


def test_only_what_waits_for_a_review_is_in_view(folder: Path) -> None:
    at = press(press(open_harbour(), "Next position"), "Confirm")
    at.sidebar.toggle(key="unreviewed").set_value(True).run()
    assert "1 of 5 reviewed." in html_of(settle(at)) and "Position 1 of 4" in html_of(at)
    press(at, "Confirm")
    assert "2 of 5 reviewed." in html_of(at) and "of 3" in html_of(at)


def test_another_session_sees_the_review_without_reload(folder: Path) -> None:
    other = open_harbour()
    press(press(open_harbour(), "Next position"), "Reject")
    assert "1 of 5 reviewed." in html_of(settle(other.run()))


def test_review_beside_a_process_that_writes_is_said_and_nothing_changes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analyzer.workspace.corpus.PATIENCE", 0.01)
    at = press(open_harbour(), "Next position")
    with hold_lock(folder):
        press(at, "Confirm")
    assert "Nothing was written. " in html_of(at) and "another process" in html_of(at)
    assert "0 of 5 reviewed." in html_of(at) and "Position 1 of 5" in html_of(at)


def test_without_a_workspace_it_is_said_where_reviews_are_kept() -> None:
    at = open_page("documents", make_report())
    assert "Reviews are kept in a workspace" in html_of(at)
    assert not [button for button in at.button if button.label == "Confirm"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("France", SpeakerKind.COUNTRY),
        ("NATO", SpeakerKind.ORGANISATION),
        ("Ana Weiss", SpeakerKind.PERSON),
        ("two of the envoys", SpeakerKind.GROUP),
        ("", SpeakerKind.GROUP),
    ],
)
def test_named_speaker_is_of_the_kind_that_the_name_tells(name: str, kind: SpeakerKind) -> None:
    assert name_speaker(name).kind is kind
