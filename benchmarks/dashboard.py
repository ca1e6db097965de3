"""The dashboard with a thousand documents, seen in a browser: the first page, and whatever a reader does then.

python -m benchmarks.dashboard
python -m benchmarks.dashboard --only search "next page" --rounds 3

The clock runs in the page: from the press of a button or key until what was asked for is there, the server has nothing
more to say, and nothing is greyed out. Each round is a new session in a new window and chooses something else.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.corpus import OTHER, make_workspace
from benchmarks.machine import CACHE, Row, make_parser, tell

DOCUMENTS, STARTS, ROUNDS = 1000, 3, 5
FIRST, EACH = 3.0, 1.0  # seconds, the limits
PATIENCE = 120_000  # milliseconds
SCROLLED = 500  # milliseconds after which scrolling is over
WEIGHED = 0.2  # seconds of work
FILES = ("download: the whole report, JSON",)  # of 90 MB; without a limit
PAGES = {
    "Overview": "",
    "Documents": "documents",
    "Points and gaps": "points",
    "Speakers": "speakers",
    "Search": "search",
    "Compare plans": "compare",
    "Add": "add",
}
SPEAKERS = ("Volodymyr Zelensky", "Jens Stoltenberg", "Maria Zakharova", "Josep Borrell", "Wang Wenbin", "Russia")
QUERIES = (
    "sanctions must be lifted",
    "grain exports through the Black Sea",
    "weapons for Ukraine",
    "the territory that Russia occupies",
    "a ceasefire that freezes the war",
    "nuclear power plants are not to be attacked",
)
QUIET = """(() => {
    const app = document.querySelector('[data-testid=stApp]');
    return app && app.dataset.testScriptState === 'notRunning'
        && !document.querySelector('[data-testid=stSkeleton], [data-stale=true]');
})()"""
CLOCK = """(() => {
    window.begun = window.shown = null;
    const begin = () => { window.begun ??= performance.now(); };
    for (const kind of ['pointerdown', 'keydown']) addEventListener(kind, begin, {once: true, capture: true});
    const look = () => {
        if (window.begun !== null && (%s) && %s) window.shown = performance.now();
        else requestAnimationFrame(look);
    };
    look();
})()"""
TITLE = "document.querySelector('h1')?.innerText === %r"
CARDS = "document.querySelector('[data-testid=stMain] .pp > .card')"
MATRIX = "document.querySelector(\"[data-testid=stVegaLiteChart] path[aria-label*='speaker:']\")"
END = "[...document.querySelectorAll('[data-testid=stMain] button')].some(b => /JSON$/.test(b.innerText))"
FRAMED = """[...document.querySelectorAll('.pp article .text [id]')].some(e => {
    const box = e.getBoundingClientRect(), style = getComputedStyle(e);
    const framed = style.outlineStyle === 'solid' && parseFloat(style.outlineWidth) >= 2;
    return framed && box.top >= 0 && box.bottom <= innerHeight;
})"""
SHOWN = {  # what a page has when it is whole
    "Overview": f"{MATRIX} && {END}",
    "Documents": f"document.querySelector('.pp article .text') && {END}",
    "Points and gaps": f"{CARDS} && {END}",
    "Speakers": f"{CARDS} && {END}",
    "Search": "document.querySelector('[data-testid=stMain] input')",
    "Compare plans": "document.querySelector('[data-testid=stMain] h2, [data-testid=stMain] [role=combobox]')",
    "Add": "document.querySelector('[data-testid=stForm]')",
}


@dataclass(frozen=True, slots=True)
class Window:
    """A window of a browser on a dashboard."""

    page: Any
    address: str
    round: int  # what is chosen depends on it

    def open(self, title: str, **parameters: str) -> None:
        """Open a page by its address, off the clock."""
        query = "&".join(f"{name}={value}" for name, value in parameters.items())
        self.page.goto(f"{self.address}/{PAGES[title]}?{query}")
        self.page.wait_for_function(f"{TITLE % title} && {SHOWN[title]} && {QUIET}", timeout=PATIENCE)

    def time(self, act: Callable[[], object], sign: str) -> float:
        """Seconds from what `act` presses until `sign` (JavaScript) holds and all is quiet."""
        self.page.evaluate(CLOCK % (sign, QUIET))
        act()
        self.page.wait_for_function("window.shown !== null", timeout=PATIENCE)
        return float(self.page.evaluate("window.shown - window.begun")) / 1000

    def time_change(self, act: Callable[[], object], of: str, also: str = "true") -> float:
        """The same, until a text of the page differs from what it is now, and `also` holds."""
        self.page.evaluate(f"window.former = {of}")
        return self.time(act, f"({of}) !== window.former && {also}")

    def offer(self, label: str, option: str) -> Callable[[], object]:
        """Type the name of an option, off the clock; return what presses it."""
        box = self.page.get_by_role("combobox", name=label, exact=True)
        box.evaluate("box => box.scrollIntoView({block: 'center'})")
        self.page.wait_for_timeout(SCROLLED)  # or it would close what is offered
        box.fill(option)
        offered = self.page.get_by_role("option", name=option).first
        offered.wait_for(timeout=PATIENCE)
        return lambda: offered.click(timeout=PATIENCE)

    def press(self, name: str | re.Pattern[str]) -> Callable[[], object]:
        """Return what presses the first button of that name in the page."""
        button = self.page.get_by_test_id("stMain").get_by_role("button", name=name).first
        button.wait_for(timeout=PATIENCE)
        return lambda: button.click(timeout=PATIENCE)


def turn_pages(window: Window) -> Iterator[tuple[str, float]]:
    """Each page in its turn, and those that show documents a second time."""
    window.open("Overview")
    links = window.page.get_by_role("navigation")
    for title in [*list(PAGES)[1:], "Overview"]:
        link = links.get_by_role("link", name=title, exact=True)
        yield f"page {title}", window.time(link.click, f"{TITLE % title} && {SHOWN[title]}")


def choose_filters(window: Window) -> Iterator[tuple[str, float]]:
    """The choices in the sidebar, on the overview."""
    counts = "document.querySelector('[data-testid=stMain] .pp b')?.innerText"
    window.open("Overview")
    act = window.offer("Speaker", SPEAKERS[window.round % len(SPEAKERS)])
    yield "choosing a speaker", window.time_change(act, counts, SHOWN["Overview"])
    window.page.keyboard.press("Escape")
    name = f"article-{100 + window.round}"
    window.open("Overview")
    act = window.offer("Document", name)
    yield "choosing a document", window.time_change(act, counts, END)
    window.open("Overview")
    slider = window.page.get_by_role("slider", name="Least confidence")
    slider.focus()
    for _ in range(8 + window.round):
        window.page.keyboard.press("ArrowRight")
    window.page.wait_for_timeout(1500)
    window.page.wait_for_function(QUIET, timeout=PATIENCE)
    act = lambda: window.page.keyboard.press("ArrowRight")  # noqa: E731
    yield "choosing the least confidence", window.time_change(act, counts, SHOWN["Overview"])
    plan = "document.querySelector('[data-testid=stMain] .pp p')?.innerText"
    act = window.offer("Plan", OTHER)
    yield "choosing another plan", window.time_change(act, plan, SHOWN["Overview"])


def follow_cell(window: Window) -> Iterator[tuple[str, float]]:
    """From a cell of the matrix to its statements and into an article."""
    window.open("Overview")
    numbers = window.page.get_by_test_id("stVegaLiteChart").first.locator("text[aria-label*='speaker:']")
    cell = numbers.nth(7 * window.round)
    yield "a cell of the matrix", window.time(cell.click, f"{CARDS} && {SHOWN['Overview']}")
    act = window.press("Go to text")
    yield "go to text", window.time(act, f"{TITLE % 'Documents'} && {FRAMED}")


def read_documents(window: Window) -> Iterator[tuple[str, float]]:
    """Documents chosen by name and step by step, targets and speakers on their pages, longer lists."""
    heading = "document.querySelector('[data-testid=stMain] .pp h2')?.innerText"
    window.open("Documents")
    yield (
        "opening a document",
        window.time_change(window.offer("Read", f"article-{200 + window.round}"), heading, SHOWN["Documents"]),
    )
    yield "next document", window.time_change(window.press("Next document"), heading, SHOWN["Documents"])
    title = window.page.locator(".pp .contents button").nth(2 + window.round % 4)
    yield "a document of the list", window.time_change(title.click, heading, SHOWN["Documents"])
    window.open("Documents")
    first = "document.querySelector('.pp .contents button')?.innerText"
    yield "the list in another order", window.time_change(window.offer("Sorted", "most positions"), first, END)
    window.open("Points and gaps")
    act = window.offer("Target", ("3 Ceas", "10 Stop", "9 Facil", "4 Res", "7 Keep", "1 Resp")[window.round % 6])
    yield "choosing a target", window.time_change(act, heading, SHOWN["Points and gaps"])
    more = window.page.get_by_test_id("stMain").get_by_role("button", name="Next page").first
    first = f"{CARDS}?.innerText"
    yield "more statements on a target", window.time_change(more.click, first, SHOWN["Points and gaps"])
    window.open("Speakers")
    act = window.offer("Beside", SPEAKERS[window.round % len(SPEAKERS)])
    yield (
        "choosing a second speaker",
        window.time_change(act, "document.querySelectorAll('.pp > h2').length", SHOWN["Speakers"]),
    )


def search(window: Window) -> Iterator[tuple[str, float]]:
    """A search, its next page, and from a hit into the article."""
    window.open("Search")
    box = window.page.get_by_test_id("stMain").get_by_role("textbox", name="Search the statements")
    box.fill(QUERIES[window.round % len(QUERIES)])
    act = lambda: box.press("Enter")  # noqa: E731
    yield "a search", window.time(act, f"{CARDS} && {END}")
    first = f"{CARDS}?.innerText"
    yield "next page of results", window.time_change(window.press("Next page"), first, END)
    yield "more like this", window.time_change(window.press("More like this"), first, END)
    yield "from a result to the text", window.time(window.press("Go to text"), f"{TITLE % 'Documents'} && {FRAMED}")


def download(window: Window) -> Iterator[tuple[str, float]]:
    """What comes as a file, from the press of the button to the file; the browser's own clock does not see that."""
    window.open("Overview", speaker=SPEAKERS[window.round % len(SPEAKERS)].replace(" ", "+"))
    for what, name in (("positions of a speaker", "positions shown, CSV"), ("the whole report", "report, JSON")):
        act = window.press(re.compile(name))
        begun = time.perf_counter()
        with window.page.expect_download(timeout=PATIENCE) as coming:
            act()
        coming.value.path()
        yield f"download: {what}, {name[-4:].strip(' ,')}", time.perf_counter() - begun


TOURS = {
    "pages": turn_pages,
    "filters": choose_filters,
    "cell": follow_cell,
    "documents": read_documents,
    "search": search,
    "download": download,
}


@contextmanager
def open_window(browser: Any, address: str, round: int) -> Iterator[Window]:
    """A new session in a window of its own."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    try:
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        yield Window(page, address, round)
    finally:
        context.close()


def weigh_crowd() -> float:
    """Seconds of the wall that pass in a second of this process's work: more than 1 where others are at work, too."""
    begun, worked = time.perf_counter(), time.process_time()
    while time.process_time() - worked < WEIGHED:
        pass
    return (time.perf_counter() - begun) / WEIGHED


def time_start(browser: Any, folder: Path, log: Path) -> tuple[float, float]:
    """Seconds from the start of the server until it is up, and from then until the first page is whole."""
    from tests.browser.serving import serve_dashboard

    begun = time.perf_counter()
    with serve_dashboard(log, str(folder)) as address:
        up = time.perf_counter()
        with open_window(browser, address, 0) as window:
            window.open("Overview")
            return up - begun, time.perf_counter() - up


def measure(documents: int, starts: int, rounds: int, tours: Sequence[str], cache: Path) -> list[Row]:
    """Return the figures; FileNotFoundError if there is no browser."""
    from playwright.sync_api import sync_playwright

    from tests.browser.serving import INSTALL, find_browser, serve_dashboard

    folder = make_workspace(documents, cache)
    taken: dict[str, list[float]] = {}
    crowds: list[float] = []
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        log, path = Path(scratch) / "log", find_browser(playwright)
        if path is None:
            raise FileNotFoundError(INSTALL)
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        begun = [time_start(browser, folder, log) for _ in range(starts)]
        with serve_dashboard(log, str(folder)) as address:
            with open_window(browser, address, 0) as window:  # what is read once is read
                window.open("Overview")
            for round in range(rounds):
                for name in tours:
                    crowds.append(weigh_crowd())
                    with open_window(browser, address, round) as window:
                        for what, seconds in TOURS[name](window):
                            print(f"{round} {what}: {seconds:.2f}", file=sys.stderr, flush=True)
                            taken.setdefault(what, []).append(seconds)
        browser.close()
    rows = []
    if begun:
        ups, firsts = zip(*begun, strict=True)
        rows = [
            Row("peaceplan serve until the server is up, median", median(ups), "s"),
            Row("server up until the first page is whole, median", median(firsts), "s"),
            Row("the same, worst", max(firsts), "s", FIRST),
        ]
    for what, seconds in taken.items():
        limit = None if what in FILES else EACH
        rows += [Row(f"{what}, median", median(seconds), "s"), Row(f"{what}, worst", max(seconds), "s", limit)]
    if crowds:
        rows.append(Row("seconds that a second of work took meanwhile, for other work on the machine", median(crowds)))
    return rows


def main(argv: Sequence[str] | None = None) -> int:
    """Print the figures."""
    parser = make_parser(__doc__)
    parser.add_argument("--documents", type=int, default=DOCUMENTS, help="in the workspace")
    parser.add_argument("--starts", type=int, default=STARTS, help="of the server, for the first page")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of everything else")
    parser.add_argument("--only", nargs="+", choices=list(TOURS), default=list(TOURS), help="what is done")
    parser.add_argument("--cache", type=Path, default=CACHE, metavar="DIR", help="where the workspace is kept")
    args = parser.parse_args(argv)
    try:
        rows = measure(args.documents, args.starts, args.rounds, args.only, args.cache)
    except (ImportError, FileNotFoundError) as error:
        parser.exit(2, f"nothing was measured: {error}\n")
    return tell(rows, args.rows)


if __name__ == "__main__":
    sys.exit(main())
