"""The journal in a SQLite file, opened and closed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import apsw

from bus.ports.clock import Clock
from bus.store.command_journal import CommandJournal, StoreTime
from bus.store.sqlite.checkpoint import Checkpointer
from bus.store.sqlite.connection import FileLock, faults, open_for_reading, open_for_writing
from bus.store.sqlite.group_commit import GroupCommit
from bus.store.sqlite.history import SqliteHistory
from bus.store.sqlite.migrate import migrate, version_of
from bus.store.sqlite.pairs import SqliteCrossReference
from bus.store.sqlite.reader_thread import ReadingThread
from bus.store.sqlite.tables import SqliteTables


@dataclass(frozen=True, slots=True)
class _Opened:
    """What is open, and how to close all of it."""

    writing: apsw.Connection
    reading: apsw.Connection
    tables: SqliteTables
    close: Callable[[], None]


class Reading(NamedTuple):
    """What may be asked of a file that another process may be writing."""

    history: SqliteHistory
    crossreference: SqliteCrossReference


class SqliteStore:
    """The one process that writes a journal file: its journal and its history."""

    def __init__(self, opened: _Opened, time: StoreTime) -> None:
        self._opened = opened
        self._writer = GroupCommit(opened.tables, time)
        self.journal = CommandJournal(self._writer.carry_out)
        self._reading = ReadingThread(opened.reading)
        self.history = SqliteHistory(self._reading, self._writer.carry_out)
        self.crossreference = SqliteCrossReference(self._reading, self._writer.carry_out)

    @classmethod
    async def open(cls, path: Path, clock: Clock, *, vfs: str | None = None) -> SqliteStore:
        """Take a file, bring it to the newest form, and end the leases of whoever had it before.

        BusFault where another process has it, a newer bus has written it, or it cannot be opened.
        """
        time = StoreTime(clock)
        return cls(await asyncio.to_thread(_open, path, time, vfs), time)

    @staticmethod
    @asynccontextmanager
    async def open_reading(path: Path) -> AsyncIterator[Reading]:
        """The history and the de-para of a file that another process may be writing."""
        reading = ReadingThread(await asyncio.to_thread(_open_reading, path))
        try:
            yield Reading(SqliteHistory(reading), SqliteCrossReference(reading))
        finally:
            await reading.close()

    async def close(self) -> None:
        """Record what waits, then let go of the file."""
        await self._writer.close()
        await self._reading.close()
        await asyncio.to_thread(self._opened.close)


def _open(path: Path, time: StoreTime, vfs: str | None) -> _Opened:
    with ExitStack() as opened, faults():
        opened.callback(FileLock(path).release)
        writing = open_for_writing(path, vfs)
        opened.callback(writing.close)
        migrate(writing, time.now())
        tables = SqliteTables(writing, time.now())
        time.earlier = tables.earlier_openings()
        opened.callback(Checkpointer(writing, open_for_writing(path, vfs)).close)
        reading = open_for_reading(path, vfs)
        return _Opened(writing, reading, tables, opened.pop_all().close)


def _open_reading(path: Path) -> apsw.Connection:
    with ExitStack() as opened, faults():
        connection = open_for_reading(path)
        opened.callback(connection.close)
        version_of(connection)
        opened.pop_all()
        return connection
