"""Brings a file to the newest form of the tables: numbered scripts, each applied once."""

from __future__ import annotations

import apsw

from bus.store.migrations import Migration, known_version, scripts_of

_RECORD = """
CREATE TABLE IF NOT EXISTS migrations (
  "number" INTEGER NOT NULL PRIMARY KEY,
  "name" TEXT NOT NULL,
  "at" INTEGER NOT NULL,
  "sha256" TEXT NOT NULL
) STRICT
"""


def migrations() -> tuple[Migration, ...]:
    """All migrations of this driver, in their order."""
    return scripts_of(__package__)


def migrate(connection: apsw.Connection, now: int) -> None:
    """Apply what the file lacks; refuse a file that a newer bus has written."""
    version = version_of(connection)
    for one in migrations():
        if one.number > version:
            _apply(connection, one, now)


def version_of(connection: apsw.Connection) -> int:
    """The number of the newest migration that a file has had; BusFault where we do not know it."""
    return known_version(connection.pragma("user_version"), newest=migrations()[-1].number)


def _apply(connection: apsw.Connection, one: Migration, now: int) -> None:
    with connection:
        connection.execute(_RECORD)
        connection.execute(one.script).fetchall()
        connection.execute(
            "INSERT INTO migrations VALUES (?, ?, ?, ?)", (one.number, one.name, now, one.sha256)
        )
        connection.execute(f"PRAGMA user_version = {one.number}")
