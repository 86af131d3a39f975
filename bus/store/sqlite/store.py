"""The journal in a SQLite file, opened and closed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import apsw

from bus.core.errors import Fault
from bus.journal.apply import Command
from bus.ports.clock import Clock
from bus.store.command_journal import CommandJournal, StoreTime
from bus.store.group_commit import GroupCommit
from bus.store.history import StoredHistory
from bus.store.lineage import Vouched
from bus.store.pairs import StoredCrossReference
from bus.store.reader_thread import ReadingThread
from bus.store.reading import Reading
from bus.store.sqlite.checkpoint import Checkpointer
from bus.store.sqlite.connection import (
    FileLock,
    faults,
    open_for_reading,
    open_for_writing,
    unreadable,
)
from bus.store.sqlite.database import SqliteDatabase
from bus.store.sqlite.lineage import (
    as_vouched,
    begin,
    lineage_of,
    refuse_what_is_gone,
    testimony_of,
)
from bus.store.sqlite.migrate import migrate, version_of
from bus.store.sqlite.room import DiskRoom
from bus.store.sqlite.tables import SqliteTables
from bus.store.sqlite.watch import Watch
from bus.store.sqlite.witness import Witness


@dataclass(frozen=True, slots=True)
class _Opened:
    """What is open, and how to close all of it; before that, how to leave alone what is lost."""

    writing: apsw.Connection
    reading: apsw.Connection
    tables: SqliteTables
    watch: Watch
    restored: Fault | None
    leave: Callable[[], None]
    close: Callable[[], None]


class SqliteStore:
    """The one process that writes a journal file: its journal and its history."""

    notifier: None = None
    """There are no others to tell."""

    def __init__(self, opened: _Opened, time: StoreTime, room: DiskRoom, clock: Clock) -> None:
        self._opened = opened
        self.clock = clock
        self._room = room
        self.restored = opened.restored
        self._writer = GroupCommit(opened.tables, time)
        self.journal = CommandJournal(self._carry_out)
        self._reading = ReadingThread(SqliteDatabase(opened.reading))
        self.history = StoredHistory(self._reading, self._writer.carry_out)
        self.crossreference = StoredCrossReference(self._reading, self._writer.carry_out)

    @classmethod
    async def open(
        cls,
        path: Path,
        clock: Clock,
        *,
        vfs: str | None = None,
        vouched: Vouched = Vouched.NOTHING,
        reserve: int = 0,
    ) -> SqliteStore:
        """Take a file, bring it to the newest form, and end the leases of whoever had it before.

        Where it is not the one that ran here last, `restored` tells. Nothing new is taken in where
        less than the `reserve` (bytes) is free on its disk. BusFault where another
        process has it, a newer bus has written it, it cannot be opened, or where something is
        missing that nobody `vouched` for.
        """
        time = StoreTime(clock)
        opened = await asyncio.to_thread(_open, path, time, vfs, vouched)
        return cls(opened, time, DiskRoom(path, reserve), clock)

    async def _carry_out(self, command: Command) -> object:
        self._room.admit(command)
        return await self._writer.carry_out(command)

    @staticmethod
    @asynccontextmanager
    async def open_reading(path: Path) -> AsyncIterator[Reading]:
        """The history and the de-para of a file that another process may be writing."""
        reading = ReadingThread(SqliteDatabase(await asyncio.to_thread(_open_reading, path)))
        try:
            yield Reading(StoredHistory(reading), StoredCrossReference(reading))
        finally:
            await reading.close()

    async def close(self) -> None:
        """Record what waits, then let go of the file."""
        await self._writer.close()
        if self._opened.watch.lost:
            self._opened.leave()
        await self._reading.close()
        await asyncio.to_thread(self._opened.close)


def _open(path: Path, time: StoreTime, vfs: str | None, vouched: Vouched) -> _Opened:
    path = path.resolve()  # SQLite keeps the log beside what a link leads to
    with ExitStack() as opened, faults(path):
        file = FileLock(path)
        opened.callback(file.release)
        witness = Witness(path)
        opened.callback(witness.close)
        refuse_what_is_gone(path, file.descriptor, witness.testimony, vouched)
        writing = open_for_writing(path, vfs)
        opened.callback(writing.close)
        lineage = lineage_of(writing, file.descriptor, witness.testimony)
        lineage = as_vouched(lineage, vouched, path)
        migrate(writing, time.now())
        tables = SqliteTables(writing, time.now(), witness.see)
        time.earlier = tables.earlier_openings()
        restored = begin(tables, lineage, path, time.now())
        witness.attend(testimony_of(file.descriptor, lineage, witness.testimony))
        watch = Watch(path, file.descriptor)
        tables.kept = watch.kept
        moving = open_for_writing(path, vfs)
        opened.callback(Checkpointer(writing, moving, watch).close)
        reading = open_for_reading(path, vfs)
        leave = partial(_leave_alone, witness, writing, moving, reading)
        return _Opened(writing, reading, tables, watch, restored, leave, opened.pop_all().close)


def _leave_alone(witness: Witness, *connections: apsw.Connection) -> None:
    """Close without a trace: what lies under the journal's name is not what was written."""
    witness.leave()
    for connection in connections:
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)


def _open_reading(path: Path) -> apsw.Connection:
    try:
        with ExitStack() as opened:
            connection = open_for_reading(path)
            opened.callback(connection.close)
            version_of(connection)
            opened.pop_all()
            return connection
    except apsw.Error as error:
        raise unreadable(path, error) from error
