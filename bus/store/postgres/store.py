"""The journal in a database, opened and closed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

import psycopg

from bus.core.errors import BusFault, Fault
from bus.core.text import Details, Text
from bus.ports.clock import Clock
from bus.store.command_journal import CommandJournal
from bus.store.group_commit import GroupCommit
from bus.store.history import StoredHistory
from bus.store.lineage import Vouched
from bus.store.pairs import StoredCrossReference
from bus.store.postgres.connection import DatabaseAddress
from bus.store.postgres.database import PostgresDatabase
from bus.store.postgres.home import Home, begin, is_alone, leave, share
from bus.store.postgres.migrate import migrate, version_of
from bus.store.postgres.notifier import PostgresNotifier
from bus.store.postgres.problems import failed
from bus.store.postgres.shared_time import JournalClock, SharedTime
from bus.store.postgres.tables import TAKE_TURN, PostgresTables
from bus.store.reader_thread import ReadingThread
from bus.store.reading import Reading

NO_JOURNAL = Text("não há diário ali", "there is no journal")


@dataclass(frozen=True, slots=True)
class _OpenedDatabase:
    tables: PostgresTables
    reading: PostgresDatabase
    restored: Fault | None


class PostgresStore:
    """One of the processes that write a journal: its journal and its history."""

    def __init__(self, opened: _OpenedDatabase, time: SharedTime, clock: JournalClock) -> None:
        self._opened = opened
        self.clock: Clock = clock
        self.restored = opened.restored
        self._writer = GroupCommit(opened.tables, time)
        self.journal = CommandJournal(self._writer.carry_out)
        self._reading = ReadingThread(opened.reading)
        self.notifier = PostgresNotifier(opened.tables.database.address, self._reading)
        self.history = StoredHistory(self._reading, self._writer.carry_out)
        self.crossreference = StoredCrossReference(self._reading, self._writer.carry_out)

    @classmethod
    async def open(
        cls, url: str, clock: Clock, *, vouched: Vouched = Vouched.NOTHING
    ) -> PostgresStore:
        """Open a journal beside the others that have it, and bring it to the newest form.

        Where no other has it, the leases of whoever had it before end. Where it is not the one that
        ran last, `restored` tells. BusFault where there is no way to it, or a newer bus has written
        it.
        """
        time = SharedTime(clock)
        opened = await asyncio.to_thread(_open, DatabaseAddress(url), time, vouched)
        return cls(opened, time, JournalClock(clock, time))

    @staticmethod
    @asynccontextmanager
    async def open_reading(url: str) -> AsyncIterator[Reading]:
        """The history and the de-para of a journal that others may be writing."""
        address = DatabaseAddress(url)
        database = await asyncio.to_thread(PostgresDatabase, address, _refuse_nothing(address))
        reading = ReadingThread(database)
        try:
            yield Reading(StoredHistory(reading), StoredCrossReference(reading))
        finally:
            await reading.close()

    async def close(self) -> None:
        """Record what waits, then let go of the connections."""
        await self._writer.close()
        await self.notifier.close()
        await self._reading.close()
        await asyncio.to_thread(_leave, self._opened.tables.database)


def _open(address: DatabaseAddress, time: SharedTime, vouched: Vouched) -> _OpenedDatabase:
    with ExitStack() as opened:
        home = Home(address.place)
        try:
            writing = PostgresDatabase(address, home.enter)
            opened.callback(writing.close)
            tables, restored = _move_in(writing, home, time, vouched)
        except psycopg.Error as error:
            raise failed(error) from error
        reading = PostgresDatabase(address, _anything)
        opened.pop_all()
        return _OpenedDatabase(tables, reading, restored)


def _move_in(
    writing: PostgresDatabase, home: Home, time: SharedTime, vouched: Vouched
) -> tuple[PostgresTables, Fault | None]:
    """Make or renew the tables and begin an opening of them, in one commit."""
    connection = writing.connection
    with connection.transaction():
        connection.execute(TAKE_TURN)
        migrate(connection, time.now())
        tables = PostgresTables(writing, time)
        alone = is_alone(connection)
        tables.open(alone=alone)
        lineage = home.lineage(connection, vouched)
        restored = begin(tables, home, lineage, time.now())
        writing.finish()
    if alone:
        share(connection)
    time.earlier = tables.earlier_openings()
    home.opening = tables.opening
    return tables, restored


def _leave(writing: PostgresDatabase) -> None:
    """Be there no more at once, not only when the server notices that nobody is."""
    with suppress(psycopg.Error):
        leave(writing.connection)
    writing.close()


def _anything(_: psycopg.Connection) -> None:
    """A connection that only reads need not be anybody's in particular."""


def _refuse_nothing(address: DatabaseAddress) -> Callable[[psycopg.Connection], None]:
    def check(connection: psycopg.Connection) -> None:
        if not version_of(connection):
            details: Details = {"path": address.place, "problem": NO_JOURNAL}
            raise BusFault(Fault("JOURNAL_UNREADABLE", details=details))

    return check
