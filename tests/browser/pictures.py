"""The pictures of docs/dashboard.md, taken of the samples: `make pictures`."""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Locator, expect, sync_playwright

from tests.browser.reader import Reader, open_reader
from tests.browser.serving import INSTALL, ROOT, find_browser, serve_dashboard

FOLDER = ROOT / "docs" / "pictures"
WINDOW = {"width": 1360, "height": 900}
ABOVE = "16px"  # of what is at the upper edge
POINT, GAP = "Ceasing hostilities", "Withdrawal of Russian troops"
COLOURS = 96  # of a picture: enough for tints and small letters, at a third of the size


def take(reader: Reader, name: str, top: Locator | None = None) -> None:
    """Keep what the window shows once nothing in it is out of date, with `top` at its upper edge."""
    reader.settle().page.wait_for_function("!document.querySelector('[data-stale=true]')")
    if top:
        top.evaluate("(e, above) => { e.style.scrollMarginTop = above; e.scrollIntoView() }", ABOVE)
    shot = reader.page.screenshot(animations="disabled")
    picture = Image.open(io.BytesIO(shot)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    picture.save(FOLDER / f"{name}.png", optimize=True)


def take_all(reader: Reader) -> None:
    """Go the way of docs/dashboard.md."""
    headings = reader.main.get_by_role("heading")
    reader.open()
    expect(reader.cells.first).to_be_visible()
    take(reader, "overview", headings.filter(has_text="Who stands where"))
    reader.choose("On the target", POINT)
    expect(reader.cards.filter(has_text=POINT).first).to_be_visible()
    take(reader, "statements", headings.filter(has_text="Statements"))
    reader.follow(reader.cards.first)
    reader.page.keyboard.press("n")
    expect(reader.main.locator("details.card[open]")).to_be_visible()
    take(reader, "document")
    reader.open("search", "Search", query="who wants sanctions lifted before a truce?")
    expect(reader.cards.first).to_be_visible()
    take(reader, "search")
    reader.turn_to("Points and gaps")
    reader.choose("Target", GAP)
    expect(headings.filter(has_text=GAP).first).to_be_visible()
    take(reader, "point")


def main() -> int:
    """Take the pictures; 2 if there is no browser."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        path = find_browser(playwright)
        if path is None:
            print(INSTALL, file=sys.stderr)
            return 2
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        with (
            serve_dashboard(Path(scratch) / "log") as address,
            open_reader(browser, address, viewport=WINDOW) as reader,
        ):
            take_all(reader)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
