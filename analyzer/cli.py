"""The command line. An AnalyzerError becomes one line on stderr and exit status 2.

Exit status: 0 done; 1 done, but some inputs failed and are listed; 2 nothing was done, and why.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from analyzer import __version__
from analyzer.commands import add_commands, add_workspace, analyze_at_scale, analyze_workspace
from analyzer.console import FORMATS, format_of, list_failures, make_bar
from analyzer.errors import AnalyzerError, InputError, WorkspaceError
from analyzer.settings import DEFAULT_ENCODER, DEFAULT_PLAN

if TYPE_CHECKING:
    from rich.console import Console

    from analyzer.records import Document, Failure

Follow = Callable[["Iterator[Document]"], "Iterator[Document]"]
Turn = Callable[[int, int], None]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    args = _make_parser().parse_args(argv)
    try:
        return int(args.run(args))
    except AnalyzerError as error:
        print(f"peaceplan: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("peaceplan: stopped; nothing was written", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of our output has gone, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="peaceplan",
        description="Who endorses, criticises or passes over which point of a peace plan, in whose words, "
        "and what the plan leaves out.",
    )
    parser.add_argument("--version", action="version", version=f"peaceplan {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    analyze = commands.add_parser("analyze", help="read articles and show who stands where on a plan")
    analyze.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="files (.txt .html .pdf .docx .jsonl .csv) or folders; without any, what is new in the workspace",
    )
    analyze.add_argument(
        "--plan",
        action="append",
        metavar="ID",
        help=f"a plan's id or the path of a plan file (default: {DEFAULT_PLAN}); in a workspace it may be given again",
    )
    add_workspace(analyze)
    analyze.add_argument("--format", choices=FORMATS, help="default: table, or what the suffix of --out says")
    analyze.add_argument(
        "--out", type=Path, metavar="FILE", help="write here instead of to the screen; a folder with --engine ray"
    )
    analyze.add_argument(
        "--engine",
        choices=("local", "ray"),
        default="local",
        help="ray: .jsonl and .parquet files on many cores, into Parquet files (default: %(default)s)",
    )
    analyze.add_argument("--workers", type=int, metavar="N", help="with --engine ray (default: 1)")
    analyze.add_argument(
        "--encoder",
        default=DEFAULT_ENCODER,
        metavar="NAME",
        help="a sentence-transformers model on this machine (default: %(default)s)",
    )
    analyze.add_argument(
        "--aliases",
        type=Path,
        metavar="FILE.toml",
        help='names that mean one speaker: "Alexander Lukashenko" = ["the Belarusian ruler"]',
    )
    analyze.add_argument("--quiet", action="store_true", help="no progress bar")
    analyze.set_defaults(run=_analyze)

    show = commands.add_parser("show", help="print a saved report (.json), or write it in another format")
    show.add_argument("report", type=Path, metavar="REPORT.json")
    show.add_argument("--format", choices=FORMATS, help="default: table, or what the suffix of --out says")
    show.add_argument("--out", type=Path, metavar="FILE", help="write here instead of to the screen")
    show.add_argument("--brief", metavar="SUBJECT", help="a cited brief: target:ID, speaker:NAME or document:NAME")
    show.set_defaults(run=_show_report)

    serve = commands.add_parser("serve", help="open the dashboard in the browser, on this machine alone")
    serve.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="a workspace, a saved report (.json), files or folders; default: the samples",
    )
    _ask_for_plan(serve)
    serve.add_argument("--port", type=int, default=8501, metavar="N", help="default: %(default)s")
    serve.add_argument("--no-browser", action="store_true", help="serve only")
    serve.set_defaults(run=_serve)

    add_commands(commands)

    plans = commands.add_parser("plans", help="list, show, compare, check or draft plan files")
    plans.set_defaults(run=_list_plans)
    actions = plans.add_subparsers(dest="action", metavar="ACTION")
    actions.add_parser("list", help="list the plans that are shipped").set_defaults(run=_list_plans)
    one = actions.add_parser("show", help="print one plan")
    one.add_argument("plan", metavar="ID")
    one.set_defaults(run=_show_plan)
    compare = actions.add_parser("compare", help="align two plans point by point, by meaning")
    compare.add_argument("plans", nargs=2, metavar="ID", help="a plan's id or the path of a plan file")
    compare.add_argument("--format", choices=("table", "json"), default="table", help="default: %(default)s")
    compare.set_defaults(run=_compare_plans)
    check = actions.add_parser("check", help="say whether a plan file keeps the form")
    check.add_argument("file", type=Path, metavar="FILE")
    check.set_defaults(run=_check_plan)
    draft = actions.add_parser("import", help="draft a plan file from a document with numbered points")
    draft.add_argument("file", type=Path, metavar="FILE")
    draft.add_argument("-o", "--out", type=Path, required=True, metavar="NEW.toml")
    draft.set_defaults(run=_import_plan)
    return parser


def _ask_for_plan(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--plan",
        default=DEFAULT_PLAN,
        metavar="ID",
        help="a plan's id or the path of a plan file (default: %(default)s)",
    )


def _analyze(args: argparse.Namespace) -> int:
    if args.engine == "ray":
        return analyze_at_scale(args)
    if args.workers is not None:
        raise InputError("--workers goes with --engine ray; without it, one process reads")
    if not args.paths:
        if args.out or args.format or args.aliases:
            raise WorkspaceError(
                "--out and --format go with files, or with `peaceplan export`; aliases.toml lies in the workspace"
            )
        return analyze_workspace(args.workspace, args.plan or (), args.quiet)
    if args.workspace or len(args.plan or ()) > 1:
        raise WorkspaceError(
            "files are read against one plan, apart from a workspace; put them into one with: peaceplan add"
        )
    from analyzer.pipeline import analyze, start_loading

    start_loading()
    from rich.console import Console

    from analyzer.encoding import load_encoder
    from analyzer.export import write_report
    from analyzer.export.files import check_writable
    from analyzer.plans import load_plan
    from analyzer.reading import count_inputs, iterate_documents
    from analyzer.unify import read_aliases

    aliases = read_aliases(args.aliases) if args.aliases else None
    format = args.format or format_of(args.out)
    plan = load_plan(args.plan[0] if args.plan else DEFAULT_PLAN)
    if args.out:
        check_writable(args.out)
    failures: list[Failure] = []
    console = Console(stderr=True)
    shown = console.is_terminal and not args.quiet
    with _progress(console, count_inputs(args.paths) if shown else None, shown) as (follow, turn_page):
        documents = follow(iterate_documents(args.paths, failures.append, turn_page))
        report = analyze(documents, plan, encoder=load_encoder(args.encoder), failures=failures, aliases=aliases)
    write_report(report, format, args.out)
    list_failures(report.failures)
    if report.failures:
        print(f"peaceplan: {len(report.analyses)} analysed, {len(report.failures)} failed", file=sys.stderr)
    return (1 if report.analyses else 2) if report.failures else 0


def _serve(args: argparse.Namespace) -> int:
    from analyzer.dashboard.serve import serve

    return serve(args.paths, args.plan, args.port, browser=not args.no_browser)


def _show_report(args: argparse.Namespace) -> int:
    if args.brief is not None:
        if args.format:
            raise InputError("--format goes with a whole report; a brief takes the suffix of --out")
        from analyzer.export.brief import show_brief

        show_brief(args.report, args.brief, args.out)
        return 0
    from analyzer.export import load_report, write_report

    write_report(load_report(args.report), args.format or format_of(args.out), args.out)
    return 0


@contextmanager
def _progress(console: Console, total: int | None, shown: bool) -> Iterator[tuple[Follow, Turn | None]]:
    """Yield a function that passes documents on and counts them on a bar, and one that shows the pages of a PDF."""
    if not shown:
        yield (lambda documents: documents), None
        return
    with make_bar(console) as bar:
        task = bar.add_task("reading", total=total)

        def follow(documents: Iterator[Document]) -> Iterator[Document]:
            for document in documents:
                bar.update(task, description=document.name[:40])
                yield document
                bar.advance(task)

        def turn_page(done: int, pages: int) -> None:
            bar.update(task, description=f"page {done} of {pages}")

        yield follow, turn_page


def _list_plans(args: argparse.Namespace) -> int:
    from analyzer.plans import list_plans

    plans = list_plans()
    width = max(len(p.id) for p in plans)
    for p in plans:
        print(f"{p.id:{width}}  {p.date}  {len(p.points):2} points  {len(p.gaps):2} gaps  {p.title}")
    return 0


def _show_plan(args: argparse.Namespace) -> int:
    from rich.console import Console

    from analyzer.export.plan import print_plan
    from analyzer.plans import load_plan

    print_plan(load_plan(args.plan), Console())
    return 0


def _compare_plans(args: argparse.Namespace) -> int:
    from analyzer.comparing import compare_plans
    from analyzer.export.comparison import write_comparison
    from analyzer.plans import load_plan

    one, other = map(load_plan, args.plans)
    write_comparison(compare_plans(one, other), args.format)
    return 0


def _check_plan(args: argparse.Namespace) -> int:
    from analyzer.plans import read_plan

    plan = read_plan(args.file)
    print(f"{args.file}: keeps the form: {plan.title}, {len(plan.points)} points, {len(plan.gaps)} gaps")
    return 0


def _import_plan(args: argparse.Namespace) -> int:
    from analyzer.drafting import draft_plan
    from analyzer.errors import OutputError
    from analyzer.export.files import check_writable, write_text_atomically
    from analyzer.plans import read_plan
    from analyzer.reading import read_document

    if args.out.exists():
        raise OutputError(f"{args.out}: exists already; name a new file, so that nobody's work is overwritten")
    check_writable(args.out)
    document = read_document(args.file)
    write_text_atomically(args.out, draft_plan(document.text, args.out.stem))
    plan = read_plan(args.out)
    print(
        f"{args.out}: a draft with {len(plan.points)} points; complete the lines marked “finish”, "
        f"then run: peaceplan plans check {args.out}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
