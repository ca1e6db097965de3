"""Plain text: a .txt file, or any text that is at hand, as a Document.

The text of a .txt file is its decoded content, unchanged but for a byte order mark: line ends stay as they are, so that
offsets fit the file.
"""

from __future__ import annotations

import datetime
import re
from pathlib import Path

from analyzer.errors import InputError
from analyzer.reading.encodings import decode_text
from analyzer.reading.files import load_bytes, show_path
from analyzer.reading.headline import find_date, find_title
from analyzer.records import Document, Notice, Page

_SURROGATES = re.compile("[\ud800-\udfff]")
_WORD = re.compile(r"[^\W_]")


def read_plain(path: Path, name: str) -> Document:
    """Read a .txt file; title and date come from its first lines.

    Raises InputError for binary content, for bytes in no known encoding, and for a file without words.
    """
    text, notices = decode_text(load_bytes(path), show_path(path))
    return make_document(text, name, source=show_path(path), format="txt", notices=notices)


def make_document(
    text: str,
    name: str = "text",
    *,
    title: str | None = None,
    date: datetime.date | None = None,
    outlet: str | None = None,
    url: str | None = None,
    source: str = "",
    format: str = "text",
    pages: tuple[Page, ...] = (),
    notices: tuple[Notice, ...] = (),
) -> Document:
    """Make a document of a text that is at hand, for instance pasted by a user. The text is kept as it is.

    Title and date that are not given are looked for in the first lines. Raises InputError for a text without a word
    and for one that holds NUL characters.
    """
    shown = source or name
    if "\0" in text:
        raise InputError(f"{shown}: holds NUL characters, so it is binary data, not text.")
    if not _WORD.search(text):
        raise InputError(f"{shown}: holds no words, only blank space or signs.")
    if _SURROGATES.search(text):
        text = _SURROGATES.sub("\ufffd", text)
        notices = (*notices, Notice("Broken characters (lone surrogates) were replaced by U+FFFD."))
    return Document(
        name=name,
        text=text,
        source=source,
        format=format,
        title=_squeeze(title) or find_title(text),
        date=date or find_date(text),
        outlet=_squeeze(outlet),
        url=_squeeze(url),
        pages=pages,
        notices=notices,
    )


def _squeeze(value: str | None) -> str | None:
    return " ".join(value.split()) or None if value else None
