"""Whether a text can be about a plan's conflict: the codebook wants its setting to be the conflict."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analyzer import analyze_document, load_plan, make_document
from analyzer.plans import read_plan
from analyzer.setting import is_set_elsewhere
from training.data import read_labelled
from training.train import DATA, ROOT

ANDES = """LIMA (AP) – Four presidents met on the shore of Lake Titicaca on Thursday to sign a treaty on water.
Peru's President Ana Quispe said that the sovereignty and territorial integrity of every state must be respected.
Bolivia called for an immediate ceasefire between rival miners near the border.
The foreign minister of Ecuador praised dialogue and said that talks were the only way out.
The hotel had been painted for the occasion. A band played on the quay. Ferries stayed in port.
Colombia wants sanctions against smugglers to be lifted, its delegation said.
The next meeting will be held in Quito."""
SENTENCES = 9


def test_text_that_is_set_elsewhere_has_no_positions_and_says_so() -> None:
    analysis = analyze_document(make_document(ANDES), load_plan("china-2023"))
    assert not analysis.positions
    assert analysis.statements
    assert [n.message for n in analysis.notices if "no position was looked for" in n.message]


@pytest.mark.parametrize(
    "more",
    [
        "A delegate from Kyiv listened.",
        "A Russian guest listened.",
        "Putin sent a message.",
        "Nobody spoke of the paper that the Chinese put out.",
        "Brazil's peace plan was not discussed.",
    ],
)
def test_one_word_of_a_party_or_the_plan_is_enough(more: str) -> None:
    plan = load_plan("china-2023")
    assert is_set_elsewhere(ANDES, SENTENCES, plan)
    assert not is_set_elsewhere(f"{ANDES} {more}", SENTENCES + 1, plan)


def test_quotation_by_itself_is_read() -> None:
    text = "Brazil and Peru called for an immediate ceasefire."
    assert not is_set_elsewhere(text, 1, load_plan("china-2023"))
    assert analyze_document(make_document(text), load_plan("china-2023")).positions


def test_text_that_names_no_other_countries_is_read() -> None:
    text = "The minister called for a ceasefire. " * SENTENCES
    assert not is_set_elsewhere(text, SENTENCES, load_plan("china-2023"))


def test_few_labelled_texts_are_set_elsewhere() -> None:
    plans = {p.id: p for p in (read_plan(f) for d in (DATA / "plans", ROOT / "plans") for f in d.glob("*.toml"))}
    found = {
        doc.name
        for doc in read_labelled(DATA / "documents")
        if is_set_elsewhere("\n".join(doc.sentences), len(doc.sentences), plans[doc.plan])
    }
    assert found == {"tr-cn-c10", "tr-cn-xe16", "tr-cn-g07", "tr-cn-xc07"}  # the last two wrongly


def test_war_within_a_country_need_not_be_named() -> None:
    plan = replace(load_plan("china-2023"), conflict="the civil war in Colombia")
    assert not is_set_elsewhere(ANDES.replace("Colombia", "Chile"), SENTENCES, plan)
