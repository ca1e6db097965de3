"""Web pages: the article in a saved .html file, without the page around it.

Offsets count in the extracted text, whose paragraphs are set apart by blank lines and whose first is the title.
"""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import Any

from analyzer.errors import InputError
from analyzer.reading.encodings import decode_text
from analyzer.reading.files import load_bytes, show_path
from analyzer.reading.headline import find_date
from analyzer.reading.plain import make_document
from analyzer.records import Document, Notice

LARGEST = 20_000_000  # bytes; the limit at which trafilatura itself gives up, without saying so
SENTENCE_WORDS = 8  # an article has at least one line as long as a sentence; menus, forms and login pages have none
_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)""", re.I)
_BLOCKS = frozenset(
    {"body", "p", "head", "list", "item", "quote", "table", "row", "cell", "div"}
)  # trafilatura's names
_ENDED = re.compile(r"[.!?:][\"”’»)]*\s*$")


def read_html(path: Path, name: str) -> Document:
    """Read the main text of a web page, with title, date, outlet and address where the page states them.

    Raises InputError for binary content, for files over 20 MB and for a page without an article.
    """
    from trafilatura import bare_extraction

    shown = show_path(path)
    data = load_bytes(path)
    if len(data) > LARGEST:
        raise InputError(f"{shown}: has {len(data) // 1_000_000} MB, more than a web page. Save the article as text.")
    page, notices = _decode_page(data, shown)
    try:
        article = bare_extraction(
            page,
            include_comments=False,
            with_metadata=True,
            date_extraction_params={"extensive_search": False, "original_date": True},
        )
        paragraphs = _list_paragraphs(article.body) if article is not None and article.body is not None else []
    except Exception as error:
        raise InputError(f"{shown}: cannot be read as a web page ({type(error).__name__}).") from error
    if article is None or not any(len(paragraph.split()) >= SENTENCE_WORDS for paragraph in paragraphs):
        raise InputError(f"{shown}: no article found in this web page. Save its text as a .txt file if there is one.")
    title = " ".join((article.title or "").split())
    if title and not _opens_with(paragraphs, title):
        paragraphs.insert(0, title)
    text = "\n\n".join(paragraphs)
    return make_document(
        text,
        name,
        title=title,
        date=_read_date(article.date) or find_date(text),
        outlet=article.sitename,
        url=article.url,
        source=shown,
        format="html",
        notices=notices,
    )


def _decode_page(data: bytes, shown: str) -> tuple[str, tuple[Notice, ...]]:
    declared = _CHARSET.search(data[:4_096])
    if declared and b"\0" not in data and not _is_utf8(data):
        charset = declared[1].decode("ascii").lower()
        western = charset in ("iso-8859-1", "latin1", "latin-1", "us-ascii", "ascii")  # browsers read Windows-1252
        try:
            return data.decode("cp1252" if western else charset), ()
        except (LookupError, ValueError):
            pass
    return decode_text(data, shown)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _list_paragraphs(body: Any) -> list[str]:
    """Return the paragraphs, headings, list items and table cells under `body`, each on one line.

    Line ends in the source of a page mean nothing, but a <br> behind a full stop stands for a new paragraph.
    """
    runs: list[list[str]] = [[]]

    def walk(element: Any) -> None:
        block = element.tag in _BLOCKS
        if block or (element.tag == "lb" and _ENDED.search("".join(runs[-1]))):
            runs.append([])
        elif element.tag == "lb":
            runs[-1].append(" ")
        runs[-1].append(element.text or "" if isinstance(element.tag, str) else "")
        for child in element:
            walk(child)
            runs[-1].append(child.tail or "")
        if block:
            runs.append([])

    walk(body)
    lines = (" ".join("".join(run).split()) for run in runs)
    return [line for line in lines if line]


def _opens_with(paragraphs: list[str], title: str) -> bool:
    wanted = title.casefold()
    heads = (" ".join(paragraph.split()).casefold() for paragraph in paragraphs[:3])
    return any(head == wanted or (len(head) > 15 and wanted.startswith(head)) for head in heads)


def _read_date(value: str | None) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(value) if value else None
    except ValueError:
        return None
