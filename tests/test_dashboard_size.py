"""The dashboard with many documents: lists are shown in pages, and what the first reader needs is ready before."""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

st = pytest.importorskip("streamlit")

import uvicorn  # noqa: E402
from streamlit import config  # noqa: E402
from streamlit.testing.v1 import AppTest  # noqa: E402

from analyzer.dashboard import server, stored  # noqa: E402
from analyzer.dashboard import state as session  # noqa: E402
from analyzer.dashboard.serve import make_command  # noqa: E402
from analyzer.export import load_report  # noqa: E402
from analyzer.report import check_report  # noqa: E402
from analyzer.resources import find_data  # noqa: E402
from analyzer.workspace import Workspace, start_workspace  # noqa: E402
from benchmarks import corpus  # noqa: E402
from tests.dashboard import APP, html_of, settle, stub_models  # noqa: E402
from tests.factories import make_analysis, make_plan, make_report  # noqa: E402


@pytest.fixture(autouse=True)
def stubs(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    stub_models(monkeypatch)
    gc.unfreeze()
    yield
    st.cache_resource.clear()
    gc.unfreeze()


def test_long_list_is_shown_a_page_at_a_time_and_begins_anew_for_another_list() -> None:
    def page() -> None:
        import streamlit as st

        from analyzer.dashboard.listing import choose_part

        names = [f"{st.session_state.get('list', 'a')}{n}" for n in range(25)]
        st.text(" ".join(choose_part(names, 10, names[0], "statement")))

    at = AppTest.from_function(page).run()
    assert at.text[0].value.split() == [f"a{n}" for n in range(10)]
    at.session_state["a0-25-page"] = 3
    at.run()
    assert at.text[0].value.split() == [f"a{n}" for n in range(20, 25)]
    assert "21 to 25 of 25 statements" in at.caption[0].value
    at.session_state["list"] = "b"
    assert at.run().text[0].value.split() == [f"b{n}" for n in range(10)]


def test_first_reader_waits_for_no_workspace_that_the_server_has_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with start_workspace(tmp_path / "corpus") as workspace:
        workspace.put(make_report())
    folder = str(tmp_path / "corpus")
    server.warm_caches([folder])
    monkeypatch.setattr(Workspace, "report", lambda *_: pytest.fail("the workspace is read again"))
    assert stored.read_stored(folder, "harbour-2031").report == make_report()


def test_other_plans_of_the_workspace_are_read_ahead_and_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = replace(make_plan(), id="mill-2032")
    folder = str(tmp_path / "corpus")
    with start_workspace(folder) as workspace:
        workspace.put(make_report())
        workspace.put(make_report(make_analysis((), make_report().analyses[0].document, other), plan=other))
    server.read_ahead(server.warm_caches([folder]))
    monkeypatch.setattr(stored, "_load", lambda *_: pytest.fail("the workspace is read again"))
    assert stored.read_stored(folder, "mill-2032").report
    monkeypatch.setattr(session, "read_documents", lambda *_: pytest.fail("documents are read against another plan"))
    server.read_ahead(server.warm_caches([folder, "--plan", "china-2023"]))


def test_what_the_server_cannot_read_is_left_to_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, tried = str(tmp_path / "missing.txt"), list[list[str]]()

    def open_start(state: session.State, argv: list[str]) -> None:
        tried.append(argv)
        unwatched(state, argv)

    unwatched = session.open_start
    monkeypatch.setattr(session, "open_start", open_start)
    server.warm_caches([path])
    assert tried == [[path]]
    monkeypatch.setattr("sys.argv", ["app.py", path])
    assert "missing.txt" in html_of(settle(AppTest.from_file(str(APP), default_timeout=30).run()))


def test_report_of_the_server_is_set_apart_and_each_click_looks_for_garbage(tmp_path: Path) -> None:
    with start_workspace(tmp_path / "corpus") as workspace:
        workspace.put(make_report())
    server.warm_caches([str(tmp_path / "corpus")])
    assert gc.get_freeze_count()
    assert config.get_option("runner.postScriptGC")
    assert not any("postScriptGC" in part for part in make_command([], "china-2023", 8501, browser=False))


def test_articles_of_the_benchmark_are_sound_and_all_different() -> None:
    samples = load_report(find_data(corpus.SAMPLES))
    passages = list(corpus.cut_passages(samples))
    analyses = tuple(corpus.vary_articles(passages, samples.plan, 20, {}))
    check_report(corpus.replace(samples, analyses=analyses))
    assert len({analysis.document.text for analysis in analyses}) == 20
    assert all(analysis.positions for analysis in analyses)


def test_answers_leave_at_once_over_a_socket_that_names_no_protocol(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uvicorn.Server, "startup", uvicorn.Server.startup)  # put back at the end
    server.send_at_once()

    async def answer(scope: object, receive: object, send: object) -> None:
        """Nobody asks."""

    async def serve(listening: socket.socket) -> int:
        options = uvicorn.Config(answer, lifespan="off")
        options.load()
        serving = uvicorn.Server(options)
        serving.lifespan = options.lifespan_class(options)
        await serving.startup(sockets=[listening])
        at_once = listening.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        await serving.shutdown(sockets=[listening])
        return at_once

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        assert asyncio.run(serve(listening))
