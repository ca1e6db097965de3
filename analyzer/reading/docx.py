"""Word files: paragraphs and table cells of a .docx, in the order in which they stand.

Text that a reviewer inserted is read, text that was deleted is not. Headers, footers, notes and text boxes are not part
of the running text; skipped text boxes are told in a Notice.
"""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from analyzer.errors import InputError
from analyzer.reading.files import load_bytes, show_path
from analyzer.reading.headline import find_date
from analyzer.reading.plain import make_document
from analyzer.records import Document, Notice

UNPACKED = 200_000_000  # bytes; a thousand pages of text unpack to about 30 MB
SUSPECT = 20_000_000  # below this, a high ratio does no harm
RATIO = 100  # repetitive XML reaches 30, a zip bomb 1,000 and more
TEMPLATE_DATE = datetime.date(2013, 12, 23)  # python-docx's own template: files that it makes all claim this day

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_UNREAD = frozenset({f"{_W}del", f"{_W}moveFrom", f"{_W}txbxContent", f"{_W}pPr", f"{_W}rPr", f"{_MC}Fallback"})
_SIGNS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}


def read_docx(path: Path, name: str) -> Document:
    """Read a Word file; title and date come from its properties, else from its first lines.

    Raises InputError for a file that is no .docx, unpacks to more than 200 MB, is damaged, or holds no words.
    """
    import docx

    shown = show_path(path)
    data = load_bytes(path)
    _check_archive(data, shown)
    try:
        opened = docx.Document(io.BytesIO(data))
        body = opened.element.body
        text = "\n\n".join(_list_paragraphs(body))
        boxes = sum(1 for box in body.iter(f"{_W}txbxContent") if not _within(box, f"{_MC}Fallback"))
        properties = opened.core_properties
        title, created = properties.title, properties.created
    except Exception as error:
        raise InputError(
            f"{shown}: is damaged or no Word file ({type(error).__name__}). Open it in Word and save it again."
        ) from error
    notices = (
        (Notice(f"{boxes} text box{'es' if boxes > 1 else ''} beside the running text not read."),) if boxes else ()
    )
    written = created.date() if created is not None else None
    return make_document(
        text,
        name,
        title=title,
        date=find_date(text) or (written if written != TEMPLATE_DATE else None),
        source=shown,
        format="docx",
        notices=notices,
    )


def _check_archive(data: bytes, shown: str) -> None:
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise InputError(
            f"{shown}: is protected by a password or an old .doc file. Save it as .docx without a password."
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = {entry.filename for entry in archive.infolist()}
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except Exception as error:
        raise InputError(f"{shown}: is no .docx file, or it is damaged (not a zip archive).") from error
    if unpacked > UNPACKED or (unpacked > SUSPECT and unpacked > RATIO * len(data)):
        raise InputError(
            f"{shown}: {len(data):,} bytes unpack to {unpacked:,}, more than is safe to open (a zip bomb?). "
            "Save the article as text."
        )
    if "word/document.xml" not in names and "[Content_Types].xml" not in names:
        raise InputError(f"{shown}: is a zip archive, but no Word file.")


def _list_paragraphs(block: Any) -> Iterator[str]:
    """Walk paragraphs in document order, into tables and content controls; each table cell is set apart."""
    for child in block:
        if child.tag == f"{_W}p":
            if text := "".join(_list_pieces(child)).strip():
                yield text
        elif isinstance(child.tag, str) and child.tag not in _UNREAD:
            yield from _list_paragraphs(child)


def _list_pieces(element: Any) -> Iterator[str]:
    for child in element:
        if child.tag == f"{_W}t":
            yield child.text or ""
        elif child.tag in _SIGNS:
            yield _SIGNS[child.tag]
        elif isinstance(child.tag, str) and child.tag not in _UNREAD:
            yield from _list_pieces(child)


def _within(element: Any, tag: str) -> bool:
    return any(ancestor.tag == tag for ancestor in element.iterancestors())
