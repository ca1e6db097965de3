"""Labels that name who speaks next: "Q:", "MAO NING:", "Question (Tallinn Post):"."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from analyzer.lexicon import load_lexicon
from analyzer.records import Sentence

_CAPITAL = "[A-ZÀ-ÖØ-Þ]"
_LABEL = re.compile(
    rf"(?:\d{{1,2}}[.:]\d{{2}}(?:\s?[ap]\.?m\.?|\s[A-Z]{{3,4}})?\s?[-–—:]\s?)?"  # of a live blog
    rf"(?P<name>{_CAPITAL}[\w.'’-]{{0,30}}(?:\s(?:{_CAPITAL}[\w.'’-]{{0,30}}|de|da|van|von|al|bin|for|of|the|and)){{0,8}})"
    r"(?:\s?\((?P<of>[^)\n]{1,60})\)(?:,\s[a-z][\w -]{2,40})?)?:\s+(?=\S)"  # "István (44), butcher:"
)
_LINKS = re.compile(r"\b(?:for|of|the|and)\b")
_ASKS, _ANSWERS = frozenset({"Q", "QUESTION"}), frozenset({"A", "ANSWER"})
TRANSCRIPT = 3  # sentences with a label from which a text is a transcript, in which a voice lasts until the next label


class Labels:
    """The labels of one document."""

    def __init__(self, tidy: str, sentences: Sequence[Sentence]) -> None:
        found = [(s, match) for s in sentences if (match := _match(tidy, s))]
        self._found = {s.number: match for s, match in found}
        counted = Counter(match["name"] for _, match in found)
        first = {s.paragraph: s.number for s in reversed(sentences)}
        opening = {match["name"] for s, match in found if first[s.paragraph] == s.number}
        self.counted = Counter({name: n for name, n in counted.items() if n > 1 or name in opening})
        self.transcript = self.counted.total() >= TRANSCRIPT
        asked = [match.start() for _, match in found if self.asks(match)]
        answered = [match.start() for _, match in found if self.answers(match)]
        self.first_question = min([*asked, *answered], default=0)  # an interview introduces its guest before

    def find(self, sentence: Sentence) -> re.Match[str] | None:
        """Return the label that a sentence opens with, if any: its `name`, and `of` for what stands in brackets."""
        return self._found.get(sentence.number)

    def names(self, label: re.Match[str]) -> bool:
        """True for a label that tells who speaks, so that it is no part of the sentence's own grammar."""
        name = label["name"]
        long = len(name.split()) > 1 or name.isupper() or bool(label["of"]) or self.counted[name] > 1
        return self.asks(label) or self.answers(label) or (long and self.holds(label))

    def holds(self, label: re.Match[str]) -> bool:
        """True for a label that also opens a paragraph, or stands more than once: not "NATO: it expands"."""
        return label["name"] in self.counted

    def asks(self, label: re.Match[str]) -> bool:
        """True for the label of whoever puts the questions."""
        return label["name"].upper() in _ASKS

    def answers(self, label: re.Match[str]) -> bool:
        """True for the label of the guest who answers them."""
        return label["name"].upper() in _ANSWERS


def has_office(label: re.Match[str]) -> bool:
    """True for a label with an office in it: "The Minister for Defence (Mr Tregaskis):"."""
    offices = load_lexicon().offices
    return any(word.lower() in offices for word in label["name"].split())


def _match(tidy: str, sentence: Sentence) -> re.Match[str] | None:
    label = _LABEL.match(tidy, sentence.span.start, sentence.span.end)
    if label and _LINKS.search(label["name"]) and not has_office(label):
        return None  # "Profile of Wang Yi:", "Biden and Xi:"
    return label
