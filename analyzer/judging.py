"""Sentences and targets to positions: the Judge protocol and what stands behind it.

The shipped judge reads a window of sentences with all targets of the plan in view and decides on each of them; see
training/model.py. Its confidences are calibrated on documents that it was not trained on.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Protocol

import numpy as np
import numpy.typing as npt

from analyzer.attribution import attribute_verdict
from analyzer.models import open_session, open_tokenizer, read_manifest
from analyzer.normalize import tidy_text
from analyzer.records import (
    Candidate,
    Document,
    Holders,
    Plan,
    Position,
    Sentence,
    Span,
    Speech,
    Stance,
    Statement,
    TargetKind,
    Verdict,
)
from analyzer.statements import Extraction
from analyzer.windows import Placed, Window, cut_windows, stack_targets, stack_windows

NAMING_TOKENS = 12  # how many tokens the judge may point at when it looks for a speaker's name
BATCH_TOKENS = 4096  # of windows read at once; bounds memory
STANCE_ORDER = {
    TargetKind.GAP: (Stance.RAISES, Stance.REJECTS),
    TargetKind.POINT: (Stance.ENDORSES, Stance.CRITICISES, Stance.MENTIONS),
    TargetKind.PLAN: (Stance.ENDORSES, Stance.CRITICISES, Stance.MENTIONS),
}
Floats = npt.NDArray[np.float32]


class Judge(Protocol):
    """Reads a document's sentences against a plan."""

    name: str
    threshold: float

    def judge(self, document: Document, sentences: Sequence[Sentence], plan: Plan) -> list[Verdict]:
        """Return a verdict for each target on which a sentence takes a position, in the order of the text."""
        ...


class OnnxJudge:
    """The shipped judge."""

    def __init__(self) -> None:
        settings = read_manifest()["judge"]
        self.name: str = settings["name"]
        self.threshold: float = settings["threshold"]
        self._second: float = settings["second_stance"]
        self._scale, self._offset = settings["calibration"]
        self._session = open_session("judge")
        self._tokenizer = open_tokenizer()

    def judge(self, document: Document, sentences: Sequence[Sentence], plan: Plan) -> list[Verdict]:
        """Return the verdicts of a document; the time grows with the number of sentences."""
        tidy = tidy_text(document.text)
        windows = cut_windows([s.span.of(tidy) for s in sentences], self._tokenizer)
        targets = stack_targets(plan, self._tokenizer)
        verdicts: list[Verdict] = []
        for batch in _batch(windows):
            ids, owner = stack_windows(batch)
            outputs = self._session.run(None, {"ids": ids, "owner": owner, "targets": targets})
            for b, window in enumerate(batch):
                for s, placed in enumerate(window.sentences):
                    figures = [o[b, s] for o in outputs[:3]]
                    places = _TokenPlaces(window, sentences)
                    verdicts += self._decide(
                        sentences[placed.number], placed, figures, outputs[3][b], outputs[4][b, s], places, plan
                    )
        return sorted(verdicts, key=lambda v: v.sentence)

    def _decide(
        self,
        sentence: Sentence,
        placed: Placed,
        figures: Sequence[Floats],
        evidence: Floats,
        named: Floats,
        places: _TokenPlaces,
        plan: Plan,
    ) -> list[Verdict]:
        """Turn one sentence's figures, (T), (T, 3), (T, 3), token evidence (L, T) and names (T, L) into verdicts."""
        present = 1 / (1 + np.exp(-figures[0]))
        found = []
        for t, target in enumerate(plan.targets):
            if present[t] < self.threshold:
                continue
            names = STANCE_ORDER[target.kind]
            stances = 1 / (1 + np.exp(-figures[1][t][: len(names)]))
            holders = np.exp(figures[2][t] - figures[2][t].max())
            author, sponsor, source = (float(x) for x in holders / holders.sum())
            told = Holders(author, sponsor, source, places.find_names(named[t]))
            best = int(stances.argmax())
            span = _find_evidence(evidence[placed.start : placed.end, t], placed, sentence)
            for i, stance in enumerate(names):
                if i == best or stances[i] > self._second:
                    share = (
                        float(present[t] * stances[i] / max(stances[best], 1e-6))
                        if i != best
                        else float(present[t] * max(stances[best], 0.5))
                    )
                    found.append(Verdict(sentence.number, target.id, stance, self._calibrate(share), span, told))
        return found

    def _calibrate(self, share: float) -> float:
        share = min(max(share, 1e-4), 1 - 1e-4)
        return round(1 / (1 + math.exp(-(self._scale * math.log(share / (1 - share)) + self._offset))), 3)


class _TokenPlaces:
    """Where a window's tokens stand in the document."""

    def __init__(self, window: Window, sentences: Sequence[Sentence]) -> None:
        self._spans: dict[int, Span] = {}
        for number, first, offsets in window.spread:
            start = sentences[number].span.start
            for n, (a, z) in enumerate(offsets):
                if z > a:
                    self._spans[first + n] = Span(start + a, start + z)
        self._length = len(window.tokens)

    def find_names(self, logits: Floats) -> tuple[tuple[Span, float], ...]:
        """The tokens that most likely name the speaker, with their probabilities."""
        chances = np.exp(logits[: self._length] - logits[: self._length].max())
        chances /= chances.sum()
        best = np.argsort(-chances)[:NAMING_TOKENS]
        return tuple((self._spans[int(i)], float(chances[i])) for i in best if int(i) in self._spans)


def _batch(windows: Sequence[Window]) -> list[list[Window]]:
    """Group windows of like length into batches of bounded size."""
    batches: list[list[Window]] = []
    for window in sorted(windows, key=lambda w: len(w.tokens)):
        if not batches or len(window.tokens) * (len(batches[-1]) + 1) > BATCH_TOKENS:
            batches.append([])
        batches[-1].append(window)
    return batches


def _find_evidence(logits: Floats, placed: Placed, sentence: Sentence) -> Span:
    """The run of tokens that shows most: the largest sum of evidence above a floor, widened to whole words."""
    shown = 1 / (1 + np.exp(-logits))
    gain = shown - max(0.15, 0.4 * float(shown.max()))
    best, best_run, total, start = -1.0, (int(shown.argmax()), int(shown.argmax()) + 1), 0.0, 0
    for i, g in enumerate(gain):
        if total <= 0:
            total, start = 0.0, i
        total += float(g)
        if total > best:
            best, best_run = total, (start, i + 1)
    first, last = placed.offsets[best_run[0]][0], placed.offsets[best_run[1] - 1][1]
    return Span(sentence.span.start + first, min(sentence.span.start + last, sentence.span.end))


@cache
def load_judge() -> OnnxJudge:
    """Return the shipped judge, loaded once a process; ModelError if its files are damaged."""
    return OnnxJudge()


def judge_positions(
    document: Document,
    sentences: Sequence[Sentence],
    extraction: Extraction,
    candidates: Sequence[tuple[Candidate, ...]],
    plan: Plan,
    judge: Judge,
) -> tuple[Position, ...]:
    """Return the positions of a document: one for each speaker, target and stance in a sentence.

    `candidates` holds the nearest targets of each sentence. A position whose holder cannot be found has the speaker None.
    """
    by_sentence: dict[int, list[Statement]] = {}
    for statement in extraction.statements:
        by_sentence.setdefault(statement.sentence, []).append(statement)
    positions: list[Position] = []
    for verdict in judge.judge(document, sentences, plan):
        sentence = sentences[verdict.sentence]
        before = [
            s
            for n in range(max(0, sentence.number - 4), sentence.number)
            if sentences[n].paragraph == sentence.paragraph
            for s in by_sentence.get(n, ())
        ]
        said = attribute_verdict(verdict, by_sentence.get(sentence.number, ()), before, plan, extraction.mentions)
        for speaker in said.speakers or (None,):
            positions.append(
                Position(
                    document.name,
                    sentence.number,
                    sentence.span,
                    sentence.span.of(document.text),
                    speaker,
                    said.speech if speaker else Speech.INDIRECT,
                    said.cue,
                    verdict.target,
                    verdict.stance,
                    verdict.confidence,
                    verdict.evidence,
                    verdict.evidence.of(document.text),
                    candidates[verdict.sentence],
                    document.page_of(verdict.evidence),
                )
            )
    return tuple(positions)
