"""Ids and vectors, and which are nearest. The only importer of faiss.

Similarity is the inner product of unit vectors, the cosine; the search is exact.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


class VectorIndex:
    """Unit vectors under ids; an id may own several vectors."""

    def __init__(self, ids: Sequence[str], vectors: npt.NDArray[np.float32]) -> None:
        """Index `vectors`, shape (len(ids), dimensions); ValueError if the two do not fit."""
        if len(ids) != len(vectors) or not len(ids):
            raise ValueError(f"{len(ids)} ids do not fit {len(vectors)} vectors")
        import faiss

        self.ids = tuple(ids)
        self._index = faiss.IndexFlatIP(vectors.shape[1])
        self._index.add(np.ascontiguousarray(vectors, np.float32))

    def find_nearest(self, queries: npt.NDArray[np.float32], k: int) -> list[list[tuple[int, float]]]:
        """Return, for each query, up to `k` (row, similarity) pairs, nearest first."""
        if not len(queries):
            return []
        similarities, rows = self._index.search(np.ascontiguousarray(queries, np.float32), min(k, len(self.ids)))
        return [
            [(int(r), float(s)) for r, s in zip(rs, ss, strict=True)] for rs, ss in zip(rows, similarities, strict=True)
        ]
