"""Two plans side by side: on the terminal, as JSON, and as rows of a table."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from analyzer.comparing import Alignment, Comparison, Match, Side
from analyzer.export.wording import count_of, describe_plan, name_target, one_line

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

COMPARISON = (
    "Points count as counterparts when they are about one matter, by a machine's reading of their words; they may ask "
    "for the opposite. Read both texts before you call them alike."
)
COLUMNS = (
    *("side", "plan", "target", "kind", "title", "text", "counterpart", "similarity"),
    *("other_plan", "other_point", "other_title", "other_text", "wording", "other_wording"),
)


def write_comparison(comparison: Comparison, format: str) -> None:
    """Write a comparison to standard output, as "table" or "json"."""
    if format == "json":
        print(comparison_to_json(comparison))
    else:
        from rich.console import Console

        print_comparison(comparison, Console(file=sys.stdout))


def print_comparison(comparison: Comparison, console: Console) -> None:
    """Print which points are about one matter, which stand alone, and which gaps the other plan's points touch."""
    from rich.padding import Padding
    from rich.text import Text

    one, other = comparison.one, comparison.other
    for side in (one, other):
        console.print(Text(f"{one_line(side.plan.id)}: {describe_plan(side.plan)}", style="bold"))
    console.print(_table(comparison))
    for near, far in ((one, other), (other, one)):
        parts = (
            (near.unmatched, f"Points of {near.plan.id} without a counterpart in {far.plan.id}"),
            (near.answered, f"Gaps of {near.plan.id} that points of {far.plan.id} touch"),
        )
        for alignments, title in parts:
            console.print(Text(f"{one_line(title)}: {len(alignments) or 'none'}", style="bold"))
            for alignment in alignments:
                found = "; ".join(f"{name_target(m.point)} ({m.similarity:.2f})" for m in alignment.counterparts)
                told = name_target(alignment.target) + (f" ← {found}" if found else "")
                console.print(Padding(Text(told), (0, 0, 0, 2)))
    console.print(Padding(Text(f"{describe_floor(comparison)} {COMPARISON}", style="dim"), (1, 0, 0, 0)))


def describe_floor(comparison: Comparison) -> str:
    """Say from which similarity on points count as counterparts, and by which encoder."""
    return (
        f"Counterparts have a similarity of at least {comparison.floor:.2f} (encoder {one_line(comparison.encoder)})."
    )


def describe_side(side: Side, other: Side) -> str:
    """Say in one line how much of a plan the other takes up."""
    matched = len(side.points) - len(side.unmatched)
    gaps = len(side.alignments) - len(side.points)
    return (
        f"{matched} of {count_of(len(side.points), 'point')} of {one_line(side.plan.id)} have a counterpart in "
        f"{one_line(other.plan.id)}, and {len(side.answered)} of its {count_of(gaps, 'gap')} are touched there."
    )


def comparison_to_json(comparison: Comparison) -> str:
    """Return the comparison as JSON; targets are in the order of the plans, matches nearest first."""
    content = {
        "floor": comparison.floor,
        "encoder": comparison.encoder,
        "one": _side(comparison.one),
        "other": _side(comparison.other),
    }
    return msgspec.json.format(msgspec.json.encode(content)).decode()


def comparison_rows(comparison: Comparison) -> Iterator[tuple[str | float | None, ...]]:
    """Yield rows under COLUMNS: one a counterpart, and for a target without any, one with the nearest point."""
    pairs = (("one", comparison.one, comparison.other), ("other", comparison.other, comparison.one))
    for name, side, other in pairs:
        for alignment in side.alignments:
            target = alignment.target
            head = (name, side.plan.id, target.id, target.kind.value, target.title, target.text)
            for match in alignment.counterparts or alignment.nearest[:1]:
                point = match.point
                counts = "yes" if alignment.counterparts else "no"
                yield (
                    *head,
                    counts,
                    match.similarity,
                    other.plan.id,
                    point.id,
                    point.title,
                    point.text,
                    *match.wordings,
                )
            if not alignment.nearest:
                yield (*head, "no", None, other.plan.id, *(None,) * 5)


def _side(side: Side) -> dict[str, Any]:
    return {
        "plan": side.plan.id,
        "title": side.plan.title,
        "targets": [
            {
                "id": a.target.id,
                "kind": a.target.kind.value,
                "title": a.target.title,
                "text": a.target.text,
                "counterparts": [_fields(match) for match in a.counterparts],
                "nearest": [_fields(match) for match in a.nearest],
            }
            for a in side.alignments
        ],
        "unmatched": [a.target.id for a in side.unmatched],
        "answered": [a.target.id for a in side.answered],
    }


def _fields(match: Match) -> dict[str, Any]:
    return {
        "id": match.point.id,
        "title": match.point.title,
        "similarity": match.similarity,
        "wordings": match.wordings,
    }


def _table(comparison: Comparison) -> RenderableType:
    from rich import box
    from rich.table import Table

    one, other = comparison.one, comparison.other
    table = Table(box=box.SIMPLE_HEAD, expand=True, pad_edge=False, header_style="bold")
    table.add_column(_fold(one.plan.id), ratio=1)
    table.add_column("", width=4)
    table.add_column(_fold(other.plan.id), ratio=1)
    for alignment in one.points:
        _add_rows(table, alignment)
    return table


def _add_rows(table: Any, alignment: Alignment) -> None:
    for place, match in enumerate(alignment.counterparts):
        name = name_target(alignment.target) if not place else ""
        table.add_row(_fold(name), f"{match.similarity:.2f}", _fold(name_target(match.point)))


def _fold(content: str) -> RenderableType:
    from rich.text import Text

    return Text(one_line(content), overflow="fold")
