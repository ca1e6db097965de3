"""Charts: rows to Altair. Colours are those of the HTML report, blue against orange, which the colour-blind tell apart;
no reading depends on them, since numbers and tooltips say the same.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import altair as alt

from analyzer.dashboard.rows import Row
from analyzer.records import Stance, Status

CELL = "cell"  # the name of the matrix's selection
BLUE, ORANGE, GREY = "#1d4ed8", "#c2570c", "#e8eaed"
TEAL, PURPLE = "#0f766e", "#7e22ce"
COLOURS = {
    Status.ENDORSED: BLUE,
    Status.CONTESTED: "#a3842c",
    Status.CRITICISED: ORANGE,
    Status.MENTIONED: "#8b94a1",
    Status.OMITTED: "#d5dae1",
    Status.NOT_ASSESSED: "#f1f3f5",
}
DIM = {Status.OMITTED: "#3a414a", Status.NOT_ASSESSED: "#22272e"}  # in the dark, where light bars would outshine all
WORDS = 190  # pixels for the name of a speaker or target; longer ones end in "…" and stand whole in the tooltip
STANCE_COLOURS = {
    Stance.ENDORSES: BLUE,
    Stance.CRITICISES: ORANGE,
    Stance.MENTIONS: COLOURS[Status.MENTIONED],
    Stance.RAISES: PURPLE,
    Stance.REJECTS: TEAL,
}
_POINT_STANCES = (Stance.ENDORSES, Stance.CRITICISES, Stance.MENTIONS)
_GAP_STANCES = (Stance.RAISES, Stance.REJECTS)
Draw = TypeVar("Draw", bound=Callable[..., Any])
_trust_parts: Callable[[Draw], Draw] = alt.utils.schemapi.debug_mode(
    False
)  # the whole chart is checked when it is shown; each part need not be


def colour_of(status: Status, dark: bool) -> str:
    """Return the colour of a status in the coverage chart."""
    return DIM.get(status, COLOURS[status]) if dark else COLOURS[status]


@_trust_parts
def draw_matrix(rows: Sequence[Row], targets: Sequence[str], *, gaps: bool, dark: bool = False) -> Any:
    """Speakers × targets: colour is the net stance, the number is how many positions, ± that both sides are taken."""
    low, high = (PURPLE, TEAL) if gaps else (ORANGE, BLUE)
    ends = ("raises", "rejects") if gaps else ("criticises", "endorses")
    stances = _GAP_STANCES if gaps else _POINT_STANCES
    touched = {row["target"] for row in rows}
    labels = alt.Axis(labelAngle=-40, labelLimit=WORDS, title=None, orient="top", labelOverlap=False)
    base = alt.Chart(alt.Data(values=list(rows))).encode(
        x=alt.X("target:N", sort=[name for name in targets if name in touched], axis=labels),
        y=alt.Y(
            "speaker:N",
            sort=list(dict.fromkeys(row["speaker"] for row in rows)),
            axis=alt.Axis(labelLimit=WORDS, title=None, labelOverlap=False, labelFlush=False),
        ),
        tooltip=[
            alt.Tooltip("speaker:N"),
            alt.Tooltip("target:N"),
            *(alt.Tooltip(f"{stance.value}:Q") for stance in stances),
        ],
    )
    picked = alt.selection_point(name=CELL, fields=["speaker", "target"], empty=False)
    cells = (
        base.mark_rect(cornerRadius=3, cursor="pointer")
        .encode(
            color=alt.Color(
                "net:Q",
                scale=alt.Scale(domain=[-1, 0, 1], range=[low, GREY, high], interpolate="rgb"),
                legend=alt.Legend(
                    title=None,
                    orient="bottom",
                    values=[-1, 0, 1],
                    gradientLength=240,
                    labelExpr=f"datum.value < 0 ? '{ends[0]}' : datum.value > 0 ? '{ends[1]}' : 'neither'",
                ),
            ),
            stroke=alt.condition(picked, alt.value(_ink(dark)), alt.value("#8a939e")),
            strokeWidth=alt.condition(picked, alt.value(3), alt.value(0.5)),
        )
        .add_params(picked)
    )
    numbers = base.mark_text(fontSize=13).encode(
        text="label:N",
        color=alt.condition("abs(datum.net) > 0.5", alt.value("#ffffff"), alt.value("#1b1f24")),
    )
    return _dress((cells + numbers).properties(width=alt.Step(40), height=alt.Step(26)), dark)


@_trust_parts
def draw_coverage(rows: Sequence[Row], targets: Sequence[str], *, dark: bool = False) -> Any:
    """Points × documents: how many documents give each point which status."""
    order = [status.value for status in COLOURS]
    ranked = [row | {"rank": order.index(row["status"])} for row in rows]
    bars = (
        alt.Chart(alt.Data(values=ranked))
        .mark_bar(stroke="#8a939e", strokeWidth=0.5)
        .encode(
            x=alt.X("documents:Q", stack="zero", axis=alt.Axis(title="documents", tickMinStep=1, format="d")),
            y=alt.Y("target:N", sort=list(targets), axis=alt.Axis(title=None, labelLimit=WORDS, labelOverlap=False)),
            color=alt.Color(
                "status:N",
                scale=alt.Scale(domain=order, range=[colour_of(status, dark) for status in COLOURS]),
                legend=None,  # stands above as HTML, which wraps on narrow screens
            ),
            order=alt.Order("rank:Q"),
            tooltip=[alt.Tooltip("target:N"), alt.Tooltip("status:N"), alt.Tooltip("documents:Q")],
        )
        .properties(height=alt.Step(24))
    )
    return _dress(bars, dark)


@_trust_parts
def draw_timeline(rows: Sequence[Row], *, dark: bool = False) -> Any:
    """Periods × positions, a strip of bars for each stance that occurs; strips are named, so colour is no key."""
    strips = [stance for stance in Stance if any(row["stance"] == stance.value for row in rows)]
    bars = (
        alt.Chart(alt.Data(values=[row | {"until": _day_after(row["to"])} for row in rows]))
        .mark_bar(stroke="#8a939e", strokeWidth=0.5)
        .encode(
            x=alt.X(
                "from:T",  # days are read as UTC, and must be shown so: elsewhere they would move to the day before
                scale=alt.Scale(type="utc"),
                axis=alt.Axis(title=None, format="%Y-%m-%d", labelAngle=-40, labelOverlap=True, tickCount=8),
            ),
            x2="until:T",
            y=alt.Y("positions:Q", axis=alt.Axis(title=None, tickMinStep=1, tickCount=2, format="d")),
            y2=alt.datum(0),  # a bar with two ends across would else be a line
            color=alt.Color(
                "stance:N",
                scale=alt.Scale(
                    domain=[stance.value for stance in strips], range=[STANCE_COLOURS[stance] for stance in strips]
                ),
                legend=None,
            ),
            tooltip=[alt.Tooltip(f"{name}:N") for name in ("from", "to", "stance", "positions")],
        )
        .properties(width=560, height=48)
        .facet(
            row=alt.Row(
                "stance:N",
                sort=[stance.value for stance in strips],
                header=alt.Header(
                    title=None, labelAngle=0, labelAlign="left", labelColor=_ink(dark), labelFontSize=12.5
                ),
            ),
            spacing=10,
        )
    )
    return _dress(bars, dark)


def _day_after(day: str) -> str:
    """The day on which a bar ends whose last day this is."""
    last = datetime.date.fromisoformat(day)
    return (last + datetime.timedelta(days=1) if last < datetime.date.max else last).isoformat()


def _dress(chart: Any, dark: bool) -> Any:
    """Letters as dark as those of the page, since the theme's grey ones are too faint to read."""
    ink = _ink(dark)
    axis = {"labelColor": ink, "titleColor": ink, "labelFontSize": 12.5}
    return chart.configure_axis(**axis).configure_legend(labelColor=ink, labelFontSize=12.5)


def _ink(dark: bool) -> str:
    return "#c9ced5" if dark else "#3b424b"
