"""The dashboard as a process of its own, and the browser that looks at it."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Playwright

ROOT = Path(__file__).parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome")
START = 90  # seconds; on an idle machine the server answers after three
INSTALL = (
    "The dashboard was NOT tested in a browser: none was found. Install Chromium (apt install chromium), or run "
    "`python -m playwright install --with-deps chromium`, or name one in CHROMIUM."
)


def find_browser(playwright: Playwright) -> str | None:
    """Return the path of $CHROMIUM, of a browser on the path, or of Playwright's own; None if there is none.

    Raises FileNotFoundError for a $CHROMIUM that is not there: who names one means that one.
    """
    if named := os.environ.get("CHROMIUM"):
        if not shutil.which(named):
            raise FileNotFoundError(f"CHROMIUM={named}: there is no such program")
        return named
    own = playwright.chromium.executable_path
    return next(filter(None, map(shutil.which, NAMES)), own if Path(own).exists() else None)


@contextmanager
def serve_dashboard(log: Path, *arguments: str) -> Iterator[str]:
    """Run `peaceplan serve` on a free port and yield its address; its output goes to `log`."""
    port = _free_port()
    command = [sys.executable, "-m", "analyzer.cli", "serve", "--no-browser", "--port", str(port), *arguments]
    with log.open("wb") as output:
        server = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output, start_new_session=True)
    try:
        _wait_for(server, port, log, command)
        yield f"http://127.0.0.1:{port}"
    finally:
        _stop(server)


def _wait_for(server: subprocess.Popen[bytes], port: int, log: Path, command: Sequence[str]) -> None:
    end = time.monotonic() + START
    while time.monotonic() < end and server.poll() is None:
        if _answers(port):
            return
        time.sleep(0.1)
    raise RuntimeError(f"{' '.join(command)}: did not come up\n{log.read_text(errors='replace')}")


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _stop(server: subprocess.Popen[bytes]) -> None:
    """End the server as Ctrl-C does, and by force what outlives that; Streamlit runs in the same group."""
    for sign in (signal.SIGINT, signal.SIGKILL):
        try:
            os.killpg(server.pid, sign)
            server.wait(10)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
