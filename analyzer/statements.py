"""Statements: what a document reports somebody as saying, and what its writer says.

Each sentence is parsed; every reporting word whose subject stands for somebody opens a statement over the words that
hang on it. Quotations go to the speaker named beside them, or carry on the last one. What nobody is reported as
saying is the writer's own voice. A statement's span includes its reporting words, for they often carry the stance
(“denounced”).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from analyzer.clauses import QUOTED, find_scope, find_subject, is_aside, is_denied
from analyzer.continuing import settle_quotations
from analyzer.dates import find_when, resolve_day
from analyzer.figures import Cast, name_text
from analyzer.labels import Labels
from analyzer.normalize import tidy_text
from analyzer.parsing import parse_sentences
from analyzer.phrases import is_heading
from analyzer.quotations import SHORTEST_SPEECH, Quotation, find_quotations
from analyzer.records import Document, Notice, Sentence, Span, Speaker, SpeakerKind, Speech, Statement
from analyzer.segment import split_paragraphs
from analyzer.speakers import Resolver
from analyzer.voices import Voices, is_rubric

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

IDIOM = 4  # words behind a verb among which the rest of an idiom stands
MOST_QUOTATIONS = 40  # of one sentence; bounds the search
_ACTS = frozenset({"endorse", "criticise"})
STATES = frozenset(
    {"be", "have", "remain", "find", "see", "stand", "work", "seem", "appear"}
)  # a text does not speak by these
JUDGING = frozenset({"find", "see"})  # verbs by which somebody judges
BEING = frozenset({"be", "have", "become"})  # what is quoted behind these may be said of somebody
AGREEING = frozenset({"point", "right", "wrong", "mistaken", "correct"})
SEEMING = frozenset({"be", "mean", "remain", "seem", "look"})  # verbs of how something looks to somebody
_PUT = frozenset({"put", "say", "write", "note"})


@dataclass(frozen=True, slots=True)
class Extraction:
    """The statements of a document and what was met on the way."""

    statements: tuple[Statement, ...]
    mentions: tuple[tuple[Span, Speaker], ...]  # names and phrases in the text, and whom they stand for
    notices: tuple[Notice, ...]


def extract_statements(document: Document, sentences: Sequence[Sentence]) -> Extraction:
    """Return the statements of a document, in order, with notices on what could not be read cleanly.

    Every sentence has at least one statement. A statement whose speaker cannot be found has no speakers.
    """
    tidy = tidy_text(document.text)
    paragraphs = split_paragraphs(document.text)
    quotations = find_quotations(document.text, paragraphs)
    notices = tuple(
        Notice("a quotation is not closed; it was read to the end of its paragraph", q.span)
        for q in quotations
        if not q.closed and not q.continues
    )
    cast = Cast(document.date)
    reader = _Reader(document, tidy, sentences, quotations, cast)
    prose: list[Sentence] = []
    headings: list[Sentence] = []
    for sentence in sentences:
        (headings if is_heading(sentence.span.of(tidy)) else prose).append(sentence)
    statements: list[Statement] = []
    begins = [reader.find_begin(s) for s in prose]
    parses = parse_sentences(tidy[at : s.span.end] for s, at in zip(prose, begins, strict=True))
    for sentence, at, parse in zip(prose, begins, parses, strict=True):
        statements += reader.read(sentence, at, parse)
    reader.begin_headings()
    lowered = (cast.lower_heading(s.span.of(tidy)) for s in headings)  # read last, when the names are known
    for sentence, parse in zip(headings, parse_sentences(lowered), strict=True):
        statements += reader.read(sentence, sentence.span.start, parse)
    statements.sort(key=lambda s: s.sentence)
    mentions = sorted(cast.mentions, key=lambda mention: mention[0])
    return Extraction(tuple(settle_quotations(statements, sentences, quotations)), tuple(mentions), notices)


class _Reader:
    """Reads the sentences of one document in order, remembering who spoke last."""

    def __init__(
        self, document: Document, tidy: str, sentences: Sequence[Sentence], quotations: Sequence[Quotation], cast: Cast
    ) -> None:
        self.document, self.tidy, self.quotations = document, tidy, quotations
        self.cast, self.lexicon, self.resolver = cast, cast.lexicon, Resolver(cast)
        self.paragraph = -1
        self.labels = Labels(tidy, sentences)
        self.voices = Voices(tidy, self.labels, cast, self.resolver)

    def begin_headings(self) -> None:
        """Headlines are the writer's, whoever spoke last."""
        self.voices.reset()
        self.paragraph, self.cast.text = -1, None

    def find_begin(self, sentence: Sentence) -> int:
        """Return where a sentence's own words begin: behind the label that names who speaks, which is not grammar."""
        label = self.labels.find(sentence)
        return label.end() if label and self.labels.names(label) else sentence.span.start

    def read(self, sentence: Sentence, base: int, parse: Doc) -> list[Statement]:
        """Return the statements of one sentence, widest first; its parse begins at offset `base`."""
        label = self.labels.find(sentence)
        opens = sentence.paragraph != self.paragraph
        if opens or (label and self.labels.transcript and self.labels.holds(label) and not is_rubric(label)):
            self.paragraph = sentence.paragraph
            self.voices.hear(label)
        self.cast.meet(parse, base)
        first = bisect_left(self.quotations, sentence.span.start, key=lambda q: q.span.end)
        quoted = [q for q in self.quotations[first : first + MOST_QUOTATIONS] if q.span.overlap(sentence.span)]
        found = list(self._cues(parse, base, sentence, quoted))
        statements = [*found, *self._quotes(sentence, base, parse, quoted, found)]
        voice = self.voices.speakers
        wide = [
            s for s in statements if s.span.overlap(sentence.span) >= 0.8 * (sentence.span.end - sentence.span.start)
        ]
        labelled = voice and not self.voices.is_author and all(s.speakers and s.speakers != voice for s in wide)
        if labelled or not wide:
            statements.append(self._statement(sentence, sentence.span, voice, Speech.VOICE))
        return sorted(statements, key=lambda s: (s.span.start - s.span.end, s.span.start))

    def _statement(
        self, sentence: Sentence, span: Span, speakers: tuple[Speaker, ...], speech: Speech, cue: Span | None = None
    ) -> Statement:
        text = self.document.text
        return Statement(sentence.number, span, span.of(text), speakers, speech, cue.of(text) if cue else None, cue)

    # reporting words

    def _cues(self, parse: Doc, base: int, sentence: Sentence, quoted: Sequence[Quotation]) -> Iterator[Statement]:
        for token in parse:
            at = base + token.idx
            if any(q.span.start < at < q.span.end and q.words(self.tidy) >= SHORTEST_SPEECH for q in quoted):
                continue  # a report within somebody's own words is part of those words
            if token.pos_ in ("VERB", "AUX") and (token.lemma_.lower() in self.lexicon.verbs or self._is_idiom(token)):
                yield from self._verb(token, base, sentence, quoted)
            elif token.lemma_ == "go" and token.i + 1 < len(parse) and token.nbor().lower_ == "on":
                yield from self._going_on(token, base, sentence)
            elif token.lower_ in self.lexicon.possessed and token.i and token.head.lower_ in ("in", "to", "by"):
                holders = [c for c in token.children if c.dep_ == "poss"] + [
                    g for c in token.children if c.lower_ == "of" for g in c.children if g.dep_ == "pobj"
                ]
                for holder in holders:
                    if speakers := self.resolver.resolve(holder, base):
                        yield self._statement(sentence, sentence.span, speakers, Speech.INDIRECT, self._at(token, base))
            elif token.pos_ in ("NOUN", "PROPN") and token.lemma_.lower() in self.lexicon.act_nouns:
                yield from self._noun(token, base, sentence)
            elif token.pos_ in ("NOUN", "PROPN", "VERB") and token.lower_ in self.lexicon.numbered:
                yield from self._numbered(token, base, sentence)
            elif token.text == ":" and (own := self._agreement(token, base, sentence)):
                yield own
            elif token.i == 0 and token.lower_ == "for":
                yield from self._side(token, base, sentence)
            elif token.lower_ == "according" and token.i + 2 < len(parse) and token.nbor().lower_ == "to":
                yield from self._phrase(token, base, sentence)

    def _is_idiom(self, verb: Token) -> bool:
        words = self.lexicon.idioms.get(verb.lemma_.lower(), frozenset())
        return any(t.lower_ in words for t in verb.doc[verb.i + 1 : verb.i + 1 + IDIOM])

    def _at(self, token: Token, base: int) -> Span:
        return Span(base + token.idx, base + token.idx + len(token.text))

    def _verb(self, verb: Token, base: int, sentence: Sentence, quoted: Sequence[Quotation]) -> Iterator[Statement]:
        subject = find_subject(verb)
        if subject is None:
            return
        speakers = self.resolver.resolve(subject, base)
        text = bool(speakers) and speakers[0].kind is SpeakerKind.TEXT
        if not speakers or (text and verb.lemma_ in STATES) or self._passes_on(verb, speakers[0]):
            return
        kind = self.lexicon.verbs.get(verb.lemma_.lower(), "idiom")
        if self._is_withheld(verb):  # "has not condemned": who says so is the one who tells it
            joined = {g for c in verb.children if c.dep_ == "conj" for g in c.subtree}
            tokens = [t for t in find_scope(verb, subject) if t not in joined]
            yield self._statement(
                sentence, _cover(tokens, base, sentence), self.voices.speakers, Speech.VOICE, self._at(verb, base)
            )
            return
        scope = find_scope(verb, subject)
        begin = max((t.i for t in verb.doc[: min(verb.i, subject.i)] if t.text in (":", ";")), default=-1)
        left = {g for t in scope if t != verb and self._is_withheld(t) for g in _find_joined(t, verb)}
        span = _cover([t for t in scope if t.i > begin and t not in left], base, sentence)
        as_put = verb.lemma_ in _PUT and any(c.lower_ == "as" for c in verb.children)  # "as X put it"
        if kind in ("say", "think") and (as_put or is_aside(verb, subject)):
            span = sentence.span
        elif (kind in ("say", "think") or verb.lemma_ in JUDGING) and self._goes_on(verb, span.end):
            span = Span(span.start, sentence.span.end)
        inside = any(q.span.overlap(span) for q in quoted)
        speech = Speech.ACT if kind in _ACTS else Speech.MIXED if inside else Speech.INDIRECT
        statement = self._statement(sentence, span, speakers, speech, self._at(verb, base))
        if when := find_when(verb, base):
            words = when.of(self.document.text)
            statement = replace(statement, when=words, said_on=resolve_day(words, self.document.date))
        yield statement

    def _is_withheld(self, verb: Token) -> bool:
        """True for blame that is told not to have been spoken: "has yet to condemn"."""
        return verb.lemma_.lower() in self.lexicon.blame and verb.pos_ == "VERB" and is_denied(verb)

    def _goes_on(self, verb: Token, end: int) -> bool:
        """True for a colon behind a report: "a diplomat finds this no accident: a paper that wants to please …"."""
        main = verb.dep_ == "ROOT" or (verb.dep_ == "conj" and verb.head.dep_ == "ROOT")
        return main and self.tidy[end : end + 2] == ": "

    def _passes_on(self, verb: Token, speaker: Speaker) -> bool:
        """True for a paper that reports what somebody else says: "The Harbour Courier reported that Kenya wanted …"."""
        if verb.lemma_ not in QUOTED or speaker.kind is not SpeakerKind.ORGANISATION:
            return False
        known = speaker.name in self.lexicon.organisations.values()
        inner = (t for t in verb.subtree if t != verb and t.lemma_.lower() in self.lexicon.verbs)
        return not known and any(t.pos_ == "VERB" for t in inner)

    def _going_on(self, verb: Token, base: int, sentence: Sentence) -> Iterator[Statement]:
        """ ", he went on," beside what is said."""
        subject, on = find_subject(verb), verb.nbor()
        plain = verb.tag_ in ("VBD", "VBZ") and not any(c.dep_ in ("aux", "neg", "mark") for c in verb.children)
        if (
            subject is not None
            and plain
            and is_aside(verb, subject, on)
            and (speakers := self.resolver.resolve(subject, base))
        ):
            cue = Span(base + verb.idx, base + on.idx + len(on))
            yield self._statement(sentence, sentence.span, speakers, Speech.INDIRECT, cue)

    def _noun(self, noun: Token, base: int, sentence: Sentence) -> Iterator[Statement]:
        holder = next((c for c in noun.children if c.dep_ == "poss"), None)
        if holder is None:
            holder = next(
                (
                    g
                    for c in noun.children
                    if c.dep_ in ("prep", "agent") and c.lower_ in ("from", "by", "of")
                    for g in c.children
                    if g.dep_ == "pobj"
                ),
                None,
            )
            if holder is not None and holder.head.lower_ == "of" and holder.pos_ != "PROPN":
                holder = None
        verb = noun.head
        if holder is None and noun.dep_ == "dobj" and verb.pos_ == "VERB":  # "X made a suggestion that …"
            subject = find_subject(verb)
            if subject is not None and (speakers := self.resolver.resolve(subject, base)):
                tokens = sorted((t for t in find_scope(verb, subject) if not t.is_punct), key=lambda t: t.i)
                end = min(sentence.span.end, base + tokens[-1].idx + len(tokens[-1]))
                yield self._statement(
                    sentence, Span(base + tokens[0].idx, end), speakers, Speech.INDIRECT, self._at(noun, base)
                )
                return
        speakers = ()
        if holder is not None:
            speakers = self.resolver.resolve(holder, base)
        else:
            for c in noun.children:
                if c.dep_ in ("amod", "compound") and (named := self.lexicon.people_of(c.text)):
                    speakers = (
                        Speaker(named, SpeakerKind.COUNTRY, self._at(c, base), f"“{c.text}” stands for the country"),
                    )
        if speakers:
            tokens = [t for t in noun.subtree if not t.is_punct]
            span = Span(base + tokens[0].idx, min(sentence.span.end, base + tokens[-1].idx + len(tokens[-1].text)))
            if (
                noun.dep_ == "nsubj" and noun.head.lemma_ == "be" and noun.head.dep_ == "ROOT"
            ):  # "X's position is that …"
                span = sentence.span
            yield self._statement(sentence, span, speakers, Speech.INDIRECT, self._at(noun, base))

    def _phrase(self, according: Token, base: int, sentence: Sentence) -> Iterator[Statement]:
        doc = according.doc
        for token in doc[according.i + 2 :]:
            if token.dep_ == "pobj":
                if speakers := self.resolver.resolve(token, base):
                    cue = Span(base + according.idx, base + doc[according.i + 1].idx + 2)
                    yield self._statement(sentence, sentence.span, speakers, Speech.INDIRECT, cue)
                return

    def _numbered(self, noun: Token, base: int, sentence: Sentence) -> Iterator[Statement]:
        """ "Points five and six ask for …": the verb is read here, for the parser takes it for a noun."""
        rest = noun.doc[noun.i + 1 :]
        numbers = next((n for n, t in enumerate(rest) if not (t.like_num or t.lower_ in (",", "and", "to", "or"))), 0)
        if (
            not any(t.like_num for t in rest[:numbers])
            or rest[numbers].lower_ not in self.lexicon.verbs
            or rest[numbers].pos_ == "VERB"
        ):
            return
        end = next(
            (t.i for t in rest[numbers:] if t.text in (";", ":") or t.lower_ in ("while", "whereas")), len(noun.doc)
        )
        span = Span(base + noun.idx, base + noun.doc[end - 1].idx + len(noun.doc[end - 1]))
        phrase = noun.doc[noun.i : noun.i + 1 + numbers].text
        text = name_text(phrase, self._at(noun, base))
        yield self._statement(sentence, span, (text,), Speech.INDIRECT, self._at(rest[numbers], base))

    def _agreement(self, colon: Token, base: int, sentence: Sentence) -> Statement | None:
        """ "She has a point: …", "They are wrong: …": what comes behind is in the voice of who says so."""
        before = [t.lower_ for t in colon.doc[: colon.i]]
        said = next((n for n, word in enumerate(before) if word in AGREEING and n >= len(before) - 3), None)
        verb = said is not None and any(t.lemma_ in BEING for t in colon.doc[max(0, said - 4) : said])
        words = self.tidy[base + colon.idx + 1 : sentence.span.end]
        if said is None or not verb or not words.strip():
            return None
        start = sentence.span.end - len(words.lstrip())
        cue = self._at(colon.doc[said], base)
        return self._statement(sentence, Span(start, sentence.span.end), self.voices.speakers, Speech.VOICE, cue)

    def _side(self, link: Token, base: int, sentence: Sentence) -> Iterator[Statement]:
        """ "For Pyo Sang-hyun in Seoul, the points are about business": as a person sees it."""
        holder = next((c for c in link.children if c.dep_ == "pobj"), None)
        comma = next((t.i for t in link.doc[1:] if t.text == ","), None)
        if holder is None or comma is None or not holder.i < comma or link.head.lemma_ not in SEEMING:
            return
        speakers = self.resolver.resolve(holder, base)
        if len(speakers) == 1 and speakers[0].kind is SpeakerKind.PERSON:
            yield self._statement(sentence, sentence.span, speakers, Speech.INDIRECT, self._at(link, base))

    # quotations

    def _quotes(
        self, sentence: Sentence, base: int, parse: Doc, quoted: Sequence[Quotation], cues: Sequence[Statement]
    ) -> Iterator[Statement]:
        """Quotations go to whoever speaks beside them; else to the person whom the sentence is about."""
        words = sentence.span.of(self.document.text)
        if not quoted and not cues and words.endswith("”") and "“" not in words:  # the opening mark was lost
            yield self._statement(sentence, sentence.span, (), Speech.DIRECT)
        for q in quoted:
            start, end = max(q.span.start, sentence.span.start), min(q.span.end, sentence.span.end)
            if q.words(self.tidy) < SHORTEST_SPEECH or start >= end:
                continue
            span = Span(start, end)
            beside = [s for s in cues if s.cue_span and not s.cue_span.overlap(q.span)]
            covering = [s for s in beside if s.span.overlap(span) > 0.5 * (end - start)]
            pool = covering or [s for s in beside if s.speech is not Speech.ACT] or beside
            if pool:
                nearest = min(pool, key=lambda s: min(abs(s.cue_span.start - end), abs(start - s.cue_span.end)))  # type: ignore[union-attr]
                if not (covering and q.words(self.tidy) < 8 and nearest.speech is Speech.MIXED):
                    yield self._statement(sentence, span, nearest.speakers, Speech.DIRECT, nearest.cue_span)
            else:
                yield self._statement(sentence, span, self._find_quoted(sentence, base, parse, q), Speech.DIRECT)

    def _find_quoted(self, sentence: Sentence, base: int, parse: Doc, quotation: Quotation) -> tuple[Speaker, ...]:
        """The person whose words a sentence quotes without a word of saying.

        "The envoy, Rania Sabry, on the steps: “…”", without a verb; "Her minister would go on “until it ends”".
        """
        if quotation.span.start <= base:  # behind a label, if anything
            return self.voices.speakers if base > sentence.span.start and not self.voices.is_author else ()
        before = [t for t in parse if base + t.idx < quotation.span.start and not t.is_quote]
        titled = bool(before) and before[-1].text == ":" and not any(t.pos_ in ("VERB", "AUX") for t in before)
        spoken = bool(before) and before[-1].tag_ in ("VB", "VBD", "VBZ", "VBP", "RB", "RP")
        for token in before:
            subject = token.dep_ == "nsubj" and token.head.dep_ == "ROOT" and token.head.lemma_ not in BEING
            opens = titled and (token.dep_ in ("ROOT", "nsubj") or token.head.dep_ == "ROOT")
            if (
                token.pos_ in ("NOUN", "PROPN")
                and token.dep_ not in ("pobj", "dobj")
                and (opens or (subject and spoken))
            ):
                found = self.resolver.resolve(token, base)
                alone = len(found) == 1 and found[0].kind is SpeakerKind.PERSON
                how = f"no word of saying; {found[0].resolution}" if alone else ""
                return (replace(found[0], resolution=how),) if alone else ()
        return ()


def _find_joined(inner: Token, verb: Token) -> set[Token]:
    """The words of the clause joined to a verb's by "and" or "but" that a word lies in; empty for any other clause."""
    while inner.head not in (inner, verb):
        inner = inner.head
    return set(inner.subtree) if inner.dep_ == "conj" else set()


def _cover(tokens: Sequence[Token], base: int, sentence: Sentence) -> Span:
    """The span from the first to the last of some words."""
    words = [t for t in tokens if not t.is_punct]
    start, end = min(t.idx for t in words), max(t.idx + len(t) for t in words)
    return Span(base + start, min(base + end, sentence.span.end))
