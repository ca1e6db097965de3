"""Small records for tests, each valid as it stands; name what matters and leave the rest."""

from __future__ import annotations

import datetime
import re
import zlib
from collections.abc import Sequence

import numpy as np

from analyzer.coverage import measure_coverage, measure_speakers
from analyzer.encoding import Vectors
from analyzer.records import (
    AUTHOR,
    Analysis,
    Candidate,
    Document,
    Failure,
    Models,
    Notice,
    Plan,
    Position,
    Report,
    Sentence,
    Span,
    Speaker,
    SpeakerKind,
    Speech,
    Stance,
    Statement,
    Target,
    TargetKind,
)

TEXT = (
    "Harbour talks open\n\n"
    "President Ana Weiss of Norland told reporters that the ceasefire must begin now. "
    "Her rival Tom Reed called the sanctions clause unworkable.\n\n"
    "The proposal says nothing about the withdrawal of troops. Rain fell on the square."
)


class WordEncoder:
    """A vector of hashed words: enough to tell sentences apart, and the same everywhere."""

    name = "words"

    def encode(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), 64), np.float32)
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", text.casefold()):
                vectors[row, zlib.crc32(word.encode()) % 64] += 1
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)

    def encode_document(self, sentences: Sequence[str]) -> Vectors:
        return self.encode(sentences)


def make_plan(points: int = 3, gaps: int = 2, **fields: object) -> Plan:
    """A plan with points 1 … n (ceasefire, sanctions, grain, then numbered ones) and gaps."""
    titles = ("Ceasing fire", "Lifting sanctions", "Moving grain")
    gap_ids = ("troop-withdrawal", "security-guarantees")
    values: dict[str, object] = {
        "id": "harbour-2031",
        "title": "The Harbour Proposal",
        "sponsors": ("Estland",),
        "date": datetime.date(2031, 5, 4),
        "conflict": "the war between Norland and Sudria",
        "published": "https://example.org/harbour",
        "summary": "Three steps towards a settlement.",
        "points": tuple(
            Target(str(n), TargetKind.POINT, titles[n - 1] if n <= 3 else f"Step {n}", f"It asks for step {n}.")
            for n in range(1, points + 1)
        ),
        "gaps": tuple(
            Target(
                f"gap:{gap_ids[n] if n < 2 else f'gap-{n}'}",
                TargetKind.GAP,
                gap_ids[n].replace("-", " ").capitalize() if n < 2 else f"Gap {n}",
                f"Nothing is said on matter {n}.",
                why="readers look for it",
            )
            for n in range(gaps)
        ),
    }
    return Plan(**(values | fields))  # type: ignore[arg-type]


def make_document(text: str = TEXT, name: str = "harbour", **fields: object) -> Document:
    """A text document; `fields` are those of Document."""
    values: dict[str, object] = {"source": f"articles/{name}.txt", "format": "txt", "title": "Harbour talks open"}
    return Document(name, text, **(values | fields))  # type: ignore[arg-type]


def make_sentences(document: Document) -> tuple[Sentence, ...]:
    """Sentences by the simplest rule: up to a full stop, within paragraphs that empty lines part."""
    sentences: list[Sentence] = []
    start = 0
    for paragraph, block in enumerate(document.text.split("\n\n")):
        offset = start
        for part in block.replace(". ", ".\x00").split("\x00"):
            if part.strip():
                sentences.append(Sentence(len(sentences), Span(offset, offset + len(part)), paragraph))
            offset += len(part) + 1
        start += len(block) + 2
    return tuple(sentences)


def make_speaker(name: str = "Ana Weiss", kind: SpeakerKind = SpeakerKind.PERSON, **fields: object) -> Speaker:
    """A speaker; "author" gives the author."""
    if name == "author":
        return AUTHOR
    return Speaker(name, kind, **({"resolution": "named in the sentence"} | fields))  # type: ignore[arg-type]


def make_position(
    target: str = "1",
    stance: Stance = Stance.ENDORSES,
    speaker: Speaker | str | None = "Ana Weiss",
    *,
    document: Document | None = None,
    sentence: int = 1,
    confidence: float = 0.8,
    evidence: str | None = None,
    **fields: object,
) -> Position:
    """A position on a sentence of `document` (the harbour article); `evidence` are words of that sentence."""
    document = document or make_document()
    span = make_sentences(document)[sentence].span
    text = span.of(document.text)
    begin = span.start + (text.index(evidence) if evidence else 0)
    words = Span(begin, begin + len(evidence or text))
    values: dict[str, object] = {
        "speech": Speech.VOICE if speaker == "author" else Speech.INDIRECT,
        "cue": None if speaker == "author" else "told reporters that",
        "candidates": (Candidate(target, 0.5, "a wording", 0.9),),
    }
    return Position(
        document=document.name,
        sentence=sentence,
        span=span,
        text=text,
        speaker=make_speaker(speaker) if isinstance(speaker, str) else speaker,
        target=target,
        stance=stance,
        confidence=confidence,
        evidence=words,
        evidence_text=words.of(document.text),
        **(values | fields),  # type: ignore[arg-type]
    )


def make_analysis(
    positions: Sequence[Position] | None = None,
    document: Document | None = None,
    plan: Plan | None = None,
    **fields: object,
) -> Analysis:
    """One document read against one plan, with the coverages that follow from its positions.

    Without `positions` it has five of all stances, on the plan of make_plan().
    """
    document, plan = document or make_document(), plan or make_plan()
    if positions is None:
        positions = (
            make_position("1", Stance.ENDORSES, "Ana Weiss", document=document, sentence=1, evidence="must begin now"),
            make_position(
                "2",
                Stance.CRITICISES,
                "Tom Reed",
                document=document,
                sentence=2,
                confidence=0.9,
                evidence="sanctions clause unworkable",
            ),
            make_position("plan", Stance.MENTIONS, None, document=document, sentence=2, confidence=0.6),
            make_position("gap:troop-withdrawal", Stance.RAISES, "author", document=document, sentence=3),
            make_position("gap:troop-withdrawal", Stance.REJECTS, "Tom Reed", document=document, sentence=3),
        )
    sentences = make_sentences(document)
    statements = tuple(
        Statement(s.number, s.span, s.span.of(document.text), (AUTHOR,), Speech.VOICE) for s in sentences
    )
    values: dict[str, object] = {
        "coverage": measure_coverage(document.name, positions, plan, len(statements)),
        "speakers": measure_speakers(positions, plan),
    }
    return Analysis(document, sentences, statements, tuple(positions), **(values | fields))  # type: ignore[arg-type]


def make_report(*analyses: Analysis, plan: Plan | None = None, **fields: object) -> Report:
    """A report; without analyses it has one, a failure and a notice."""
    values: dict[str, object] = {
        "models": Models("all-MiniLM-L6-v2", "judge-small/1", 0.5),
        "version": "0.1.0",
        "failures": (),
    }
    if not analyses:
        analyses = (make_analysis(plan=plan, notices=(Notice("page 2 holds no text", page=2),)),)
        values["failures"] = (Failure("broken.pdf", "broken.pdf: opened, but it is password-protected"),)
    return Report(plan or make_plan(), analyses, **(values | fields))  # type: ignore[arg-type]
