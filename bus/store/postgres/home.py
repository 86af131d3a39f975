"""Where a journal lives, who is there, and whether it is the one that a bus ran on last.

Every bus that has a journal open holds a lock of its session, shared with the others: whoever can
take it alone is alone. A journal remembers the server and the database that it was used in last; a
copy, a backup that was put back, and a standby that took over are somewhere else.
"""

from __future__ import annotations

from typing import Final

import psycopg

from bus.core.errors import BusFault, Fault
from bus.store.lineage import EARLIER, WORDS, Lineage, Vouched, restored
from bus.store.postgres.tables import PostgresTables

PRESENCE: Final = 0x6561695F627573
"""The lock that every bus on a journal holds."""
_WHERE: Final = """
SELECT
  system_identifier || ':' || left(pg_walfile_name(pg_current_wal_lsn()), 8),
  (SELECT oid::bigint FROM pg_database WHERE datname = current_database())
FROM pg_control_system()
"""


class Home:
    """Where a journal is open. What is not the same after a connection broke is another journal."""

    def __init__(self, place: str) -> None:
        self._place = place
        self.opening = 0
        self.where: tuple[str, int] = ("", 0)

    def enter(self, connection: psycopg.Connection) -> None:
        """Be there with a connection, which is new; BusFault where it leads somewhere else."""
        if connection.execute("SELECT pg_is_in_recovery()").fetchone() == (True,):
            raise psycopg.errors.ReadOnlySqlTransaction
        connection.execute(f"SELECT pg_advisory_lock_shared({PRESENCE})")
        where = connection.execute(_WHERE).fetchone() or ("", 0)
        if not self.opening:
            self.where = where
        elif where != self.where or not _has_opening(connection, self.opening):
            raise BusFault(Fault("JOURNAL_CHANGED", details={"path": self._place}))

    def lineage(self, connection: psycopg.Connection, vouched: Vouched) -> Lineage:
        """What the journal there is to the one that ran last, within a transaction."""
        known = connection.execute("SELECT server, database, why FROM home").fetchone()
        if known is None:
            return Lineage.FIRST
        server, database, why = known
        if why:
            return Lineage(why)
        if (server, database) == self.where or vouched is Vouched.MOVED:
            return Lineage.SAME
        if (
            server.partition(":")[0] == self.where[0].partition(":")[0]
            and database == self.where[1]
        ):
            return Lineage.BACK
        return Lineage.COPIED


def begin(tables: PostgresTables, home: Home, lineage: Lineage, now: int) -> Fault | None:
    """Move in, within a commit; what is to be told while something is in doubt."""
    tables.sql.where(
        "open_move_in", {"server": home.where[0], "database": home.where[1], "ahead": tables.ahead}
    )
    place = tables.database.place
    if lineage in WORDS and tables.has_messages():
        tables.doubt(lineage, now)
        return restored(place, WORDS[lineage], tables.doubted)
    tables.doubted = tables.count("open_count_doubts")
    return restored(place, EARLIER, tables.doubted) if tables.doubted else None


def is_alone(connection: psycopg.Connection) -> bool:
    """Take the place for this bus alone, if it is."""
    return connection.execute(f"SELECT pg_try_advisory_lock({PRESENCE})").fetchone() == (True,)


def share(connection: psycopg.Connection) -> None:
    """Let others in again."""
    connection.execute(f"SELECT pg_advisory_unlock({PRESENCE})")


def leave(connection: psycopg.Connection) -> None:
    """Be there no more."""
    connection.execute("SELECT pg_advisory_unlock_all()")


def _has_opening(connection: psycopg.Connection, opening: int) -> bool:
    found = connection.execute("SELECT 1 FROM openings WHERE number = %s", (opening,))
    return found.fetchone() is not None
