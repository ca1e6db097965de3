"""Where somebody else's words begin and end."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.quotations import find_quotations
from analyzer.segment import split_paragraphs


def quotations(text: str) -> list[str]:
    return [q.span.of(text) for q in find_quotations(text, split_paragraphs(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('He said "stop the war" twice.', ['"stop the war"']),
        ("He said “stop the war” twice.", ["“stop the war”"]),
        ("He said «stop the war» twice.", ["«stop the war»"]),
        ("He said „stop the war“ twice.", ["„stop the war“"]),
        ("He said ‘stop the war’ twice.", ["‘stop the war’"]),
        ("He said 'stop the war' twice.", ["'stop the war'"]),
        ("“He told me ‘never’ and left,” she said.", ["“He told me ‘never’ and left,”"]),
        ("Ukraine’s army didn’t stop.", []),
        ("The ministers' talks and the soldiers' pay.", []),
        ("“He said “never” and left,” she said. Talks went on.", ["“He said “never” and left,”"]),
        ("in the ’90s, the allies’ plan", []),
        ("and so it ended.” Talks went on.", []),
        ("“One,” he said. “Two.”", ["“One,”", "“Two.”"]),
    ],
)
def test_every_kind_of_mark_opens_and_closes(text: str, expected: list[str]) -> None:
    assert quotations(text) == expected


def test_unclosed_quotation_runs_to_the_end_of_its_paragraph() -> None:
    text = "She said: “We shall not wait.\n\nThe hall was empty."
    (found,) = find_quotations(text, split_paragraphs(text))
    assert found.span.of(text) == "“We shall not wait."
    assert not found.closed
    assert not found.continues


def test_quotation_goes_on_where_the_next_paragraph_opens_with_a_mark() -> None:
    text = "She said: “We shall not wait.\n\n“Nor shall we leave,” she added."
    first, second = find_quotations(text, split_paragraphs(text))
    assert first.continues
    assert second.closed


@given(st.text(alphabet=st.sampled_from("ab \"“”„«»‘’'.,\n"), max_size=80))
def test_marks_in_any_order_give_spans_within_the_text(text: str) -> None:
    found = find_quotations(text, split_paragraphs(text))
    assert all(0 <= q.span.start < q.span.end <= len(text) for q in found)
    assert all(a.span.end <= b.span.start for a, b in pairwise(found))
