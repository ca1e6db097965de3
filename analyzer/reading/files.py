"""Paths: which articles and corpora a list of files and folders holds, and what each is called.

A folder is read recursively, in the order of its names; hidden entries are passed over. A file that is named twice,
or named and also inside a named folder, counts once.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from analyzer.errors import InputError

ARTICLES = {".txt": "txt", ".html": "html", ".htm": "html", ".pdf": "pdf", ".docx": "docx"}
CORPORA = {".jsonl": "jsonl", ".csv": "csv"}
SUFFIXES = ", ".join((*ARTICLES, *CORPORA))


@dataclass(frozen=True, slots=True)
class Source:
    """One file to read. `problem` says why it cannot be one; empty for a file that looks right from outside."""

    path: Path
    name: str  # unique among the sources of a run
    named: bool  # given directly, not found in a folder
    problem: str = ""


def show_path(path: Path | str) -> str:
    """Return the path as it can stand in a message of one line: control and undecodable characters are escaped."""
    readable = os.fspath(path).encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in readable)


def load_bytes(path: Path) -> bytes:
    """Return the file's content; InputError if the system refuses."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{show_path(path)}: cannot be read ({_reason(error)}).") from error


def check_file(path: Path) -> str:
    """Return what keeps the path from being an article or corpus, seen from outside; empty if nothing does."""
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        if isinstance(error, FileNotFoundError):
            return "does not exist. Check the spelling and the folder."
        return f"cannot be read ({_reason(error)})."
    if stat.S_ISDIR(status.st_mode):
        return "is a folder. Name a file in it, or read the folder with read_documents."
    if not stat.S_ISREG(status.st_mode):
        return "is not a regular file."
    if path.suffix.lower() not in (*ARTICLES, *CORPORA):
        kind = f"{path.suffix!r} is not a kind of file" if path.suffix else "a name without suffix says no kind of file"
        return f"{show_path(kind)} that can be read. Known: {SUFFIXES}."
    return "is empty (0 bytes)." if status.st_size == 0 else ""


def list_sources(paths: Sequence[Path | str]) -> list[Source]:
    """Return the files behind `paths` in order, each once, with names that are unique.

    Raises InputError for a named path that does not exist, is empty or of an unknown kind, and for a folder without
    any file. What is wrong inside a folder is said in Source.problem.
    """
    found: dict[str, tuple[Path, bool, str]] = {}
    for path in map(Path, paths):
        if _is_folder(path):
            entries = [(entry, False, problem) for entry, problem in walk_folder(path)]
            if not entries:
                raise InputError(f"{show_path(path)}: the folder holds no files to read.")
        else:
            if problem := check_file(path):
                raise InputError(f"{show_path(path)}: {problem}")
            entries = [(path, True, "")]
        for entry in entries:
            key = os.path.realpath(entry[0])
            if key not in found or (entry[1] and not found[key][1]):
                found[key] = entry
    names = name_paths([path for path, _, _ in found.values()])
    return [Source(path, names[path], named, problem) for path, named, problem in found.values()]


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def walk_folder(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield the files in a folder and below, each with what keeps it from being read; empty if nothing does."""
    waiting = [folder]
    while waiting:
        path = waiting.pop()
        if path is not folder and not (path.is_dir() and not path.is_symlink()):
            yield path, "is a link to a folder, which is not followed." if path.is_dir() else check_file(path)
            continue
        try:
            entries = sorted(entry for entry in path.iterdir() if not entry.name.startswith("."))
        except OSError as error:
            yield path, f"cannot be read ({_reason(error)})."
        else:
            waiting.extend(reversed(entries))


def name_paths(paths: Sequence[Path]) -> dict[Path, str]:
    """Call each path by its stem, with its suffix where a twin lies beside it, and with folders where names collide."""
    twins = Counter((path.absolute().parent, path.stem) for path in paths)
    lasts = {path: path.name if twins[path.absolute().parent, path.stem] > 1 else path.stem for path in paths}
    levels = dict.fromkeys(paths, 0)
    names: dict[Path, str] = {}
    while True:
        for path, level in levels.items():
            folders = path.absolute().parts[-1 - level : -1] if level else ()
            names[path] = show_path("/".join((*(folder.strip("/") for folder in folders), lasts[path])))
        times = Counter(names.values())
        longer = [path for path in paths if times[names[path]] > 1 and levels[path] < len(path.absolute().parts)]
        if not longer:
            return names
        for path in longer:
            levels[path] += 1


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)
