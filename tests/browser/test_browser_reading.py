"""In a browser: from the matrix, the lists and the search to the words on the page, and out again as CSV."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.reader import FRAMED, PATIENCE, Reader

NOTED = """new MutationObserver(() => {
    if (document.body?.innerText.includes('Reading article')) window.articlesRead = true;
}).observe(document, {subtree: true, childList: true, characterData: true})"""
MOST_TABS = 30  # from the top of the page to the search box


def read_csv(reader: Reader) -> list[dict[str, str]]:
    """Press the button for CSV on the page; return the lines of what comes."""
    with reader.page.expect_download() as coming:
        reader.main.get_by_role("button", name=re.compile("shown, CSV$")).click()
    path = coming.value.path()
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def test_samples_are_shown_at_once_with_who_stands_where(reader: Reader) -> None:
    reader.page.add_init_script(NOTED)
    reader.open()
    expect(reader.main.get_by_text("6 documents, ")).to_be_visible()
    expect(reader.cells.first).to_be_visible()
    assert reader.cells.count() > 20
    assert reader.page.evaluate("window.articlesRead") is None


def test_cell_of_the_matrix_leads_to_its_statements_and_into_the_article(reader: Reader) -> None:
    reader.open()
    numbers = reader.main.get_by_test_id("stVegaLiteChart").first.locator(
        "text[aria-label*='speaker: Maria Zakharova']"
    )
    label = numbers.last.get_attribute("aria-label") or ""
    target = re.search(r"target: (.*?); speaker", label)
    numbers.last.click()  # the number stands on the cell, so that this is where a reader clicks
    expect(reader.cards.first).to_contain_text("Maria Zakharova")
    assert target and reader.page.get_by_role("combobox", name="On the target").input_value() == target[1]
    said = reader.quotation(reader.cards.first)
    assert reader.follow(reader.cards.first) == said


def test_choice_of_speaker_and_target_leads_to_the_same_statements_as_the_cell(reader: Reader) -> None:
    reader.open()
    reader.choose("Of the speaker", "Mykhailo Podolyak").choose("On the target", "3 Ceasing hostilities")
    expect(reader.cards).to_have_count(1)
    expect(reader.cards).to_contain_text("Mykhailo Podolyak criticises point 3")
    assert "freezing the war" in reader.follow(reader.cards.first)


def test_card_in_the_article_opens_and_leads_to_its_point(reader: Reader) -> None:
    reader.open("documents", "Documents")
    card = reader.main.locator("details.card").first
    expect(card.locator("dl")).to_be_hidden()
    card.locator("summary").click()
    expect(card.locator("dl")).to_be_visible()


def test_link_with_filters_shows_what_the_sender_saw(open_window: Callable[..., Reader], samples: str) -> None:
    sender = open_window(samples).open()
    sender.choose("Speaker", "Volodymyr Zelensky")
    counts = sender.main.get_by_text(re.compile(r"^\d+ documents?, 1 speaker, \d+ positions?"))
    expect(counts).to_be_visible()
    sender.page.wait_for_url("**speaker=Volodymyr*")
    friend = open_window(samples)
    friend.page.goto(sender.page.url)
    friend.wait_for("Overview")
    expect(friend.main.get_by_text(counts.inner_text())).to_be_visible()
    expect(friend.cells.first).to_be_visible()
    assert {"Volodymyr Zelensky"} == {
        (re.search(r"speaker: (.*?);", cell.get_attribute("aria-label") or "") or "?")[1] for cell in friend.cells.all()
    }


def test_least_confidence_in_a_link_leaves_out_the_unsure(reader: Reader) -> None:
    reader.open("points", "Points and gaps", least="0.9")
    shown = reader.cards.locator(".muted")
    expect(shown.first).to_be_visible()
    sure = [float(re.findall(r"confidence ([\d.]+)", text)[0]) for text in shown.all_inner_texts()]
    assert sure and min(sure) >= 0.9


def test_csv_has_the_positions_that_are_shown(reader: Reader) -> None:
    reader.open(speaker="Josep Borrell")
    shown = reader.main.get_by_text(re.compile(r"1 speaker, \d+ positions")).inner_text()
    rows = read_csv(reader)
    assert f"1 speaker, {len(rows)} positions" in shown and len(rows) > 3
    assert {row["speaker"] for row in rows} == {"Josep Borrell"}


def test_csv_of_a_point_has_the_words_on_the_screen(reader: Reader) -> None:
    reader.open("points", "Points and gaps")
    reader.choose("Target", "9 Facilitating grain exports")
    expect(reader.main.get_by_role("heading", name="9 Facilitating grain exports", level=2)).to_be_visible()
    reader.settle()
    on_screen = sorted(
        (reader.quotation(card), re.findall(r"confidence ([\d.]+)", card.inner_text())[0])
        for card in reader.cards.all()
    )
    rows = read_csv(reader)
    assert {row["target"] for row in rows} == {"9"}
    assert sorted((" ".join(row["text"].split()), f"{float(row['confidence']):.2f}") for row in rows) == on_screen


def test_search_finds_other_words_of_the_same_meaning(open_window: Callable[..., Reader], workspace: str) -> None:
    reader = open_window(workspace).open("search", "Search")
    reader.search("it was wet outside")
    expect(reader.cards.first).to_contain_text("Rain fell on the square.")
    expect(reader.cards.first.locator("mark")).to_have_count(0)
    assert reader.follow(reader.cards.first) == "Rain fell on the square."


def test_query_with_filters_finds_only_what_passes_them(open_window: Callable[..., Reader], workspace: str) -> None:
    reader = open_window(workspace).open("search", "Search")
    reader.search("stance:criticises speaker:Reed")
    expect(reader.cards).to_have_count(1)
    expect(reader.cards).to_contain_text("Tom Reed ▼ criticises 2")
    rows = read_csv(reader)
    assert [row["text"] for row in rows] == [reader.quotation(reader.cards.first)]


@pytest.mark.parametrize(
    ("query", "words"),
    [("stance:angry", "allowed are endorses"), ("after:yesterday", "2023-03-01"), ("colour:red", "no such filter")],
)
def test_query_that_cannot_be_followed_is_explained(
    query: str, words: str, open_window: Callable[..., Reader], workspace: str
) -> None:
    reader = open_window(workspace).open("search", "Search")
    reader.search(query)
    expect(reader.main.get_by_role("alert")).to_contain_text(words)
    reader.search("truce")
    expect(reader.cards.first).to_be_visible()


def test_workspace_is_shown_with_its_own_plan(open_window: Callable[..., Reader], workspace: str) -> None:
    reader = open_window(workspace).open()
    expect(reader.main.get_by_text("The Harbour Proposal").first).to_be_visible()
    expect(reader.main.get_by_text("2 documents, 4 speakers, 5 positions")).to_be_visible()


def test_search_is_reached_and_used_by_keyboard(reader: Reader) -> None:
    reader.open("search", "Search")
    for _ in range(MOST_TABS):
        reader.page.keyboard.press("Tab")
        if reader.query.evaluate("box => box === document.activeElement"):
            break
    expect(reader.query).to_be_focused()
    reader.page.keyboard.type("sanctions must go")
    reader.page.keyboard.press("Enter")
    expect(reader.cards.first).to_be_visible(timeout=PATIENCE)
    expect(reader.query).to_be_focused()


def test_keys_lead_through_the_positions_of_an_article_and_are_letters_in_a_field(reader: Reader) -> None:
    reader.open("documents", "Documents", reading="2023-05-23-borrell")
    bar = reader.main.get_by_text(re.compile(r"^Position \d+ of 19"))
    for key, at in (("n", 1), ("n", 2), ("p", 1)):
        reader.page.keyboard.press(key)
        expect(bar).to_contain_text(f"Position {at} of 19")
    opened = reader.main.locator("details.card[open]")
    expect(opened).to_have_count(1)
    expect(opened).to_be_in_viewport()
    reader.page.wait_for_function(FRAMED)
    words = reader.main.get_by_role("textbox", name="Find documents")
    words.click()
    reader.page.keyboard.type("pn")
    expect(words).to_have_value("pn")
    expect(bar).to_contain_text("Position 1 of 19")


def test_document_is_opened_from_the_list_by_mouse_and_by_key(reader: Reader) -> None:
    reader.open("documents", "Documents").choose("Sorted", "newest first")
    titles = reader.main.locator(".contents button")
    expect(titles.first).to_contain_text("Odesa waits")
    heading = reader.main.locator(".pp > h2")
    for number in (1, 2):
        title = titles.nth(number).inner_text()
        assert heading.inner_text() != title
        if number == 1:
            titles.nth(number).click()
        else:
            reader.page.keyboard.press("Tab")  # from the title that was pressed to the next one
            reader.page.keyboard.press("Enter")
        expect(heading).to_have_text(title)
        expect(heading).to_be_in_viewport()
        reader.settle()
    reader.main.get_by_role("button", name="Next document").click()
    expect(heading).to_have_text(titles.nth(3).inner_text())


def test_saved_search_is_a_link_for_the_next_reader(open_window: Callable[..., Reader], workspace: str) -> None:
    reader = open_window(workspace).open("search", "Search", query="sanctions", stance="criticises")
    reader.main.get_by_text("Saved searches").click()
    name = reader.main.get_by_role("textbox", name="Save this search as")
    name.fill("Against sanctions")
    name.press("Enter")
    expect(reader.main.get_by_role("combobox", name="Saved search")).to_have_value("Against sanctions")
    other = open_window(workspace).open("search", "Search")
    other.main.get_by_role("button", name="Open search").click()
    expect(other.cards).to_have_count(1)
    other.page.wait_for_url("**query=sanctions&stance=criticises")
    third = open_window(workspace)
    third.page.goto(other.page.url)
    expect(third.wait_for("Search").cards).to_have_text(other.cards.all_inner_texts(), use_inner_text=True)
