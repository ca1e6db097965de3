"""Positions over time, changes of stance, agreement of speakers, and what the dashboard says of them and of the judge."""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as given_by

st = pytest.importorskip("streamlit")

from streamlit.testing.v1 import AppTest  # noqa: E402

from analyzer.dashboard import caches, trust  # noqa: E402
from analyzer.dashboard.charts import STANCE_COLOURS, draw_timeline  # noqa: E402
from analyzer.dashboard.filters import name_holder  # noqa: E402
from analyzer.dashboard.rows import timeline_rows  # noqa: E402
from analyzer.dashboard.timelines import timeline_to_csv  # noqa: E402
from analyzer.records import STANCES, Models, Report, Stance  # noqa: E402
from analyzer.trends import (  # noqa: E402
    OPPOSITE,
    Period,
    compare_sides,
    count_over_time,
    date_finding,
    find_changes,
    rank_agreement,
    take_sides,
)
from analyzer.workspace import PlanStatus, start_workspace  # noqa: E402
from analyzer.workspace.status import describe_review  # noqa: E402
from tests.dashboard import APP, html_of, open_page  # noqa: E402
from tests.factories import WordEncoder, make_analysis, make_document, make_plan, make_position, make_report  # noqa: E402

PLAN = make_plan()
MAY = datetime.date(2023, 5, 1)
HOSTILE = "<script>bad()</script> ![x](http://evil.test/x.png)"
ENDORSES, CRITICISES, MENTIONS, RAISES, REJECTS = Stance
Coded = tuple[str | None, str, Stance, datetime.date | None]  # speaker, target, stance, day


def report_of(*coded: Coded, **fields: Any) -> Report:
    """One document a position, dated as the position is."""
    analyses = []
    for n, (speaker, target, stance, day) in enumerate(coded):
        document = make_document(name=f"article-{n}", date=day)
        analyses.append(make_analysis((make_position(target, stance, speaker, document=document),), document))
    return make_report(*analyses, **fields)


def later(days: int) -> datetime.date:
    return MAY + datetime.timedelta(days=days)


@given_by.composite
def coded_positions(draw: given_by.DrawFn) -> Coded:
    target = draw(given_by.sampled_from(PLAN.targets))
    speaker = draw(given_by.sampled_from(["Ana Weiss", "Tom Reed", "Norland", "author", None]))
    stance = draw(given_by.sampled_from(sorted(STANCES[target.kind])))
    return speaker, target.id, stance, draw(given_by.none() | given_by.dates())


reports = given_by.lists(coded_positions(), min_size=1, max_size=30).map(lambda coded: report_of(*coded))


# Time


@given(reports)
def test_every_position_is_counted_once_or_has_no_date(report: Report) -> None:
    for target in (None, *(t.id for t in PLAN.targets)):
        timeline = count_over_time(report, target)
        positions = [p for a in report.analyses for p in a.positions if target in (None, p.target)]
        assert sum(count for *_, count in timeline.counts) + timeline.undated == len(positions)
        assert (timeline.days == 0) == (timeline.undated == len(positions))


@given(given_by.dates(), given_by.sampled_from(Period))
def test_day_lies_in_its_period_and_the_next_period_begins_after_it(day: datetime.date, period: Period) -> None:
    start, end = period.begin(day), period.end(day)
    assert start <= day <= end
    assert period.begin(start) == start and period.end(end) == end
    if end < datetime.date.max:
        after = end + datetime.timedelta(days=1)
        assert period.begin(after) == after


@pytest.mark.parametrize(
    ("days", "period"), [(1, Period.DAY), (30, Period.DAY), (31, Period.WEEK), (181, Period.WEEK), (182, Period.MONTH)]
)
def test_period_follows_from_the_range(days: int, period: Period) -> None:
    report = report_of(("Ana Weiss", "1", ENDORSES, MAY), ("Ana Weiss", "1", ENDORSES, later(days)))
    assert count_over_time(report).period is period


def test_day_that_is_told_goes_before_the_date_of_the_document() -> None:
    document = make_document(date=MAY)
    told = make_position("1", document=document, when="on Friday", said_on=later(-3))
    vague = make_position("2", document=document, when="in 2022")
    silent = make_position("3", document=document)
    report = make_report(make_analysis((told, vague, silent), document))
    timeline = count_over_time(report)
    assert timeline.counts == ((later(-3), ENDORSES, 1), (MAY, ENDORSES, 1)) and timeline.undated == 1


def test_target_that_is_chosen_is_counted_alone() -> None:
    report = report_of(("Ana Weiss", "1", ENDORSES, MAY), ("Tom Reed", "2", CRITICISES, later(1)))
    assert count_over_time(report, "2").counts == ((later(1), CRITICISES, 1),)


def test_bar_spans_its_period_and_has_the_colour_of_its_stance() -> None:
    report = report_of(("Ana Weiss", "1", ENDORSES, MAY), ("Tom Reed", "2", CRITICISES, later(400)))
    rows = timeline_rows(count_over_time(report))
    assert [(row["from"], row["to"]) for row in rows] == [("2023-05-01", "2023-05-31"), ("2024-06-01", "2024-06-30")]
    (drawn,) = draw_timeline(rows)["vconcat"]
    assert [v["until"] for v in drawn["data"]["values"]] == ["2023-06-01", "2024-07-01"]
    scale = drawn["spec"]["encoding"]["color"]["scale"]
    assert dict(zip(scale["domain"], scale["range"], strict=True)) == {
        "endorses": STANCE_COLOURS[ENDORSES],
        "criticises": STANCE_COLOURS[CRITICISES],
    }
    assert drawn["spec"]["encoding"]["x"]["scale"] == {"type": "utc"} and drawn["spec"]["encoding"]["y2"] == {
        "datum": 0
    }


def test_table_has_a_line_for_each_period_and_stance() -> None:
    timeline = count_over_time(agreeing(), "2")
    read = list(csv.reader(io.StringIO(timeline_to_csv(timeline, "2").lstrip("\ufeff"), newline="")))
    assert read == [
        ["target", "from", "to", "stance", "positions"],
        ["2", "2023-05-01", "2023-05-01", "criticises", "2"],
        ["2", "2023-05-02", "2023-05-02", "endorses", "1"],
    ]


def test_every_stance_has_a_colour_of_its_own() -> None:
    assert set(STANCE_COLOURS) == set(Stance) and len(set(STANCE_COLOURS.values())) == len(Stance)


# Changes


def test_change_has_both_sides_with_their_words() -> None:
    report = report_of(
        ("Ana Weiss", "1", ENDORSES, later(9)),
        ("Ana Weiss", "1", CRITICISES, MAY),
        ("Ana Weiss", "1", ENDORSES, later(20)),
    )
    (change,) = find_changes(report, "Ana Weiss", name_holder)
    assert (change.target, change.since) == ("1", later(9))
    assert (change.before.document, change.after.document) == (1, 0)


@pytest.mark.parametrize(
    "coded",
    [
        [("Ana Weiss", "1", CRITICISES, MAY), ("Ana Weiss", "2", ENDORSES, later(9))],
        [("Ana Weiss", "1", CRITICISES, MAY), ("Tom Reed", "1", ENDORSES, later(9))],
        [("Ana Weiss", "1", CRITICISES, MAY), ("Ana Weiss", "1", MENTIONS, later(9))],
        [("Ana Weiss", "1", CRITICISES, MAY), ("Ana Weiss", "1", ENDORSES, None)],
        [("Ana Weiss", "1", CRITICISES, MAY), ("Ana Weiss", "1", ENDORSES, MAY)],
        [("author", "1", CRITICISES, MAY), ("author", "1", ENDORSES, later(9))],
        [(None, "1", CRITICISES, MAY), (None, "1", ENDORSES, later(9))],
    ],
    ids=["other target", "other speaker", "mention", "no date", "same day", "authors of two documents", "nobody known"],
)
def test_no_change_is_claimed(coded: list[Coded]) -> None:
    report = report_of(*coded)
    assert not [c for name in everybody(report) for c in find_changes(report, name, name_holder)]


def test_change_of_a_gap_and_back_are_two() -> None:
    days = ((RAISES, MAY), (REJECTS, later(1)), (RAISES, later(2)))
    report = report_of(*(("Ana Weiss", "gap:troop-withdrawal", stance, day) for stance, day in days))
    changes = find_changes(report, "Ana Weiss", name_holder)
    assert [(c.after.position.stance, c.since) for c in changes] == [(REJECTS, later(1)), (RAISES, later(2))]


@given(reports)
def test_change_joins_dated_positions_of_one_speaker_on_one_target_with_opposite_stances(report: Report) -> None:
    for name in everybody(report):
        for change in find_changes(report, name, name_holder):
            before, after = change.before.position, change.after.position
            assert name_holder(before) == name_holder(after) == name and before.speaker is not None
            assert before.target == after.target == change.target and after.stance is OPPOSITE[before.stance]
            days = date_finding(report, change.before), date_finding(report, change.after)
            assert days[0] is not None and days[0] < change.since == days[1]


# Agreement


def everybody(report: Report) -> set[str]:
    return {name_holder(p) for a in report.analyses for p in a.positions}


@given(reports)
def test_agreement_is_symmetric_and_lies_between_0_and_1(report: Report) -> None:
    ranked = {name: dict(rank_agreement(report, name, name_holder, least=1)) for name in everybody(report)}
    for name, others in ranked.items():
        assert name not in others
        for other, agreement in others.items():
            assert agreement == ranked[other][name]
            assert agreement.share is not None and 0 <= agreement.share <= 1


@given(reports)
def test_agreement_with_oneself_is_1_wherever_there_is_a_side(report: Report) -> None:
    for own in take_sides(report, name_holder).values():
        agreement = compare_sides(own, own)
        assert agreement.shared == len(own) and agreement.share == (1 if own else None)


@given(reports, given_by.integers(1, 4))
def test_ranking_falls_and_holds_only_those_who_share_enough(report: Report, least: int) -> None:
    for name in everybody(report):
        found = [agreement for _, agreement in rank_agreement(report, name, name_holder, least)]
        keys = [(agreement.share or 0, agreement.shared) for agreement in found]
        assert keys == sorted(keys, reverse=True) and all(agreement.shared >= least for agreement in found)


def agreeing() -> Report:
    """Ana and Tom agree on two targets of three; Norland has a side on two only."""
    return report_of(
        ("Ana Weiss", "1", ENDORSES, MAY),
        ("Tom Reed", "1", ENDORSES, MAY),
        ("Ana Weiss", "2", CRITICISES, MAY),
        ("Tom Reed", "2", ENDORSES, later(1)),
        ("Ana Weiss", "gap:troop-withdrawal", RAISES, MAY),
        ("Tom Reed", "gap:troop-withdrawal", RAISES, MAY),
        ("Norland", "1", ENDORSES, MAY),
        ("Norland", "2", CRITICISES, MAY),
        ("Norland", "3", MENTIONS, MAY),
        ("Ana Weiss", "3", ENDORSES, None),
    )


def test_agreement_counts_targets_on_which_both_have_a_side() -> None:
    ((other, agreement),) = rank_agreement(agreeing(), "Ana Weiss", name_holder)
    assert other == "Tom Reed" and agreement.share == pytest.approx(2 / 3)
    assert (agreement.agreed, agreement.opposed) == (("1", "gap:troop-withdrawal"), ("2",))


def test_side_is_that_of_more_positions_and_none_where_both_are_equal() -> None:
    coded = [("Ana Weiss", "1", stance, None) for stance in (ENDORSES, CRITICISES, MENTIONS)]
    assert take_sides(report_of(*coded), name_holder) == {"Ana Weiss": {}}
    assert take_sides(report_of(*coded, coded[1]), name_holder) == {"Ana Weiss": {"1": CRITICISES}}


def test_agreement_without_a_shared_target_is_refused() -> None:
    with pytest.raises(ValueError, match="least must be 1 or more"):
        rank_agreement(agreeing(), "Ana Weiss", name_holder, least=0)


# The judge and the review

SCORES = {
    "china-2023": {"documents": 10, "precision": 0.784, "recall": 0.655},
    trust.OTHER: {"documents": 2, "precision": 0.6, "recall": 0.53},
}


def note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, judge: str = "judge-small/1") -> dict[str, Any]:
    """The manifest that training/evaluate.py leaves, as the dashboard reads it."""
    evaluate = pytest.importorskip("training.evaluate")
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps({"files": {}, "judge": {"name": judge, "threshold": 0.5}, "attribution": {"voice": 1}}))
    evaluate.note_scores(path, SCORES)
    manifest: dict[str, Any] = json.loads(path.read_text())
    monkeypatch.setattr(trust, "read_manifest", lambda: manifest)
    return manifest


def test_scores_in_the_manifest_leave_the_rest_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = note(tmp_path, monkeypatch)
    assert manifest.pop("scores") == {"judge": "judge-small/1", "threshold": 0.5, "on": SCORES}
    assert manifest == {"files": {}, "judge": {"name": "judge-small/1", "threshold": 0.5}, "attribution": {"voice": 1}}


def test_figures_of_the_judge_are_those_of_the_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    note(tmp_path, monkeypatch)
    assert trust.describe_judge(make_report(plan=make_plan(id="china-2023"))) == (
        "On 10 labelled documents that it was not trained on, 78 of 100 positions found are right in target and "
        "stance, and it finds 66 of 100; see docs/evaluation.md."
    )
    assert trust.describe_judge(make_report()).startswith(
        "On 2 labelled documents on other plans, none of which it was trained on, 60 of 100 positions"
    )


@pytest.mark.parametrize(
    "models", [None, Models("e", "judge-small/2", 0.5), Models("e", "judge-small/1", 0.6)], ids=["none", "other", "bar"]
)
def test_figures_of_another_judge_are_not_shown(
    models: Models | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note(tmp_path, monkeypatch)
    assert trust.describe_judge(make_report(models=models)) == trust.PAGE


def test_without_figures_it_is_said_where_they_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trust, "read_manifest", lambda: {"judge": {"name": "judge-small/1", "threshold": 0.5}})
    assert trust.describe_judge(make_report()) == trust.PAGE


@pytest.mark.parametrize(
    ("positions", "reviewed", "said"),
    [
        (0, 0, ""),
        (1, 0, "Reviewed by a person: 0 of 1 position (0%)."),
        (8, 2, "Reviewed by a person: 2 of 8 positions (25%)."),
    ],
)
def test_share_that_was_reviewed(positions: int, reviewed: int, said: str) -> None:
    assert describe_review(PlanStatus("harbour-2031", 1, 0, 0, positions, reviewed)) == said


# The pages


@pytest.fixture
def stubs(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(caches, "load_encoder", WordEncoder)
    monkeypatch.setattr("sys.argv", ["app.py"])
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


def text_of(at: AppTest) -> str:
    """What stands on the page, without tags."""
    return "\n".join([re.sub(r"<[^>]+>", "", html_of(at)), *(e.value for e in at.markdown)])


def labels_of(at: AppTest) -> list[str]:
    return [element.proto.label for element in at.get("download_button")]


@pytest.mark.usefixtures("stubs")
def test_overview_shows_positions_over_time_and_how_many_have_no_date() -> None:
    at = open_page("overview", agreeing())
    assert len(at.get("vega_lite_chart")) == 3
    assert "Positions over time, CSV" in labels_of(at)
    assert "Counted by day" in text_of(at) and "1 position has no date." in text_of(at)


@pytest.mark.usefixtures("stubs")
def test_overview_counts_the_target_that_is_chosen() -> None:
    at = open_page("overview", agreeing(), **{"time-target": "3"})
    assert "One date is known" in text_of(at) and "1 position has no date." in text_of(at)
    assert len(at.get("vega_lite_chart")) == 2


@pytest.mark.usefixtures("stubs")
def test_overview_without_two_dates_says_so_and_draws_nothing() -> None:
    at = open_page("overview", make_report())
    assert "No date is known" in text_of(at) and "5 positions have no date." in text_of(at)
    assert "Positions over time, CSV" not in labels_of(at) and len(at.get("vega_lite_chart")) == 2


@pytest.mark.usefixtures("stubs")
def test_overview_tells_the_figures_of_the_judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    note(tmp_path, monkeypatch)
    at = open_page("overview", make_report())
    assert "60 of 100 positions found are right" in text_of(at) and "Reviewed" not in text_of(at)


@pytest.mark.usefixtures("stubs")
def test_overview_of_a_workspace_tells_what_was_reviewed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with start_workspace(tmp_path / "ws") as workspace:
        workspace.put(make_report())
        workspace.connection.execute("UPDATE positions SET reviewed = 1 WHERE target = '1'")
    monkeypatch.setattr("sys.argv", ["app.py", str(tmp_path / "ws")])
    at = AppTest.from_file(str(APP), default_timeout=30).run()
    assert not at.exception and "Reviewed by a person: 1 of 5 positions (20%)." in text_of(at)


@pytest.mark.usefixtures("stubs")
def test_speaker_has_changes_with_both_statements_and_others_by_agreement() -> None:
    report = report_of(
        ("Ana Weiss", "1", CRITICISES, MAY),
        ("Ana Weiss", "1", ENDORSES, later(3)),
        *((name, target, ENDORSES, None) for name in ("Ana Weiss", "Tom Reed") for target in ("1", "2", "3")),
    )
    at = open_page("speakers", report, one="Ana Weiss")
    text = text_of(at)
    assert re.search(r"Ana Weiss: from \S+ criticises to \S+ endorses on point 1, .*, on 2023-05-04", text)
    assert "2023-05-01\n" in text or "2023-05-01Ana" in text
    assert re.search(r"Tom Reed100%3 of 3–", text)
    ways = [button for button in at.button if (button.key or "").startswith("open-change-0")]
    ways[0].click().run()
    assert not at.exception and at.title[0].value == "Documents" and at.session_state["reading"] == "article-0"


@pytest.mark.usefixtures("stubs")
def test_speaker_without_changes_or_agreement_says_so() -> None:
    text = text_of(open_page("speakers", make_report()))
    assert "None is found" in text and "Nobody in view has a side on 3 targets or more" in text


@pytest.mark.usefixtures("stubs")
def test_names_in_changes_and_agreement_are_text() -> None:
    names = (HOSTILE, f"2{HOSTILE}")
    sides = [(name, target, ENDORSES, None) for name in names for target in ("1", "2", "3")]
    at = open_page("speakers", report_of((HOSTILE, "1", CRITICISES, MAY), (HOSTILE, "1", ENDORSES, later(3)), *sides))
    html = "\n".join(element.proto.body for element in at.get("html"))
    assert "from <span" in html and "Opposed on" in html and "<script" not in html
    assert not [e.value for e in at.markdown if "evil" in e.value]
