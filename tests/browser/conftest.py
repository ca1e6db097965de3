"""One browser a module and two dashboards for all: the samples, and a workspace of a report made up for tests."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, sync_playwright

from analyzer.workspace import start_workspace
from tests.browser.reader import Reader, open_reader
from tests.browser.serving import INSTALL, find_browser, serve_dashboard
from tests.factories import make_analysis, make_document, make_report

# Names of hosts lead nowhere: what a page asks of another machine is noted and does not leave this one.
ARGUMENTS = ("--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser without a screen. It ends with its module, for Playwright keeps the event loop of the thread busy."""
    with sync_playwright() as playwright:
        path = find_browser(playwright)
        if path is None:
            _skip(INSTALL)
        try:
            started = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        except Error as error:
            if os.environ.get("CHROMIUM"):
                raise
            _skip(f"The dashboard was NOT tested in a browser: {path} does not start. {error.message.splitlines()[0]}")
        yield started
        started.close()


def _skip(reason: str) -> None:
    warnings.warn(reason, stacklevel=2)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the dashboard as `peaceplan serve` opens it."""
    with serve_dashboard(tmp_path_factory.mktemp("samples") / "log") as address:
        yield address


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a dashboard on a workspace with two articles: of the harbour, five positions; of the bay, none."""
    folder = tmp_path_factory.mktemp("workspace")
    bay = make_document("Quiet day on the bay\n\nThe ferries ran on time. Fish was cheap.", "bay", title="Quiet day")
    with start_workspace(folder / "corpus") as made:
        made.put(make_report(make_analysis(), make_analysis((), bay)))
    with serve_dashboard(folder / "log", str(folder / "corpus")) as address:
        yield address


@pytest.fixture
def open_window(browser: Browser) -> Iterator[Callable[..., Reader]]:
    """Open windows of readers who know nothing of each other."""
    with ExitStack() as windows:
        yield lambda address, **context: windows.enter_context(open_reader(browser, address, **context))


@pytest.fixture
def reader(open_window: Callable[..., Reader], samples: str) -> Reader:
    """A reader of the samples."""
    return open_window(samples)


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder for pictures of the pages: $SCREENSHOTS, or one that pytest keeps for a while."""
    folder = Path(os.environ.get("SCREENSHOTS") or tmp_path_factory.mktemp("screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
