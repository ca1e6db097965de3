"""Sentences and paragraphs as spans."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.normalize import is_boilerplate, tidy_text
from analyzer.segment import LONGEST, segment_text, split_paragraphs


def sentences(text: str) -> list[str]:
    return [s.span.of(text) for s in segment_text(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One ended. Another began.", ["One ended.", "Another began."]),
        ("Mr. Novak met Dr. Ilic. They talked.", ["Mr. Novak met Dr. Ilic.", "They talked."]),
        ("The U.S. position held. It did.", ["The U.S. position held.", "It did."]),
        ("He left the U.S. The talks went on.", ["He left the U.S.", "The talks went on."]),
        ("It rose by 3.5 percent. Prices fell.", ["It rose by 3.5 percent.", "Prices fell."]),
        ("See No. 5 of the list. It is short.", ["See No. 5 of the list.", "It is short."]),
        ("The answer was no. Nobody moved.", ["The answer was no.", "Nobody moved."]),
        ("They stood where the guests sat. Applause came.", ["They stood where the guests sat.", "Applause came."]),
        ("“Stop now.” She sat down.", ["“Stop now.”", "She sat down."]),
        ("“Who pays?” he asked. Nobody knew.", ["“Who pays?” he asked.", "Nobody knew."]),
        ("“Who pays?” Ana Petrov asked. Nobody knew.", ["“Who pays?” Ana Petrov asked.", "Nobody knew."]),
        ("Is it so? It is.", ["Is it so?", "It is."]),
        ("J. H. Weaver spoke. He left.", ["J. H. Weaver spoke.", "He left."]),
        ("He meant his neighbour's. The other was gone.", ["He meant his neighbour's.", "The other was gone."]),
    ],
)
def test_sentence_ends_where_a_reader_would_end_it(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_blank_line_ends_a_sentence_without_a_full_stop() -> None:
    assert sentences("A headline\n\nThe text begins.") == ["A headline", "The text begins."]


def test_hard_wrapped_lines_are_one_paragraph() -> None:
    text = "The delegation arrived on Monday evening and was\nreceived at the airport by a deputy minister who\nhad waited for two hours in the rain."
    assert len(split_paragraphs(text)) == 1


def test_long_lines_are_paragraphs_of_their_own() -> None:
    line = "The delegation arrived on Monday evening and was received at the airport by a deputy minister who had waited there."
    assert len(split_paragraphs(f"{line}\n{line}")) == 2


@pytest.mark.parametrize(
    "line",
    [
        "Leave a Comment",
        "Related Articles",
        "Read more: how the silos got through the winter",
        "Scroll to Top",
        "Your email address will not be published. Required fields are marked *",
        "(Reporting by our bureaus; editing by J. H.)",
        "Photo: Archive",
        "Wednesday | March 1, 2023",
        "***",
    ],
)
def test_furniture_of_a_page_has_no_sentences(line: str) -> None:
    assert is_boilerplate(line)
    assert sentences(f"The talks ended.\n\n{line}") == ["The talks ended."]


@pytest.mark.parametrize(
    "line",
    [
        "Share of exports falls, minister says",
        "By contrast, Beijing called for a ceasefire and talks.",
        "By Friday, NATO had rejected the plan.",
        "Accept China's plan and the war ends, Lukashenko said.",
        "Register for the talks by Monday, Moscow told Kyiv.",
        "Reporting by the ministry shows a fall in trade.",
        "Ends must justify means",
    ],
)
def test_prose_that_begins_like_furniture_is_kept(line: str) -> None:
    assert not is_boilerplate(line)


def test_hard_wrapped_lines_with_windows_ends_are_one_paragraph() -> None:
    text = "The delegation arrived on Monday evening and was\r\nreceived at the airport by a deputy minister who\r\nhad waited."
    assert len(split_paragraphs(text)) == 1


def test_text_wrapped_at_wide_lines_keeps_its_sentences() -> None:
    line = "The delegation arrived on Monday evening in a hired bus and was received at the gate of the airport by a deputy"
    text = (
        f"{line}\nminister who had waited there for two hours. It left\nhttps://example.org/{'a' * 90}\nafter dinner."
    )
    assert sentences(text)[0].endswith("for two hours.")


def test_endless_sentence_is_cut_where_it_can_be_read() -> None:
    text = "and the committee met again, " * 90 + "and China called for a ceasefire."
    parts = sentences(text)
    assert all(len(p) <= LONGEST for p in parts)
    assert parts[-1].endswith("ceasefire.")


def test_rows_of_dots_and_spaces_take_no_time() -> None:
    begun = time.process_time()
    segment_text("Contents " + "." * 50_000 + " 5 " + " " * 50_000 + "end")
    assert time.process_time() - begun < 2


def test_windows_line_ends_keep_offsets() -> None:
    text = "First one.\r\n\r\nSecond one. Third one."
    assert sentences(text) == ["First one.", "Second one.", "Third one."]


@given(st.text(alphabet=st.sampled_from("aB. ?!\"“”'’\n\r\t—1(U.S) é…"), max_size=120))
def test_sentences_lie_in_order_within_the_text_and_do_not_overlap(text: str) -> None:
    spans = [s.span for s in segment_text(text)]
    assert all(a.end <= b.start for a, b in pairwise(spans))
    assert all(s.of(text) == s.of(text).strip() for s in spans)


@given(st.text(max_size=200))
def test_every_word_is_in_a_sentence_or_in_furniture(text: str) -> None:
    covered = set()
    for s in segment_text(text):
        covered.update(range(s.span.start, s.span.end))
    for paragraph in split_paragraphs(text):
        if not is_boilerplate(paragraph.of(text)):
            for i in range(paragraph.start, paragraph.end):
                assert i in covered or not text[i].isalnum()


@given(st.text())
def test_tidy_text_keeps_every_offset(text: str) -> None:
    assert len(tidy_text(text)) == len(text)
