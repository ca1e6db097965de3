"""Who held which office when: it is told of names that a text has, and of no others."""

from __future__ import annotations

import datetime

import pytest

from analyzer import make_document
from analyzer.people import find_known
from analyzer.segment import segment_text
from analyzer.statements import extract_statements

SPRING = datetime.date(2023, 4, 20)


def speakers_in(text: str, day: datetime.date | None, part: str) -> list[str]:
    """The names of who speaks in the narrowest statement that holds these words."""
    document = make_document(text, date=day)
    found = extract_statements(document, segment_text(text)).statements
    narrowest = min((s for s in found if part in s.text), key=lambda s: len(s.text))
    return [s.name for s in narrowest.speakers]


@pytest.mark.parametrize(
    ("name", "country", "office"),
    [
        ("Zelenskyy", "Ukraine", "president"),
        ("Volodymyr Zelenskiy", "Ukraine", "president"),
        ("Xi", "China", "president"),
        ("Lula", "Brazil", "president"),
        ("Luiz Inácio Lula da Silva", "Brazil", "president"),
        ("von der Leyen", "European Commission", "president"),
        ("Kallas", "Estonia", "prime minister"),
        ("Szijjarto", "Hungary", "foreign minister"),
    ],
)
def test_an_office_is_known_by_surname_or_whole_name_however_it_is_spelt(name: str, country: str, office: str) -> None:
    known = find_known(name, SPRING)
    assert known is not None
    assert (known.country, known.offices) == (country, {office})


@pytest.mark.parametrize("name", ["Edith Scholz", "Olaf", "Qin", "Wang Yi", "Daudi Otieno", "’"])
def test_nothing_is_known_of_another_bearer_of_a_name_or_outside_a_term(name: str) -> None:
    assert find_known(name, datetime.date(2023, 2 if name == "Wang Yi" else 9, 3)) is None


def test_without_a_day_whoever_held_offices_in_two_places_is_left_open() -> None:
    assert find_known("Mark Rutte", None) is None
    assert find_known("Emmanuel Macron", None) is not None


def test_an_office_means_its_holder_where_the_text_names_them() -> None:
    text = "A call with Scholz took place at noon. The German chancellor rejected the map."
    assert speakers_in(text, SPRING, "rejected the map") == ["Scholz"]
    assert speakers_in(text, datetime.date(2026, 4, 20), "rejected the map") == ["Germany"]
    assert speakers_in(text.replace("Scholz", "Kenya"), SPRING, "rejected the map") == ["Germany"]


def test_she_is_not_a_man_who_is_known() -> None:
    text = "Annalena Baerbock landed. Scholz rejected the map. She called for a truce."
    assert speakers_in(text, SPRING, "a truce") == ["Annalena Baerbock"]
