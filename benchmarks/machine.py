"""What the benchmarks share: the machine's name, and the best of some rounds of what is compared."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable


def describe_machine() -> str:
    """One line: processor, system, cores that this process may use."""
    return f"{platform.machine()}, {platform.system()}, {len(os.sched_getaffinity(0))} cores"


def time_rounds(rounds: int, *runs: Callable[[], object]) -> list[float]:
    """Seconds of each run, the best of some rounds; in a round all take their turn, for machines are noisy."""
    taken: list[list[float]] = [[] for _ in runs]
    for _ in range(rounds):
        for own, run in zip(taken, runs, strict=True):
            begun = time.perf_counter()
            run()
            own.append(time.perf_counter() - begun)
    return [min(own) for own in taken]
