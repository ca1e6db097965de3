"""A workspace under fire: processes that are killed, disks that are full, folders that cannot be written."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import filelock  # noqa: F401 - before the child gives up the right to read it
import pytest

from analyzer.errors import WorkspaceError
from analyzer.searching import Searcher
from analyzer.workspace import Workspace, start_workspace
from tests.crashing import act, article
from tests.factories import WordEncoder, make_report

KILLS, REVIEW_KILLS = 50, 12
ARTICLES = 60
ROOT = Path(__file__).parent.parent


def run_child(folder: Path, articles: int = ARTICLES, **choice: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.crashing", str(folder), str(articles)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, **choice)  # type: ignore[call-overload, no-any-return]


def check_whole(folder: Path, told: set[str]) -> None:
    """What was reported as done is there, once, and database and index agree."""
    with Workspace(folder, WordEncoder()) as workspace:
        ask = workspace.connection.execute
        assert ask("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert ask("PRAGMA foreign_key_check").fetchall() == []
        ask("INSERT INTO words (words) VALUES ('integrity-check')")
        names = [name for name, *_ in workspace.documents()]
        read = [name for (name,) in ask("SELECT name FROM documents JOIN readings ON document = id")]
        assert len(names) == len(set(names)) and len(read) == len(set(read))
        assert {f"added {n}" for n in names} | {f"read {n}" for n in read} >= told - {"all"}
        for (document,) in ask("SELECT document FROM readings").fetchall():
            (sentences,) = ask("SELECT count(*) FROM sentences WHERE document = ?", (document,)).fetchone()
            (statements,) = ask("SELECT count(*) FROM statements WHERE document = ?", (document,)).fetchone()
            assert sentences == statements == 7
        if read:
            (first,) = ask("SELECT min(id) FROM sentences").fetchone()
            found = Searcher(workspace).search(like=first, most=9999)
            assert found.total == min(1000, 7 * len(read) - 1)


def test_fifty_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    rng = Random(2023)
    folder, told, kills = tmp_path / "ws", set[str](), 0
    start_workspace(folder).close()
    while kills < KILLS:
        if "all" in told:  # the next round begins with an empty one
            check_whole(folder, told)
            folder, told = tmp_path / f"ws-{kills}", set()
            start_workspace(folder).close()
        child = run_child(folder)
        assert child.stdout
        lines = rng.randint(0, 8)
        for _ in range(lines):
            told.add(child.stdout.readline().strip())
        time.sleep(rng.random() * 0.02)
        child.send_signal(signal.SIGKILL)
        told |= set(child.communicate()[0].splitlines())
        told.discard("")
        kills += child.returncode == -signal.SIGKILL
        assert child.returncode in (-signal.SIGKILL, 0)
        if kills % 5 == 0:
            check_whole(folder, told)
    child = run_child(folder)
    out, err = child.communicate()
    assert child.returncode == 0, err
    check_whole(folder, set(out.split("\n")) - {""})
    with Workspace(folder, WordEncoder()) as workspace:
        assert workspace.status().documents == ARTICLES and workspace.status().plans[0].read == ARTICLES


def fill_with_positions(folder: Path) -> Workspace:
    with start_workspace(folder) as workspace:
        workspace._encoder = WordEncoder()
        workspace.put(make_report())
    return Workspace(folder, WordEncoder())


def describe_reviews(workspace: Workspace) -> object:
    """What counts, and what was said of it."""
    (analysis,) = workspace.report().analyses
    said = [(r.read.target, r.verdict) for r in workspace.reviews(analysis.document.name)]
    return [(p.target, p.stance, p.reviewed) for p in analysis.positions], said


def test_reviews_that_were_told_outlive_kills_and_nothing_is_half_said(tmp_path: Path) -> None:
    rng = Random(7)
    with fill_with_positions(tmp_path / "whole") as whole:
        states = [describe_reviews(whole)]
        for kill in range(REVIEW_KILLS):
            folder = tmp_path / f"ws-{kill}"
            fill_with_positions(folder).close()
            child = run_child(folder, 0)
            assert child.stdout
            told = sum(bool(child.stdout.readline()) for _ in range(rng.randint(1, 30)))
            time.sleep(rng.random() * 0.01)
            child.send_signal(signal.SIGKILL)
            told += len(child.communicate()[0].splitlines())
            while len(states) < told + 2:  # the same, by one who is not killed
                act(whole, len(states) - 1)
                states.append(describe_reviews(whole))
            with Workspace(folder, WordEncoder()) as workspace:
                assert describe_reviews(workspace) in states[told : told + 2]
    assert len({repr(state) for state in states}) > 8


def test_full_disk_is_one_clear_line_and_what_was_done_stays(tmp_path: Path) -> None:
    start_workspace(tmp_path).close()

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))

    child = run_child(tmp_path, preexec_fn=limit)
    out, err = child.communicate()
    assert child.returncode != 0
    assert "WorkspaceError" in err.splitlines()[-1] and "what was reported as done is kept" in err.splitlines()[-1]
    told = {line for line in out.splitlines() if line}
    assert told
    check_whole(tmp_path, told)
    assert run_child(tmp_path).communicate()[0].splitlines()[-1] == "all"


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    folder = tmp_path / "ws"
    start_workspace(folder).close()
    with Workspace(folder, WordEncoder()) as workspace:
        workspace.add([article(1)])
    for path in folder.iterdir():
        path.chmod(0o444)
    folder.chmod(0o555)
    return folder


def ask_without_rights(folder: Path) -> str:
    """What a process that may not write there says; as root, one that has given up its rights."""
    there, back = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setuid(65534)
            with Workspace(folder) as workspace:
                said = repr([row[0] for row in workspace.documents()])
                try:
                    workspace.add([article(2)])
                except WorkspaceError as error:
                    said += f"; {error}"
        except BaseException as error:
            said = repr(error)
        os.write(back, said.encode())
        os._exit(0)
    os.close(back)
    with os.fdopen(there, "rb") as pipe:
        said = pipe.read().decode()
    os.waitpid(child, 0)
    return said


def test_folder_that_cannot_be_written_is_read_and_never_written(sealed: Path) -> None:
    before = {path.name: path.read_bytes() for path in sealed.iterdir()}
    for path in sealed.parents:
        if os.geteuid() == 0 and path.stat().st_uid == 0 and path != Path("/"):
            path.chmod(path.stat().st_mode | 0o055)  # the way there
    said = ask_without_rights(sealed)
    assert said.startswith("['report-1']; ") and "cannot be written" in said, said
    assert {path.name: path.read_bytes() for path in sealed.iterdir()} == before


def test_error_of_the_database_never_comes_through_bare(tmp_path: Path) -> None:
    start_workspace(tmp_path).close()
    with Workspace(tmp_path, WordEncoder()) as workspace:
        workspace.connection.execute("DROP TABLE copies")
        with pytest.raises(WorkspaceError, match="no such table"):
            workspace.status()
