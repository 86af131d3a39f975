"""Brings the tables of a database to the newest form: numbered scripts, each applied once."""

from __future__ import annotations

from typing import Final

import psycopg

from bus.core.errors import BusFault, Fault
from bus.core.text import Details
from bus.store.migrations import Migration, known_version, scripts_of
from bus.store.postgres.connection import SCHEMA

TOLD: Final = 5
"""Tables of another program that a refusal names."""
MIGRATION: Final = ("number", "name", "at", "sha256")
_TABLES: Final = """
SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE nspname = %s AND relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY relname
"""
_COLUMNS: Final = """
SELECT column_name FROM information_schema.columns
WHERE table_schema = %s AND table_name = 'migrations'
"""
_NEWEST: Final = "SELECT max(number) FROM migrations"
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

    BusFault where we do not know it, and where another program's tables stand in its place.
    """
    tables = [name for (name,) in connection.execute(_TABLES, (SCHEMA,))]
    if not tables:
        return 0
    columns = {name for (name,) in connection.execute(_COLUMNS, (SCHEMA,))}
    if columns == set(MIGRATION):
        (version,) = connection.execute(_NEWEST).fetchone() or (None,)
        if version is not None:
            return known_version(version, migrations()[-1].number)
    raise BusFault(Fault("JOURNAL_FOREIGN", details=_foreign(connection, tables)))


def _foreign(connection: psycopg.Connection, tables: list[str]) -> Details:
    info = connection.info
    named = ", ".join(tables[:TOLD]) + (", …" if tables[TOLD:] else "")
    place = f"{info.host}:{info.port}/{info.dbname}"
    return {"path": place, "schema": SCHEMA, "tables": named}
