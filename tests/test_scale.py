"""Analysis at scale gives what the pipeline gives, partition by partition, and goes on where it was cut short."""

from __future__ import annotations

import datetime
import json
import logging
import os
import shutil
import sys
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from analyzer.cli import main
from analyzer.errors import AnalyzerError, InputError, OutputError, ReportError
from analyzer.models import open_session
from analyzer.pipeline import analyze
from analyzer.reading import iterate_documents
from analyzer.records import Document, Failure, Models, Plan, Report, Sentence, Stance, Verdict
from analyzer.scale import ScaleResult, analyze_at_scale, read_results
from analyzer.scale.folder import KINDS, Manifest, Setting, find_done, prepare_folder
from analyzer.scale.partitions import list_partitions, load_rows, make_documents
from analyzer.scale.worker import PartitionReader
from analyzer.unify import unify_speakers
from analyzer.workspace import Workspace
from analyzer.workspace.rows import digest_plan
from tests.factories import TEXT, WordEncoder, make_plan

try:
    import pyarrow as arrow
    import ray.data
    from pyarrow import parquet
except ImportError:
    MISSING = "Ray is not installed, so NOTHING of analysis at scale is tested; run: pip install -e '.[scale]'"
    warnings.warn(pytest.PytestWarning(MISSING), stacklevel=1)
    pytest.skip(MISSING, allow_module_level=True)

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:ray.*")
ROOT = Path(__file__).resolve().parent.parent
PLAN = make_plan()
SETTING = Setting(digest_plan(PLAN), Models("words", "words/1", 0.5), "1")
TALKS = "Minister Ana Petrov fully supports China's peace plan. She called for a ceasefire and for peace talks."


class WordJudge:
    """Finds point 1 endorsed where a sentence has the word; breaks off on FAIL, and its process dies on DIE."""

    name, threshold = "words/1", 0.5

    def judge(self, document: Document, sentences: Sequence[Sentence], plan: Plan) -> list[Verdict]:
        if "FAIL" in document.text:
            raise RuntimeError("broke off")
        if "DIE" in document.text:
            os._exit(1)
        said = [s for s in sentences if "ceasefire" in s.span.of(document.text)]
        return [Verdict(s.number, "1", Stance.ENDORSES, 0.9, s.span) for s in said]


def make_models(log: Path) -> tuple[WordEncoder, WordJudge]:
    with log.open("a") as file:
        file.write(f"{os.getpid()}:{os.environ.get('OMP_NUM_THREADS')}\n")
    return WordEncoder(), WordJudge()


def article(number: int, extra: str = "") -> dict[str, Any]:
    text = TEXT.replace("Norland", f"Norland {number}").replace("Rain fell", f"Rain {number} fell")
    return {"text": text + extra, "title": f"Talks {number}", "date": "2023-03-01", "outlet": "The Herald"}


def write_jsonl(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def write_parquet(path: Path, rows: Sequence[dict[str, Any]], group: int = 2) -> Path:
    parquet.write_table(arrow.Table.from_pylist(list(rows)), path, row_group_size=group)
    return path


def read_table(out: Path, kind: str) -> list[dict[str, Any]]:
    return [row for path in sorted((out / kind).glob("*.parquet")) for row in parquet.read_table(path).to_pylist()]


def read_manifests(out: Path) -> list[Manifest]:
    return [msgspec.json.decode(p.read_bytes(), type=Manifest) for p in (out / "manifests").glob("*.json")]


def is_one_line(error: BaseException) -> bool:
    return isinstance(error, AnalyzerError) and "\n" not in str(error) and len(str(error)) < 400


class StoppedError(Exception):
    """Stands for whatever ends the driver."""


class Run:
    """One corpus that is read, cut short after its first partition, and taken up again."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.out, self.log = folder, folder / "out", folder / "loads"
        self.jsonl = write_jsonl(folder / "news.jsonl", [article(n) for n in range(3)] + [article(3, " FAIL")])
        with self.jsonl.open("a") as file:
            file.write('{"title": "no text"}\n')
        self.parquet = write_parquet(folder / "wire.parquet", [article(n) for n in range(5, 8)])
        self.inputs = [self.jsonl, self.parquet]
        self.first: dict[str, int] = {}  # the manifests that the run which was stopped has left
        self.result: ScaleResult | None = None

    def analyze(self, **options: Any) -> ScaleResult:
        return analyze_at_scale(
            self.inputs, PLAN, self.out, rows=2, make_models=partial(make_models, self.log), **options
        )

    def manifests(self) -> dict[str, int]:
        return {path.stem: path.stat().st_mtime_ns for path in (self.out / "manifests").glob("*.json")}


@pytest.fixture(scope="module")
def session() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", f"{ROOT}{os.pathsep}{ROOT / 'tests'}")
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.delenv("OMP_NUM_THREADS", raising=False)
        ray.init(
            address="local",
            num_cpus=2,
            include_dashboard=False,
            log_to_driver=False,
            logging_level=logging.ERROR,
            object_store_memory=100_000_000,
        )
        yield
        ray.shutdown()


@pytest.fixture(scope="module")
def run(session: None, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run that was stopped and then finished; what is asserted on the way is said in the tests below."""
    made = Run(tmp_path_factory.mktemp("scale"))

    def stop(done: int, total: int, name: str) -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        made.analyze(progress=stop)
    made.first = made.manifests()
    made.log.unlink()
    made.result = made.analyze()
    return made


def expect(run: Run) -> Report:
    failures: list[Failure] = []
    documents = list(iterate_documents([run.jsonl], failures.append))
    cut = list_partitions(run.inputs, 2)
    more = [d for p in cut if p.path.endswith(".parquet") for d in make_documents(p, load_rows(p)[0], failures.append)]
    return analyze([*documents, *more], PLAN, encoder=WordEncoder(), judge=WordJudge(), failures=failures)


def test_run_that_was_stopped_goes_on_with_what_is_missing(run: Run) -> None:
    first, result = run.first, run.result
    assert first and result and result.skipped == len(first)
    assert {id: run.manifests()[id] for id in first} == first
    assert (result.documents, result.failed, result.partitions, result.lost) == (6, 2, 5, ())


def test_models_are_loaded_once_by_the_driver_and_once_by_the_worker(run: Run) -> None:
    loads = dict(line.split(":") for line in run.log.read_text().split())
    assert len(loads) == len(run.log.read_text().split()) == 2
    assert [threads for pid, threads in loads.items() if pid != str(os.getpid())] == ["1"]


def test_models_keep_to_the_threads_that_the_worker_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert open_session("encoder").get_session_options().intra_op_num_threads == 1


def test_results_are_those_of_the_pipeline(run: Run) -> None:
    reports, expected = list(read_results(run.out)), expect(run)
    analyses = unify_speakers([a for r in reports for a in r.analyses], PLAN)
    assert len(analyses) == 6 and any(a.positions for a in analyses)
    assert sorted(analyses, key=lambda a: a.document.name) == sorted(expected.analyses, key=lambda a: a.document.name)
    assert {f for r in reports for f in r.failures} == set(expected.failures)
    assert {(r.plan, r.models, r.version) for r in reports} == {(PLAN, expected.models, expected.version)}


def test_tables_hold_what_was_found(run: Run) -> None:
    expected = expect(run)
    positions, statements = read_table(run.out, "positions"), read_table(run.out, "statements")
    assert len(positions) == sum(len(a.positions) for a in expected.analyses) > 0
    assert len(statements) == sum(len(a.statements) for a in expected.analyses) > 0
    texts = {row["name"]: row["text"] for row in read_table(run.out, "documents")}
    for row in (*positions, *statements):
        assert texts[row["doc"]][row["start"] : row["end"]] == row["text"]


def test_document_that_fails_is_listed_with_its_reason(run: Run) -> None:
    failures = {row["source"]: row["message"] for row in read_table(run.out, "failures")}
    assert set(failures) == {f"{run.jsonl}:4", f"{run.jsonl}:5"}
    assert "broke off" in failures[f"{run.jsonl}:4"] and "no text" in failures[f"{run.jsonl}:5"]


def test_workspace_takes_up_the_same_report(run: Run) -> None:
    with Workspace(None, WordEncoder()) as workspace:
        assert workspace.put_all(read_results(run.out)) == 6
        stored, expected = workspace.report(), expect(run)
    assert {a.document.name: a for a in stored.analyses} == {a.document.name: a for a in expected.analyses}
    assert set(stored.failures) == set(expected.failures) and stored.models == expected.models


def test_second_run_skips_every_partition_and_one_deleted_is_done_alone(run: Run) -> None:
    before = run.manifests()
    assert run.analyze().skipped == 5 and run.manifests() == before
    gone = sorted(before)[0]
    (run.out / "positions" / f"{gone}.parquet").unlink()
    assert run.analyze().skipped == 4
    assert [id for id, made in run.manifests().items() if made != before[id]] == [gone]
    assert not [p for p in run.out.rglob("*") if p.name.endswith(".part")] and not list((run.out / "tries").iterdir())


def test_partition_whose_worker_dies_is_tried_thrice_and_listed(session: None, tmp_path: Path) -> None:
    killer = write_jsonl(tmp_path / "a.jsonl", [article(1), article(2, " DIE")])
    inputs, log, out = [killer, write_jsonl(tmp_path / "b.jsonl", [article(3)])], tmp_path / "loads", tmp_path / "out"
    result = analyze_at_scale(inputs, PLAN, out, workers=2, make_models=partial(make_models, log))
    assert (result.documents, result.failed, result.partitions, len(result.lost)) == (1, 2, 2, 1)
    failures = {row["source"]: row["message"] for row in read_table(out, "failures")}
    assert set(failures) == {f"{killer}:1", f"{killer}:2"} and "died in each of 3 tries" in failures[f"{killer}:2"]
    setting = next(iter(read_manifests(out))).setting
    done = {p.path: find_done(out, p, setting) for p in list_partitions(inputs)}
    assert done[str(killer)] is None and done[str(inputs[1])]  # the next run tries again


def test_partition_that_cannot_be_read_any_more_is_listed_row_by_row_and_tried_again(tmp_path: Path) -> None:
    path, out = write_jsonl(tmp_path / "a.jsonl", [article(1), article(2)]), tmp_path / "out"
    [cut] = list_partitions([path])
    prepare_folder(out, PLAN)
    reader = PartitionReader(PLAN, out, SETTING, partial(make_models, tmp_path / "loads"))
    path.rename(tmp_path / "elsewhere")
    assert reader.read(cut).lost and find_done(out, cut, SETTING) is None
    assert [f["source"] for f in read_table(out, "failures")] == [f"{path}:1", f"{path}:2"]
    (tmp_path / "elsewhere").rename(path)
    assert not reader.read(cut).lost and find_done(out, cut, SETTING)
    assert not read_table(out, "failures")


def test_commands_read_at_scale_and_put_the_results_into_a_workspace(
    session: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out, corpus = tmp_path / "a.jsonl", str(tmp_path / "out"), str(tmp_path / "ws")
    path.write_text(json.dumps({"text": TALKS}) + "\n{broken\n", encoding="utf-8")
    assert main(["analyze", "--engine", "ray", str(path), "--out", out]) == 1
    told = capsys.readouterr()
    assert "1 analysed" in told.out and "1 failed" in told.err and told.err.count("\n") == 1
    assert main(["init", corpus]) == main(["add", "--from-parquet", out, "--workspace", corpus]) == 0
    with Workspace(corpus) as workspace:
        report = workspace.report()
    assert [a.document.text for a in report.analyses] == [TALKS]
    assert {p.target for p in report.analyses[0].positions} >= {"3", "4"}
    assert [f.source for f in report.failures] == [f"{path}:2"]


def test_partition_of_rows_that_are_gone_is_dropped(run: Run, tmp_path: Path) -> None:
    out, whole = tmp_path / "out", run.jsonl.read_bytes()
    shutil.copytree(run.out, out)
    run.jsonl.write_bytes(b"".join(whole.splitlines(keepends=True)[:4]))
    try:
        result = analyze_at_scale(run.inputs, PLAN, out, rows=2, make_models=partial(make_models, run.log))
    finally:
        run.jsonl.write_bytes(whole)
    assert (result.partitions, result.skipped, result.failed) == (4, 4, 1)
    assert {len(list((out / kind).iterdir())) for kind in (*KINDS, "manifests")} == {4}
    assert sum(len(r.failures) for r in read_results(out)) == 1


def test_other_plan_is_not_written_into_the_same_folder(run: Run) -> None:
    with pytest.raises(OutputError, match="holds results on harbour-2031") as caught:
        analyze_at_scale(run.inputs, replace(PLAN, id="other"), run.out, make_models=partial(make_models, run.log))
    assert is_one_line(caught.value)


def test_folder_of_something_else_is_not_written_to(run: Run, tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_bytes(b"mine")
    with pytest.raises(OutputError, match="is not empty") as caught:
        analyze_at_scale(run.inputs, PLAN, tmp_path, make_models=partial(make_models, run.log))
    assert is_one_line(caught.value) and [p.name for p in tmp_path.iterdir()] == ["thesis.docx"]


@pytest.mark.parametrize("rows", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_partitions_cover_each_row_once_with_its_number(rows: int, suffix: str, tmp_path: Path) -> None:
    path, articles = tmp_path / f"a.{suffix}", [article(n) for n in range(7)]
    if suffix == "jsonl":
        write_jsonl(path, articles)
    else:
        write_parquet(path, articles, group=3)
    cut = list_partitions([path], rows)
    assert len(cut) == -(-7 // rows) and len({p.id for p in cut}) == len(cut)
    found = [row for p in cut for row in load_rows(p)[0]]
    assert [number for number, _ in found] == list(range(1, 8))
    assert [row["title"] for _, row in found if isinstance(row, dict)] == [a["title"] for a in articles]
    assert len({load_rows(p)[1] for p in cut}) == len(cut)


def test_rows_of_jsonl_are_numbered_by_lines_with_mark_blank_lines_and_crlf(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"text": "One."}\r\n\n\n\n{"text": "Two."}\n{"text": "\xff"}\nnonsense')
    found = [row for p in list_partitions([path], 2) for row in load_rows(p)[0]]
    assert [number for number, _ in found] == [1, 5, 6, 7]
    assert [row["text"] for _, row in found[:2] if isinstance(row, dict)] == ["One.", "Two."]
    assert all(isinstance(row, str) for _, row in found[2:])


def test_row_may_carry_its_own_name_and_date_of_a_parquet_column_is_read(tmp_path: Path) -> None:
    rows = [article(n) | {"name": "same", "Date": datetime.date(2024, 5, 6)} for n in range(2)]
    for row in rows:
        row.pop("date")
    [cut] = list_partitions([write_parquet(tmp_path / "a.parquet", rows)])
    failures: list[Failure] = []
    documents = list(make_documents(cut, load_rows(cut)[0], failures.append))
    assert [d.name for d in documents] == ["same", "same~"] and not failures
    assert {(d.date, d.format, d.source[-2:]) for d in documents} == {
        (datetime.date(2024, 5, 6), "parquet", ":1"),
        (datetime.date(2024, 5, 6), "parquet", ":2"),
    }


def test_inputs_may_be_folders_and_patterns_and_a_file_counts_once(tmp_path: Path) -> None:
    inner = tmp_path / "in"
    (inner / "deep").mkdir(parents=True)
    paths = [write_jsonl(inner / "a.jsonl", [article(1)]), write_jsonl(inner / "deep" / "b.jsonl", [article(2)])]
    (inner / "_SUCCESS").touch()
    (inner / ".hidden.txt").touch()
    found = [Path(p.path) for p in list_partitions([inner, inner / "**" / "*.jsonl", paths[0]])]
    assert sorted(found) == sorted(paths)


def test_row_with_half_of_a_surrogate_pair_is_listed(tmp_path: Path) -> None:
    [cut] = list_partitions([write_jsonl(tmp_path / "a.jsonl", [article(1) | {"title": "\ud800"}, article(2)])])
    failures: list[Failure] = []
    assert [d.name for d in make_documents(cut, load_rows(cut)[0], failures.append)] == ["a:2"]
    assert [(f.source[-2:], "surrogate" in f.message) for f in failures] == [(":1", True)]


def test_damaged_file_among_others_is_a_partition_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 not really")
    write_jsonl(tmp_path / "good.jsonl", [article(1)])
    problems = [p.problem for p in list_partitions([tmp_path])]
    assert len(problems) == 2 and "damaged or not Parquet" in problems[0] and not problems[1]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing.jsonl", None, "does not exist"),
        ("none-*.jsonl", None, "no file fits"),
        ("speech.pdf", b"%PDF-", "only .jsonl and .parquet"),
        ("table.csv", b"text\nword\n", "only .jsonl and .parquet"),
        ("empty.jsonl", b"", "no rows"),
        ("blank.jsonl", b"\n \n", "no rows"),
        ("utf16.jsonl", '{"text": "a"}'.encode("utf-16"), "NUL bytes"),
        ("bad.parquet", b"PAR1 not really", "not Parquet"),
    ],
)
def test_input_that_cannot_be_read_is_refused_in_one_line(
    name: str, content: bytes | None, message: str, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        list_partitions([tmp_path / name])
    assert is_one_line(caught.value)


def test_parquet_without_text_and_folder_with_other_files_are_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no column called text, only 'body'") as caught:
        list_partitions([write_parquet(tmp_path / "a.parquet", [{"body": "words"}])])
    assert is_one_line(caught.value)
    (tmp_path / "notes.txt").touch()
    with pytest.raises(InputError, match=r"neither .jsonl nor .parquet, first notes.txt") as caught:
        list_partitions([tmp_path])
    assert is_one_line(caught.value)


def test_folder_without_results_is_refused_at_once_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="holds no results") as caught:
        read_results(tmp_path)
    assert is_one_line(caught.value)


def test_damaged_results_are_told_in_one_line(run: Run, tmp_path: Path) -> None:
    shutil.copytree(run.out, tmp_path / "copy")
    for path in (tmp_path / "copy" / "documents").iterdir():
        path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ReportError, match="is damaged") as caught:
        next(read_results(tmp_path / "copy"))
    assert is_one_line(caught.value)


def test_missing_ray_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "ray.data", None)
    with pytest.raises(InputError, match=r"pip install 'peace-plan-analyzer\[scale\]'") as caught:
        analyze_at_scale([write_jsonl(tmp_path / "a.jsonl", [article(1)])], PLAN, tmp_path / "out")
    assert is_one_line(caught.value) and not (tmp_path / "out").exists()


def test_every_kind_of_file_stands_beside_each_manifest(run: Run) -> None:
    for id in run.manifests():
        assert all((run.out / kind / f"{id}.parquet").is_file() for kind in KINDS)
