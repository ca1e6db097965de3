"""A brief as a Word document: headings that a table of contents finds, quotations in their style, a reference list."""

from __future__ import annotations

import io
import re
from typing import Any

from analyzer.export.brief_parts import Brief, Quotation
from analyzer.export.wording import one_line

_NO_XML = re.compile("[\ufffe\uffff]")  # besides control characters, which one_line replaces
TITLE_LENGTH = 255  # characters; the most that the file's properties take


def brief_to_docx(brief: Brief) -> bytes:
    """Return the file; what XML cannot carry is replaced by U+FFFD."""
    from docx import Document

    file = Document()
    title = _clean(brief.title)
    file.core_properties.title = title[:TITLE_LENGTH]
    file.core_properties.author = "peace-plan-analyzer"
    file.core_properties.comments = ""
    file.add_heading(title, 0)
    for fact in brief.facts:
        file.add_paragraph(_clean(fact), style="List Bullet")
    for section in brief.sections:
        file.add_heading(_clean(section.title), 1)
        for sentence in section.sentences:
            file.add_paragraph(_clean(sentence))
        for item in section.items:
            file.add_paragraph(_clean(item), style="List Bullet")
        for quotation in section.quotations:
            lead = file.add_paragraph(_clean(f"[{quotation.number}] {quotation.reading}"))
            lead.paragraph_format.keep_with_next = True
            _add_sentence(file.add_paragraph(style="Quote"), quotation)
            file.add_paragraph(
                _clean(f"{quotation.stance.value} · {quotation.facts} · underlined: {quotation.evidence_place}")
            )
    if brief.quotations:
        file.add_heading("References", 1)
        for quotation in brief.quotations:
            file.add_paragraph(_clean(f"[{quotation.number}] {quotation.citation}"))
    file.add_heading("How to read this", 1)
    for note in brief.notes:
        file.add_paragraph(_clean(note))
    written = io.BytesIO()
    file.save(written)
    return written.getvalue()


def _add_sentence(paragraph: Any, quotation: Quotation) -> None:
    before, evidence, after = (_NO_XML.sub("\ufffd", piece) for piece in quotation.pieces)
    for text, marked in ((before, False), (evidence, True), (after, False)):
        if text:
            paragraph.add_run(text).underline = marked or None


def _clean(text: str) -> str:
    return _NO_XML.sub("\ufffd", one_line(text))
