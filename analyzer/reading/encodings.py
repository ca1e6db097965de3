"""Encodings: from bytes to characters, and what had to be guessed or replaced on the way, as notices.

UTF-8 and UTF-16 are recognised with and without byte order mark. Anything else is guessed from the bytes around the
first one that is not UTF-8, so that a large file costs no more than a small one.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import BinaryIO

from analyzer.errors import InputError
from analyzer.reading.files import show_path
from analyzer.records import Notice, Span

MARKS = (  # the longer marks first: UTF-32 begins like UTF-16
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
DISGUISES = (
    (b"%PDF-", "a PDF", ".pdf"),
    (b"PK\x03\x04", "a zip archive or an Office file", ".docx if it is one"),
    (b"\xd0\xcf\x11\xe0", "an old Office file", ".docx after saving it as one"),
)
SAMPLE = 32_768  # bytes looked at on each side of the first odd byte; detection on more takes longer, not better
WESTERN = frozenset({"cp1252", "latin_1", "iso8859_15", "cp1254"})  # ruled out first, by their letters
CONTROL_SHARE = 0.01  # text in a rightly guessed encoding has no control characters but tabs and line ends
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")
# Western text seen as Windows-1252: typographic signs, or one or two accented letters in a Latin word.
_WESTERN = re.compile(
    r"[\x00-\x7f]|[“”‘’‚„–—…•€£©®°§«»·™\xa0¿¡½¼×†‡¢±²‰‹›÷]"
    r"|(?<=[A-Za-z])[ß-öø-ÿšžœ]{1,2}|[ß-öø-ÿšžœ]{1,2}(?=[a-z])"
    r"|(?<![a-zß-ÿ])[À-ÖØ-ÝŠŽŒŸ]{1,2}(?=[A-Za-z])|(?<=[A-Z])[À-ÖØ-Ý]"
    r"|(?<![^\s'’])[àéóíÀÉÓÍ](?![^\s,.])"
)


def decode_text(data: bytes, shown: str) -> tuple[str, tuple[Notice, ...]]:
    """Return the characters that the bytes stand for, without byte order mark, and notices of what was not certain.

    `shown` names the file in messages. Raises InputError for binary data and where no encoding makes it text.
    """
    mark, encoding = _find_mark(data, shown)
    body = data[len(mark) :] if mark else data
    if encoding in ("", "utf-8") and b"\0" in body:
        encoding = _guess_utf16(body, shown)
    if encoding.startswith(("utf-16", "utf-32")):
        text = body.decode(encoding, "replace")
        if "\0" in text:
            raise InputError(f"{shown}: holds NUL characters, so it is a binary file, not text.")
        return text, _tell_replaced(text, body.count("\ufffd".encode(encoding)), encoding.upper()[:6])
    notices: tuple[Notice, ...] = ()
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        text, notices = _decode_broken(body, error, shown)
    _refuse_controls(text, shown)
    return text, notices


def find_encoding(path: Path) -> tuple[str, tuple[Notice, ...]]:
    """Return the name under which `open` reads this file as text, without holding it in memory.

    Raises InputError for binary data and for an encoding that is not recognised.
    """
    shown = show_path(path)
    try:
        with path.open("rb") as file:
            head = file.read(SAMPLE)
            mark, encoding = _find_mark(head, shown)
            if mark:
                return {"utf-8": "utf-8-sig"}.get(encoding, encoding[:6]), ()
            if b"\0" in head:
                return _guess_utf16(head, shown), ()
            odd = _find_odd_byte(file)
            if odd is None:
                return "utf-8", ()
            file.seek(max(0, odd - SAMPLE))
            sample = file.read(2 * SAMPLE)
    except OSError as error:
        raise InputError(f"{shown}: cannot be read ({error.strerror}).") from error
    if _is_mostly_utf8(sample):
        return "utf-8", ()
    encoding = _guess_legacy(sample, shown)
    return encoding, (_tell_guess(encoding),)


def _find_mark(data: bytes, shown: str) -> tuple[bytes, str]:
    for magic, kind, suffix in DISGUISES:
        if data.startswith(magic):
            raise InputError(f"{shown}: holds {kind}, not text. Give it the suffix {suffix}.")
    return next(((mark, encoding) for mark, encoding in MARKS if data.startswith(mark)), (b"", ""))


def _find_odd_byte(file: BinaryIO) -> int | None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    file.seek(0)
    start = 0
    while chunk := file.read(1_000_000):
        try:
            decoder.decode(chunk)
        except UnicodeDecodeError as error:
            return start + error.start
        start += len(chunk)
    return None


def _decode_broken(body: bytes, error: UnicodeDecodeError, shown: str) -> tuple[str, tuple[Notice, ...]]:
    cut = error.reason == "unexpected end of data" and error.end >= len(body)
    if cut or _is_mostly_utf8(body):
        text = body.decode("utf-8", "replace")
        return text, _tell_replaced(text, body.count("\ufffd".encode()), "UTF-8")
    encoding = _guess_legacy(body[max(0, error.start - SAMPLE) : error.start + SAMPLE], shown)
    text = body.decode(encoding, "replace")
    return text, (_tell_guess(encoding), *_tell_replaced(text, 0, encoding))


def _is_mostly_utf8(data: bytes) -> bool:
    """True if characters beyond ASCII are intact far more often than not: one bad byte does not unmake UTF-8."""
    text = data.decode("utf-8", "replace")
    replaced = text.count("\ufffd")
    return len(text) - len(text.encode("ascii", "ignore")) - replaced > 4 * replaced


def _guess_legacy(sample: bytes, shown: str) -> str:
    from charset_normalizer import from_bytes

    if len(sample) == 2 * SAMPLE:  # cut at a space, for a character of two bytes must not be cut in half
        sample = sample[: max(sample.rfind(b" "), sample.rfind(b"\n"), SAMPLE)]
    if not _WESTERN.sub("", sample.decode("cp1252", "replace")):
        return "cp1252"
    matches = list(from_bytes(sample))
    if not matches:
        raise InputError(f"{shown}: is not UTF-8 and in no encoding that could be recognised. Save it as UTF-8.")
    likely = [match.encoding for match in matches if match.chaos <= matches[0].chaos]
    return next((encoding for encoding in likely if encoding not in WESTERN), likely[0])


def _refuse_controls(text: str, shown: str) -> None:
    head = text[:100_000]
    if len(_CONTROLS.findall(head)) > CONTROL_SHARE * len(head):
        raise InputError(f"{shown}: is full of control characters, so it is a binary file, not text.")


def _tell_guess(encoding: str) -> Notice:
    return Notice(f"The file is not UTF-8; its encoding was guessed to be {encoding}. Check names and quotation marks.")


def _tell_replaced(text: str, written: int, encoding: str) -> tuple[Notice, ...]:
    count = text.count("\ufffd") - written
    if count <= 0:
        return ()
    at = text.index("\ufffd")
    places = "1 place" if count == 1 else f"{count} places"
    return (Notice(f"{places} could not be decoded as {encoding}: U+FFFD stands there now.", Span(at, at + 1)),)


def _guess_utf16(data: bytes, shown: str) -> str:
    """Tell UTF-16 without mark by its spaces and line ends, which random bytes do not have."""
    for encoding in ("utf-16-le", "utf-16-be"):
        head = data[:8_192].decode(encoding, "replace")
        blanks = sum(map(head.count, " \r\n"))
        if blanks >= 0.03 * len(head) and not _CONTROLS.search(head):
            return encoding
    raise InputError(f"{shown}: holds NUL bytes, so it is a binary file, not text.")
