"""What is typed into the search box, taken apart."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.errors import QueryError
from analyzer.queries import Filters, parse_query
from analyzer.records import Speech, Stance


def test_words_are_what_is_compared_by_meaning_and_function_words_are_not_looked_for() -> None:
    query = parse_query("Who said that sanctions must go?")
    assert query.text == "Who said that sanctions must go"
    assert query.words == ("sanctions", "go") and query.pattern == "" and query.filters == Filters()


def test_query_of_function_words_alone_looks_for_them() -> None:
    assert parse_query("to be or not to be").words == ("to", "be", "or", "not")


@pytest.mark.parametrize(
    ("typed", "pattern"),
    [
        ('"security guarantees"', '"security guarantees"'),
        ('kyiv "security guarantees"', '"kyiv" AND "security guarantees"'),
        ("sanction*", '"sanction"*'),
        ("truce OR ceasefire", '"truce" OR "ceasefire"'),
        ("(truce OR ceasefire) AND grain", '( "truce" OR "ceasefire" ) AND "grain"'),
        ("truce NOT grain", '"truce" NOT "grain"'),
        ("truce or grain", ""),
    ],
)
def test_phrases_operators_and_prefixes_must_match(typed: str, pattern: str) -> None:
    assert parse_query(typed).pattern == pattern


def test_filters_are_read_beside_the_words() -> None:
    query = parse_query(
        'grain stance:criticises target:10 speaker:"Ana Weiss" after:2023-03-01 speech:direct reviewed:no'
    )
    assert query.text == "grain"
    assert query.filters == Filters(
        speakers=("Ana Weiss",),
        stances=(Stance.CRITICISES,),
        targets=("10",),
        after=datetime.date(2023, 3, 1),
        speeches=(Speech.DIRECT,),
        reviewed=False,
    )


def test_filter_given_twice_lets_either_pass() -> None:
    assert parse_query("stance:raises stance:rejects").filters.stances == (Stance.RAISES, Stance.REJECTS)


def test_gap_is_named_with_its_colon() -> None:
    assert parse_query("target:gap:troop-withdrawal").filters.targets == ("gap:troop-withdrawal",)


@pytest.mark.parametrize(
    ("typed", "day"),
    [("2023-03-01", (2023, 3, 1)), ("2023-12", (2023, 12, 31)), ("2024-02", (2024, 2, 29)), ("2023", (2023, 12, 31))],
)
def test_before_goes_to_the_end_of_the_month_or_year(typed: str, day: tuple[int, int, int]) -> None:
    assert parse_query(f"before:{typed}").filters.before == datetime.date(*day)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("colour:red", "there are speaker:"),
        ("stance:loves", "endorses"),
        ("after:soon", "after:2023-03-01"),
        ("after:2023-02-30", "after:2023-03-01"),
        ("reviewed:maybe", "yes, no"),
        ("AND OR", "between words"),
    ],
)
def test_query_that_cannot_be_understood_says_what_is_allowed(typed: str, told: str) -> None:
    with pytest.raises(QueryError, match=told) as caught:
        parse_query(typed)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("typed", ["Ukraine: what next", "https://example.org/a", "Note:this", "at 12:30"])
def test_colon_of_a_text_is_no_filter(typed: str) -> None:
    assert parse_query(typed).filters == Filters()


@given(st.text(alphabet='ab "():*ANDOR:-12', max_size=30))
def test_any_text_is_read_or_refused_in_one_line(typed: str) -> None:
    try:
        query = parse_query(typed)
    except QueryError as error:
        assert "\n" not in str(error)
    else:
        assert query.pattern.count('"') % 2 == 0
