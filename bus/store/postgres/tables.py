"""The tables of the ledger on a server: how they are opened, and how commits are made there.

Commits come one after the other, whichever bus makes them: each takes one lock and holds it to its
end, so it sees all that was committed before, and the order within a lane is that of the commits.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final

import psycopg

from bus.core.errors import BusFault, Fault
from bus.journal.facts import FactRow
from bus.store.database import Row
from bus.store.postgres.database import PostgresDatabase
from bus.store.postgres.problems import failed, is_lost, lost
from bus.store.postgres.shared_time import SharedTime
from bus.store.tables import StoredTables

TURN: Final = 0x6561695F6C6567
"""The lock that every commit holds."""
TAKE_TURN: Final = f"SELECT pg_advisory_xact_lock({TURN})"
_TIME: Final = """
SELECT
  pg_current_xact_id()::text,
  (extract(epoch FROM clock_timestamp()) * 1000000)::bigint,
  coalesce((SELECT max(ahead) FROM home), 0)
"""
BEGIN: Final = f"BEGIN; {TAKE_TURN}; {_TIME}"
LOOKS: Final = 40
"""How often what became of a commit is looked up."""
BETWEEN_LOOKS: Final = 0.25
"""Seconds."""


class PostgresTables(StoredTables):
    """Rows by key, over the one connection of this process that writes."""

    failures = (psycopg.Error, BusFault)

    database: PostgresDatabase

    def __init__(self, database: PostgresDatabase, time: SharedTime) -> None:
        super().__init__(database)
        self._time = time

    def open(self, *, alone: bool) -> None:
        """Begin an opening, within a commit.

        Where no other bus is there, the time is ours, and what others left ends; else it is theirs.
        """
        ((_, server, ahead),) = self.database.run(_TIME)
        if not alone:
            self._time.join(server, ahead)
        now = self._time.now()
        self.ahead = now - server
        ((self.opening,),) = self.sql.where("open", {"now": now})
        if alone:
            self.sql.where("end_leases")
            self.sql.where("end_readings")
            self.sql.where("open_without_pauses", {"now": now})
            self.sql.where("open_with_right_times", {"now": now})
            self.sql.where("open_end_doubts")

    @contextmanager
    def commit(self) -> Iterator[None]:
        """All that is written within is on disk when it ends, or none of it."""
        transaction = self._begin()
        committed = False
        try:
            yield
            self._commit(transaction)
            committed = True
        finally:
            if not committed:
                self.forget_sightings()
                self._roll_back()

    def _begin(self) -> str:
        """Wait for the turn of this commit; the number of its transaction."""
        try:
            return self._take_turn()
        except psycopg.Error as error:
            self._roll_back()
            if not is_lost(error):
                raise
        self.database.renew()  # nothing was begun, so nothing is lost
        return self._take_turn()

    def _take_turn(self) -> str:
        cursor = self.database.connection.execute(BEGIN)
        while cursor.nextset():
            pass
        transaction, server, ahead = cursor.fetchone() or ("", 0, 0)
        if (now_ahead := self._time.keep_step(server, ahead)) != ahead:
            self.sql.where("put_ahead", {"ahead": now_ahead})
        return str(transaction)

    def _commit(self, transaction: str) -> None:
        try:
            self.database.send("COMMIT")
            self.database.finish()
        except psycopg.Error as error:
            if not is_lost(error):
                raise
            if not self._was_committed(transaction):
                raise

    def _roll_back(self) -> None:
        with suppress(psycopg.Error):  # what was sent on its way to a commit failed with it
            self.database.finish()
        if self.database.is_in_transaction():
            with suppress(psycopg.OperationalError):  # the server rolls back what lost its client
                self.database.connection.execute("ROLLBACK")

    def _was_committed(self, transaction: str) -> bool:
        """What became of a commit whose end was not heard; BusFault where nobody knows."""
        for _ in range(LOOKS):
            try:
                self.database.renew()
                found = self.database.connection.execute(
                    "SELECT pg_xact_status(%s::xid8)", (transaction,)
                ).fetchone()
            except BusFault as fault:
                if fault.fault.code != "JOURNAL_UNREACHABLE":
                    break
                found = ("in progress",)
            except psycopg.Error as error:
                if not is_lost(error):
                    break
                found = ("in progress",)
            status = found[0] if found else None
            if status in {"committed", "aborted"}:
                return bool(status == "committed")
            if status is None:
                break
            time.sleep(BETWEEN_LOOKS)
        raise BusFault(Fault("JOURNAL_UNCERTAIN", details={"path": self.database.place}))

    def told(self, error: Exception) -> Exception:
        """An error as whoever waits is told of it."""
        if not isinstance(error, psycopg.Error):
            return error
        return lost(self.database.place) if is_lost(error) else failed(error)

    def is_nobodys(self, error: Exception) -> bool:
        """Whether it is the fault of no command: of the server, or of the way to it."""
        if isinstance(error, BusFault):
            return error.fault.code.startswith("JOURNAL_")
        return isinstance(error, psycopg.Error) and (
            is_lost(error) or isinstance(error, psycopg.errors.LockNotAvailable)
        )

    def placed(self, facts: Sequence[FactRow]) -> Sequence[Row]:
        """Facts as they are: a sequence gives them their positions within the commit."""
        return facts
