"""In a browser: pictures of every page, light, dark and on a telephone, in the folder $SCREENSHOTS; look at them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.reader import Reader

LOOKS: dict[str, dict[str, object]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "narrow": {"viewport": {"width": 390, "height": 844}, "has_touch": True},
}
TALLEST = 5000  # pixels of a picture
BRIGHTNESS = """() => ['backgroundColor', 'color'].map(name => {
    const paint = getComputedStyle(document.querySelector('[data-testid=stApp]'))[name];
    return paint.match(/\\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 765;
})"""


def width_of(reader: Reader) -> int:
    """Return how many pixels wide the page is; more than the window has, and it must be pushed sideways."""
    width: int = reader.main.evaluate("main => Math.max(document.documentElement.scrollWidth, main.scrollWidth)")
    return width


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_fits_its_window_in_the_colours_asked_for(
    look: str, open_window: Callable[..., Reader], samples: str, screenshots: Path
) -> None:
    reader = open_window(samples, **LOOKS[look])
    size = reader.page.viewport_size
    assert size is not None
    reader.open()
    links = reader.page.get_by_role("navigation").get_by_role("link", include_hidden=True).all()
    pages = [((link.get_attribute("href") or "").rsplit("/", 1)[-1], link.text_content() or "") for link in links]
    assert len(pages) >= 6
    for name, title in pages:
        reader.page.set_viewport_size(size)
        reader.open(name, title, **({"query": "sanctions against Russia"} if name == "search" else {}))
        for chart in reader.main.get_by_test_id("stVegaLiteChart").all():
            expect(chart.locator("path").first).to_be_attached()
        if name == "search":
            expect(reader.cards.first).to_be_visible()
        if (look, title) != ("narrow", "Overview"):  # has a test of its own below
            assert width_of(reader) <= size["width"], title
        background, ink = reader.page.evaluate(BRIGHTNESS)
        assert (background < 0.3 and ink > 0.7) if look == "dark" else (background > 0.9 and ink < 0.3), title
        tall = int(reader.page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight"))
        reader.page.set_viewport_size({"width": size["width"], "height": max(size["height"], min(tall, TALLEST))})
        reader.settle().page.screenshot(
            path=screenshots / f"{title.split()[0].lower()}-{look}.png", animations="disabled"
        )


def test_matrix_is_scrolled_within_a_narrow_page(open_window: Callable[..., Reader], samples: str) -> None:
    reader = open_window(samples, **LOOKS["narrow"]).open()
    expect(reader.cells.first).to_be_attached()
    assert width_of(reader) <= 390
