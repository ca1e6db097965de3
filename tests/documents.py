"""Builders of small PDF, Word, HTML and corpus files for tests. Every text here was written for these tests."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

WIDTH, HEIGHT = 595, 842  # A4 in points
MARGIN, LEADING, SIZE = 60, 13, 10
PAD = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")

ARTICLE = (
    "The envoy of Norlandia said on Tuesday that his government supports the proposal without reservation.",
    "“We want the guns to fall silent this winter,” he told reporters in the harbour town of Vesk.",
    "The foreign minister of Suderia called the paper a beginning, but said that it does not ask for troops to leave.",
)


@dataclass(frozen=True)
class Put:
    """A piece of text at a place of a page; y counts from the lower edge."""

    x: float
    y: float
    text: str
    size: float = SIZE


def wrap(text: str, width: float, size: float = SIZE) -> list[str]:
    """Break a text into lines of at most `width` points in Helvetica."""
    lines, line = [], ""
    for word in text.split(" "):
        longer = f"{line} {word}".strip()
        if line and measure(longer, size) > width:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line]


def measure(text: str, size: float = SIZE) -> float:
    """Return the width of a text in Helvetica."""
    from pdfminer.fontmetrics import FONT_METRICS

    widths = FONT_METRICS["Helvetica"][1]
    return sum(widths.get(char, 556) for char in text) * size / 1000


def column(paragraphs: Iterable[str], x: float, top: float, width: float, *, gap: float = LEADING) -> list[Put]:
    """Set paragraphs in one column, `gap` points of free space between them."""
    y, puts = top, []
    for paragraph in paragraphs:
        for line in paragraph.split("\n") if "\n" in paragraph else wrap(paragraph, width):
            puts.append(Put(x, y, line))
            y -= LEADING
        y -= gap
    return puts


def page_of(paragraphs: Iterable[str]) -> list[Put]:
    """Set paragraphs on a page of one column."""
    return column(paragraphs, MARGIN, HEIGHT - 120, WIDTH - 2 * MARGIN)


def two_columns(left: Iterable[str], right: Iterable[str], *, shift: float = 0) -> list[Put]:
    """Set paragraphs in two columns; the right one begins `shift` points lower."""
    top, width = HEIGHT - 120, (WIDTH - 2 * MARGIN - 24) / 2
    return column(left, MARGIN, top, width) + column(right, MARGIN + width + 24, top - shift, width)


def write_pdf(
    path: Path,
    pages: Sequence[Sequence[Put]],
    *,
    title: str = "",
    password: str | None = None,
    pictures: Sequence[int] = (),
) -> Path:
    """Write a PDF with one text object a piece; pages numbered in `pictures` show a grey picture beside their text.

    With a password the file is encrypted; with an empty one it is encrypted and still opens for everybody.
    """
    bodies: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    bodies.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    bodies.append(b"<< /Title (" + _escape(title) + b") >>")
    bodies.append(
        _stream(
            b"\x80" * 16,
            b"/Type /XObject /Subtype /Image /Width 4 /Height 4 /BitsPerComponent 8 /ColorSpace /DeviceGray",
        )
    )
    kids = []
    for number, puts in enumerate(pages, start=1):
        drawn = b"".join(
            b"BT /F1 %.1f Tf %.2f %.2f Td (%s) Tj ET\n" % (put.size, put.x, put.y, _escape(put.text)) for put in puts
        )
        if number in pictures:
            drawn += b"q 400 0 0 600 90 120 cm /Im1 Do Q\n"
        bodies.append(_stream(drawn))
        resources = b"<< /Font << /F1 3 0 R >> /XObject << /Im1 5 0 R >> >>"
        bodies.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Resources %s /Contents %d 0 R >>"
            % (WIDTH, HEIGHT, resources, len(bodies))
        )
        kids.append(b"%d 0 R" % len(bodies))
    bodies[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(kids))
    trailer = b"/Root 1 0 R"
    if password is not None:
        bodies, trailer = _encrypt(bodies, password)
    else:
        trailer += b" /Info 4 0 R"
    path.write_bytes(_assemble(bodies, trailer))
    return path


def write_docx(
    path: Path, paragraphs: Iterable[str], *, title: str = "", table: Sequence[Sequence[str]] = (), after: str = ""
) -> Path:
    """Write a Word file: paragraphs, then a table, then one more paragraph."""
    import docx

    document = docx.Document()
    document.core_properties.title = title
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    if table:
        grid = document.add_table(rows=len(table), cols=len(table[0]))
        for row, cells in enumerate(table):
            for col, cell in enumerate(cells):
                grid.cell(row, col).text = cell
    if after:
        document.add_paragraph(after)
    document.save(str(path))
    return path


def write_zip_bomb(path: Path, megabytes: int) -> Path:
    """Write a .docx whose only part unpacks to this many megabytes of blanks."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("word/document.xml", "w") as part:
        for _ in range(megabytes):
            part.write(b" " * 1_000_000)
    return path


def make_page(body: str, *, head: str = "") -> str:
    """Return an HTML page with navigation, comments and a footer around `body`."""
    return (
        f"<!DOCTYPE html><html><head>{head}</head><body>"
        "<nav><ul><li><a href='/'>Front page</a></li><li><a href='/world'>World</a></li></ul></nav>"
        f"{body}"
        "<div id='comments' class='comments'><p>A reader writes that nothing of this will ever happen, sadly.</p></div>"
        "<footer><p>All rights reserved by the sample newspaper.</p></footer></body></html>"
    )


def make_article_page() -> str:
    """Return an HTML page with an article, its date, outlet and address."""
    head = (
        "<title>Norlandia backs the proposal - The Harbour Post</title>"
        "<meta property='og:site_name' content='The Harbour Post'>"
        "<meta property='article:published_time' content='2023-03-01T10:00:00+00:00'>"
        "<link rel='canonical' href='https://harbourpost.example/norlandia'>"
    )
    paragraphs = "".join(f"<p>{paragraph}</p>" for paragraph in ARTICLE)
    return make_page(f"<article><h1>Norlandia backs the proposal</h1>{paragraphs}</article>", head=head)


def _escape(text: str) -> bytes:
    return text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (entries, len(content), content)


def _assemble(bodies: Sequence[bytes], trailer: bytes) -> bytes:
    data = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate(bodies, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return data + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d %s >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(bodies) + 1,
        table,
        len(bodies) + 1,
        trailer,
        len(data),
    )


def _encrypt(bodies: Sequence[bytes], password: str) -> tuple[list[bytes], bytes]:
    """Encrypt all streams with the 40-bit standard handler of PDF 1.1; the strings left here stay as they are."""
    rights, mark = -4, b"0123456789abcdef"
    user = (password.encode("latin-1") + PAD)[:32]
    owner = _rc4(hashlib.md5(user).digest()[:5], user)
    key = hashlib.md5(user + owner + rights.to_bytes(4, "little", signed=True) + mark).digest()[:5]
    locked = []
    for number, body in enumerate(bodies, start=1):
        before, stream, rest = body.partition(b"stream\n")
        content = rest.removesuffix(b"\nendstream")
        own = hashlib.md5(key + number.to_bytes(3, "little") + b"\0\0").digest()[:10]
        locked.append(before + stream + _rc4(own, content) + b"\nendstream" if stream else body)
    locked.append(
        b"<< /Filter /Standard /V 1 /R 2 /P %d /O <%s> /U <%s> >>"
        % (rights, owner.hex().encode(), _rc4(key, PAD).hex().encode())
    )
    return locked, b"/Root 1 0 R /Encrypt %d 0 R /ID [<%s> <%s>]" % (
        len(locked),
        mark.hex().encode(),
        mark.hex().encode(),
    )


def _rc4(key: bytes, data: bytes) -> bytes:
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    i = j = 0
    out = bytearray()
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)
