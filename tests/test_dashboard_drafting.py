"""Drafts of plans in the dashboard: from a document to a plan that is checked, used and kept as a file."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given

st = pytest.importorskip("streamlit")

from streamlit.testing.v1 import AppTest  # noqa: E402

from analyzer.dashboard.drafting import check_plan, drop_empty, find_errors, list_unfinished, make_draft  # noqa: E402
from analyzer.errors import InputError  # noqa: E402
from analyzer.export.plan_file import plan_to_toml  # noqa: E402
from analyzer.plans import list_plans  # noqa: E402
from analyzer.records import Plan, Target, TargetKind  # noqa: E402
from tests.dashboard import html_of, markdown_of, open_session, press, settle  # noqa: E402
from tests.factories import make_plan  # noqa: E402
from tests.strategies import words  # noqa: E402

pytestmark = pytest.mark.usefixtures("stubbed_dashboard")

TEXT = b"Island plan, 4 May 2031\n\n1. Ceasefire\nBoth armies stop.\n\n2. Talks\nEnvoys meet.\n\n3. Grain\nHarbours open.\n"
HOSTILE = b"<script>bad()</script> ![x](http://evil.test/x.png)"


def upload(content: bytes = TEXT, name: str = "island.txt") -> AppTest:
    """The Add page with a document in the place for drafts."""
    at = open_session("add")
    at.file_uploader(key="draft-file").set_value((name, content, "text/plain"))
    return settle(at.run())


def fill(at: AppTest, **fields: str) -> AppTest:
    """Fill fields of the form by the first words of their labels, with _ for a space."""
    for field, value in fields.items():
        label = field.replace("_", " ")
        next(e for e in (*at.text_input, *at.text_area) if e.label.startswith(label)).set_value(value)
    return at


def field(at: AppTest, label: str) -> str:
    return str(next(e for e in (*at.text_input, *at.text_area) if e.label == label).value)


def checked(at: AppTest) -> Plan:
    """The plan of the file that is offered."""
    plan, toml = at.session_state["draft-checked"]
    assert check_plan(toml) == plan
    return plan


def test_numbered_points_of_a_document_fill_the_form() -> None:
    at = upload()
    assert [field(at, f"Title of point {n}") for n in (1, 2, 3)] == ["Ceasefire", "Talks", "Grain"]
    assert field(at, "Text of point 2") == "Envoys meet." and field(at, "Title of gap 1") == ""
    assert at.date_input[0].value.isoformat() == "2031-05-04"


def test_draft_that_was_edited_is_a_plan_of_the_session_and_a_file() -> None:
    at = fill(upload(), Short_name="island-2031", Sponsors="Estland\nNorland", Title_of_point_2="Meeting")
    fill(at, Title_of_gap_1="Who guarantees it", Text_of_gap_1="Nobody is named.", Why="It was asked before.")
    press(at, "Check and use")
    plan = checked(at)
    assert plan.sponsors == ("Estland", "Norland") and [p.title for p in plan.points] == [
        "Ceasefire",
        "Meeting",
        "Grain",
    ]
    assert [(g.id, g.why) for g in plan.gaps] == [("gap:who-guarantees-it", "It was asked before.")]
    assert at.session_state["plans"]["island-2031"] == plan
    assert at.sidebar.selectbox(key="plan").value == "island-2031"
    assert "keeps the form, with 3 points and 1 gap" in html_of(at) and "finish: conflict, published" in html_of(at)


def test_articles_are_read_against_a_plan_of_the_session() -> None:
    at = press(fill(upload(), Short_name="island-2031"), "Check and use")
    at.text_area(key="pasted").set_value("A truce held on the coast.")
    press(at, "Analyse")
    assert at.session_state["reports"]["island-2031"].plan == checked(at)


def test_edited_wording_takes_the_place_of_the_earlier_one() -> None:
    at = press(fill(upload(), Short_name="island-2031"), "Check and use")
    at.text_area(key="pasted").set_value("A truce held on the coast.")
    press(at, "Analyse")
    at.session_state["go_to"] = "add"
    settle(at.run())
    press(fill(at, Text_of_point_1="All armies stop at noon."), "Check and use")
    assert at.session_state["plans"]["island-2031"].points[0].text == "All armies stop at noon."
    assert "island-2031" not in at.session_state["reports"]


def test_every_part_that_breaks_the_form_is_named_in_a_line_of_its_own() -> None:
    at = fill(upload(), Short_name="Island 2031", Title_of_point_2="", Text_of_point_3="", Text_of_gap_1="Lacking.")
    press(at, "Check and use")
    told = html_of(at)
    for line in ("may hold only a-z", "point 2: title is empty", "point 3: text is empty", "title is empty"):
        assert line in told
    assert told.count('role="alert"') == 4 and at.session_state["draft-checked"] is None
    assert "Island 2031" not in at.session_state["plans"] and field(at, "Text of point 3") == ""


def test_id_of_another_plan_is_refused() -> None:
    at = press(fill(upload(), Short_name="china-2023"), "Check and use")
    assert "that of another plan" in html_of(at) and len(at.session_state["plans"]["china-2023"].points) == 12


def test_point_and_gap_are_added_and_left_out() -> None:
    at = press(fill(upload(), Title_of_point_1="", Text_of_point_1="", Short_name="island-2031"), "Add a point")
    assert [field(at, f"Title of point {n}") for n in (1, 2, 3)] == ["Talks", "Grain", ""]
    fill(
        at,
        Title_of_point_3="Prisoners",
        Text_of_point_3="All are freed.",
        Title_of_gap_1="Borders",
        Text_of_gap_1="None.",
    )
    press(at, "Add a gap")
    press(at, "Check and use")
    plan = checked(at)
    assert [(p.id, p.title) for p in plan.points] == [("1", "Talks"), ("2", "Grain"), ("3", "Prisoners")]
    assert plan.points[0].provisions == ("Envoys meet.",) and [g.title for g in plan.gaps] == ["Borders"]


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("a.txt", b"No numbers at all. Just words.", "no numbered points"),
        ("a.pdf", b"%PDF-", "PDF"),
        ("a.txt", b"", "empty"),
    ],
)
def test_document_without_a_draft_is_named_with_the_reason(name: str, content: bytes, word: str) -> None:
    at = upload(content, name)
    assert word in html_of(at) and not [b for b in at.button if b.label == "Check and use"]


def test_name_of_an_upload_is_no_path(tmp_path: Path) -> None:
    assert make_draft(f"../..{tmp_path}/island plan.txt", TEXT).id == "island-plan"
    with pytest.raises(InputError) as told:
        make_draft(f"../..{tmp_path}/island.txt", b"Words.")
    assert "/" not in str(told.value) and not list(tmp_path.iterdir())


def test_words_of_a_draft_never_become_markup() -> None:
    text = b"\n\n".join([HOSTILE, b"1. " + HOSTILE + b" must end.", b"2. " + HOSTILE + b" must begin."])
    at = press(upload(text, HOSTILE.decode().replace("/", "") + ".txt"), "Check and use")
    tags: list[str] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, _: tags.append(tag)  # type: ignore[method-assign]
    parser.feed(html_of(at))
    assert checked(at) and not {"script", "img"} & set(tags) and "evil" not in markdown_of(at)


@pytest.mark.parametrize("plan", list_plans(), ids=lambda plan: plan.id)
def test_shipped_plan_survives_its_file(plan: Plan) -> None:
    assert check_plan(plan_to_toml(plan)) == plan


@given(words(), words())
def test_any_words_survive_the_file(title: str, text: str) -> None:
    plan = make_plan(title=title, names=(text,))
    plan = replace(plan, points=(Target("1", TargetKind.POINT, title, text, provisions=(text, title)),))
    squeezed, told = (" ".join(value.split()) for value in (title, text))
    read = check_plan(plan_to_toml(plan))
    assert (read.title, read.names) == (squeezed, (told,))
    assert (read.points[0].text, read.points[0].provisions) == (told, (told, squeezed))


def test_gaps_of_one_title_get_ids_of_their_own() -> None:
    gap = Target("gap:new", TargetKind.GAP, "Borders", "None.")
    plan = drop_empty(make_plan(gaps=0))
    plan = drop_empty(replace(plan, gaps=(gap, gap, replace(gap, title="Ć", text="x"), replace(gap, title="边界"))))
    assert [g.id for g in plan.gaps] == ["gap:borders", "gap:borders-2", "gap:c", "gap:gap-4"] and not find_errors(plan)


def test_stand_ins_are_named_until_they_are_finished() -> None:
    draft = make_draft("island.txt", TEXT.replace(b", 4 May 2031", b""))
    assert list_unfinished(draft) == ("sponsors", "date", "conflict", "published")
    assert list_unfinished(make_plan()) == ()
