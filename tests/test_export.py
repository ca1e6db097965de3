"""A report in its formats, and the one place that writes them."""

from __future__ import annotations

import csv
import datetime
import io
import json
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from factories import make_analysis, make_document, make_plan, make_position, make_report
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import reports, words

from analyzer.errors import OutputError, ReportError
from analyzer.export import (
    FORMATS,
    check_writable,
    load_report,
    render_report,
    report_from_json,
    write_report,
    write_text_atomically,
)
from analyzer.export.tables import COLUMNS, FORMULA_STARTS
from analyzer.export.terminal import report_to_table
from analyzer.export.wording import describe_position, quote, shorten
from analyzer.records import Notice, Report, Speaker, SpeakerKind, Speech, Stance

UNREAD = make_report(make_analysis([], make_document("Rain fell.", "weather", title=None)))


def table_of(report: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(render_report(report, "csv").removeprefix("\ufeff"), newline="")))


# JSON


@settings(max_examples=60, deadline=None)
@given(reports())
def test_a_report_survives_its_json(report: Report) -> None:
    assert report_from_json(render_report(report, "json")) == report


def test_a_saved_report_loads_from_its_file(tmp_path: Path) -> None:
    write_report(make_report(), "json", tmp_path / "r.json")
    assert load_report(tmp_path / "r.json") == make_report()
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["format"] == "peaceplan-report/1"


GOOD = render_report(make_report(), "json")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "not JSON"),
        ("hello", "not JSON"),
        (GOOD[: len(GOOD) // 2], "not JSON"),
        ("[]", "not a saved report"),
        ('{"type": "FeatureCollection"}', "not a saved report"),
        ('{"format": 3}', "not a saved report"),
        (b"\xff\xfe", "not JSON"),
        ("[" * 100_000, "not a saved report"),
        ('{"format": "peaceplan-report/1", "report": ' + '{"a":' * 100_000, "not JSON"),
        (GOOD.replace("peaceplan-report/1", "peaceplan-report/9"), "peaceplan-report/9"),
        ('{"format": "peaceplan-report/1"}', "missing required field `report`"),
        (GOOD.replace('"sponsors"', '"patrons"', 1), "sponsors"),
        (GOOD.replace('"endorses"', '"loves"', 1), "loves"),
        (GOOD.replace('"target": "2"', '"target": "22"', 1), "22"),
    ],
)
def test_a_damaged_or_foreign_file_is_no_report(tmp_path: Path, text: str | bytes, told: str) -> None:
    path = tmp_path / "r.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ReportError) as refused:
        load_report(path)
    assert str(refused.value).startswith(f"{path}: ")
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["nothing.json", ".", "a\0b"])
def test_a_report_that_cannot_be_read_is_one_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(ReportError, match="cannot be read"):
        load_report(tmp_path / name)


# JSONL and CSV


def test_jsonl_has_one_position_a_line_with_all_that_is_known() -> None:
    rows = [json.loads(line) for line in render_report(make_report(), "jsonl").splitlines()]
    text = make_document().text
    assert len(rows) == 5
    assert rows[0] == {
        "doc": "harbour",
        "source": "articles/harbour.txt",
        "plan": "harbour-2031",
        "sentence": 1,
        "start": 20,
        "end": 100,
        "page": None,
        "text": text[20:100],
        "speaker": "Ana Weiss",
        "speaker_kind": "person",
        "resolution": "named in the sentence",
        "speech": "indirect",
        "cue": "told reporters that",
        "when": None,
        "said_on": None,
        "document_date": None,
        "target": "1",
        "target_title": "Ceasing fire",
        "stance": "endorses",
        "confidence": 0.8,
        "evidence": {"start": 85, "end": 99, "text": "must begin now"},
        "candidates": [{"target": "1", "chance": 0.9, "similarity": 0.5, "wording": "a wording"}],
        "reviewed": "no",
        "verdict": None,
    }
    assert text[85:99] == "must begin now"


def test_jsonl_names_the_author_and_leaves_the_unknown_null() -> None:
    rows = [json.loads(line) for line in render_report(make_report(), "jsonl").splitlines()]
    assert [(r["speaker"], r["speaker_kind"]) for r in rows[2:4]] == [(None, None), ("author", "author")]


@settings(max_examples=50, deadline=None)
@given(reports())
def test_every_line_of_jsonl_is_one_position_for_every_reader_of_lines(report: Report) -> None:
    lines = render_report(report, "jsonl").splitlines()
    assert [json.loads(line)["text"] for line in lines] == [p.text for a in report.analyses for p in a.positions]


def test_day_of_a_statement_and_of_its_document_are_kept_apart() -> None:
    document = make_document(date=datetime.date(2023, 3, 1))
    said = make_position(document=document, when="Friday", said_on=datetime.date(2023, 2, 24))
    report = make_report(make_analysis([said], document))
    (row,), (cells,) = [json.loads(x) for x in render_report(report, "jsonl").splitlines()], table_of(report)
    for line in (row, cells):
        assert (line["when"], line["said_on"], line["document_date"]) == ("Friday", "2023-02-24", "2023-03-01")


def test_csv_begins_with_a_byte_order_mark_and_a_header() -> None:
    text = render_report(UNREAD, "csv")
    assert text == "\ufeff" + ",".join(COLUMNS) + "\r\n"


def test_csv_and_jsonl_tell_the_same() -> None:
    rows = [json.loads(line) for line in render_report(make_report(), "jsonl").splitlines()]
    for cells, row in zip(table_of(make_report()), rows, strict=True):
        evidence = row.pop("evidence")
        row |= {f"evidence_{key}": value for key, value in evidence.items()}
        row["candidates"] = f"{row['target']} 0.900"
        assert cells == {key: "" if row[key] is None else str(row[key]) for key in COLUMNS}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "＝", "＋", "－", "＠"])
def test_a_cell_that_a_spreadsheet_would_run_gets_an_apostrophe(start: str) -> None:
    speaker = Speaker(f"{start}cmd|' /C calc'!A1", SpeakerKind.PERSON)
    row = table_of(make_report(make_analysis([make_position(speaker=speaker)])))[0]
    assert row["speaker"] == f"'{speaker.name}"


@settings(max_examples=50, deadline=None)
@given(reports())
def test_no_cell_of_text_runs_as_a_formula(report: Report) -> None:
    numbers = {"sentence", "start", "end", "page", "confidence", "evidence_start", "evidence_end"}
    for row in table_of(report):
        cells = [value for key, value in row.items() if key not in numbers]
        assert not [cell for cell in cells if cell.lstrip().startswith(FORMULA_STARTS) or cell[:1] in tuple("\t\r\n")]


# Words


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text("abcdé,.'’-", min_size=1, max_size=9), min_size=1, max_size=20), st.integers(3, 60), st.data())
def test_a_shortened_text_is_whole_words_around_its_focus_within_the_limit(
    texts: list[str], limit: int, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(texts) - 1))
    start = len(" ".join(texts[:at])) + (at > 0)
    short = shorten(" ".join(texts), limit, (start, start + len(texts[at])))
    assert len(short) <= limit
    kept = short.removeprefix("… ").removesuffix(" …")
    assert kept == "…" or f" {kept} " in f" {' '.join(texts)} "
    assert kept == "…" or texts[at] in kept.split(" ")


def test_a_long_quotation_keeps_its_evidence_and_says_where_it_was_cut() -> None:
    position = make_position(evidence="ceasefire must begin")
    assert quote(position, 45) == "… that the ceasefire must begin now."
    assert quote(position, 500) == position.text


@pytest.mark.parametrize(
    ("position", "told"),
    [
        (make_position("1"), "The document reports Ana Weiss as endorsing point 1, “Ceasing fire”."),
        (make_position("2", Stance.CRITICISES, None), "The document reports a speaker who could not be identified as"),
        (
            make_position("plan", Stance.MENTIONS, "author"),
            "The writer, in their own voice, mentions the plan as a whole.",
        ),
        (
            make_position("gap:troop-withdrawal", Stance.RAISES, speech=Speech.VOICE),
            "The document, in the voice of Ana Weiss, raises the gap “Troop withdrawal”.",
        ),
    ],
)
def test_a_position_is_told_as_reported(position, told: str) -> None:
    assert describe_position(position, make_plan().target(position.target)).startswith(told)


# Terminal and Markdown


@pytest.mark.parametrize("width", [80, 140])
def test_the_table_tells_who_stands_where_in_the_width_there_is(width: int) -> None:
    table = report_to_table(make_report(), width)
    words_told = " ".join(table.split())
    assert max(map(len, table.splitlines())) <= width
    for told in (
        "endorses",
        "criticises",
        "Ana Weiss",
        "Tom Reed",
        "Omitted points (1): 3 Moving grain",
        "◆ raised by",
    ):
        assert told in words_told
    assert "✕ rejected by Tom Reed: “The proposal says nothing" in words_told
    assert words_told.index("page 2 holds no text") < words_told.index("broken.pdf: opened, but it is")


@pytest.mark.parametrize("width", [80, 140])
def test_the_table_breaks_no_word(width: int) -> None:
    text = " ".join(f"considerable{n} arrangements{n}" for n in range(60)) + "."
    analysis = make_analysis([make_position(document=make_document(text), sentence=0, evidence="arrangements30")])
    cells = report_to_table(make_report(analysis), width).split("“", 1)[1].split("”", 1)[0].replace("…", "").split()
    assert len(cells) > 3
    assert set(cells) <= set(text.split())


@pytest.mark.parametrize("format", ["table", "md"])
def test_a_document_that_was_not_assessed_says_so_and_omits_nothing(format: str) -> None:
    told = render_report(UNREAD, format)
    assert "Not assessed: no position on this plan was found. No omission is claimed." in told
    assert "Omitted points" not in told


@settings(max_examples=40, deadline=None)
@given(reports())
def test_the_table_holds_no_control_characters(report: Report) -> None:
    assert not [
        c for c in report_to_table(report, 80) if (c < " " and c != "\n") or "\x7f" <= c <= "\x9f" or c == "\u202e"
    ]


def test_markup_in_a_document_is_text_in_the_table() -> None:
    title = "[red]Talks[/red] [/] [link=file:///x]y[/link]"
    assert title in report_to_table(make_report(make_analysis(document=make_document(title=title))))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a | b", r"a \| b"),
        ("<script>", r"\<script\>"),
        ("[x](javascript:alert(1))", r"\[x\](javascript:alert(1))"),
        ("![x](y)", r"\!\[x\](y)"),
        ("one\n\n# two", r"one \# two"),
        ("*a* _b_ `c` ~d~", r"\*a\* \_b\_ \`c\` \~d\~"),
        ("1. first", r"1\. first"),
        ("- item", r"\- item"),
        ("&lt;", "&amp;lt;"),
    ],
)
def test_markdown_shows_text_as_it_is(text: str, written: str) -> None:
    report = make_report(make_analysis(document=make_document(title=text)))
    assert f"\n## {written}\n" in render_report(report, "md")


def test_markdown_tells_points_gaps_notices_and_failures() -> None:
    told = render_report(make_report(), "md")
    assert "| 2 Lifting sanctions | criticised | – | Tom Reed | – | “Her rival Tom Reed called" in told
    assert "**Omitted points (1):** 3 Moving grain" in told
    assert "  - raised by the author: “The proposal says nothing" in told
    assert "- page 2 holds no text (page 2)" in told
    assert "- broken.pdf: broken.pdf: opened" in told
    assert "Judge: judge-small/1. Threshold of the judge: 0.50." in told


# Writing


def test_every_format_is_written_whole_to_its_file(tmp_path: Path) -> None:
    for format in FORMATS:
        write_report(make_report(), format, tmp_path / f"r.{format}")
        assert (tmp_path / f"r.{format}").read_bytes() == render_report(make_report(), format).encode()
    assert len(list(tmp_path.iterdir())) == len(FORMATS)


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(ValueError, match="docx"):
        render_report(make_report(), "docx")


@pytest.mark.parametrize("format", FORMATS)
def test_standard_output_carries_the_same_without_colour(
    format: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    write_report(make_report(), format)
    assert capfdbinary.readouterr().out == render_report(make_report(), format).encode()


@pytest.mark.parametrize("write", [lambda path: write_text_atomically(path, "x"), check_writable])
@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("missing/r.json", "missing does not exist; create it (mkdir -p "),
        ("file/r.json", "a part of the path is a file"),
        ("folder", "it is a folder; name a file in it"),
        ("a\0b", "null"),
        ("n" * 300, "too long"),
    ],
)
def test_a_path_that_cannot_be_written_is_one_line_and_leaves_nothing(
    tmp_path: Path, write, name: str, told: str
) -> None:
    (tmp_path / "file").write_text("before")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError) as refused:
        write(tmp_path / name)
    assert "cannot be written" in str(refused.value)
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["file", "folder"]
    assert (tmp_path / "file").read_text() == "before"


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    (tmp_path / "r.json").write_text("before")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(*((os, "fsync") if failing == "fsync" else (Path, "replace")), full)
    with pytest.raises(OutputError, match="No space left on device"):
        write_text_atomically(tmp_path / "r.json", "after")
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("r.json", "before")]


def test_half_of_a_surrogate_pair_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    document = make_document("Half \ud800 of a pair.", title="half")
    report = make_report(make_analysis([make_position(document=document, sentence=0)], document))
    for format in ("json", "jsonl", "csv"):
        with pytest.raises(OutputError, match="surrogate"):
            write_report(report, format, tmp_path / "r")
    for format in ("html", "md", "table"):
        assert "Half \ufffd of a pair." in render_report(report, format)
    assert list(tmp_path.iterdir()) == []


def test_a_rewritten_file_keeps_its_mode_and_its_links(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text("before")
    (tmp_path / "r.json").chmod(0o640)
    (tmp_path / "link").symlink_to("r.json")
    write_text_atomically(tmp_path / "link", "after")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "r.json").read_text() == "after"
    assert stat.S_IMODE((tmp_path / "r.json").stat().st_mode) == 0o640


def test_a_pipe_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_text_atomically(pipe, "words")
    assert os.read(reader, 99) == b"words"
    os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    check_writable(pipe)


def test_a_path_that_can_be_written_is_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text("before")
    check_writable(tmp_path / "r.json")
    check_writable(tmp_path / "new.json")
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("r.json", "before")]


@settings(max_examples=25, deadline=None)
@given(reports(), words())
def test_every_format_for_readers_tells_the_notices(report: Report, notice: str) -> None:
    noted = replace(report, analyses=tuple(replace(a, notices=(Notice(notice, page=7654),)) for a in report.analyses))
    for format in ("table", "md", "html"):
        assert render_report(noted, format).count("(page 7654)") == len(report.analyses)
