"""The Encoder protocol and what stands behind it.

The shipped encoder is all-MiniLM-L6-v2, trained on for search (training/encoder.py), as int8 ONNX: 384 dimensions, run
with onnxruntime and tokenizers, no torch.
Any sentence-transformers model can be named instead; torch is imported only then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from analyzer.errors import ModelError
from analyzer.models import open_session, open_tokenizer
from analyzer.settings import DEFAULT_ENCODER, ENCODER_BATCH_TOKENS, ENCODER_TOKENS
from analyzer.windows import Ints, cut_windows, stack_windows

Vectors = npt.NDArray[np.float32]
DIMENSIONS = 384  # of the shipped encoder


class Encoder(Protocol):
    """Turns texts into unit vectors."""

    name: str

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector a text, shape (len(texts), dimensions)."""
        ...

    def encode_document(self, sentences: Sequence[str]) -> Vectors:
        """Return one unit vector for each sentence of a document, read in the light of those around it.

        Shape (len(sentences), dimensions). An encoder that reads texts one by one only does the same as `encode`.
        """
        ...

    def __hash__(self) -> int: ...


class OnnxEncoder:
    """The shipped encoder. Texts on their own are cut at 256 tokens, as the model was trained; documents are not."""

    name = DEFAULT_ENCODER

    def __init__(self) -> None:
        self._session = open_session("encoder")
        self._tokenizer = open_tokenizer()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector a text, shape (len(texts), 384)."""
        vectors = np.zeros((len(texts), DIMENSIONS), np.float32)
        tokens = [_cut_tokens(e.ids) for e in self._tokenizer.encode_batch(list(texts))]
        for batch in batch_lengths([len(t) for t in tokens]):
            ids = np.zeros((len(batch), max(len(tokens[i]) for i in batch)), np.int64)
            for row, i in enumerate(batch):
                ids[row, : len(tokens[i])] = tokens[i]
            mask = (ids != 0).astype(np.float32)
            vectors[batch] = self._run(ids, mask[:, None])[:, 0]
        return vectors

    def encode_document(self, sentences: Sequence[str]) -> Vectors:
        """Return one unit vector a sentence, shape (len(sentences), 384), read with the sentences around it in view."""
        vectors = np.zeros((len(sentences), DIMENSIONS), np.float32)
        windows = cut_windows(sentences, self._tokenizer)
        for batch in batch_lengths([len(window.tokens) for window in windows]):
            chosen = [windows[i] for i in batch]
            found = self._run(*stack_windows(chosen))
            for window, rows in zip(chosen, found, strict=True):
                for placed, vector in zip(window.sentences, rows, strict=False):
                    vectors[placed.number] = vector
        return vectors

    def _run(self, ids: Ints, owner: Vectors) -> Vectors:
        mask = (ids != 0).astype(np.float32)
        vectors: Vectors = self._session.run(None, {"ids": ids, "mask": mask, "owner": owner})[0]
        return vectors


def batch_lengths(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield the places of texts of like length, as many at a time as ENCODER_BATCH_TOKENS allow."""
    batch: list[int] = []
    for i in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and lengths[i] * (len(batch) + 1) > ENCODER_BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


def _cut_tokens(tokens: list[int]) -> list[int]:
    return tokens if len(tokens) <= ENCODER_TOKENS else [*tokens[: ENCODER_TOKENS - 1], tokens[-1]]


class SentenceTransformerEncoder:
    """Any sentence-transformers model, named by its path or by a name that is already on this machine."""

    def __init__(self, name: str) -> None:
        self.name = name
        try:
            from sentence_transformers import SentenceTransformer

            self._model: Any = SentenceTransformer(name, device="cpu", local_files_only=True)
        except Exception as error:
            raise ModelError(
                f"encoder {name}: cannot be loaded from this machine ({type(error).__name__}); "
                "give the path of a folder that holds it"
            ) from error

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector a text."""
        vectors = self._model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, np.float32)

    def encode_document(self, sentences: Sequence[str]) -> Vectors:
        """Return one unit vector a sentence, each read on its own."""
        return self.encode(sentences)


def load_encoder(name: str = DEFAULT_ENCODER) -> Encoder:
    """Return the encoder of that name, loaded once a process; ModelError if it cannot be loaded."""
    return _load(name)


@cache
def _load(name: str) -> Encoder:
    return OnnxEncoder() if name == DEFAULT_ENCODER else SentenceTransformerEncoder(name)
