"""The vectors of the shipped plans' titles, texts and wordings, kept with the package so that nobody waits for them.

`wordings.npy` has a row for each: a digest of the wording and of the encoder that read it, and the vector. A wording or
an encoder that it does not know is no error; the vectors are made then. training/wordings.py writes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from analyzer.encoding import DIMENSIONS, Encoder, OnnxEncoder, Vectors
from analyzer.models import read_manifest
from analyzer.records import Plan

KEPT = Path(__file__).resolve().parent / "data" / "wordings.npy"
ROW = np.dtype([("digest", "u1", 16), ("vector", "f4", DIMENSIONS)])


def embed_wordings(wordings: Sequence[str], encoder: Encoder) -> Vectors:
    """Return a unit vector for each wording: the kept ones if all of them are, or else what the encoder makes."""
    if isinstance(encoder, OnnxEncoder):
        kept = _read_kept()
        found = [kept.get(_digest(wording)) for wording in wordings]
        known = [vector for vector in found if vector is not None]
        if known and len(known) == len(found):
            return np.stack(known)
    return encoder.encode(wordings)


def keep_wordings(groups: Iterable[Sequence[str]], encoder: Encoder, path: Path = KEPT) -> int:
    """Write the vectors of wordings, those of a group made in one call; return how many."""
    kept: dict[bytes, Vectors] = {}
    for wordings in groups:
        kept |= zip(map(_digest, wordings), encoder.encode(wordings), strict=True)
    table = np.zeros(len(kept), ROW)
    for row, (digest, vector) in zip(table, kept.items(), strict=True):
        row["digest"], row["vector"] = np.frombuffer(digest, np.uint8), vector
    np.save(path, table)
    _read_kept.cache_clear()
    return len(kept)


def list_wordings(plan: Plan) -> tuple[str, ...]:
    """Return the title and the text of each target, in the order of the plan."""
    return tuple(wording for target in plan.targets for wording in (target.title, target.text))


@cache
def _read_kept() -> dict[bytes, Vectors]:
    try:
        table = np.load(KEPT)
    except (OSError, ValueError):
        return {}
    return {row["digest"].tobytes(): row["vector"] for row in table} if table.dtype == ROW else {}


def _digest(wording: str) -> bytes:
    encoder: str = read_manifest().get("files", {}).get("encoder.onnx", "")
    return hashlib.blake2b(f"{encoder} {wording}".encode(), digest_size=16).digest()
