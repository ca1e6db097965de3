"""Compare plans: two plans point by point, from their files alone; no documents are needed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from analyzer.comparing import Alignment, Comparison, Match, Side, compare_plans
from analyzer.dashboard.downloads import offer_file, rows_to_csv, rows_to_json
from analyzer.dashboard.markup import show, show_note
from analyzer.dashboard.state import offered_plans
from analyzer.encoding import load_encoder
from analyzer.export.comparison import COLUMNS, COMPARISON, comparison_rows, describe_floor, describe_side
from analyzer.export.markup import Html, join, tag
from analyzer.export.wording import describe_plan, name_target, one_line
from analyzer.records import Plan


def show_page(plan: Plan) -> None:
    """Show the page; `plan`, the sidebar's, is offered first."""
    st.title("Compare plans", anchor=False)
    plans = offered_plans(st.session_state)
    left, right = st.columns(2)
    with left:
        one = _choose("Plan", "compare-one", [plan.id, *(name for name in plans if name != plan.id)], plans)
    with right:
        other = _choose("Beside", "compare-other", [name for name in plans if name != one], plans)
    comparison: Comparison = _compared(repr((plans[one], plans[other])), plans[one], plans[other])
    near, far = comparison.one, comparison.other
    show(tag("p", describe_side(near, far)), tag("p", describe_side(far, near)))
    _show_table("Points:", near.points, near, far)
    _show_alone(far, near)
    for side, beside in ((near, far), (far, near)):
        _show_table("Gaps that the other plan touches:", side.answered, side, beside)
    show_note(f"{describe_floor(comparison)} {COMPARISON}")
    rows = list(comparison_rows(comparison))
    with st.container(horizontal=True):
        for kind, mime, write in (("csv", "text/csv", rows_to_csv), ("json", "application/json", rows_to_json)):
            label, file_name = f"The comparison, {kind.upper()}", f"comparison.{kind}"
            offer_file(f"comparison-{kind}", label, file_name, mime, partial(write, COLUMNS, rows))


def _choose(label: str, key: str, options: list[str], plans: dict[str, Plan]) -> str:
    if st.session_state.get(key) not in options:
        st.session_state.pop(key, None)
    chosen: str = st.selectbox(label, options, key=key, bind="query-params")
    show_note(describe_plan(plans[chosen]))
    return chosen


def _show_table(title: str, alignments: Sequence[Alignment], side: Side, other: Side) -> None:
    """A row for each target of one side, with the points of the other that are its counterparts."""
    show(tag("h3", f"{title} ", tag("bdi", one_line(side.plan.title))))
    if not alignments:
        show_note("None.")
        return
    names = (one_line(side.plan.id), one_line(other.plan.id))
    head = tag("tr", *(tag("th", tag("bdi", name), scope="col") for name in names))
    rows = [
        tag(
            "tr",
            tag("th", _title_and_text(name_target(a.target), a.target.text), scope="row"),
            tag("td", tag("div", _counterparts(a)), data_label=names[1]),
        )
        for a in alignments
    ]
    show(tag("div", tag("table", tag("thead", head), tag("tbody", *rows), class_="halves"), class_="wide"))


def _show_alone(side: Side, other: Side) -> None:
    show(
        tag(
            "h3",
            f"Points without a counterpart in {one_line(other.plan.id)} ({len(side.unmatched)}): ",
            tag("bdi", one_line(side.plan.title)),
        )
    )
    show(
        tag(
            "ul",
            *(tag("li", _title_and_text(name_target(a.target), a.target.text), _nearest(a)) for a in side.unmatched),
        )
    )


def _counterparts(alignment: Alignment) -> Html:
    if not alignment.counterparts:
        return join([tag("div", "No counterpart", class_="muted"), _nearest(alignment)])
    return join([_card(match) for match in alignment.counterparts])


def _card(match: Match) -> Html:
    one, other = (one_line(wording) for wording in match.wordings)
    return tag(
        "div",
        _title_and_text(f"{match.similarity:.2f} · {name_target(match.point)}", match.point.text),
        tag("div", f"Nearest wordings: “{one}” – “{other}”", class_="muted"),
        class_="card",
    )


def _nearest(alignment: Alignment) -> Html:
    if not alignment.nearest:
        return Html("")
    match = alignment.nearest[0]
    return tag("div", f"Nearest: {name_target(match.point)} ({match.similarity:.2f})", class_="muted")


def _title_and_text(title: str, text: str) -> Html:
    return join([tag("div", tag("b", tag("bdi", title))), tag("div", one_line(text), class_="about", dir="auto")])


def _compare(key: str, _one: Plan, _other: Plan) -> Comparison:
    return compare_plans(_one, _other, load_encoder())


# Arguments with an underscore are no part of the key. The number bounds the memory of a long-running server.
_compared = st.cache_resource(_compare, max_entries=64, show_spinner="Comparing the plans")
