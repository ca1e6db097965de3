"""Memory that is kept: a report of a million records, or a parser, which the collector need not look through."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


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
    """Look through what there is once more and then never again; for a report that stays as long as the process.

    What is no longer referred to is freed all the same; a cycle that dies later is not. So this is for the start, when
    no session is open.
    """
    gc.collect()
    gc.freeze()
