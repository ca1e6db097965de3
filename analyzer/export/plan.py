"""One plan on the terminal: its points with their provisions, and its gaps."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from analyzer.records import Plan


def print_plan(plan: Plan, console: Console) -> None:
    """Print a plan as a reader wants it: who, when, what it asks for, what it leaves out."""
    console.print(Text(plan.title, style="bold"))
    console.print(Text(f"{plan.id} · {', '.join(plan.sponsors)} · {plan.date} · {plan.conflict}"))
    console.print(Text(plan.published, style="dim"))
    console.print(Padding(Text(plan.summary), (1, 0)))
    for point in plan.points:
        console.print(Text(f"{point.id:>2}  {point.title}", style="bold"))
        for line in point.provisions or (point.text,):
            console.print(Padding(Text(f"– {line}"), (0, 0, 0, 4)))
    if plan.gaps:
        console.print(Padding(Text("What it leaves out", style="bold"), (1, 0, 0, 0)))
    for gap in plan.gaps:
        console.print(Text(f"    {gap.id}: {gap.title}", style="bold"))
        console.print(Padding(Text(f"{gap.text} {gap.why}".strip()), (0, 0, 0, 6)))
