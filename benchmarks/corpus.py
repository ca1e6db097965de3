"""A workspace of many articles with positions as the models find them, without asking the models.

Each article is put together from sentences of the analysed samples, with what was read in each. Words are exchanged,
speakers, stances, confidences and days vary by lot; vectors are those of the samples' sentences, a little moved.
"""

from __future__ import annotations

import datetime
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from random import Random

import numpy as np

from analyzer import load_plan, make_document
from analyzer.coverage import measure_coverage, measure_speakers
from analyzer.encoding import Vectors, load_encoder
from analyzer.export import load_report
from analyzer.records import (
    STANCES,
    Analysis,
    Document,
    Plan,
    Position,
    Report,
    Sentence,
    Span,
    Speaker,
    SpeakerKind,
    Statement,
)
from analyzer.report import check_report
from analyzer.resources import find_data
from analyzer.settings import DEFAULT_ENCODER
from analyzer.workspace import Workspace, start_workspace
from benchmarks.machine import make_once
from benchmarks.search import DAYS, FIRST_DAY, OUTLETS, SPEAKERS

MADE = 3  # version of what is made; another one makes the kept workspaces anew
OTHER = "brazil-china-2024"  # the plan that the articles are read against, too
SAMPLES = "first-look.json"  # of analyzer/data: the samples, read by the models
LENGTH, PARAGRAPH = (16, 30), 3  # sentences of an article and of a paragraph
EXCHANGED, NOISE = 0.15, 0.01  # share of words; deviation of a vector in each dimension
RENAMED, TURNED = 0.6, 0.15  # share of persons who get another name in an article, of positions with another stance
_WORD = re.compile(r"\b[a-z]{4,}\b")


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence of the samples with what was read in it; offsets are those of its document."""

    number: int
    text: str
    start: int
    statements: tuple[Statement, ...]
    positions: tuple[Position, ...]


class Shift:
    """A passage with some of its words exchanged, at a new place; maps spans of the old text to the new one."""

    def __init__(self, passage: Passage, words: Sequence[str], at: int, rng: Random) -> None:
        spans = [span for s in passage.statements for span in (s.span, s.cue_span) if span]
        spans += [p.evidence for p in passage.positions]
        edges = {edge - passage.start for span in spans for edge in (span.start, span.end)}
        found = [m for m in _WORD.finditer(passage.text) if rng.random() < EXCHANGED]
        found = [m for m in found if not any(m.start() < edge < m.end() for edge in edges)]
        news = [rng.choice(words) for _ in found]
        parts, last = [], 0
        for match, new in zip(found, news, strict=True):
            parts += [passage.text[last : match.start()], new]
            last = match.end()
        self.text = "".join([*parts, passage.text[last:]])
        self._passage, self._at = passage, at
        self._ends = [match.end() for match in found]
        self._moved = [0, *accumulate(len(new) - len(m[0]) for m, new in zip(found, news, strict=True))]

    def move(self, span: Span | None) -> Span | None:
        """Return where a span of the old text lies now; None where it lies outside the passage."""
        if span is None or not self._passage.start <= span.start < span.end <= self._passage.start + len(
            self._passage.text
        ):
            return None
        start, end = (self._place(edge - self._passage.start) for edge in (span.start, span.end))
        return Span(start, end) if start < end else None

    def _place(self, offset: int) -> int:
        return self._at + offset + self._moved[bisect_right(self._ends, offset)]


class KnownEncoder:
    """Gives a varied sentence the vector of the one that it was made of, a little moved."""

    name = DEFAULT_ENCODER

    def __init__(self, vectors: Vectors) -> None:
        self._vectors, self._dice = vectors, np.random.default_rng(0)
        self.numbers: dict[str, int] = {}  # by sentence, of the passage that it was made of

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector a text."""
        found = self._vectors[[self.numbers[text] for text in texts]]
        moved = found + self._dice.normal(0, NOISE, found.shape).astype(np.float32)
        return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), np.float32)

    encode_document = encode


def make_workspace(count: int, cache: Path) -> Path:
    """Return the folder of a workspace with `count` articles, which is made if the cache lacks it."""
    return make_once(cache / f"articles-{count}-{MADE}-{DEFAULT_ENCODER}", lambda folder: _fill(folder, count))


def _fill(folder: Path, count: int) -> None:
    samples = load_report(find_data(SAMPLES))
    passages = list(cut_passages(samples))
    encoder = KnownEncoder(load_encoder().encode([passage.text for passage in passages]))
    start_workspace(folder).close()
    with Workspace(folder, encoder) as workspace:
        workspace.connection.execute("PRAGMA synchronous = OFF")
        analyses = tuple(vary_articles(passages, samples.plan, count, encoder.numbers))
        for plan in (samples.plan, load_plan(OTHER)):
            read = analyses if plan == samples.plan else tuple(_read_otherwise(a, samples.plan, plan) for a in analyses)
            report = replace(samples, plan=plan, analyses=read, failures=())
            check_report(report)
            workspace.put(report)


def _read_otherwise(analysis: Analysis, plan: Plan, other: Plan) -> Analysis:
    """The same positions on targets of another plan, point for point and gap for gap."""
    same = {"plan": "plan"}
    for old, new in ((plan.points, other.points), (plan.gaps, other.gaps)):
        same |= {target.id: new[n % len(new)].id for n, target in enumerate(old)}
    held = tuple(replace(p, target=same[p.target], candidates=()) for p in analysis.positions)
    coverage = measure_coverage(analysis.document.name, held, other, len(analysis.statements))
    return replace(analysis, positions=held, coverage=coverage, speakers=measure_speakers(held, other))


def vary_articles(passages: Sequence[Passage], plan: Plan, count: int, numbers: dict[str, int]) -> Iterator[Analysis]:
    """Put articles together; `numbers` gets the passage of each of their sentences."""
    words = sorted({word for passage in passages for word in _WORD.findall(passage.text)})
    for number in range(1, count + 1):
        yield _write_article(number, passages, plan, words, numbers)


def cut_passages(report: Report) -> Iterator[Passage]:
    """Give each sentence of a report with what was read in it, in order."""
    number = 0
    for analysis in report.analyses:
        for sentence in analysis.sentences:
            yield Passage(
                number,
                sentence.span.of(analysis.document.text),
                sentence.span.start,
                tuple(s for s in analysis.statements if s.sentence == sentence.number and sentence.span.covers(s.span)),
                tuple(p for p in analysis.positions if p.sentence == sentence.number),
            )
            number += 1


def _write_article(
    number: int, passages: Sequence[Passage], plan: Plan, words: Sequence[str], numbers: dict[str, int]
) -> Analysis:
    rng = Random(number)
    name, day = f"article-{number}", FIRST_DAY + datetime.timedelta(rng.randrange(DAYS))
    naming: dict[str, str] = {}
    text = ""
    sentences: list[Sentence] = []
    statements: list[Statement] = []
    positions: list[Position] = []

    def vary_speaker(speaker: Speaker, shift: Shift) -> Speaker:
        if speaker.name not in naming:
            other = _draw_person(rng) if speaker.kind is SpeakerKind.PERSON and rng.random() < RENAMED else speaker.name
            naming[speaker.name] = other
        return replace(speaker, name=naming[speaker.name], mention=shift.move(speaker.mention))

    for n, passage in enumerate(rng.sample(passages, rng.randint(*LENGTH))):
        text += ("\n\n" if n % PARAGRAPH == 0 else " ") if n else ""
        shift = Shift(passage, words, len(text), rng)
        text += shift.text
        numbers[shift.text] = passage.number
        span = Span(len(text) - len(shift.text), len(text))
        sentences.append(Sentence(n, span, n // PARAGRAPH))
        for s in passage.statements:
            said = shift.move(s.span) or span
            who = tuple({x.name: x for x in (vary_speaker(speaker, shift) for speaker in s.speakers)}.values())
            cue = shift.move(s.cue_span)
            said_on = day if s.said_on else None
            statements.append(
                replace(s, sentence=n, span=said, text=said.of(text), speakers=who, cue_span=cue, said_on=said_on)
            )
        for p in passage.positions:
            evidence = shift.move(p.evidence) or span
            stances = sorted(STANCES[plan.target(p.target).kind])
            positions.append(
                replace(
                    p,
                    document=name,
                    sentence=n,
                    span=span,
                    text=shift.text,
                    speaker=vary_speaker(p.speaker, shift) if p.speaker else None,
                    stance=rng.choice(stances) if rng.random() < TURNED else p.stance,
                    confidence=round(min(1.0, max(0.3, p.confidence + rng.uniform(-0.15, 0.15))), 3),
                    evidence=evidence,
                    evidence_text=evidence.of(text),
                    said_on=day if p.said_on else None,
                )
            )
    title = f"Article {number}: {sentences[0].span.of(text)[:80]}"
    made = make_document(text, name, source=f"{name}.txt")
    document: Document = replace(made, title=title, date=day, outlet=rng.choice(OUTLETS))
    if document.text != text:
        raise RuntimeError(f"{name}: its text was changed, so that no offset fits any more")
    held = tuple(positions)
    coverage = measure_coverage(name, held, plan, len(statements))
    return Analysis(document, tuple(sentences), tuple(statements), held, coverage, measure_speakers(held, plan))


def _draw_person(rng: Random) -> str:
    """Few speak often: the n-th person is drawn n times as seldom as the first (Zipf)."""
    persons = [speaker.name for speaker in SPEAKERS if speaker.kind is SpeakerKind.PERSON and " " in speaker.name]
    return rng.choices(persons, [1 / n for n in range(1, len(persons) + 1)])[0]
