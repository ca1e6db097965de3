"""Memory that is kept: a report of a million records, or a parser, which the collector need not look through."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

PAUSE = 600.0  # seconds between two looks; one takes 0.2 where a thousand documents are open


@contextmanager
def pause_collection() -> Iterator[None]:
    """Look for no garbage while something large is read: a look at each record is half of its cost."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def set_apart() -> None:
    """Look for no garbage in what there is now, for it stays as long as the process: a report that was just read.

    What is no longer referred to is freed all the same; a cycle that dies is freed by the next `look_again`.
    """
    gc.freeze()


@cache
def start_looking() -> None:
    """Look again now and then from here on, in a thread beside all else; a process does it once."""
    threading.Thread(target=_look_now_and_then, daemon=True).start()


def _look_now_and_then() -> None:
    while True:
        time.sleep(PAUSE)
        look_again()


def look_again() -> None:
    """Look for garbage in everything, once, and set apart what is left."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
