"""The commands of a workspace: init, add, analyze, status, remove, reindex, export, search.

Each finds its workspace by --workspace, or in the folder that it is given in or one above. `analyze --engine ray` needs
none; `add --from-parquet` puts its results into one.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analyzer.console import FORMATS, format_of, list_failures, make_bar
from analyzer.errors import InputError, OutputError, WorkspaceError
from analyzer.settings import DEFAULT_ENCODER, DEFAULT_PLAN

if TYPE_CHECKING:
    from rich.console import Console

    from analyzer.records import Failure
    from analyzer.searching import Found, Hit
    from analyzer.workspace import Workspace


def add_commands(commands: Any) -> None:
    """Add the parsers of these commands."""
    init = commands.add_parser("init", help="start a workspace: a corpus on disk that is added to over months")
    init.add_argument("folder", type=Path, metavar="DIR")
    init.add_argument("--encoder", default=DEFAULT_ENCODER, metavar="NAME", help="default: %(default)s")
    init.set_defaults(run=_init)

    add = commands.add_parser("add", help="add articles to a workspace; what is there already is passed over")
    add.add_argument("paths", nargs="*", metavar="PATH", help="files (.txt .html .pdf .docx .jsonl .csv) or folders")
    add.add_argument(
        "--from-parquet",
        type=Path,
        metavar="DIR",
        help="results of `peaceplan analyze --engine ray`, as they are",
    )
    add.add_argument("--quiet", action="store_true", help="no progress bar")
    add.set_defaults(run=_add)

    status = commands.add_parser("status", help="what a workspace holds, what waits, what failed")
    status.add_argument("--documents", action="store_true", help="list the documents")
    status.add_argument("--format", choices=("table", "json"), default="table", help="default: %(default)s")
    status.set_defaults(run=_status)

    remove = commands.add_parser("remove", help="remove documents by name, with all that was read in them")
    remove.add_argument("names", nargs="+", metavar="NAME")
    remove.set_defaults(run=_remove)

    reindex = commands.add_parser("reindex", help="build the search index anew")
    reindex.add_argument("--quiet", action="store_true", help="no progress bar")
    reindex.set_defaults(run=_reindex)

    export = commands.add_parser("export", help="write what was read against a plan as a report")
    export.add_argument("--plan", metavar="ID", help="default: the only one that was read")
    export.add_argument("--format", choices=FORMATS, help="default: by suffix")
    export.add_argument("--out", type=Path, metavar="FILE", help="write here instead of to the screen")
    export.set_defaults(run=_export)

    search = commands.add_parser(
        "search",
        help="find sentences by meaning and by words",
        description='Words, "phrases", AND, OR, NOT, prefix*, and filters: speaker: country: stance: target: plan: '
        "document: outlet: after: before: speech: reviewed:",
    )
    search.add_argument("query", nargs="*", metavar="QUERY")
    search.add_argument("--like", metavar="DOCUMENT:SENTENCE", help="sentences like this one")
    search.add_argument("--by", choices=("both", "meaning", "words"), default="both", help="default: %(default)s")
    search.add_argument("--most", type=int, default=10, metavar="N", help="hits a page (default: %(default)s)")
    search.add_argument("--page", type=int, default=1, metavar="N", help="default: %(default)s")
    search.add_argument("--format", choices=("table", "json"), default="table", help="default: %(default)s")
    search.set_defaults(run=_search)
    for command in (add, status, remove, reindex, export, search):
        add_workspace(command)


def add_workspace(command: argparse.ArgumentParser) -> None:
    """Let the command say which workspace it means."""
    command.add_argument(
        "--workspace", "-w", type=Path, metavar="DIR", help="default: the folder that you are in, or one above"
    )


@contextmanager
def open_workspace(folder: Path | None) -> Iterator[Workspace]:
    """Open the workspace that is named, or the one around the present folder; WorkspaceError if there is none."""
    from analyzer.workspace import Workspace, find_workspace

    found = folder or find_workspace(Path.cwd())
    if found is None:
        raise WorkspaceError("no workspace here; name one with --workspace DIR, or start one with: peaceplan init DIR")
    with Workspace(found) as workspace:
        yield workspace


def analyze_workspace(folder: Path | None, plans: Sequence[str], quiet: bool) -> int:
    """Read what is new against each plan, and say so."""
    from rich.console import Console

    from analyzer.plans import load_plan

    failures: list[Failure] = []
    with open_workspace(folder) as workspace:
        chosen = [load_plan(name) for name in plans] or workspace.plans() or [load_plan(DEFAULT_PLAN)]
        for plan in chosen:
            with _progress(Console(stderr=True), quiet) as progress:
                read = workspace.analyze(plan, progress=progress, on_failure=failures.append)
            print(f"{plan.id}: {read} read now, {workspace.count_documents()} documents in all")
    return _tell_failures(failures)


def analyze_at_scale(args: argparse.Namespace) -> int:
    """Read the files with Ray Data and write a folder of results; what does not go with that is refused."""
    given = {
        "--format": args.format,
        "--aliases": args.aliases,
        "--workspace": args.workspace,
        "a second --plan": len(args.plan or ()) > 1,
    }
    if refused := [name for name, value in given.items() if value]:
        raise InputError(
            f"{', '.join(refused)}: not with --engine ray, which writes Parquet files on one plan; "
            "put them into a workspace with: peaceplan add --from-parquet DIR"
        )
    if not args.paths:
        raise InputError("--engine ray reads files; name .jsonl or .parquet files, folders of them or patterns")
    if not args.out or args.out.is_file():
        raise OutputError("--engine ray writes a folder; name one with --out DIR")
    from functools import partial

    from rich.console import Console

    from analyzer import scale
    from analyzer.plans import load_plan
    from analyzer.scale.worker import load_models

    plan = load_plan(args.plan[0] if args.plan else DEFAULT_PLAN)
    workers = 1 if args.workers is None else args.workers
    make_models = partial(load_models, args.encoder)
    try:
        with _progress(Console(stderr=True), args.quiet) as progress:
            done = scale.analyze_at_scale(
                args.paths, plan, args.out, workers=workers, make_models=make_models, progress=progress
            )
    except KeyboardInterrupt:
        print(
            f"peaceplan: stopped; what is complete in {args.out} is kept, and the same command goes on from there",
            file=sys.stderr,
        )
        return 130
    print(f"{args.out}: {done.documents} analysed, in {done.partitions} partitions, {done.skipped} of them done before")
    for source in done.lost:
        print(f"peaceplan: {source}: the partition from here on was given up; run the command again", file=sys.stderr)
    if done.failed:
        print(f"peaceplan: {done.failed} failed, listed in {args.out / 'failures'}", file=sys.stderr)
    return (1 if done.documents else 2) if done.failed else 0


def _init(args: argparse.Namespace) -> int:
    from analyzer.encoding import load_encoder
    from analyzer.workspace import start_workspace

    if args.encoder != DEFAULT_ENCODER:
        load_encoder(args.encoder)
    start_workspace(args.folder, args.encoder).close()
    print(f"{args.folder}: a workspace; add articles with: peaceplan add PATH --workspace {args.folder}")
    return 0


def _add(args: argparse.Namespace) -> int:
    if bool(args.paths) == bool(args.from_parquet):
        raise InputError("name either files and folders to add, or --from-parquet DIR")
    if args.from_parquet:
        from analyzer.scale import read_results

        with open_workspace(args.workspace) as workspace:
            stored = workspace.put_all(read_results(args.from_parquet))
        print(f"{stored} documents taken up, with what was read in them")
        return 0
    from rich.console import Console

    from analyzer.reading import count_inputs, iterate_documents

    failures: list[Failure] = []
    with open_workspace(args.workspace) as workspace:
        documents = iterate_documents(args.paths, failures.append)
        with _progress(Console(stderr=True), args.quiet) as progress:
            total = count_inputs(args.paths) if progress else None

            def follow() -> Iterator[Any]:
                for done, document in enumerate(documents):
                    if progress:
                        progress(done, total or 0, document.name)
                    yield document

            added = workspace.add(follow(), failures)
    alike = f", {added.alike} of them tell a story that is there already" if added.alike else ""
    known = f"; {added.known} were there already" if added.known else ""
    print(f"{added.new} added{alike}{known}")
    return _tell_failures(failures, done=added.new + added.known)


def _status(args: argparse.Namespace) -> int:
    from analyzer.workspace.status import describe_review

    with open_workspace(args.workspace) as workspace:
        status, documents = workspace.status(), workspace.documents() if args.documents else None
    if args.format == "json":
        import msgspec

        content: Any = {"status": status} if documents is None else {"status": status, "documents": documents}
        print(msgspec.json.format(msgspec.json.encode(content)).decode())
        return 0
    print(f"workspace   {status.folder}")
    days = f", {status.first} to {status.last}" if status.first else ""
    print(f"documents   {status.documents}{days}")
    if status.copies:
        print(f"copies      {status.copies} more inputs have the text of one of them")
    if status.stories < status.documents:
        print(f"stories     {status.stories}; {status.documents - status.stories} tell what another one tells")
    print(f"sentences   {status.sentences}\nstatements  {status.statements}\nspeakers    {status.speakers}")
    for p in status.plans:
        waiting = f", {p.waiting} wait for: peaceplan analyze" if p.waiting else ""
        print(f"plan        {p.plan}: {p.read} read, {p.positions} positions{waiting}")
        if p.reviewed or p.verdicts.total:
            print(f"reviewed    {describe_review(p).partition(': ')[2]}")
    if status.documents and not status.plans:
        print("plan        none; run: peaceplan analyze")
    for failure in status.failures:
        print(f"failed      {failure.source}: {failure.message}")
    for name, date, outlet, source, alike in documents or ():
        told = f"  (told {alike} times)" if alike > 1 else ""
        print(f"{date or '':10}  {name}{f'  {outlet}' if outlet else ''}{told}  {source}")
    return 0


def _remove(args: argparse.Namespace) -> int:
    with open_workspace(args.workspace) as workspace:
        workspace.remove(args.names)
    print(f"{len(args.names)} removed")
    return 0


def _reindex(args: argparse.Namespace) -> int:
    from rich.console import Console

    with open_workspace(args.workspace) as workspace, _progress(Console(stderr=True), args.quiet) as progress:
        count = workspace.reindex(progress)
    print(f"{count} sentences indexed")
    return 0


def _export(args: argparse.Namespace) -> int:
    from analyzer.export import write_report
    from analyzer.export.files import check_writable

    format = args.format or format_of(args.out)
    if args.out:
        check_writable(args.out)
    with open_workspace(args.workspace) as workspace:
        report = workspace.report(args.plan)
    write_report(report, format, args.out)
    return 0


def _search(args: argparse.Namespace) -> int:
    from analyzer.errors import QueryError
    from analyzer.searching import By, Searcher

    if args.most < 1 or args.page < 1:
        raise QueryError("--most and --page count from 1")
    query = " ".join(args.query)
    if not query.strip() and not args.like:
        raise QueryError("nothing to search for; give words, a filter such as stance:criticises, or --like")
    with open_workspace(args.workspace) as workspace:
        searcher = Searcher(workspace)
        like = None
        if args.like:
            document, _, number = args.like.rpartition(":")
            if not number.isdigit():
                raise QueryError(f"{args.like}: not of the form DOCUMENT:SENTENCE, as in report-1:4")
            like = searcher.find_sentence(document, int(number))
        skip = (args.page - 1) * args.most
        found = searcher.search(query, like=like, by=By(args.by), most=args.most, skip=skip)
        unread = workspace.count_unread()
    if unread:
        print(
            f"peaceplan: {unread} documents were not read yet, so not searched: peaceplan analyze",
            file=sys.stderr,
        )
    if args.format == "json":
        import msgspec

        print(msgspec.json.format(msgspec.json.encode(found)).decode())
        return 0
    _print_found(found, skip, args.page)
    return 0


def _print_found(found: Found, skip: int, page: int) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    if not found.hits:
        console.print("Nothing was found." if not skip else "No more hits.")
        return
    for place, hit in enumerate(found.hits, skip + 1):
        _print_hit(console, place, hit)
    last = skip + len(found.hits)
    if last < found.total:
        console.print(f"{last} of {found.total} shown; more with --page {page + 1}")
    for name in ("stance", "target", "speaker", "outlet"):
        counts = found.facets.get(name, ())[:6]
        if counts:
            told = ", ".join(f"{'the author' if value == 'author' else value} {count}" for value, count in counts)
            console.print(Text(f"{name:8} {told}", style="dim"))


def _print_hit(console: Console, place: int, hit: Hit) -> None:
    from rich.text import Text

    head = Text(f"{place:>3}  ")
    head.append(hit.title or hit.document, style="bold")
    about = [x for x in (hit.outlet, hit.date.isoformat() if hit.date else None) if x]
    near = f"similarity {hit.similarity:.2f}" if hit.similarity is not None else "by words"
    head.append(f"  {', '.join([*about, f'{hit.document}:{hit.number}', near])}", style="dim")
    console.print(head)
    text = Text(hit.text)
    for span in hit.words:
        text.stylize("bold underline", span.start - hit.span.start, span.end - hit.span.start)
    console.print(text, soft_wrap=False)
    names = ", ".join("the author" if s.kind == "author" else s.name for s in hit.speakers)
    held = "; ".join(
        f"{('the author' if p.speaker.kind == 'author' else p.speaker.name) if p.speaker else 'somebody'} "
        f"{p.stance.value} {p.target}"
        for _, p in hit.positions
    )
    if told := " — ".join(part for part in (names, held) if part):
        console.print(Text(f"     {told}", style="dim"))


def _tell_failures(failures: Sequence[Failure], done: int = 1) -> int:
    list_failures(failures)
    if failures:
        print(f"peaceplan: {len(failures)} failed", file=sys.stderr)
    return (1 if done else 2) if failures else 0


@contextmanager
def _progress(console: Console, quiet: bool) -> Iterator[Any]:
    """Yield a function that shows how many documents are done; None where nothing is shown."""
    if quiet or not console.is_terminal:
        yield None
        return
    with make_bar(console) as bar:
        task = bar.add_task("reading", total=None)

        def show(done: int, total: int, name: str) -> None:
            bar.update(task, completed=done, total=total or None, description=name[:40])

        yield show
