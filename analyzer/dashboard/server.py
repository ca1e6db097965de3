"""The process of the server: Streamlit, and beside its start what the first reader would otherwise wait for.

`python -m analyzer.dashboard.server run app.py …` takes what `streamlit run app.py …` takes.
"""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import uvicorn
from streamlit.web import bootstrap, cli  # noqa: F401  both are imported before another thread imports beside them

CALM = 3.0  # seconds after the start, in which the first page is drawn
AHEAD = 3  # plans


def main() -> None:
    """Serve until stopped, as Streamlit's own command does."""
    send_at_once()
    argv = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else []
    threading.Thread(target=_read_beside, args=(argv,), daemon=True).start()
    cli.main(prog_name="streamlit")


def send_at_once() -> None:
    """Have an answer leave at once, and not its second part when the browser has confirmed the first, 40 ms later.

    asyncio sees to that (TCP_NODELAY) for sockets that name their protocol; the one that Streamlit opens names none.
    """
    start = uvicorn.Server.startup

    async def start_at_once(self: uvicorn.Server, sockets: list[socket.socket] | None = None) -> None:
        for listening in sockets or ():
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # its connections inherit it
        await start(self, sockets)

    uvicorn.Server.startup = start_at_once  # type: ignore[method-assign]


def _read_beside(argv: Sequence[str]) -> None:
    state = warm_caches(argv)
    time.sleep(CALM)
    read_ahead(state)


def warm_caches(argv: Sequence[str]) -> dict[str, Any]:
    """Load the pages and what was read already: a workspace, a saved report or the samples; every session shares it.

    What cannot be read is left to the page, which says why. Returns the session for which it was loaded.
    """
    from analyzer.dashboard import main as _pages  # noqa: F401
    from analyzer.dashboard.filters import Filters
    from analyzer.dashboard.state import make_view, open_start, report_on
    from analyzer.errors import AnalyzerError
    from analyzer.memory import pause_collection

    state: dict[str, Any] = {}
    with suppress(AnalyzerError), pause_collection():
        open_start(state, argv)
        for report in list(state["reports"].values()):  # report_on may take up a newer one
            make_view(state, report_on(state, report.plan), Filters())
    return state


def read_ahead(state: dict[str, Any]) -> None:
    """Load what was read in the workspace against a few other plans, which readers may turn to, and the search."""
    from analyzer.dashboard.filters import Filters
    from analyzer.dashboard.state import make_view, report_on, searcher_of
    from analyzer.dashboard.stored import read_stored
    from analyzer.errors import AnalyzerError

    with suppress(AnalyzerError):
        for shown in list(state.get("reports", ())) if "workspace" in state else ():
            plans = read_stored(state["workspace"], shown, state["mark"]).plans
            others = [plan for plan in plans if plan.id != shown][:AHEAD]
            for plan in (*others, state["plans"][shown]):
                view = make_view(state, report_on(state, plan), Filters())
            searcher_of(state, view).search("peace", most=1)


if __name__ == "__main__":
    main()
