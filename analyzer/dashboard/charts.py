"""Charts: rows to Vega-Lite, which the browser draws. Colours are those of the HTML report, blue against orange, which
the colour-blind tell apart; no reading depends on them, since numbers and tooltips say the same.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

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
Chart = dict[str, Any]  # a Vega-Lite specification, its data included


def colour_of(status: Status, dark: bool) -> str:
    """Return the colour of a status in the coverage chart."""
    return DIM.get(status, COLOURS[status]) if dark else COLOURS[status]


def draw_matrix(rows: Sequence[Row], targets: Sequence[str], *, gaps: bool, dark: bool = False) -> Chart:
    """Speakers × targets: colour is the net stance, the number is how many positions, ± that both sides are taken."""
    low, high = (PURPLE, TEAL) if gaps else (ORANGE, BLUE)
    ends = ("raises", "rejects") if gaps else ("criticises", "endorses")
    stances = _GAP_STANCES if gaps else _POINT_STANCES
    touched = {row["target"] for row in rows}
    axis = {"title": None, "labelLimit": WORDS, "labelOverlap": False}
    places = {
        "x": {
            "field": "target",
            "type": "nominal",
            "sort": [name for name in targets if name in touched],
            "axis": axis | {"labelAngle": -40, "orient": "top"},
        },
        "y": {
            "field": "speaker",
            "type": "nominal",
            "sort": list(dict.fromkeys(row["speaker"] for row in rows)),
            "axis": axis | {"labelFlush": False},
        },
        "tooltip": [
            {"field": "speaker", "type": "nominal"},
            {"field": "target", "type": "nominal"},
            *({"field": stance.value, "type": "quantitative"} for stance in stances),
        ],
    }
    net = {
        "field": "net",
        "type": "quantitative",
        "scale": {"domain": [-1, 0, 1], "range": [low, GREY, high], "interpolate": "rgb"},
        "legend": {
            "title": None,
            "orient": "bottom",
            "values": [-1, 0, 1],
            "gradientLength": 240,
            "labelExpr": f"datum.value < 0 ? '{ends[0]}' : datum.value > 0 ? '{ends[1]}' : 'neither'",
        },
    }
    cells = {
        "mark": {"type": "rect", "cornerRadius": 3, "cursor": "pointer"},
        "params": [{"name": CELL, "select": {"type": "point", "fields": ["speaker", "target"]}}],
        "encoding": places
        | {
            "color": net,
            "stroke": {"condition": _picked(_ink(dark)), "value": "#8a939e"},
            "strokeWidth": {"condition": _picked(3), "value": 0.5},
        },
    }
    numbers = {
        "mark": {"type": "text", "fontSize": 13},
        "encoding": places
        | {
            "text": {"field": "label", "type": "nominal"},
            "color": {"condition": {"test": "abs(datum.net) > 0.5", "value": "#ffffff"}, "value": "#1b1f24"},
        },
    }
    return _dress(rows, {"layer": [cells, numbers], "width": {"step": 40}, "height": {"step": 26}}, dark)


def draw_coverage(rows: Sequence[Row], targets: Sequence[str], *, dark: bool = False) -> Chart:
    """Points × documents: how many documents give each point which status."""
    order = [status.value for status in COLOURS]
    bars = {
        "mark": {"type": "bar", "stroke": "#8a939e", "strokeWidth": 0.5},
        "encoding": {
            "x": {
                "field": "documents",
                "type": "quantitative",
                "stack": "zero",
                "axis": {"title": "documents", "tickMinStep": 1, "format": "d"},
            },
            "y": {
                "field": "target",
                "type": "nominal",
                "sort": list(targets),
                "axis": {"title": None, "labelLimit": WORDS, "labelOverlap": False},
            },
            "color": {
                "field": "status",
                "type": "nominal",
                "scale": {"domain": order, "range": [colour_of(status, dark) for status in COLOURS]},
                "legend": None,  # stands above as HTML, which wraps on narrow screens
            },
            "order": {"field": "rank", "type": "quantitative"},
            "tooltip": [
                {"field": "target", "type": "nominal"},
                {"field": "status", "type": "nominal"},
                {"field": "documents", "type": "quantitative"},
            ],
        },
        "height": {"step": 24},
    }
    return _dress([row | {"rank": order.index(row["status"])} for row in rows], bars, dark)


def draw_timeline(rows: Sequence[Row], *, dark: bool = False) -> Chart:
    """Periods × positions, a strip of bars for each stance that occurs; strips are named, so colour is no key."""
    strips = [stance for stance in Stance if any(row["stance"] == stance.value for row in rows)]
    names = [stance.value for stance in strips]
    strip = {
        "mark": {"type": "bar", "stroke": "#8a939e", "strokeWidth": 0.5},
        "encoding": {
            "x": {  # days are read as UTC, and must be shown so: elsewhere they would move to the day before
                "field": "from",
                "type": "temporal",
                "scale": {"type": "utc"},
                "axis": {
                    "title": None,
                    "format": "%Y-%m-%d",
                    "labelAngle": -40,
                    "labelOverlap": True,
                    "tickCount": 8,
                },
            },
            "x2": {"field": "until"},
            "y": {
                "field": "positions",
                "type": "quantitative",
                "axis": {"title": None, "tickMinStep": 1, "tickCount": 2, "format": "d"},
            },
            "y2": {"datum": 0},  # a bar with two ends across would else be a line
            "color": {
                "field": "stance",
                "type": "nominal",
                "scale": {"domain": names, "range": [STANCE_COLOURS[stance] for stance in strips]},
                "legend": None,
            },
            "tooltip": [{"field": name, "type": "nominal"} for name in ("from", "to", "stance", "positions")],
        },
        "width": 560,
        "height": 48,
    }
    header = {"title": None, "labelAngle": 0, "labelAlign": "left", "labelColor": _ink(dark), "labelFontSize": 12.5}
    row = {"field": "stance", "type": "nominal", "sort": names, "header": header}
    data = [row | {"until": _day_after(row["to"])} for row in rows]
    return _dress(data, {"facet": {"row": row}, "spec": strip, "spacing": 10}, dark, "vconcat")


def _picked(value: object) -> Chart:
    """A value for the cell that was clicked."""
    return {"param": CELL, "value": value, "empty": False}


def _day_after(day: str) -> str:
    """The day on which a bar ends whose last day this is."""
    last = datetime.date.fromisoformat(day)
    return (last + datetime.timedelta(days=1) if last < datetime.date.max else last).isoformat()


def _dress(rows: Sequence[Row], chart: Chart, dark: bool, put: str = "layer") -> Chart:
    """Add the data, and letters as dark as those of the page, since the theme's grey ones are too faint to read.

    The chart is `put` into another as its only part, where its data stay as they are: those at the top Streamlit would
    make into a table, for which it loads pandas, a third of a second of the first page.
    """
    ink = _ink(dark)
    axis = {"labelColor": ink, "titleColor": ink, "labelFontSize": 12.5}
    config = {"axis": axis, "legend": {"labelColor": ink, "labelFontSize": 12.5}}
    size = {name: chart[name] for name in ("width", "height") if name in chart}
    part = {name: value for name, value in chart.items() if name not in size}
    return {put: [{"data": {"values": list(rows)}} | part], "config": config} | size


def _ink(dark: bool) -> str:
    return "#c9ced5" if dark else "#3b424b"
