"""What the benchmarks share: the machine's name, rounds in which all that is compared takes its turn, figures.

Seconds are wall-clock. Memory is resident memory in megabytes of 1024 × 1024 bytes.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "samples"
CACHE = ROOT / "build" / "benchmarks"


@dataclass(frozen=True, slots=True)
class Row:
    """One figure, and the limit that it is to keep."""

    what: str
    figure: float
    unit: str = ""
    limit: float | None = None
    least: bool = False  # the figure is to reach the limit, not to stay below it

    @property
    def kept(self) -> bool | None:
        """Whether the limit is kept; None where there is none."""
        if self.limit is None:
            return None
        return self.figure >= self.limit if self.least else self.figure <= self.limit

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """What is shown: what, figure, limit, kept."""
        verdict = {None: "", True: "yes", False: "NO"}[self.kept]
        limit = "" if self.limit is None else f"{'≥' if self.least else '≤'} {self.limit:g} {self.unit}".rstrip()
        return self.what, f"{_shorten(self.figure)} {self.unit}".rstrip(), limit, verdict


class Timer:
    """A call that adds up the seconds which it takes."""

    def __init__(self, call: Callable[..., Any]) -> None:
        self._call = call
        self.seconds = 0.0

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it."""
        begun = time.perf_counter()
        try:
            return self._call(*args, **kwargs)
        finally:
            self.seconds += time.perf_counter() - begun


def describe_machine() -> str:
    """One line: processor, system, cores that this process may use."""
    model = ""
    if Path("/proc/cpuinfo").is_file():
        named = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
        model = f" ({named[1]})" if named else ""
    return f"{platform.machine()}{model}, {platform.system()}, {len(os.sched_getaffinity(0))} cores"


def describe_load() -> str:
    """One line: how many processes wanted a core in the last minute; figures of a busy machine say little."""
    return f"load at the start {os.getloadavg()[0]:.1f}"


def time_each(rounds: int, *runs: Callable[[], object]) -> list[list[float]]:
    """Seconds of each run in each round; in a round all take their turn, for machines are noisy."""
    taken: list[list[float]] = [[] for _ in runs]
    for _ in range(rounds):
        for own, run in zip(taken, runs, strict=True):
            begun = time.perf_counter()
            run()
            own.append(time.perf_counter() - begun)
    return taken


def time_rounds(rounds: int, *runs: Callable[[], object]) -> list[float]:
    """Seconds of each run, the best of some rounds."""
    return [min(own) for own in time_each(rounds, *runs)]


def read_memory(name: str) -> float:
    """Memory of this process: VmRSS now, RssAnon what of it is its own, VmHWM the most that it ever was.

    getrusage would count what the parent held when it started this process.
    """
    status = Path("/proc/self/status")
    if not status.is_file():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    (found,) = re.findall(rf"^{name}:\s*(\d+) kB$", status.read_text(encoding="utf-8"), re.MULTILINE)
    return int(found) / 1024


def ask_fresh(*args: str, given: str = "") -> Any:
    """The JSON that a fresh Python process prints on its last line."""
    done = subprocess.run([sys.executable, *args], input=given, stdout=subprocess.PIPE, text=True, cwd=ROOT, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def make_parser(about: str | None) -> argparse.ArgumentParser:
    """A parser with the options that all benchmarks have."""
    parser = argparse.ArgumentParser(description=(about or "").splitlines()[0])
    parser.add_argument("--rows", type=Path, metavar="FILE", help="write the figures as JSON, too")
    return parser


def tell(rows: Sequence[Row], out: Path | None) -> int:
    """Print the figures and write them to `out`; the exit status, 1 if a limit is not kept."""
    print(f"{describe_machine()}; {describe_load()}")
    table = [("", "figure", "limit", "kept"), *(row.cells for row in rows)]
    widths = [max(len(cells[i]) for cells in table) for i in range(4)]
    for cells in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip())
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps([asdict(row) for row in rows], indent=1), encoding="utf-8")
    return 1 if any(row.kept is False for row in rows) else 0


def read_rows(path: Path) -> list[Row]:
    """The figures that `tell` wrote."""
    return [Row(**row) for row in json.loads(path.read_text(encoding="utf-8"))]


def _shorten(figure: float) -> str:
    return f"{figure:.0f}" if abs(figure) >= 100 else f"{figure:.1f}" if abs(figure) >= 10 else f"{figure:.3f}"


def make_once(folder: Path, fill: Callable[[Path], None]) -> Path:
    """Return a folder of the cache, which `fill` makes where it is not there or a process that died had begun it."""
    whole = folder / "made"
    if not whole.is_file():
        if folder.exists():
            shutil.rmtree(folder)
        fill(folder)
        whole.touch()
    return folder
