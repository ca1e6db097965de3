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
    folder = _shared(state)
    closed = folder is not None and not _can_write(folder)
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
        show_note(f"{_describe_keeping(state, closed)} {LINK}")


def _describe_keeping(state: State, closed: bool) -> str:
    if closed:
        return "The workspace cannot be written, so that no search is saved, renamed or deleted in it."
    if _shared(state):
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
    home = _home(state, chosen)
    closed = home is not None and not _can_write(home)
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
    packed, folder = pack_search(state), _shared(state)

    def save(name: str) -> None:
        _refuse_taken(state, name)
        if folder:
            with Workspace(folder) as workspace:
                save_search(workspace, name, packed)
        else:
            _kept(state)[name] = packed

    _try_name(state.get("search-name", ""), save)


def _rename(old: str) -> None:
    state = st.session_state
    folder = _home(state, old)

    def rename(new: str) -> None:
        _refuse_taken(state, new)
        if folder:
            with Workspace(folder) as workspace:
                rename_search(workspace, old, new)
        else:
            _kept(state)[new] = _kept(state).pop(old)

    _try_name(state.get("search-new-name", ""), rename)


def _delete(name: str) -> None:
    state = st.session_state
    try:
        if folder := _home(state, name):
            with Workspace(folder) as workspace:
                delete_search(workspace, name)
        else:
            _kept(state).pop(name, None)
    except AnalyzerError as error:
        state["search-problem"] = str(error)


def _try_name(given: str, act: Callable[[str], None]) -> None:
    """Do something with a name that was typed; what speaks against it is told on the page."""
    state, name = st.session_state, " ".join(one_line(given).split())
    try:
        if not name:
            raise InputError("A search needs a name: type one, then save it.")
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


def _shared(state: State) -> str | None:
    """The folder of the workspace that takes the search that is shown; None where it stays in the session."""
    folder: str | None = state.get("workspace")
    return folder if folder and state["beside"] and not state["own"] else None


def _home(state: State, name: str) -> str | None:
    """The folder of the workspace in which a saved search lies; None for one of the session."""
    return None if name in _kept(state) else state.get("workspace")


def _can_write(folder: str) -> bool:
    return all(os.access(path, os.W_OK) for path in (folder, Path(folder) / DATABASE))


def _refuse_taken(state: State, name: str) -> None:
    if name in _list(state):
        raise InputError(f"{name}: there is a search of that name; choose another, or delete that one first")
