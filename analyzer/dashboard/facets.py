"""Facets: what the sentences that were found have in common, and a way to narrow the search by each of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from analyzer.dashboard.markup import show
from analyzer.export.markup import Html, tag
from analyzer.export.wording import one_line
from analyzer.report import AUTHOR_NAME

MOST = 6  # values of each that are counted out; the choice above has all
FIELDS = {"stance": "stance", "target": "about", "speaker": "speaker", "outlet": "outlet", "document": "document"}
Facets = Mapping[str, Sequence[tuple[str, int]]]


def show_facets(facets: Facets, offered: Mapping[str, Sequence[str]], titles: Mapping[str, str]) -> None:
    """Count out the facets; `offered` are the values that each filter takes, `titles` name the targets."""
    named = {name: [(v, _name(name, v, titles), count) for v, count in facets.get(name, ())] for name in FIELDS}
    options = {
        (name, value): f"{name.capitalize()}: {shown}"
        for name, counts in named.items()
        for value, shown, _ in counts
        if value in offered[name]
    }
    st.selectbox(
        "Narrow to",
        list(options),
        index=None,
        key="narrow",
        format_func=lambda option: options.get(option, ""),
        on_change=_narrow,
        placeholder="One of these",
    )
    show(*(_count_out(name, [(shown, count) for _, shown, count in counts]) for name, counts in named.items()))


def _name(facet: str, value: str, titles: Mapping[str, str]) -> str:
    if facet == "speaker" and value == "author":
        return AUTHOR_NAME
    return one_line(titles.get(value, value) if facet == "target" else value)


def _narrow() -> None:
    """Make what was chosen the one value of its filter, in the sidebar or above."""
    state = st.session_state
    if chosen := state["narrow"]:
        name, value = chosen
        state[FIELDS[name]] = [value]
        state["narrow"] = None


def _count_out(facet: str, counts: Sequence[tuple[str, int]]) -> Html:
    if not counts:
        return Html("")
    lines = [tag("li", tag("bdi", name), tag("span", str(count))) for name, count in counts[:MOST]]
    more = [tag("li", f"and {len(counts) - MOST} more", class_="muted")] if len(counts) > MOST else []
    return tag("section", tag("h3", facet.capitalize()), tag("ul", *lines, *more), class_="facet")
