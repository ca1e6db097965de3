"""The dashboard: filters by outlet and day, the list of documents, a point's history, steps and marks in the text."""

from __future__ import annotations

import datetime
import json
import re

import pytest

st = pytest.importorskip("streamlit")

from streamlit.testing.v1 import AppTest  # noqa: E402

from analyzer.coverage import measure_coverage  # noqa: E402
from analyzer.dashboard.contents import find_documents, order_documents  # noqa: E402
from analyzer.dashboard.downloads import findings_to_csv, findings_to_json, rows_to_json  # noqa: E402
from analyzer.dashboard.filters import Filters, narrow_report  # noqa: E402
from analyzer.dashboard.places import find_steps  # noqa: E402
from analyzer.dashboard.rows import document_rows, list_findings  # noqa: E402
from analyzer.dashboard.targets import list_silent_outlets  # noqa: E402
from analyzer.records import Analysis, Report  # noqa: E402
from analyzer.report import check_report, view_corpus  # noqa: E402
from tests.dashboard import html_of, markdown_of, open_page, press, settle  # noqa: E402
from tests.factories import make_analysis, make_document, make_plan, make_position, make_report  # noqa: E402

pytestmark = pytest.mark.usefixtures("stubbed_dashboard")

UNREAD = measure_coverage("unread", (), make_plan(), 0, "no text")
MARCH, MAY = datetime.date(2031, 3, 1), datetime.date(2031, 5, 9)


def tell(name: str, outlet: str | None, date: datetime.date | None, *targets: str) -> Analysis:
    """An analysis of a document that endorses the targets."""
    document = make_document(name=name, outlet=outlet, date=date, title=f"The {name}")
    return make_analysis(tuple(make_position(target, document=document) for target in targets), document)


def make_press() -> Report:
    """Four documents of two outlets: Herald has one that leaves point 2 out, Post nothing else."""
    return make_report(
        tell("bay", "Herald", MARCH, "1", "2"),
        tell("cove", "Herald", MAY, "1"),
        tell("dock", "Post", MAY, "1"),
        tell("quay", None, None, "2"),
    )


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        (Filters(outlets=("Herald",)), ["bay", "cove"]),
        (Filters(after=MAY), ["cove", "dock"]),
        (Filters(before=MARCH), ["bay"]),
        (Filters(after=MARCH, before=MAY), ["bay", "cove", "dock"]),
        (Filters(outlets=("Post",), before=MARCH), []),
    ],
)
def test_documents_are_in_view_by_outlet_and_by_both_days(filters: Filters, names: list[str]) -> None:
    narrowed = narrow_report(make_press(), filters)
    check_report(narrowed)
    assert [analysis.document.name for analysis in narrowed.analyses] == names


def test_outlet_and_days_stand_in_the_address() -> None:
    at = open_page("overview", make_press(), outlet=["Herald"], after=MAY)
    assert at.query_params["outlet"] == "Herald" and at.query_params["after"] == "2031-05-09"
    assert "1 document, " in html_of(at)
    assert "2 documents, " in html_of(settle(at.sidebar.date_input(key="after").set_value(MARCH).run()))


def test_days_that_nothing_passes_say_where_to_change_them() -> None:
    at = open_page("overview", make_press(), before=datetime.date(1999, 1, 1))
    assert "outlets or days in the sidebar" in markdown_of(at)


def test_corpus_without_outlets_and_dates_offers_no_filter_for_them() -> None:
    at = open_page("overview", make_report())
    assert not at.sidebar.date_input and "outlet" not in [box.key for box in at.sidebar.multiselect]


@pytest.mark.parametrize(
    ("words", "target", "status", "found"),
    [
        ("", None, None, [0, 1, 2, 3]),
        ("herald COVE", None, None, [1]),
        ("", "2", None, [0, 3]),
        ("", "2", "omitted", [1, 2]),
        ("post", "1", "endorsed", [2]),
        ("", None, "criticised", []),
        ("", "gap:troop-withdrawal", "omitted", []),  # nobody omits a gap
    ],
)
def test_list_has_documents_by_words_and_by_what_they_say_on_a_target(
    words: str, target: str | None, status: str | None, found: list[int]
) -> None:
    assert find_documents(make_press(), words, target, status) == found


def test_next_document_is_the_next_of_those_listed() -> None:
    at = open_page("documents", make_press(), listed="the", status="omitted", **{"by-target": "2"})
    assert "2 of 4 documents are listed" in html_of(at)
    assert press(at, "Next document").session_state["reading"] == "cove"
    assert press(at, "Next document").session_state["reading"] == "dock"
    assert next(b for b in at.button if b.label == "Next document").disabled


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ("as added", ["bay", "cove", "dock", "quay"]),
        ("newest first", ["cove", "dock", "bay", "quay"]),  # what is unknown comes last, whichever way it is sorted
        ("oldest first", ["bay", "cove", "dock", "quay"]),
        ("most points omitted", ["cove", "dock", "quay", "bay"]),
        ("an order of some other day", ["bay", "cove", "dock", "quay"]),
    ],
)
def test_documents_are_sorted_with_the_unknown_last(order: str, names: list[str]) -> None:
    rows = document_rows(make_press())
    assert [rows[number]["document"] for number in order_documents(rows, order)] == names


def test_next_document_follows_the_order_of_the_list() -> None:
    at = open_page("documents", make_press(), sorted="newest first")
    listed = re.findall(r'data-press="(\w+)"', html_of(at))
    assert listed == ["cove", "dock", "bay", "quay"] and at.query_params["sorted"] == "newest first"
    assert press(at, "Next document").session_state["reading"] == "quay"
    assert press(at, "Previous document").session_state["reading"] == "bay"


def test_documents_without_dates_are_not_sorted_by_them() -> None:
    undated = make_report(tell("dock", None, None, "1"), tell("bay", None, None, "1", "2"))
    at = open_page("documents", undated, sorted="newest first")
    assert at.selectbox(key="sorted").value == "as added" and "newest first" not in at.selectbox(key="sorted").options
    assert "most positions" in at.selectbox(key="sorted").options


def test_closed_list_is_not_shown_and_its_filters_hold() -> None:
    chosen = {"by-target": "2", "documents-list": False}
    at = open_page("documents", make_press(), listed="the", status="omitted", **chosen)
    assert "data-press=" not in html_of(at) and "The bay" in html_of(at)
    assert press(at, "Next document").session_state["reading"] == "cove"
    assert press(at, "Next document").session_state["reading"] == "dock" and "data-press=" not in html_of(at)
    at.session_state["documents-list"] = True
    assert "2 of 4 documents are listed" in html_of(settle(at.run()))


def test_list_in_which_nothing_is_listed_says_so_and_the_document_stays() -> None:
    at = open_page("documents", make_press(), listed="no such words")
    assert "None of the 4 documents is listed" in markdown_of(at) and "The bay" in html_of(at)


def test_outlets_that_leave_a_point_out_stand_before_those_that_do_so_in_part() -> None:
    row = next(row for row in view_corpus(make_press()) if row.view.target.id == "2")
    assert list_silent_outlets(row, make_press()) == [("Post", 1, 1), ("Herald", 1, 2)]


def test_document_that_was_not_assessed_leaves_nothing_out_for_its_outlet() -> None:
    unread = make_document(name="unread", outlet="Gazette")
    report = make_report(tell("bay", "Herald", MARCH, "1"), make_analysis((), unread, coverage=UNREAD))
    row = next(row for row in view_corpus(report) if row.view.target.id == "2")
    assert list_silent_outlets(row, report) == [("Herald", 1, 1)]


def test_point_shows_its_history_and_the_outlets_that_leave_it_out() -> None:
    at = open_page("points", make_press(), target="2")
    assert "Outlets that leave it out" in html_of(at) and "Herald</bdi>: 1 of 2 documents assessed" in html_of(at)
    assert "One date is known of these positions" in markdown_of(at)
    at = open_page("points", make_press(), target="1")
    assert len(at.get("vega_lite_chart") or at.get("arrow_vega_lite_chart")) == 1


def test_steps_go_through_the_positions_in_the_order_of_the_text() -> None:
    positions = (make_position("2", sentence=3), make_position("1", sentence=1), make_position("2", sentence=2))
    order = [1, 2, 0]
    assert find_steps(positions, order, None, None) == (None, 1)
    assert find_steps(positions, order, 2, 2) == (1, 0)
    assert find_steps(positions, order, 3, 0) == (2, None)


def test_steps_start_around_the_sentence_from_which_the_reader_came() -> None:
    positions = (make_position("1", sentence=1), make_position("2", sentence=3))
    assert find_steps(positions, [0, 1], 2, None) == (0, 1)
    assert find_steps(positions, [0, 1], 3, None) == (0, None)


def framed(at: AppTest) -> list[str]:
    """The ids that are framed on the page."""
    style = next(e.proto.body for e in at.get("html") if e.proto.body.startswith("<style>.pp #d"))
    return re.findall(r"#(\S+?)[, ]", style.split("{")[0])


def test_keys_lead_from_position_to_position_and_frame_sentence_and_card() -> None:
    at = press(open_page("documents", make_report()), "Next position")
    keys = {b.label: b.proto.shortcut.casefold() for b in at.button if b.label.endswith(("position", "document"))}
    assert keys["Next position"] == "n" and keys["Previous position"] == "p"
    first = framed(at)
    assert framed(press(at, "Next position")) != first and "Position 2 of" in html_of(at)
    assert framed(press(at, "Previous position")) == first and first[0].startswith("d0-s") and first[1] == "d0-p0"


def test_hits_of_the_search_are_marked_in_their_document_until_the_marks_are_removed() -> None:
    at = open_page("search", make_report(), query="sanctions")
    assert 'class="near"' in html_of(at)
    at = press(at, "Go to text")
    shown = html_of(at)
    article = shown[shown.index("<article") : shown.index("</article>")]
    assert "<mark>sanctions</mark>" in article and 'class="near"' in article and "by “<bdi>sanctions</bdi>”" in shown
    assert "<mark>" not in html_of(press(at, "Remove the marks"))


def test_facet_that_is_chosen_becomes_a_filter_in_the_address() -> None:
    at = open_page("search", make_report(), query="sanctions")
    box = at.selectbox(key="narrow")
    assert "Speaker: Tom Reed" in box.options
    settle(box.select(("speaker", "Tom Reed")).run())
    assert at.query_params["speaker"] == "Tom Reed" and "1 to 2 of 2, best first" in html_of(at)
    assert at.selectbox(key="narrow").value is None


def test_positions_shown_are_the_same_in_json_as_in_csv() -> None:
    report = make_report()
    findings = list_findings(report)[:2]
    held = json.loads(findings_to_json(report, findings))
    assert [row["text"] for row in held] == [f.position.text for f in findings]
    assert len(findings_to_csv(report, findings).splitlines()) == 1 + len(held)
    assert json.loads(findings_to_json(report, [])) == []


def test_texts_stand_in_json_as_they_are() -> None:
    assert json.loads(rows_to_json(("text", "near"), [("=1+1 “ü”", None)])) == [{"text": "=1+1 “ü”", "near": None}]
