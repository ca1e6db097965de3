"""Corpora: rows to documents, and rows that are none."""

from __future__ import annotations

import csv
import datetime
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.errors import InputError
from analyzer.reading import count_inputs, iterate_documents, read_document
from analyzer.records import Document, Failure

ROW = {
    "text": "The envoy left town.",
    "title": "Envoy leaves",
    "date": "2023-03-01",
    "outlet": "Post",
    "url": "https://a.example",
}


def read_all(*paths: Path) -> tuple[list[Document], list[Failure]]:
    failures: list[Failure] = []
    return list(iterate_documents(paths, failures.append)), failures


def save_lines(path: Path, lines: Sequence[Any]) -> Path:
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines) + "\n", "utf-8")
    return path


def save_csv(path: Path, rows: Sequence[Sequence[str]], *, delimiter: str = ",", encoding: str = "utf-8") -> Path:
    with path.open("w", newline="", encoding=encoding) as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


@pytest.mark.parametrize("suffix", ["jsonl", "csv"])
def test_row_becomes_a_document_with_its_line(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"news.{suffix}"
    save_lines(path, [ROW]) if suffix == "jsonl" else save_csv(path, [list(ROW), list(ROW.values())])
    (document,), failures = read_all(path)
    line = 1 if suffix == "jsonl" else 2
    assert document == Document(
        name=f"news:{line}",
        text=ROW["text"],
        source=f"{path}:{line}",
        format=suffix,
        title="Envoy leaves",
        date=datetime.date(2023, 3, 1),
        outlet="Post",
        url="https://a.example",
    )
    assert failures == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"text": "cut of', "not valid JSON at character 10."),
        ("[1, 2]", "not an object"),
        ('"text"', "not an object"),
        ('{"title": "no text"}', "has no text"),
        ('{"text": null}', "has no text"),
        ('{"text": 7}', "a text that is int"),
        ('{"text": " "}', "holds no words"),
        ('{"text": "a\\u0000b"}', "NUL"),
        ("[" * 100_000, "not valid JSON"),
        ('{"text": ' + "9" * 5_000 + "}", "not valid JSON"),
    ],
)
def test_broken_line_is_listed_with_its_number_and_the_rest_goes_on(tmp_path: Path, line: str, reason: str) -> None:
    path = save_lines(tmp_path / "news.jsonl", [ROW, "", line, ROW])
    documents, failures = read_all(path)
    assert [document.name for document in documents] == ["news:1", "news:4"]
    (failure,) = failures
    assert failure.source == f"{path}:3"
    assert reason in failure.message
    assert "\n" not in failure.message


def test_line_that_is_not_utf8_is_listed(tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl"
    path.write_bytes(json.dumps(ROW).encode() + b'\n{"text": "caf\xe9 closed"}\n')
    documents, failures = read_all(path)
    assert [document.name for document in documents] == ["news:1"]
    assert [(failure.source, failure.message) for failure in failures] == [
        (f"{path}:2", "the line is not valid UTF-8.")
    ]


def test_lone_surrogate_in_json_is_replaced(tmp_path: Path) -> None:
    (document,), _ = read_all(save_lines(tmp_path / "news.jsonl", ['{"text": "broken \\ud83d sign"}']))
    assert document.text == "broken \ufffd sign"


@pytest.mark.parametrize("suffix", ["jsonl", "csv"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_corpus_with_byte_order_mark_is_read(tmp_path: Path, suffix: str, encoding: str) -> None:
    path = tmp_path / f"news.{suffix}"
    text = '{"text": "A “step” forward"}\n' if suffix == "jsonl" else "text\nA “step” forward\n"
    path.write_bytes(text.encode(encoding))
    (document,), failures = read_all(path)
    assert (document.text, failures) == ("A “step” forward", [])


@pytest.mark.parametrize("value", ["1 March 2023", "2023-02-30", "soon", 20230301.5, ["x"]])
def test_bad_date_is_told_and_left_out(tmp_path: Path, value: Any) -> None:
    (document,), failures = read_all(save_lines(tmp_path / "news.jsonl", [ROW | {"date": value}]))
    assert (document.date, failures) == (None, [])
    assert "is not of the form 2023-03-01" in document.notices[0].message


@pytest.mark.parametrize("value", ["2023-03-01T22:15:00Z", "2023-03-01 08:00", " 2023-03-01 "])
def test_date_with_a_time_is_read(tmp_path: Path, value: str) -> None:
    (document,), _ = read_all(save_lines(tmp_path / "news.jsonl", [ROW | {"date": value}]))
    assert (document.date, document.notices) == (datetime.date(2023, 3, 1), ())


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiter_is_found_by_the_header(tmp_path: Path, delimiter: str) -> None:
    rows = [["Title", " TEXT "], ["One, two; three", 'She said "no", then; left.\nThe rest\tis silence.']]
    (document,), _ = read_all(save_csv(tmp_path / "news.csv", rows, delimiter=delimiter))
    assert (document.title, document.text) == (rows[1][0], rows[1][1])


def test_csv_line_is_where_the_row_begins(tmp_path: Path) -> None:
    path = tmp_path / "news.csv"
    path.write_text('text\n"one\ntwo"\n\n"three"\n', "utf-8")
    documents, _ = read_all(path)
    assert [(document.name, document.text) for document in documents] == [("news:2", "one\ntwo"), ("news:5", "three")]


def test_spreadsheet_in_windows_encoding_is_read_and_told(tmp_path: Path) -> None:
    path = save_csv(tmp_path / "news.csv", [["text"], ["The envoy’s “no” stands."]], encoding="cp1252")
    (document,), _ = read_all(path)
    assert document.text == "The envoy’s “no” stands."
    assert "guessed to be cp1252" in document.notices[0].message


def test_csv_without_text_column_names_those_it_has(tmp_path: Path) -> None:
    path = save_csv(tmp_path / "news.csv", [["headline", "body"], ["a", "b"]])
    with pytest.raises(InputError, match=r"no column called text\. Columns found: 'headline', 'body'\."):
        read_all(path)


def test_row_with_too_many_cells_is_listed(tmp_path: Path) -> None:
    path = tmp_path / "news.csv"
    path.write_text("text,title\nHe said, she said, they left\nGood row,T\n", "utf-8")
    documents, failures = read_all(path)
    assert [document.text for document in documents] == ["Good row"]
    assert "3 cells, the header 2" in failures[0].message


def test_quotation_mark_that_is_never_closed_is_listed(tmp_path: Path) -> None:
    path = tmp_path / "news.csv"
    path.write_text('text\ngood row\n"open\nand lost\n', "utf-8")
    documents, failures = read_all(path)
    assert [document.text for document in documents] == ["good row"]
    assert [(f.source, f.message) for f in failures] == [(f"{path}:3", "a quotation mark is never closed.")]


def test_long_article_fits_a_cell(tmp_path: Path) -> None:
    text = "The envoy left town. " * 20_000
    (document,), failures = read_all(save_csv(tmp_path / "news.csv", [["text"], [text]]))
    assert (document.text, failures) == (text, [])


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.jsonl", b"\n\n", "holds no rows"),
        ("a.csv", b"text,title\n", "holds no rows"),
        ("a.csv", b"\n", "no column called text"),
        ("a.csv", b"te\0xt", "NUL"),
        ("a.jsonl", b"%PDF-1.4", "holds a PDF"),
        ("a.csv", b"PK\x03\x04", "zip archive"),
    ],
)
def test_corpus_that_holds_nothing_is_refused(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=reason):
        read_all(tmp_path / name)


def test_one_article_is_not_read_from_a_corpus(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Read it with read_documents"):
        read_document(save_lines(tmp_path / "news.jsonl", [ROW]))


@given(st.lists(st.sampled_from([json.dumps(ROW), "{broken", '{"text": ""}', "", "7"])))
def test_rows_counted_are_rows_read_or_listed(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    path = save_lines(tmp_path_factory.mktemp("corpus") / "news.jsonl", [*lines, ROW])
    documents, failures = read_all(path)
    assert count_inputs([path]) == len(documents) + len(failures)
    assert len(documents) == lines.count(json.dumps(ROW)) + 1
