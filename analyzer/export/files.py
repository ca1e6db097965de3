"""Writing a result so that it is either complete or not there: beside the target first, then renamed over it."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path

from analyzer.errors import OutputError


def write_text_atomically(path: Path, text: str) -> None:
    """Write `text` as UTF-8 to `path`; whatever stood there stays until the new file is complete.

    Line ends are written as they are. The mode of a file that is replaced is kept, a symbolic link is followed, and
    what is no regular file (/dev/stdout, a pipe) is written to directly.

    Raises OutputError when the folder is missing or not writable, the path is a folder, the disk is full, or the text
    cannot be encoded; then nothing half-written is left.
    """
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise OutputError(
            f"{path}: cannot be written, the result holds half of a surrogate pair ({error.object[error.start]!r}); "
            "repair the text of the input"
        ) from error
    write_bytes_atomically(path, data)


def write_bytes_atomically(path: Path, data: bytes) -> None:
    """Write `data` to `path` as write_text_atomically does, and raise as it does."""
    mode = _mode_of(path)
    try:
        if mode is not None and not stat.S_ISREG(mode):
            path.write_bytes(data)
            return
        target = Path(os.path.realpath(path))
        beside = _open_beside(target, mode, data)
        try:
            beside.replace(target)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise _explained(path, error) from error


def check_writable(path: Path) -> None:
    """Raise the OutputError now that write_text_atomically would raise after hours of work; leaves nothing behind."""
    mode = _mode_of(path)
    if mode is None or stat.S_ISREG(mode):
        try:
            _open_beside(Path(os.path.realpath(path)), mode, b"").unlink()
        except OSError as error:
            raise _explained(path, error) from error


def _mode_of(path: Path) -> int | None:
    """Return the mode of what stands at `path`, None if nothing does; OutputError for a folder or a protected file."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in the path
        raise _explained(path, error) from error
    if stat.S_ISDIR(mode):
        raise OutputError(f"{path}: cannot be written, it is a folder; name a file in it")
    if not os.access(path, os.W_OK):
        raise OutputError(f"{path}: cannot be written, the file is write-protected; choose another path")
    return mode


def _open_beside(target: Path, mode: int | None, data: bytes) -> Path:
    """Write `data` to a new file next to `target`, down to the disk, and return its path; leave nothing on failure."""
    beside = target.with_name(f".{secrets.token_hex(8)}.part")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            beside.chmod(stat.S_IMODE(mode))
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise
    return beside


def _explained(path: Path, error: OSError | ValueError) -> OutputError:
    folder = path.parent
    if isinstance(error, NotADirectoryError):
        why = "a part of the path is a file and not a folder; choose another path"
    elif isinstance(error, FileNotFoundError):
        why = f"the folder {folder} does not exist; create it (mkdir -p {folder}) or choose another path"
    elif isinstance(error, PermissionError):
        why = f"the folder {folder} is write-protected; choose another path"
    else:
        why = f"{getattr(error, 'strerror', None) or error}; choose another path"
    return OutputError(f"{path}: cannot be written, {why}")
