"""The tables of the ledger in a file: how it is opened, and how it is written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path
from typing import Final

import apsw

from bus.core.errors import BusFault
from bus.journal.facts import FactRow
from bus.journal.unit import Changes
from bus.store.database import Row
from bus.store.sqlite.connection import BUSY_TIMEOUT, failed, open_for_reading
from bus.store.sqlite.database import SqliteDatabase, SqliteStatements
from bus.store.tables import StoredTables

FACTS_OF_AN_OPENING: Final = 1 << 40


class SqliteTables(StoredTables):
    """Rows by key in the file that this process alone writes. Opening it ends the leases of others.

    `see` is told the place of the newest fact, message and position, after each commit of facts.
    What is committed counts only where the file is `kept` by then (`Watch.kept`).
    """

    database: SqliteDatabase
    failures = (apsw.Error, BusFault)
    """What a disk that is full, or a journal that is not there any more, raises."""

    def __init__(
        self, connection: apsw.Connection, now: int, see: Callable[[str, int], None]
    ) -> None:
        super().__init__(SqliteDatabase(connection))
        self._connection = connection
        self._see = see
        self._newest: tuple[str, int] | None = None
        self._damaged: set[str] = set()
        self._remains = False
        self.kept: Callable[[], AbstractContextManager[None]] = nullcontext
        with self.commit():
            ((self.opening,),) = self.sql.where("open", {"now": now})
            self.sql.where("end_leases")
            self.sql.where("end_readings")
            self.sql.where("open_without_pauses", {"now": now})
            self.sql.where("open_with_right_times", {"now": now})
            self.sql.where("open_end_doubts")
        self._position = self.opening * FACTS_OF_AN_OPENING
        self.doubted = self.count("open_count_doubts")

    def begin_generation(self, generation: int, why: str, now: int) -> int:
        """Stamp the file. With a `why`, doubt what may have been sent: how many deliveries."""
        with self.commit():
            self._connection.pragma("application_id", generation)
            if why:
                self.doubt(why, now)
        self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        return self.doubted

    @contextmanager
    def commit(self) -> Iterator[None]:
        """All that is written within is on disk when it ends, or none of it."""
        with self.kept():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
                if self._remains:
                    self._empty_log()
                if self._newest:
                    self._see(*self._newest)
            finally:
                self._newest = None
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                    self.forget_sightings()

    def _erase(self, changes: Changes) -> None:
        """Remove the contents of messages, from the log too as soon as nobody reads there."""
        super()._erase(changes)
        self._remains = True

    def _empty_log(self) -> None:
        """Move all of the log into the file, and cut it; where somebody reads, after another."""
        self._connection.set_busy_timeout(0)
        try:
            self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
            self._remains = False
        except apsw.BusyError:
            pass
        finally:
            self._connection.set_busy_timeout(BUSY_TIMEOUT)

    def told(self, error: Exception) -> Exception:
        """An error as whoever waits is told of it."""
        return failed(error) if isinstance(error, apsw.Error) else error

    def is_nobodys(self, error: Exception) -> bool:
        """Whether it is the fault of no command: the file is locked by somebody else."""
        return isinstance(error, apsw.BusyError)

    def bodies(self, ids: Collection[str]) -> Iterable[tuple[str, bytes]]:
        """What was received, by message; without those that were found to be damaged.

        Who meets one first gets its CorruptError, for the commit in hand cannot go on after it.
        """
        try:
            return super().bodies({*ids} - self._damaged)
        except apsw.CorruptError:
            self._damaged |= self._unreadable(ids)
            raise

    def _unreadable(self, ids: Collection[str]) -> set[str]:
        """Those whose body cannot be read, by a connection that no commit depends on."""
        found = set()
        for id_ in ids:
            with closing(open_for_reading(Path(self._connection.filename))) as reading:
                try:
                    SqliteStatements(reading, "tables.sql").by_keys("bodies", [id_])
                except apsw.CorruptError:
                    found.add(id_)
        return found

    def placed(self, facts: Sequence[FactRow]) -> Sequence[Row]:
        """Facts, each after its position in the order of all."""
        first, self._position = self._position, self._position + len(facts)
        if facts:
            self._newest = facts[-1].message, self._position - 1
        return [(first + at, *fact) for at, fact in enumerate(facts)]
