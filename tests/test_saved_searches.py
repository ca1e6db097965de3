"""Saved searches: named, opened, renamed and deleted; kept in the workspace that is served, else in the session."""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

st = pytest.importorskip("streamlit")

from streamlit.testing.v1 import AppTest  # noqa: E402

from analyzer.dashboard import state as session  # noqa: E402
from analyzer.dashboard.own import add_documents  # noqa: E402
from analyzer.dashboard.searches import FIELDS, pack_search, read_search  # noqa: E402
from analyzer.errors import WorkspaceError  # noqa: E402
from analyzer.hits import By  # noqa: E402
from analyzer.workspace import Workspace, start_workspace  # noqa: E402
from analyzer.workspace.marks import read_mark  # noqa: E402
from analyzer.workspace.searches import delete_search, list_searches, rename_search, save_search  # noqa: E402
from tests.dashboard import APP, html_of, markdown_of, open_page, open_session, press, settle  # noqa: E402
from tests.factories import make_document, make_plan, make_report  # noqa: E402

pytestmark = pytest.mark.usefixtures("stubbed_dashboard")

NAME = "<b>Sanctions</b> ![x](http://evil.test/x.png)"


def save_as(at: AppTest, name: str) -> AppTest:
    at.text_input(key="search-name").set_value(name)
    return press(at, "Save")


def rename_to(at: AppTest, name: str) -> AppTest:
    at.text_input(key="search-new-name").set_value(name)
    return press(at, "Rename")


def test_saved_search_brings_back_its_words_and_filters_and_their_address() -> None:
    at = open_page("search", make_report(), query="sanctions", stance=["criticises"], speaker=["Tom Reed"], least=0.5)
    at = save_as(at, NAME)
    settle(at.text_input(key="query").set_value("truce").run())
    settle(at.multiselect(key="stance").set_value([]).run())
    settle(at.sidebar.multiselect(key="speaker").set_value([]).run())
    at = press(at, "Open search")
    assert at.text_input(key="query").value == "sanctions" and at.sidebar.slider(key="least").value == 0.5
    address = {key: at.query_params[key] for key in ("query", "stance", "speaker", "least")}
    assert address == {"query": "sanctions", "stance": "criticises", "speaker": "Tom Reed", "least": "0.5"}


def test_name_of_a_search_is_shown_as_text() -> None:
    at = save_as(open_page("search", make_report(), query="sanctions"), NAME)
    assert at.selectbox(key="saved-search").value == NAME
    assert "evil" not in markdown_of(at) and "<b>Sanctions" not in html_of(at)


def test_search_is_renamed_and_deleted() -> None:
    at = save_as(open_page("search", make_report(), query="sanctions"), "one")
    at = rename_to(at, "  another  ")
    assert at.selectbox(key="saved-search").options == ["another"]
    at = press(at, "Delete search")
    assert "saved-search" not in [box.key for box in at.selectbox]


@pytest.mark.parametrize(("given", "said"), [("one", "there is a search of that name"), ("  ", "needs a name")])
def test_name_that_cannot_be_is_explained_and_nothing_is_lost(given: str, said: str) -> None:
    at = save_as(save_as(open_page("search", make_report(), query="sanctions"), "one"), "two")
    for again in (save_as, rename_to):
        at = again(at, given)
        assert said in html_of(at) and at.selectbox(key="saved-search").options == ["one", "two"]


def test_without_a_query_there_is_nothing_to_save() -> None:
    at = open_page("search", make_report())
    assert "search-name" not in [box.key for box in at.text_input]
    assert "Search for something, and save it here" in markdown_of(at)


def test_every_choice_survives_being_saved() -> None:
    state = {"query": "truce", "by": By.WORDS, "after": datetime.date(2031, 3, 1), "outlet": ["Herald"], "plan": "p"}
    held = json.loads(pack_search(state))
    assert held["by"] == "words" and held["after"] == "2031-03-01" and held["before"] is None
    at = open_page("search", make_report(), query="x", searches={"old": json.dumps(held)})
    at = press(at, "Open search")
    assert at.session_state["by"] is By.WORDS and at.session_state["after"] == datetime.date(2031, 3, 1)
    assert at.session_state["plan"] == "harbour-2031" and "p: the plan of this search is not at hand" in html_of(at)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with start_workspace(tmp_path / "corpus") as workspace:
        workspace.put(make_report())
    return tmp_path / "corpus"


@pytest.fixture
def open_window(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], AppTest]:
    """Open a session of the workspace, on Search with a query."""
    monkeypatch.setattr("sys.argv", ["app.py", str(folder), "--plan", "china-2023"])

    def open_search() -> AppTest:
        at = AppTest.from_file(str(APP), default_timeout=30)
        at.session_state["query"] = "sanctions"
        return turn_to(settle(at.run()), "search")

    return open_search


def turn_to(at: AppTest, page: str) -> AppTest:
    at.session_state["go_to"] = page
    return settle(at.run())


def test_search_saved_in_a_workspace_is_there_for_the_next_reader(
    folder: Path, open_window: Callable[[], AppTest]
) -> None:
    save_as(open_window(), "one")
    at = open_window()
    assert at.selectbox(key="saved-search").options == ["one"] and "for everybody" in html_of(at)
    rename_to(at, "two")
    with Workspace(folder) as workspace:
        assert list(list_searches(workspace)) == ["two"]


@pytest.mark.parametrize("keep", [True, False])
def test_search_that_may_name_an_unsaved_upload_stays_in_its_session(
    keep: bool, folder: Path, open_window: Callable[[], AppTest]
) -> None:
    save_as(open_window(), "shared")
    state: dict[str, Any] = {}
    session.open_start(state, [str(folder)])
    secret = make_document("Secret\n\nThe minister called for sanctions.", "secret-upload")
    add_documents(state, make_plan(), [secret], keep=keep)
    at = turn_to(open_session("overview", **state), "search")
    settle(at.text_input(key="query").set_value("sanctions").run())
    at = save_as(settle(at.sidebar.multiselect(key="document").set_value(["secret-upload"]).run()), "mine")
    assert at.selectbox(key="saved-search").options == ["mine", "shared"] and "for you alone" in html_of(at)
    with Workspace(folder) as workspace:
        assert list(list_searches(workspace)) == ["shared"]
    at = rename_to(at, "still mine")
    assert open_window().selectbox(key="saved-search").options == ["shared"]
    at = press(at, "Delete search")
    assert at.selectbox(key="saved-search").options == ["shared"]


def test_search_is_not_saved_where_the_workspace_cannot_be_written(
    folder: Path, open_window: Callable[[], AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Workspace(folder) as workspace:
        save_search(workspace, "one", json.dumps({"query": "sanctions"}))
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK)
    at = open_window()
    disabled = {button.label: button.disabled for button in at.button}
    assert disabled["Save"] and disabled["Rename"] and disabled["Delete search"] and not disabled["Open search"]
    assert html_of(at).count("The workspace cannot be written") == 1


def test_page_that_adds_takes_no_saved_search_for_its_own_message(open_window: Callable[[], AppTest]) -> None:
    turn_to(save_as(open_window(), "one"), "add")


BAD = {
    "query": 7,
    "stance": "criticises",
    "about": {"10": 1},
    "by": "colour",
    "plan": ["p"],
    "speaker": None,
    "document": 3.5,
    "outlet": "Herald",
    "after": "yesterday",
    "before": "0031-01-01",
    "least": 4,
    "unreviewed": "yes",
}


@pytest.mark.parametrize(
    "packed",
    ["", "{", "[]", "null", "[" * 100_000, json.dumps(BAD), json.dumps({"query": "\ud800", "least": float("nan")})],
)
def test_damaged_search_is_read_as_one_in_which_nothing_is_chosen(packed: str) -> None:
    assert read_search(packed) == FIELDS


@pytest.mark.parametrize("key", list(BAD))
def test_field_that_cannot_be_leaves_the_others_as_they_were(key: str) -> None:
    good = {
        "query": "truce",
        "stance": ["criticises"],
        "about": ["10"],
        "by": "words",
        "plan": "p",
        "speaker": ["Tom Reed"],
        "document": ["bay"],
        "outlet": ["Herald"],
        "after": "2031-03-01",
        "before": "2031-04-01",
        "least": 1,
        "unreviewed": True,
    }
    whole = read_search(json.dumps(good))
    assert all(whole[name] != empty for name, empty in FIELDS.items())
    assert read_search(json.dumps(good | {key: BAD[key]})) == whole | {key: FIELDS[key]}


def test_search_page_opens_beside_a_damaged_search(folder: Path, open_window: Callable[[], AppTest]) -> None:
    with Workspace(folder) as workspace:
        save_search(workspace, "bad", json.dumps(BAD))
        save_search(workspace, "torn", "{")
    at = open_window()
    for name in ("bad", "torn"):
        at = press(settle(at.selectbox(key="saved-search").set_value(name).run()), "Open search")
    assert at.text_input(key="query").value == ""


def test_names_are_unique_in_a_workspace_and_no_report_of_it_changes(folder: Path) -> None:
    with Workspace(folder) as workspace:
        mark = read_mark(workspace)
        save_search(workspace, "one", "{}")
        save_search(workspace, "two", "{}")
        for clash in (lambda: save_search(workspace, "one", ""), lambda: rename_search(workspace, "two", "one")):
            with pytest.raises(WorkspaceError, match="there is a search of that name"):
                clash()
        with pytest.raises(WorkspaceError, match="any more"):
            rename_search(workspace, "gone", "three")
        delete_search(workspace, "one")
        delete_search(workspace, "one")
        assert list_searches(workspace) == {"two": "{}"} and read_mark(workspace) == mark
