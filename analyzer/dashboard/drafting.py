"""Draft of a plan: from an uploaded document with numbered points, edited in a form, checked, used and downloaded."""

from __future__ import annotations

import datetime
import hashlib
import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

import streamlit as st

from analyzer.dashboard.markup import show, show_failures, show_note
from analyzer.dashboard.state import offered_plans
from analyzer.dashboard.uploads import read_upload, show_name
from analyzer.drafting import draft_plan
from analyzer.errors import AnalyzerError, InputError, PlanError
from analyzer.export.markup import tag
from analyzer.export.plan_file import plan_to_toml
from analyzer.export.wording import count_of
from analyzer.plans import read_plan
from analyzer.reading.files import ARTICLES
from analyzer.records import Failure, Plan, Target, TargetKind

NO_DATE = datetime.date(1900, 1, 1)  # what analyzer/drafting.py writes where the document does not tell, as is …
NO_NAME = "not yet named"  # … this
EARLIEST, LATEST = datetime.date(1000, 1, 1), datetime.date(2999, 12, 31)
FILE = "plan.toml"  # under which a draft is checked; no name of an upload becomes a path
FILLER = Target("1", TargetKind.POINT, "A title", "A text.")
SOUND = Plan("plan", "A plan", ("somebody",), NO_DATE, "a conflict", "", "A summary.", (FILLER,), ())
EMPTY_GAP = Target("gap:new", TargetKind.GAP, "", "")


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft in hand. Points and gaps without a word are empty lines of the form."""

    plan: Plan
    upload: str  # checksum of the upload that it was made from
    turn: int = 0  # how often the form was sent; its fields are made anew each time, from the plan


def show_drafting() -> None:
    """Show the way from an uploaded document to a plan file."""
    state = st.session_state
    st.write(
        "Upload a document whose points are numbered. They become a draft of a plan; put them into words of your own, "
        "and add what the plan leaves out."
    )
    kinds = [suffix.lstrip(".") for suffix in ARTICLES]
    file = st.file_uploader("Document with numbered points", type=kinds, key="draft-file")
    if file is not None:
        _take_upload(file.name, file.getvalue())
    if draft := state.get("draft"):
        _show_form(draft)
        _show_checked()


def _take_upload(name: str, content: bytes) -> None:
    """Make a draft of an upload that is new."""
    state = st.session_state
    upload = hashlib.sha256(repr((name, content)).encode("utf-8", "backslashreplace")).hexdigest()[:12]
    if state.get("draft-upload") != upload:
        state.update({"draft": None, "draft-upload": upload, "draft-failure": None})
        state.update({"draft-errors": (), "draft-checked": None})
        try:
            plan = make_draft(name, content)
            state["draft"] = Draft(replace(plan, gaps=(*plan.gaps, EMPTY_GAP)), upload)
        except AnalyzerError as error:
            state["draft-failure"] = Failure(show_name(name), str(error))
    if failure := state["draft-failure"]:
        show_failures([failure])


def make_draft(name: str, content: bytes) -> Plan:
    """Return the draft of a plan from an uploaded document.

    Raises InputError if it cannot be read or has no numbered points, PlanError if the draft breaks the form.
    """
    failures: list[Failure] = []
    documents = read_upload(name, content, failures.append)
    if len(documents) != 1:
        raise InputError("; ".join(failure.message for failure in failures) or "is not one document")
    stem = PurePosixPath(show_name(name)).stem
    try:
        return check_plan(draft_plan(documents[0].text, stem))
    except InputError as error:
        raise InputError(str(error).removeprefix(f"{stem}: ")) from error


def check_plan(toml: str) -> Plan:
    """Return the plan of a TOML text, checked as `peaceplan plans check` does; PlanError in one line otherwise."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / FILE
        path.write_text(toml, encoding="utf-8")
        try:
            return read_plan(path)
        except PlanError as error:
            raise PlanError(str(error).removeprefix(f"{path}: ")) from error


def find_errors(plan: Plan, taken: Collection[str] = ()) -> tuple[str, ...]:
    """Return what keeps a plan from use, a line for each part of it that breaks the form; `taken` are others' ids."""
    parts = [replace(plan, points=SOUND.points, gaps=())]
    for number, point in enumerate(plan.points, 1):
        before = (replace(FILLER, id=str(n)) for n in range(1, number))
        parts.append(replace(SOUND, points=(*before, point)))
    parts += [replace(SOUND, gaps=(gap,)) for gap in plan.gaps]
    errors = [error for part in parts if (error := _find_error(part))]
    if not errors and (error := _find_error(plan)):
        errors = [error]
    if plan.id in taken:
        errors.append(f'id "{plan.id}" is that of another plan here; choose another')
    return tuple(errors)


def _find_error(plan: Plan) -> str:
    try:
        check_plan(plan_to_toml(plan))
    except PlanError as error:
        return str(error)
    return ""


def list_unfinished(plan: Plan) -> tuple[str, ...]:
    """Name the fields in which a stand-in is left."""
    names = {"sponsors": NO_NAME in plan.sponsors, "date": plan.date == NO_DATE, "conflict": plan.conflict == NO_NAME}
    names["published"] = plan.published == NO_NAME
    return tuple(name for name, left in names.items() if left)


def drop_empty(plan: Plan) -> Plan:
    """Return the plan without the points and gaps that hold no word; points are numbered anew, gaps named by titles."""
    points = [point for point in plan.points if (point.title + point.text).strip()]
    gaps: list[Target] = []
    taken: set[str] = set()
    for gap in plan.gaps:
        if not (gap.title + gap.text + gap.why).strip():
            continue
        plain = unicodedata.normalize("NFKD", gap.title).encode("ascii", "ignore").decode().lower()
        name = "-".join(re.findall(r"[a-z0-9]+", plain)) or f"gap-{len(gaps) + 1}"
        free, number = name, 2
        while free in taken:
            free, number = f"{name}-{number}", number + 1
        taken.add(free)
        gaps.append(replace(gap, id=f"gap:{free}"))
    numbered = tuple(replace(point, id=str(number)) for number, point in enumerate(points, 1))
    return replace(plan, points=numbered, gaps=tuple(gaps))


def _show_form(draft: Draft) -> None:
    with st.form("draft-form", border=False):
        plan = _ask_plan(draft.plan, f"draft-{draft.upload}-{draft.turn}")
        show_note("A point or gap without a word is left out.")
        with st.container(horizontal=True):
            use = st.form_submit_button("Check and use", type="primary")
            point = st.form_submit_button("Add a point")
            gap = st.form_submit_button("Add a gap")
    if not (use or point or gap):
        return
    plan = drop_empty(plan)
    if use:
        _use(plan)
    shown = replace(plan, gaps=plan.gaps or (EMPTY_GAP,))
    if point:
        shown = replace(shown, points=(*plan.points, Target(str(len(plan.points) + 1), TargetKind.POINT, "", "")))
    elif gap:
        shown = replace(shown, gaps=(*plan.gaps, EMPTY_GAP))
    st.session_state["draft"] = Draft(shown, draft.upload, draft.turn + 1)
    st.rerun()


def _ask_plan(plan: Plan, key: str) -> Plan:
    """Return the plan with what stands in the fields of the form."""
    title = st.text_input("Title", plan.title, key=f"{key}-title")
    left, right = st.columns(2)
    id = left.text_input("Short name: a-z, 0-9 and hyphens", plan.id, key=f"{key}-id")
    date = min(max(plan.date, EARLIEST), LATEST)
    date = right.date_input("Date", date, EARLIEST, LATEST, key=f"{key}-date") or date
    sponsors = st.text_area("Sponsors, one a line", "\n".join(plan.sponsors), key=f"{key}-sponsors", height=68)
    conflict = left.text_input("Conflict", plan.conflict, key=f"{key}-conflict")
    published = right.text_input("Where the official text stands", plan.published, key=f"{key}-published")
    summary = st.text_area("Summary, two sentences", plan.summary, key=f"{key}-summary", height=100)
    names = st.text_area("What people call it, one a line", "\n".join(plan.names), key=f"{key}-names", height=68)
    st.subheader("Points", anchor=False)
    points = tuple(_ask_target(p, f"point {n}", f"{key}-point-{n}") for n, p in enumerate(plan.points, 1))
    st.subheader("Gaps: what the plan leaves out", anchor=False)
    gaps = tuple(_ask_target(g, f"gap {n}", f"{key}-gap-{n}") for n, g in enumerate(plan.gaps, 1))
    return replace(
        plan,
        id=id.strip(),
        title=title,
        sponsors=_split_lines(sponsors),
        date=date,
        conflict=conflict,
        published=published.strip(),
        summary=summary,
        points=points,
        gaps=gaps,
        names=_split_lines(names),
    )


def _ask_target(target: Target, name: str, key: str) -> Target:
    title = st.text_input(f"Title of {name}", target.title, key=f"{key}-title")
    text = st.text_area(f"Text of {name}", target.text, key=f"{key}-text", height=80)
    if target.kind is TargetKind.POINT:
        return replace(target, title=title, text=text)
    why = st.text_input(f"Why readers look for {name}", target.why, key=f"{key}-why")
    return replace(target, title=title, text=text, why=why.strip())


def _split_lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _use(plan: Plan) -> None:
    """Check the plan, and offer it in this session and as a file if it keeps the form."""
    state = st.session_state
    drafted: frozenset[str] = state.get("drafted", frozenset())
    errors = find_errors(plan, offered_plans(state).keys() - drafted)
    state.update({"draft-errors": errors, "draft-checked": None})
    if errors:
        return
    toml = plan_to_toml(plan)
    checked = check_plan(toml)
    state.update({"draft-checked": (checked, toml), "drafted": drafted | {checked.id}, "next_plan": checked.id})
    state["plans"] = {**state["plans"], checked.id: checked}
    for kept in (state["reports"], state.get("keys", {})):  # of an earlier wording
        kept.pop(checked.id, None)


def _show_checked() -> None:
    """Show what came of the last check."""
    state = st.session_state
    errors: Sequence[str] = state["draft-errors"]
    if errors:
        show(*(tag("p", error, role="alert") for error in errors))
    if not state["draft-checked"]:
        return
    plan, toml = state["draft-checked"]
    counts = f"{count_of(len(plan.points), 'point')} and {count_of(len(plan.gaps), 'gap')}"
    show(tag("p", f"{plan.id} keeps the form, with {counts}. It is chosen in the sidebar, for this session."))
    if left := list_unfinished(plan):
        show_note(f"Still to finish: {', '.join(left)}.")
    st.download_button(
        "Download as TOML", toml.encode(), file_name=f"{plan.id}.toml", mime="application/toml", on_click="ignore"
    )
