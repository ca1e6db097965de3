"""Whose position it is."""

from __future__ import annotations

from dataclasses import replace

from factories import make_plan

from analyzer.attribution import Surroundings, attribute_verdict
from analyzer.models import read_manifest
from analyzer.records import AUTHOR, Holders, Span, Speaker, SpeakerKind, Speech, Stance, Statement, Verdict

PLAN = make_plan()
ANA = Speaker("Ana Weiss", SpeakerKind.PERSON, Span(0, 9), "named here")
JAN = Speaker("Jan Novak", SpeakerKind.PERSON, Span(60, 69), "named here")
RIVALS = Speaker("rivals", SpeakerKind.GROUP, Span(0, 6), "a group, under its own words")
PAPER = Speaker("the paper", SpeakerKind.TEXT, Span(0, 9), "a text")


def statement(
    speaker: Speaker, start: int, end: int, speech: Speech = Speech.INDIRECT, cue: str | None = "said"
) -> Statement:
    return Statement(0, Span(start, end), "x" * (end - start), (speaker,), speech, cue, None)


def verdict(
    stance: Stance = Stance.ENDORSES, target: str = "1", holders: Holders | None = None, start: int = 20
) -> Verdict:
    return Verdict(0, target, stance, 0.9, Span(start, start + 10), holders)


def names(v: Verdict, here: list[Statement], before: list[Statement] | None = None, mentions=()) -> list[str]:  # type: ignore[no-untyped-def]
    around = Surroundings(here, before or [], (), mentions)
    return [s.name for s in attribute_verdict(v, around, PLAN, read_manifest()["attribution"]).speakers]


def test_statement_around_the_evidence_speaks() -> None:
    assert names(verdict(), [statement(ANA, 10, 50), statement(JAN, 60, 90)]) == ["Ana Weiss"]
    assert names(verdict(start=70), [statement(ANA, 10, 50), statement(JAN, 60, 90)]) == ["Jan Novak"]


def test_outermost_report_speaks_for_what_is_reported_within_it() -> None:
    assert names(verdict(), [statement(ANA, 10, 50), statement(JAN, 18, 40)]) == ["Ana Weiss"]


def test_nobody_reported_means_the_writer() -> None:
    assert names(verdict(), [statement(AUTHOR, 0, 90, Speech.VOICE, None)]) == ["author"]
    assert names(verdict(), []) == ["author"]


def test_what_the_plan_says_is_its_sponsors_position() -> None:
    assert names(verdict(), [statement(PAPER, 0, 50)]) == list(PLAN.sponsors)


def test_what_the_plan_leaves_out_is_noted_by_the_writer() -> None:
    assert names(verdict(Stance.RAISES, PLAN.gaps[0].id), [statement(PAPER, 0, 50)]) == ["author"]


def test_judge_that_sees_the_writer_outweighs_a_state_of_some_group_but_not_a_named_report() -> None:
    writer = Holders(0.95, 0.02, 0.03)
    assert names(verdict(holders=writer), [statement(RIVALS, 10, 50, cue="are")]) == ["author"]
    assert names(verdict(holders=writer), [statement(ANA, 10, 50)]) == ["Ana Weiss"]


def test_judges_finger_is_not_asked_where_a_report_names_who_speaks() -> None:
    pointing = Holders(0.02, 0.02, 0.96, ((Span(62, 66), 0.95),))
    mentions = [(Span(60, 69), JAN)]
    assert names(verdict(holders=pointing), [statement(ANA, 10, 50)], [], mentions) == ["Ana Weiss"]
    assert names(verdict(holders=pointing), [statement(RIVALS, 10, 50, cue="are")], [], mentions) == ["Jan Novak"]


def test_one_person_whom_the_judge_points_at_is_not_they() -> None:
    pointing = Holders(0.02, 0.02, 0.96, ((Span(62, 66), 0.95),))
    they = Speaker("Kenya", SpeakerKind.COUNTRY, Span(10, 14), "“They”: the last country or body that spoke")
    assert names(verdict(holders=pointing), [statement(they, 10, 50, cue="are")], [], [(Span(60, 69), JAN)]) == [
        "Kenya"
    ]
    one = replace(they, resolution="“It”: the last country or body that spoke")
    assert names(verdict(holders=pointing), [statement(one, 10, 50, cue="are")], [], [(Span(60, 69), JAN)]) == [
        "Jan Novak"
    ]


def test_voice_that_a_label_names_speaks_on() -> None:
    labelled = Speaker("Mira Dovan", SpeakerKind.PERSON, None, "label “Mira Dovan:”")
    pointing = Holders(0.1, 0.1, 0.8, ((Span(62, 66), 0.7),))
    here = [statement(labelled, 0, 90, Speech.VOICE, None)]
    assert names(verdict(holders=pointing), here, [], [(Span(60, 69), JAN)]) == ["Mira Dovan"]


def test_speaker_goes_on_where_the_judge_sees_a_source_and_the_sentence_names_none() -> None:
    source = Holders(0.05, 0.05, 0.9)
    here = [statement(AUTHOR, 0, 90, Speech.VOICE, None)]
    assert names(verdict(holders=source), here, [statement(ANA, 0, 40)]) == ["Ana Weiss"]


def test_name_that_the_judge_points_at_speaks() -> None:
    pointing = Holders(0.02, 0.02, 0.96, ((Span(62, 66), 0.9),))
    here = [statement(AUTHOR, 0, 90, Speech.VOICE, None)]
    assert names(verdict(holders=pointing), here, [], [(Span(60, 69), JAN)]) == ["Jan Novak"]


def test_both_holders_of_one_statement_speak() -> None:
    both = replace(statement(ANA, 10, 50), speakers=(ANA, JAN))
    assert names(verdict(), [both]) == ["Ana Weiss", "Jan Novak"]


def test_bare_mention_of_the_plan_is_the_writers_unless_a_person_talks_about_it() -> None:
    state = Speaker("Suderia", SpeakerKind.COUNTRY, Span(0, 7), "named here")
    mention = verdict(Stance.MENTIONS, "plan")
    assert names(mention, [statement(state, 10, 50)]) == ["author"]
    assert names(mention, [statement(ANA, 10, 50)]) == ["Ana Weiss"]


def test_bare_mention_of_the_plan_is_nobodys_of_the_paragraph_before() -> None:
    elsewhere, voice = Holders(0.02, 0.02, 0.96), statement(AUTHOR, 10, 50, Speech.VOICE, None)
    around = Surroundings([voice], [], [statement(ANA, 0, 9)])

    def name(v: Verdict) -> list[str]:
        return [s.name for s in attribute_verdict(v, around, PLAN, read_manifest()["attribution"]).speakers]

    assert name(verdict(Stance.MENTIONS, "plan", elsewhere)) == ["author"]
    assert name(verdict(Stance.ENDORSES, "plan", elsewhere)) == ["Ana Weiss"]
