"""What the words of a noun phrase tell by themselves: its name run, its office, its country."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from analyzer.lexicon import Lexicon

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

ENTITIES = frozenset({"PERSON", "GPE", "ORG", "NORP"})
_LINKS = frozenset({"of", "for", "on", "in"})  # within the name of a body
_FORMER = frozenset({"former", "ex", "retired", "ex-"})
APPOSED = 10  # tokens between a description and the name behind it
LONGEST_BODY = 8  # tokens of a body's name
LONGEST_TAIL = 7  # tokens of "delegations from the Global South" that are kept behind the noun


def is_name(token: Token) -> bool:
    """True for a token that belongs to a proper name."""
    if token.pos_ == "PROPN":
        return True
    return bool(token.ent_type_ in ENTITIES and token.text[:1].isupper() and token.pos_ != "DET")


def find_run(doc: Doc, i: int, lexicon: Lexicon) -> tuple[int, int]:
    """Return the proper-name run around token i as token indices [start, end): "Ursula von der Leyen"."""
    start, end = i, i + 1
    while start > 0:
        if is_name(doc[start - 1]):
            start -= 1
        elif start > 1 and _joins(doc, start - 1, lexicon) and is_name(doc[start - 2]):
            start -= 2
        else:
            break
    while end < len(doc):
        if is_name(doc[end]):
            end += 1
        elif end + 1 < len(doc) and _joins(doc, end, lexicon) and is_name(doc[end + 1]):
            end += 2
        else:
            break
    if doc[min(end, len(doc) - 1)].lower_ in _LINKS or doc[max(start - 1, 0)].lower_ in _LINKS:
        start, end = _find_body(doc, start, end, lexicon)
    for entity in doc.ents:  # "the Institute for the Study of War": one name over small words
        if entity.label_ == "ORG" and entity.start <= i < entity.end and ":" not in entity.text:
            first = entity.start + (doc[entity.start].lower_ == "the")
            start, end = min(start, first), max(end, entity.end - (doc[entity.end - 1].lower_ == "'s"))
    if start > 0 and end - start > 2 and _is_place_before(doc, start, end, lexicon):
        return (start + 1, end) if i > start else (start, start + 1)
    return start, end


def _joins(doc: Doc, i: int, lexicon: Lexicon) -> bool:
    """True for a small word or a hyphen within a name; a dash between spaces is none: "Ana Weiss – Kenya is …"."""
    if doc[i].text == "-":
        return not doc[i].whitespace_ and not doc[i - 1].whitespace_
    return doc[i].lower_ in lexicon.nouns["particles"]


def _find_body(doc: Doc, start: int, end: int, lexicon: Lexicon) -> tuple[int, int]:
    """Return the longest name of a known body around a run: "Group of Seven", "League of Arab States"."""
    for length in range(LONGEST_BODY, end - start, -1):
        for first in range(max(0, end - length), min(start, len(doc) - length) + 1):
            words = doc[first : first + length].text
            if words.lower() in lexicon.organisations and words[0].isupper():
                return first, first + length
    return start, end


def _is_place_before(doc: Doc, start: int, end: int, lexicon: Lexicon) -> bool:
    """True if a run begins with a place and goes on with who speaks there: "in Brussels Olaf Scholz said"."""
    if end >= len(doc) or doc[end].tag_ not in ("VBD", "VBZ", "VBN"):
        return False
    lonely = not any(c.dep_ in ("nsubj", "nsubjpass") for c in doc[end].children)  # nobody else speaks
    known = lexicon.name_of(doc[start].text) is not None
    return (known and doc[start - 1].lower_ in ("in", "at", "from")) or (lonely and doc[start - 1].lower_ == "in")


def phrase_of(token: Token) -> str:
    """Return a noun's phrase without the clauses that hang on it."""
    keep = [
        t for t in token.subtree if t.i <= token.i and not (t.head == token and t.dep_ in ("relcl", "acl", "appos"))
    ]
    left = min((t.i for t in keep), default=token.i)
    right = token.i + 1
    for child in token.children:
        if child.dep_ == "prep" and child.i == right and child.lower_ in ("of", "from", "at", "in", "for"):
            clauses = {t for r in child.subtree if r.dep_ == "relcl" for t in r.subtree}
            right = max(t.i for t in child.subtree if t.dep_ != "punct" and t not in clauses) + 1
            break
    return str(token.doc[left : min(right, token.i + LONGEST_TAIL)].text)


def bare_phrase(phrase: str) -> str:
    """Return the phrase without its article."""
    bare = re.sub(r"^(?:the|a|an)\s+", "", phrase, flags=re.IGNORECASE).rstrip(" ,;:")
    return phrase if bare.lower() == "author" else bare  # the name "author" is the writer's own


def find_country(token: Token, lexicon: Lexicon) -> str | None:
    """Return the country or body that a phrase's own words name: "Chinese foreign ministry", "China's envoy"."""
    for t in sorted(token.subtree, key=lambda t: abs(t.i - token.i)):
        if abs(t.i - token.i) > 6 or t.dep_ == "relcl":
            continue
        if country := lexicon.people_of(t.text):
            return country
        if t.pos_ == "PROPN":
            start, end = find_run(t.doc, t.i, lexicon)
            if named := lexicon.name_of(t.text) or lexicon.name_of(t.doc[start:end].text):
                return named[0]
    return None


def find_own_countries(token: Token, lexicon: Lexicon) -> list[str]:
    """Return the countries or bodies that a noun's own adjectives, genitive or "of" name; none for former officials."""
    near = [c for c in token.children if c.dep_ in ("amod", "compound", "poss", "nmod")]
    if any(c.lower_ in _FORMER for c in near):
        return []
    near += [g for c in token.children if c.lower_ in ("of", "from", "for") for g in c.children if g.dep_ == "pobj"]
    found: dict[str, None] = {}
    for t in [x for n in near for x in (n, *n.conjuncts)]:
        start, end = find_run(t.doc, t.i, lexicon)
        named = lexicon.people_of(t.text)
        if (
            named is None
            and t.pos_ == "PROPN"
            and (body := lexicon.name_of(t.doc[start:end].text) or lexicon.name_of(t.text))
        ):
            named = body[0]
        if named:
            found[named] = None
    return list(found)


def find_office(token: Token, lexicon: Lexicon) -> str | None:
    """Return the office that a noun names together with the words before it: "foreign minister"."""
    for n in (2, 1, 0):
        words = " ".join(t.lower_ for t in token.doc[max(0, token.i - n) : token.i + 1])
        if words in lexicon.offices:
            return lexicon.offices[words]
    return None


def find_apposed(token: Token, lexicon: Lexicon) -> Token | None:
    """Return the name behind the description of a person: "the envoy to Oslo, Yefim Starostenko,", "a girl named …"."""
    if not (find_office(token, lexicon) or is_somebody(token.lemma_.lower(), lexicon)):
        return None
    for t in token.subtree:
        beside = (
            t.dep_ == "appos"
            and t.head == token
            and t.i > token.i
            and token.tag_ != "NNS"
            and t.pos_ == "PROPN"
            and t.nbor(-1).pos_ == "PROPN"
        )
        if (is_called(t) and t.head.head == token) or (beside and not lexicon.name_of(t.text)):
            return t
    for t in token.doc[token.i + 1 : token.i + APPOSED]:
        other = t.text != "," and (find_office(t, lexicon) or is_somebody(t.lemma_.lower(), lexicon))
        if other or t.text in (".", ";", ":", "“", '"') or t.pos_ in ("VERB", "AUX"):
            return None
        if t.text == "," and t.i + 1 < len(token.doc):
            name = token.doc[t.i + 1]
            if name.pos_ != "PROPN" or lexicon.name_of(name.text) or lexicon.people_of(name.text):
                return None
            _, end = find_run(token.doc, name.i, lexicon)
            named = token.doc[end - 1]
            behind = named.dep_ == "appos" or name.dep_ == "appos" or named.ent_type_ == "PERSON"
            return named if behind and end - name.i > 1 else None
    return None


def is_called(token: Token) -> bool:
    """True for the name that a description is called by: "a girl named Asemahle", "a man called Petro Moroz"."""
    verb = token.head
    return token.dep_ == "oprd" and token.pos_ == "PROPN" and verb.dep_ == "acl" and verb.lower_ in ("named", "called")


def is_somebody(lemma: str, lexicon: Lexicon) -> bool:
    """True for a noun that names people, by the list or by its ending."""
    nouns = lexicon.nouns
    known = any(lemma in nouns[key] for key in ("people", "men", "women"))
    return known or (lemma not in nouns["things"] and lemma.endswith(tuple(nouns["person_endings"])))


def is_heading(sentence: str) -> bool:
    """True for a headline in capitals, where a capital says nothing about names."""
    words = [w for w in re.findall(r"[^\W\d_]+", sentence) if len(w) > 3]
    return len(words) > 2 and sentence[-1] not in ".!?" and sum(w[0].isupper() for w in words) > 0.7 * len(words)
