"""Where the data that travel with the package lie: plans, samples.

In a wheel they are inside the package, under `data/`; in a checkout they are folders beside it.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from analyzer.errors import AnalyzerError

PACKAGE = Path(__file__).resolve().parent


def find_data(name: str) -> Path:
    """Return the path of the data folder or file `name`, for instance "plans".

    Raises AnalyzerError if neither the package nor the checkout has it, so that the installation is incomplete.
    """
    for path in (PACKAGE / "data" / name, PACKAGE.parent / name):
        if path.exists():
            return path
    raise AnalyzerError(f"{name}: not found beside {PACKAGE}; the installation is incomplete, reinstall it")


@cache
def load_words(name: str) -> dict[str, Any]:
    """Return one of the data files in analyzer/data/words, read once."""
    return tomllib.loads((find_data("words") / name).read_text(encoding="utf-8"))
