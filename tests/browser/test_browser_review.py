"""In a browser: a person reviews by mouse and by key, and the words on the page follow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from analyzer.workspace import Workspace, start_workspace
from tests.browser.reader import PATIENCE, Reader
from tests.browser.serving import serve_dashboard
from tests.factories import make_report


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    with start_workspace(tmp_path / "corpus") as made:
        made.put(make_report())
    return tmp_path / "corpus"


def test_positions_are_reviewed_by_mouse_and_by_key(
    corpus: Path, open_window: Callable[..., Reader], screenshots: Path
) -> None:
    with serve_dashboard(corpus.parent / "log", str(corpus)) as address:
        reader = open_window(address).open("documents", "Documents")
        cards = reader.main.locator("article details.card")

        def expect_reviewed(count: int) -> None:
            expect(reader.main.get_by_text(f"{count} of 5 reviewed.")).to_be_visible(timeout=PATIENCE)
            reader.settle()

        card = cards.filter(has_text="criticises point 2")
        card.locator("summary").click()
        card.get_by_role("button", name="Reject").click()
        expect_reviewed(1)
        expect(card).to_have_count(0, timeout=PATIENCE)
        reader.main.get_by_role("button", name="Show rejected (1)").click()
        expect(cards.filter(has_text="rejected")).to_have_class("card criticises struck", timeout=PATIENCE)
        reader.settle().page.keyboard.press("u")
        expect_reviewed(0)

        for place in (2, 1):
            reader.page.keyboard.press("p")
            expect(reader.main.get_by_text(f"Position {place} of 5: framed")).to_be_visible(timeout=PATIENCE)
            reader.settle()
        reader.page.keyboard.press("e")
        box = reader.main.get_by_role("combobox", name="Speaker")
        box.fill("France")
        box.press("Enter")
        reader.settle().page.screenshot(path=screenshots / "review.png")
        reader.main.get_by_role("button", name="Save the correction").click()
        expect_reviewed(1)
        expect(cards.filter(has_text="France endorses point 1")).to_contain_text("corrected", timeout=PATIENCE)
        reader.page.keyboard.press("y")
        expect_reviewed(2)
    with Workspace(corpus) as workspace:
        assert [p.reviewed for p in workspace.report().analyses[0].positions if p.reviewed] == [
            "corrected",
            "confirmed",
        ]
