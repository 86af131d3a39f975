"""Brings a file to the newest form of the tables: numbered scripts, each applied once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources

import apsw

from bus.core.errors import BusFault, Fault
from bus.core.text import Text

_RECORD = """
CREATE TABLE IF NOT EXISTS migrations (
  "number" INTEGER NOT NULL PRIMARY KEY,
  "name" TEXT NOT NULL,
  "at" INTEGER NOT NULL,
  "sha256" TEXT NOT NULL
) STRICT
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """A script `NNNN_name.sql`; one that was released never changes."""

    number: int
    name: str
    script: str

    @property
    def sha256(self) -> str:
        """What tells it from a script that was changed since."""
        return hashlib.sha256(self.script.encode()).hexdigest()


@cache
def migrations() -> tuple[Migration, ...]:
    """All migrations, in their order."""
    folder = resources.files(__package__).joinpath("migrations")
    found = []
    for file in folder.iterdir():
        number, _, name = file.name.removesuffix(".sql").partition("_")
        found.append(Migration(int(number), name, file.read_text("utf-8")))
    return tuple(sorted(found, key=lambda one: one.number))


def migrate(connection: apsw.Connection, now: int) -> None:
    """Apply what the file lacks; refuse a file that a newer bus has written."""
    version = version_of(connection)
    for one in migrations():
        if one.number > version:
            _apply(connection, one, now)


def version_of(connection: apsw.Connection) -> int:
    """The number of the newest migration that a file has had; BusFault where we do not know it."""
    version = connection.pragma("user_version")
    newest = migrations()[-1].number
    if isinstance(version, int) and version <= newest:
        return version
    problem = Text(
        f"um barramento mais novo o gravou (tabelas da versão {version}; as daqui são {newest})",
        f"a newer bus has written it (its tables are version {version}, ours {newest})",
    )
    raise BusFault(Fault("JOURNAL_FAILED", details={"problem": problem}))


def _apply(connection: apsw.Connection, one: Migration, now: int) -> None:
    with connection:
        connection.execute(_RECORD)
        connection.execute(one.script).fetchall()
        connection.execute(
            "INSERT INTO migrations VALUES (?, ?, ?, ?)", (one.number, one.name, now, one.sha256)
        )
        connection.execute(f"PRAGMA user_version = {one.number}")
