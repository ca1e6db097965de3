"""PDF: reading order, what is dropped and joined, pages, and files that cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from documents import ARTICLE, HEIGHT, MARGIN, WIDTH, Put, column, page_of, two_columns, write_pdf

from analyzer.errors import InputError
from analyzer.reading import read_document
from analyzer.reading.layout import Line, Word, find_gutter, order_lines
from analyzer.reading.paragraphs import PageLines, drop_running_heads, join_lines
from analyzer.records import Span

LEFT = (
    "The council met in the morning and heard three reports on the talks between both sides of the river.",
    "Nobody spoke against the paper, although two members asked for more time to read its annex of small maps.",
    "The vote was put off until the autumn, when the new members will have taken their seats in the chamber.",
)
RIGHT = (
    "In the afternoon the delegates walked to the bridge, where guards from both towns still stand day and night.",
    "The mayor said that trade would return as soon as the guards were gone from both ends of the bridge.",
    "She did not say when that would be, and her office did not answer letters on the question this week.",
)
BODY = "\n\n".join


def in_order(text: str, *pieces: str) -> bool:
    places = [text.find(piece) for piece in pieces]
    return -1 not in places and places == sorted(places)


def test_one_column_gives_its_paragraphs(tmp_path: Path) -> None:
    document = read_document(write_pdf(tmp_path / "a.pdf", [page_of(ARTICLE)]))
    assert document.text == BODY(ARTICLE)
    assert (document.name, document.format, document.notices) == ("a", "pdf", ())


@pytest.mark.parametrize("shift", [0, 4, 6.5, 40])
def test_left_column_is_read_before_the_right_one(tmp_path: Path, shift: float) -> None:
    document = read_document(write_pdf(tmp_path / "a.pdf", [two_columns(LEFT, RIGHT, shift=shift)]))
    assert document.text == BODY(LEFT + RIGHT)


def test_headline_over_both_columns_comes_first(tmp_path: Path) -> None:
    headline = Put(MARGIN, HEIGHT - 90, "A long day in the chamber and on the bridge", 20)
    document = read_document(write_pdf(tmp_path / "a.pdf", [[headline, *two_columns(LEFT, RIGHT)]]))
    assert document.text == BODY((headline.text, *LEFT, *RIGHT))
    assert document.title == headline.text


def test_wide_paragraph_between_columns_parts_them(tmp_path: Path) -> None:
    upper = two_columns(LEFT, RIGHT)
    middle = column(["The following was added after the session had ended and " + ARTICLE[2]], MARGIN, 420, WIDTH - 120)
    lower = [Put(p.x, p.y - 350, p.text.replace("the", "every")) for p in two_columns(LEFT, RIGHT)]
    text = read_document(write_pdf(tmp_path / "a.pdf", [[*upper, *middle, *lower]])).text
    assert in_order(text, LEFT[0], RIGHT[0], "The following was added", "every morning", "In every afternoon")


def test_three_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    columns = [column(LEFT[i : i + 1] + RIGHT[i : i + 1], MARGIN + 165 * i, HEIGHT - 120, 140) for i in range(3)]
    text = read_document(write_pdf(tmp_path / "a.pdf", [[put for puts in columns for put in puts]])).text
    assert text == BODY(p for pair in zip(LEFT, RIGHT, strict=True) for p in pair)


def test_short_last_page_keeps_the_columns_of_the_pages_before(tmp_path: Path) -> None:
    pages = [
        two_columns(LEFT, RIGHT),
        two_columns(["The end of the left one stands\nhere in two short lines."], ["Right\none."]),
    ]
    text = read_document(write_pdf(tmp_path / "a.pdf", pages)).text
    assert text.endswith("stands here in two short lines.\n\nRight one.")


def test_ragged_single_column_has_no_gutter() -> None:
    words = [
        Word("word", 60 + 40 * i, 90 + 40 * i, 100 + 12 * row, 110 + 12 * row, 10)
        for row in range(20)
        for i in range(4 + row % 9)
    ]
    assert find_gutter(words) is None


def test_table_of_short_cells_is_read_by_rows() -> None:
    words = []
    for row in range(8):
        words.append(Word("left", 60, 85, 100 + 12 * row, 110 + 12 * row, 10))
        words.append(Word("right", 400, 430, 100 + 12 * row, 110 + 12 * row, 10))
    words.append(Word("x" * 30, 60, 230, 200, 210, 10))
    words.append(Word("x" * 30, 400, 540, 200, 210, 10))
    assert [line.text for line in order_lines(words, find_gutter(words))][:2] == ["left right", "left right"]


def test_running_heads_and_page_numbers_are_dropped(tmp_path: Path) -> None:
    pages = []
    for number, paragraph in enumerate((*LEFT, *RIGHT), start=1):
        head = Put(MARGIN, 800, "The Harbour Review") if number % 2 else Put(380, 800, f"Volume 7, No. {number}")
        pages.append([head, *page_of([paragraph]), Put(280, 40, f"Page {number} of 6")])
    assert read_document(write_pdf(tmp_path / "a.pdf", pages)).text == BODY((*LEFT, *RIGHT))


def test_lone_page_number_of_a_single_page_is_dropped(tmp_path: Path) -> None:
    page = [*page_of(ARTICLE), Put(290, 40, "– 17 –")]
    assert read_document(write_pdf(tmp_path / "a.pdf", [page])).text == BODY(ARTICLE)


def test_line_repeated_in_the_middle_of_pages_stays(tmp_path: Path) -> None:
    pages = [page_of([paragraph, "The motion was carried."]) for paragraph in LEFT]
    assert read_document(write_pdf(tmp_path / "a.pdf", pages)).text.count("The motion was carried.") == 3


def make_pages(heads: dict[int, float], total: int) -> list[PageLines]:
    """Return pages with a line of their own each, and a running head of the given height on some."""
    pages = []
    for number in range(1, total + 1):
        lines = [Line("word " * number, 60, 300, 400, 410, 10, 60, 300, 0)]
        if top := heads.get(number):
            lines.insert(0, Line(f"Review, p. {number}", 60, 300, top, top + 10, 10, 60, 300, 0))
        pages.append(PageLines(number, 800, tuple(lines)))
    return pages


@pytest.mark.parametrize(
    ("heads", "total", "left"),
    [
        (dict.fromkeys(range(1, 9), 30), 8, 0),
        (dict.fromkeys(range(1, 9, 2), 30), 8, 0),
        ({n: 30 + n % 3 for n in range(1, 9)}, 8, 0),
        (dict.fromkeys(range(5, 9), 30), 300, 0),
        ({1: 30, 2: 30}, 2, 0),
        ({1: 30, 2: 30}, 9, 2),
        ({1: 30, 5: 30, 9: 30}, 9, 3),
        ({1: 10, 2: 30, 3: 50, 4: 70}, 4, 4),
        (dict.fromkeys(range(1, 9), 300), 8, 8),
    ],
)
def test_head_repeats_on_many_pages_at_one_height_of_their_edge(heads: dict[int, float], total: int, left: int) -> None:
    kept = drop_running_heads(make_pages(heads, total))
    assert sum("Review" in line.text for page in kept for line in page.lines) == left
    assert sum(len(page.lines) for page in kept) == total + left


def test_line_that_stands_at_the_edge_of_one_page_only_stays(tmp_path: Path) -> None:
    pages = [[Put(MARGIN, 800, "A notice to readers"), *page_of(LEFT[:1])], page_of(LEFT[1:2]), page_of(LEFT[2:])]
    assert "A notice to readers" in read_document(write_pdf(tmp_path / "a.pdf", pages)).text


@pytest.mark.parametrize(
    ("upper", "lower", "joined"),
    [
        ("They signed the agree-", "ment in the small hall", "the agreement in"),
        ("They signed a twelve-", "point paper in the hall", "a twelve-point paper"),
        ("They signed a 12-", "point paper in the hall", "a 12-point paper"),
        ("They spoke of Norlandian-", "Suderian trade in the hall", "Norlandian-Suderian trade"),
        ("A cease-fire was near. The cease-", "fire came at last to all", "The cease-fire came"),
        ("A ceasefire was near. The cease-", "fire came at last to all", "The ceasefire came"),
        ("They signed the paper -", "and left the small hall", "the paper - and left"),
    ],
)
def test_words_parted_at_line_ends_are_joined(tmp_path: Path, upper: str, lower: str, joined: str) -> None:
    page = column([f"{upper}\n{lower} of the town."], MARGIN, HEIGHT - 120, 400)
    assert joined in read_document(write_pdf(tmp_path / "a.pdf", [page])).text


def test_soft_hyphen_at_a_line_end_is_removed() -> None:
    lines = [
        Line(text, 60, 300, top, top + 10, 10, 60, 300, 0)
        for text, top in (("the agree\u00ad", 100), ("ment\u00ads", 112))
    ]
    assert join_lines([PageLines(1, 800, tuple(lines))])[0] == "the agreements"


def test_sentence_over_the_turn_of_a_page_stays_whole(tmp_path: Path) -> None:
    pages = [
        column(
            ["They met in the small hall of the old town and agreed on a long list of\nsteps, among them the with-"],
            MARGIN,
            700,
            400,
        ),
        column(["drawal of guards from the bridge.\nNothing else was said."], MARGIN, 700, 400),
    ]
    document = read_document(write_pdf(tmp_path / "a.pdf", pages))
    assert "among them the withdrawal of guards from the bridge." in document.text
    at = document.text.index("drawal")
    assert [document.page_of(Span(i, i + 1)) for i in (0, at - 1, at, len(document.text) - 1)] == [1, 1, 2, 2]


def test_every_character_has_its_page(tmp_path: Path) -> None:
    pages = [page_of([paragraph]) for paragraph in LEFT]
    document = read_document(write_pdf(tmp_path / "a.pdf", pages))
    assert [page.number for page in document.pages] == [1, 2, 3]
    assert "".join(page.span.of(document.text) for page in document.pages) == document.text
    for page, paragraph in zip(document.pages, LEFT, strict=True):
        assert page.span.of(document.text).strip() == paragraph


def test_indented_first_lines_begin_paragraphs(tmp_path: Path) -> None:
    lines = [
        "    One line that is long enough to fill the column",
        "and another below it that belongs to the same one",
        "Three",
        "four",
    ]
    puts = [Put(MARGIN + (20 if i in (0, 2) else 0), 700 - 13 * i, text.strip()) for i, text in enumerate(lines)]
    text = read_document(write_pdf(tmp_path / "a.pdf", [puts])).text
    assert text.split("\n\n")[1:] == ["Three four"]


def test_page_without_text_is_told(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "a.pdf", [page_of(LEFT[:1]), [], page_of(LEFT[1:2])], pictures=[2])
    document = read_document(path)
    assert [notice.page for notice in document.notices] == [2]
    assert "Page 2 holds no text" in document.notices[0].message
    assert [page.number for page in document.pages] == [1, 3]


def test_title_of_the_file_is_used_unless_it_is_a_file_name(tmp_path: Path) -> None:
    stated = read_document(write_pdf(tmp_path / "a.pdf", [page_of(ARTICLE)], title="A day on the bridge"))
    draft = read_document(write_pdf(tmp_path / "b.pdf", [page_of(ARTICLE)], title="Microsoft Word - final3.doc"))
    assert (stated.title, draft.title) == ("A day on the bridge", None)


def test_scan_names_the_command_that_reads_it(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "speech.pdf", [[]] * 4, pictures=[1, 2, 3, 4])
    with pytest.raises(InputError) as caught:
        read_document(path)
    assert str(caught.value) == (
        f"{path}: opened, but its 4 pages hold no text. It is probably a scan; run OCR first (ocrmypdf {path} out.pdf)."
    )


def test_password_is_asked_to_be_removed(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "a.pdf", [page_of(ARTICLE)], password="harbour")
    with pytest.raises(InputError, match=r"a\.pdf: is protected by a password\. Save a copy without it"):
        read_document(path)


def test_encrypted_pdf_that_opens_without_password_is_read(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "a.pdf", [page_of(ARTICLE)], password="")
    assert b"Norlandia" not in path.read_bytes()
    assert read_document(path).text == BODY(ARTICLE)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9, 0.99])
def test_truncated_pdf_is_refused(tmp_path: Path, share: float) -> None:
    path = write_pdf(tmp_path / "a.pdf", [page_of(LEFT)] * 3)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(InputError, match=r"a\.pdf: breaks off before its end"):
        read_document(path)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"no pdf at all", "is no PDF file"),
        (b"%PDF-1.7\n%%EOF", "is a damaged PDF"),
        (b"%PDF-1.7\ntrailer << /Root 1 0 R >>\nstartxref\n0\n%%EOF", "is a damaged PDF"),
    ],
)
def test_damaged_pdf_is_refused(tmp_path: Path, data: bytes, reason: str) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(data)
    with pytest.raises(InputError, match=reason):
        read_document(path)


def test_pages_missing_from_a_damaged_file_are_told(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "a.pdf", [page_of([p]) for p in LEFT])
    path.write_bytes(path.read_bytes().replace(b"/Count 3", b"/Count 9"))
    assert "it has 9 pages, but only 3" in read_document(path).notices[0].message


def test_three_hundred_pages_are_read_with_progress(tmp_path: Path) -> None:
    pages = [[Put(MARGIN, 800, "The Harbour Review"), *page_of([f"Item {n}. {LEFT[n % 3]}"])] for n in range(1, 301)]
    seen: list[tuple[int, int]] = []
    document = read_document(write_pdf(tmp_path / "a.pdf", pages), lambda done, total: seen.append((done, total)))
    assert seen == [(n, 300) for n in range(1, 301)]
    assert len(document.pages) == 300
    assert "Item 300." in document.text
    assert "Harbour" not in document.text


def test_long_file_is_read_to_its_end_with_progress(tmp_path: Path) -> None:
    pages = [
        page_of([f"On page {n} the envoy of Norlandia said that talks would open in Vesk."]) for n in range(1, 301)
    ]
    told: list[tuple[int, int]] = []
    document = read_document(write_pdf(tmp_path / "long.pdf", pages), lambda done, of: told.append((done, of)))
    assert told == [(n, 300) for n in range(1, 301)]
    assert len(document.pages) == 300
    assert "On page 300 the envoy" in document.text
