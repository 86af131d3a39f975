"""The tables: what the migrations make is what the code expects, and no statement reads them all."""

import re
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from bus.core.delivery import GONE, State
from bus.core.errors import BusFault
from bus.journal.facts import FactRow
from bus.journal.rows import (
    AnswerRow,
    ApplicationRow,
    AttemptRow,
    BusinessKeyRow,
    ConfigurationRow,
    CursorRow,
    DeliveryRow,
    DocumentRow,
    IdentityRow,
    LaneRow,
    MessageRow,
    ProgressRow,
)
from bus.store.migrations import Migration
from bus.store.sqlite import SqliteStore
from bus.store.sqlite.connection import open_for_writing
from bus.store.sqlite.migrate import migrate, migrations
from bus.store.statements import STOPPED, statements
from tests.store.samples import Sample, ended
from tests.support.clock import HandClock

RELEASED: dict[int, str] = {}
"""The sha256 of each migration that was released. Add them with the release."""

ROWS: dict[str, type[tuple[object, ...]]] = {
    "messages": MessageRow,
    "deliveries": DeliveryRow,
    "lanes": LaneRow,
    "identities": IdentityRow,
    "documents": DocumentRow,
    "business_keys": BusinessKeyRow,
    "attempts": AttemptRow,
    "answers": AnswerRow,
    "progress": ProgressRow,
    "applications": ApplicationRow,
    "cursors": CursorRow,
    "configurations": ConfigurationRow,
}


@pytest.fixture
def connection(file: Path) -> Iterator[apsw.Connection]:
    """A file with the tables of a journal."""
    opened = open_for_writing(file)
    migrate(opened, 0)
    yield opened
    opened.close()


def columns(connection: apsw.Connection, table: str) -> tuple[str, ...]:
    """The columns of a table or a view."""
    return tuple(row[1] for row in connection.execute(f"PRAGMA table_info({table})"))


def shape(connection: apsw.Connection) -> set[object]:
    """All that is in a file, as SQL."""
    return {row for (row,) in connection.execute("SELECT sql FROM sqlite_schema")}


@pytest.mark.parametrize("table", ROWS)
def test_columns_are_the_fields_of_the_rows(connection: apsw.Connection, table: str) -> None:
    """By name and in order, so that people can read the file with the code beside it."""
    assert columns(connection, table) == ROWS[table]._fields  # type: ignore[attr-defined]


def test_facts_have_their_position_before_their_fields(connection: apsw.Connection) -> None:
    """The order of all facts is not their time."""
    assert columns(connection, "facts") == ("position", *FactRow._fields)


@pytest.mark.parametrize("statement", ["UPDATE facts SET reason = 'x'", "DELETE FROM facts"])
async def test_facts_are_append_only(sqlite: SqliteStore, file: Path, statement: str) -> None:
    """Promise 7: whoever opens the file cannot change what happened."""
    await sqlite.journal.accept(Sample().accepted())
    stranger = apsw.Connection(str(file))

    with pytest.raises(apsw.ConstraintError, match="append-only"):
        stranger.execute(statement)


def test_migrations_are_numbered_without_gaps() -> None:
    """Each file has its place."""
    assert [one.number for one in migrations()] == list(range(1, len(migrations()) + 1))


def test_a_released_migration_never_changes() -> None:
    """There are files that have had it."""
    known = {one.number: one.sha256 for one in migrations()}

    assert RELEASED.items() <= known.items()


def test_migrations_are_recorded(connection: apsw.Connection) -> None:
    """Which, when, and from what text."""
    recorded = connection.execute("SELECT number, name, sha256 FROM migrations").fetchall()

    assert recorded == [(one.number, one.name, one.sha256) for one in migrations()]


@pytest.mark.parametrize("version", [one.number for one in migrations()])
async def test_a_file_of_every_version_opens_and_goes_on(
    file: Path, clock: HandClock, version: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise 7: made by that version's scripts alone, brought to the newest, and used."""
    with monkeypatch.context() as then:
        then.setattr("bus.store.sqlite.migrate.migrations", lambda: migrations()[:version])
        older = open_for_writing(file)
        migrate(older, 0)
        older.close()

    store = await SqliteStore.open(file, clock)
    sample = Sample()
    await store.journal.accept(sample.accepted())
    (claim,) = await store.journal.claim("worker", {"rm": 1}, 60.0)
    await store.journal.record(ended(claim))
    await store.close()

    fresh = open_for_writing(file.with_name("fresh.db"))
    migrate(fresh, 0)
    assert shape(open_for_writing(file)) == shape(fresh)


async def test_a_file_of_a_newer_bus_is_refused(file: Path, clock: HandClock) -> None:
    """What it may mean is not known here."""
    store = await SqliteStore.open(file, clock)
    await store.close()
    newer = len(migrations()) + 1
    connection = apsw.Connection(str(file))
    connection.pragma("user_version", newer)
    connection.close()

    with pytest.raises(BusFault) as refusal:
        await SqliteStore.open(file, clock)

    assert refusal.value.fault.code == "JOURNAL_NEWER"
    assert f"version {newer}" in refusal.value.fault.reason("en")


def test_a_migration_that_fails_leaves_the_file_as_it_was(
    connection: apsw.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It can be opened again by the version that wrote it."""
    before = shape(connection)
    broken = Migration(len(migrations()) + 1, "broken", "CREATE TABLE half (a); NONSENSE")
    monkeypatch.setattr("bus.store.sqlite.migrate.migrations", lambda: (*migrations(), broken))

    with pytest.raises(apsw.SQLError):
        migrate(connection, 0)

    assert shape(connection) == before
    assert connection.pragma("user_version") == len(migrations())


LOADS = [
    name
    for name in statements("bus.store.sqlite", "tables.sql")
    if not name.startswith(("put_", "open"))
]


@pytest.mark.parametrize("name", LOADS)
def test_no_statement_of_the_hot_path_reads_a_whole_table(
    connection: apsw.Connection, name: str
) -> None:
    """Each finds what it wants by an index, however long the journal."""
    plan = explained(connection, statements("bus.store.sqlite", "tables.sql")[name])

    tables = "messages|bodies|deliveries|names|attempts|answers|applications|facts|progress"
    scans = [step for step in plan if re.match(rf"SCAN ({tables})\b", step)]
    assert [step for step in scans if "INDEX deliveries_sending" not in step] == []


def test_opening_a_file_reads_only_what_waits(connection: apsw.Connection) -> None:
    """However many deliveries have ended: to be sent, being sent, or to be asked about."""
    plan = explained(
        connection, statements("bus.store.sqlite", "tables.sql")["open_with_right_times"]
    )

    scans = [step for step in plan if step.startswith("SCAN deliveries")]
    few = ("deliveries_waiting", "deliveries_sending", "deliveries_to_check")
    assert len(scans) == len(few)
    assert all(any(index in step for index in few) for step in scans)


def explained(connection: apsw.Connection, statement: str) -> list[str]:
    """How SQLite means to find what a statement asks for."""
    bindings = (1,) if "?" in statement else _Anything()
    plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}", bindings)
    return [str(row[3]) for row in plan]


class _Anything(dict[str, int]):
    def __missing__(self, _: str) -> int:
        return 1


def test_what_stopped_is_what_is_neither_gone_nor_on_its_way() -> None:
    """A new state must be put where it can be found."""
    on_its_way = {State.WAITING, State.SENDING}

    assert set(State) == set(STOPPED) | on_its_way | GONE
