"""Adding: what is uploaded is read or named with the reason; what a session adds gets into the workspace whole, or not."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

st = pytest.importorskip("streamlit")

from streamlit.testing.v1 import AppTest  # noqa: E402

from analyzer.dashboard import state as session  # noqa: E402
from analyzer.dashboard.own import add_documents, save_own  # noqa: E402
from analyzer.dashboard.serve import serve  # noqa: E402
from analyzer.dashboard.stored import save_reports  # noqa: E402
from analyzer.dashboard.uploads import read_inputs  # noqa: E402
from analyzer.errors import WorkspaceError  # noqa: E402
from analyzer.records import Document, Plan  # noqa: E402
from analyzer.workspace import Workspace, start_workspace  # noqa: E402
from analyzer.workspace.database import hold_lock  # noqa: E402
from analyzer.workspace.marks import open_state, read_mark  # noqa: E402
from tests.dashboard import html_of, markdown_of, open_session, press, settle  # noqa: E402
from tests.factories import WordEncoder, make_analysis, make_document, make_plan, make_report  # noqa: E402

pytestmark = pytest.mark.usefixtures("stubbed_dashboard")

PLAN = make_plan()
LINE = (
    b'{"text": "Talks began on the island. Nobody left.", "title": "Talks", "date": "2031-05-04", "outlet": "Bell"}\n'
)
TABLE = b"text,url\nA ship sailed at dawn.,https://example.org/1\n,https://example.org/2\nA port closed.,\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with one document read against PLAN, which the server is started with."""
    start_workspace(tmp_path / "ws").close()
    put(tmp_path / "ws", article(1))
    monkeypatch.setattr("sys.argv", ["app.py", str(tmp_path / "ws")])
    return tmp_path / "ws"


def article(number: int) -> Document:
    text = f"Report {number}\n\nThe minister of port {number} called for a truce. Ship {number} left the harbour."
    return make_document(text, f"report-{number}")


def put(folder: Path, *documents: Document, plan: Plan = PLAN) -> None:
    """What `peaceplan analyze` in a terminal does, with a connection of its own."""
    with Workspace(folder, WordEncoder()) as workspace:
        workspace.put(make_report(*(make_analysis((), d, plan) for d in documents), plan=plan))


def names_in(folder: Path, plan: str = PLAN.id) -> list[str]:
    with Workspace(folder) as workspace:
        return sorted(a.document.name for a in workspace.report(plan).analyses)


def shown(state: Any, plan: str = PLAN.id) -> list[str]:
    return [a.document.name for a in state["reports"][plan].analyses]


def start(folder: Path, *, plan: str = PLAN.id) -> dict[str, Any]:
    """The state of a new session, without its pages."""
    state: dict[str, Any] = {}
    session.open_start(state, [str(folder)])
    return state


def paste(at: AppTest, text: str) -> AppTest:
    at.text_area(key="pasted").set_value(text)
    return press(at, "Analyse")


# Uploads


def test_every_row_of_an_uploaded_corpus_is_an_article() -> None:
    documents, failures = read_inputs("", "", [("articles.jsonl", LINE + LINE.replace(b"island", b"coast"))])
    assert [(d.name, d.source) for d in documents] == [
        ("articles:1", "articles.jsonl:1"),
        ("articles:2", "articles.jsonl:2"),
    ]
    first = documents[0]
    assert (first.title, first.date, first.outlet) == ("Talks", datetime.date(2031, 5, 4), "Bell") and not failures


def test_row_that_cannot_be_read_is_named_with_its_line_and_the_others_are_read() -> None:
    documents, failures = read_inputs("", "", [("table.csv", TABLE)])
    assert [(d.name, d.url) for d in documents] == [("table:2", "https://example.org/1"), ("table:4", None)]
    assert [f.source for f in failures] == ["table.csv:3"] and "no words" in failures[0].message


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"body\nwords\n", "no column called text"),
        ("a.jsonl", b"\n", "no rows"),
        ("a.jsonl", b"no json\n", "not valid JSON"),
        ("a.exe", b"MZ", ".jsonl, .csv"),
        ("a.pdf", b"%PDF-", "PDF"),
    ],
)
def test_upload_that_holds_no_article_is_named_with_the_reason(name: str, content: bytes, word: str) -> None:
    documents, failures = read_inputs("", "", [(name, content), ("b.txt", b"Words.")])
    assert [d.name for d in documents] == ["b"]
    assert failures[0].source.startswith(name) and word in failures[0].message


@pytest.mark.parametrize("content", [LINE, b"no json\n", b"\n"])
def test_name_of_an_upload_is_no_path_and_no_path_of_ours_is_shown(content: bytes, tmp_path: Path) -> None:
    name = f"../..{tmp_path}/corpus.jsonl"
    documents, failures = read_inputs("", "", [(name, content)])
    told = [d.source for d in documents] + [d.name for d in documents] + [f"{f.source} {f.message}" for f in failures]
    assert told and not [text for text in told if "/" in text or "upload" in text]
    assert not list(tmp_path.iterdir())


def test_uploads_report_how_many_files_are_opened() -> None:
    told: list[tuple[int, int]] = []
    read_inputs("", "", [("a.jsonl", LINE), ("b.csv", TABLE)], progress=lambda *done: told.append(done))
    assert told == [(0, 2), (1, 2)]


def test_several_corpora_are_added_at_once_and_what_failed_is_listed() -> None:
    at = open_session("add", documents=(), failures=(), reports={}, plans={}, default_plan="china-2023")
    files = [("a.jsonl", LINE + b"no json\n", "application/jsonl"), ("b.csv", TABLE, "text/csv")]
    at.file_uploader(key="files").set_value(files)
    press(at, "Analyse")
    assert at.title[0].value == "Documents" and shown(at.session_state, "china-2023") == ["a:1", "b:2", "b:4"]
    assert "a.jsonl:2" in html_of(at) and "b.csv:3" in html_of(at)


def test_change_of_page_keeps_the_plan_that_stands_in_the_address() -> None:
    at = open_session("overview")
    for plan, page, title in (("africa-2023", "documents", "Documents"), ("minsk-2-2015", "points", "Points and gaps")):
        settle(at.sidebar.selectbox(key="plan").set_value(plan).run())
        at.session_state["go_to"] = page
        settle(at.run())
        assert (at.title[0].value, at.query_params["plan"]) == (title, plan)


# A workspace


def test_added_article_is_shown_beside_the_workspace_and_to_nobody_else(folder: Path) -> None:
    at = paste(open_session("add"), "A truce held on the coast.")
    assert shown(at.session_state) == ["report-1", "pasted text"]
    assert names_in(folder) == ["report-1"] and shown(open_session("overview").session_state) == ["report-1"]


def test_saving_puts_what_the_session_added_into_the_workspace(folder: Path) -> None:
    at = paste(open_session("add"), "A truce held on the coast.")
    at.session_state["go_to"] = "add"
    at.run()
    press(at, "Save to the workspace")
    assert "1 new document in the workspace." in markdown_of(at)
    assert sorted(shown(at.session_state)) == names_in(folder) == ["pasted text", "report-1"]
    assert shown(open_session("overview").session_state) == shown(at.session_state)
    assert next(b for b in at.button if b.label == "Save to the workspace").disabled


def test_text_that_the_workspace_has_is_counted_and_keeps_its_reading(folder: Path) -> None:
    put(folder, make_document())
    with Workspace(folder, WordEncoder()) as workspace:
        workspace.put(make_report(plan=PLAN))
        workspace.connection.execute("UPDATE positions SET reviewed = 1")
    saved = save_reports(str(folder), [make_report(make_analysis(), make_analysis((), article(2)), plan=PLAN)])
    assert (saved.new, saved.known) == (1, 1)
    with Workspace(folder) as workspace:
        assert workspace.status().plans[0].reviewed == 5


def test_text_that_was_not_read_against_the_plan_gets_its_reading(folder: Path) -> None:
    other = make_plan(id="other-2031")
    save_reports(str(folder), [make_report(make_analysis((), article(1), other), plan=other)])
    assert names_in(folder, "other-2031") == names_in(folder) == ["report-1"]


def test_uploads_of_one_name_do_not_replace_each_other(folder: Path) -> None:
    for text in (b"One day passed.", b"Another day passed."):
        state = start(folder)
        documents, _ = read_inputs("", "", [("day.txt", text)])
        add_documents(state, PLAN, documents, keep=True)
        save_own(state, PLAN)
    assert names_in(folder) == ["day", "day (2)", "report-1"]


def test_workspace_that_another_process_writes_is_said_and_nothing_is_lost(folder: Path) -> None:
    at = paste(open_session("add"), "A truce held on the coast.")
    at.session_state["go_to"] = "add"
    at.run()
    with hold_lock(folder):
        press(at, "Save to the workspace")
    assert "another process is adding to this workspace" in html_of(at)
    assert shown(at.session_state) == ["report-1", "pasted text"] and names_in(folder) == ["report-1"]
    press(at, "Save to the workspace")
    assert names_in(folder) == ["pasted text", "report-1"]


def test_saving_that_breaks_off_can_be_done_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = start(folder)
    add_documents(state, PLAN, [article(2)], keep=True)
    with monkeypatch.context() as patch:
        patch.setattr(Workspace, "put_all", lambda *_: (_ for _ in ()).throw(WorkspaceError("the disk is full")))
        with pytest.raises(WorkspaceError):
            save_own(state, PLAN)
    assert shown(state) == ["report-1", "report-2"] and names_in(folder) == ["report-1"]
    assert save_own(state, PLAN).known == 1 and names_in(folder) == ["report-1", "report-2"]


def test_plan_that_the_session_only_looked_at_does_not_get_into_the_workspace(folder: Path) -> None:
    state = start(folder)
    add_documents(state, PLAN, [article(2)], keep=True)
    plan = session.offered_plans(state)["africa-2023"]
    session.report_on(state, plan)
    assert shown(state, "africa-2023") == ["report-1", "report-2"]
    save_own(state, plan)
    with Workspace(folder) as workspace:
        assert [p.id for p in workspace.plans()] == [PLAN.id]
    assert names_in(folder) == ["report-1", "report-2"]


def test_plan_reworded_in_the_workspace_is_not_overwritten(folder: Path) -> None:
    state = start(folder)
    add_documents(state, PLAN, [article(2)], keep=True)
    put(folder, article(1), plan=replace(PLAN, summary="Reworded."))
    with pytest.raises(WorkspaceError, match="reload"):
        save_own(state, PLAN)
    session.show_workspace(state, str(folder), PLAN.id)
    save_own(state, session.offered_plans(state)[PLAN.id])
    with Workspace(folder) as workspace:
        assert workspace.find_plan(PLAN.id).summary == "Reworded."
    assert names_in(folder) == ["report-1", "report-2"]


def test_what_a_terminal_analysed_is_shown_after_reload_and_in_the_next_session(folder: Path) -> None:
    at = open_session("add")
    put(folder, article(2))
    assert shown(open_session("overview").session_state) == ["report-1", "report-2"]
    settle(at.run())
    assert shown(at.session_state) == ["report-1"] and "has changed" in html_of(at)
    press(at, "Reload")
    assert shown(at.session_state) == ["report-1", "report-2"] and "has changed" not in html_of(at)


def test_reload_keeps_what_the_session_added(folder: Path) -> None:
    state = start(folder)
    add_documents(state, PLAN, [article(3)], keep=True)
    put(folder, replace(article(2), name="report-3"))
    session.show_workspace(state, str(folder), PLAN.id)
    assert shown(state) == ["report-1", "report-3", "report-3 (2)"]
    assert save_own(state, PLAN).new == 1 and len(names_in(folder)) == 3


def test_session_shows_one_state_of_the_workspace_on_all_plans(folder: Path) -> None:
    other = make_plan(id="other-2031")
    put(folder, article(1), plan=other)
    state = start(folder)
    put(folder, article(2))
    put(folder, article(2), plan=other)
    session.report_on(state, session.offered_plans(state)["other-2031"])
    session.report_on(state, PLAN)
    assert shown(state) == shown(state, "other-2031") == ["report-1", "report-2"]


def test_report_is_read_from_one_state_while_another_process_writes(folder: Path) -> None:
    with open_state(folder) as workspace:
        before = read_mark(workspace)
        put(folder, article(2))
        assert len(workspace.report(PLAN.id).analyses) == 1 and read_mark(workspace) == before


def test_search_finds_what_the_session_shows_and_no_more(folder: Path) -> None:
    state = start(folder)
    view = session.make_view(state, session.report_on(state, PLAN), session.Filters())
    put(folder, article(2))
    found = session.searcher_of(state, view).search("truce", most=9)
    assert {hit.document for hit in found.hits} == {"report-1"}
    session.show_workspace(state, str(folder), PLAN.id)
    view = session.make_view(state, session.report_on(state, PLAN), session.Filters())
    found = session.searcher_of(state, view).search("truce", most=9)
    assert {hit.document for hit in found.hits} == {"report-1", "report-2"}


def test_search_finds_what_the_session_added(folder: Path) -> None:
    state = start(folder)
    add_documents(state, PLAN, [article(2)], keep=True)
    view = session.make_view(state, session.report_on(state, PLAN), session.Filters())
    found = session.searcher_of(state, view).search("truce", most=9)
    assert {hit.document for hit in found.hits} == {"report-1", "report-2"}


def test_empty_workspace_is_filled_on_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start_workspace(tmp_path / "ws").close()
    monkeypatch.setattr("sys.argv", ["app.py", str(tmp_path / "ws")])
    monkeypatch.setattr("subprocess.call", lambda command: 0)
    assert serve([str(tmp_path / "ws")], "china-2023", 8501, browser=False) == 0
    at = paste(open_session("add"), "A truce held on the coast.")
    at.session_state["go_to"] = "add"
    at.run()
    press(at, "Save to the workspace")
    assert names_in(tmp_path / "ws", "china-2023") == ["pasted text"]


def remove(folder: Path) -> None:
    with Workspace(folder) as workspace:
        workspace.remove(["report-1"])


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: put(folder, article(2)),
        lambda folder: put(folder, article(1)),
        lambda folder: put(folder, article(1), plan=make_plan(id="other-2031")),
        lambda folder: (folder / "aliases.toml").write_text(""),
        remove,
    ],
    ids=["a document", "a reading anew", "another plan", "aliases", "a removal"],
)
def test_mark_changes_with_what_a_report_shows(folder: Path, change: Any) -> None:
    with Workspace(folder) as workspace:
        before = read_mark(workspace)
        assert read_mark(workspace) == before
        change(folder)
        assert read_mark(workspace) != before
