"""Brings the tables of a database to the newest form: numbered scripts, each applied once."""

from __future__ import annotations

from typing import Final

import psycopg

from bus.core.errors import BusFault, Fault
from bus.store.migrations import Migration, newer, scripts_of
from bus.store.postgres.connection import SCHEMA

_RECORD: Final = """
CREATE TABLE migrations (
  "number" bigint NOT NULL PRIMARY KEY,
  "name" text NOT NULL,
  "at" bigint NOT NULL,
  "sha256" text NOT NULL
)
"""


def migrations() -> tuple[Migration, ...]:
    """All migrations of this driver, in their order."""
    return scripts_of(__package__)


def migrate(connection: psycopg.Connection, now: int) -> None:
    """Apply what the tables lack, within a transaction; refuse those of a newer bus."""
    version = version_of(connection)
    if not version:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        connection.execute(_RECORD)
    for one in migrations():
        if one.number > version:
            connection.execute(one.script)
            connection.execute(
                "INSERT INTO migrations VALUES (%s, %s, %s, %s)",
                (one.number, one.name, now, one.sha256),
            )


def version_of(connection: psycopg.Connection) -> int:
    """The number of the newest migration that a database has had; 0 where it has no journal.

    BusFault where we do not know it.
    """
    (there,) = connection.execute("SELECT to_regclass('migrations') IS NOT NULL").fetchone() or (0,)
    if not there:
        return 0
    (version,) = connection.execute("SELECT max(number) FROM migrations").fetchone() or (0,)
    newest = migrations()[-1].number
    if version > newest:
        problem = newer(version, newest)
        raise BusFault(Fault("JOURNAL_FAILED", details={"problem": problem}))
    return int(version)
