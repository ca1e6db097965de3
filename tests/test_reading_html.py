"""Web pages: the article without the page around it, and pages that hold none."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from documents import ARTICLE, make_article_page, make_page

from analyzer.errors import InputError
from analyzer.reading import read_document


def save(folder: Path, page: str | bytes, name: str = "a.html") -> Path:
    path = folder / name
    path.write_bytes(page.encode() if isinstance(page, str) else page)
    return path


@pytest.mark.parametrize("name", ["a.html", "a.htm", "a.HTML"])
def test_article_is_taken_out_of_its_page(tmp_path: Path, name: str) -> None:
    document = read_document(save(tmp_path, make_article_page(), name))
    assert document.text == "\n\n".join(("Norlandia backs the proposal", *ARTICLE))
    assert (document.title, document.outlet) == ("Norlandia backs the proposal", "The Harbour Post")
    assert (document.date, document.url) == (datetime.date(2023, 3, 1), "https://harbourpost.example/norlandia")
    assert (document.name, document.format, document.notices) == ("a", "html", ())


def test_title_that_stands_only_in_the_head_becomes_the_first_paragraph(tmp_path: Path) -> None:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in ARTICLE)
    page = make_page(f"<article>{body}</article>", head="<title>A day on the bridge</title>")
    assert read_document(save(tmp_path, page)).text.split("\n\n") == ["A day on the bridge", *ARTICLE]


def test_line_ends_of_the_source_do_not_part_sentences(tmp_path: Path) -> None:
    body = "".join("<p>" + paragraph.replace(" ", "\n", 9) + "</p>" for paragraph in ARTICLE)
    text = read_document(save(tmp_path, make_page(f"<article>{body}</article>"))).text
    assert text.split("\n\n") == list(ARTICLE)


def test_items_of_a_list_are_paragraphs_of_their_own(tmp_path: Path) -> None:
    items = "".join(f"<li>{paragraph}</li>" for paragraph in ARTICLE)
    page = make_page(f"<article><p>{ARTICLE[0]} What follows is a list.</p><ul>{items}</ul></article>")
    assert read_document(save(tmp_path, page)).text.split("\n\n")[1:] == list(ARTICLE)


@pytest.mark.parametrize("declared", ["iso-8859-1", "windows-1252"])
def test_declared_encoding_is_used(tmp_path: Path, declared: str) -> None:
    page = make_article_page().replace("<head>", f"<head><meta charset='{declared}'>")
    assert "“We want the guns to fall silent" in read_document(save(tmp_path, page.encode("cp1252"))).text


def test_wrongly_declared_encoding_does_not_break_utf8(tmp_path: Path) -> None:
    page = make_article_page().replace("<head>", "<head><meta charset='iso-8859-1'>")
    assert "“We want the guns to fall silent" in read_document(save(tmp_path, page)).text


@pytest.mark.parametrize("declared", ["no-such-code", "hex", "rot13"])
def test_unknown_declared_encoding_is_guessed(tmp_path: Path, declared: str) -> None:
    page = make_article_page().replace("<head>", f"<head><meta charset='{declared}'>")
    document = read_document(save(tmp_path, page.encode("cp1252")))
    assert "“We want the guns to fall silent" in document.text
    assert "guessed to be cp1252" in document.notices[0].message


@pytest.mark.parametrize(
    "page",
    [
        "<html></html>",
        "<html><head><title>Sign in</title></head><body><form><label>User</label><input></form></body></html>",
        "<html><body><nav><a href='/'>Front page</a><a href='/w'>World news</a></nav></body></html>",
        "<html><body><script>let words = 'eight words that are not an article at all';</script></body></html>",
        "no mark-up here",
        "<" * 5_000,
        "<div>" * 20_000,
    ],
    ids=["empty", "form", "menu", "script", "text", "brackets", "nested"],
)
def test_page_without_article_is_refused(tmp_path: Path, page: str) -> None:
    with pytest.raises(InputError, match=r"a\.html: no article found"):
        read_document(save(tmp_path, page))


@pytest.mark.parametrize(("data", "reason"), [(b"\0\1\2" * 50, "NUL"), (b"%PDF-1.4", "holds a PDF")])
def test_binary_page_is_refused(tmp_path: Path, data: bytes, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        read_document(save(tmp_path, data))


def test_page_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has 21 MB"):
        read_document(save(tmp_path, b"<p>" + b"words " * 3_500_000))
