"""From a cold start to the finished report of one article, and what the imports cost.

python benchmarks/start.py
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from machine import describe_machine, time_rounds

ARTICLE = Path(__file__).resolve().parent.parent / "samples" / "2023-02-24-reactions.txt"
ROUNDS = 5


def call(*args: str) -> Callable[[], object]:
    """A run of Python with these arguments."""
    return lambda: subprocess.run([sys.executable, *args], check=True, capture_output=True)


def main() -> int:
    """Print the figures."""
    report, bare, light, heavy = time_rounds(
        ROUNDS,
        call("-m", "analyzer.cli", "analyze", str(ARTICLE), "--format", "json"),
        call("-c", "pass"),
        call("-c", "import analyzer"),
        call("-c", "import analyzer.parsing as p, onnxruntime, faiss; p.load_parser()"),
    )
    print(f"{describe_machine()}; best of {ROUNDS}")
    print(f"cold start to the report of one article: {report:.1f} s")
    print(f"ratio to importing its libraries: {report / heavy:.2f}")
    print(f"import analyzer: {light - bare:.3f} s beyond Python itself")
    return 0


if __name__ == "__main__":
    sys.exit(main())
