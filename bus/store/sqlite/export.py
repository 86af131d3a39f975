"""A backup of a journal that is elsewhere: a file like any other journal's."""

from __future__ import annotations

import os
import threading
from contextlib import closing, suppress
from pathlib import Path

import apsw

from bus.core.errors import BusFault
from bus.store.copying import copy_rows
from bus.store.database import Database
from bus.store.sqlite.backup import EXISTS, IS_FOLDER, NAME_ANOTHER, backup_failed, synced
from bus.store.sqlite.connection import open_for_writing
from bus.store.sqlite.database import SqliteDatabase
from bus.store.sqlite.migrate import migrate
from bus.store.sqlite.problems import problem_of
from bus.store.sqlite.witness import new_generation


def export(source: Database, file: Path, stop: threading.Event) -> int:
    """Copy a journal as of one moment into a new file of its owner alone; its length in bytes.

    It is a generation of its own: wherever it is opened, it is noticed to be a copy. Once it is to
    `stop`, BusFault, and nothing is left of it.
    """
    if file.exists():
        problem = IS_FOLDER if file.is_dir() else EXISTS
        raise BusFault(backup_failed(file, problem, NAME_ANOTHER))
    part = Path(f"{file}.part")
    try:
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        _fill(part, source, stop)
        synced(part)
        part.rename(file)
        synced(file.parent)
        return file.stat().st_size
    except (OSError, apsw.Error) as error:
        raise BusFault(backup_failed(file, problem_of(error))) from error
    finally:
        _remove(part)


def _fill(part: Path, source: Database, stop: threading.Event) -> None:
    with closing(open_for_writing(part)) as writing:
        migrate(writing, 0)
        writing.execute("BEGIN IMMEDIATE")
        if not copy_rows(source, SqliteDatabase(writing), stop.is_set):
            raise apsw.InterruptError("interrupted")
        writing.execute("COMMIT")
        writing.pragma("application_id", new_generation())


def _remove(part: Path) -> None:
    for end in ("", "-wal", "-shm"):
        with suppress(OSError):
            Path(f"{part}{end}").unlink(missing_ok=True)
