"""Workers: Ray Data hands partitions to actors, each with its own models, and starts another where one dies."""

from __future__ import annotations

import logging
import os
import resource
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from analyzer import errors
from analyzer.encoding import Encoder, load_encoder
from analyzer.errors import AnalyzerError, InputError, OutputError
from analyzer.judging import Judge, load_judge
from analyzer.pipeline import analyze_document, describe_failure
from analyzer.reading.files import show_path
from analyzer.records import Analysis, Failure, Plan, Report
from analyzer.scale.folder import Manifest, Setting, explain_writing, make_tables, write_partition
from analyzer.scale.partitions import Partition, load_rows, make_documents
from analyzer.settings import DEFAULT_ENCODER

TRIES = 3  # workers that may die of one partition
STORE = 100_000_000  # bytes that Ray keeps for passing on results; ours are manifests, and it takes no less than 75 MB
MB = 2**10 if sys.platform == "linux" else 2**20  # in the unit of ru_maxrss

MakeModels = Callable[[], tuple[Encoder, Judge]]


def load_models(encoder: str = DEFAULT_ENCODER) -> tuple[Encoder, Judge]:
    """Return the shipped judge, and the encoder of that name as every machine that takes part has it."""
    return load_encoder(encoder), load_judge()


class PartitionReader:
    """Reads partitions and writes what was found; Ray Data makes one in each worker."""

    def __init__(self, plan: Plan, out: Path, setting: Setting, make_models: MakeModels) -> None:
        self.plan, self.out, self.setting = plan, out, setting
        self.encoder, self.judge = make_models()

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[str]]:
        """Read the one partition of a batch; return its id with its manifest, or the error that ends the run."""
        partition = msgspec.json.decode(batch["item"][0], type=Partition)
        manifest, kind, message = "", "", ""
        try:
            manifest = msgspec.json.encode(self.read(partition)).decode()
        except AnalyzerError as error:
            kind, message = type(error).__name__, str(error)
        return {"id": [partition.id], "manifest": [manifest], "kind": [kind], "message": [message]}

    def read(self, partition: Partition) -> Manifest:
        """Read a partition and write its files; one that cannot be read is given up and its rows listed."""
        begun, used, mark = time.monotonic(), time.process_time(), self.out / "tries" / partition.id
        with explain_writing(self.out), mark.open("ab") as file:
            file.write(b"x")
            tries = file.tell()
        try:
            if tries > TRIES:
                raise InputError(
                    f"its worker died in each of {TRIES} tries, of this article or one beside it; give it more memory"
                )
            report, digest = self._analyze(partition)
            tables = make_tables(report)
        except Exception as error:
            if isinstance(error, AnalyzerError) and not isinstance(error, InputError):
                raise
            report, digest = self._give_up(partition, error), ""
            tables = make_tables(report)
        manifest = Manifest(
            self.setting,
            digest,
            partition.source,
            len(report.analyses),
            len(report.failures),
            round(time.monotonic() - begun, 3),
            round(time.process_time() - used, 3),
            round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MB, 1),
            f"{socket.gethostname()}:{os.getpid()}",
        )
        write_partition(self.out, partition.id, tables, manifest)
        mark.unlink(missing_ok=True)
        return manifest

    def _analyze(self, partition: Partition) -> tuple[Report, str]:
        """Return what was read and what failed in a partition, and the checksum of its rows."""
        analyses: list[Analysis] = []
        failures: list[Failure] = []
        rows, digest = load_rows(partition)
        for document in make_documents(partition, rows, failures.append):
            try:
                analyses.append(analyze_document(document, self.plan, self.encoder, self.judge))
            except AnalyzerError:
                raise
            except Exception as error:
                failures.append(describe_failure(document, error))
        return self._report(analyses, failures), digest

    def _give_up(self, partition: Partition, error: Exception) -> Report:
        shown = show_path(partition.path)
        reason = str(error).removeprefix(f"{shown}: ")
        if not isinstance(error, InputError):
            reason = f"its partition broke off ({type(error).__name__}: {' '.join(reason.split())}); please report this"
        numbers = range(partition.first, partition.first + partition.rows)
        return self._report((), [Failure(f"{shown}:{n}", reason) for n in numbers])

    def _report(self, analyses: Sequence[Analysis], failures: Sequence[Failure]) -> Report:
        return Report(self.plan, tuple(analyses), tuple(failures), self.setting.models, self.setting.version)


def read_partitions(
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
                num_cpus=1,  # Ray sets OMP_NUM_THREADS to it, which the models keep to
                # The next partition waits here, for what lies with a worker is lost with it.
                compute=ActorPoolStrategy(size=min(workers, len(items)), max_tasks_in_flight_per_actor=1),
            )
            for row in read.iter_rows():
                if row["kind"]:
                    raise getattr(errors, row["kind"])(row["message"])
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
        os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # what matters comes as an error, too
        cluster = os.environ.get("RAY_ADDRESS")
        where: dict[str, Any] = {"address": "local", "num_cpus": workers, "object_store_memory": STORE}
        if cluster:
            where = {"address": cluster}
        try:
            ray.init(**where, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
        except (OSError, RuntimeError, ValueError) as error:
            why = " ".join(str(error).split())[:200]
            raise InputError(f"Ray cannot be started or reached at {cluster or 'this machine'} ({why})") from error
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)
        if opened:
            ray.shutdown()
