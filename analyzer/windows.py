"""Windows: sentences as the judge reads them, a run of them with the sentences before as context.

Used at run time and in training alike, so that the model meets the same thing in both. Sizes count tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from analyzer.records import Target, TargetKind

if TYPE_CHECKING:
    from tokenizers import Tokenizer

WINDOW = 256  # tokens of a window; twice that is no better on development data and slower
CONTEXT = 64  # tokens of earlier sentences at its head: enough to see what "it" refers to; 100 are no better
SENTENCE = 200  # tokens of one sentence that are read
MOST = 40  # sentences judged in one window; bounds memory for lists of very short lines
TARGET = 80  # tokens of one target’s text
CLS, SEP, PAD, MASK = 101, 102, 0, 103

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Placed:
    """A sentence's tokens within a window: [start, end), with each token's characters in the sentence."""

    number: int  # place in the sequence of sentences that was cut
    start: int
    end: int
    offsets: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Window:
    """Tokens to read at once, and the sentences to judge among them."""

    tokens: tuple[int, ...]
    sentences: tuple[Placed, ...]
    context: tuple[Placed, ...] = ()  # the sentences before, which are read and not judged

    @property
    def spread(self) -> list[tuple[int, int, tuple[tuple[int, int], ...]]]:
        """Every sentence in view: its number, its first token, its tokens' characters."""
        return [(p.number, p.start, p.offsets) for p in (*self.context, *self.sentences)]


def cut_windows(
    sentences: Sequence[str], tokenizer: Tokenizer, rng: Random | None = None, first: int = 0, alone: bool = False
) -> list[Window]:
    """Cut a document's sentences into windows; those before `first` serve as context only.

    With `rng`, sizes vary, as training wants; `alone` leaves out the context, for sentences that have nothing to do
    with one another.
    """
    encoded = tokenizer.encode_batch([s[: SENTENCE * 8] for s in sentences], add_special_tokens=False)
    windows: list[Window] = []
    while first < len(encoded):
        room = WINDOW if rng is None else rng.randint(WINDOW * 5 // 8, WINDOW)
        context = CONTEXT if rng is None else rng.randint(CONTEXT // 2, CONTEXT * 3 // 2)
        back, used = first, 0
        while back > 0 and not alone and used + len(encoded[back - 1].ids) <= context:
            back -= 1
            used += len(encoded[back].ids)
        tokens = [CLS]
        context_placed = []
        for n in range(back, first):
            ids = encoded[n].ids
            context_placed.append(Placed(n, len(tokens), len(tokens) + len(ids), tuple(encoded[n].offsets)))
            tokens += ids
        tokens.append(SEP)
        placed: list[Placed] = []
        n = first
        while n < len(encoded) and (not placed or len(tokens) + len(encoded[n].ids) <= room) and len(placed) < MOST:
            ids = encoded[n].ids[:SENTENCE]
            if ids:
                placed.append(Placed(n, len(tokens), len(tokens) + len(ids), tuple(encoded[n].offsets[:SENTENCE])))
                tokens += ids
            n += 1
        if placed:
            windows.append(Window((*tokens, SEP), tuple(placed), tuple(context_placed)))
        first = n
    return windows


def stack_windows(windows: Sequence[Window]) -> tuple[Ints, npt.NDArray[np.float32]]:
    """Return token ids (B, L), 0 where a window is shorter, and sentence masks (B, S, L)."""
    length = max(len(w.tokens) for w in windows)
    most = max(len(w.sentences) for w in windows)
    ids = np.zeros((len(windows), length), np.int64)
    owner = np.zeros((len(windows), most, length), np.float32)
    owner[:, :, 0] = 1  # rows without a sentence look at the first token and are not read
    for b, window in enumerate(windows):
        ids[b, : len(window.tokens)] = window.tokens
        for s, placed in enumerate(window.sentences):
            owner[b, s, 0] = 0
            owner[b, s, placed.start : placed.end] = 1
    return ids, owner


def target_text(target: Target) -> str:
    """The words by which the judge knows a target."""
    if target.kind is TargetKind.PLAN:
        return f"the plan as a whole: {target.title}"
    lead = "missing: " if target.kind is TargetKind.GAP else ""
    topics = f" {', '.join(target.topics)}" if target.topics else ""
    return f"{lead}{target.title}: {' '.join(target.text.split())}{topics}"


def stack_targets(targets: Sequence[Target], tokenizer: Tokenizer) -> Ints:
    """Return the token ids of the targets, (T, M), 0 where a text is shorter."""
    return stack_texts([target_text(t) for t in targets], tokenizer)


def stack_texts(texts: Sequence[str], tokenizer: Tokenizer) -> Ints:
    """Return the token ids of texts that stand for targets, (T, M), 0 where a text is shorter."""
    encoded = tokenizer.encode_batch(list(texts), add_special_tokens=False)
    rows = [[CLS, *e.ids[: TARGET - 2], SEP] for e in encoded]
    ids = np.zeros((len(rows), max(map(len, rows))), np.int64)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = row
    return ids
