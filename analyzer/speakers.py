"""Who is meant: a name, an office, a group or a pronoun, to the speakers that it stands for.

The answer is taken from the figures met so far and from the data on countries, offices and groups; where they give
none, nobody is named: never a guess at a name.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from analyzer.clauses import find_subject, is_empty
from analyzer.figures import ASKING, INDEFINITE, THEIRS, Cast, Figure, name_country, name_text
from analyzer.phrases import (
    ENTITIES,
    bare_phrase,
    find_apposed,
    find_country,
    find_office,
    find_own_countries,
    find_run,
    is_somebody,
    phrase_of,
)
from analyzer.records import Span, Speaker, SpeakerKind

if TYPE_CHECKING:
    from spacy.tokens import Token

_HE, _SHE = frozenset({"he", "him", "his", "himself"}), frozenset({"she", "her", "hers", "herself"})
_ITS = frozenset({"its", "their", "our", "my", "your", "whose"})
_OURS = frozenset({"i", "we"})
_QUANTITY = re.compile(r"^(?:the|a|an|some|many|several|most|other|these|those|all)\s+")
_STATES = frozenset({"country", "nation", "republic", "kingdom"})
_SOME = frozenset({"some", "others", "many"})
_WRITING = frozenset({"write", "sign", "publish", "issue", "release", "send", "draft", "deliver", "post", "circulate"})
_BODIES = frozenset({"bloc", "alliance", "organisation", "organization"})
Speakers = tuple[Speaker, ...]


class Resolver:
    """Answers who is meant, for one document."""

    def __init__(self, cast: Cast) -> None:
        self._cast = cast
        self._lexicon = cast.lexicon

    def resolve(self, head: Token, base: int) -> Speakers:
        """Return the speakers for whom the noun phrase around `head` stands; empty where that is unknown.

        `base` is the offset of the sentence in the document. "X and Y" gives both.
        """
        speakers: list[Speaker] = []
        if head.lower_ in _OURS:
            return ()  # "we, and some sixty others, want": in the voice of whoever says so
        for token in (head, *(c for c in head.conjuncts if c.i > head.i)):
            speakers += [s for s in self._resolve_one(token, base) if all(s.name != t.name for t in speakers)]
        speaks = speakers and speakers[0].kind is not SpeakerKind.TEXT and not _is_asking(head)
        for s in speakers if speaks and not self._is_told(head) else ():  # not who a plan belongs to, nor who asks
            if figure := self._cast.figures.get(s.name.lower()):
                self._cast.act(figure, base + head.idx)
        return tuple(speakers)

    def _is_told(self, head: Token) -> bool:
        """True within what a person says: in "he recalled that Xi had signed it", it is not Xi who goes on to speak."""
        for clause in head.ancestors:
            told = clause.dep_ == "ccomp" and clause.head.i < head.i  # not "Smith thinks not: it was none, he writes"
            teller = find_subject(clause.head) if told else None
            if teller is not None and teller != head and self._lexicon.verbs.get(clause.head.lemma_) == "say":
                return teller.lower_ in _HE | _SHE or teller.pos_ == "PROPN" or self._is_person(teller)
        return False

    def _resolve_one(self, token: Token, base: int) -> Speakers:
        if token.pos_ == "PRON" or token.tag_ in ("PRP", "WP", "WDT"):
            return self._pronoun(token, base)
        phrase = phrase_of(token)
        key = _QUANTITY.sub("", phrase.lower())
        if pair := self._pair(token, phrase, key, base):
            return pair
        name = token.pos_ == "PROPN" or token.ent_type_ in ENTITIES or self._lexicon.name_of(token.text) is not None
        if name and (named := self._named(token, phrase, key, base)):
            return named
        return self._described(token, phrase, key, base)

    def _figure(self, figure: Figure, token: Token, base: int, how: str) -> Speakers:
        return (Speaker(figure.name, figure.kind, _mention(token, base), how),)

    def _words(self, name: str, kind: SpeakerKind, token: Token, base: int, how: str) -> Speakers:
        return (Speaker(name, kind, _mention(token, base), how),)

    def _country(self, country: str, phrase: str, token: Token, base: int) -> Speakers:
        return (name_country(country, phrase, _mention(token, base), self._lexicon),)

    def _pair(self, token: Token, phrase: str, key: str, base: int) -> Speakers:
        """ "Both nations", "the two leaders": the two last named."""
        nouns, lower = self._lexicon.nouns, token.lower_
        persons = lower in nouns["pairs_of_persons"]
        two = re.match(r"(?:the two|both|the pair)\b", phrase.lower())
        if key not in self._lexicon.both and not (two and (persons or lower in nouns["pairs_of_states"])):
            return ()
        at = base + token.idx
        people = self._cast.find_pair(SpeakerKind.PERSON, at)
        homes = list(dict.fromkeys(f.country for f in people if f.country))
        if not persons and len(homes) == 2:
            how = f"“{phrase}”: the countries of the two persons last named"
            return tuple(Speaker(h, SpeakerKind.COUNTRY, _mention(token, base), how) for h in homes)
        latest = people if persons else self._cast.find_pair(SpeakerKind.COUNTRY, at)
        return tuple(Speaker(f.name, f.kind, _mention(token, base), f"“{phrase}”: the two last named") for f in latest)

    def _pronoun(self, token: Token, base: int) -> Speakers:
        lower = token.lower_
        if lower in _SOME and not any(c.dep_ == "prep" for c in token.children):
            return self._words(lower, SpeakerKind.GROUP, token, base, "a group, under its own words")
        if lower in ("who", "which", "that") and token.head.dep_ == "relcl":
            noun = token.head.head
            if noun.dep_ == "appos" and noun.head.pos_ == "PROPN":  # "Delphine Astruc, an engineer who …"
                noun = noun.head
            return self._resolve_one(noun, base) if noun.pos_ != "PRON" else ()
        if lower in _HE | _SHE:
            gender = "m" if lower in _HE else "f"
            if figure := self._subject_before(token, gender):
                return self._figure(figure, token, base, f"“{token.text}”: the subject of the same sentence")
            figure = self._cast.find_latest(SpeakerKind.PERSON, base + token.idx, gender)
            acted = max(figure.rank(base + token.idx)) if figure else -1
            if office := self._cast.find_standing(base + token.idx, acted, gender):
                return (
                    replace(office, mention=_mention(token, base), resolution=f"“{token.text}”: {office.resolution}"),
                )
            if figure:
                figure.gender = gender
                return self._figure(figure, token, base, f"“{token.text}”: the last person named that fits")
        if is_empty(token):
            return ()
        if lower in ("it", "they", "them", "its", "their"):
            at = base + token.idx
            verb = token.head
            says = verb.dep_ == "ROOT" and self._lexicon.verbs.get(verb.lemma_) == "say" and token.i > 1
            if says and not any(c.dep_ == "ccomp" and c.i > verb.i for c in verb.children):
                at = base  # "…, it said": not a body that is named within what it said
            both = self._cast.find_together(base) if lower == "they" else ()
            if both:
                how = f"“{token.text}”: the two of the sentence before"
                return tuple(replace(s, mention=_mention(token, base), resolution=how) for s in both)
            figure, text = self._cast.find_body(at), self._cast.text
            acted = figure.rank(at)[0] if figure else -1
            if lower in ("it", "its") and text and text.mention and acted < text.mention.start < at:
                return (replace(text, mention=_mention(token, base), resolution=f"“{token.text}”: {text.name}"),)
            if figure:
                return self._figure(figure, token, base, f"“{token.text}”: the last country or body that spoke")
        return ()

    def _is_person(self, token: Token) -> bool:
        return is_somebody(token.lemma_.lower(), self._lexicon) or find_office(token, self._lexicon) is not None

    def _subject_before(self, pronoun: Token, gender: str) -> Figure | None:
        """The person whom a sentence names as a subject before a colon or semicolon, and then means by a pronoun."""
        breaks = [t.i for t in pronoun.doc[: pronoun.i] if t.text in (":", ";")]
        since = pronoun.doc[breaks[-1] : pronoun.i] if breaks else ()
        if any(t.dep_ in ("nsubj", "nsubjpass") and (t.pos_ == "PROPN" or self._is_person(t)) for t in since):
            return None
        for t in reversed(pronoun.doc[: breaks[-1] if breaks else 0]):
            if t.dep_ in ("nsubj", "nsubjpass") and t.pos_ == "PROPN" and (figure := self._cast.find_called(t.text)):
                return figure if figure.gender in (None, gender) else None
        return None

    def _named(self, token: Token, phrase: str, key: str, base: int) -> Speakers:
        lex = self._lexicon
        start, end = find_run(token.doc, token.i, lex)
        words = token.doc[start:end].text
        if words.lower().strip("'") in lex.carriers:
            links = [c for c in token.head.children if c.lower_ == "in"]  # "said in an editorial"
            own = any(g.lower_ in lex.nouns["opinions"] for c in links for g in c.children)
            return self._words(words, SpeakerKind.ORGANISATION, token, base, "its own opinion") if own else ()
        if figure := self._cast.name_figure(token.doc, start, end, base):
            return self._figure(figure, token, base, f"named here: {words}")
        if country := find_country(token, lex):
            office = find_office(token, lex)
            if office and (figure := self._cast.find_holder(office, country, base + token.idx)):
                return self._figure(figure, token, base, f"“{phrase}”: office held by {figure.name}")
            return self._country(country, phrase, token, base)
        if token.lower_ in lex.groups or key in lex.groups:
            return self._words(words, SpeakerKind.GROUP, token, base, "a group, under its own words")
        return ()

    def _described(self, token: Token, phrase: str, key: str, base: int) -> Speakers:
        lex, lower, lemma = self._lexicon, token.lower_, token.lemma_.lower()
        office = find_office(token, lex)
        if name := find_apposed(token, lex):
            return self._resolve_one(name, base)
        behind = token.doc[token.i + 1] if token.i + 1 < len(token.doc) else token
        if office and behind.pos_ == "PROPN" and behind.ent_type_ == "PERSON":  # "his adviser Jan Novak"
            return self._resolve_one(token.doc[find_run(token.doc, behind.i, lex)[1] - 1], base)
        if lemma in lex.offices and token.tag_ == "NNS" and (several := self._names_behind(token, base)):
            return several
        for child in token.children:  # "the foreign minister, Qin Gang, …"
            if office and child.dep_ == "appos" and child.pos_ == "PROPN":
                return self._resolve_one(child, base)
        if any(c.dep_ == "poss" and c.lower_ in ("my", "our") for c in token.children):
            return ()  # "my government": the one who says so speaks
        if lemma in lex.texts or lower in lex.texts:
            if phrase.lower().startswith(("no ", "that a ", "which ")):
                return ()  # "no sentence demands …"
            return (name_text(phrase, _mention(token, base)), *self._owners(token, base))
        if lemma in lex.nouns["issues"]:
            return self._issuer(token, base)
        owner = self._owner(token, base)
        if owner and lower in lex.nouns["institutions"]:
            return self._country(owner, phrase, token, base)
        country = find_country(token, lex) or owner
        if lower != lemma and lex.offices.get(lemma) in lex.nameless and (own := find_own_countries(token, lex)):
            return tuple(s for c in own for s in self._country(c, phrase, token, base))  # "Chinese officials"
        if key in lex.groups or lower in lex.groups:
            return self._words(bare_phrase(phrase), SpeakerKind.GROUP, token, base, "a group, under its own words")
        if office:
            return self._office(token, phrase, office, country, base)
        if lower in lex.nouns["institutions"]:
            if country:
                return self._country(country, phrase, token, base)
            figure = self._cast.find_latest(SpeakerKind.COUNTRY, base + token.idx)
            return self._figure(figure, token, base, f"“{phrase}”: of the country that spoke last") if figure else ()
        if lower in _STATES | _BODIES:
            kind = SpeakerKind.COUNTRY if lower in _STATES else SpeakerKind.ORGANISATION
            if phrase.lower().startswith(INDEFINITE):
                return self._words(bare_phrase(phrase), SpeakerKind.GROUP, token, base, "nameless, under its own words")
            figure = self._cast.find_latest(kind, base + token.idx)
            return self._figure(figure, token, base, f"“{phrase}”: the one that spoke last") if figure else ()
        if people := lex.people_of(token.text):
            return self._country(people, phrase, token, base)
        if is_somebody(lemma, lex):
            how = "nameless, under the words of the text"
            return self._words(bare_phrase(phrase), SpeakerKind.GROUP, token, base, how)
        return ()

    def _names_behind(self, plural: Token, base: int) -> Speakers:
        """ "The foreign ministers Sergei Aleinik and Qin Gang": each of the names."""
        doc, i, found = plural.doc, plural.i + 1, list[Speaker]()
        while i < len(doc) and (doc[i].pos_ == "PROPN" or (found and doc[i].lower_ in (",", "and"))):
            if doc[i].pos_ == "PROPN":
                _, end = find_run(doc, i, self._lexicon)
                found += self._named(doc[end - 1], doc[i:end].text, doc[i:end].text.lower(), base)
                i = end
            else:
                i += 1
        return tuple(found) if len(found) > 1 else ()

    def _owners(self, text: Token, base: int) -> Speakers:
        """Whose text it is, and of which country: "the Ukrainian president's formula", "the plan of Brazil"."""
        owned = [c for c in text.children if c.dep_ == "poss" and c.lower_ not in _ITS]
        for link in text.children:
            if link.dep_ == "prep" and link.lower_ in ("of", "by", "from"):
                owned += [g for g in link.children if g.dep_ == "pobj" and g.lemma_.lower() not in self._lexicon.texts]
        owners = [s for token in owned for s in self._resolve_one(token, base) if s.kind is not SpeakerKind.TEXT]
        figures = [self._cast.figures.get(s.name.lower()) for s in owners]
        homes = [f.country for f in figures if f and f.country] or find_own_countries(text, self._lexicon)
        new = [home for home in dict.fromkeys(homes) if all(s.name != home for s in owners)]
        return (*owners, *(s for home in new for s in self._country(home, phrase_of(text), text, base)))

    def _owner(self, token: Token, base: int) -> str | None:
        """The country or body whose "its" stands before a noun, if only one may be meant: "its officials"."""
        if any(c.dep_ == "poss" and c.lower_ == "its" for c in token.children):
            return self._cast.find_only_body(base + token.idx)
        return None

    def _office(self, token: Token, phrase: str, office: str, country: str | None, base: int) -> Speakers:
        """An office without a name: its holder if met, the country for a spokesperson, else the words of the text."""
        definite = not phrase.lower().startswith(INDEFINITE)
        if definite and (figure := self._cast.find_holder(office, country, base + token.idx)):
            return self._figure(figure, token, base, f"“{phrase}”: office held by {figure.name}")
        if country and self._cast.stands_for_country(office, phrase):
            return self._country(country, phrase, token, base)
        latest = self._cast.find_latest(SpeakerKind.COUNTRY, base + token.idx)
        if definite and latest and office in self._lexicon.nameless:
            return self._figure(latest, token, base, f"“{phrase}”: of the country that spoke last")
        name, how = bare_phrase(phrase), "nameless, under the words of the text"
        if token.lower_ in self._lexicon.nouns["institutions"]:
            return self._words(name, SpeakerKind.ORGANISATION, token, base, how)
        if not _is_asking(token) and self._may_be_meant(token):
            self._cast.note_nameless(name, country, office, base + token.idx)
        return self._words(name, SpeakerKind.PERSON, token, base, how)

    def _may_be_meant(self, token: Token) -> bool:
        """True for somebody without a name whom "he" may mean: a subject only of a main clause that tells of them."""
        theirs = any(c.dep_ == "poss" and c.lower_ in THEIRS for c in token.children)
        return self._cast.may_speak(token) if token.dep_ == "nsubj" else not theirs

    def _issuer(self, token: Token, base: int) -> Speakers:
        """A statement or letter passes on; whoever issued it speaks."""
        for child in token.children:
            if child.dep_ == "poss":
                return self._resolve_one(child, base)
            by = child.children if child.dep_ == "acl" and child.lemma_ in _WRITING else (child,)
            for link in by:  # "a note by X", "a note written by X"
                if link.dep_ in ("prep", "agent") and link.lower_ in ("from", "by", "of"):
                    for grand in link.children:
                        if grand.dep_ == "pobj":
                            return self._resolve_one(grand, base)
        if country := find_country(token, self._lexicon):
            return self._country(country, phrase_of(token), token, base)
        same = any(c.lower_ == "same" for c in token.children)
        if same and (figure := self._cast.find_speaker(base)):
            return self._figure(figure, token, base, f"“{phrase_of(token)}”: of the one who spoke last")
        return ()


def _is_asking(token: Token) -> bool:
    """True for who puts a question: "a reporter asked why", "was asked by the chair"."""
    verb = token.head.head if token.head.dep_ == "agent" else token.head
    return verb.lemma_.lower() in ASKING


def _mention(token: Token, base: int) -> Span:
    return Span(base + token.idx, base + token.idx + len(token))
