"""The folder of results: four Parquet files and a manifest for each partition, and the plan as it was read.

A file is written beside its place and renamed when it is complete; the manifest comes last.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import pyarrow
from filelock import FileLock, Timeout
from pyarrow import parquet

from analyzer.errors import InputError, OutputError, ReportError
from analyzer.export.tables import report_to_jsonl
from analyzer.reading.files import show_path
from analyzer.records import Analysis, Failure, Models, Plan, Report
from analyzer.report import check_report
from analyzer.scale.partitions import Partition, load_rows
from analyzer.workspace.rows import digest_plan, pack_plan, unpack_plan


def _make_schemas() -> dict[str, Any]:
    """Written down, for a column without a value in one partition must have its type all the same."""
    words, number, real, day = pyarrow.string(), pyarrow.int64(), pyarrow.float64(), pyarrow.date32()
    place = {"doc": words, "source": words}
    within = {"sentence": number, "start": number, "end": number}
    said = {"speech": words, "cue": words, "when": words, "said_on": day}
    columns = {
        "documents": {
            **dict.fromkeys(("name", "source", "format", "title"), words),
            "date": day,
            **dict.fromkeys(("outlet", "url", "text", "analysis"), words),
        },
        "statements": {**place, **within, "text": words, "speakers": pyarrow.list_(words), **said},
        "positions": {
            **place,
            "plan": words,
            **within,
            "page": number,
            **dict.fromkeys(("text", "speaker", "speaker_kind", "resolution"), words),
            **said,
            "document_date": day,
            **dict.fromkeys(("target", "target_title", "stance"), words),
            "confidence": real,
            "evidence": pyarrow.struct({"start": number, "end": number, "text": words}),
            "candidates": pyarrow.list_(
                pyarrow.struct({"target": words, "chance": real, "similarity": real, "wording": words})
            ),
        },
        "failures": {"source": words, "message": words},
    }
    return {kind: pyarrow.schema(list(fields.items())) for kind, fields in columns.items()}


SCHEMAS = _make_schemas()
KINDS = tuple(SCHEMAS)


@dataclass(frozen=True, slots=True)
class Setting:
    """What decides on a result besides the rows themselves."""

    plan: str  # digest_plan
    models: Models
    version: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What made a partition, and how much there is in it."""

    setting: Setting
    digest: str  # of its rows; "" if it was given up, so that the next run tries again
    source: str  # where it begins
    documents: int
    failed: int
    seconds: float
    cpu_seconds: float  # of all threads
    memory: float  # MB, the most that the worker held up to then
    worker: str  # machine:process

    @property
    def lost(self) -> bool:
        """True if it was given up."""
        return not self.digest


def prepare_folder(out: Path, plan: Plan) -> None:
    """Make the folder or make sure that it is one of ours, for this plan; OutputError if it is not."""
    shown = show_path(out)
    with explain_writing(out):
        known = {path.stem.rpartition(".")[0] for path in out.glob("plans/*.json")}
        if not known and out.exists() and any(out.iterdir()):
            raise OutputError(f"{shown}: is not empty and holds no results of such a run; name a new folder")
        if known - {plan.id}:
            raise OutputError(f"{shown}: holds results on {', '.join(sorted(known))}; name another for {plan.id}")
        for kind in ("plans", *KINDS, "manifests", "tries"):
            (out / kind).mkdir(parents=True, exist_ok=True)
        _replace(out / "plans" / f"{plan.id}.{digest_plan(plan)}.json", pack_plan(plan))


@contextmanager
def hold_folder(out: Path) -> Iterator[None]:
    """Be the one run that writes there; OutputError if another does."""
    lock = FileLock(out / ".lock")
    with explain_writing(out):
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise OutputError(f"{show_path(out)}: another run is writing there; wait until it has finished") from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def explain_writing(out: Path) -> Iterator[None]:
    """Whatever keeps the folder from being written is an OutputError of one line."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"{show_path(out)}: cannot be written ({error.strerror or error}).") from error


def drop_leftovers(out: Path, partitions: Sequence[Partition]) -> None:
    """Forget tries of an earlier run, and partitions of a file that has become shorter."""
    ids = {partition.id for partition in partitions}
    files = {id.rpartition("-")[0] for id in ids}
    with explain_writing(out):
        for mark in (out / "tries").iterdir():
            mark.unlink()
        for path in (out / "manifests").glob("*.json"):
            if path.stem not in ids and path.stem.rpartition("-")[0] in files:
                path.unlink()
                for kind in KINDS:
                    (out / kind / f"{path.stem}.parquet").unlink(missing_ok=True)


def find_done(out: Path, partition: Partition, setting: Setting) -> Manifest | None:
    """Return the manifest of a partition that is complete and need not be done again."""
    try:
        data = (out / "manifests" / f"{partition.id}.json").read_bytes()
        manifest = msgspec.json.decode(data, type=Manifest)
        whole = all((out / kind / f"{partition.id}.parquet").is_file() for kind in KINDS)
        if manifest.setting == setting and whole and manifest.digest == load_rows(partition)[1]:
            return manifest
    except (OSError, msgspec.DecodeError, InputError):
        pass
    return None


def make_tables(report: Report) -> dict[str, Any]:
    """Return the tables of a partition; positions have the columns of `--format jsonl`."""
    positions = [msgspec.json.decode(line) for line in report_to_jsonl(report).split("\n") if line]
    for row in positions:
        for column in ("said_on", "document_date"):
            row[column] = datetime.date.fromisoformat(row[column]) if row[column] else None
    rows: dict[str, list[dict[str, Any]]] = {
        "documents": [_describe_document(analysis) for analysis in report.analyses],
        "positions": positions,
        "statements": [row for analysis in report.analyses for row in _describe_statements(analysis)],
        "failures": [{"source": f.source, "message": f.message} for f in report.failures],
    }
    return {kind: pyarrow.Table.from_pylist(rows[kind], schema) for kind, schema in SCHEMAS.items()}


def _describe_document(analysis: Analysis) -> dict[str, Any]:
    document = analysis.document
    bare = replace(analysis, document=replace(document, text=""))
    shown = ("name", "source", "format", "title", "date", "outlet", "url", "text")
    return {name: getattr(document, name) for name in shown} | {"analysis": msgspec.json.encode(bare).decode()}


def _describe_statements(analysis: Analysis) -> Iterator[dict[str, Any]]:
    for statement in analysis.statements:
        own = {name: getattr(statement, name) for name in ("sentence", "text", "cue", "when", "said_on")}
        yield own | {
            "doc": analysis.document.name,
            "source": analysis.document.source,
            "start": statement.span.start,
            "end": statement.span.end,
            "speakers": [speaker.name for speaker in statement.speakers],
            "speech": statement.speech.value,
        }


def write_partition(out: Path, id: str, tables: dict[str, Any], manifest: Manifest) -> None:
    """Write the files of a partition, and its manifest when they are complete; OutputError if that fails."""
    path = out / "manifests" / f"{id}.json"
    with explain_writing(out):
        path.unlink(missing_ok=True)
        for kind, table in tables.items():
            buffer = pyarrow.BufferOutputStream()
            parquet.write_table(table, buffer, compression="zstd")
            _replace(out / kind / f"{id}.parquet", buffer.getvalue())
        _replace(path, msgspec.json.encode(manifest))


def _replace(path: Path, data: Any) -> None:
    beside = path.with_name(f".{path.name}.part")
    with beside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def read_results(folder: str | Path) -> Iterator[Report]:
    """Return one report for each partition that is complete, for Workspace.put_all, which unifies the speakers.

    Raises ReportError at once for a folder that holds no results, and on the way for a damaged file.
    """
    folder = Path(folder)
    manifests = sorted(folder.glob("manifests/*.json"))
    if not manifests:
        raise ReportError(
            f"{show_path(folder)}: holds no results; they are written by `peaceplan analyze --engine ray`"
        )
    return (_read_partition(folder, path) for path in manifests)


def _read_partition(folder: Path, path: Path) -> Report:
    def rows(kind: str) -> Any:
        return parquet.read_table(folder / kind / f"{path.stem}.parquet").to_pylist()

    try:
        setting = msgspec.json.decode(path.read_bytes(), type=Manifest).setting
        [plan] = (unpack_plan(p.read_bytes()) for p in folder.glob(f"plans/*.{setting.plan}.json"))
        failures = tuple(Failure(row["source"], row["message"]) for row in rows("failures"))
        read = ((msgspec.json.decode(row["analysis"], type=Analysis), row["text"]) for row in rows("documents"))
        analyses = tuple(replace(bare, document=replace(bare.document, text=text)) for bare, text in read)
        report = Report(plan, analyses, failures, setting.models, setting.version)
        check_report(report)
    except (OSError, ValueError, pyarrow.ArrowException, KeyError) as error:
        why = " ".join(str(error).split())[:200]
        raise ReportError(f"{show_path(path)}: its partition is damaged ({why}); delete it and run again") from error
    return report
