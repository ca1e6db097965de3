"""Coverage: the status of every target, and silence told apart from failure."""

from __future__ import annotations

import random

import pytest
from factories import make_document, make_plan, make_position, make_speaker
from hypothesis import given
from hypothesis import strategies as st
from strategies import positions

from analyzer.coverage import NO_POSITION, NO_STATEMENT, measure_coverage, measure_speakers, status_of_stances
from analyzer.records import AUTHOR, Position, SpeakerKind, Stance, Status

PLAN = make_plan()
DOCUMENT = make_document()
SOME = st.lists(positions(DOCUMENT, PLAN), min_size=1, max_size=8)


def test_document_without_statements_omits_nothing() -> None:
    coverage = measure_coverage("empty", (), PLAN, statements=0)
    assert {t.status for t in coverage.targets} == {Status.NOT_ASSESSED}
    assert coverage.reason == NO_STATEMENT
    assert coverage.omitted == ()


def test_document_without_positions_has_no_profile() -> None:
    coverage = measure_coverage("weather", (), PLAN, statements=9)
    assert {t.status for t in coverage.targets} == {Status.NOT_ASSESSED}
    assert coverage.reason == NO_POSITION
    assert coverage.omitted == ()


def test_a_known_reason_is_told_only_where_nothing_was_found() -> None:
    assert (
        measure_coverage("d", (), PLAN, statements=0, reason="the text is in Finnish").reason
        == "the text is in Finnish"
    )
    found = measure_coverage("d", [make_position()], PLAN, statements=3, reason="the text is in Finnish")
    assert found.assessed


def test_untouched_points_are_omitted_once_a_position_was_found() -> None:
    coverage = measure_coverage("d", [make_position("1")], PLAN, statements=3)
    assert coverage.omitted == ("2", "3")
    assert coverage.status_of("1") is Status.ENDORSED
    assert coverage.status_of("gap:troop-withdrawal") is Status.OMITTED


def test_a_position_on_the_plan_alone_leaves_every_point_omitted() -> None:
    assert measure_coverage("d", [make_position("plan")], PLAN, statements=3).omitted == ("1", "2", "3")


@pytest.mark.parametrize(
    ("stances", "status"),
    [
        ((Stance.ENDORSES,), Status.ENDORSED),
        ((Stance.CRITICISES,), Status.CRITICISED),
        ((Stance.ENDORSES, Stance.CRITICISES), Status.CONTESTED),
        ((Stance.MENTIONS,), Status.MENTIONED),
        ((Stance.MENTIONS, Stance.ENDORSES), Status.ENDORSED),
        ((Stance.MENTIONS, Stance.CRITICISES), Status.CRITICISED),
        ((Stance.RAISES,), Status.RAISED),
        ((Stance.REJECTS,), Status.REJECTED),
        ((Stance.RAISES, Stance.REJECTS), Status.CONTESTED),
        ((), None),
    ],
)
def test_stances_fold_into_a_status(stances: tuple[Stance, ...], status: Status | None) -> None:
    assert status_of_stances(stances) is status


def test_a_raised_gap_is_missed_and_a_rejected_one_is_not() -> None:
    found = [
        make_position("gap:troop-withdrawal", Stance.RAISES),
        make_position("gap:security-guarantees", Stance.REJECTS),
    ]
    assert measure_coverage("d", found, PLAN, statements=3).missed == ("gap:troop-withdrawal",)


def test_positions_are_listed_by_confidence_then_by_order() -> None:
    found = [make_position(confidence=c) for c in (0.5, 0.9, 0.5)]
    coverage = measure_coverage("d", found, PLAN, statements=3)
    assert coverage.targets[1].positions == (1, 0, 2)


@pytest.mark.parametrize(
    "measure", [lambda found: measure_coverage("d", found, PLAN, 3), lambda f: measure_speakers(f, PLAN)]
)
@pytest.mark.parametrize(
    ("position", "told"),
    [
        (make_position("13"), "13"),
        (make_position("gap:nothing", Stance.RAISES), "gap:nothing"),
        (make_position("1", Stance.RAISES), "raises"),
        (make_position("gap:troop-withdrawal", Stance.ENDORSES), "endorses"),
    ],
)
def test_a_position_that_does_not_fit_the_plan_is_refused(measure, position: Position, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        measure([position])


def test_a_negative_number_of_statements_is_refused() -> None:
    with pytest.raises(ValueError, match="-1"):
        measure_coverage("d", (), PLAN, statements=-1)


def test_only_named_speakers_and_the_author_have_a_coverage() -> None:
    found = [make_position(speaker=s) for s in (None, "Tom Reed", "author", "Tom Reed")]
    coverages = measure_speakers(found, PLAN)
    assert [c.holder for c in coverages] == ["Tom Reed", AUTHOR.name]
    assert [c.status_of("1") for c in coverages] == [Status.ENDORSED, Status.ENDORSED]
    assert coverages[0].targets[1].positions == (1, 3)


def test_a_sponsor_and_the_plan_s_own_words_are_one_speaker() -> None:
    found = [make_position(speaker=make_speaker("Estland", k)) for k in (SpeakerKind.COUNTRY, SpeakerKind.TEXT)]
    assert len(measure_speakers(found, PLAN)) == 1


def test_a_speaker_omits_what_only_others_touch() -> None:
    found = [make_position("1", speaker="Ana Weiss"), make_position("2", speaker="Tom Reed")]
    assert [c.omitted for c in measure_speakers(found, PLAN)] == [("2", "3"), ("1", "3")]


def touched(coverage) -> set[str]:
    return {t.target for t in coverage.targets if t.status not in (Status.OMITTED, Status.NOT_ASSESSED)}


@given(SOME, positions(DOCUMENT, PLAN))
def test_another_position_never_turns_a_touched_target_into_an_omission(found: list[Position], more: Position) -> None:
    before = measure_coverage("d", found, PLAN, 5)
    after = measure_coverage("d", [*found, more], PLAN, 5)
    assert touched(before) <= touched(after)
    assert set(after.omitted) <= set(before.omitted)


@given(SOME, st.randoms(use_true_random=False))
def test_the_order_of_positions_does_not_matter(found: list[Position], chance: random.Random) -> None:
    shuffled = found.copy()
    chance.shuffle(shuffled)
    statuses = [[t.status for t in measure_coverage("d", order, PLAN, 5).targets] for order in (found, shuffled)]
    assert statuses[0] == statuses[1]
    holders = [{c.holder: touched(c) for c in measure_speakers(order, PLAN)} for order in (found, shuffled)]
    assert holders[0] == holders[1]


@given(SOME)
def test_every_position_counts_for_exactly_its_target(found: list[Position]) -> None:
    coverage = measure_coverage("d", found, PLAN, 5)
    counted = [(t.target, i) for t in coverage.targets for i in t.positions]
    assert sorted(counted) == sorted((p.target, i) for i, p in enumerate(found))


@given(SOME)
def test_a_document_touches_what_its_speakers_touch_and_no_less(found: list[Position]) -> None:
    by_speakers = set().union(*(touched(c) for c in measure_speakers(found, PLAN)))
    unknown = {p.target for p in found if p.speaker is None}
    assert touched(measure_coverage("d", found, PLAN, 5)) == by_speakers | unknown
