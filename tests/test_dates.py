"""When something was said."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest

from analyzer import make_document
from analyzer.dates import resolve_day
from analyzer.segment import segment_text
from analyzer.statements import extract_statements

WEDNESDAY = datetime.date(2023, 3, 1)


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("Friday", datetime.date(2023, 2, 24)),
        ("Wednesday", WEDNESDAY),
        ("Tuesday evening", datetime.date(2023, 2, 28)),
        ("yesterday", datetime.date(2023, 2, 28)),
        ("three days ago", datetime.date(2023, 2, 26)),
        ("last week", datetime.date(2023, 2, 22)),
        ("Feb 24", datetime.date(2023, 2, 24)),
        ("Feb. 24", datetime.date(2023, 2, 24)),
        ("24 December", datetime.date(2022, 12, 24)),
        ("24 February 2022", datetime.date(2022, 2, 24)),
        ("February", None),
        ("2022", None),
        ("the war's second winter", None),
        ("Feb 24 and 25", None),
        ("24-25 February", None),
        ("Feb 99", None),
        ("next Monday", None),
    ],
)
def test_words_mean_the_last_such_day(words: str, day: datetime.date | None) -> None:
    assert resolve_day(words, WEDNESDAY) == day


def test_without_the_documents_date_only_a_whole_date_is_one() -> None:
    assert resolve_day("Friday", None) is None
    assert resolve_day("24 February", None) is None
    assert resolve_day("24 February 2022", None) == datetime.date(2022, 2, 24)


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("Minister Ana Petrov said on Friday that a truce was needed.", "Friday"),
        ("Minister Ana Petrov told reporters on Feb 24 that a truce was needed.", "Feb 24"),
        ("On Tuesday, Minister Ana Petrov called for a truce.", "Tuesday"),
        ("Minister Ana Petrov said that troops must leave on Friday.", None),
        ("Minister Ana Petrov called for a truce.", None),
        ("Minister Ana Petrov said in Mariupol that a truce was needed.", None),
        ("Minister Ana Petrov told Marco Rubio that a truce was needed.", None),
        ("Minister Ana Petrov criticised Friday's attack.", None),
        ("Minister Ana Petrov rejected the February 24 plan.", None),
        ("Minister Ana Petrov demanded a 60-day truce.", None),
    ],
)
def test_date_belongs_to_the_reporting_verb(text: str, when: str | None) -> None:
    document = replace(make_document(text), date=WEDNESDAY)
    (statement, *_) = (s for s in extract_statements(document, segment_text(text)).statements if s.cue)
    assert statement.when == when
    assert (statement.said_on is None) == (when is None)
