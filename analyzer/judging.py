"""Sentences and targets to positions: the Judge protocol and what stands behind it.

The shipped judge reads a window of sentences with all targets of the plan in view and decides on each of them; see
training/model.py. Its confidences are calibrated on documents that it was not trained on.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Protocol

import numpy as np

from analyzer.attribution import Surroundings, attribute_verdict
from analyzer.errors import ModelError
from analyzer.matching import TargetIndex
from analyzer.models import open_session, open_tokenizer, read_manifest
from analyzer.network import Floats, RunModel, bind_session
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
from analyzer.settings import CANDIDATES
from analyzer.statements import Extraction
from analyzer.windows import Placed, Window, cut_windows, stack_targets, stack_windows

NAMING_TOKENS = 12  # how many tokens the judge may point at when it looks for a speaker's name
LOOK_BACK = 4  # sentences in which a speaker who may go on speaking is looked for
BLOCK, LEAD = 512, 12  # sentences that are cut into windows at a time, and those before them for context
BATCH_TOKENS = 1024  # of windows read at once; bounds memory, and more is no faster on two cores (benchmarks/judge.py)
STANCE_ORDER = {
    TargetKind.GAP: (Stance.RAISES, Stance.REJECTS),
    TargetKind.POINT: (Stance.ENDORSES, Stance.CRITICISES, Stance.MENTIONS),
    TargetKind.PLAN: (Stance.ENDORSES, Stance.CRITICISES, Stance.MENTIONS),
}


class Judge(Protocol):
    """Reads a document's sentences against a plan."""

    name: str
    threshold: float

    def judge(self, document: Document, sentences: Sequence[Sentence], plan: Plan) -> list[Verdict]:
        """Return a verdict for each target on which a sentence takes a position, in the order of the text."""
        ...


class WindowJudge:
    """A judge that reads windows of sentences with all targets in view.

    `run_model` is the bare network (network.py); `settings` are the judge's entry in the manifest: name, threshold of
    presence, threshold of a second stance, calibration.
    """

    def __init__(self, run_model: RunModel, settings: Mapping[str, Any]) -> None:
        try:
            self.name: str = settings["name"]
            self.threshold: float = settings["threshold"]
            self._second: float = settings["second_stance"]
            self._scale, self._offset = settings["calibration"]
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"manifest.json lacks the judge's {error}; reinstall peace-plan-analyzer") from error
        self.run_model = run_model
        self._tokenizer = open_tokenizer()

    def judge(self, document: Document, sentences: Sequence[Sentence], plan: Plan) -> list[Verdict]:
        """Return the verdicts of a document; the time grows with the number of sentences, the memory does not."""
        tidy = tidy_text(document.text)
        targets = stack_targets(plan.targets, self._tokenizer)
        verdicts: list[Verdict] = []
        for start in range(0, len(sentences), BLOCK):
            lead = min(start, LEAD)
            block = sentences[start - lead : start + BLOCK]
            windows = cut_windows([s.span.of(tidy) for s in block], self._tokenizer, first=lead)
            for batch in batch_windows(windows):
                ids, owner = stack_windows(batch)
                figures = self.run_model(ids, owner, targets)
                for b, window in enumerate(batch):
                    verdicts += self._read_window(window, [f[b] for f in figures], block, tidy, plan)
        return sorted(verdicts, key=lambda v: v.sentence)

    def _read_window(
        self, window: Window, figures: Sequence[Floats], sentences: Sequence[Sentence], text: str, plan: Plan
    ) -> list[Verdict]:
        present, stance, evidence, holder = figures
        places = _TokenPlaces(window, sentences, text)
        found = []
        for s, placed in enumerate(window.sentences):
            own = (present[s], stance[s], evidence, holder[s])
            found += self._decide(sentences[placed.number], placed, own, places, plan)
        return found

    def _decide(
        self, sentence: Sentence, placed: Placed, figures: Sequence[Floats], places: _TokenPlaces, plan: Plan
    ) -> list[Verdict]:
        """Turn a sentence's presence (T), stance (T, 3), evidence (L, T) and holder (T, 2 + L) into verdicts."""
        present, stance, evidence, holder = figures
        chances = 1 / (1 + np.exp(-present))
        if chances.max() < self.threshold:
            return []
        order = np.argsort(-chances, kind="stable")[:CANDIDATES]
        likely = tuple((plan.targets[int(t)].id, round(float(chances[t]), 4)) for t in order)
        found = []
        for t, target in enumerate(plan.targets):
            if chances[t] < self.threshold:
                continue
            names = STANCE_ORDER[target.kind]
            stances = 1 / (1 + np.exp(-stance[t][: len(names)]))
            best = int(stances.argmax())
            span = _find_evidence(evidence[placed.start : placed.end, t], placed, sentence, places.text)
            holders = places.read_holders(holder[t])
            for i, name in enumerate(names):
                if i == best or stances[i] > self._second:
                    confidence = self._calibrate(float(chances[t] * stances[i] / stances.sum()))
                    found.append(Verdict(sentence.number, target.id, name, confidence, span, holders, likely))
        return found

    def _calibrate(self, share: float) -> float:
        share = min(max(share, 1e-4), 1 - 1e-4)
        return round(1 / (1 + math.exp(-(self._scale * math.log(share / (1 - share)) + self._offset))), 3)


class _TokenPlaces:
    """Where a window's tokens stand in the document."""

    def __init__(self, window: Window, sentences: Sequence[Sentence], text: str) -> None:
        self.text = text
        self._spans: dict[int, Span] = {}
        for number, first, offsets in window.spread:
            start = sentences[number].span.start
            for n, (a, z) in enumerate(offsets):
                if z > a:
                    self._spans[first + n] = Span(start + a, start + z)
        self._length = len(window.tokens)

    def read_holders(self, logits: Floats) -> Holders:
        """Turn the choice between writer, sponsor and the window's tokens, (2 + L), into probabilities."""
        chances = np.exp(logits[: 2 + self._length] - logits[: 2 + self._length].max())
        chances /= chances.sum()
        tokens = chances[2:]
        best = np.argsort(-tokens)[:NAMING_TOKENS]
        named = tuple((self._spans[int(i)], float(tokens[i])) for i in best if int(i) in self._spans)
        return Holders(float(chances[0]), float(chances[1]), float(tokens.sum()), named)


def batch_windows(windows: Sequence[Window]) -> list[list[Window]]:
    """Group windows of like length into batches of bounded size."""
    batches: list[list[Window]] = []
    for window in sorted(windows, key=lambda w: len(w.tokens)):
        if not batches or len(window.tokens) * (len(batches[-1]) + 1) > BATCH_TOKENS:
            batches.append([])
        batches[-1].append(window)
    return batches


def _find_evidence(logits: Floats, placed: Placed, sentence: Sentence, text: str) -> Span:
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
    words = sentence.span.of(text)
    while 0 < first < len(words) and words[first - 1].isalnum() and words[first].isalnum():
        first -= 1
    while 0 < last < len(words) and words[last - 1].isalnum() and words[last].isalnum():
        last += 1
    return Span(sentence.span.start + first, sentence.span.start + min(last, len(words)))


@cache
def load_judge() -> WindowJudge:
    """Return the shipped judge, loaded once a process; ModelError if its files are damaged."""
    return WindowJudge(bind_session(open_session("judge")), read_manifest().get("judge", {}))


def judge_positions(
    document: Document,
    sentences: Sequence[Sentence],
    extraction: Extraction,
    index: TargetIndex,
    plan: Plan,
    verdicts: Sequence[Verdict],
) -> tuple[Position, ...]:
    """Return the positions of a document: one for each speaker, target and stance of a verdict.

    `index` tells how near a sentence comes to each target. A position whose holder cannot be found has the speaker
    None.
    """
    tidy, taken = tidy_text(document.text), sorted({v.sentence for v in verdicts})
    near = dict(zip(taken, index.find_candidates([sentences[n].span.of(tidy) for n in taken]), strict=True))
    by_sentence = group_statements(extraction)
    positions: list[Position] = []
    weights = read_manifest().get("attribution")
    if not weights:
        raise ModelError("manifest.json lacks the weights of attribution; reinstall peace-plan-analyzer")
    for verdict in verdicts:
        sentence = sentences[verdict.sentence]
        around = find_surroundings(sentence, sentences, by_sentence, extraction)
        said = attribute_verdict(verdict, around, plan, weights)
        candidates = _order_candidates(verdict, near[verdict.sentence])
        for speaker in said.speakers or (None,):
            positions.append(
                Position(
                    document.name,
                    sentence.number,
                    sentence.span,
                    sentence.span.of(document.text),
                    speaker,
                    said.speech if speaker else Speech.INDIRECT,
                    said.statement.cue if said.statement else None,
                    verdict.target,
                    verdict.stance,
                    verdict.confidence,
                    verdict.evidence,
                    verdict.evidence.of(document.text),
                    candidates,
                    document.page_of(verdict.evidence),
                    said.statement.when if said.statement else None,
                    said.statement.said_on if said.statement else None,
                )
            )
    return tuple(positions)


def group_statements(extraction: Extraction) -> dict[int, list[Statement]]:
    """The statements of each sentence, by its number."""
    by_sentence: dict[int, list[Statement]] = {}
    for statement in extraction.statements:
        by_sentence.setdefault(statement.sentence, []).append(statement)
    return by_sentence


def find_surroundings(
    sentence: Sentence,
    sentences: Sequence[Sentence],
    by_sentence: Mapping[int, Sequence[Statement]],
    extraction: Extraction,
) -> Surroundings:
    """What the holder of a sentence's position is looked for in."""
    before: list[Statement] = []
    earlier: list[Statement] = []
    for n in range(max(0, sentence.number - LOOK_BACK), sentence.number):
        back = sentence.paragraph - sentences[n].paragraph
        if back <= 1:
            (earlier if back else before).extend(by_sentence.get(n, ()))
    return Surroundings(by_sentence.get(sentence.number, ()), before, earlier, extraction.mentions)


def _order_candidates(verdict: Verdict, near: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The targets that a verdict's sentence is likeliest about; by the judge, and by nearness if it does not tell."""
    if not verdict.likely:
        return tuple(near[:CANDIDATES])
    by_target = {c.target: c for c in near}
    return tuple(replace(by_target[target], chance=chance) for target, chance in verdict.likely)
