"""Files, folders and corpora together: names, failures, and nothing but InputError for bad input."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from documents import ARTICLE, make_article_page, page_of, write_docx, write_pdf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyzer.errors import InputError
from analyzer.reading import count_inputs, iterate_documents, read_document
from analyzer.reading.files import show_path
from analyzer.records import Document, Failure

TEXT = "The envoy left town."


def read_all(*paths: Path | str) -> tuple[list[Document], list[Failure]]:
    failures: list[Failure] = []
    return list(iterate_documents(paths, failures.append)), failures


def plant(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{TEXT} {name}", "utf-8")


def test_folder_is_read_recursively_in_order(tmp_path: Path) -> None:
    plant(tmp_path, "b.txt", "a/z.txt", "a/y.txt", "c/d/e.txt")
    documents, failures = read_all(tmp_path)
    assert [document.name for document in documents] == ["y", "z", "b", "e"]
    assert failures == []


def test_every_kind_of_file_is_read_from_a_folder(tmp_path: Path) -> None:
    plant(tmp_path, "a.txt")
    (tmp_path / "b.html").write_text(make_article_page(), "utf-8")
    write_pdf(tmp_path / "c.pdf", [page_of(ARTICLE)])
    write_docx(tmp_path / "d.docx", ARTICLE)
    (tmp_path / "e.jsonl").write_text(json.dumps({"text": TEXT}), "utf-8")
    (tmp_path / "f.csv").write_text(f"text\n{TEXT}\n", "utf-8")
    documents, failures = read_all(tmp_path)
    assert [document.format for document in documents] == ["txt", "html", "pdf", "docx", "jsonl", "csv"]
    assert failures == []
    assert count_inputs([tmp_path]) == 6


@pytest.mark.parametrize(
    ("name", "date"),
    [
        ("2023-03-01-reactions", "2023-03-01"),
        ("20230301 x", "2023-03-01"),
        ("2023-05-talks", None),
        ("2023-13-01", None),
    ],
)
def test_date_that_a_file_name_begins_with_is_its_articles(tmp_path: Path, name: str, date: str | None) -> None:
    (tmp_path / f"{name}.txt").write_text(TEXT)
    read = read_document(tmp_path / f"{name}.txt").date
    assert (read and read.isoformat()) == date


def test_date_at_the_head_of_a_text_goes_before_that_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "2023-03-01-talks.txt").write_text(f"Talks in Oslo\n\n5 May 2022\n\n{TEXT}")
    assert str(read_document(tmp_path / "2023-03-01-talks.txt").date) == "2022-05-05"


def test_bad_file_in_a_folder_is_listed_and_the_good_ones_are_read(tmp_path: Path) -> None:
    plant(tmp_path, "a.txt", "c.txt")
    (tmp_path / "b.pdf").write_bytes(b"no pdf")
    (tmp_path / "d.xls").write_bytes(b"cells")
    (tmp_path / "e.txt").write_bytes(b"")
    (tmp_path / "f.csv").write_text("headline\nx\n", "utf-8")
    documents, failures = read_all(tmp_path)
    assert [document.name for document in documents] == ["a", "c"]
    assert [Path(failure.source).name for failure in failures] == ["b.pdf", "d.xls", "e.txt", "f.csv"]
    assert failures[0].message.startswith("is no PDF file")
    assert "'.xls' is not a kind of file that can be read. Known: .txt, .html" in failures[1].message
    assert failures[2].message == "is empty (0 bytes)."


def test_hidden_entries_are_passed_over_in_silence(tmp_path: Path) -> None:
    plant(tmp_path, "a.txt", ".hidden.txt", ".git/b.txt", ".DS_Store")
    documents, failures = read_all(tmp_path)
    assert ([document.name for document in documents], failures) == (["a"], [])


def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    plant(tmp_path, "a/b.txt")
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    (tmp_path / "a" / "nowhere.txt").symlink_to(tmp_path / "missing")
    documents, failures = read_all(tmp_path)
    assert [document.name for document in documents] == ["b"]
    assert {Path(f.source).name: f.message[:14] for f in failures} == {
        "loop": "is a link to a",
        "nowhere.txt": "does not exist",
    }


def test_pipe_in_a_folder_does_not_hang(tmp_path: Path) -> None:
    plant(tmp_path, "a.txt")
    os.mkfifo(tmp_path / "b.txt")
    documents, failures = read_all(tmp_path)
    assert [document.name for document in documents] == ["a"]
    assert [failure.message for failure in failures] == ["is not a regular file."]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a/x.txt", "b/x.txt"], ["a/x", "b/x"]),
        (["a/x.txt", "b/x.txt", "y.txt"], ["a/x", "b/x", "y"]),
        (["x.html.txt", "x.txt"], ["x.html", "x"]),
        (["a/p/x.txt", "b/p/x.txt"], ["a/p/x", "b/p/x"]),
        (["a/x.htm.txt", "a/x.jsonl", "b/x.txt"], ["x.htm", "a/x:1", "b/x"]),
    ],
)
def test_equal_stems_are_told_apart_by_their_folders(tmp_path: Path, names: list[str], expected: list[str]) -> None:
    plant(tmp_path, *names)
    for name in names:
        if name.endswith("jsonl"):
            (tmp_path / name).write_text(json.dumps({"text": TEXT}), "utf-8")
    documents, _ = read_all(tmp_path)
    assert [document.name for document in documents] == expected


def test_twins_in_one_folder_keep_their_suffix(tmp_path: Path) -> None:
    plant(tmp_path, "x.txt")
    write_docx(tmp_path / "x.docx", ARTICLE)
    documents, _ = read_all(tmp_path)
    assert [document.name for document in documents] == ["x.docx", "x.txt"]


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.sampled_from(["", "a/", "b/"]), st.sampled_from(["x", "y", "x~", "c:1"])),
        min_size=1,
    )
)
def test_names_are_unique(tmp_path_factory: pytest.TempPathFactory, parts: list[tuple[str, str, str]]) -> None:
    folder = tmp_path_factory.mktemp("names")
    plant(folder, *(f"{a}/{b}{c}.txt" for a, b, c in parts))
    (folder / "c.jsonl").write_text(json.dumps({"text": TEXT}), "utf-8")
    documents, failures = read_all(folder)
    assert len({document.name for document in documents}) == len(documents) == len(set(parts)) + 1
    assert failures == []


def test_file_named_twice_is_read_once(tmp_path: Path) -> None:
    plant(tmp_path, "a.txt", "b.txt")
    documents, _ = read_all(tmp_path / "b.txt", tmp_path, str(tmp_path / "a.txt"))
    assert [document.name for document in documents] == ["b", "a"]


def test_single_path_may_stand_for_a_list(tmp_path: Path) -> None:
    plant(tmp_path, "a.txt")
    assert [document.name for document in iterate_documents(str(tmp_path / "a.txt"), lambda _: None)] == ["a"]
    assert count_inputs(str(tmp_path)) == 1


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing.txt", "does not exist"),
        ("folder", "the folder holds no files to read"),
        ("a.xyz", "'.xyz' is not a kind of file"),
        ("noname", "a name without suffix"),
        ("empty.txt", "is empty"),
        ("nul\0.txt", "cannot be read"),
        ("n" * 300 + ".txt", "cannot be read"),
        ("a.txt/b.txt", "cannot be read"),
    ],
)
def test_bad_named_path_raises_before_anything_is_read(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "folder").mkdir()
    plant(tmp_path, "a.txt", "a.xyz", "noname")
    (tmp_path / "empty.txt").touch()
    with pytest.raises(InputError, match=reason) as caught:
        iterate_documents([tmp_path / "a.txt", tmp_path / name], lambda _: None)
    assert "\n" not in str(caught.value)
    with pytest.raises(InputError):
        read_document(tmp_path / name)


def test_only_named_file_that_proves_unreadable_raises(tmp_path: Path) -> None:
    (tmp_path / "b.pdf").write_bytes(b"no pdf")
    with pytest.raises(InputError, match="is no PDF"):
        next(iterate_documents([tmp_path / "b.pdf"], lambda _: None))


def test_named_file_that_proves_unreadable_does_not_cost_the_others(tmp_path: Path) -> None:
    plant(tmp_path, "a.txt", "c.txt")
    (tmp_path / "b.pdf").write_bytes(b"no pdf")
    failures: list[Failure] = []
    named = [tmp_path / "a.txt", tmp_path / "b.pdf", tmp_path / "c.txt"]
    assert [d.name for d in iterate_documents(named, failures.append)] == ["a", "c"]
    assert [Path(f.source).name for f in failures] == ["b.pdf"]


def test_folder_is_no_article(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder"):
        read_document(tmp_path)


def test_odd_file_names_stay_on_one_line(tmp_path: Path) -> None:
    odd = os.fsdecode(b"a\nb\xff.txt")
    (tmp_path / odd).write_text(TEXT, "utf-8")
    document = read_document(tmp_path / odd)
    assert document.name == "a\\nb\\udcff"
    assert document.source == show_path(tmp_path / odd)
    document.source.encode("utf-8")


def pack(parts: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return data.getvalue()


def as_it_is(data: bytes) -> bytes:
    return data


WRAPPERS: list[tuple[str, Callable[[bytes], bytes]]] = [
    (".txt", as_it_is),
    (".html", as_it_is),
    (".html", lambda data: b"<html><body><p>" + data + b"</p></body></html>"),
    (".pdf", as_it_is),
    (".pdf", lambda data: b"%PDF-1.5\n1 0 obj\n" + data + b"\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF"),
    (".docx", as_it_is),
    (".docx", lambda data: pack({"[Content_Types].xml": data, "word/document.xml": data})),
    (".jsonl", as_it_is),
    (".csv", as_it_is),
    (".csv", lambda data: b"text,date\n" + data),
]


@pytest.mark.parametrize(("suffix", "wrap"), WRAPPERS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(min_size=1, max_size=400))
def test_any_bytes_give_documents_or_an_input_error(
    tmp_path: Path, suffix: str, wrap: Callable[[bytes], bytes], data: bytes
) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(wrap(data))
    try:
        documents, _ = read_all(path)
    except InputError as error:
        assert str(error).startswith(str(path))
        assert "\n" not in str(error)
    else:
        for document in documents:
            document.text.encode("utf-8")
    folder_documents, failures = read_all(tmp_path)
    assert folder_documents or failures


@pytest.mark.parametrize("suffix", [".pdf", ".docx", ".html"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.floats(0, 1), noise=st.binary(min_size=1, max_size=12))
def test_damage_anywhere_gives_a_document_or_an_input_error(
    tmp_path: Path, suffix: str, at: float, noise: bytes
) -> None:
    whole = tmp_path / f"whole{suffix}"
    if not whole.exists():
        if suffix == ".pdf":
            write_pdf(whole, [page_of(ARTICLE)])
        elif suffix == ".docx":
            write_docx(whole, ARTICLE)
        else:
            whole.write_text(make_article_page(), "utf-8")
    data = whole.read_bytes()
    place = int(at * len(data))
    path = tmp_path / f"a{suffix}"
    path.write_bytes(data[:place] + noise + data[place + len(noise) :])
    try:
        assert read_document(path).text
    except InputError as error:
        assert "\n" not in str(error)


def test_importing_the_readers_loads_none_of_their_libraries() -> None:
    heavy = "pdfplumber pdfminer trafilatura docx lxml charset_normalizer torch spacy"
    code = f"import sys, analyzer.reading; print([m for m in {heavy.split()} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_libraries_write_nothing_to_the_terminal(tmp_path: Path) -> None:
    write_pdf(tmp_path / "a.pdf", [page_of(ARTICLE)])
    damaged = (tmp_path / "a.pdf").read_bytes().replace(b"/BaseFont /Helvetica", b"/BaseFont /Hexxetica")
    (tmp_path / "b.pdf").write_bytes(damaged)
    (tmp_path / "c.html").write_text("<html></html>", "utf-8")
    code = (
        "import sys; from analyzer.reading import iterate_documents; "
        "print(len(list(iterate_documents([sys.argv[1]], lambda failure: None))))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert (done.stdout.strip(), done.stderr) == ("2", "")
