"""One name for one speaker in all documents of a report: "Zelensky" here, "Volodymyr Zelenskyy" there.

A surname goes to the only person of the report who bears it; spellings of one name that differ by transliteration or
accents go to the commonest. Whoever knows more writes it into a TOML file of aliases:

    "Alexander Lukashenko" = ["Aleksandr Lukashenko", "the Belarusian ruler"]
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from analyzer.coverage import measure_speakers
from analyzer.errors import InputError
from analyzer.records import Analysis, Plan, Speaker, SpeakerKind

Aliases = Mapping[str, Sequence[str]]  # the name to go by, and the other names


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
            if owner.setdefault(_fold(other), name) != name:
                raise InputError(f'{path}: "{other}" stands under "{owner[_fold(other)]}" and under "{name}"')
    return {name: tuple(others) for name, others in table.items()}


def unify_speakers(analyses: Sequence[Analysis], plan: Plan, aliases: Aliases | None = None) -> tuple[Analysis, ...]:
    """Return the analyses with one name for each speaker; how a changed name was found says what the text had."""
    held = [s for a in analyses for s in _speakers(a)]
    names = _choose_names(Counter(s.name for s in held if s.kind is SpeakerKind.PERSON))
    for name, others in (aliases or {}).items():
        known = {_fold(other) for other in (name, *others)}
        names |= {s.name: name for s in held if _fold(names.get(s.name, s.name)) in known or _fold(s.name) in known}
    changed = {old: new for old, new in names.items() if old != new}
    return tuple(_rename(a, plan, changed) if changed else a for a in analyses)


def _speakers(analysis: Analysis) -> list[Speaker]:
    said = [s for statement in analysis.statements for s in statement.speakers]
    return [*said, *(p.speaker for p in analysis.positions if p.speaker)]


def _choose_names(counted: Mapping[str, int]) -> dict[str, str]:
    """The name to go by for each person's name that has a better one."""
    spellings: dict[str, list[str]] = {}
    for name in counted:
        if " " in name:
            spellings.setdefault(_transliterate(name), []).append(name)
    names: dict[str, str] = {}
    for forms in spellings.values():
        best = max(forms, key=lambda n: (counted[n], n))
        names |= dict.fromkeys(forms, best)
    bearers: dict[str, set[str]] = {}
    for name, best in names.items():
        bearers.setdefault(_transliterate(name.split()[-1]), set()).add(best)
    for name in counted:
        found = bearers.get(_transliterate(name), set())
        if " " not in name and name[:1].isupper() and len(found) == 1:
            names[name] = next(iter(found))
    return names


def _rename(analysis: Analysis, plan: Plan, names: Mapping[str, str]) -> Analysis:
    def rename(speaker: Speaker) -> Speaker:
        if speaker.name not in names or speaker.kind is SpeakerKind.AUTHOR:
            return speaker
        how = f"{speaker.resolution}; “{speaker.name}” is {names[speaker.name]}"
        return replace(speaker, name=names[speaker.name], resolution=how)

    statements = tuple(replace(s, speakers=tuple(map(rename, s.speakers))) for s in analysis.statements)
    positions = tuple(replace(p, speaker=rename(p.speaker)) if p.speaker else p for p in analysis.positions)
    return replace(analysis, statements=statements, positions=positions, speakers=measure_speakers(positions, plan))


def _fold(name: str) -> str:
    """A name without accents, case and article."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode() or name
    return re.sub(r"^(?:the|a|an) ", "", " ".join(plain.lower().split()))


def _transliterate(name: str) -> str:
    """A name by which spellings of one name from another script meet: Zelenskyy, Zelenskiy, Zelensky."""
    plain = _fold(name).replace("'", "").replace("’", "")
    plain = re.sub(r"(?:yy|iy|ii|yi|ij|y|i|j)(?= |-|$)", "y", plain)
    return plain.replace("ks", "x")
