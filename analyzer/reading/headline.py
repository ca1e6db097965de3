"""Title and date lines: what the first lines of a text say about it, where nothing better is known.

Only the head of a text is looked at. What is not plainly a title or a date is None.
"""

from __future__ import annotations

import datetime
import re

HEAD = 4_000  # characters; five lines and a title fit many times over
TITLE_LENGTH = 200  # a first line that is longer is a paragraph
DATE_LINES = 5
_SENTENCE = re.compile(r"(?<!\b[A-Z])\.[\"”’»)]*$")  # "… in the U.S." may still be a title
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LEADS = frozenset({"published", "posted", "updated", "date", "dated", "on"})
_CLOCK = re.compile(
    r"\b\d{1,2}:\d{2}(?::\d{2})?(?:\s*[ap]\.?m\.?)?(?:\s+(?:GMT|UTC|EST|EDT|CET|CEST|BST))?(?!\S)", re.I
)
_FORMATS = ("%B %d %Y", "%b %d %Y", "%d %B %Y", "%d %b %Y", "%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%Y %B %d")


def find_title(text: str) -> str | None:
    """Return the first line if it is short, does not end like a sentence, and a blank line follows it; else None.

    A lone word above the title ("Politics") is a section name and is passed over; so is a date line.
    """
    blocks = _head_blocks(text)
    titles: list[str] = []
    for block in blocks[:-1]:
        if len(block) > 1 or len(block[0]) >= TITLE_LENGTH or _SENTENCE.search(block[0]):
            break
        if parse_date_line(block[0]) is None:
            titles.append(block[0])
    section = len(titles) > 1 and " " not in titles[0]
    return titles[1] if section else titles[0] if titles else None


def find_date(text: str) -> datetime.date | None:
    """Return the date that stands alone on one of the first five lines with text; None if there is none."""
    lines = [line for line in _head_lines(text) if line.strip()]
    return next((date for line in lines[:DATE_LINES] if (date := parse_date_line(line)) is not None), None)


def date_of_name(stem: str) -> datetime.date | None:
    """Return the date that a file's name begins with, "2023-03-01-reactions" or "20230301 reactions"; else None."""
    match = re.match(r"((?:19|20)\d{2})([-_.]?)(\d{2})\2(\d{2})(?!\d)", stem)
    try:
        return datetime.date(int(match[1]), int(match[3]), int(match[4])) if match else None
    except ValueError:
        return None


def parse_date_line(line: str) -> datetime.date | None:
    """Read a line that is only a date, such as "Wednesday | March 1, 2023"; None for anything else.

    A clock time, a weekday and a word such as "Published" may stand beside the date. 3/4/2023 is refused,
    because it is one day in London and another in New York.
    """
    if len(line) > 80:
        return None
    words = re.sub(r"[|,·•–—()\s]+", " ", _CLOCK.sub(" ", line)).split()
    kept = [word for word in (_bare_word(word) for word in words) if word]
    for form in _FORMATS:
        try:
            return datetime.datetime.strptime(" ".join(kept), form).date()
        except ValueError:
            continue
    return None


def _bare_word(word: str) -> str:
    lowered = word.casefold().strip(".:")
    if lowered in _LEADS or (lowered[:3] in _WEEKDAYS and lowered.isalpha() and _is_weekday(lowered)):
        return ""
    if re.fullmatch(r"\d{1,2}(st|nd|rd|th)", lowered):
        return lowered[:-2]
    if lowered == "sept":
        return "Sep"
    return lowered if lowered.isalpha() else word.strip(":")


def _is_weekday(word: str) -> bool:
    return word.endswith("day") or word in (*_WEEKDAYS, "tues", "thur", "thurs")


def _head_lines(text: str) -> list[str]:
    lines = re.split(r"\r\n|\r|\n", text[:HEAD].lstrip("\ufeff"))
    return lines[:-1] if len(text) > HEAD and len(lines) > 1 else lines


def _head_blocks(text: str) -> list[list[str]]:
    """Return the head's lines as blocks that blank lines set apart."""
    blocks: list[list[str]] = [[]]
    for line in map(str.strip, _head_lines(text)):
        if line:
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]
