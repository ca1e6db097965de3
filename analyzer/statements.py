"""Statements: what a document reports somebody as saying, and what its writer says.

Each sentence is parsed; every reporting word whose subject stands for somebody opens a statement over the words that
hang on it. Quotations go to the speaker named beside them, or carry on the last one. What nobody is reported as
saying is the writer's own voice. A statement's span includes its reporting words, for they often carry the stance
(“denounced”).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from analyzer.clauses import QUOTED, find_scope, find_subject, is_aside, is_denied
from analyzer.dates import find_when, resolve_day
from analyzer.figures import Cast
from analyzer.labels import Labels
from analyzer.normalize import tidy_text
from analyzer.parsing import parse_sentences
from analyzer.phrases import is_heading
from analyzer.quotations import SHORTEST_SPEECH, Quotation, find_quotations
from analyzer.records import AUTHOR, Document, Notice, Sentence, Span, Speaker, SpeakerKind, Speech, Statement
from analyzer.segment import split_paragraphs
from analyzer.speakers import Resolver

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

_SPEECH_BY = re.compile(
    r"(?:statement|speech|remarks|address|intervention|lecture|sermon|homily|letter)\b[^.\n]{0,60}?\bby\s+"
    r"(?P<who>[^,.\n(]{3,80})",
    re.IGNORECASE,
)
NEARBY = 40  # statements before and after a quotation among which its speaker is looked for
IDIOM = 4  # words behind a verb among which the rest of an idiom stands
MOST_QUOTATIONS = 40  # of one sentence; bounds the search
_ACTS = frozenset({"endorse", "criticise"})
STATES = frozenset(
    {"be", "have", "remain", "find", "see", "stand", "work", "seem", "appear"}
)  # a text does not speak by these
SPOKEN = (Speech.DIRECT, Speech.MIXED)
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
    cast = Cast()
    reader = _Reader(document, tidy, sentences, quotations, cast)
    prose: list[Sentence] = []
    headings: list[Sentence] = []
    for sentence in sentences:
        (headings if is_heading(sentence.span.of(tidy)) else prose).append(sentence)
    statements: list[Statement] = []
    for sentence, parse in zip(prose, parse_sentences(s.span.of(tidy) for s in prose), strict=True):
        statements += reader.read(sentence, parse)
    reader.begin_headings()
    lowered = (cast.lower_heading(s.span.of(tidy)) for s in headings)  # read last, when the names are known
    for sentence, parse in zip(headings, parse_sentences(lowered), strict=True):
        statements += reader.read(sentence, parse)
    statements.sort(key=lambda s: s.sentence)
    mentions = sorted(cast.mentions, key=lambda mention: mention[0])
    return Extraction(tuple(_settle_quotations(statements, sentences, quotations)), tuple(mentions), notices)


def _speech_holder(tidy: str, cast: Cast, resolver: Resolver) -> Speaker:
    """Whose voice the text is in: its writer's, or the person's whose speech it prints, as its first line says."""
    title = tidy[:300].split("\n", 1)[0]
    match = _SPEECH_BY.search(title, 0, 200)
    if match is None or match.start() > 30 or title.rstrip()[-1:] in ".!?":
        return AUTHOR
    for parse in parse_sentences([match["who"].strip()]):
        cast.meet(parse, match.start("who"))
        for token in parse:
            if token.pos_ == "PROPN" and (found := resolver.resolve(token, match.start("who"))):
                return replace(found[0], mention=None, resolution="the text prints their speech")
    return AUTHOR


class _Reader:
    """Reads the sentences of one document in order, remembering who spoke last."""

    def __init__(
        self, document: Document, tidy: str, sentences: Sequence[Sentence], quotations: Sequence[Quotation], cast: Cast
    ) -> None:
        self.document, self.tidy, self.quotations = document, tidy, quotations
        self.cast, self.lexicon, self.resolver = cast, cast.lexicon, Resolver(cast)
        self.default = _speech_holder(tidy, cast, self.resolver)
        self.voice: Speaker | None = self.default
        self.paragraph = -1
        self.labels = Labels(tidy, sentences)

    def begin_headings(self) -> None:
        """Headlines are the writer's, whoever spoke last."""
        self.voice, self.paragraph, self.cast.text = self.default, -1, None

    def read(self, sentence: Sentence, parse: Doc) -> list[Statement]:
        """Return the statements of one sentence, widest first."""
        base = sentence.span.start
        label = self.labels.find(sentence)
        opens = sentence.paragraph != self.paragraph
        if opens or (label and self.labels.transcript and self.labels.holds(label) and not self._is_rubric(label)):
            self.paragraph = sentence.paragraph
            self._label(label, base)
        self.cast.meet(parse, base)
        first = bisect_left(self.quotations, sentence.span.start, key=lambda q: q.span.end)
        quoted = [q for q in self.quotations[first : first + MOST_QUOTATIONS] if q.span.overlap(sentence.span)]
        found = list(self._cues(parse, base, sentence, quoted))
        statements = [*found, *self._quotes(sentence, quoted, found)]
        if not any(s.span.overlap(sentence.span) >= 0.8 * (sentence.span.end - base) for s in statements):
            voice = (self.voice,) if self.voice else ()
            statements.append(self._statement(sentence, sentence.span, voice, Speech.VOICE))
        return sorted(statements, key=lambda s: (s.span.start - s.span.end, s.span.start))

    def _is_rubric(self, label: re.Match[str]) -> bool:
        return label["name"].lower() in self.lexicon.nouns["rubrics"]

    def _label(self, match: re.Match[str] | None, start: int) -> None:
        """What opens with “NAME:” is in that speaker's voice; in a transcript, so is what comes after it."""
        if match is None:
            if not self.labels.transcript:
                self.voice = self.default
            return
        name = match["name"]
        if self.labels.asks(match):
            medium = match["of"] if match["of"] and match["of"][0].isupper() else None  # "Question (Tallinn Post):"
            asks = Speaker(medium, SpeakerKind.ORGANISATION, None, f"label “{name} ({medium}):”") if medium else AUTHOR
            self.voice = asks
        elif self._is_rubric(match):
            self.voice = self.default
        elif self.labels.answers(match):
            figure = self.cast.find_latest(SpeakerKind.PERSON, self.labels.first_question)
            guest = figure.name if figure else self.cast.find_nameless(self.labels.first_question)
            self.voice = Speaker(guest, SpeakerKind.PERSON, None, "answers in an interview") if guest else None
        elif figure := self.cast.find_called(name):
            self.voice = Speaker(figure.name, figure.kind, None, f"label “{name}:”")
        elif name.isupper() or len(name.split()) > 1 or self.labels.counted[name] > 1:
            for parse in parse_sentences([name.title() if name.isupper() and len(name) > 4 else name]):
                self.cast.meet(parse, start)
                found = self.resolver.resolve(parse[len(parse) - 1], start)
                kinds = (SpeakerKind.PERSON, SpeakerKind.COUNTRY, SpeakerKind.ORGANISATION)
                if found and found[0].kind in (kinds if self.labels.transcript else kinds[:1]):
                    self.voice = replace(found[0], resolution=f"label “{name}:”")
                elif self.labels.counted[name] > 1:
                    self.voice = Speaker(name, SpeakerKind.PERSON, None, f"label “{name}:”")

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
        if kind == "criticise" and is_denied(verb):
            return  # "has not condemned": who says so is the one who tells it
        tokens = [t for t in find_scope(verb, subject) if not t.is_punct]
        span = Span(base + min(t.idx for t in tokens), base + max(t.idx + len(t.text) for t in tokens))
        span = Span(span.start, min(span.end, sentence.span.end))
        as_put = verb.lemma_ in _PUT and any(c.lower_ == "as" for c in verb.children)  # "as X put it"
        if kind in ("say", "think") and (as_put or is_aside(verb, subject)):
            span = sentence.span
        inside = any(q.span.overlap(span) for q in quoted)
        speech = Speech.ACT if kind in _ACTS else Speech.MIXED if inside else Speech.INDIRECT
        statement = self._statement(sentence, span, speakers, speech, self._at(verb, base))
        if when := find_when(verb, base):
            words = when.of(self.document.text)
            statement = replace(statement, when=words, said_on=resolve_day(words, self.document.date))
        yield statement

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

    # quotations

    def _quotes(
        self, sentence: Sentence, quoted: Sequence[Quotation], cues: Sequence[Statement]
    ) -> Iterator[Statement]:
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
                yield self._statement(sentence, span, (), Speech.DIRECT)


def _share_marks(one: Statement, other: Statement, quotations: Sequence[Quotation]) -> bool:
    """True if both stand between the same quotation marks."""
    return any(q.span.overlap(one.span) and q.span.overlap(other.span) for q in quotations)


def _settle_quotations(
    statements: Sequence[Statement], sentences: Sequence[Sentence], quotations: Sequence[Quotation]
) -> Iterator[Statement]:
    """Give quotations without a speaker to whoever ends the same one, the last one who spoke nearby, or the next."""
    paragraph = {s.number: s.paragraph for s in sentences}
    settled: list[Statement] = []
    for n, statement in enumerate(statements):
        if statement.speakers or statement.speech is not Speech.DIRECT:
            settled.append(statement)
            continue
        here = paragraph[statement.sentence]
        before = next(
            (
                s
                for s in reversed(settled[-NEARBY:])
                if s.speech not in (Speech.VOICE,)
                and s.speakers
                and s.speakers[0].kind is not SpeakerKind.TEXT
                and s.sentence <= statement.sentence
            ),
            None,
        )
        after = next(
            (
                s
                for s in statements[n + 1 : n + 1 + NEARBY]
                if s.speech is not Speech.VOICE and s.speakers and s.sentence > statement.sentence
            ),
            None,
        )
        begun = before is not None and _share_marks(before, statement, quotations)
        if after and not begun and after.speech in SPOKEN and _share_marks(statement, after, quotations):
            source, how = after, "named at the end of the same quotation"
        elif before and paragraph[before.sentence] == here:
            source, how = before, "goes on speaking"
        elif after and paragraph[after.sentence] == here:
            source, how = after, "named in the sentence after"
        elif before and here - paragraph[before.sentence] <= 1:
            source, how = before, "goes on speaking"
        else:
            settled.append(statement)
            continue
        settled.append(replace(statement, speakers=tuple(replace(s, resolution=how) for s in source.speakers[:1])))
    yield from settled
