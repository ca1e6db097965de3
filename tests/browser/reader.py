"""A reader of the dashboard: one browser window, and what a person does in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from playwright.sync_api import Browser, Locator, Page, TimeoutError, expect

PATIENCE = 60_000  # milliseconds: the models read an article in 3 s, and much slower on a machine at work
FRAMED = """() => [...document.querySelectorAll('.pp article .text [id]')].flatMap(e => {
    const box = e.getBoundingClientRect(), style = getComputedStyle(e);
    const framed = style.outlineStyle === 'solid' && parseFloat(style.outlineWidth) >= 2;
    return framed && box.top >= 0 && box.bottom <= innerHeight ? [e.innerText] : [];
})[0]"""


class Reader:
    """One window on one dashboard. `trouble` lists what no page may do: dialogs, errors, and calls to elsewhere."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.trouble: list[str] = []
        page.set_default_timeout(PATIENCE)
        page.on("dialog", lambda dialog: (self.trouble.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("pageerror", lambda error: self.trouble.append(f"error: {error}"))
        page.on("popup", lambda other: self.trouble.append(f"window: {other.url}"))
        page.on("request", lambda request: self._note_foreign(request.url))
        page.on("websocket", lambda socket: self._note_foreign(socket.url))

    def _note_foreign(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and parts.netloc != urlsplit(self.address).netloc:
            self.trouble.append(f"request: {url}")

    def open(self, name: str = "", title: str = "Overview", **parameters: str) -> Reader:
        """Open a page by its address and wait until it is shown."""
        query = f"?{urlencode(parameters)}" if parameters else ""
        self.page.goto(f"{self.address}/{name}{query}")
        return self.wait_for(title)

    def wait_for(self, title: str) -> Reader:
        """Wait until the page of this title is whole."""
        expect(self.page.get_by_role("heading", name=title, exact=True, level=1)).to_be_visible(timeout=PATIENCE)
        return self.settle()

    def settle(self) -> Reader:
        """Wait until the server has nothing more to say."""
        app = self.page.get_by_test_id("stApp")
        expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=PATIENCE)
        expect(self.page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=PATIENCE)
        return self

    def turn_to(self, title: str) -> Reader:
        """Follow the navigation to a page."""
        self.page.get_by_role("navigation").get_by_role("link", name=title, exact=True).click()
        return self.wait_for(title)

    @property
    def main(self) -> Locator:
        """What stands beside the sidebar."""
        return self.page.get_by_test_id("stMain")

    @property
    def cards(self) -> Locator:
        """The statements or hits that are listed."""
        return self.main.locator(".pp > .card")

    @property
    def cells(self) -> Locator:
        """The cells of the matrix."""
        return self.main.get_by_test_id("stVegaLiteChart").first.locator("path[aria-label*='speaker:']")

    def choose(self, label: str, option: str) -> Reader:
        """Choose an option of a list, typing its name; again where a page that comes late closed the list."""
        box = self.page.get_by_role("combobox", name=label, exact=True)
        offered = self.page.get_by_role("option", name=option).first
        for patience in (3_000, 10_000, PATIENCE):
            box.fill("")
            box.fill(option)
            try:
                offered.click(timeout=patience)
                break
            except TimeoutError:
                continue
        return self.settle()

    @property
    def query(self) -> Locator:
        """The search box."""
        return self.main.get_by_role("textbox", name="Search the statements")

    def search(self, query: str) -> Reader:
        """Search on the page of that name."""
        self.query.fill(query)
        self.query.press("Enter")
        return self

    def follow(self, card: Locator) -> str:
        """Press the card's "Go to text"; return the sentence that is framed and in view then."""
        row = card.locator("xpath=ancestor::*[@data-testid='stHorizontalBlock'][1]")
        row.get_by_role("button", name="Go to text").click()
        self.wait_for("Documents")
        framed: str = self.page.wait_for_function(FRAMED).json_value()
        return framed

    @property
    def form(self) -> Locator:
        """The form for articles on the page "Add"."""
        return self.main.get_by_test_id("stForm").filter(has_text="Text of an article")

    def attach(self, *paths: Path) -> Reader:
        """Put files into the form and wait until they are there."""
        self.form.locator("input[type=file]").set_input_files([str(path) for path in paths])
        for path in paths:
            expect(self.form.get_by_text(path.name[:12]).first).to_be_visible()
        return self

    def analyse(self) -> Reader:
        """Press the button of the form and wait for the article."""
        self.form.get_by_role("button", name="Analyse").click()
        return self.wait_for("Documents")

    def quotation(self, card: Locator) -> str:
        """Return the sentence of a card, without the quotation marks around it."""
        text: str = card.locator("blockquote").inner_text()
        return text[1:-1]


@contextmanager
def open_reader(browser: Browser, address: str, **context: object) -> Iterator[Reader]:
    """A new reader with a window of their own, who must not have met trouble at the end."""
    settings: dict[str, object] = {
        "viewport": {"width": 1280, "height": 900},
        "locale": "en-GB",
        "color_scheme": "light",
    }
    window = browser.new_context(**(settings | context))  # type: ignore[arg-type]
    try:
        reader = Reader(window.new_page(), address)
        yield reader
        assert reader.trouble == []
    finally:
        window.close()
