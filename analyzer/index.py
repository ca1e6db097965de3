"""Ids and vectors, and which are nearest. The only importer of faiss.

Similarity is the inner product of unit vectors, the cosine. Up to EXACT vectors the search is exact; a larger index
looks only into the cells that lie nearest, as many of them as find RECALL of the true ten nearest.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[Any]

FEW = 50_000  # vectors up to which one thread is as quick as several, which wait for one another
EXACT = 200_000  # vectors up to which all are compared: 20 milliseconds
CELLS = 4  # of a larger index, times the root of its size; finer ones compare half as many vectors for one recall
SAMPLE = 50_000  # vectors from which the cells are learnt
RECALL = 0.99  # of the ten nearest that a larger index must find of such queries; of real ones, it is some 0.98
RESCORED = 100  # nearest ones of a larger index that are compared once more, by their vectors as they were
ASKED = 200  # queries that measure it, …
MIXED = 4  # … each the mean of so many vectors, for a query lies further from all sentences than they from one another


class VectorIndex:
    """Some unit vectors under ids, in memory, all of which are compared; an id may own several vectors."""

    def __init__(self, ids: Sequence[str], vectors: npt.NDArray[np.float32]) -> None:
        """Index `vectors`, shape (len(ids), dimensions); ValueError if the two do not fit."""
        if len(ids) != len(vectors) or not len(ids):
            raise ValueError(f"{len(ids)} ids do not fit {len(vectors)} vectors")
        self.ids = tuple(ids)
        self._vectors = np.ascontiguousarray(vectors, np.float32)

    def find_nearest(self, queries: npt.NDArray[np.float32], k: int) -> list[list[tuple[int, float]]]:
        """Return, for each query, up to `k` (row, similarity) pairs, nearest first."""
        similarities = np.asarray(queries, np.float32) @ self._vectors.T
        order = np.argsort(-similarities, axis=1, kind="stable")[:, :k]
        return [[(int(r), float(row[r])) for r in rows] for row, rows in zip(similarities, order, strict=True)]


class StoredIndex:
    """An index in a file, which is read as far as it is needed."""

    def __init__(self, path: Path, probes: int) -> None:
        """Open the file; `probes` are the cells to look into, 0 for all.

        Raises FileNotFoundError, OSError or RuntimeError if it cannot be opened.
        """
        import faiss

        if not path.is_file():
            raise FileNotFoundError(path)
        self._faiss: Any = faiss
        self._probes = probes
        self._index: Any = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC | faiss.IO_FLAG_READ_ONLY)
        # Cells hold little to share, and a thread that another program keeps from its core keeps all others waiting.
        self._threads = 1 if probes or len(self) <= FEW else faiss.omp_get_max_threads()

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def exact(self) -> bool:
        """False if vectors are stored too coarsely to rank the nearest among themselves."""
        return not self._probes

    def find_nearest(
        self, query: Floats, most: int, among: npt.NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """Return up to `most` (id, similarity) pairs, nearest first; `among` are the ids to choose from, ascending."""
        chosen: dict[str, Any] = {}
        if among is not None:
            wanted = np.zeros(int(among[-1]) + 1 if len(among) else 1, bool)
            wanted[among] = True
            bits = np.packbits(wanted, bitorder="little")
            chosen["sel"] = self._faiss.IDSelectorBitmap(bits)
        params: Any
        if self._probes:
            # Where few remain, their cells lie farther off.
            share = 1.0 if among is None else max(1e-9, len(among) / len(self))
            probes = min(self._index.nlist, round(self._probes / share**0.5))
            params = self._faiss.SearchParametersIVF(nprobe=probes, **chosen)
        else:
            params = self._faiss.SearchParameters(**chosen)
        self._faiss.omp_set_num_threads(self._threads)
        asked = np.ascontiguousarray(query, np.float32).reshape(1, -1)
        similarities, ids = self._index.search(asked, min(most, len(self)), params=params)
        return [(int(i), float(s)) for i, s in zip(ids[0], similarities[0], strict=True) if i >= 0]


def build_index(path: Path, ids: npt.NDArray[np.int64], vectors: Floats) -> int:
    """Write an index of `vectors`, shape (len(ids), dimensions), to `path`; return the cells to look into, 0 for all.

    RuntimeError or OSError if it cannot be written.
    """
    import faiss

    dimensions = vectors.shape[1]
    probes = 0
    index: Any
    if len(ids) <= EXACT:
        inner = faiss.IndexScalarQuantizer(dimensions, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
        inner.train(np.zeros((1, dimensions), np.float32))
        index = faiss.IndexIDMap(inner)
        _add(index, ids, vectors)
    else:
        coarse = faiss.IndexFlatIP(dimensions)
        kind = faiss.ScalarQuantizer.QT_8bit
        cells = round(CELLS * len(ids) ** 0.5)
        index = faiss.IndexIVFScalarQuantizer(coarse, dimensions, cells, kind, faiss.METRIC_INNER_PRODUCT)
        index.cp.spherical = True  # or a long centre draws the vectors of others into its cell
        index.cp.min_points_per_centroid = 1  # SAMPLE is what it is; no warning
        chosen = np.random.default_rng(0).choice(len(ids), SAMPLE, replace=False)
        index.train(vectors[np.sort(chosen)].astype(np.float32))
        _add(index, ids, vectors)
        probes = _choose_probes(index, ids, vectors, chosen[:ASKED])
    faiss.write_index(index, str(path))
    return probes


def _add(index: Any, ids: npt.NDArray[np.int64], vectors: Floats, block: int = 50_000) -> None:
    for start in range(0, len(ids), block):
        part = np.ascontiguousarray(vectors[start : start + block], np.float32)
        index.add_with_ids(part, np.ascontiguousarray(ids[start : start + block]))


def find_exactly(queries: Floats, vectors: Floats, most: int, block: int = 50_000) -> npt.NDArray[np.int64]:
    """Return the rows of the `most` vectors nearest to each query, by comparing all; shape (queries, most)."""
    best = np.full((len(queries), 0), 0.0, np.float32)
    rows = np.zeros((len(queries), 0), np.int64)
    for start in range(0, len(vectors), block):
        part = queries.astype(np.float32) @ vectors[start : start + block].astype(np.float32).T
        best = np.concatenate([best, part], 1)
        rows = np.concatenate([rows, np.broadcast_to(np.arange(start, start + part.shape[1]), part.shape)], 1)
        order = np.argsort(-best, axis=1, kind="stable")[:, :most]
        best, rows = np.take_along_axis(best, order, 1), np.take_along_axis(rows, order, 1)
    return rows


def _choose_probes(index: Any, ids: npt.NDArray[np.int64], vectors: Floats, asked: npt.NDArray[np.int64]) -> int:
    """The fewest cells, by steps of a quarter, among which RECALL of the ten nearest of some vectors are found."""
    from faiss import SearchParametersIVF

    looks: Any = SearchParametersIVF  # its stub does not know the arguments
    queries = sum(vectors[np.roll(asked, turn)].astype(np.float32) for turn in range(MIXED))
    queries /= np.linalg.norm(queries, axis=1, keepdims=True)
    truth = [set(row) for row in ids[find_exactly(queries, vectors, 10)]]
    probes = 8
    while probes < index.nlist:
        _, found = index.search(queries, RESCORED, params=looks(nprobe=probes))
        right = sum(len(true & set(row)) for true, row in zip(truth, found.tolist(), strict=True))
        if right >= RECALL * 10 * len(asked):
            break
        probes += probes // 4
    return int(min(probes, index.nlist))
