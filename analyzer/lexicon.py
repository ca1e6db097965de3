"""What the speaker rules know of the world, read from data files that anyone can read and extend.

The files lie in analyzer/data/words: countries with their capitals and seats of government, organisations and the media
that only pass news on, offices and titles, and the words that report speech.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from analyzer.records import SpeakerKind
from analyzer.resources import load_words


@dataclass(frozen=True)
class Lexicon:
    """Look-ups by lower-case words."""

    countries: frozenset[str]
    places: dict[str, str]  # "beijing", "kremlin", "u.s." -> country
    peoples: dict[str, str]  # "chinese", "belarusians" -> country
    organisations: dict[str, str]  # "nato", "world health organization" -> organisation
    carriers: frozenset[str]  # media that only pass news on
    offices: dict[str, str]  # "foreign minister", "fm" -> office
    nameless: frozenset[str]  # offices that, without a name, stand for their country
    state_offices: frozenset[str]  # offices of a state or body, which speak for it where only the office is named
    titles: frozenset[str]
    groups: frozenset[str]
    both: frozenset[str]  # "both sides": the two parties just named
    male: frozenset[str]
    female: frozenset[str]
    verbs: dict[str, str]  # lemma -> class of cue
    blame: frozenset[str]  # verbs of blame, whose absence others hold against somebody
    act_nouns: frozenset[str]
    possessed: frozenset[str]  # "in X's view"
    idioms: dict[str, frozenset[str]]  # verb -> words behind it that make it one of judging: "made clear", "took issue"
    texts: frozenset[str]  # "paper", "plan"
    numbered: frozenset[str]  # "points five and six"
    nouns: dict[str, frozenset[str]]  # nouns.toml: "institutions", "people" …

    def people_of(self, word: str) -> str | None:
        """Return the country whose people or adjective a word is: "Chinese", "US", but not the pronoun "us"."""
        return self.peoples.get(word.lower()) if _is_written_as_name(word) else None

    def name_of(self, words: str) -> tuple[str, SpeakerKind] | None:
        """Return the country or organisation that these words name, if they name one."""
        key = words.lower().strip(" .'\"")
        if not _is_written_as_name(words.strip(" .'\"").removeprefix("the ")):
            return None
        for k in (key, key.removeprefix("the "), key.removesuffix("'s"), key.replace(".", "")):
            if k in self.places:
                return self.places[k], SpeakerKind.COUNTRY
            if k in self.organisations:
                return self.organisations[k], SpeakerKind.ORGANISATION
        return None


def _is_written_as_name(words: str) -> bool:
    """Case counts: a name has a capital, an abbreviation of up to three letters only capitals."""
    return words.isupper() if len(words) <= 3 else any(c.isupper() for c in words)


def _plurals(word: str) -> tuple[str, ...]:
    return (word, word + "s") if not word.endswith(("s", "sh", "ch", "ese")) else (word,)


@cache
def load_lexicon() -> Lexicon:
    """Read the data files once."""
    cues, offices = load_words("cues.toml"), load_words("offices.toml")
    places: dict[str, str] = {}
    peoples: dict[str, str] = {}
    for c in load_words("countries.toml")["country"]:
        for word in (c["name"], *c.get("aliases", ()), *c.get("capital", ()), *c.get("seats", ())):
            places.setdefault(word.lower(), c["name"])
        for word in c.get("adjectives", ()):
            for form in _plurals(word.lower()):
                peoples.setdefault(form, c["name"])
        for word in c.get("people", ()):
            peoples.setdefault(word.lower(), c["name"])
    bodies = load_words("organisations.toml")
    organisations = {
        word.lower(): o["name"]
        for o in bodies["organisation"]
        for word in (o["name"], *o.get("aliases", ()), *o.get("seats", ()))
    }
    carriers = {w.lower() for c in bodies["carrier"] for w in (c["name"], *c.get("aliases", ()))}
    named: dict[str, str] = {}
    for o in offices["office"]:
        for form in (o["word"], *o.get("forms", ())):
            named.setdefault(form.lower(), o["word"])
    families = offices.get("families", {})
    return Lexicon(
        frozenset(places.values()),
        places,
        peoples,
        organisations,
        frozenset(carriers),
        named,
        frozenset(o["word"] for o in offices["office"] if o.get("nameless") == "country"),
        frozenset(o["word"] for o in offices["office"] if o.get("kind") == "state"),
        frozenset(t.lower().rstrip(".") for t in offices["titles"]),
        frozenset(g.lower() for g in offices["groups"]),
        frozenset(g.lower() for g in offices["both"]),
        frozenset(n.lower() for n in families.get("male", ())),
        frozenset(n.lower() for n in families.get("female", ())),
        {verb: kind for kind, verbs in reversed(cues["verbs"].items()) for verb in verbs},
        frozenset(cues["blame"]["verbs"]),
        frozenset(cues["nouns"]["act"]),
        frozenset(cues["phrases"]["possessed"]),
        {verb: frozenset(words) for verb, words in cues["idioms"].items()},
        frozenset(cues["texts"]["nouns"]),
        frozenset(cues["texts"]["numbered"]),
        {key: frozenset(words) for key, words in load_words("nouns.toml").items()},
    )
