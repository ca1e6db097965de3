"""The Encoder protocol and what stands behind it.

The shipped encoder is all-MiniLM-L6-v2 as int8 ONNX: 384 dimensions, run with onnxruntime and tokenizers, no torch.
Any sentence-transformers model can be named instead; torch is imported only then.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from analyzer.errors import ModelError
from analyzer.models import open_session, open_tokenizer
from analyzer.settings import DEFAULT_ENCODER, ENCODER_BATCH_TOKENS, ENCODER_TOKENS

Vectors = npt.NDArray[np.float32]


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
    """The shipped encoder. Texts beyond 256 tokens are cut, as the model was trained."""

    name = DEFAULT_ENCODER

    def __init__(self) -> None:
        self._session = open_session("encoder")
        self._tokenizer = open_tokenizer()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector a text, shape (len(texts), 384)."""
        vectors = np.zeros((len(texts), 384), np.float32)
        encodings = self._tokenizer.encode_batch(list(texts))
        order = sorted(range(len(texts)), key=lambda i: len(encodings[i].ids))
        batch: list[int] = []
        for place, i in enumerate(order):
            batch.append(i)
            width = min(len(encodings[i].ids), ENCODER_TOKENS)
            if width * (len(batch) + 1) > ENCODER_BATCH_TOKENS or place == len(order) - 1:
                ids = np.zeros((len(batch), width), np.int64)
                for row, j in enumerate(batch):
                    tokens = encodings[j].ids
                    tokens = tokens if len(tokens) <= ENCODER_TOKENS else [*tokens[: ENCODER_TOKENS - 1], tokens[-1]]
                    ids[row, : len(tokens)] = tokens
                mask = (ids != 0).astype(np.int64)
                vectors[batch] = self._session.run(None, {"ids": ids, "mask": mask})[0]
                batch = []
        return vectors

    def encode_document(self, sentences: Sequence[str]) -> Vectors:
        """Return one unit vector a sentence."""
        return self.encode(sentences)


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


@cache
def load_encoder(name: str = DEFAULT_ENCODER) -> Encoder:
    """Return the encoder of that name, loaded once a process; ModelError if it cannot be loaded."""
    return OnnxEncoder() if name == DEFAULT_ENCODER else SentenceTransformerEncoder(name)
