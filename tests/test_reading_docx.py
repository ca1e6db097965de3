"""Word files: order, what is read and what is not, and files that are none."""

from __future__ import annotations

import datetime
import zipfile
from pathlib import Path

import pytest
from documents import ARTICLE, write_docx, write_zip_bomb

from analyzer.errors import InputError
from analyzer.reading import read_document


def rewrite(path: Path, old: str, new: str, part: str = "word/document.xml") -> Path:
    """Replace words in one part of a Word file."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old.encode() in parts[part]
    parts[part] = parts[part].replace(old.encode(), new.encode())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def test_paragraphs_and_tables_keep_their_order(tmp_path: Path) -> None:
    table = [["Who", "What"], ["Norlandia", "supports it"]]
    path = write_docx(tmp_path / "a.docx", ARTICLE[:2], table=table, after=ARTICLE[2])
    document = read_document(path)
    assert document.text.split("\n\n") == [*ARTICLE[:2], "Who", "What", "Norlandia", "supports it", ARTICLE[2]]
    assert (document.name, document.format, document.notices) == ("a", "docx", ())


def test_title_comes_from_the_properties_and_the_template_date_is_no_date(tmp_path: Path) -> None:
    document = read_document(write_docx(tmp_path / "a.docx", ARTICLE, title="Norlandia backs the proposal"))
    assert (document.title, document.date) == ("Norlandia backs the proposal", None)


def test_date_comes_from_a_line_or_else_from_the_properties(tmp_path: Path) -> None:
    path = write_docx(tmp_path / "a.docx", ARTICLE)
    rewrite(path, "2013-12-23", "2023-03-05", "docProps/core.xml")
    assert read_document(path).date == datetime.date(2023, 3, 5)
    path = write_docx(tmp_path / "b.docx", ["1 March 2023", *ARTICLE])
    rewrite(path, "2013-12-23", "2023-03-05", "docProps/core.xml")
    assert read_document(path).date == datetime.date(2023, 3, 1)


def test_inserted_words_are_read_and_deleted_ones_are_not(tmp_path: Path) -> None:
    path = write_docx(tmp_path / "a.docx", ["The envoy left town."])
    rewrite(
        path,
        "<w:r><w:t>The envoy left town.</w:t></w:r>",
        "<w:r><w:t>The envoy </w:t></w:r><w:ins><w:r><w:t>never </w:t></w:r></w:ins>"
        "<w:del><w:r><w:t>always </w:t></w:r></w:del><w:r><w:t>left</w:t><w:tab/><w:t>town.</w:t></w:r>",
    )
    assert read_document(path).text == "The envoy never left\ttown."


def test_content_controls_are_read(tmp_path: Path) -> None:
    path = write_docx(tmp_path / "a.docx", ["The envoy left town."])
    rewrite(path, "<w:p><w:r>", "<w:sdt><w:sdtContent><w:p><w:r>")
    rewrite(path, "</w:p>", "</w:p></w:sdtContent></w:sdt>")
    assert read_document(path).text == "The envoy left town."


def test_text_box_is_left_out_and_told(tmp_path: Path) -> None:
    path = write_docx(tmp_path / "a.docx", ["The envoy left town."])
    box = "<w:pict><w:txbxContent><w:p><w:r><w:t>A pulled quotation</w:t></w:r></w:p></w:txbxContent></w:pict>"
    rewrite(path, "<w:t>The", f"{box}<w:t>The")
    document = read_document(path)
    assert document.text == "The envoy left town."
    assert "1 text box" in document.notices[0].message


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"plain words", "is no .docx file"),
        (b"PK\x03\x04 broken", "is no .docx file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 rest", "password"),
    ],
)
def test_file_that_is_no_word_file_is_refused(tmp_path: Path, data: bytes, reason: str) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(data)
    with pytest.raises(InputError, match=reason):
        read_document(path)


def test_other_zip_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("photo.txt", "no Word file")
    with pytest.raises(InputError, match="is a zip archive, but no Word file"):
        read_document(path)


@pytest.mark.parametrize("megabytes", [30, 250])
def test_zip_bomb_is_refused_before_it_is_opened(tmp_path: Path, megabytes: int) -> None:
    path = write_zip_bomb(tmp_path / "a.docx", megabytes)
    assert path.stat().st_size < 1_000_000
    with pytest.raises(InputError, match=f"unpack to {megabytes},000,000, more than is safe"):
        read_document(path)


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    path = write_docx(tmp_path / "a.docx", ["The envoy left town."])
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(9))
    with zipfile.ZipFile(path) as archive:
        head = archive.read("word/document.xml").decode().split("<w:document")[0]
    rewrite(path, head, f"{head}<!DOCTYPE x [{laughs}]>")
    rewrite(path, "The envoy", "&a8; The envoy")
    try:
        assert len(read_document(path).text) < 1_000
    except InputError as error:
        assert "damaged" in str(error)


def test_truncated_word_file_is_refused(tmp_path: Path) -> None:
    path = write_docx(tmp_path / "a.docx", ARTICLE)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(InputError, match="damaged"):
        read_document(path)


def test_word_file_without_words_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no words"):
        read_document(write_docx(tmp_path / "a.docx", ["", "  "]))
