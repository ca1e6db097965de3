"""Scale: the same pipeline beyond one machine, as batch inference with Ray Data.

    analyze_at_scale    JSONL and Parquet files, a plan → a folder of Parquet files
    read_results        such a folder → one Report a partition, for a workspace to take up

A partition is at most 1,000 successive rows of one file, counted from 1; one worker reads it and writes its files under
documents/, positions/, statements/ and failures/. They count only with its manifest, which is written last and says
what they were made of: rows, plan, models, version. A run that is cut short goes on with the partitions that have no
manifest that fits. A failure is a result like any other: listed, and not tried again by the same plan and models.
"""

from __future__ import annotations

import datetime
import hashlib
import io
import logging
import os
import re
import resource
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from analyzer import errors
from analyzer.encoding import Encoder, load_encoder
from analyzer.errors import AnalyzerError, InputError, OutputError, ReportError
from analyzer.export.tables import report_to_jsonl
from analyzer.judging import Judge, load_judge
from analyzer.pipeline import analyze_document, describe_failure
from analyzer.reading.corpora import COLUMNS, Row, _make_row, _read_jsonl
from analyzer.reading.files import _name_paths, _walk, show_path
from analyzer.records import Analysis, Document, Failure, Models, Plan, Report
from analyzer.report import check_report
from analyzer.workspace.rows import digest_plan, pack_document, pack_plan, unpack_document, unpack_plan

ROWS = 1_000  # of a partition at most: what is lost when a worker dies; a quarter of an hour at a second an article
TRIES = 3  # workers that may die of one partition
KINDS = ("documents", "positions", "statements", "failures")
SUFFIXES = (".jsonl", ".parquet")
HEAD = 32_768  # bytes in which a NUL shows that a file is no JSONL in UTF-8
STORE = 100_000_000  # bytes that Ray keeps for passing on results; ours are manifests, and it takes no less than 75 MB

MakeModels = Callable[[], tuple[Encoder, Judge]]
Progress = Callable[[int, int, str], None]  # partitions done, partitions to do, the one that was done last


@dataclass(frozen=True, slots=True)
class ScaleResult:
    """What became of the inputs of one run; what an earlier run had done is counted with it."""

    documents: int
    failed: int  # documents, rows and files that could not be analysed; the reasons stand in failures/
    partitions: int
    skipped: int  # of the partitions, those that an earlier run had done
    lost: tuple[str, ...] = ()  # partitions given up because their workers died; the next run tries them again


@dataclass(frozen=True, slots=True)
class Partition:
    """Successive rows of one file."""

    id: str  # what its files are called
    path: str
    name: str  # its documents are called name:row
    first: int  # number of its first row
    rows: int
    start: int = 0  # JSONL: the bytes [start, end) of the file
    end: int = 0
    problem: str = ""  # why the file cannot be read; it is then the one partition of the file


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
    digest: str  # of its rows; "" if they could not be read, so that the next run tries again
    source: str
    documents: int
    failed: int
    positions: int
    statements: int
    seconds: float
    cpu_seconds: float  # of all threads
    memory: float  # MB, the most that the worker held up to then
    lost: bool = False


def load_models(encoder: str | None = None) -> tuple[Encoder, Judge]:
    """Return the shipped models; `encoder` names another encoder on every machine that takes part."""
    return load_encoder(encoder) if encoder else load_encoder(), load_judge()


def analyze_at_scale(
    inputs: Sequence[str | Path],
    plan: Plan,
    out: str | Path,
    *,
    workers: int = 1,
    rows: int = ROWS,
    make_models: MakeModels = load_models,
    progress: Progress | None = None,
) -> ScaleResult:
    """Read the articles in JSONL and Parquet files, folders of them and patterns against a plan, and write to `out`.

    Each worker is one Ray actor that calls `make_models` once. A session of Ray that is open, or the cluster that
    RAY_ADDRESS names, is used; otherwise one is started here with as many CPUs as workers. `rows` bounds a partition.

    Raises InputError for inputs that cannot be read at scale and where Ray is missing, OutputError where `out` is
    something else or cannot be written, ModelError for damaged models. A bad file in a folder, a bad row and a
    document that fails are listed in failures/, and the rest goes on.
    """
    from analyzer import __version__

    _require("ray.data", "pyarrow.parquet")
    if workers < 1 or rows < 1:
        raise InputError("at least one worker and one row a partition are needed")
    out = Path(out)
    partitions = list_partitions(inputs, rows)
    encoder, judge = make_models()  # here, too: a damaged model is told before anything starts
    setting = Setting(digest_plan(plan), Models(encoder.name, judge.name, judge.threshold), __version__)
    _prepare_folder(out, plan)
    with _hold(out):
        _drop_leftovers(out, partitions)
        done = {p.id: m for p in partitions if (m := find_done(out, p, setting))}
        waiting = [p for p in partitions if p.id not in done]
        skipped = len(done)
        for count, (id, manifest) in enumerate(_run(waiting, plan, out, setting, workers, make_models), start=1):
            done[id] = manifest
            if progress:
                progress(count, len(waiting), id)
    documents, failed = (sum(getattr(m, field) for m in done.values()) for field in ("documents", "failed"))
    return ScaleResult(documents, failed, len(partitions), skipped, tuple(id for id, m in done.items() if m.lost))


def read_results(folder: str | Path) -> Iterator[Report]:
    """Return one report for each partition that is complete; Workspace.put takes them up and unifies speakers.

    Raises ReportError at once for a folder that holds no results, and on the way for a damaged file.
    """
    _require("pyarrow.parquet")
    folder = Path(folder)
    manifests = sorted(folder.glob("manifests/*.json"))
    if not manifests:
        raise ReportError(
            f"{show_path(folder)}: holds no results; they are written by `peaceplan analyze --engine ray`"
        )
    return (_read_partition(folder, path) for path in manifests)


# Inputs to partitions


def list_partitions(inputs: Sequence[str | Path], rows: int = ROWS) -> list[Partition]:
    """Cut the files behind `inputs` into partitions, each file once; InputError for what is no such file."""
    files = {os.path.realpath(path): (path, named) for given in inputs for path, named in _list_files(Path(given))}
    names = _name_paths([path for path, _ in files.values()])
    found: list[Partition] = []
    for real, (path, named) in files.items():
        slug = re.sub(r"[^A-Za-z0-9]+", "-", path.stem).strip("-")[:40] or "file"
        key = f"{slug}-{hashlib.sha256(os.fsencode(real)).hexdigest()[:10]}"
        try:
            cuts = list(_cut_jsonl(path, rows) if path.suffix.lower() == ".jsonl" else _cut_parquet(path, rows))
            if not cuts:
                raise InputError(f"{show_path(path)}: the corpus holds no rows.")
        except (InputError, OSError) as error:
            problem = str(error) if isinstance(error, InputError) else _unreadable(path, error)
            if named and len(files) == 1:
                raise InputError(problem) from error
            found.append(Partition(f"{key}-00000", str(path), names[path], 1, 0, problem=problem))
            continue
        for n, (first, count, start, end) in enumerate(cuts):
            found.append(Partition(f"{key}-{n:05d}", str(path), names[path], first, count, start, end))
    return found


def _list_files(given: Path) -> list[tuple[Path, bool]]:
    """Return the files that an input names, with whether it names them one by one."""
    shown = show_path(given)
    if given.is_dir():
        inside = [path for path, _ in _walk(given) if not path.name.startswith("_")]  # Spark's _SUCCESS
        other = [path.name for path in inside if path.suffix.lower() not in SUFFIXES]
        if other:
            raise InputError(
                f"{shown}: {len(other)} files in it are neither .jsonl nor .parquet, first {show_path(other[0])}; "
                f"name those to read by a pattern such as '{shown}/**/*.jsonl'"
            )
        if not inside:
            raise InputError(f"{shown}: the folder holds no .jsonl or .parquet files.")
        return [(path, False) for path in inside]
    if not given.exists() and any(sign in str(given) for sign in "*?["):
        fitting = Path(given.anchor).glob(str(given.relative_to(given.anchor)))
        matches = sorted(path for path in fitting if not path.name.startswith("."))
        if not matches:
            raise InputError(f"{shown}: no file fits this pattern.")
        return [(path, False) for match in matches for path, _ in _list_files(match)]
    if not given.exists():
        raise InputError(f"{shown}: does not exist. Check the spelling and the folder.")
    if given.suffix.lower() not in SUFFIXES:
        raise InputError(
            f"{shown}: at scale only .jsonl and .parquet files are read, one article a row; "
            "for other formats use `peaceplan analyze` without --engine ray"
        )
    return [(given, True)]


def _cut_jsonl(path: Path, rows: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield first row, number of rows, and the range of bytes of each partition."""
    with path.open("rb") as file:
        if b"\0" in file.read(HEAD):
            raise InputError(f"{show_path(path)}: holds NUL bytes, so it is no JSONL in UTF-8. Save it as UTF-8.")
        file.seek(0)
        first, count, start, end, blank = 1, 0, 0, 0, True
        for line in file:
            count, end, blank = count + 1, end + len(line), blank and not line.strip()
            if count == rows:
                if not blank:
                    yield first, count, start, end
                first, count, start, blank = first + count, 0, end, True
        if not blank:
            yield first, count, start, end


def _cut_parquet(path: Path, rows: int) -> Iterator[tuple[int, int, int, int]]:
    with _open_parquet(path) as file:
        if "text" not in _find_columns(file):
            listed = ", ".join(map(repr, file.schema_arrow.names[:12])) or "none"
            raise InputError(
                f"{show_path(path)}: has no column called text, only {listed}. Name the articles' column text."
            )
        for first in range(1, file.metadata.num_rows + 1, rows):
            yield first, min(rows, file.metadata.num_rows + 1 - first), 0, 0


@contextmanager
def _open_parquet(path: str | Path) -> Iterator[Any]:
    """Open a Parquet file; whatever is wrong with it, then or while it is read, is an InputError."""
    import pyarrow
    import pyarrow.parquet

    try:
        with pyarrow.parquet.ParquetFile(path, buffer_size=1 << 20) as file:  # read by pieces, not a row group at once
            yield file
    except (pyarrow.ArrowException, UnicodeDecodeError) as error:
        why = " ".join(str(error).split())[:200]
        raise InputError(f"{show_path(path)}: damaged or not Parquet ({why})") from error


def _find_columns(file: Any) -> dict[str, str]:
    """Return the file's names of the columns that are read, by ours."""
    wanted = (*COLUMNS, "name")
    return {known: name for name in file.schema_arrow.names if (known := name.strip().casefold()) in wanted}


def _unreadable(path: str | Path, error: OSError) -> str:
    return f"{show_path(path)}: cannot be read ({' '.join(str(error.strerror or error).split())[:200]})."


# Rows to documents


def load_rows(partition: Partition) -> tuple[list[Row], str]:
    """Return the rows of a partition with their numbers, and their checksum; InputError if they cannot be read."""
    if partition.problem:
        raise InputError(partition.problem)
    if partition.end:
        try:
            with Path(partition.path).open("rb") as file:
                file.seek(partition.start)
                data = file.read(partition.end - partition.start)
        except OSError as error:
            raise InputError(_unreadable(partition.path, error)) from error
        encoding = "utf-8-sig" if partition.start == 0 else "utf-8"
        text = io.TextIOWrapper(io.BytesIO(data), encoding, errors="surrogateescape", newline="\n")
        rows = [(partition.first - 1 + number, row) for number, row in _read_jsonl(text)]
        return rows, hashlib.sha256(data).hexdigest()
    try:
        rows = [(partition.first + n, row) for n, row in enumerate(_load_parquet(partition))]
    except OSError as error:
        raise InputError(_unreadable(partition.path, error)) from error
    return rows, hashlib.sha256(msgspec.json.encode(rows, enc_hook=str)).hexdigest()


def _load_parquet(partition: Partition) -> list[dict[str, Any]]:
    with _open_parquet(partition.path) as file:
        columns, groups, before, passed = _find_columns(file), [], partition.first - 1, 0
        for group in range(file.metadata.num_row_groups):
            count = file.metadata.row_group(group).num_rows
            if passed + count <= partition.first - 1:
                before -= count
            elif passed < partition.first - 1 + partition.rows:
                groups.append(group)
            passed += count
        rows: list[dict[str, Any]] = []
        for batch in file.iter_batches(ROWS, row_groups=groups, columns=list(columns.values())):
            if before < batch.num_rows:
                rows += batch.slice(before, partition.rows - len(rows)).to_pylist()
            before = max(0, before - batch.num_rows)
            if len(rows) == partition.rows:
                break
        return [{known: _plain(row[name]) for known, name in columns.items()} for row in rows]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime.date) else value


def make_documents(
    partition: Partition, rows: Iterable[Row], on_failure: Callable[[Failure], None]
) -> Iterator[Document]:
    """Yield the articles of the rows, called as their column `name` says or else file:row; bad rows are handed on."""
    taken: set[str] = set()
    format = Path(partition.path).suffix.lower().lstrip(".")
    for number, row in rows:
        source = f"{show_path(partition.path)}:{number}"
        try:
            if isinstance(row, str):
                raise InputError(row)
            own = row.get("name")
            name = show_path(own.strip()) if isinstance(own, str) and own.strip() else f"{partition.name}:{number}"
            while name in taken:
                name += "~"
            taken.add(name)
            yield replace(_make_row(row, name, source, ()), format=format)
        except InputError as error:
            on_failure(Failure(source, str(error).removeprefix(f"{source}: ")))


# A worker


class PartitionReader:
    """Reads partitions and writes what was found; Ray Data makes one in each worker, with its own models."""

    def __init__(self, plan: Plan, out: Path, setting: Setting, make_models: MakeModels) -> None:
        self.plan, self.out, self.setting = plan, out, setting
        self.encoder, self.judge = make_models()

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[str]]:
        """Read the one partition of a batch; return its id with its manifest, or the error that ends the run."""
        partition = msgspec.json.decode(batch["item"][0], type=Partition)
        manifest, error = "", AnalyzerError()
        try:
            manifest = msgspec.json.encode(self.read(partition)).decode()
        except AnalyzerError as caught:
            error = caught
        except Exception as caught:
            manifest = msgspec.json.encode(self._give_up(partition, caught)).decode()
        return {"id": [partition.id], "manifest": [manifest], "kind": [type(error).__name__], "error": [str(error)]}

    def read(self, partition: Partition) -> Manifest:
        """Read a partition and write its files; one on which workers died too often is given up and listed."""
        with _explain_writing(self.out):
            mark = self.out / "tries" / partition.id
            with mark.open("ab") as file:
                file.write(b"x")
            tries = mark.stat().st_size
        begun, cpu = time.monotonic(), time.process_time()
        digest, analyses, failures = self._analyze(partition, tries)
        spent = (round(time.monotonic() - begun, 3), round(time.process_time() - cpu, 3))
        report = Report(self.plan, analyses, failures, self.setting.models, self.setting.version)
        manifest = _write_partition(self.out, partition, report, self.setting, digest, spent, tries > TRIES)
        mark.unlink(missing_ok=True)
        return manifest

    def _give_up(self, partition: Partition, error: Exception) -> Manifest:
        reason = f"the partition that begins here broke off ({type(error).__name__}: {error}); please report this"
        failure = Failure(f"{show_path(partition.path)}:{partition.first}", " ".join(reason.split()))
        report = Report(self.plan, (), (failure,), self.setting.models, self.setting.version)
        return _write_partition(self.out, partition, report, self.setting, "", (0.0, 0.0), lost=True)

    def _analyze(self, partition: Partition, tries: int) -> tuple[str, tuple[Analysis, ...], tuple[Failure, ...]]:
        """Return the digest of the rows, and what was read and what failed in them."""
        shown, reason = show_path(partition.path), f"its worker died in each of {TRIES} tries; give it more memory"
        if tries > TRIES + 1:  # the rows alone are too much
            return "", (), (Failure(f"{shown}:{partition.first}", f"the partition that begins here: {reason}"),)
        analyses: list[Analysis] = []
        failures: list[Failure] = []
        try:
            rows, digest = load_rows(partition)
        except InputError as error:
            message = str(error).removeprefix(f"{shown}: ")
            return _digest_problem(partition.problem), (), (Failure(shown, message),)
        for document in make_documents(partition, rows, failures.append):
            if tries > TRIES:
                failures.append(Failure(document.source, f"{reason}; this document or one beside it is the reason"))
            else:
                self._read_document(document, analyses, failures)
        return digest, tuple(analyses), tuple(failures)

    def _read_document(self, document: Document, analyses: list[Analysis], failures: list[Failure]) -> None:
        try:
            pack_document(document)
            analyses.append(analyze_document(document, self.plan, self.encoder, self.judge))
        except AnalyzerError:
            raise
        except UnicodeEncodeError:
            failures.append(Failure(document.source, "the row holds half of a surrogate pair; repair it"))
        except Exception as error:
            failures.append(describe_failure(document, error))


def _run(
    waiting: Sequence[Partition], plan: Plan, out: Path, setting: Setting, workers: int, make_models: MakeModels
) -> Iterator[tuple[str, Manifest]]:
    """Yield each partition's id and manifest as soon as a worker has written it."""
    if not waiting:
        return
    from ray.data import ActorPoolStrategy, from_items
    from ray.exceptions import RayError

    items = [msgspec.json.encode(partition).decode() for partition in waiting]
    with _open_session(workers):
        try:
            dataset = from_items(items, override_num_blocks=len(items))  # a block is what Ray gives to a worker
            dataset.context.enable_progress_bars = False
            read = dataset.map_batches(
                PartitionReader,
                fn_constructor_args=(plan, out.absolute(), setting, make_models),
                batch_size=1,
                batch_format="numpy",
                num_cpus=1,
                # The next partition waits here, for what lies with a worker is lost with it.
                compute=ActorPoolStrategy(size=min(workers, len(items)), max_tasks_in_flight_per_actor=1),
            )
            for row in read.iter_rows():
                if row["error"]:
                    raise getattr(errors, row["kind"])(row["error"])
                yield row["id"], msgspec.json.decode(row["manifest"], type=Manifest)
        except RayError as error:
            why = str(error).strip().splitlines() or [""]
            raise OutputError(
                f"{show_path(out)}: Ray broke off ({type(error).__name__}: {why[-1][:200]}); "
                "what is complete is kept, run the same command again"
            ) from error


@contextmanager
def _open_session(workers: int) -> Iterator[None]:
    """Use the session of Ray that is open or the cluster that is named, else a session of this machine's own."""
    import ray

    logger = logging.getLogger("ray.data")
    level, opened = logger.level, not ray.is_initialized()
    if opened:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent anywhere
        own: dict[str, Any] = (
            {} if os.environ.get("RAY_ADDRESS") else {"num_cpus": workers, "object_store_memory": STORE}
        )
        ray.init(**own, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)
        if opened:
            ray.shutdown()


# The folder


def _prepare_folder(out: Path, plan: Plan) -> None:
    """Make the folder or make sure that it is one of ours, for this plan."""
    shown = show_path(out)
    with _explain_writing(out):
        known = {path.stem.rpartition(".")[0] for path in out.glob("plans/*.json")}
        if not known and out.exists() and any(out.iterdir()):
            raise OutputError(f"{shown}: is not empty and holds no results of such a run; name a new folder")
        if known - {plan.id}:
            raise OutputError(f"{shown}: holds results on {', '.join(sorted(known))}; name another for {plan.id}")
        for kind in (*KINDS, "manifests", "plans", "tries"):
            (out / kind).mkdir(parents=True, exist_ok=True)
        _replace(out / "plans" / f"{plan.id}.{digest_plan(plan)}.json", pack_plan(plan))


@contextmanager
def _hold(out: Path) -> Iterator[None]:
    """Be the one run that writes there."""
    from filelock import FileLock, Timeout

    lock = FileLock(out / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise OutputError(f"{show_path(out)}: another run is writing there; wait until it has finished") from error
    except OSError as error:
        raise OutputError(f"{show_path(out)}: cannot be locked ({error.strerror or error}).") from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _explain_writing(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(f"{show_path(out)}: cannot be written ({error.strerror or error}).") from error


def _drop_leftovers(out: Path, partitions: Sequence[Partition]) -> None:
    """Forget tries of an earlier run, and partitions of a file that has become shorter."""
    ids = {partition.id for partition in partitions}
    files = {id.rpartition("-")[0] for id in ids}
    with _explain_writing(out):
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
        if manifest.setting != setting or manifest.lost:
            return None
        if not all((out / kind / f"{partition.id}.parquet").is_file() for kind in KINDS):
            return None
        digest = _digest_problem(partition.problem) if partition.problem else load_rows(partition)[1]
    except (OSError, msgspec.DecodeError, InputError):
        return None
    return manifest if manifest.digest == digest else None


def _digest_problem(problem: str) -> str:
    """Stand in for the rows of a file that cannot be read; "" where it could when the run began."""
    return hashlib.sha256(problem.encode()).hexdigest() if problem else ""


def _write_partition(
    out: Path,
    partition: Partition,
    report: Report,
    setting: Setting,
    digest: str,
    spent: tuple[float, float],
    lost: bool,
) -> Manifest:
    """Write the files of a partition, and its manifest when they are complete."""
    import pyarrow.parquet

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)
    tables = _make_tables(report)
    manifest = Manifest(
        setting,
        digest,
        f"{show_path(partition.path)}:{partition.first}",
        len(report.analyses),
        len(report.failures),
        tables["positions"].num_rows,
        tables["statements"].num_rows,
        *spent,
        round(peak, 1),
        lost,
    )
    path = out / "manifests" / f"{partition.id}.json"
    with _explain_writing(out):
        path.unlink(missing_ok=True)
        for kind, table in tables.items():
            buffer = pyarrow.BufferOutputStream()
            pyarrow.parquet.write_table(table, buffer, compression="zstd")
            _replace(out / kind / f"{partition.id}.parquet", buffer.getvalue())
        _replace(path, msgspec.json.encode(manifest))
    return manifest


def _replace(path: Path, data: Any) -> None:
    """Write a file beside its place, and put it there when it is complete."""
    beside = path.with_name(f".{path.name}.part")
    with beside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _make_tables(report: Report) -> dict[str, Any]:
    """Return the tables of a partition; positions have the columns of `--format jsonl`."""
    import pyarrow

    schemas = _make_schemas()
    positions = [msgspec.json.decode(line) for line in report_to_jsonl(report).split("\n") if line]
    for row in positions:
        for column in ("said_on", "document_date"):
            row[column] = datetime.date.fromisoformat(row[column]) if row[column] else None
    rows: dict[str, list[dict[str, Any]]] = {
        "documents": [_describe_document(analysis) for analysis in report.analyses],
        "positions": positions,
        "statements": [row for analysis in report.analyses for row in _describe_statements(analysis)],
        "failures": [{"source": _whole(f.source), "message": _whole(f.message)} for f in report.failures],
    }
    return {kind: pyarrow.Table.from_pylist(rows[kind], schemas[kind]) for kind in KINDS}


def _whole(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _describe_document(analysis: Analysis) -> dict[str, Any]:
    document = analysis.document
    shown = {name: getattr(document, name) for name in ("name", "source", "format", "title", "date", "outlet", "url")}
    bare = replace(analysis, document=replace(document, text=""))
    return shown | {
        "text": document.text,
        "document": pack_document(document).decode(),
        "analysis": msgspec.json.encode(bare).decode(),
    }


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


def _make_schemas() -> dict[str, Any]:
    """Written down, for a column without a value in one partition must have its type all the same."""
    import pyarrow as pa

    def table(**columns: Any) -> Any:
        return pa.schema(list(columns.items()))

    words, number, real, day = pa.string(), pa.int64(), pa.float64(), pa.date32()
    evidence = pa.struct({"start": number, "end": number, "text": words})
    candidate = pa.struct({"target": words, "chance": real, "similarity": real, "wording": words})
    place = {"doc": words, "source": words}
    within = {"sentence": number, "start": number, "end": number}
    said = {"speech": words, "cue": words, "when": words, "said_on": day}
    names = ("name", "source", "format", "title")
    return {
        "documents": table(
            **dict.fromkeys(names, words), date=day, outlet=words, url=words, text=words, document=words, analysis=words
        ),
        "statements": table(**place, **within, text=words, speakers=pa.list_(words), **said),
        "positions": table(
            **place,
            plan=words,
            **within,
            page=number,
            text=words,
            **dict.fromkeys(("speaker", "speaker_kind", "resolution"), words),
            **said,
            document_date=day,
            **dict.fromkeys(("target", "target_title", "stance"), words),
            confidence=real,
            evidence=evidence,
            candidates=pa.list_(candidate),
        ),
        "failures": table(source=words, message=words),
    }


def _read_partition(folder: Path, path: Path) -> Report:
    import pyarrow
    import pyarrow.parquet

    def rows(kind: str) -> Any:
        return pyarrow.parquet.read_table(folder / kind / f"{path.stem}.parquet").to_pylist()

    try:
        setting = msgspec.json.decode(path.read_bytes(), type=Manifest).setting
        [plan] = (unpack_plan(p.read_bytes()) for p in folder.glob(f"plans/*.{setting.plan}.json"))
        failures = tuple(Failure(row["source"], row["message"]) for row in rows("failures"))
        analyses = tuple(
            replace(
                msgspec.json.decode(row["analysis"], type=Analysis),
                document=unpack_document(row["document"].encode(), row["name"], row["text"]),
            )
            for row in rows("documents")
        )
        report = Report(plan, analyses, failures, setting.models, setting.version)
        check_report(report)
    except (OSError, ValueError, msgspec.DecodeError, pyarrow.ArrowException, KeyError) as error:
        why = " ".join(str(error).split())[:200]
        raise ReportError(f"{show_path(path)}: its partition is damaged ({why}); delete it and run again") from error
    return report


def _require(*modules: str) -> None:
    """Import what only this module needs; InputError that says how to get it."""
    import importlib

    try:
        for module in modules:
            importlib.import_module(module)
    except ImportError as error:
        raise InputError(
            "analysis at scale needs Ray Data, which is not installed; run: pip install 'peace-plan-analyzer[scale]'"
        ) from error
