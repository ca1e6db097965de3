"""From a cold start to the finished report of one article, and what the imports cost.

python benchmarks/start.py
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from pathlib import Path

ARTICLE = Path(__file__).resolve().parent.parent / "samples" / "2023-02-24-reactions.txt"
ROUNDS = 5


def time_command(*args: str) -> float:
    """Return the seconds of the quickest of some runs."""
    seconds = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        subprocess.run([sys.executable, *args], check=True, capture_output=True)
        seconds.append(time.perf_counter() - begun)
    return min(seconds)


def main() -> int:
    """Print the figures."""
    report = time_command("-m", "analyzer.cli", "analyze", str(ARTICLE), "--format", "json")
    bare = time_command("-c", "pass")
    light = time_command("-c", "import analyzer")
    heavy = time_command("-c", "import analyzer.parsing as p, onnxruntime, faiss; p._pipeline()")
    cores = len(os.sched_getaffinity(0))
    print(f"{platform.machine()}, {platform.system()}, {cores} cores; best of {ROUNDS}")
    print(f"cold start to the report of one article: {report:.1f} s")
    print(f"ratio to importing its libraries: {report / heavy:.2f}")
    print(f"import analyzer: {light - bare:.3f} s beyond Python itself")
    return 0


if __name__ == "__main__":
    sys.exit(main())
