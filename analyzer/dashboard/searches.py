"""Saved searches: a query with its filters under a name; in the workspace that is shown, else in the session.

Filters hold names of documents and speakers: where a session shows documents of its own, its searches stay in it, as
these do. A search that is opened puts its words and filters into their fields, and so into the address.
"""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from analyzer.dashboard.choosing import FIRST_DAY, LAST_DAY
from analyzer.dashboard.markup import show, show_note
from analyzer.dashboard.state import State, offered_plans
from analyzer.errors import AnalyzerError, InputError
from analyzer.export.markup import tag
from analyzer.export.wording import one_line
from analyzer.hits import By
from analyzer.workspace import Workspace
from analyzer.workspace.database import DATABASE
from analyzer.workspace.searches import delete_search, list_searches, rename_search, save_search

LONGEST = 80  # characters of a name
CHOSEN = "saved-search"
LINK = "The address of the page holds the search that is shown: send it as a link."
# What a search consists of: the keys of the fields, with what they hold where nothing is chosen.
FIELDS: dict[str, Any] = {
    "query": "",
    "stance": [],
    "about": [],
    "by": By.BOTH,
    "plan": None,
    "speaker": [],
    "document": [],
    "outlet": [],
    "after": None,
    "before": None,
    "least": 0.0,
    "unreviewed": False,
}
NAMES = {
    "about": "target",
    "least": "least confidence",
    "after": "from",
    "before": "to",
    "unreviewed": "not yet reviewed",
}


def show_searches(asked: bool) -> None:
    """Offer the saved searches, and to save the present one where something is `asked`."""
    state = st.session_state
    try:
        saved = _list(state)
    except AnalyzerError as error:
        show(tag("p", str(error), role="alert"))
        return
    home = _home_of_new(state)
    closed = home.closed
    with st.expander("Saved searches", expanded=bool(saved) and not asked):
        if problem := state.pop("search-problem", None):
            show(tag("p", problem, role="alert"))
        if saved:
            _show_saved(saved)
        if asked:
            with st.form("save-search", clear_on_submit=True, border=False):
                st.text_input("Save this search as", key="search-name", max_chars=LONGEST, disabled=closed)
                st.form_submit_button("Save", on_click=_save, disabled=closed)
        elif not saved:
            st.write("None yet. Search for something, and save it here under a name.")
        show_note(f"{_describe_keeping(state, home)} {LINK}")


def _describe_keeping(state: State, home: _Session | _Shared) -> str:
    if home.closed:
        return "The workspace cannot be written, so that no search is saved, renamed or deleted in it."
    if isinstance(home, _Shared):
        return "Kept in the workspace, for everybody who opens it."
    if state.get("workspace"):
        return "Kept until the session ends, and for you alone: documents are shown that the workspace does not have."
    return "Kept until the session ends."


def _show_saved(saved: dict[str, str]) -> None:
    state = st.session_state
    if state.get(CHOSEN) not in saved:
        state.pop(CHOSEN, None)
    chosen: str = st.selectbox("Saved search", list(saved), key=CHOSEN, persist_state="session")
    show(tag("p", describe_search(read_search(saved[chosen])), class_="muted"))
    closed = _home(state, chosen).closed
    with st.container(horizontal=True):
        st.button("Open search", on_click=_open, args=(saved[chosen],), type="primary")
        st.button("Delete search", on_click=_delete, args=(chosen,), disabled=closed)
    with st.form("rename-search", clear_on_submit=True, border=False):
        st.text_input("New name", key="search-new-name", max_chars=LONGEST, disabled=closed)
        st.form_submit_button("Rename", on_click=_rename, args=(chosen,), disabled=closed)


def describe_search(what: dict[str, Any]) -> str:
    """Say in one line what a search asks for."""
    parts = [f"“{what['query']}”"]
    for key, value in what.items():
        if key not in ("query", "by") and value not in ([], None, 0.0, False):
            said = "" if value is True else ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            parts.append(f"{NAMES.get(key, key)} {said}".strip())
    if what["by"] is not By.BOTH:
        parts.append(f"by {what['by'].value} alone")
    return one_line(" · ".join(parts))


def pack_search(state: State) -> str:
    """Return the search that is shown as text."""
    return json.dumps({key: state.get(key) or empty for key, empty in FIELDS.items()}, default=str)


def read_search(packed: str) -> dict[str, Any]:
    """Return what pack_search packed; what is damaged, or written by another version, is as if nothing was chosen."""
    try:
        held = json.loads(packed)
    except (TypeError, ValueError, RecursionError):
        held = None
    held = held if isinstance(held, dict) else {}
    return {key: _read_field(key, held.get(key)) for key in FIELDS}


def _read_field(key: str, value: Any) -> Any:
    empty = FIELDS[key]
    if key in ("after", "before"):
        try:
            day = datetime.date.fromisoformat(value)
        except (TypeError, ValueError):
            return empty
        return day if FIRST_DAY <= day <= LAST_DAY else empty
    if key == "by":
        return By(value) if value in list(By) else empty
    if isinstance(empty, list):
        return [item for item in value if _is_text(item)] if isinstance(value, list) else list(empty)
    if isinstance(empty, float):
        return float(value) if isinstance(value, int | float) and 0 <= value <= 1 else empty
    if isinstance(empty, bool):
        return value is True
    return value if _is_text(value) else empty


def _is_text(value: Any) -> bool:
    """True for what a page can show: JSON can also hold halves of characters."""
    return isinstance(value, str) and value.encode("utf-8", "ignore").decode() == value


def _open(packed: str) -> None:
    state, what = st.session_state, read_search(packed)
    plan = what.pop("plan")
    if plan in offered_plans(state):
        what["plan"] = plan
    elif plan:
        state["search-problem"] = f"{plan}: the plan of this search is not at hand; the one that is chosen stays"
    state.update(what)
    state.pop("like", None)


def _save() -> None:
    state = st.session_state
    packed, home = pack_search(state), _home_of_new(state)
    _try_name(state.get("search-name", ""), lambda name: home.save(name, packed))


def _rename(old: str) -> None:
    state = st.session_state
    home = _home(state, old)
    _try_name(state.get("search-new-name", ""), lambda new: home.rename(old, new))


def _delete(name: str) -> None:
    state = st.session_state
    try:
        _home(state, name).delete(name)
    except AnalyzerError as error:
        state["search-problem"] = str(error)


def _try_name(given: str, act: Callable[[str], None]) -> None:
    """Do something with a name that was typed; what speaks against it is told on the page."""
    state, name = st.session_state, " ".join(one_line(given).split())
    try:
        if not name:
            raise InputError("A search needs a name: type one, then save it.")
        if name in _list(state):
            raise InputError(f"{name}: there is a search of that name; choose another, or delete that one first")
        act(name)
        state[CHOSEN] = name
    except AnalyzerError as error:
        state["search-problem"] = str(error)


def _list(state: State) -> dict[str, str]:
    """The searches of the workspace and of the session by name; of two with one name, the session's."""
    shared: dict[str, str] = {}
    if state.get("workspace"):
        with Workspace(state["workspace"]) as workspace:
            shared = list_searches(workspace)
    return dict(sorted((shared | _kept(state)).items()))


def _kept(state: State) -> dict[str, str]:
    kept: dict[str, str] = state.setdefault("searches", {})
    return kept


class _Session:
    """Searches that this session keeps."""

    closed = False  # whether nothing can be written

    def __init__(self, kept: dict[str, str]) -> None:
        self._kept = kept

    def save(self, name: str, packed: str) -> None:
        self._kept[name] = packed

    def rename(self, old: str, new: str) -> None:
        self._kept[new] = self._kept.pop(old)

    def delete(self, name: str) -> None:
        self._kept.pop(name, None)


class _Shared:
    """Searches that a workspace keeps for everybody who opens it."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    @property
    def closed(self) -> bool:
        return not all(os.access(path, os.W_OK) for path in (self._folder, Path(self._folder) / DATABASE))

    def save(self, name: str, packed: str) -> None:
        with Workspace(self._folder) as workspace:
            save_search(workspace, name, packed)

    def rename(self, old: str, new: str) -> None:
        with Workspace(self._folder) as workspace:
            rename_search(workspace, old, new)

    def delete(self, name: str) -> None:
        with Workspace(self._folder) as workspace:
            delete_search(workspace, name)


def _home_of_new(state: State) -> _Session | _Shared:
    """What takes the search that is shown: the workspace, if it alone is shown; else the session."""
    folder: str | None = state.get("workspace")
    return _Shared(folder) if folder and state["beside"] and not state["own"] else _Session(_kept(state))


def _home(state: State, name: str) -> _Session | _Shared:
    """Where a saved search lies."""
    folder: str | None = state.get("workspace")
    return _Session(_kept(state)) if name in _kept(state) or not folder else _Shared(folder)
