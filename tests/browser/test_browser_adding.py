"""In a browser: articles that a reader adds are read, run nothing, and are seen by nobody else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.reader import PATIENCE, Reader
from tests.documents import page_of, write_docx, write_pdf

CALL = (
    "The foreign minister of Suderia, Anna Holm, met the press in the harbour town of Vesk.",
    "“We want an immediate ceasefire between Russia and Ukraine,” Holm told reporters.",
    "She criticised the Chinese paper because it does not ask Russian troops to leave.",
)
RUN = "window.ran = (window.ran || 0) + 1"
HOSTILE = (
    f"<script>{RUN}</script><img src=x onerror='{RUN}'><svg onload='{RUN}'></svg><details open ontoggle='{RUN}'>x</details>"
    f"<iframe srcdoc=\"<script>alert(1)</script>\"></iframe><img src='http://evil.test/x.png'>"
    f"<a href='javascript:{RUN}'>click</a><style>* {{ display: none !important }}</style>"
    "![x](http://evil.test/y.png) $\\href{http://evil.test}{x}$ :material/delete: [y](javascript:alert(2))"
)
SPOKEN = (
    f"Anna Holm, the foreign minister of Suderia, said that she wants an immediate ceasefire in Ukraine {HOSTILE} now."
)
PAGES = ("Overview", "Points and gaps", "Speakers", "Search", "Documents")


@pytest.mark.parametrize("suffix", [".pdf", ".docx"])
def test_uploaded_file_is_read_and_its_positions_stand_beside_the_text(
    suffix: str, tmp_path: Path, reader: Reader
) -> None:
    path = tmp_path / f"holm{suffix}"
    if suffix == ".pdf":
        write_pdf(path, [page_of(CALL[:1]), page_of(CALL[1:])])
    else:
        write_docx(path, CALL)
    reader.open("add", "Add")
    reader.attach(path).analyse()
    card = reader.main.locator("details.card").filter(has_text="endorses point 3").first
    expect(card).to_contain_text("Holm")
    card.locator("summary").click()
    expect(card).to_contain_text("“We want an immediate ceasefire")
    article = reader.main.get_by_role("article", name="The text")
    assert all(sentence in article.inner_text() for sentence in CALL[:2])
    if suffix == ".pdf":
        expect(card).to_contain_text("page 2")


def test_file_that_cannot_be_read_is_named_with_the_reason(tmp_path: Path, reader: Reader) -> None:
    path = tmp_path / "torn.pdf"
    path.write_bytes(b"%PDF-1.7\n%%EOF")
    reader.open("add", "Add")
    reader.attach(path)
    reader.form.get_by_role("button", name="Analyse").click()
    expect(reader.main.get_by_text("Not analysed (1)")).to_be_visible(timeout=PATIENCE)
    expect(reader.main.get_by_text("is a damaged PDF")).to_be_visible()


def test_nothing_of_a_hostile_article_runs(tmp_path: Path, reader: Reader) -> None:
    name = "<img src=x onerror=ran=1>.txt"
    (tmp_path / name).write_text(f"Talks {HOSTILE} open\n\n{SPOKEN}\n\nRain fell. {HOSTILE}")
    reader.open("add", "Add")
    reader.form.get_by_role("textbox", name="Text of an article").fill(f"{HOSTILE}\n\n{SPOKEN}")
    reader.form.get_by_role("textbox", name="Its title").fill(HOSTILE[:200])
    reader.attach(tmp_path / name).analyse()
    expect(reader.main.get_by_role("article", name="The text")).to_contain_text("<script>window.ran")
    expect(reader.main.locator("details.card").first).to_be_visible()
    for title in PAGES:
        reader.turn_to(title)
        if title == "Search":
            reader.search("immediate ceasefire")
            expect(reader.cards.first).to_contain_text("<script>window.ran")
        live = reader.main.locator(
            "script:not(:empty), .pp :is(img, svg, iframe, style), img, iframe, [onerror], [onload], [ontoggle], a[href^=javascript]"
        )
        assert live.count() == 0, live.first.evaluate("e => e.outerHTML")
        assert reader.page.evaluate("window.ran") is None


def test_hostile_article_runs_where_its_markup_is_followed(browser: Browser) -> None:
    """That it is live ammunition, and that a reader's `trouble` would show it."""
    window = browser.new_context()
    bare = Reader(window.new_page(), "http://127.0.0.1")
    bare.page.set_content(HOSTILE)
    bare.page.wait_for_function("window.ran >= 3")
    assert {"dialog: 1", "request: http://evil.test/x.png"} <= set(bare.trouble)
    window.close()


def test_readers_do_not_see_what_others_add(open_window: Callable[..., Reader], samples: str) -> None:
    one, other = open_window(samples).open("add", "Add"), open_window(samples).open("documents", "Documents")
    one.form.get_by_role("textbox", name="Text of an article").fill(f"A secret of the harbour\n\n{' '.join(CALL)}")
    one.analyse()
    expect(one.main.get_by_role("article", name="The text")).to_contain_text("A secret of the harbour")
    other.turn_to("Search").search("the harbour town of Vesk")
    expect(other.cards.first).to_be_visible()
    other.settle()
    assert "secret" not in " ".join(other.cards.all_inner_texts())
    other.turn_to("Documents")
    late = open_window(samples).open("documents", "Documents")
    for reader in (other, late):
        expect(reader.main.get_by_role("article", name="The text")).to_contain_text("Beijing publishes")
        assert "secret" not in reader.main.inner_text()
        reader.page.get_by_role("combobox", name="Read", exact=True).click()
        options = reader.page.get_by_role("option")
        expect(options.first).to_be_visible()
        assert "secret" not in " ".join(options.all_inner_texts())
