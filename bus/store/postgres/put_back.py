"""A journal put into a database from a file: a backup in place of what is there, or a first one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import psycopg

from bus.core.errors import BusFault, Fault
from bus.store.copying import copy_rows
from bus.store.lineage import Lineage
from bus.store.postgres.connection import SCHEMA, DatabaseAddress
from bus.store.postgres.database import PostgresDatabase
from bus.store.postgres.home import is_alone
from bus.store.postgres.migrate import migrate, version_of
from bus.store.postgres.problems import failed, is_lost, lost
from bus.store.postgres.tables import TAKE_TURN
from bus.store.puts import PUTS
from bus.store.sqlite.backup import refuse_unusable
from bus.store.sqlite.connection import FileLock, faults, open_for_reading, open_for_writing
from bus.store.sqlite.database import SqliteDatabase
from bus.store.sqlite.witness import new_generation

AT_THE_START: Final = frozenset({"openings", "configurations", "applications"})
"""The tables that a bus writes as it starts, whatever is in its journal."""
_SEQUENCES: Final = """
SELECT setval('fact_positions', coalesce((SELECT max(position) FROM facts), 0) + 1, false),
       setval('opening_numbers', coalesce((SELECT max(number) FROM openings), 0) + 1, false)
"""


def restore_into(url: str, backup: Path, now: int) -> str:
    """Put a copy of a backup in the place of a journal; the schema that has what was there, or "".

    All of it is one commit. BusFault where a bus runs on it, or the backup is no sound journal.
    """
    refuse_unusable(backup)
    with _alone(DatabaseAddress(url)) as database:
        kept = _put_aside(database.connection)
        _fill(database, backup, now)
        why = ("", 0, Lineage.REPLACED.value)
        database.connection.execute("INSERT INTO home VALUES (%s, %s, %s)", why)
    return kept


def copy_into(url: str, journal: Path, now: int) -> None:
    """Copy a journal that no bus has into a database whose journal, if any, has nothing yet.

    It goes on there. The file counts as a copy from then on: should a bus open it all the same,
    what may have been sent is in doubt. BusFault where a bus has either.
    """
    refuse_unusable(journal)
    lock = FileLock(journal)
    try:
        with _alone(DatabaseAddress(url)) as database:
            connection = database.connection
            if version_of(connection):
                migrate(connection, now)
                _empty(connection, database.place)
            _fill(database, journal, now)
        with faults(), closing(open_for_writing(journal)) as writing:
            writing.pragma("application_id", new_generation())
    finally:
        lock.release()


@contextmanager
def _alone(address: DatabaseAddress) -> Iterator[PostgresDatabase]:
    """One commit in a database that no bus has open."""
    try:
        with closing(PostgresDatabase(address, lambda _: None)) as database:
            connection = database.connection
            with connection.transaction():
                connection.execute(TAKE_TURN)
                if not is_alone(connection):
                    raise BusFault(Fault("JOURNAL_IN_USE", details={"path": address.place}))
                yield database
                database.finish()
    except psycopg.Error as error:
        raise (lost(address.place) if is_lost(error) else failed(error)) from error


def _fill(database: PostgresDatabase, file: Path, now: int) -> None:
    migrate(database.connection, now)
    with faults(file), closing(open_for_reading(file)) as reading:
        copy_rows(SqliteDatabase(reading), database, threading.Event().is_set)
    database.finish()
    database.connection.execute(_SEQUENCES)
    # Else the server knows nothing of them until it counts by itself, and reads all for a few.
    database.connection.execute(f"ANALYZE {', '.join(PUTS)}".encode())


def _put_aside(connection: psycopg.Connection) -> str:
    """Give the tables that are there another schema; empty where there were none."""
    if not version_of(connection):
        return ""
    number = 1
    while _exists(connection, aside := f"{SCHEMA}_replaced_{number}"):
        number += 1
    connection.execute(f"ALTER SCHEMA {SCHEMA} RENAME TO {aside}")
    return aside


def _exists(connection: psycopg.Connection, schema: str) -> bool:
    found = connection.execute("SELECT to_regnamespace(%s) IS NOT NULL", (schema,)).fetchone()
    return found == (True,)


def _empty(connection: psycopg.Connection, place: str) -> None:
    """Take out what a bus writes as it starts; BusFault where anything else is there."""
    for table in sorted(PUTS.keys() - AT_THE_START):
        there = f"SELECT EXISTS (SELECT 1 FROM {table})"  # noqa: S608 - a name of ours
        if connection.execute(there.encode()).fetchone() == (True,):
            raise BusFault(Fault("JOURNAL_TAKEN", details={"path": place}))
    connection.execute(f"TRUNCATE home, {', '.join(sorted(AT_THE_START))}".encode())
