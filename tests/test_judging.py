"""The judge: what it must tell apart, on any plan."""

from __future__ import annotations

import subprocess
import sys

import pytest

from analyzer import analyze, analyze_document, load_plan, make_document
from analyzer.records import STANCES
from analyzer.settings import CANDIDATES


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
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [p[1:] for p in PHENOMENA], ids=[p[0] for p in PHENOMENA])
def test_judge_tells_apart(text: str, expected: tuple[str, str]) -> None:
    assert expected in stances(text)


def test_refused_membership_rejects_the_gap() -> None:
    text = "Minister Ana Petrov said Ukraine must never become a member of NATO."
    assert ("gap:security-guarantees", "rejects") in stances(text)


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
        assert not (text[p.evidence.start - 1].isalnum() and text[p.evidence.start].isalnum())  # whole words
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


def test_candidates_are_the_judges_likeliest_targets() -> None:
    text = "Minister Ana Petrov called for an immediate ceasefire."
    (position,) = analyze_document(make_document(text), load_plan("china-2023")).positions
    chances = [c.chance for c in position.candidates]
    assert position.candidates[0].target == position.target == "3"
    assert chances == sorted(chances, reverse=True) and len(chances) == CANDIDATES
    assert any(c.wording and -1 <= c.similarity <= 1 for c in position.candidates)


class BrokenJudge:
    """A judge that fails on one document."""

    name, threshold = "broken", 0.5

    def judge(self, document, sentences, plan):  # type: ignore[no-untyped-def]
        if document.name == "bad":
            raise RuntimeError("no reading of this one")
        return []


def test_document_that_fails_does_not_cost_the_others() -> None:
    documents = [make_document("It rained.", name) for name in ("good", "bad", "fine")]
    report = analyze(documents, load_plan("china-2023"), judge=BrokenJudge())
    assert [a.document.name for a in report.analyses] == ["good", "fine"]
    assert [f.source for f in report.failures] == ["bad"]
    assert "no reading of this one" in report.failures[0].message


def test_single_document_that_fails_raises() -> None:
    with pytest.raises(RuntimeError):
        analyze(make_document("It rained.", "bad"), load_plan("china-2023"), judge=BrokenJudge())


def test_reading_an_article_does_not_import_torch() -> None:
    code = (
        "import sys; from analyzer import *; from analyzer.pipeline import analyze_document as a;"
        "a(make_document('He called for a truce.'), load_plan('china-2023')); print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
