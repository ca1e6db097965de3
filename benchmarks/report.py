"""All benchmarks one after another, and docs/benchmarks.md from what they print.

python -m benchmarks.report
python -m benchmarks.report --skip growth "growth --stub" --reuse search

Each runs in a process of its own, whose figures are kept under --cache; --reuse takes those of an earlier run. A
benchmark that is skipped is left out of the file, and the file says so.
"""

from __future__ import annotations

import argparse
import datetime
import json
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.machine import CACHE, ROOT, Row, describe_load, describe_machine, read_rows

TITLES = {
    "encode": "Sentences to vectors",
    "pipeline": "Articles to a report",
    "search": "Search",
    "growth": "A growing workspace",
    "growth --stub": "A growing workspace, without the models",
    "dashboard": "The dashboard with a thousand documents",
    "extract": "Text to statements with speakers",
}
PRINTED = {  # older ones, which print their figures only
    "judge": "Sentences to stances",
    "start": "Cold start",
}
OUT = ROOT / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Written by `{command}`.

Ratios come from one run, in which the things compared take turns; a limit is what the project asks of itself. Each
table names the machine and the day.
"""


@dataclass(frozen=True, slots=True)
class Result:
    """What one benchmark gave."""

    command: str
    machine: str
    day: str
    rows: tuple[Row, ...] = ()
    printed: str = ""


def run_benchmark(name: str, options: Sequence[str], cache: Path) -> Result:
    """Run one in its own process; RuntimeError if it breaks off. A limit that is not kept is no error."""
    machine, day = f"{describe_machine()}; {describe_load()}", datetime.date.today().isoformat()
    if name in PRINTED:
        command = ["python", f"benchmarks/{name}.py"]
        done = subprocess.run([sys.executable, *command[1:]], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        result = Result(shlex.join(command), machine, day, printed=done.stdout.strip())
        broken = done.returncode != 0
    else:
        module, *fixed = name.split()
        command = ["python", "-m", f"benchmarks.{module}", *fixed, *options]
        rows = _place(name, cache).with_suffix(".rows.json")
        rows.unlink(missing_ok=True)
        done = subprocess.run([sys.executable, *command[1:], "--rows", str(rows)], cwd=ROOT)
        broken = done.returncode not in (0, 1) or not rows.is_file()
        result = Result(shlex.join(command), machine, day, () if broken else tuple(read_rows(rows)))
    if broken:
        raise RuntimeError(f"{result.command}: broke off with status {done.returncode}")
    return result


def keep(name: str, result: Result, cache: Path) -> None:
    """Write a result where --reuse finds it."""
    told = {"command": result.command, "machine": result.machine, "day": result.day, "printed": result.printed}
    _place(name, cache).write_text(json.dumps(told, indent=1), encoding="utf-8")


def find_kept(name: str, cache: Path) -> Result:
    """The result of an earlier run; FileNotFoundError if there is none."""
    place = _place(name, cache)
    rows = place.with_suffix(".rows.json")
    told = json.loads(place.read_text(encoding="utf-8"))
    return Result(**told, rows=() if name in PRINTED else tuple(read_rows(rows)))


def write_page(results: dict[str, Result], skipped: Sequence[str], command: str) -> str:
    """The page: a table for each benchmark."""
    parts = [HEAD.format(command=command)]
    limited = [row for result in results.values() for row in result.rows if row.limit is not None]
    if limited:
        kept = sum(bool(row.kept) for row in limited)
        parts.append(f"{kept} of {len(limited)} limits are kept.\n")
    if skipped:
        parts.append(f"Not run: {', '.join(skipped)}.\n")
    for name, result in results.items():
        parts.append(f"## {(TITLES | PRINTED)[name]}\n\n`{result.command}`, {result.day}; {result.machine}\n")
        if result.printed:
            parts.append(f"```\n{result.printed}\n```\n")
        if result.rows:
            table = [("what", "figure", "limit", "kept"), ("---", "---", "---", "---")]
            table += [row.cells for row in result.rows]
            parts.append("\n".join(f"| {' | '.join(cells)} |" for cells in table) + "\n")
    return "\n".join(parts)


def _place(name: str, cache: Path) -> Path:
    return cache / "results" / f"{name.replace(' --', '-')}.json"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmarks and write the page; status 1 if a limit is not kept."""
    names = [*TITLES, *PRINTED]
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--skip", nargs="+", default=(), choices=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--reuse", nargs="+", default=(), choices=names, metavar="NAME", help="take its last figures")
    parser.add_argument(
        "--options", action="append", default=[], metavar="NAME=OPTIONS", help='as in --options="search=--sizes 10000"'
    )
    parser.add_argument("--cache", type=Path, default=CACHE, metavar="DIR", help="where results and workspaces lie")
    parser.add_argument("--out", type=Path, default=OUT, metavar="FILE")
    args = parser.parse_args(argv)
    options = {name: shlex.split(given) for name, _, given in (text.partition("=") for text in args.options)}
    if unknown := options.keys() - TITLES.keys():
        parser.error(f"--options: {', '.join(sorted(unknown))}: not one of {', '.join(TITLES)}")
    (args.cache / "results").mkdir(parents=True, exist_ok=True)
    results: dict[str, Result] = {}
    for name in names:
        if name in args.skip:
            continue
        if name in args.reuse:
            results[name] = find_kept(name, args.cache)
            continue
        print(f"{name} …", file=sys.stderr, flush=True)
        own = options.get(name, [])
        if name.split()[0] in ("search", "growth", "dashboard") and args.cache != CACHE:
            own = [*own, "--cache", str(args.cache)]
        results[name] = run_benchmark(name, own, args.cache)
        keep(name, results[name], args.cache)
    command = shlex.join(["python", "-m", "benchmarks.report", *(sys.argv[1:] if argv is None else argv)])
    args.out.write_text(write_page(results, args.skip, command), encoding="utf-8")
    print(f"{args.out}: written")
    return 1 if any(row.kept is False for result in results.values() for row in result.rows) else 0


if __name__ == "__main__":
    sys.exit(main())
