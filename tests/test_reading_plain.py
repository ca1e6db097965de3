"""Plain text: what offsets mean, which encodings are understood, and which first lines are titles and dates."""

from __future__ import annotations

import datetime
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.errors import InputError
from analyzer.reading import make_document, read_document
from analyzer.reading.encodings import decode_text
from analyzer.reading.headline import find_date, find_title, parse_date_line

ENGLISH = "The envoy said “not yet”, and the president’s visit wasn’t discussed — not at all.\r\nThe café was shut.\n"
RUSSIAN = "Посланник заявил, что переговоры начнутся весной, и поблагодарил хозяев за гостеприимство.\n"
POLISH = "Wysłannik powiedział, że rozmowy zaczną się wiosną, i podziękował gospodarzom za gościnność.\n"
CHINESE = "特使表示，谈判将于春季开始，并感谢主人的热情款待。双方都没有谈到撤军问题。\n"


def save(folder: Path, data: bytes, name: str = "article.txt") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\r\n\t"), min_size=1))
def test_decoded_utf8_is_the_text_unchanged(text: str) -> None:
    text = "word " + text
    assert decode_text(text.encode(), "f") == (text, ())


def test_line_ends_of_a_file_stay_as_they_are(tmp_path: Path) -> None:
    assert read_document(save(tmp_path, b"One.\r\nTwo.\rThree.\n")).text == "One.\r\nTwo.\rThree.\n"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [ENGLISH, RUSSIAN])
def test_unicode_encodings_are_recognised_without_notice(tmp_path: Path, encoding: str, text: str) -> None:
    document = read_document(save(tmp_path, text.encode(encoding)))
    assert (document.text, document.notices) == (text, ())


@pytest.mark.parametrize("mark", [b"\xff\xfe", b"\xfe\xff"])
def test_byte_order_mark_is_no_part_of_the_text(tmp_path: Path, mark: bytes) -> None:
    order = "utf-16-le" if mark == b"\xff\xfe" else "utf-16-be"
    assert read_document(save(tmp_path, mark + ENGLISH.encode(order))).text[0] == "T"


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", ENGLISH),
        ("mac_roman", ENGLISH),
        ("cp1251", RUSSIAN),
        ("koi8-r", RUSSIAN),
        ("cp1250", POLISH),
        ("gb18030", CHINESE),
    ],
)
def test_legacy_encoding_is_guessed_and_told(tmp_path: Path, encoding: str, text: str) -> None:
    document = read_document(save(tmp_path, text.encode(encoding)))
    assert document.text == text
    assert len(document.notices) == 1
    assert "its encoding was guessed to be" in document.notices[0].message


def test_a_few_names_with_accents_do_not_turn_english_into_chinese(tmp_path: Path) -> None:
    text = "The talks went on in the harbour. " * 40 + "François met Müller in São Tomé."
    assert read_document(save(tmp_path, text.encode("cp1252"))).text == text


def test_odd_bytes_far_behind_the_first_pages_are_found(tmp_path: Path) -> None:
    text = "The talks went on in the harbour.\n" * 20_000 + "They called it a “first step”."
    assert read_document(save(tmp_path, text.encode("cp1252"))).text == text


def test_one_bad_byte_does_not_unmake_utf8(tmp_path: Path) -> None:
    data = ENGLISH.encode() + b"caf\xe9 closed\n"
    document = read_document(save(tmp_path, data))
    assert document.text == ENGLISH + "caf\ufffd closed\n"
    (notice,) = document.notices
    assert "1 place could not be decoded as UTF-8" in notice.message
    assert notice.span is not None and notice.span.of(document.text) == "\ufffd"


def test_file_cut_within_a_character_is_still_utf8(tmp_path: Path) -> None:
    assert read_document(save(tmp_path, b"The talks go on\xe2\x80")).text == "The talks go on\ufffd"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty"),
        (b" \r\n\t\n", "holds no words"),
        ("\ufeff".encode(), "holds no words"),
        (b"--- *** ---", "holds no words"),
        (b"words\0and more words", "holds NUL bytes"),
        (bytes(range(256)) * 4, "holds NUL bytes"),
        ("w\0rds".encode("utf-16"), "holds NUL characters"),
        (b"\x01\x02\x03\x04 words \x05\x06", "full of control characters"),
        (bytes(range(1, 256)) * 20, "no encoding that could be recognised"),
        (b"%PDF-1.7\n", "holds a PDF"),
        (b"PK\x03\x04rest of it", "holds a zip archive"),
    ],
)
def test_file_without_text_is_refused(tmp_path: Path, data: bytes, reason: str) -> None:
    path = save(tmp_path, data)
    with pytest.raises(InputError) as caught:
        read_document(path)
    assert reason in str(caught.value)
    assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_fifty_megabytes_stay_within_bounded_memory(tmp_path: Path, encoding: str) -> None:
    line = "The envoy said “not yet” and left the harbour town before noon.\r\n".encode(encoding).removeprefix(
        b"\xff\xfe"
    )
    data = (b"\xff\xfe" if encoding == "utf-16" else b"") + line * (50_000_000 // len(line) + 1)
    path = save(tmp_path, data)
    size = len(data)
    del data
    tracemalloc.start()
    try:
        document = read_document(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(document.text) > 20_000_000
    assert peak < 10 * size


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Envoy ends visit\n\nThe envoy left on Monday.", "Envoy ends visit"),
        ("Envoy ends visit\r\n\r\nThe envoy left.", "Envoy ends visit"),
        ("\n\n  Envoy ends visit \n \nThe envoy left.", "Envoy ends visit"),
        ("Politics\n\nEnvoy ends visit\n\nThe envoy left.", "Envoy ends visit"),
        ("March 1, 2023\n\nEnvoy ends visit\n\nThe envoy left.", "Envoy ends visit"),
        ("Envoy ends visit to the U.S.\n\nThe envoy left.", "Envoy ends visit to the U.S."),
        ("Envoy ends visit\nThe envoy left.", None),
        ("Envoy ends visit", None),
        ("The envoy left on Monday.\n\nNobody knew why.", None),
        ("He said “no.”\n\nNobody knew why.", None),
        ("w " * 150 + "\n\nThe envoy left.", None),
        ("", None),
    ],
)
def test_title_is_a_short_first_line_before_a_blank_one(text: str, title: str | None) -> None:
    assert find_title(text) == title


@pytest.mark.parametrize(
    "line",
    [
        "Wednesday | March 1, 2023",
        "March 1, 2023",
        "March 1st, 2023",
        "1 March 2023",
        "Wed, 1 Mar 2023",
        "Published on 1 March 2023",
        "Updated: Mar. 1, 2023, 10:30 AM GMT",
        "2023-03-01",
        "2023/03/01",
        "01.03.2023",
        "  Wednesday, March 1, 2023  ",
    ],
)
def test_date_line_is_read(line: str) -> None:
    assert parse_date_line(line) == datetime.date(2023, 3, 1)


@pytest.mark.parametrize(
    "line",
    [
        "On March 1, 2023, the envoy left",
        "The envoy left on Wednesday",
        "3/4/2023",
        "March 2023",
        "February 30, 2023",
        "May",
        "Wednesday",
        "12",
        "",
    ],
)
def test_line_with_more_or_less_than_a_date_is_none(line: str) -> None:
    assert parse_date_line(line) is None


@given(st.dates(datetime.date(1900, 1, 1), datetime.date(2099, 12, 31)))
def test_every_written_date_is_read_back(date: datetime.date) -> None:
    assert parse_date_line(f"{date:%A} | {date:%B} {date.day}, {date.year}") == date
    assert parse_date_line(f"{date.day} {date:%b} {date.year}") == date
    assert parse_date_line(date.isoformat()) == date


@given(st.text())
def test_any_line_and_any_head_can_be_looked_at(text: str) -> None:
    parse_date_line(text)
    find_title(text)
    find_date(text)


def test_date_is_looked_for_in_five_lines_only() -> None:
    assert find_date("Title\n\nBy a writer\n\n1 March 2023\n\nText.") == datetime.date(2023, 3, 1)
    assert find_date("One.\n\nTwo.\n\nThree.\n\nFour.\n\nFive.\n\n1 March 2023") is None


def test_title_and_date_of_a_file_come_from_its_first_lines(tmp_path: Path) -> None:
    data = b"Envoy ends visit\n\nWednesday | March 1, 2023\n\nThe envoy left.\n"
    document = read_document(save(tmp_path, data))
    assert (document.title, document.date) == ("Envoy ends visit", datetime.date(2023, 3, 1))
    assert (document.name, document.format, document.source) == ("article", "txt", str(tmp_path / "article.txt"))
    assert (document.pages, document.outlet, document.url) == ((), None, None)


def test_pasted_text_is_kept_as_it_is() -> None:
    document = make_document("  Two \r\n words\n", outlet=" The  Post ", title="")
    assert document.text == "  Two \r\n words\n"
    assert (document.name, document.format, document.source, document.title) == ("text", "text", "", None)
    assert document.outlet == "The Post"


@pytest.mark.parametrize(("text", "reason"), [("", "no words"), (" \n", "no words"), ("a\0b", "NUL")])
def test_pasted_text_without_words_is_refused(text: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        make_document(text)


def test_lone_surrogates_are_replaced_and_told() -> None:
    document = make_document("broken \ud83d sign")
    assert document.text == "broken \ufffd sign"
    assert "U+FFFD" in document.notices[0].message
