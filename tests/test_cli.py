"""The command line: what it prints, what it writes, and one clear line for bad input."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from documents import ARTICLE, page_of, write_pdf, write_zip_bomb

from analyzer import load_report
from analyzer.cli import main

TEXT = (
    "Envoy backs Beijing's paper\n\n"
    "Deputy Minister Ana Petrov told reporters on Tuesday that she fully supports China's peace plan. "
    "She called for a ceasefire and for peace talks. "
    "The paper does not demand that Russia withdraw its troops from Ukraine."
)


@pytest.fixture
def article(tmp_path: Path) -> Path:
    path = tmp_path / "envoy.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def run(*args: object) -> int:
    return main([str(a) for a in args])


def test_table_names_points_omissions_and_gaps(article: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("analyze", article) == 0
    out = capsys.readouterr().out
    assert "Ceasing hostilities" in out
    assert "Omitted points" in out
    assert "Withdrawal of Russian troops" in out


def test_jsonl_has_what_each_line_promises(article: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("analyze", article, "--format", "jsonl") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines
    keys = {"doc", "plan", "start", "end", "text", "speaker", "cue", "target", "stance", "confidence", "evidence"}
    for line in lines:
        assert keys | {"candidates"} <= line.keys()
        assert line["doc"] == "envoy"
        assert TEXT[line["start"] : line["end"]] == line["text"]
        assert TEXT[line["evidence"]["start"] : line["evidence"]["end"]] == line["evidence"]["text"]
        assert 0 <= line["confidence"] <= 1


def test_plain_positions_are_found(article: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("analyze", article, "--format", "jsonl")
    found = {(p["target"], p["stance"]) for p in map(json.loads, capsys.readouterr().out.splitlines())}
    assert {("plan", "endorses"), ("3", "endorses"), ("4", "endorses"), ("gap:troop-withdrawal", "raises")} <= found


def test_saved_report_is_loaded_and_shown_again(
    article: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = tmp_path / "report.json"
    assert run("analyze", article, "--out", saved) == 0
    assert load_report(saved).analyses[0].document.text == TEXT
    assert run("show", saved, "--out", tmp_path / "page.html") == 0
    assert (tmp_path / "page.html").read_text(encoding="utf-8").lower().startswith("<!doctype html>")
    assert run("show", saved) == 0
    assert "Ceasing hostilities" in capsys.readouterr().out


@pytest.mark.parametrize("suffix", ["json", "jsonl", "csv", "md", "html"])
def test_suffix_of_out_chooses_the_format(article: Path, tmp_path: Path, suffix: str) -> None:
    assert run("analyze", article, "--out", tmp_path / f"o.{suffix}") == 0
    head = (tmp_path / f"o.{suffix}").read_text(encoding="utf-8-sig").lstrip()[:40]
    expected = {"json": "{", "jsonl": '{"', "csv": "doc,", "md": "#", "html": "<!doctype html>"}[suffix]
    assert head.lower().startswith(expected)


def test_same_input_gives_the_same_report(article: Path, tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        run("analyze", article, "--out", tmp_path / name)
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def _write(name: str, content: bytes) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return write


def _pdf(name: str, cut: int | None = None, **options: object) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = write_pdf(folder / name, [page_of(ARTICLE)] if not options.pop("blank", False) else [[]], **options)  # type: ignore[arg-type]
        if cut:
            path.write_bytes(path.read_bytes()[:cut])
        return path

    return write


BAD_INPUT = [
    ("missing path", lambda folder: folder / "nothing.txt", "does not exist"),
    ("empty file", _write("empty.txt", b""), "empty"),
    ("binary file", _write("binary.txt", bytes(range(256)) * 20), "not text"),
    ("NUL bytes", _write("nul.txt", b"Talks\x00\x00\x00 began" * 9), "NUL"),
    ("unknown suffix", _write("talks.xyz", b"Talks began."), "kind of file"),
    ("password-protected PDF", _pdf("locked.pdf", password="secret"), "password"),
    ("PDF without a text layer", _pdf("scan.pdf", blank=True), "ocrmypdf"),
    ("truncated PDF", _pdf("cut.pdf", cut=400), "damaged|truncated|cut"),
    ("HTML without an article", _write("page.html", b"<html><body><nav>Home</nav></body></html>"), "no article"),
    ("DOCX that is no zip", _write("talks.docx", b"no zip at all"), "no Word document|not a|is no"),
    ("DOCX zip bomb", lambda folder: write_zip_bomb(folder / "bomb.docx", 300), "MB"),
    ("CSV without a text column", _write("rows.csv", b"title,body\nA,B\n"), "text"),
]


@pytest.mark.parametrize(("make", "words"), [b[1:] for b in BAD_INPUT], ids=[b[0] for b in BAD_INPUT])
def test_bad_input_gets_one_line_and_status_2(
    make: Callable[[Path], Path], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = make(tmp_path)
    assert run("analyze", path, "--out", tmp_path / "out.json") == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert path.name in captured.err
    assert re.search(words, captured.err, re.IGNORECASE), captured.err
    assert not (tmp_path / "out.json").exists()


def test_broken_jsonl_line_is_named_and_the_others_are_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({"text": TEXT}) + "\n{broken\n" + json.dumps({"text": TEXT}) + "\n", encoding="utf-8")
    assert run("analyze", path, "--format", "jsonl") == 1
    captured = capsys.readouterr()
    assert {json.loads(line)["doc"] for line in captured.out.splitlines()} == {"rows:1", "rows:3"}
    assert "rows.jsonl:2" in captured.err


def test_one_bad_file_in_a_folder_is_listed_and_the_good_ones_are_analysed(
    article: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    article.rename(folder / "good.txt")
    (folder / "bad.pdf").write_bytes(b"no pdf")
    assert run("analyze", folder, "--out", tmp_path / "out.json") == 1
    err = capsys.readouterr().err
    assert "bad.pdf" in err
    assert "1 analysed, 1 failed" in err
    report = load_report(tmp_path / "out.json")
    assert [a.document.name for a in report.analyses] == ["good"]
    assert [Path(f.source).name for f in report.failures] == ["bad.pdf"]


def test_output_that_cannot_be_written_is_refused_before_any_work(
    article: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("analyze", article, "--out", article / "out.json") == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["envoy.txt"]


def test_unknown_plan_suggests_the_nearest(article: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("analyze", article, "--plan", "china-2032") == 2
    assert "china-2023" in capsys.readouterr().err


def test_plan_may_be_a_file(article: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = tmp_path / "mine.toml"
    assert run("plans", "import", _numbered(tmp_path), "-o", plan) == 0
    assert run("plans", "check", plan) == 0
    capsys.readouterr()
    assert run("analyze", article, "--plan", plan, "--format", "json") == 0
    assert json.loads(capsys.readouterr().out)["report"]["plan"]["id"] == "mine"


def _numbered(folder: Path) -> Path:
    path = folder / "proposal.txt"
    path.write_text(
        "Proposal\n\n1. Guns fall silent at noon.\n\n2. Talks open within a week.\n\n3. Prisoners go home.\n",
        encoding="utf-8",
    )
    return path


def test_import_never_overwrites(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text("my work", encoding="utf-8")
    assert run("plans", "import", _numbered(tmp_path), "-o", mine) == 2
    assert mine.read_text(encoding="utf-8") == "my work"
    assert "exists already" in capsys.readouterr().err


def test_plans_are_listed_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("plans") == 0
    assert "china-2023" in capsys.readouterr().out
    assert run("plans", "show", "china-2023") == 0
    out = capsys.readouterr().out
    assert "Stopping unilateral sanctions" in out
    assert "gap:troop-withdrawal" in out


def test_document_without_positions_omits_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "weather.txt"
    path.write_text("It rained in the hills all day. The river rose by a hand.", encoding="utf-8")
    assert run("analyze", path) == 0
    out = capsys.readouterr().out
    assert "no position on this plan was found" in out
    assert "Omitted points" not in out


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["a.jsonl"], "--out DIR"),
        (["a.jsonl", "--out", "envoy.txt"], "--out DIR"),
        (["--out", "o"], "name .jsonl or .parquet"),
        (["envoy.txt", "--out", "o"], "only .jsonl and .parquet"),
        (["a.jsonl", "--out", "o", "--workers", "0"], "at least one worker"),
        (["a.jsonl", "--out", "o", "--format", "csv"], "^peaceplan: --format: not with"),
        (["a.jsonl", "--out", "o", "--aliases", "a.toml"], "^peaceplan: --aliases: not with"),
        (["a.jsonl", "--out", "o", "--workspace", "w"], "^peaceplan: --workspace: not with"),
        (["a.jsonl", "--out", "o", "--plan", "p", "--plan", "q"], "^peaceplan: a second --plan: not with"),
    ],
)
def test_what_does_not_go_with_ray_gets_one_line_and_status_2(
    args: list[str],
    words: str,
    article: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("analyze", "--engine", "ray", *args) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1 and re.search(words, err), err
    assert not (tmp_path / "o").exists()


def test_stopped_run_at_scale_says_that_what_is_complete_is_kept(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(*args: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("analyzer.scale.analyze_at_scale", stop)
    assert run("analyze", "--engine", "ray", "a.jsonl", "--out", "o") == 130
    assert "what is complete in o is kept" in capsys.readouterr().err


@pytest.mark.parametrize(
    "args", [("analyze", "a.jsonl", "--workers", "2"), ("add",), ("add", "a", "--from-parquet", "o")]
)
def test_option_that_does_not_fit_is_told_in_one_line(
    args: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*args) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_closed_pipe_ends_quietly(article: Path) -> None:
    command = f"{sys.executable} -m analyzer.cli analyze {article} --format json | head -c 1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, env={**os.environ}, check=False)
    assert "Traceback" not in done.stderr
