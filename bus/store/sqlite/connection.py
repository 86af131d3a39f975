"""Opening the file: its lock, its settings, and what may go wrong with it as a fault."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import apsw

from bus.core.errors import BusFault, Fault
from bus.core.text import Details
from bus.store.sqlite.problems import problem_of

_CREATE: Final = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
_STATEMENTS_KEPT: Final = 256
BUSY_TIMEOUT: Final = 5_000
"""Milliseconds that a connection waits for a lock of another."""
_FAR_BEYOND: Final = 1 << 60
"""A byte that no journal has."""

_READING: Final[Mapping[str, int | str]] = {
    "busy_timeout": BUSY_TIMEOUT,
    "cache_size": -8 * 1024,  # KiB
    "temp_store": "memory",
}
_WRITING: Final[Mapping[str, int | str]] = {
    **_READING,
    "cache_size": -32 * 1024,
    "journal_mode": "wal",
    "synchronous": "full",
    "fullfsync": 1,  # a Mac's fsync alone does not reach the disk
    "checkpoint_fullfsync": 1,
    "wal_autocheckpoint": 0,  # it has a thread of its own
    "journal_size_limit": 64 * 1024 * 1024,  # of the log, after a burst
    "cache_spill": 0,
    "secure_delete": 1,  # what is erased or let go is no more in the pages that it had
}


class FileLock:
    """The right to write a journal: one process a file, whatever name it is opened by."""

    def __init__(self, path: Path) -> None:
        try:
            self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise failed(error) from error
        try:
            _lock(self.descriptor)
        except (BlockingIOError, PermissionError):
            # It stays open: to close it would drop the locks that this process has on the file.
            raise BusFault(Fault("JOURNAL_IN_USE", details={"path": str(path)})) from None

    def release(self) -> None:
        """Let others have it, once nothing else of this process is open on the file."""
        os.close(self.descriptor)


def _lock(file: int) -> None:
    """Lock the file itself, and none of the bytes by which SQLite's connections lock each other."""
    if sys.platform == "linux":
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    else:  # where a lock of the whole would be one of those bytes too
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _FAR_BEYOND)


def open_for_writing(path: Path, vfs: str | None = None) -> apsw.Connection:
    """A connection that writes: every commit is on disk when it returns."""
    if vfs is None:
        _keep_private(path)
    return _open(path, _CREATE, vfs, _WRITING)


def open_for_reading(path: Path, vfs: str | None = None) -> apsw.Connection:
    """A connection that only reads, beside the one that writes."""
    return _open(path, apsw.SQLITE_OPEN_READONLY, vfs, _READING)


def unreadable(path: Path, error: Exception) -> BusFault:
    """A journal that cannot be read, by somebody who writes nothing."""
    details: Details = {"path": str(path), "problem": problem_of(error)}
    return BusFault(Fault("JOURNAL_UNREADABLE", details=details))


def _keep_private(path: Path) -> None:
    """Leave the file to its owner alone; SQLite gives its log and shared memory the same mode."""
    try:
        # By name: to close a descriptor would drop the locks that this process has on the file.
        for part in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
            if part.exists():
                part.chmod(0o600)
    except OSError as error:
        raise failed(error) from error


def failed(error: Exception) -> BusFault:
    """What SQLite or the system says, as a fault of the journal."""
    return BusFault(Fault("JOURNAL_FAILED", details={"problem": problem_of(error)}))


@contextmanager
def faults(opening: Path | None = None) -> Iterator[None]:
    """Turn what SQLite says into a fault of the journal; of one that is `opening`, by its name."""
    try:
        yield
    except apsw.Error as error:
        if opening and isinstance(error, apsw.NotADBError | apsw.CorruptError):
            raise unreadable(opening, error) from error
        raise failed(error) from error


def _open(
    path: Path, flags: int, vfs: str | None, pragmas: Mapping[str, int | str]
) -> apsw.Connection:
    connection = apsw.Connection(
        str(path), flags=flags, vfs=vfs, statementcachesize=_STATEMENTS_KEPT
    )
    with ExitStack() as opened:
        opened.callback(connection.close)
        for name, value in pragmas.items():
            connection.pragma(name, value)
        opened.pop_all()
    return connection
