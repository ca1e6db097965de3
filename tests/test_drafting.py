"""Drafts of plan files from documents with numbered points. All texts are made up."""

from __future__ import annotations

import datetime
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.drafting import draft_plan
from analyzer.errors import InputError
from analyzer.plans import MAX_BYTES, read_plan
from analyzer.records import Plan

TEXTS = ("Both armies stop firing at noon.", "Envoys meet on the island.", "Harbours are opened for wheat.")


def draft_and_read(text: str, folder: Path, name: str = "island plan 2031") -> Plan:
    path = folder / "draft.toml"
    path.write_bytes(draft_plan(text, name).encode())
    return read_plan(path)


def point_texts(plan: Plan) -> tuple[str, ...]:
    return tuple(point.text for point in plan.points)


@pytest.mark.parametrize(
    "marks",
    [
        ("1.", "2.", "3."),
        ("1)", "2)", "3)"),
        ("(1)", "(2)", "(3)"),
        ("1:", "2:", "3:"),
        ("1 –", "2 –", "3 –"),
        ("I.", "II.", "III."),
        ("(i)", "(ii)", "(iii)"),
        ("Point 1:", "Point 2:", "Point 3:"),
        ("POINT ONE.", "POINT TWO.", "POINT THREE."),
        ("Article I –", "Article II –", "Article III –"),
        ("First,", "Second,", "Third,"),
        ("Firstly:", "Secondly:", "Thirdly:"),
        ("**1.**", "**2.**", "**3.**"),
        ("## 1.", "## 2.", "## 3."),
        ("1．", "2．", "3．"),
        ("１.", "２.", "３."),
    ],
)
@pytest.mark.parametrize("between", ["\n", "\n\n", "\r\n", "\f"])
def test_every_style_of_numbering_is_read(marks: tuple[str, ...], between: str, tmp_path: Path) -> None:
    text = between.join(f"{mark} {words}" for mark, words in zip(marks, TEXTS, strict=True))
    assert point_texts(draft_and_read(text, tmp_path)) == TEXTS


@pytest.mark.parametrize(
    "text",
    [
        "They agreed on (1) a truce at noon; (2) talks on the island; and (3) open harbours.",
        "They agreed on: 1) a truce at noon; 2) talks on the island; and 3) open harbours.",
        "They agreed. First, a truce at noon; second, talks on the island; and third, open harbours.",
    ],
)
def test_numbers_within_a_paragraph_are_read(text: str, tmp_path: Path) -> None:
    plan = draft_and_read(f"{text}\n\nThe envoys left at night.", tmp_path)
    assert point_texts(plan) == ("a truce at noon", "talks on the island", "open harbours.")


def test_numbers_on_lines_of_their_own_are_read(tmp_path: Path) -> None:
    text = "\n".join(f"{number}.\n{words}" for number, words in enumerate(TEXTS, 1))
    assert point_texts(draft_and_read(text, tmp_path)) == TEXTS


def test_heading_on_its_own_line_becomes_the_title(tmp_path: Path) -> None:
    text = "1. Silence of arms\n\nBoth armies stop firing at noon. Nobody moves guns.\n\n2. Talks\n\nEnvoys meet."
    plan = draft_and_read(text, tmp_path)
    assert [point.title for point in plan.points] == ["Silence of arms", "Talks"]
    assert point_texts(plan) == ("Both armies stop firing at noon. Nobody moves guns.", "Envoys meet.")
    assert plan.points[0].provisions == ("Both armies stop firing at noon.", "Nobody moves guns.")


def test_heading_without_a_blank_line_becomes_the_title(tmp_path: Path) -> None:
    plan = draft_and_read("1. Silence of arms\nBoth armies stop firing.\n2. Talks\nEnvoys meet soon.", tmp_path)
    assert [(point.title, point.text) for point in plan.points] == [
        ("Silence of arms", "Both armies stop firing."),
        ("Talks", "Envoys meet soon."),
    ]


def test_wrapped_sentence_is_no_heading(tmp_path: Path) -> None:
    first = "1. The two armies stop firing along the whole of the line near\nAnmar at noon and stay where they are."
    plan = draft_and_read(f"{first}\n2. Envoys meet on the island.", tmp_path)
    assert plan.points[0].text.startswith("The two armies stop firing along")
    assert plan.points[0].text.endswith("near Anmar at noon and stay where they are.")


def test_heading_in_the_same_line_becomes_the_title_and_stays_in_the_text(tmp_path: Path) -> None:
    plan = draft_and_read("1. Truce. Both armies stop firing.\n2. Talks: envoys meet on the island.", tmp_path)
    assert [point.title for point in plan.points] == ["Truce", "Talks"]
    assert plan.points[0].text == "Truce. Both armies stop firing."
    assert plan.points[0].provisions == ("Both armies stop firing.",)


LISTS_INSIDE = {
    "indented": "1. Truce\n   1. at sea\n   2. on land\n   3. in the air\n2. Talks\n   1. here\n3. Bread",
    "indented, in the last point": "1. Truce\n2. Talks\n3. Bread\n  1. wheat\n  2. rye\n  3. oats\n  4. maize",
    "flat": "1. Truce\n1. at sea\n2. on land\n2. Talks\n1. on the island\n2. by letter\n3. Bread",
    "flat, as long as the point's number": "1. Truce\n2. Talks\n1. on the island\n2. by letter\n3. Bread",
    "flat, longer": "1. Truce\n(1) at sea\n(2) on land\n(3) in the air\n(4) in space\n"
    "2. Talks begin on the island before the harvest is in.\n3. Bread is shared out among all the towns.",
    "within a paragraph": "1. Truce, (1) at sea, (2) on land, (3) in the air, (4) in space\n2. Talks\n3. Bread",
    "within the last paragraph": "1. Truce\n2. Talks\n3. Bread, (1) wheat, (2) rye, (3) oats, (4) maize",
    "decimal and letters": "1. Truce\n1.1. at sea\n1.2. on land\n2. Talks\na) here\nb) by letter\n3. Bread",
    "arabic under roman": "I. Truce\n1. at sea\n2. on land\nII. Talks\n1. here\n2. there\nIII. Bread",
}


@pytest.mark.parametrize("text", LISTS_INSIDE.values(), ids=LISTS_INSIDE.keys())
def test_list_inside_a_point_does_not_confuse_the_numbering(text: str, tmp_path: Path) -> None:
    plan = draft_and_read(text, tmp_path)
    assert [point.title.split()[0].strip(",") for point in plan.points] == ["Truce", "Talks", "Bread"]


def test_numbers_aligned_on_the_right_are_one_numbering(tmp_path: Path) -> None:
    text = "\n".join(f"{number:>2}. Truce holds on island {number}." for number in range(1, 13))
    assert len(draft_and_read(text, tmp_path).points) == 12


def test_items_of_a_list_inside_a_point_become_provisions(tmp_path: Path) -> None:
    plan = draft_and_read("1. Truce:\n(a) at sea;\n(b) on land.\n2. Talks on the island. They begin soon.", tmp_path)
    assert plan.points[0].provisions == ("Truce:", "at sea;", "on land.")
    assert plan.points[0].text == "Truce: (a) at sea; (b) on land."


def test_longest_numbering_wins(tmp_path: Path) -> None:
    reasons = "Two things drive us.\n1) The war is cruel.\n2) The harvest rots.\n\n"
    points = "\n\n".join(f"{number}. {words} It is to last for a year." for number, words in enumerate(TEXTS, 1))
    assert [text.split(". ")[0] + "." for text in point_texts(draft_and_read(reasons + points, tmp_path))] == list(
        TEXTS
    )


def test_list_above_the_points_in_the_same_style_is_not_taken_for_points(tmp_path: Path) -> None:
    reasons = "1. The war is cruel.\n2. The harvest rots.\n\nSo we propose this.\n\n"
    points = "\n\n".join(f"{number}. {words}" for number, words in enumerate(TEXTS, 1))
    assert point_texts(draft_and_read(reasons + points, tmp_path)) == TEXTS


def test_numbering_that_runs_through_sections_is_kept_whole(tmp_path: Path) -> None:
    text = "I. Arms\n1. Truce holds.\n2. Guns go.\nII. Peace\n3. Talks start.\n4. Harbours open."
    assert len(draft_and_read(text, tmp_path).points) == 4


def test_points_win_over_their_table_of_contents_and_footnotes(tmp_path: Path) -> None:
    contents = "1. Truce\n2. Talks\n3. Bread\n\n"
    points = "".join(f"{n}. Heading {n}\n\n{words * 5}\n\n" for n, words in enumerate(TEXTS, 1))
    notes = "1. See the map.\n2. Ibidem.\n3. As agreed.\n4. See above.\n"
    plan = draft_and_read(contents + points + notes, tmp_path)
    assert [point.title for point in plan.points] == ["Heading 1", "Heading 2", "Heading 3"]
    assert [point.text.startswith(words) for point, words in zip(plan.points, TEXTS, strict=True)] == [True] * 3


def test_closing_words_are_left_out_and_said_to_be(tmp_path: Path) -> None:
    text = "\n\n".join(f"{n}. {words}" for n, words in enumerate(TEXTS, 1)) + "\n\nDone on 4 May 2031 by both sides."
    assert point_texts(draft_and_read(text, tmp_path)) == TEXTS
    assert "8 words after it were left out" in draft_plan(text, "x")
    assert draft_and_read(text, tmp_path).date == datetime.date(2031, 5, 4)


@pytest.mark.parametrize("written", ["2031-05-04", "4 May 2031", "May 4, 2031"])
def test_date_above_the_points_is_taken(written: str, tmp_path: Path) -> None:
    plan = draft_and_read(f"The island plan\n{written}\n\n1. Truce.\n2. Talks.", tmp_path)
    assert (plan.date, plan.title) == (datetime.date(2031, 5, 4), "The island plan")


def test_date_inside_a_point_is_not_taken(tmp_path: Path) -> None:
    assert "no date was found" in draft_plan("1. Truce on 4 May 2031.\n2. Talks.", "x")


def test_impossible_date_is_not_taken() -> None:
    assert "no date was found" in draft_plan("31 February 2031\n1. Truce.\n2. Talks.", "x")


def test_what_a_person_has_to_complete_is_marked() -> None:
    lines = draft_plan("1. Truce.\n2. Talks.", "x").splitlines()
    fields = (
        "id",
        "title",
        "sponsors",
        "date",
        "conflict",
        "published",
        "summary",
        "names",
        "text",
        "topics",
        "phrasings",
    )
    for field in (*fields, "near_misses"):
        found = [line for line in lines if line.startswith(f"{field} = ")]
        assert found and all("  # finish:" in line for line in found), field


@pytest.mark.parametrize(
    ("name", "plan_id"),
    [("The Island_Plan (v2).pdf", "the-island-plan-v2-pdf"), ("Île-Plan", "ile-plan"), ("和平", "plan"), ("", "plan")],
)
def test_id_is_made_from_the_name(name: str, plan_id: str, tmp_path: Path) -> None:
    assert draft_and_read("1. Truce.\n2. Talks.", tmp_path, name).id == plan_id


@pytest.mark.parametrize(
    "text", ["", "   \n", "No numbers at all.", "1. Only one point.", "2. Two\n3. Three", "3.5 percent\n1.5 percent"]
)
def test_text_without_numbered_points_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"^speech: no numbered points found; .+$"):
        draft_plan(text, "speech")


def test_points_longer_than_a_plan_file_are_refused() -> None:
    with pytest.raises(InputError, match=r"^speech: its points are too long for a plan file$"):
        draft_plan("1. " + "war " * (MAX_BYTES // 8) + "\n2. Talks.", "speech")


def test_point_without_words_still_loads(tmp_path: Path) -> None:
    plan = draft_and_read("1.\n2. Talks.\n3. ***", tmp_path)
    assert [point.title for point in plan.points] == ["Point 1", "Talks", "Point 3"]


def test_half_a_surrogate_pair_does_not_break_the_draft(tmp_path: Path) -> None:
    assert point_texts(draft_and_read("1. Tru\ud800ce.\n2. Talks.", tmp_path))[0] == "Tru?ce."


def test_text_full_of_ones_is_read_in_time() -> None:
    draft_plan("1. Truce.\n" * 20_000 + "2. Talks.", "x")


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=2, max_size=8), st.text())
def test_any_texts_come_back_from_the_draft(texts: list[str], name: str) -> None:
    wanted = [" ".join(text.split()) or "word" for text in texts]
    draft = tomllib.loads(draft_plan("\n".join(f"{n}. {text}" for n, text in enumerate(wanted, 1)), name))
    assert [" ".join(point["text"].split()) for point in draft["points"]] == wanted


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=6), st.text(), st.text())
def test_any_draft_loads(tmp_path_factory: pytest.TempPathFactory, texts: list[str], before: str, name: str) -> None:
    text = before + "\n" + "\n".join(f"{n}. {text}" for n, text in enumerate(texts, 1))
    assert len(draft_and_read(text, tmp_path_factory.getbasetemp(), name).points) >= 2
