"""One name for one speaker in all documents of a report: "Zelensky" here, "Volodymyr Zelenskyy" there.

A surname goes to the only person of the report who bears it; spellings of one name that differ by transliteration or
accents go to the commonest. Whoever knows more writes it into a TOML file of aliases:

    "Alexander Lukashenko" = ["Aleksandr Lukashenko", "the Belarusian ruler"]
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from analyzer.coverage import measure_speakers
from analyzer.errors import InputError
from analyzer.normalize import fold_name, transliterate
from analyzer.records import Analysis, Plan, Position, Speaker, SpeakerKind

PARTICLES = frozenset(
    {"de", "da", "di", "del", "della", "von", "van", "der", "den", "bin", "al", "el", "la", "le", "ten"}
)
RARE = 4  # times more often than the whole name may a bare surname stand and still mean the same person
Aliases = Mapping[str, Sequence[str]]  # the name to go by, and the other names
Names = dict[tuple[str, SpeakerKind], str]  # the name to go by for a name that a text has for a speaker of a kind


def read_aliases(path: str | Path) -> dict[str, tuple[str, ...]]:
    """Read a TOML file of aliases; InputError with one line if it cannot be read or breaks the form."""
    try:
        table = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or 'not UTF-8'})") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}: not TOML: {error}") from error
    owner: dict[str, str] = {}
    for name, others in table.items():
        if not isinstance(others, list) or not all(isinstance(o, str) and o.strip() for o in others):
            raise InputError(f'{path}: "{name}" should be a list of other names, as in "{name}" = ["…"]')
        for other in (name, *others):
            if owner.setdefault(fold_name(other), name) != name:
                raise InputError(f'{path}: "{other}" stands under "{owner[fold_name(other)]}" and under "{name}"')
    return {name: tuple(others) for name, others in table.items()}


def unify_speakers(analyses: Sequence[Analysis], plan: Plan, aliases: Aliases | None = None) -> tuple[Analysis, ...]:
    """Return the analyses with one name for each speaker; how a changed name was found says what the text had."""
    names = find_names(analyses, aliases)
    return tuple(rename_speakers(analysis, plan, names) for analysis in analyses)


def find_names(analyses: Sequence[Analysis], aliases: Aliases | None = None) -> Names:
    """Return the name to go by in these analyses for each name that has a better one."""
    counted: Counter[tuple[str, SpeakerKind]] = Counter()
    named: set[tuple[str, SpeakerKind]] = set()
    for speaker in (s for a in analyses for s in _speakers(a)):
        counted[speaker.name, speaker.kind] += 1
        if "nameless" not in speaker.resolution:
            named.add((speaker.name, speaker.kind))
    return choose_names(counted, aliases, counted.keys() - named)


def choose_names(
    counted: Mapping[tuple[str, SpeakerKind], int],
    aliases: Aliases | None = None,
    nameless: Collection[tuple[str, SpeakerKind]] = (),
) -> Names:
    """Return the name to go by for each name that has a better one; `counted` says how often each stands.

    `nameless` are those that only describe their bearer.
    """
    persons = {name: n for (name, kind), n in counted.items() if kind is SpeakerKind.PERSON and _is_name(name)}
    for name, kind in nameless:
        if kind is SpeakerKind.PERSON:
            persons.pop(name, None)
    names = {(old, SpeakerKind.PERSON): new for old, new in _choose_names(persons).items()}
    for name, others in (aliases or {}).items():
        known = {fold_name(other) for other in (name, *others)}
        for key in counted:
            if key[1] is not SpeakerKind.AUTHOR and known & {fold_name(key[0]), fold_name(names.get(key, key[0]))}:
                names[key] = name
    return {key: new for key, new in names.items() if key[0] != new}


def _speakers(analysis: Analysis) -> list[Speaker]:
    said = [s for statement in analysis.statements for s in statement.speakers]
    return [*said, *(p.speaker for p in analysis.positions if p.speaker)]


def _is_name(name: str) -> bool:
    """True for a name, false for a description: "spokesman for Zelensky"."""
    words = name.split()
    return all(w[:1].isupper() or w.lower() in PARTICLES for w in words) and words[-1][:1].isupper()


def _choose_names(counted: Mapping[str, int]) -> dict[str, str]:
    """The name to go by for each person's name that has a better one."""
    spellings: dict[str, list[str]] = {}
    for name in counted:
        if " " in name and (key := transliterate(name)):
            spellings.setdefault(key, []).append(name)
    names: dict[str, str] = {}
    for forms in spellings.values():
        best = max(forms, key=lambda n: (counted[n], n))
        names |= dict.fromkeys(forms, best)
    bearers: dict[str, set[str]] = {}
    for name, best in names.items():
        bearers.setdefault(transliterate(name.split()[-1]), set()).add(best)
    for name, count in counted.items():
        found = bearers.get(transliterate(name), set())
        if " " not in name and len(found) == 1:
            (best,) = found
            if counted[best] * RARE >= count:  # who is called by the surname alone far more often is somebody else
                names[name] = best
    return names


def names_any(analysis: Analysis, names: Collection[tuple[str, SpeakerKind]]) -> bool:
    """True if one of these names stands in an analysis."""
    return any((speaker.name, speaker.kind) in names for speaker in _speakers(analysis))


def rename_speakers(analysis: Analysis, plan: Plan, names: Names) -> Analysis:
    """Return an analysis in which everybody goes by the name that `names` has for them, if it has one.

    Of positions that become one by it, one that a person reviewed stays, otherwise the first.
    """
    if not names_any(analysis, names):
        return analysis

    def rename(speaker: Speaker) -> Speaker:
        new = names.get((speaker.name, speaker.kind))
        if new is None:
            return speaker
        return replace(speaker, name=new, resolution=f"{speaker.resolution}; “{speaker.name}” is {new}")

    statements = tuple(
        replace(s, speakers=tuple({x.name: x for x in reversed(list(map(rename, s.speakers)))}.values())[::-1])
        if any((x.name, x.kind) in names for x in s.speakers)
        else s
        for s in analysis.statements
    )
    positions: dict[tuple[object, ...], Position] = {}
    for p in analysis.positions:
        named = replace(p, speaker=rename(p.speaker)) if p.speaker and (p.speaker.name, p.speaker.kind) in names else p
        key = (p.sentence, p.target, p.stance, named.speaker.name if named.speaker else None)
        if key not in positions or (named.reviewed and not positions[key].reviewed):
            positions[key] = named
    kept = tuple(positions.values())
    return replace(analysis, statements=statements, positions=kept, speakers=measure_speakers(kept, plan))
