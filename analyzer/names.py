"""What a run of proper names says by itself: offices, titles and countries around it, and the bare name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analyzer.lexicon import Lexicon

if TYPE_CHECKING:
    from spacy.tokens import Doc


def trim_run(parts: list[str], doc: Doc, start: int, lex: Lexicon) -> list[str]:
    """Drop what a run begins with and is no name: a clock time, the end of "Secretary of State"."""
    before = [t.lower_ for t in doc[max(0, start - 2) : start]]
    common = [n for n, p in enumerate(parts[:-1]) if p.islower() and p in lex.nouns["people"]]
    if common:  # "the Prague institute STREDA"
        parts = parts[common[-1] + 1 :]
    while len(parts) > 1 and not parts[0][0].isalpha():
        parts = parts[1:]
    if len(parts) > 1 and " ".join([*before, parts[0].lower()]) in lex.offices:
        parts = parts[1:]
    if len(parts) > 2 and before[-1:] == ["in"] and parts[0].lower() in lex.places:
        parts = parts[1:]
    return parts


def strip_offices(words: list[str], lex: Lexicon) -> tuple[list[str], str | None, set[str]]:
    """Take offices, titles and nationalities off the front of a run: (name, country, offices)."""
    country: str | None = None
    offices: set[str] = set()
    n = 0
    while words and n >= 0:
        for n in range(min(4, len(words)), -1, -1):
            words_before, following = " ".join(words[:n]).rstrip("."), " ".join(words[n : n + 2]).lower()
            head = words_before.lower()
            if n and (head in lex.offices or head in lex.titles):
                offices.add(lex.offices.get(head, head))
            elif n and n < len(words) and lex.people_of(words_before):
                country = lex.people_of(words_before)
            elif (
                n
                and (following in lex.offices or following.split(" ")[0] in lex.offices)
                and (named := lex.name_of(words_before))
            ):
                country = named[0]
            else:
                continue
            words = words[n:]
            break
        else:
            break
    for n in range(len(words) - 3, -1, -1):  # "Agriculture Undersecretary Selma Karadeniz"
        if words[n].lower() in lex.offices and n:
            offices.add(lex.offices[words[n].lower()])
            words = words[n + 1 :]
            break
    if len(words) > 2 and len(words[0]) > 3 and words[0].isupper() and words[0].lower() in lex.places:
        words = words[1:]  # "BEIJING Shu Zhenglin": a dateline
    return words, country, offices


def find_office_before(doc: Doc, start: int, offices: set[str], lex: Lexicon) -> str | None:
    """Add the office in lower case before a name ("foreign minister Qin Gang"); return its country."""
    before = [t.text for t in doc[max(0, start - 5) : start]]
    for n in range(min(4, len(before)), 0, -1):
        tail = " ".join(before[-n:]).lower()
        if tail in lex.offices:
            offices.add(lex.offices[tail])
            left = [w for w in before[: len(before) - n] if w != "'s"]
            if left and (country := lex.people_of(left[-1])):
                return country
            named = lex.name_of(left[-1]) if left else None
            return named[0] if named else None
    return None


def find_offices_behind(doc: Doc, end: int, lex: Lexicon) -> tuple[set[str], str | None]:
    """Read the description behind a name: "X, a Belarusian deputy minister,"."""
    country: str | None = None
    offices: set[str] = set()
    if end < len(doc) and doc[end].text == ",":
        tail = doc[end + 1 : end + 9]
        after = [t.lower_ for t in tail]
        for j, token in enumerate(tail):
            if token.text == ",":
                break
            for n in (3, 2, 1):
                if (office := " ".join(after[j : j + n])) in lex.offices:
                    offices.add(lex.offices[office])
            country = country or lex.people_of(token.text)
    return offices, country
