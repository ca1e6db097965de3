"""`peaceplan serve`: check what is asked for, then hand over to Streamlit in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from analyzer.errors import WorkspaceError
from analyzer.export.lossless import load_report
from analyzer.plans import load_plan
from analyzer.reading import count_inputs
from analyzer.resources import find_data
from analyzer.workspace import Workspace, is_workspace


def serve(paths: Sequence[str], plan: str, port: int, browser: bool) -> int:
    """Serve the dashboard on this machine until it is stopped; return Streamlit's exit status.

    Raises AnalyzerError, before anything is served, for a plan or path that cannot be used.
    """
    load_plan(plan)
    if len(paths) == 1 and paths[0].endswith(".json"):
        load_report(Path(paths[0]))
    elif len(paths) == 1 and is_workspace(Path(paths[0])):
        with Workspace(paths[0]) as workspace:
            if workspace.count_unread() and not workspace.plans():  # an empty one can be filled on the page
                raise WorkspaceError(f"{paths[0]}: nothing was read yet; run: peaceplan analyze --workspace {paths[0]}")
    elif paths:
        count_inputs(paths)
    try:
        return subprocess.call(make_command(paths, plan, port, browser))
    except KeyboardInterrupt:  # the way to stop it, no failure
        return 0


def make_command(paths: Sequence[str], plan: str, port: int, browser: bool) -> list[str]:
    """Return the command that serves the dashboard.

    What keeps texts on this machine stands here, too, for Streamlit reads .streamlit/config.toml only where it is run.
    """
    streamlit = [sys.executable, "-m", "analyzer.dashboard.server", "run", str(find_data("app.py"))]
    options = {
        "server.port": str(port),
        "server.address": "127.0.0.1",
        "server.headless": "false" if browser else "true",
        "server.maxUploadSize": "50",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "none",
    }
    flags = [part for name, value in options.items() for part in (f"--{name}", value)]
    return [*streamlit, *flags, "--", "--plan", plan, *paths]
