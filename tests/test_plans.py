"""Plan files: the shipped ones, and what is refused. All texts are made up."""

from __future__ import annotations

import datetime
import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import analyzer.resources
from analyzer.errors import AnalyzerError, PlanError
from analyzer.plans import MAX_BYTES, list_plans, load_plan, read_plan
from analyzer.records import Plan, Target, TargetKind
from analyzer.resources import find_data

HEAD = """
id = "island-2031"
title = "The island plan"
sponsors = ["Anmar", "Belt"]
date = 2031-05-04
conflict = "the war over the strait"
summary = "Three points on the strait."
"""
POINT = '[[points]]\nnumber = {}\ntitle = "Truce"\ntext = "Both armies stop firing."\n'
GAP = '[[gaps]]\nid = "{}"\ntitle = "Fish"\ntext = "Nothing on fishing."\n'
GOOD = HEAD + POINT.format(1) + POINT.format(2) + GAP.format("fish")

SHIPPED = {
    "minsk-2-2015": (13, ["russia-obligations", "sequence", "enforcement", "peacekeepers", "crimea"]),
    "ukraine-formula-2022": (
        10,
        ["talks-with-russia", "ceasefire-in-place", "russian-security", "minority-rights", "implementation"],
    ),
    "china-2023": (
        12,
        ["troop-withdrawal", "aggressor", "security-guarantees", "accountability", "implementation", "arms-supplies"],
    ),
    "africa-2023": (10, ["troop-withdrawal", "aggressor", "accountability", "implementation"]),
    "brazil-china-2024": (
        6,
        ["territorial-integrity", "troop-withdrawal", "aggressor", "ukrainian-consent", "accountability"],
    ),
    "us-28-2025": (
        28,
        [
            *("russian-withdrawal", "russian-limits", "accountability", "europe-ukraine-say", "occupied-people"),
            "immediate-ceasefire",
        ],
    ),
}


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "island.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refusal(path: Path | str) -> str:
    with pytest.raises(PlanError) as caught:
        load_plan(path)
    message = str(caught.value)
    assert message.isprintable()  # one line, nothing that upsets a terminal
    return message


def wordings(target: Target) -> tuple[str, ...]:
    return tuple(w.casefold() for w in target.phrasings)


def test_plans_are_listed_from_the_oldest() -> None:
    assert [plan.id for plan in list_plans()] == list(SHIPPED)


@pytest.mark.parametrize("plan", list_plans(), ids=lambda plan: plan.id)
def test_shipped_plan_has_its_points_and_gaps(plan: Plan) -> None:
    points, gaps = SHIPPED[plan.id]
    assert [point.id for point in plan.points] == [str(number) for number in range(1, points + 1)]
    assert [gap.id for gap in plan.gaps] == [f"gap:{name}" for name in gaps]
    assert plan.names and plan.published
    assert all(gap.why for gap in plan.gaps)


@pytest.mark.parametrize("plan", list_plans(), ids=lambda plan: plan.id)
def test_shipped_targets_have_wordings_of_their_own(plan: Plan) -> None:
    least, least_near = (8, 3) if plan.id == "china-2023" else (4, 1)
    seen: dict[str, str] = {}
    for target in (*plan.points, *plan.gaps):
        assert len(target.phrasings) >= least, target.id
        assert len(target.near_misses) >= least_near, target.id
        assert target.topics, target.id
        for wording in wordings(target):
            assert seen.setdefault(wording, target.id) == target.id, f"{wording} stands under two targets"
        assert len(set(wordings(target))) == len(target.phrasings), target.id
        assert not set(wordings(target)) & {w.casefold() for w in target.near_misses}, target.id


def test_every_point_of_the_chinese_plan_has_its_provisions() -> None:
    counts = [len(point.provisions) for point in load_plan("china-2023").points]
    assert counts == [5, 6, 4, 5, 5, 4, 3, 4, 3, 4, 4, 2]


def test_plan_file_becomes_a_plan(tmp_path: Path) -> None:
    text = (
        GOOD + 'why = "People live on it."\ntopics = ["fish"]\nphrasings = ["no word on cod"]\nnear_misses = ["ships"]'
    )
    plan = read_plan(write(tmp_path, text))
    assert (plan.id, plan.sponsors, plan.date) == ("island-2031", ("Anmar", "Belt"), datetime.date(2031, 5, 4))
    assert plan.points[1] == Target("2", TargetKind.POINT, "Truce", "Both armies stop firing.")
    assert plan.gaps == (
        Target(
            "gap:fish",
            TargetKind.GAP,
            "Fish",
            "Nothing on fishing.",
            topics=("fish",),
            phrasings=("no word on cod",),
            near_misses=("ships",),
            why="People live on it.",
        ),
    )


def test_points_are_sorted_by_number(tmp_path: Path) -> None:
    plan = read_plan(write(tmp_path, HEAD + POINT.format(2) + POINT.format(1)))
    assert [point.id for point in plan.points] == ["1", "2"]


def test_gaps_may_be_left_out(tmp_path: Path) -> None:
    assert read_plan(write(tmp_path, HEAD + POINT.format(1))).gaps == ()


def test_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    assert read_plan(write(tmp_path, b"\xef\xbb\xbf" + GOOD.encode())).id == "island-2031"


@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_white_space_in_texts_is_normalised(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    escaped = "".join(f"\\U{ord(char):08X}" for char in "x " + text)
    source = GOOD.replace('"Both armies stop firing."', f'"{escaped}"')
    plan = read_plan(write(tmp_path_factory.getbasetemp(), source))
    assert plan.points[0].text == " ".join(("x " + text).split())


def test_path_in_a_string_is_read(tmp_path: Path) -> None:
    assert load_plan(str(write(tmp_path, GOOD))).id == "island-2031"


def test_shipped_id_wins_over_a_file_of_that_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "china-2023").write_text("something else")
    monkeypatch.chdir(tmp_path)
    assert load_plan("china-2023").sponsors == ("China",)


@pytest.mark.parametrize(
    ("old", "new", "place", "what"),
    [
        ("[[points]]\nnumber = 2", "[[points]]\nnumber = 1", "point 1: ", "number 1 is given 2 times"),
        ("number = 2", "number = 3", "", "number: points count 1, 2, 3 and so on; 3 is there and 2 is missing"),
        ("number = 2", "number = 0", "[[points]] table 2: ", "number should be a whole number from 1 to 999"),
        ("number = 2", "", "[[points]] table 2: ", "number is missing; it should be a whole number"),
        ("number = 2", 'number = "2"', "[[points]] table 2: ", "number should be a whole number, not a text"),
        ("number = 2", "number = true", "[[points]] table 2: ", "number should be a whole number, not true or false"),
        ("number = 2", "number = 2.0", "[[points]] table 2: ", "number should be a whole number, not a number with"),
        ("number = 2", "number = 0x" + "f" * 9000, "[[points]] table 2: ", "number should be a whole number from 1"),
        ("number = 2", "number = 2\nphrasing = 1", "point 2: ", 'unknown key "phrasing"; did you mean "phrasings"?'),
        ("number = 2", "number = 2\nzzz = 1", "point 2: ", 'unknown key "zzz"; known here: number, title, text'),
        ("number = 2", 'number = 2\n"a\\nb" = 1', "point 2: ", 'unknown key "a b"; known here'),
        ("number = 2", 'number = 2\nwhy = "x"', "point 2: ", 'unknown key "why"'),
        ("number = 2", 'number = 2\ntopics = "x"', "point 2: ", "topics should be a list of texts, not a text"),
        ("number = 2", 'number = 2\ntopics = ["x", 3]', "point 2: ", "topics: entry 2 should be a text in quotation"),
        ("number = 2", 'number = 2\nphrasings = ["x", " "]', "point 2: ", "phrasings: entry 2 is empty"),
        ('id = "fish"', "", "[[gaps]] table 1: ", "id is missing"),
        ('id = "fish"', 'id = "Fish Rights"', 'gap "Fish Rights": ', 'id "Fish Rights" may hold only a-z, 0-9'),
        ('id = "fish"', 'id = "gap:fish"', 'gap "gap:fish": ', 'id "gap:fish" may hold only'),
        ('id = "fish"', 'id = "fish\\n"', 'gap "fish ": ', 'id "fish " may hold only'),
        ('id = "fish"', 'id = "fish"\nprovisions = []', 'gap "fish": ', 'unknown key "provisions"'),
        ('text = "Nothing on fishing."', 'text = " \\t "', 'gap "fish": ', "text is empty"),
        ('text = "Nothing on fishing."', "", 'gap "fish": ', "text is missing; it should be a text"),
        ('sponsors = ["Anmar", "Belt"]', 'sponsor = "Anmar"', "", 'unknown key "sponsor"; did you mean "sponsors"?'),
        ('sponsors = ["Anmar", "Belt"]', "sponsors = []", "", "sponsors is empty; at least one entry is needed"),
        ('sponsors = ["Anmar", "Belt"]', 'sponsors = "Anmar"', "", "sponsors should be a list of texts, not a text"),
        ("2031-05-04", '"2031-05-04"', "", "date should be a date without quotation marks, such as 2023-02-24, not"),
        ("2031-05-04", "2031-05-04T10:00:00", "", "date should be a date without quotation marks"),
        ('id = "island-2031"', 'id = "island_2031"', "", 'id "island_2031" may hold only'),
        ('title = "The island plan"', "", "", "title is missing"),
        ('title = "The island plan"', 'title = ["x"]', "", "title should be a text in quotation marks, not a list"),
    ],
)  # fmt: skip
def test_mistake_is_named_with_its_file_place_and_field(
    old: str, new: str, place: str, what: str, tmp_path: Path
) -> None:
    assert old in GOOD
    path = write(tmp_path, GOOD.replace(old, new))
    assert refusal(path).startswith(f"{path}: {place}{what}")


def test_gap_id_given_twice_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD + GAP.format("fish"))
    assert refusal(path) == f'{path}: gap "fish": id fish is given 2 times'


@pytest.mark.parametrize(
    ("points", "what"),
    [
        ("", "points is missing; it should be a series of [[points]] tables"),
        ("points = []", "no points; a plan has at least one [[points]] table"),
        ("points = 3", "points should be a series of [[points]] tables, not a whole number"),
        ('points = ["x"]', "points should be a series of [[points]] tables, not a list with a text in it"),
        ("[points]\nnumber = 1", "points should be a series of [[points]] tables, not a table"),
    ],
)
def test_plan_without_points_is_refused(points: str, what: str, tmp_path: Path) -> None:
    path = write(tmp_path, HEAD + points)
    assert refusal(path) == f"{path}: {what}"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b'id = "x"\ntitle = "Caf\xe9"', "line 2: not UTF-8; save the file with the encoding UTF-8"),
        (HEAD.encode("utf-16"), "line 1: not UTF-8; save the file with the encoding UTF-8"),
        (b'id = "x"\n\ntitle "y"', "line 3: not TOML: "),
        (b'id = "x"\ntitle = "y', "line 2: not TOML: "),
        (b'id = "x"\ndate = 2031-02-31', "line 2: not TOML: "),
        (b'id = "x\0"', "line 1: not TOML: "),
        (b"a = " + b"[" * 100_000, "not TOML that can be read: "),
        (b"a = " + b"9" * 9000, "not TOML: "),
        (b"", "id is missing; it should be a short name"),
        (b"#" * (MAX_BYTES + 200_000), "4.2 MB is too large for a plan file (at most 4 MB)"),
    ],
)
def test_file_that_is_no_plan_is_refused(data: bytes, what: str, tmp_path: Path) -> None:
    path = write(tmp_path, data)
    assert refusal(path).startswith(f"{path}: {what}")


def test_document_given_as_a_plan_is_pointed_to_the_import(tmp_path: Path) -> None:
    path = tmp_path / "paper.txt"
    path.write_text("1. Truce.\n2. Talks.")
    assert "`peaceplan plans import` drafts a plan file" in refusal(path)


@given(data=st.binary())
def test_no_bytes_get_past_the_check_unnoticed(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    with pytest.raises(PlanError):
        read_plan(write(tmp_path_factory.getbasetemp(), data))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.just(datetime.date(2031, 5, 4)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["number", "id", "text"]), inner),
    max_leaves=5,
)


@given(key=st.sampled_from(sorted(tomllib.loads(GOOD))), value=VALUES)
def test_value_of_the_wrong_type_is_never_a_crash(
    key: str, value: object, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = write(tmp_path_factory.getbasetemp(), GOOD)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("analyzer.plans._parse", lambda text, path: {**tomllib.loads(text), key: value})
        try:
            plan = read_plan(path)
        except PlanError as error:
            assert str(error).startswith(str(path)) and str(error).isprintable()
        else:
            assert isinstance(plan, Plan)


@pytest.mark.parametrize(
    ("wanted", "nearest"),
    [("chnia-2023", "china-2023"), ("china", "china-2023"), ("US-28", "us-28-2025"), ("minsk", "minsk-2-2015")],
)
def test_unknown_id_suggests_the_nearest(wanted: str, nearest: str) -> None:
    message = refusal(wanted)
    assert message.startswith(f'"{wanted}": no such plan; did you mean "{nearest}"?')
    assert "`peaceplan plans` lists them" in message


@pytest.mark.parametrize("wanted", ["", "qqqq", "a\0b", "x" * 5000, "two\nlines", "\ud800"])
def test_unknown_id_that_resembles_none_is_refused_all_the_same(wanted: str) -> None:
    assert "no such plan; `peaceplan plans` lists them" in refusal(wanted)


@pytest.mark.parametrize("path", ["nowhere.toml", "no/where", "china-2023.toml/x.toml"])
def test_path_that_does_not_exist_is_refused(path: str) -> None:
    assert refusal(path) == f"{path}: no such plan file; `peaceplan plans` lists the shipped plans"


def test_folder_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path) == f"{tmp_path}: a folder, not a plan file; name one .toml file"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_pipe_is_refused_rather_than_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    assert "not a regular file" in refusal(tmp_path / "pipe.toml")


def test_file_that_cannot_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    path = write(tmp_path, GOOD)
    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert refusal(path) == f"{path}: cannot be read (Permission denied)"


def test_data_inside_the_package_come_before_those_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analyzer.resources, "PACKAGE", tmp_path / "analyzer")
    (tmp_path / "plans").mkdir()
    assert find_data("plans") == tmp_path / "plans"
    (tmp_path / "analyzer" / "data" / "plans").mkdir(parents=True)
    assert find_data("plans") == tmp_path / "analyzer" / "data" / "plans"


def test_missing_data_are_an_error_of_the_installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analyzer.resources, "PACKAGE", tmp_path / "analyzer")
    with pytest.raises(AnalyzerError, match=r"^plans: not found .* reinstall it$"):
        list_plans()


def test_example_in_the_readme_loads(tmp_path: Path) -> None:
    readme = (find_data("plans") / "README.md").read_text(encoding="utf-8")
    example = readme.split("```toml\n")[1].split("```")[0]
    assert [target.id for target in read_plan(write(tmp_path, example)).targets] == ["plan", "1", "gap:fishing-rights"]


def test_readme_counts_the_points_and_gaps_of_every_plan() -> None:
    readme = (find_data("plans") / "README.md").read_text(encoding="utf-8")
    for plan in list_plans():
        row = next(line for line in readme.splitlines() if line.startswith(f"| `{plan.id}.toml` |"))
        assert row.endswith(f"| {len(plan.points)} | {len(plan.gaps)} |")
