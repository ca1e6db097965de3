"""Plans: TOML files to Plan records.

The form of a plan file is described in plans/README.md. A file that breaks it is refused with one line that names the
file, the point or gap, and the field. White space in texts is normalised, so that a text may run over several lines.
"""

from __future__ import annotations

import datetime
import difflib
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from analyzer.errors import PlanError
from analyzer.records import Plan, Target, TargetKind
from analyzer.resources import find_data

MAX_BYTES = 4_000_000  # a hundred times the longest shipped plan; a larger file is something else
MAX_POINTS = 999  # far beyond any plan; guards against a year or a page number given as a point's number

PLAN_KEYS = (
    *("id", "title", "official_title", "sponsors", "date", "conflict", "published", "summary", "names"),
    *("points", "gaps"),
)
POINT_KEYS = ("number", "title", "text", "provisions", "topics", "phrasings", "near_misses")
GAP_KEYS = ("id", "title", "text", "why", "topics", "phrasings", "near_misses")
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
TYPE_NAMES: dict[type, str] = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    float: "a number with a fraction",
    list: "a list",
    dict: "a table",
}

T = TypeVar("T")


def load_plan(id_or_path: str | Path) -> Plan:
    """Return the shipped plan with this id, or the plan in this .toml file.

    A text that is the id of a shipped plan means that plan, whatever lies in the working folder.
    Raises PlanError if there is no such plan or file, or the file breaks the form.
    """
    if isinstance(id_or_path, Path):
        return read_plan(id_or_path)
    folder = find_data("plans")
    ids = _list_ids(folder)
    if id_or_path in ids:
        return read_plan(folder / f"{id_or_path}.toml")
    if id_or_path.endswith(".toml") or "/" in id_or_path or "\\" in id_or_path or _exists(id_or_path):
        return read_plan(Path(id_or_path))
    near = difflib.get_close_matches(id_or_path.lower(), ids, n=1, cutoff=0.4)
    hint = f'did you mean "{near[0]}"? ' if near else ""
    raise _refuse(f'"{id_or_path}"', "", f"no such plan; {hint}`peaceplan plans` lists them; or name a .toml file")


def list_plans() -> tuple[Plan, ...]:
    """Return the shipped plans, oldest first."""
    folder = find_data("plans")
    plans = (read_plan(folder / f"{plan_id}.toml") for plan_id in _list_ids(folder))
    return tuple(sorted(plans, key=lambda plan: (plan.date, plan.id)))


def read_plan(path: str | Path) -> Plan:
    """Read a plan file.

    Raises PlanError with one line if the file cannot be read, is not UTF-8 or not TOML, or breaks the form.
    """
    path = Path(path)
    table = _Table(_parse(_read_text(path), path), str(path), "", PLAN_KEYS)
    return Plan(
        id=table.identifier("id"),
        title=table.text("title"),
        sponsors=table.texts("sponsors", required=True),
        date=table.date("date"),
        conflict=table.text("conflict"),
        published=table.text("published", required=False),
        summary=table.text("summary"),
        points=_read_points(table),
        gaps=_read_gaps(table),
        official_title=table.text("official_title", required=False),
        names=table.texts("names"),
    )


class _Table:
    """One TOML table whose fields are asked for by name and type; every refusal says where it stands."""

    def __init__(self, fields: dict[str, Any], file: str, place: str, known: tuple[str, ...]) -> None:
        self.fields, self.file, self.place = fields, file, place
        for key in fields:
            if key not in known:
                near = difflib.get_close_matches(key.lower(), known, n=1)
                hint = f'did you mean "{near[0]}"?' if near else f"known here: {', '.join(known)}"
                raise self.refuse(f'unknown key "{key}"; {hint}')

    def refuse(self, what: str) -> PlanError:
        return _refuse(self.file, self.place, what)

    def get(self, key: str, kind: type[T], wanted: str) -> T:
        if key not in self.fields:
            raise self.refuse(f"{key} is missing; it should be {wanted}")
        value = self.fields[key]
        # The exact type: in Python true is an int and a date with a time is a date.
        if type(value) is not kind:
            raise self.refuse(f"{key} should be {wanted}, not {_name_type(value)}")
        return value

    def text(self, key: str, required: bool = True) -> str:
        if not required and key not in self.fields:
            return ""
        value = " ".join(self.get(key, str, "a text in quotation marks").split())
        if not value:
            raise self.refuse(f"{key} is empty")
        return value

    def texts(self, key: str, required: bool = False) -> tuple[str, ...]:
        if not required and key not in self.fields:
            return ()
        found = []
        for place, item in enumerate(self.get(key, list, "a list of texts"), 1):
            if not isinstance(item, str):
                raise self.refuse(f"{key}: entry {place} should be a text in quotation marks, not {_name_type(item)}")
            found.append(" ".join(item.split()))
            if not found[-1]:
                raise self.refuse(f"{key}: entry {place} is empty")
        if required and not found:
            raise self.refuse(f"{key} is empty; at least one entry is needed")
        return tuple(found)

    def identifier(self, key: str) -> str:
        value = self.get(key, str, 'a short name such as "troop-withdrawal"')
        if not ID.fullmatch(value):
            raise self.refuse(f'{key} "{value}" may hold only a-z, 0-9 and single hyphens between them')
        return value

    def date(self, key: str) -> datetime.date:
        return self.get(key, datetime.date, "a date without quotation marks, such as 2023-02-24")

    def tables(self, key: str, known: tuple[str, ...], place: Callable[[int, dict[str, Any]], str]) -> list[_Table]:
        wanted = f"a series of [[{key}]] tables"
        items = self.get(key, list, wanted)
        for item in items:
            if not isinstance(item, dict):
                raise self.refuse(f"{key} should be {wanted}, not a list with {_name_type(item)} in it")
        return [_Table(item, self.file, place(n, item), known) for n, item in enumerate(items, 1)]


def _read_points(plan: _Table) -> tuple[Target, ...]:
    def place(n: int, item: dict[str, Any]) -> str:
        number = item.get("number")
        return f"point {number}" if type(number) is int and 1 <= number <= MAX_POINTS else f"[[points]] table {n}"

    tables = plan.tables("points", POINT_KEYS, place)
    if not tables:
        raise plan.refuse("no points; a plan has at least one [[points]] table")
    numbers = [table.get("number", int, "a whole number") for table in tables]
    if wrong := [table for table, number in zip(tables, numbers, strict=True) if not 1 <= number <= MAX_POINTS]:
        raise wrong[0].refuse(f"number should be a whole number from 1 to {MAX_POINTS}")
    _refuse_repeated(plan, "number", numbers)
    for expected, number in enumerate(sorted(numbers), 1):
        if number != expected:
            raise plan.refuse(f"number: points count 1, 2, 3 and so on; {number} is there and {expected} is missing")
    points = (
        Target(
            id=str(number),
            kind=TargetKind.POINT,
            title=table.text("title"),
            text=table.text("text"),
            provisions=table.texts("provisions"),
            topics=table.texts("topics"),
            phrasings=table.texts("phrasings"),
            near_misses=table.texts("near_misses"),
        )
        for number, table in zip(numbers, tables, strict=True)
    )
    return tuple(sorted(points, key=lambda point: int(point.id)))


def _read_gaps(plan: _Table) -> tuple[Target, ...]:
    def place(n: int, item: dict[str, Any]) -> str:
        return f'gap "{item["id"]}"' if isinstance(item.get("id"), str) else f"[[gaps]] table {n}"

    tables = plan.tables("gaps", GAP_KEYS, place) if "gaps" in plan.fields else []
    ids = [table.identifier("id") for table in tables]
    _refuse_repeated(plan, "id", ids)
    return tuple(
        Target(
            id=f"gap:{gap_id}",
            kind=TargetKind.GAP,
            title=table.text("title"),
            text=table.text("text"),
            topics=table.texts("topics"),
            phrasings=table.texts("phrasings"),
            near_misses=table.texts("near_misses"),
            why=table.text("why", required=False),
        )
        for gap_id, table in zip(ids, tables, strict=True)
    )


def _refuse_repeated(plan: _Table, key: str, values: Iterable[int] | Iterable[str]) -> None:
    for value, count in Counter(values).items():
        if count > 1:
            place = f"point {value}" if isinstance(value, int) else f'gap "{value}"'
            raise _refuse(plan.file, place, f"{key} {value} is given {count} times")


def _read_text(path: Path) -> str:
    try:
        if path.is_dir():
            raise _refuse(path, "", "a folder, not a plan file; name one .toml file")
        if not path.exists():
            raise _refuse(path, "", "no such plan file; `peaceplan plans` lists the shipped plans")
        if not path.is_file():
            raise _refuse(path, "", "not a regular file; name a .toml file")
        if (size := path.stat().st_size) > MAX_BYTES:
            limit = MAX_BYTES // 1_000_000
            raise _refuse(path, "", f"{size / 1e6:.1f} MB is too large for a plan file (at most {limit} MB)")
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise _refuse(path, "", f"cannot be read ({reason})") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        what = "not UTF-8; save the file with the encoding UTF-8" + _hint_at_import(path)
        raise _refuse(path, f"line {line}", what) from error


def _parse(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise _refuse(path, "", "not TOML that can be read: brackets are nested too deeply") from error
    except ValueError as error:
        message = str(error)
        if at := re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", message):
            line = at[1] or str(text.count("\n") + 1)
            what = f"not TOML: {message[: at.start()]}{_hint_at_import(path)}"
            raise _refuse(path, f"line {line}", what) from error
        raise _refuse(path, "", f"not TOML: {message}") from error


def _hint_at_import(path: Path) -> str:
    return "" if path.suffix.lower() == ".toml" else "; `peaceplan plans import` drafts a plan file from a document"


def _list_ids(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.toml"))


def _exists(text: str) -> bool:
    try:
        return bool(text) and Path(text).exists()
    except (OSError, ValueError):
        return False


def _name_type(value: object) -> str:
    return TYPE_NAMES.get(type(value), "a date or time")


def _refuse(file: str | Path, place: str, what: str) -> PlanError:
    message = ": ".join(part for part in (str(file), place, what) if part)
    return PlanError("".join(c if c.isprintable() else " " for c in message))
