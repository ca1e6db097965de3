"""Who has been named so far: the figures of a document, with office, country and gender.

A `Cast` meets the sentences of a document in order. It introduces each name once, knows a surname again, and keeps
every mention with the speaker whom it stands for, so that later steps can ask what a word of the text refers to.
"""

from __future__ import annotations

import datetime
import re
from bisect import bisect_left, insort
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from analyzer.lexicon import Lexicon, load_lexicon
from analyzer.names import find_office_before, find_offices_behind, strip_offices, trim_run
from analyzer.people import find_known
from analyzer.phrases import (
    bare_phrase,
    find_apposed,
    find_country,
    find_office,
    find_own_countries,
    find_run,
    is_called,
    is_name,
    is_somebody,
    phrase_of,
)
from analyzer.records import Span, Speaker, SpeakerKind

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

INDEFINITE = ("a ", "an ", "one ", "another ")
ASKING = frozenset({"ask", "question", "wonder"})  # who puts a question is soon forgotten
RECENT = 60  # mentions among which the subjects of a sentence are looked for
REACH = 600  # characters behind a pair in which "they" may mean it
THEIRS = frozenset({"his", "her", "their"})
_NOBODY = frozenset({"no", "any", "every", "each", "either", "neither"})
_MALE, _FEMALE = (
    frozenset({"mr", "sir", "lord"}),
    frozenset({"mrs", "ms", "madam", "spokeswoman", "chairwoman", "baroness"}),
)
_NAME_PART = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")  # "Diatta-Ferrand", "O'Neill"
_NO_NAME = frozenset({"EVENT", "LAW", "DATE", "WORK_OF_ART", "PRODUCT", "FAC"})
_NO_PERSON = _NO_NAME | {"GPE", "LOC", "NORP"}


@dataclass
class Figure:
    """Somebody whom the document has named so far."""

    name: str
    kind: SpeakerKind
    country: str | None = None
    offices: set[str] = field(default_factory=set)
    gender: str | None = None
    mentioned: list[int] = field(default_factory=list)  # offsets of its mentions, in order
    acting: list[int] = field(default_factory=list)  # those as a subject or a speaker, in order

    def rank(self, before: int) -> tuple[int, int]:
        """How near before an offset it acted last, and was mentioned last; (-1, -1) if never."""
        return _latest(self.acting, before), _latest(self.mentioned, before)


def name_text(phrase: str, mention: Span) -> Speaker:
    """A text that speaks: "the paper calls for …"."""
    return Speaker(phrase, SpeakerKind.TEXT, mention, f"“{phrase}” speaks for its sponsor")


def name_country(country: str, phrase: str, mention: Span, lexicon: Lexicon) -> Speaker:
    """The country or body for which a phrase stands: "the German chancellor"."""
    kind = SpeakerKind.COUNTRY if country in lexicon.countries else SpeakerKind.ORGANISATION
    return Speaker(country, kind, mention, f"“{phrase}” stands for {country}")


def _is_subject(token: Token) -> bool:
    """True for the subject of a sentence, or the name beside it: "the deputy minister, Halyna Storozhuk"."""
    if token.dep_ == "appos" or is_called(token):
        token = token.head.head if is_called(token) else token.head
    return token.dep_ in ("nsubj", "nsubjpass") and token.head.dep_ == "ROOT"


def _latest(offsets: list[int], before: int) -> int:
    i = bisect_left(offsets, before)
    return offsets[i - 1] if i else -1


class Cast:
    """The figures of one document, in the order in which its sentences are met."""

    def __init__(self, day: datetime.date | None = None) -> None:
        """`day` is the document's date, which tells who held which office."""
        self.day, self.lexicon = day, load_lexicon()
        self.figures: dict[str, Figure] = {}
        self._by_word: dict[str, list[Figure]] = {}  # by given name, surname and whole name
        self.together: tuple[int, tuple[Speaker, ...]] = (-1, ())  # the two last named as one subject, and where
        # offices that stand for their country, which "he" may mean: where, of which gender, and the country
        self.standing: list[tuple[int, str | None, Speaker]] = []
        self.text: Speaker | None = None  # the text that was last the subject of a sentence: "it" may mean it
        self.mentions: list[tuple[Span, Speaker]] = []  # names and phrases, and whom they stand for

    def meet(self, doc: Doc, base: int) -> None:
        """Remember everybody whom the sentence names; `base` is the sentence's offset in the document."""
        lex, i = self.lexicon, 0
        while i < len(doc):
            if not is_name(doc[i]):
                i += 1
                continue
            start, end = find_run(doc, i, lex)
            if figure := self.name_figure(doc, start, end, base):
                span = Span(base + doc[start].idx, base + doc[end - 1].idx + len(doc[end - 1]))
                self._keep(span, figure.name, figure.kind, f"named: {doc[start:end].text}")
                if any(_is_subject(t) for t in doc[start:end]):
                    self.act(figure, base + doc[start].idx)
            i = max(end, i + 1)
        for token in doc:
            span = Span(base + token.idx, base + token.idx + len(token))
            if token.dep_ == "nsubj" and token.lemma_.lower() in lex.texts:
                self.text = name_text(phrase_of(token), span)
            if country := lex.people_of(token.text):
                self._keep(span, country, SpeakerKind.COUNTRY, f"“{token.text}” stands for the country")
            elif token.pos_ == "NOUN" and (
                token.lower_ in lex.groups or find_office(token, lex) or is_somebody(token.lemma_.lower(), lex)
            ):
                phrase = bare_phrase(phrase_of(token))
                self._keep(span, phrase, SpeakerKind.GROUP, "nameless, under the words of the text")
                office = find_office(token, lex) if self.may_speak(token) else None
                if office:
                    self._meet_office(token, office, span)
        self._join(doc, base)

    def _meet_office(self, token: Token, office: str, span: Span) -> None:
        """Remember who speaks by an office alone: the country for which it stands, else somebody without a name."""
        lex, phrase = self.lexicon, phrase_of(token)
        country = find_country(token, lex)
        if self.find_holder(office, country, span.start):
            return
        if country and find_own_countries(token, lex) and self.stands_for_country(office, phrase):
            gender = self._gender_of(token.lower_)
            self.standing.append((span.start, gender, name_country(country, phrase, span, lex)))
        else:
            self.note_nameless(bare_phrase(phrase), country, office, span.start)

    def _join(self, doc: Doc, base: int) -> None:
        """Remember who are the subject of a sentence together: "Kenya and Chad met", "Kenya as well as Chad"."""
        for token in doc:
            if token.dep_ in ("nsubj", "nsubjpass") and token.conjuncts:
                places = [base + t.idx for t in (token, *token.conjuncts)]
                named = [s for at in places for span, s in self.mentions[-RECENT:] if span.start <= at < span.end]
                names = {s.name: s for s in named if s.kind in (SpeakerKind.PERSON, SpeakerKind.COUNTRY)}
                if len(names) == 2:
                    self.together = places[0], tuple(names.values())

    def find_together(self, before: int) -> tuple[Speaker, ...]:
        """Return the two who were the subject of a sentence before an offset, unless a body acted alone since."""
        at, both = self.together
        body = self.find_body(before)
        alone = body is not None and body.rank(before)[0] > at and all(body.name != s.name for s in both)
        return () if alone or not at < before < at + REACH else both

    def may_speak(self, token: Token) -> bool:
        """True for one person without a name who is the subject of a reporting word."""
        lex = self.lexicon
        one = token.tag_ == "NN" and not any(c.lower_ in _NOBODY for c in token.children)
        if any(c.lower_ == "my" for c in token.children):  # "my brother drives an ambulance"
            return one and token.dep_ == "nsubj" and token.head.dep_ == "ROOT"
        verb = token.head.lemma_.lower()
        clause = token.head  # its own, one joined to it, or one before ", he said"
        joined = clause.dep_ in ("conj", "ccomp") and clause.head.dep_ == "ROOT"
        main = clause.dep_ == "ROOT" or (joined and (clause.dep_ == "conj" or clause.i < clause.head.i))
        told = verb in lex.verbs or token.head.tag_ == "VBD"  # not "a mediator who begins so ends so"
        speaks = token.dep_ == "nsubj" and main and told and verb not in ASKING
        if any(c.lower_ in THEIRS for c in token.children):  # "her guest left": "she" is who has the guest
            speaks = speaks and lex.verbs.get(verb) == "say"
        return one and speaks and token.lower_ not in lex.nouns["institutions"] and find_apposed(token, lex) is None

    def find_nameless(self, before: int) -> str | None:
        """Return the words for the person without a name who was last spoken of before an offset."""
        lex = self.lexicon
        named = [s.name for span, s in self.mentions if span.start < before and s.kind is SpeakerKind.GROUP]
        last = ((n, n.split()[-1].lower()) for n in reversed(named) if not n.endswith("s"))
        return next((n for n, word in last if is_somebody(word, lex) or word in lex.offices), None)

    def lower_heading(self, heading: str) -> str:
        """Return a headline with small letters for all words but known names; the length stays the same."""
        names = {part for f in self.figures.values() for part in f.name.split()}
        lex = self.lexicon

        def lower(match: re.Match[str]) -> str:
            word = match[0]
            known = word in names or word.isupper() or lex.name_of(word) or lex.people_of(word)
            return word if known or len(word.lower()) != len(word) else word.lower()

        return re.sub(r"[^\W\d_]+", lower, heading)

    def _keep(self, span: Span, name: str, kind: SpeakerKind, how: str) -> None:
        self.mentions.append((span, Speaker(name, kind, span, how)))

    def name_figure(self, doc: Doc, start: int, end: int, base: int) -> Figure | None:
        """Return the figure that a proper-name run names, introduced if it is new; None for what is nobody."""
        lex = self.lexicon
        tokens = [t for t in doc[start:end] if t.text not in ("'s", "'", '"', ",")]
        whole = re.sub(r"\s*-\s*", "-", " ".join(t.text for t in tokens))
        at = base + doc[start].idx
        if not whole or whole.lower() in lex.carriers:
            return None
        if named := lex.name_of(whole):
            return self._note(Figure(named[0], named[1], named[0] if named[1] is SpeakerKind.COUNTRY else None), at)
        rest, country, offices = strip_offices(trim_run(whole.split(), doc, start, lex), lex)
        country = find_office_before(doc, start, offices, lex) or country
        name = " ".join(rest)
        if not rest or name.lower() in lex.carriers or lex.people_of(name) or rest[0] in ("of", "for"):
            return None
        if named := lex.name_of(name):
            return self._note(Figure(named[0], named[1]), at)
        if len(rest) > 1 and name.isupper():
            name = name.title()
        meet = end < len(doc) and doc[end].lower_ in lex.nouns["meetings"]
        if len(rest) == 1 and "-" in name and (meet or all(self.find_called(part) for part in name.split("-"))):
            return None  # "the Xi-Lukashenko talks"
        known = self.figures.get(name.lower()) or self._recognise(rest)
        if known:
            known.offices |= offices
            known.country = known.country or country
            return self._note(known, at)
        cut = start > 0 and doc[start - 1].pos_ == "PROPN" and doc[start].ent_iob_ == "I"  # from the place before it
        if start > 1 and doc[start - 1].text == "(" and doc[start - 2].pos_ == "PROPN":
            return None  # "Darren Oosthuizen (Democratic Opposition)": where they belong
        person = cut or is_called(doc[end - 1]) or self._has_view(doc[end - 1])
        types = {"PERSON"} if person else {t.ent_type_ for t in tokens}
        return self._introduce(name, types, offices, country, find_offices_behind(doc, end, lex), at)

    def _has_view(self, token: Token) -> bool:
        """True for whom an opinion is of: "in the opinion of Ourania Vlastos"."""
        return token.dep_ == "pobj" and token.head.lower_ == "of" and token.head.head.lower_ in self.lexicon.possessed

    def _recognise(self, rest: list[str]) -> Figure | None:
        """Return the person already met whom a name means: by surname, or by surname after a slip of the pen."""
        known = self.find_called(rest[-1])
        if known is None or len(rest) == 1:
            return known
        same = [p for p in rest[:-1] if p.lower() in known.name.lower().split()]
        given = rest[0].lower() in self.lexicon.male | self.lexicon.female
        return known if same or (not (given or len(known.name.split()) == 1) and len(rest) > 2) else None

    def _introduce(
        self,
        name: str,
        labels: set[str],
        offices: set[str],
        country: str | None,
        follower: tuple[set[str], str | None],
        at: int,
    ) -> Figure | None:
        """Introduce a new person or organisation, if the words show that it is one."""
        lex, rest = self.lexicon, name.split()
        known = None if _NO_NAME & labels else find_known(name, self.day)
        given = known.given if known else rest[0].lower()
        gender = "m" if given in lex.male else "f" if given in lex.female else None
        gender = "m" if offices & _MALE else "f" if offices & _FEMALE else gender
        body = rest[-1].lower() in lex.nouns["bodies"]  # "the Konrad Adenauer Foundation"
        person = not body and (bool(offices) or known is not None or gender is not None or "PERSON" in labels)
        if not person and not body and "ORG" not in labels and len(rest) in (2, 3):
            person = all(w[0].isupper() and _NAME_PART.fullmatch(w) for w in rest) and not _NO_PERSON & labels
        if not person and not body and "ORG" not in labels:
            return None
        if person:
            offices, country = offices | follower[0], country or follower[1]
        if known and country in (None, known.country):
            offices, country = offices | known.offices, known.country
        kind = SpeakerKind.PERSON if person else SpeakerKind.ORGANISATION
        return self._note(Figure(name, kind, country, offices, gender), at)

    def _note(self, figure: Figure, at: int) -> Figure:
        kept = self.figures.setdefault(figure.name.lower(), figure)
        if kept is figure:
            for word in {*figure.name.lower().split()[:: max(1, len(figure.name.split()) - 1)], figure.name.lower()}:
                self._by_word.setdefault(word, []).append(figure)
        insort(kept.mentioned, at)
        return kept

    def act(self, figure: Figure, at: int) -> None:
        """Note that a figure is a subject or a speaker at an offset."""
        insort(figure.acting, at)

    def note_nameless(self, phrase: str, country: str | None, office: str, at: int) -> None:
        """Remember a person without a name, "a senior EU diplomat", so that "he" may mean them."""
        gender = self._gender_of(phrase.split(" of ")[0].split()[-1].lower())
        self.act(self._note(Figure(phrase, SpeakerKind.PERSON, country, {office}, gender), at), at)

    def stands_for_country(self, office: str, phrase: str) -> bool:
        """True for an office that, without a name, speaks for its country: "the German chancellor", "a spokesman"."""
        definite = not phrase.lower().startswith(INDEFINITE)
        return office in self.lexicon.nameless or (definite and office in self.lexicon.state_offices)

    def find_standing(self, before: int, since: int, gender: str) -> Speaker | None:
        """Return the country that an office without a name stood for between two offsets, the last one that fits."""
        since = max(since, before - REACH)
        fitting = (s for at, g, s in reversed(self.standing) if since < at < before and g in (None, gender))
        return next(fitting, None)

    def _gender_of(self, noun: str) -> str | None:
        """Return "f" or "m" for a noun that tells: "spokeswoman", "brother"."""
        if noun.endswith("woman") or noun in self.lexicon.nouns["women"]:
            return "f"
        return "m" if noun.endswith("man") or noun in self.lexicon.nouns["men"] else None

    def find_called(self, word: str) -> Figure | None:
        """Return the person last mentioned whom one word may name."""
        found = [f for f in self._by_word.get(word.lower(), ()) if f.kind is SpeakerKind.PERSON]
        return max(found, key=lambda f: f.mentioned[-1], default=None)

    def find_latest(self, kind: SpeakerKind, before: int, gender: str | None = None) -> Figure | None:
        """Return the figure of a kind who acted last before an offset, else who was mentioned last."""
        fitting = [
            f for f in self.figures.values() if f.kind is kind and (gender is None or f.gender in (None, gender))
        ]
        return self._nearest(fitting, before)

    def find_body(self, before: int) -> Figure | None:
        """Return the country, organisation or group that acted last before an offset."""
        bodies = [f for f in self.figures.values() if f.kind is not SpeakerKind.PERSON and f.rank(before)[0] >= 0]
        return self._nearest(bodies, before)

    def find_speaker(self, before: int) -> Figure | None:
        """Return the figure of whatever kind that acted last before an offset."""
        acted = [f for f in self.figures.values() if f.rank(before)[0] >= 0]
        return max(acted, key=lambda f: f.rank(before)[0], default=None)

    def find_only_body(self, before: int) -> str | None:
        """Return the country or body that acted last before an offset, unless another was named since."""
        last = self.find_body(before)
        if last is None or last.kind is SpeakerKind.GROUP:
            return None
        since = last.rank(before)[0]
        others = (f for f in self.figures.values() if f is not last and f.kind is not SpeakerKind.PERSON)
        return None if any(f.rank(before)[1] >= since for f in others) else last.name

    def find_pair(self, kind: SpeakerKind, before: int) -> list[Figure]:
        """Return the two figures of a kind last mentioned before an offset, in the order of the text."""
        fitting = [f for f in self.figures.values() if f.kind is kind and f.rank(before)[1] >= 0]
        return sorted(fitting, key=lambda f: f.rank(before)[1])[-2:]

    def find_holder(self, office: str, country: str | None, before: int) -> Figure | None:
        """Return the person met who holds an office, in this country where one is named."""
        general = office in self.lexicon.nouns["general_offices"]

        def holds(f: Figure) -> bool:
            near = any(o == office or o.endswith(f" {office}") or office.endswith(f" {o}") for o in f.offices)
            return near or (general and bool(f.offices))

        people = [f for f in self.figures.values() if f.kind is SpeakerKind.PERSON and holds(f)]
        if country is not None:
            exact = [f for f in people if f.country == country]
            people = exact or ([] if general else [f for f in people if f.country is None])
        return self._nearest(people, before)

    def _nearest(self, figures: list[Figure], before: int) -> Figure | None:
        met = [f for f in figures if f.rank(before)[1] >= 0]
        return max(met, key=lambda f: f.rank(before), default=None)
