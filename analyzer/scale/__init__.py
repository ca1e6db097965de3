"""Scale: the same pipeline beyond one machine, as batch inference with Ray Data.

    partitions   JSONL and Parquet files → partitions → documents
    worker       a partition → what was found in it, on the cores of one machine or of a cluster
    folder       what was found ↔ a folder of Parquet files

A partition is at most 1,000 successive rows of one file; one worker reads it and writes its files. They count only with
its manifest, which is written last and says what they were made of: rows, plan, models, version. A run that is cut
short goes on with the partitions that have no manifest that fits. A failure is a result like any other: listed, and not
tried again by the same plan and models.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from analyzer.errors import InputError
from analyzer.records import Models, Plan
from analyzer.scale.folder import Setting, drop_leftovers, find_done, hold_folder, prepare_folder, read_results
from analyzer.scale.partitions import ROWS, list_partitions
from analyzer.scale.worker import MakeModels, load_models, read_partitions
from analyzer.workspace.rows import digest_plan

__all__ = ["ScaleResult", "analyze_at_scale", "read_results"]

Progress = Callable[[int, int, str], None]  # partitions done, partitions to do, the id of the one that was done last


@dataclass(frozen=True, slots=True)
class ScaleResult:
    """What became of the inputs of one run; what an earlier run had done is counted with it."""

    documents: int
    failed: int  # documents, rows and files that could not be analysed; the reasons stand in failures/
    partitions: int
    skipped: int  # of the partitions, those that an earlier run had done
    lost: tuple[str, ...] = ()  # where the partitions begin that were given up; the next run tries them again


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

    try:
        import ray.data  # noqa: F401
    except ImportError as error:
        raise InputError(
            "analysis at scale needs Ray Data, which is not installed; run: pip install 'peace-plan-analyzer[scale]'"
        ) from error
    if workers < 1 or rows < 1:
        raise InputError("at least one worker and one row a partition are needed")
    out = Path(out)
    partitions = list_partitions(inputs, rows)
    encoder, judge = make_models()  # here, too: a damaged model is told before anything starts
    setting = Setting(digest_plan(plan), Models(encoder.name, judge.name, judge.threshold), __version__)
    prepare_folder(out, plan)
    with hold_folder(out):
        drop_leftovers(out, partitions)
        done = {p.id: m for p in partitions if (m := find_done(out, p, setting))}
        waiting, skipped = [p for p in partitions if p.id not in done], len(done)
        for count, (id, manifest) in enumerate(read_partitions(waiting, plan, out, setting, workers, make_models), 1):
            done[id] = manifest
            if progress:
                progress(count, len(waiting), id)
    documents, failed = (sum(getattr(m, field) for m in done.values()) for field in ("documents", "failed"))
    lost = tuple(m.source for m in done.values() if m.lost)
    return ScaleResult(documents, failed, len(partitions), skipped, lost)
