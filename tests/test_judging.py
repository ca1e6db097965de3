"""The judge: what it must tell apart, on any plan."""

from __future__ import annotations

import pytest

from analyzer import analyze_document, load_plan, make_document
from analyzer.records import STANCES


def stances(text: str, plan_id: str = "china-2023") -> set[tuple[str, str]]:
    analysis = analyze_document(make_document(text), load_plan(plan_id))
    return {(p.target, p.stance.value) for p in analysis.positions}


PHENOMENA = [
    ("a call", "Minister Ana Petrov called for an immediate ceasefire.", ("3", "endorses")),
    ("plan supported", "Minister Ana Petrov said her country fully supports China's peace plan.", ("plan", "endorses")),
    ("negation", "Minister Ana Petrov said her country does not support China's peace plan.", ("plan", "criticises")),
    ("mirror image", "Minister Ana Petrov attacked the Western sanctions against Russia as illegal.", ("10", "endorses")),
    ("mirror image denied", "Minister Ana Petrov said the sanctions against Russia must be tightened.", ("10", "criticises")),
    ("gap noted", "The Chinese paper does not demand that Russia withdraw its troops from Ukraine.", ("gap:troop-withdrawal", "raises")),
    ("gap demanded", "Minister Ana Petrov said all Russian troops must leave Ukraine.", ("gap:troop-withdrawal", "raises")),
    ("gap refused", "Minister Ana Petrov said Ukraine must never become a member of NATO.", ("gap:security-guarantees", "rejects")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [p[1:] for p in PHENOMENA], ids=[p[0] for p in PHENOMENA])
def test_judge_tells_apart(text: str, expected: tuple[str, str]) -> None:
    assert expected in stances(text)


@pytest.mark.parametrize(
    "text",
    [
        "Trade between the two countries grew by a tenth last year.",
        "The delegation visited a tractor factory and a school for dancers.",
        "The minister praised the long friendship of the two peoples.",
    ],
)
def test_background_takes_no_position(text: str) -> None:
    assert stances(text) == set()


def test_evidence_lies_in_its_sentence_and_stances_fit_their_targets() -> None:
    plan = load_plan("china-2023")
    text = "Ana Petrov welcomed the plan. " + " ".join(p[1] for p in PHENOMENA)
    analysis = analyze_document(make_document(text), plan)
    assert analysis.positions
    for p in analysis.positions:
        assert p.span.covers(p.evidence)
        assert p.evidence_text == p.evidence.of(text)
        assert p.stance in STANCES[plan.target(p.target).kind]


def test_long_document_is_read_to_its_end() -> None:
    filler = "The committee met in the morning and again in the afternoon. " * 700
    analysis = analyze_document(
        make_document(filler + "Minister Ana Petrov called for an immediate ceasefire."), load_plan("china-2023")
    )
    assert any(p.target == "3" and p.span.start >= len(filler) for p in analysis.positions)


def test_plan_of_ones_own_is_read_by_its_words() -> None:
    found = stances(
        "Minister Ana Petrov called for the release of all prisoners and deportees.", "ukraine-formula-2022"
    )
    assert ("4", "endorses") in found
