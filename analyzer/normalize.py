"""Tidy text for reading, one character for one: offsets into the tidy text are offsets into the document.

Quote marks, dashes and odd spaces get their plain forms, so that parser and models see one spelling. Lines that no
person wrote as part of the article (“Leave a Comment”, “Read more: …”, agency sign-offs) are recognised as boilerplate.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from analyzer.resources import load_words

_PLAIN = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»″", '"'),
        **dict.fromkeys("‘’‚‛′‹›`´", "'"),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys(
            "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\t", " "
        ),
        **dict.fromkeys("\u200b\u200c\u200d\ufeff\u00ad\u2028\u2029\x0b\x0c\x85", " "),
    }
)


def tidy_text(text: str) -> str:
    """Return `text` with plain quotes, hyphens and spaces; the length stays the same."""
    return text.translate(_PLAIN)


@cache
def _boilerplate(key: str) -> re.Pattern[str]:
    patterns = load_words("boilerplate.toml")[key]
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


def is_boilerplate(line: str) -> bool:
    """True for a line of a page's furniture: comment forms, related links, sign-offs, photo credits, bare dates."""
    if not any(c.isalnum() for c in line):
        return True
    tidy = tidy_text(line).strip()
    if _boilerplate("always").fullmatch(tidy):
        return True
    prose = len(tidy.split()) > 4 and tidy.rstrip("\"')")[-1:] in ".!?"
    return not prose and bool(_boilerplate("unless_a_sentence").fullmatch(tidy))


def strip_accents(text: str) -> str:
    """Return a text without its accents, other scripts left as they are; the length may change."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def fold_name(name: str) -> str:
    """Return a name without accents, case and article."""
    return re.sub(r"^(?:the|a|an) ", "", " ".join(strip_accents(name).casefold().split()))


def transliterate(name: str) -> str:
    """Return a form in which spellings of one name from another script meet: Zelenskyy, Zelenskiy, Zelensky."""
    plain = fold_name(name).replace("'", "").replace("’", "")
    return re.sub(r"(?:yy|iy|ii|yi|ij|y|i|j)(?= |-|$)", "y", plain).replace("ks", "x")
