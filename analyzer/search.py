"""Search: the statements of a report that come nearest to a query, by meaning and by words.

Two rankings are fused by reciprocal rank: cosine similarity of the encoder's vectors, and plain matching of words, in
which rare words count more. Ranks count from 1. Similarities are cosines; larger is closer. Spans are half-open ranges
of characters of the document's text.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from analyzer.encoding import Encoder
from analyzer.index import VectorIndex
from analyzer.normalize import strip_accents
from analyzer.records import Position, Report, Span, Statement

FUSION = 60  # damps the first ranks; the constant of Cormack, Clarke and Büttcher, SIGIR 2009, who tuned it
COMMON = 4  # a word in more than one of so many statements says nothing about any of them
SHARE = 0.5  # of the query's words by weight; a statement with fewer has them by chance and is ranked by meaning alone
BLOCK = 1024  # statements embedded at a time; bounds memory
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
FUNCTION_WORDS = frozenset(  # not looked for, unless the query has no other words
    _WORD.findall(
        "a about after all also an and any are as at be been before but by can could did do does for from had has have "
        "he her his how i if in into is it its may me more most must my no nor not of off on or our out over shall she "
        "should so some such than that the their them then there these they this those to under up us was we were what "
        "when where which who whom whose why will with would you your"
    )
)


@dataclass(frozen=True, slots=True)
class Passage:
    """A statement of the report, with the positions that its sentence takes."""

    document: int  # index into Report.analyses
    sentence: Span  # of the sentence that the statement stands in
    statement: Statement
    positions: tuple[Position, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found, and why."""

    passage: Passage
    similarity: float
    words: tuple[Span, ...]  # words of the sentence that the query has too
    score: float  # of the fused ranking; only its order means something


class StatementIndex:
    """The statements of a report, embedded once."""

    def __init__(self, report: Report, encoder: Encoder) -> None:
        self.passages = tuple(_list_passages(report))
        self._texts = tuple(analysis.document.text for analysis in report.analyses)
        self._encoder = encoder
        self._words = [frozenset(fold_words(p.statement.text)) for p in self.passages]
        self._spread = Counter(word for words in self._words for word in words)
        self._index = _embed([p.statement.text for p in self.passages], encoder)

    def find(self, query: str, keep: Callable[[Passage], bool] | None = None, most: int = 20) -> tuple[Hit, ...]:
        """Return up to `most` sentences for which `keep` holds, best first, each once.

        A query without a word finds nothing. Every sentence has a similarity, so that a query which nothing in the
        report answers still finds the nearest ones; their similarity says how near.
        """
        if self._index is None or not fold_words(query):
            return ()
        asked = self._rare_words(query)
        nearest = self._index.find_nearest(self._encoder.encode([query]), len(self.passages))[0]
        kept = [(row, s) for row, s in nearest if keep is None or keep(self.passages[row])]
        weights = {row: self._weigh(asked & self._words[row]) for row, _ in kept}
        least = SHARE * self._weigh(asked)
        matching = sorted((row for row, w in weights.items() if w and w >= least), key=lambda row: (-weights[row], row))
        scores = fuse_ranks([row for row, _ in kept], matching)
        similarities = dict(kept)
        hits: dict[tuple[int, Span], Hit] = {}
        for row in sorted(scores, key=lambda row: (-scores[row], -similarities[row], row)):
            passage = self.passages[row]
            place = (passage.document, passage.sentence)
            if place not in hits:
                words = _match_words(self._texts[passage.document], passage.sentence, asked)
                hits[place] = Hit(passage, similarities[row], words, scores[row])
                if len(hits) == most:
                    break
        return tuple(hits.values())

    def _rare_words(self, query: str) -> frozenset[str]:
        most = max(2, len(self.passages) // COMMON)
        words = frozenset(word for word in fold_words(query) if self._spread[word] <= most)
        return words - _FOLDED_FUNCTION_WORDS or words

    def _weigh(self, words: Iterable[str]) -> float:
        return sum(math.log(1 + len(self.passages) / max(1, self._spread[word])) for word in words)


def fuse_ranks(*rankings: Sequence[int]) -> dict[int, float]:
    """Return, for each row of some ranking, the sum of 1 / (FUSION + its rank) over the rankings that have it."""
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, row in enumerate(ranking, 1):
            scores[row] = scores.get(row, 0.0) + 1 / (FUSION + rank)
    return scores


def fold_words(text: str) -> list[str]:
    """Return the words of a text without case, accents and plural s, by which words are compared."""
    return [_fold(match[0]) for match in _WORD.finditer(text)]


def _fold(word: str) -> str:
    plain = re.sub(r"['’]s$", "", strip_accents(word.casefold()))
    return plain[:-1] if len(plain) > 3 and plain.endswith("s") and not plain.endswith("ss") else plain


_FOLDED_FUNCTION_WORDS = frozenset(map(_fold, FUNCTION_WORDS))


def _match_words(text: str, sentence: Span, asked: frozenset[str]) -> tuple[Span, ...]:
    found = _WORD.finditer(text, sentence.start, sentence.end)
    return tuple(Span(*match.span()) for match in found if _fold(match[0]) in asked)


def _list_passages(report: Report) -> Iterable[Passage]:
    for document, analysis in enumerate(report.analyses):
        spans = {sentence.number: sentence.span for sentence in analysis.sentences}
        held: dict[int, list[Position]] = {}
        for position in analysis.positions:
            held.setdefault(position.sentence, []).append(position)
        for statement in analysis.statements:
            positions = tuple(held.get(statement.sentence, ()))
            yield Passage(document, spans[statement.sentence], statement, positions)


def _embed(texts: Sequence[str], encoder: Encoder) -> VectorIndex | None:
    """The index over the texts; None where there are none."""
    import numpy as np

    if not texts:
        return None
    rows = {text: row for row, text in enumerate(dict.fromkeys(texts))}  # agencies' sentences recur word for word
    once = list(rows)
    vectors = np.concatenate([encoder.encode(once[start : start + BLOCK]) for start in range(0, len(once), BLOCK)])
    return VectorIndex([str(row) for row in range(len(texts))], vectors[[rows[text] for text in texts]])
