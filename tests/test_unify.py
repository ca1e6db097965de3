"""One name for one speaker in all documents of a report."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from factories import make_plan, make_report

from analyzer.errors import InputError
from analyzer.records import Analysis, Speaker, SpeakerKind
from analyzer.unify import read_aliases, unify_speakers


def analysis_of(*names: str, kind: SpeakerKind = SpeakerKind.PERSON) -> Analysis:
    """An analysis with a position for each name."""
    base = make_report().analyses[0]
    first = base.positions[0]
    positions = tuple(replace(first, speaker=Speaker(n, kind, None, "named here")) for n in names)
    return replace(base, statements=(), positions=positions)


def names_of(analyses: tuple[Analysis, ...]) -> list[list[str]]:
    return [[p.speaker.name for p in a.positions if p.speaker] for a in analyses]


def unify(*analyses: Analysis, aliases: dict[str, tuple[str, ...]] | None = None) -> list[list[str]]:
    return names_of(unify_speakers(analyses, make_plan(), aliases))


def test_surname_goes_to_the_only_person_who_bears_it() -> None:
    assert unify(analysis_of("Ana Weiss"), analysis_of("Weiss")) == [["Ana Weiss"], ["Ana Weiss"]]


def test_surname_of_two_persons_stays() -> None:
    assert unify(analysis_of("Ana Weiss", "Jan Weiss"), analysis_of("Weiss"))[1] == ["Weiss"]


@pytest.mark.parametrize("other", ["Olena Hnatskiy", "Olena Hnatskyi", "Olena Hnatský", "Olena Hnatskii"])
def test_spellings_of_one_name_meet_in_the_commonest(other: str) -> None:
    assert unify(analysis_of("Olena Hnatsky", "Olena Hnatsky"), analysis_of(other))[1] == ["Olena Hnatsky"]


def test_nobody_is_renamed_to_a_description() -> None:
    spokesman = replace(analysis_of(), positions=analysis_of("spokesman for Weiss").positions)
    assert unify(spokesman, analysis_of("Weiss"))[1] == ["Weiss"]


def test_names_in_other_scripts_stay_apart() -> None:
    assert unify(analysis_of("Сергей Лавров", "Владимир Путин")) == [["Сергей Лавров", "Владимир Путин"]]


def test_rare_namesake_does_not_take_over_a_common_surname() -> None:
    assert unify(analysis_of("Igor Weiss"), *[analysis_of("Weiss")] * 9)[1] == ["Weiss"]


def test_person_and_country_of_one_name_stay_apart() -> None:
    both = (analysis_of("Teodoro Guinea", "Guinea"), analysis_of("Guinea", kind=SpeakerKind.COUNTRY))
    assert unify(*both) == [["Teodoro Guinea"], ["Guinea"]]


def test_one_position_under_two_names_of_a_speaker_is_one() -> None:
    assert unify(analysis_of("Ana Weiss", "Weiss")) == [["Ana Weiss"]]


def test_countries_and_groups_keep_their_names() -> None:
    countries = analysis_of("Guinea", kind=SpeakerKind.COUNTRY)
    assert unify(analysis_of("Teodoro Guinea"), countries)[1] == ["Guinea"]


def test_aliases_win_over_what_the_names_tell_and_say_so() -> None:
    found = unify_speakers(
        [analysis_of("Ana Weiss"), analysis_of("the harbour chief")],
        make_plan(),
        {"Ana Weiss-Holm": ("Ana Weiss", "harbour chief")},
    )
    assert names_of(found) == [["Ana Weiss-Holm"], ["Ana Weiss-Holm"]]
    speaker = found[1].positions[0].speaker
    assert speaker is not None and speaker.resolution.endswith("“the harbour chief” is Ana Weiss-Holm")
    assert [c.holder for c in found[0].speakers] == ["Ana Weiss-Holm"]


def test_nothing_to_unify_returns_the_analyses_as_they_are() -> None:
    analyses = (analysis_of("Ana Weiss"),)
    assert unify_speakers(analyses, make_plan())[0] is analyses[0]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('"Ana" = "Weiss"', "should be a list"),
        ('"Ana" = [1]', "should be a list"),
        ('"Ana" = ["W"]\n"Jan" = ["w"]', "stands under"),
        ("Ana = [", "not TOML"),
    ],
)
def test_bad_aliases_are_refused_in_one_line(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "aliases.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=told) as caught:
        read_aliases(path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_missing_file_of_aliases_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_aliases(tmp_path / "none.toml")
