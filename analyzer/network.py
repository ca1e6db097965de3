"""The judge's network as one call: windows of token ids and a plan's targets in, logits out.

The targets of a plan are the same for all of its windows, so what the network makes of them (keys and values for each
layer, a vector for each target) is kept from the first call and handed back with the next ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from analyzer.errors import ModelError
from analyzer.windows import Ints

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Floats = npt.NDArray[np.float32]
RunModel = Callable[[Ints, Floats, Ints], Sequence[Floats]]
LOGITS = ("present", "stance", "evidence", "holder")
ENCODED = ("keys", "values", "vectors")  # of the targets
KEPT = 2  # plans whose targets are kept; 6 MB for china-2023
NO_TARGETS: Ints = np.zeros((1, 1), np.int64)


def bind_session(session: InferenceSession) -> RunModel:
    """Return the network of an open session as a function, which several threads may call.

    It takes token ids (B, L), sentence masks (B, S, L) and target ids (T, M), and returns presence (B, S, T), stance
    (B, S, T, 3), evidence (B, L, T) and holder (B, S, T, 2 + L), all of them logits. Raises ModelError if the session
    holds another network.
    """
    shapes = {i.name: i.shape for i in session.get_inputs()}
    if not shapes.keys() >= {*ENCODED}:
        raise ModelError("judge.onnx is of another version than this program; reinstall peace-plan-analyzer")
    nothing = {n: np.zeros([d if isinstance(d, int) else 0 for d in shapes[n]], np.float32) for n in ENCODED}
    known: dict[bytes, dict[str, Floats]] = {}
    lock = Lock()

    def run(ids: Ints, owner: Floats, targets: Ints) -> Sequence[Floats]:
        key = repr(targets.shape).encode() + targets.tobytes()
        with lock:
            kept = known.pop(key, None)
            if kept is not None:
                known[key] = kept  # the latest used comes last
        if kept is not None:
            return _call(session, LOGITS, {"ids": ids, "owner": owner, "targets": NO_TARGETS, **kept})
        names = [*LOGITS, *(f"new_{name}" for name in ENCODED)]
        *logits, keys, values, vectors = _call(
            session, names, {"ids": ids, "owner": owner, "targets": targets, **nothing}
        )
        with lock:
            known[key] = dict(zip(ENCODED, (keys, values, vectors), strict=True))
            while len(known) > KEPT:
                known.pop(next(iter(known)))
        return logits

    return run


def _call(session: InferenceSession, names: Sequence[str], feed: dict[str, npt.NDArray[Any]]) -> list[Floats]:
    figures: list[Floats] = session.run(names, feed)
    return figures
