"""Whose voice a text is in where nobody is reported: its writer's, a label's, that of a speech which it prints."""

from __future__ import annotations

import re
from dataclasses import replace

from analyzer.figures import Cast
from analyzer.labels import Labels, has_office
from analyzer.lexicon import load_lexicon
from analyzer.parsing import parse_sentences
from analyzer.records import AUTHOR, Speaker, SpeakerKind
from analyzer.speakers import Resolver

HEADING_LINES = 4  # among which the title of a printed speech stands
FIRST_PERSON = 1  # words for "I" and "we" outside quotations that such a speech has at least
_SPEECH_BY = re.compile(  # "Keynote of the Minister of External Relations of Brazil, …"
    r"\b(?=[A-Z])(?i:statement|speech|remarks|address|keynote|intervention|lecture|sermon|homily|delivered)"
    r"(?:\s(?:address|delivered))?\s(?:by|of)\s+"
    r"(?P<who>[^\n(:]{3,120}?)\s*(?=[\n(:]|\b(?:on|at|in|to|before|as|from)\s|\Z)"
)
_ABOUT = re.compile(r"(?:['’]s|\b(?:the|a|an|his|her|its|from|after|on|in|to|of|joint))\s+$", re.IGNORECASE)  # a speech
_QUOTED = re.compile(r"[“\"«][^“”\"»]*[”\"»]")
_OURS = re.compile(r"\b(?:I|[Ww]e|[Mm]y|[Oo]ur)\b")
KINDS = (SpeakerKind.PERSON, SpeakerKind.COUNTRY, SpeakerKind.ORGANISATION)


class Voices:
    """The voice of one document, sentence after sentence."""

    def __init__(self, tidy: str, labels: Labels, cast: Cast, resolver: Resolver) -> None:
        self._labels, self._cast, self._resolver = labels, cast, resolver
        self._titled: dict[str, Speaker] = {}  # whom a label with an office stands for
        self._default = self._find_speech(tidy)
        self._voice: Speaker | None = self._default

    @property
    def speakers(self) -> tuple[Speaker, ...]:
        """Whose voice it is now; nobody where that is not known."""
        return (self._voice,) if self._voice else ()

    @property
    def is_author(self) -> bool:
        """True if it is the writer's."""
        return self._voice is AUTHOR

    def reset(self) -> None:
        """Go back to the voice of the whole text, as for headings."""
        self._voice = self._default

    def hear(self, label: re.Match[str] | None) -> None:
        """What opens with “NAME:” is in that speaker's voice; in a transcript, so is what comes after it."""
        if label is None:
            if not self._labels.transcript:
                self.reset()
        elif self._labels.asks(label):
            medium = label["of"] if label["of"] and label["of"][0].isupper() else None  # "Question (Tallinn Post):"
            how = f"label “{label['name']} ({medium}):”"
            self._voice = Speaker(medium, SpeakerKind.ORGANISATION, None, how) if medium else AUTHOR
        elif is_rubric(label):
            self.reset()
        elif self._labels.answers(label):
            figure = self._cast.find_latest(SpeakerKind.PERSON, self._labels.first_question)
            guest = figure.name if figure else self._cast.find_nameless(self._labels.first_question)
            self._voice = Speaker(guest, SpeakerKind.PERSON, None, "answers in an interview") if guest else None
        elif found := self._name(label):
            self._voice = replace(found, resolution=f"label “{label['name']}:”")
        elif not self._labels.transcript:
            self.reset()

    def _name(self, label: re.Match[str]) -> Speaker | None:
        """Whom a label names; None for what is no name, as in "Moscow and Kyiv: no talks"."""
        name = label["name"]
        if name.startswith("The ") and has_office(label):  # "The Minister for Defence (Mr Tregaskis):"
            if label["of"] and (holder := self._resolve(label["of"], label.start("of"))):
                self._titled[name] = holder
            return self._titled.get(name) or Speaker(name.removeprefix("The "), SpeakerKind.PERSON, None, "")
        if figure := self._cast.find_called(name):
            return Speaker(figure.name, figure.kind, None, "")
        if label["of"] and label["of"].isdigit():  # "István (44), butcher:"
            return Speaker(name, SpeakerKind.PERSON, None, "")
        if name.isupper() or len(name.split()) > 1 or self._labels.counted[name] > 1:
            written = name.title() if name.isupper() and len(name) > 4 else name
            found = self._resolve(written, label.start("name"))
            if found and found.kind in (KINDS if self._labels.transcript else KINDS[:1]):
                return found
            if self._labels.counted[name] > 1:
                return Speaker(name, SpeakerKind.PERSON, None, "")
        return None

    def _resolve(self, name: str, at: int) -> Speaker | None:
        for parse in parse_sentences([name]):
            self._cast.meet(parse, at)
            return next(iter(self._resolver.resolve(parse[len(parse) - 1], at)), None)
        return None

    def _find_speech(self, tidy: str) -> Speaker:
        """The person or country whose speech the text prints, as one of its first lines says; else its writer.

        Such a text says "we" or "I", or its title is that and no more: "Statement by Ambassador Ana Petrov".
        """
        says_we = len(_OURS.findall(_QUOTED.sub("", tidy[:3000]))) >= FIRST_PERSON
        for title in [line for line in tidy[:600].split("\n") if line.strip()][:HEADING_LINES]:
            match = _SPEECH_BY.search(title, 0, 200)
            if match is None or title.rstrip()[-1:] in ".!?" or _ABOUT.search(title, 0, match.start()):
                continue
            at = tidy.index(title) + match.start("who")
            for parse in parse_sentences([match["who"].strip()]):
                self._cast.meet(parse, at)
                found = [s for t in parse if t.pos_ == "PROPN" for s in self._resolver.resolve(t, at)]
                found.sort(key=lambda s: s.kind is not SpeakerKind.PERSON)
                whole = bool(found) and match.start() == 0 and title.endswith(found[0].name.split()[-1])
                if found and found[0].kind in KINDS[:2] and (says_we or whole):
                    return replace(found[0], mention=None, resolution="the text prints their speech")
        return AUTHOR


def is_rubric(label: re.Match[str]) -> bool:
    """True for what stands before a colon and is nobody: "Analysis:"."""
    return label["name"].lower() in load_lexicon().nouns["rubrics"]
