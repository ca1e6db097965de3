"""PDF files: running text in reading order, with the page on which each part of it stands.

Columns, running heads and line-end hyphens are undone in `layout` and `paragraphs`; here the file is opened, its pages
are read one after the other, and what cannot be read is told: a page without text in a Notice, a file without text in
an error, for silence that was not read must not pass for an omission.
"""

from __future__ import annotations

import io
import logging
import re
import shlex
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from analyzer.errors import InputError
from analyzer.reading.files import load_bytes, show_path
from analyzer.reading.headline import find_date
from analyzer.reading.layout import Line, Word, find_gutter, fits_gutter, order_lines
from analyzer.reading.paragraphs import PageLines, drop_running_heads, join_lines
from analyzer.reading.plain import make_document
from analyzer.records import Document, Notice

TAIL = 2_048  # bytes; readers look for the end mark in the last kilobyte
UNREADABLE = 0.3  # share of glyphs without a character beyond which a page is no better than a picture
HEADLINE = 1.2  # a title is set at least this much larger than the running text
NO_TITLE = re.compile(r"untitled|microsoft word|\.(docx?|indd|pdf|qxd|tex)$|^[\W\d_]*$", re.I)

_GLYPH = re.compile(r"\(cid:\d+\)")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffe\uffff]")

for _library in ("pdfminer", "pdfplumber"):
    logging.getLogger(_library).addHandler(logging.NullHandler())


def read_pdf(path: Path, name: str, progress: Callable[[int, int], None] | None = None) -> Document:
    """Read a PDF file; `progress` is called after each page with the pages done and the pages in all.

    Raises InputError for a file that is no PDF, breaks off, needs a password or holds no text on any page.
    """
    import pdfplumber
    from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect

    shown = show_path(path)
    data = load_bytes(path)
    _check_ends(data, shown)
    try:
        with pdfplumber.open(io.BytesIO(data)) as opened:
            total = len(opened.pages)
            promised = _count_promised(opened)
            title = opened.metadata.get("Title")
            pages, notices = _read_pages(opened, total, progress)
    except Exception as error:
        causes = [error, *(cause for cause in error.args if isinstance(cause, Exception))]
        if any(isinstance(cause, PDFPasswordIncorrect) for cause in causes):
            raise InputError(
                f"{shown}: is protected by a password. Save a copy without it (qpdf --decrypt --password=… in out)."
            ) from error
        if any(isinstance(cause, PDFEncryptionError) for cause in causes):
            raise InputError(f"{shown}: is encrypted in a way that cannot be read. Save a copy without.") from error
        raise InputError(f"{shown}: is a damaged PDF ({type(causes[-1]).__name__}). Fetch or save it anew.") from error
    if total == 0:
        raise InputError(f"{shown}: is a damaged PDF; no page could be found in it. Fetch or save it anew.")
    if promised > total:
        notices.append(Notice(f"The file says that it has {promised} pages, but only {total} were found."))
    pages = drop_running_heads(pages)
    text, spans = join_lines(pages)
    if not text:
        held = "its only page holds" if total == 1 else f"its {total} pages hold"
        scan = f"ocrmypdf {shlex.quote(shown)} out.pdf"
        raise InputError(f"{shown}: opened, but {held} no text. It is probably a scan; run OCR first ({scan}).")
    return make_document(
        text,
        name,
        title=_choose_title(title, pages),
        date=find_date(text),
        source=shown,
        format="pdf",
        pages=spans,
        notices=tuple(notices),
    )


def _check_ends(data: bytes, shown: str) -> None:
    if b"%PDF-" not in data[:1_024]:
        raise InputError(f"{shown}: is no PDF file, whatever its suffix says.")
    if b"%%EOF" not in data.rstrip(b"\0\r\n\t ")[-TAIL:]:
        raise InputError(f"{shown}: breaks off before its end; the PDF is truncated. Fetch or save it anew.")


def _count_promised(opened: Any) -> int:
    try:
        from pdfminer.pdftypes import resolve1

        count = resolve1(resolve1(opened.doc.catalog["Pages"])["Count"])
    except Exception:
        return 0
    return count if isinstance(count, int) else 0


def _read_pages(
    opened: Any, total: int, progress: Callable[[int, int], None] | None
) -> tuple[list[PageLines], list[Notice]]:
    pages: list[PageLines] = []
    notices: list[Notice] = []
    gutter: float | None = None
    for number, page in enumerate(opened.pages, start=1):
        lines: list[Line] = []
        try:
            words, problem = _read_words(page)
            found = find_gutter(words)
            gutter = found or gutter
            fits = found is None and gutter is not None and fits_gutter(words, gutter)
            lines = order_lines(words, gutter if fits else found)
        except Exception as error:
            problem = f"Page {number} is damaged and was not read ({type(error).__name__})."
        page.close()
        if problem or not lines:
            notices.append(Notice(problem or f"Page {number} holds no text; if it is a scan, run OCR.", page=number))
        pages.append(PageLines(number, float(page.height), tuple(lines)))
        if progress is not None:
            progress(number, total)
    return pages, notices


def _read_words(page: Any) -> tuple[list[Word], str]:
    """Return the upright words within the page, and what kept others from being read."""
    found = page.extract_words(x_tolerance_ratio=0.15, extra_attrs=["size", "upright"])
    upright = [word for word in found if word["upright"]]
    if len(upright) * 2 < len(found):
        return [], f"Page {page.page_number} is set sideways and was not read. Turn it first."
    words = list(_clean_words(page.bbox, upright))
    glyphs = sum(len(_GLYPH.findall(word["text"])) for word in upright)
    if glyphs > UNREADABLE * (glyphs + sum(len(word.text) for word in words)):
        return [], f"Page {page.page_number} does not say which characters its glyphs are; run OCR to read it."
    lost = f"{glyphs} glyphs on page {page.page_number} have no known character and were left out." if glyphs else ""
    return words, lost


def _clean_words(box: tuple[float, float, float, float], found: list[dict[str, Any]]) -> Iterator[Word]:
    for word in found:
        text = _CONTROLS.sub("", _GLYPH.sub("", word["text"]))
        middle, height = (word["x0"] + word["x1"]) / 2, (word["top"] + word["bottom"]) / 2
        if text and word["size"] > 0 and box[0] <= middle <= box[2] and box[1] <= height <= box[3]:
            yield Word(text, word["x0"], word["x1"], word["top"], word["bottom"], word["size"])


def _choose_title(stated: object, pages: list[PageLines]) -> str | None:
    """Return the title that the file states, unless it is a file name; else the largest lines of the first page."""
    if isinstance(stated, str) and stated.strip() and not NO_TITLE.search(stated.strip()):
        return _CONTROLS.sub(" ", stated)
    sizes: Counter[float] = Counter()
    for page in pages:
        for line in page.lines:
            sizes[round(line.size, 1)] += len(line.text)
    usual = sizes.most_common(1)[0][0]
    first = [line for line in pages[0].lines if line.top < 0.6 * pages[0].height]
    largest = max((line.size for line in first), default=0.0)
    if largest < HEADLINE * usual:
        return None
    title = " ".join(line.text for line in first if abs(line.size - largest) < 0.5)
    return title if len(title) < 300 else None
