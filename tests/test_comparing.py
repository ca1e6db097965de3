"""Two plans compared: what is aligned, what stands alone, what a gap meets, and how it is shown."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from html import escape

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from analyzer.cli import main
from analyzer.comparing import FLOOR, NEAREST, Comparison, Side, compare_plans
from analyzer.export.comparison import COLUMNS, comparison_rows
from analyzer.plans import load_plan
from analyzer.records import Plan, Target, TargetKind
from tests.dashboard import html_of, markdown_of, open_page
from tests.factories import WordEncoder, make_plan


@cache
def compare_shipped(one: str, other: str) -> Comparison:
    return compare_plans(load_plan(one), load_plan(other))


def counterparts_of(side: Side) -> dict[str, list[str]]:
    return {a.target.id: [match.point.id for match in a.counterparts] for a in side.alignments}


@pytest.mark.parametrize(
    ("point", "counterpart"),
    [("4", "2"), ("7", "5"), ("8", "4"), ("6", "3"), ("11", "6")],
    ids=["dialogue", "nuclear plants", "nuclear weapons", "civilians and prisoners", "supply chains"],
)
def test_points_on_one_matter_are_counterparts(point: str, counterpart: str) -> None:
    comparison = compare_shipped("china-2023", "brazil-china-2024")
    assert counterparts_of(comparison.one)[point][0] == counterpart
    assert point in counterparts_of(comparison.other)[counterpart]


def test_points_that_the_other_plan_does_not_know_stand_alone() -> None:
    comparison = compare_shipped("china-2023", "brazil-china-2024")
    alone = {a.target.id for a in comparison.one.unmatched}
    assert alone >= {"10", "12"}  # sanctions, reconstruction
    assert not alone & {point for point, found in counterparts_of(comparison.one).items() if found}
    assert all(a.nearest and a.nearest[0].similarity < FLOOR for a in comparison.one.unmatched)


def test_gap_is_answered_by_the_point_that_makes_it_good() -> None:
    comparison = compare_shipped("brazil-china-2024", "ukraine-formula-2022")
    answers = {a.target.id: a.counterparts[0].point.id for a in comparison.one.answered}
    assert answers["gap:territorial-integrity"] == "5"
    assert answers["gap:troop-withdrawal"] == "6"
    assert answers["gap:accountability"] == "7"
    assert "gap:ukrainian-consent" not in answers


def test_plan_compared_with_itself_aligns_every_point_with_itself() -> None:
    comparison = compare_shipped("brazil-china-2024", "brazil-china-2024")
    assert comparison.one == comparison.other
    assert not comparison.one.unmatched
    for alignment in comparison.one.points:
        first = alignment.counterparts[0]
        assert (first.point, first.similarity) == (alignment.target, 1.0)


def test_comparing_the_other_way_round_exchanges_the_sides() -> None:
    there, back = compare_shipped("china-2023", "africa-2023"), compare_shipped("africa-2023", "china-2023")
    assert (there.one, there.other) == (back.other, back.one)


def test_pair_of_points_is_found_from_either_side_with_the_same_figures() -> None:
    comparison = compare_shipped("china-2023", "africa-2023")

    def pairs(side: Side, turned: bool) -> set[tuple[object, ...]]:
        step = -1 if turned else 1
        return {
            (*(a.target.id, m.point.id)[::step], m.similarity, *m.wordings[::step])
            for a in side.points
            for m in a.counterparts
        }

    found = pairs(comparison.one, turned=False)
    assert found and found == pairs(comparison.other, turned=True)


def test_counterparts_come_nearest_first_and_gaps_are_none() -> None:
    comparison = compare_shipped("china-2023", "africa-2023")
    for side in (comparison.one, comparison.other):
        for a in side.alignments:
            figures = [match.similarity for match in a.nearest]
            assert figures == sorted(figures, reverse=True)
            assert len(a.nearest) == max(NEAREST, len(a.counterparts))
            assert a.counterparts == tuple(match for match in a.nearest if match.similarity >= FLOOR)
            assert all(match.point.kind is TargetKind.POINT for match in a.nearest)
            assert all(match.wordings[0] in a.target.wordings for match in a.nearest)
            assert all(match.wordings[1] in match.point.wordings for match in a.nearest)


def test_plan_without_points_leaves_the_other_unmatched() -> None:
    comparison = compare_plans(make_plan(), make_plan(points=0, gaps=0), WordEncoder())
    assert len(comparison.one.unmatched) == 3 and not comparison.other.alignments
    assert all(not a.nearest for a in comparison.one.alignments)
    assert {row[6] for row in comparison_rows(comparison)} == {"no"}


def test_rows_name_every_target_of_both_plans_under_the_columns() -> None:
    comparison = compare_shipped("china-2023", "africa-2023")
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in comparison_rows(comparison)]
    for side, name in ((comparison.one, "one"), (comparison.other, "other")):
        own = [row for row in rows if row["side"] == name]
        assert {row["target"] for row in own} == {a.target.id for a in side.alignments}
        assert {row["target"] for row in own if row["counterpart"] == "yes"} == {
            a.target.id for a in side.alignments if a.counterparts
        }


def test_command_prints_what_is_shared_and_what_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plans", "compare", "china-2023", "brazil-china-2024"]) == 0
    out = capsys.readouterr().out
    assert "4 Resuming peace talks" in out and "2 Dialogue and a peace conference" in out
    assert "Points of china-2023 without a counterpart in brazil-china-2024" in out


def test_command_writes_json_with_figures_and_texts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plans", "compare", "brazil-china-2024", "ukraine-formula-2022", "--format", "json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert content["floor"] == FLOOR and content["one"]["plan"] == "brazil-china-2024"
    assert "gap:accountability" in content["one"]["answered"]
    by_id = {target["id"]: target for target in content["one"]["targets"]}
    assert by_id["gap:accountability"]["counterparts"][0]["id"] == "7"
    assert by_id["2"]["text"] == load_plan("brazil-china-2024").target("2").text


def test_command_refuses_a_plan_that_does_not_exist(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plans", "compare", "china-2023", "nope"]) == 2
    assert "no such plan" in capsys.readouterr().err


# The page

HOSTILE = "<script>bad()</script><img src=x onerror=bad()> ![x](http://evil.test/x.png) [y](javascript:bad())"


def make_hostile_plan() -> Plan:
    """A plan whose texts are markup; its point is near one of the harbour plan by its words."""
    point = Target("1", TargetKind.POINT, f"Ceasing fire {HOSTILE}", HOSTILE, phrasings=(f"Ceasing fire. {HOSTILE}",))
    gap = Target("gap:x", TargetKind.GAP, HOSTILE, HOSTILE, why=HOSTILE, phrasings=("It asks for step 2.",))
    alone = Target("2", TargetKind.POINT, HOSTILE, "Quite another matter.")
    return replace(make_plan(id="hostile", title=HOSTILE, sponsors=(HOSTILE,)), points=(point, alone), gaps=(gap,))


@pytest.fixture
def words_in_place_of_the_model(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    from analyzer.dashboard import comparison

    monkeypatch.setattr(comparison, "load_encoder", WordEncoder)
    monkeypatch.setattr("analyzer.comparing.FLOOR", 0.3)  # what hashed words that are alike reach
    monkeypatch.setattr("sys.argv", ["app.py"])
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


def open_comparison(plans: dict[str, Plan] | None = None, **chosen: str) -> AppTest:
    """The page in a session without documents; `chosen` are the plans."""
    return open_page("compare", plans=plans or {}, **{f"compare-{key}": plan for key, plan in chosen.items()})


@pytest.mark.usefixtures("words_in_place_of_the_model")
def test_page_shows_two_plans_without_any_document() -> None:
    at = open_comparison(one="china-2023", other="africa-2023")
    assert at.title[0].value == "Compare plans"
    shown = html_of(at)
    for plan in (load_plan("china-2023"), load_plan("africa-2023")):
        assert all(escape(point.title) in shown and escape(point.text) in shown for point in plan.points)
    assert "There are no documents yet" not in markdown_of(at)


@pytest.mark.usefixtures("words_in_place_of_the_model")
def test_page_offers_other_plans_beside_the_chosen_one() -> None:
    at = open_comparison()
    one, other = at.selectbox(key="compare-one"), at.selectbox(key="compare-other")
    assert one.value == "china-2023" and "china-2023" not in other.options
    one.set_value("africa-2023").run()
    assert not at.exception
    assert "africa-2023" not in at.selectbox(key="compare-other").options


@pytest.mark.usefixtures("words_in_place_of_the_model")
@pytest.mark.parametrize(("one", "other"), [("hostile", "harbour-2031"), ("harbour-2031", "hostile")])
def test_texts_of_plans_never_become_markup(one: str, other: str) -> None:
    at = open_comparison({"hostile": make_hostile_plan(), "harbour-2031": make_plan()}, one=one, other=other)
    shown = html_of(at)
    assert shown.count("&lt;script&gt;bad()") >= 5 and "Nearest wordings" in shown
    assert not re.search(r"<(script|img|a|iframe|object)\b", shown)
    assert not re.search(r"<[^>]*\son\w+=", shown)
    assert "evil" not in markdown_of(at) and "bad()" not in markdown_of(at)


def test_download_holds_no_formula() -> None:
    from analyzer.dashboard.downloads import rows_to_csv

    first, *rest = make_plan().points
    formula = Target("1", first.kind, '=HYPERLINK("http://evil.test")', "+1")
    plan = replace(make_plan(), points=(formula, *rest))
    text = rows_to_csv(COLUMNS, comparison_rows(compare_plans(plan, make_plan(), WordEncoder())))
    cells = [cell for row in csv.reader(io.StringIO(text.lstrip("\ufeff"))) for cell in row]
    assert '\'=HYPERLINK("http://evil.test")' in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
