"""The views over a report: by target, by speaker, by document, over all documents."""

from __future__ import annotations

from dataclasses import replace

import pytest
from factories import make_analysis, make_document, make_plan, make_position, make_report
from hypothesis import given, settings
from strategies import reports

from analyzer.records import Analysis, Report, Span, Stance, Status, TargetCoverage
from analyzer.report import (
    STATUSES,
    TOUCHED,
    check_report,
    view_corpus,
    view_corpus_speakers,
    view_speakers,
    view_targets,
)


def view_of(target: str, *positions, document: int = 0):
    report = make_report(make_analysis(positions))
    return next(view for view in view_targets(report, document) if view.target.id == target)


def test_the_best_quotation_is_the_surest_and_of_equals_the_first() -> None:
    found = [make_position(confidence=c, sentence=s) for c, s in ((0.5, 1), (0.9, 2), (0.9, 3))]
    view = view_of("1", *found)
    assert view.best is not None
    assert (view.best.index, view.best.position.sentence) == (1, 2)


def test_a_target_that_nothing_touches_has_no_quotation() -> None:
    view = view_of("3", make_position("1"))
    assert view.best is None
    assert view.best_of(Stance.ENDORSES) is None
    assert view.status is Status.OMITTED


def test_the_best_quotation_of_a_stance_leaves_out_the_others() -> None:
    view = view_of("1", make_position(confidence=0.9), make_position(stance=Stance.CRITICISES, confidence=0.4))
    found = view.best_of(Stance.CRITICISES)
    assert found is not None
    assert found.position.confidence == 0.4


def test_speakers_are_named_once_in_order_of_appearance() -> None:
    view = view_of("1", *(make_position(speaker=s) for s in ("Tom Reed", None, "author", "Ana Weiss", "Tom Reed")))
    assert view.speakers(Stance.ENDORSES) == ("Tom Reed", "speaker not identified", "the author", "Ana Weiss")
    assert view.speakers(Stance.CRITICISES) == ()


def test_speakers_come_with_their_targets_by_stance() -> None:
    first, second = view_speakers(make_report(), 0)[:2]
    assert (first.name, first.targets(Stance.CRITICISES)) == ("Tom Reed", ("2",))
    assert first.targets(Stance.REJECTS) == ("gap:troop-withdrawal",)
    assert (second.name, second.targets(Stance.ENDORSES)) == ("Ana Weiss", ("1",))


def corpus() -> Report:
    plan = make_plan()
    return make_report(
        make_analysis([make_position("1"), make_position("2", Stance.CRITICISES, "author")]),
        make_analysis([make_position("1", Stance.CRITICISES), make_position("1", speaker="author")]),
        make_analysis([], make_document("Rain fell.", "weather")),
        plan=plan,
    )


def test_a_corpus_counts_documents_by_status() -> None:
    rows = {row.view.target.id: row for row in view_corpus(corpus())}
    assert rows["1"].documents == (
        (Status.ENDORSED, (0,)),
        (Status.CONTESTED, (1,)),
        (Status.NOT_ASSESSED, (2,)),
    )
    assert rows["1"].view.status is Status.CONTESTED
    assert (rows["3"].view.status, rows["3"].count(Status.OMITTED), rows["3"].count(*TOUCHED)) == (Status.OMITTED, 2, 0)


def test_a_corpus_of_which_nothing_was_assessed_omits_nothing() -> None:
    report = make_report(make_analysis([], make_document("Rain fell.", "weather")))
    assert {row.view.status for row in view_corpus(report)} == {Status.NOT_ASSESSED}


def test_speakers_meet_across_documents_and_authors_do_not() -> None:
    speakers = view_corpus_speakers(corpus())
    assert [(s.name, s.documents, len(s.findings)) for s in speakers] == [("Ana Weiss", (0, 1), 2)]


def damaged(analysis: Analysis, **position: object) -> Report:
    changed = replace(analysis.positions[0], **position)
    return make_report(replace(analysis, positions=(changed, *analysis.positions[1:])))


GOOD = make_analysis()


@pytest.mark.parametrize(
    ("report", "told"),
    [
        (damaged(GOOD, target="99"), "no target '99'"),
        (damaged(GOOD, stance=Stance.RAISES), "cannot have the stance 'raises'"),
        (damaged(GOOD, sentence=0), "sentence 0"),
        (damaged(GOOD, sentence=99), "sentence 99"),
        (damaged(GOOD, text="other words"), "its text"),
        (damaged(GOOD, evidence_text="other words"), "its evidence"),
        (damaged(GOOD, evidence=Span(1, 9999)), "its evidence"),
        (make_report(GOOD, plan=make_plan(points=2)), "its targets are not those of"),
        (
            make_report(
                replace(
                    GOOD,
                    coverage=replace(
                        GOOD.coverage,
                        targets=tuple(TargetCoverage(t.target, t.status, (77,)) for t in GOOD.coverage.targets),
                    ),
                )
            ),
            "positions that are not there",
        ),
    ],
)
def test_a_report_whose_parts_do_not_fit_is_refused(report: Report, told: str) -> None:
    with pytest.raises(ValueError, match=told) as refused:
        check_report(report)
    assert "harbour" in str(refused.value)


@settings(max_examples=50, deadline=None)
@given(reports())
def test_what_the_steps_make_passes_the_check(report: Report) -> None:
    check_report(report)


@settings(max_examples=50, deadline=None)
@given(reports())
def test_every_position_is_seen_once_by_target_and_every_document_once_by_status(report: Report) -> None:
    for document, analysis in enumerate(report.analyses):
        seen = sorted(f.index for view in view_targets(report, document) for f in view.findings)
        assert seen == list(range(len(analysis.positions)))
    for row in view_corpus(report):
        assert row.count(*Status) == len(report.analyses)
        assert row.count(*TOUCHED) == len({f.document for f in row.view.findings})
        assert row.view.status in STATUSES[row.view.target.kind] | {Status.OMITTED}
