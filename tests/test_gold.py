"""The gate: scores on the project's labelled documents, which a change may not lower below their floors."""

from __future__ import annotations

import json
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

from analyzer import analyze_document, load_plan, read_document
from analyzer.lexicon import load_lexicon
from training.scoring import Found, load_gold, score_positions

GOLD = Path(__file__).resolve().parent / "gold"
FLOORS = tomllib.loads((GOLD / "floors.toml").read_text(encoding="utf-8"))
ALIASES = json.loads((GOLD / "aliases.json").read_text(encoding="utf-8"))


@cache
def find_positions(doc: str, plan: str) -> tuple[Found, ...]:
    analysis = analyze_document(read_document(GOLD / f"{doc}.txt"), load_plan(plan))
    return tuple(
        Found(
            doc, p.span.start, p.span.end, p.target, p.stance.value, p.speaker.name if p.speaker else "", p.confidence
        )
        for p in analysis.positions
    )


@cache
def score_group(prefix: str) -> dict[str, float]:
    gold = load_gold(GOLD, prefix)
    positions = [p for g in gold for p in find_positions(g.doc, g.plan)]
    points = {g.plan: len(load_plan(g.plan).points) for g in gold}
    return score_positions(gold, positions, points, ALIASES)


@pytest.mark.parametrize(
    ("group", "score", "floor"), [(g, s, f) for g, floors in FLOORS.items() for s, f in floors.items()]
)
def test_score_keeps_its_floor(group: str, score: str, floor: float) -> None:
    assert score_group(group)[score] >= floor


def test_gate_fails_when_nothing_is_found() -> None:
    gold = load_gold(GOLD, "cn-")
    scores = score_positions(gold, [], {"china-2023": 12}, ALIASES)
    assert scores["position_f1"] < FLOORS["cn-"]["position_f1"]


def test_labelled_documents_score_fully_against_themselves() -> None:
    for g in load_gold(GOLD):
        found = [Found(g.doc, *g.spans[n], target, stance, speaker) for n, target, stance, speaker in g.records]
        scores = score_positions([g], found, {g.plan: len(load_plan(g.plan).points)}, ALIASES)
        expected = 1.0 if g.records else 0.0
        assert scores["position_f1"] == scores["speaker_accuracy"] == expected
        assert scores["omission_f1"] == 1.0


def occurs(name: str, text: str) -> bool:
    """True if a text names somebody in some form: by surname, by a country's capital or people, by an abbreviation."""
    lexicon = load_lexicon()
    forms = {w for t in (lexicon.places, lexicon.peoples, lexicon.organisations) for w, n in t.items() if n == name}
    return any(re.search(rf"(?<!\w){re.escape(f)}", text, re.IGNORECASE) for f in {name.split()[-1], *forms})


def test_speakers_are_named_by_the_text_and_not_invented() -> None:
    named = []
    for g in load_gold(GOLD):
        document, plan = read_document(GOLD / f"{g.doc}.txt"), load_plan(g.plan)
        speakers = {p.speaker for p in analyze_document(document, plan).positions if p.speaker}
        named += [occurs(s.name, document.text) for s in speakers if s.name != "author" and s.name not in plan.sponsors]
    assert len(named) > 20
    assert sum(named) >= 0.95 * len(named)


def test_an_invented_speaker_would_be_noticed() -> None:
    assert not occurs("Zebulon Quackenbush", (GOLD / "cn-news-01.txt").read_text(encoding="utf-8"))
