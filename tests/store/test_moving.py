"""A journal goes from a file to a server, and from a server into a backup and back."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from bus.clock import SystemClock
from bus.core.delivery import State
from bus.core.errors import BusFault
from bus.engine.verify import verify
from bus.journal.commands import Accepted, ChangeDepara, Confirm, Repeated
from bus.ports.history import History
from bus.store.postgres import PostgresStore, copy_into, restore_into
from bus.store.sqlite import SqliteStore
from depara.model import Key, Link, Member, Source
from tests.semantics.journal import TABLES
from tests.store.samples import Sample, ended
from tests.support.clock import HandClock
from tests.support.postgres import database_of, drop, new_database, url_of
from tests.support.stores import Store

NOW = SystemClock().now()


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A database of the test's own."""
    return database_of(tmp_path)


@pytest.fixture
def bare() -> Iterator[str]:
    """A database in which nobody has made anything."""
    name = new_database("template0")
    yield url_of(name)
    drop(name)


async def busy(store: Store) -> list[Sample]:
    """A journal in which much happened: delivered, waiting, and one that is being sent."""
    samples = [Sample(code="same", body=bytes(range(256)) * n) for n in range(1, 30)]
    for sample in samples:
        await store.journal.accept(sample.accepted())
    await store.journal.reject(Sample().rejected())
    (claim,) = await store.journal.claim("worker", {"rm": 1}, 60.0)
    await store.journal.record(ended(claim))
    (claim,) = await store.journal.claim("worker", {"rm": 1}, 60.0)
    await store.journal.start(claim)
    return samples


async def everything(history: History) -> dict[str, list[str]]:
    """All rows of all tables."""
    return {
        table: sorted([repr([*row]) async for row in await history.audit(table)])
        for table in TABLES
    }


async def test_a_file_goes_on_in_a_database(file: Path, url: str, clock: HandClock) -> None:
    """All rows, in their order; repeats are known, and what waited is sent."""
    old = await SqliteStore.open(file, clock)
    samples = await busy(old)
    before = await everything(old.history)
    await old.close()

    copy_into(url, file, NOW)
    async with PostgresStore.open_reading(url) as (history, _):
        assert await everything(history) == before
    new = await PostgresStore.open(url, clock)
    assert new.restored is None
    assert isinstance(await new.journal.accept(samples[0].accepted()), Repeated)
    assert isinstance(await new.journal.accept(Sample().accepted()), Accepted)
    await new.journal.claim("worker", {"rm": 1}, 60.0)
    told = await verify(new.history, new.crossreference)
    assert [one.problem for one in told.discrepancies] == []
    await new.close()


async def test_the_server_knows_how_much_it_was_given(
    file: Path, url: str, clock: HandClock
) -> None:
    """Its rows are counted in the same commit: else it reads all of them to find a few."""
    old = await SqliteStore.open(file, clock)
    samples = await busy(old)
    await old.close()

    copy_into(url, file, NOW)

    with psycopg.connect(url) as connection:
        counted = connection.execute(
            "SELECT reltuples FROM pg_class WHERE oid = 'bus.messages'::regclass"
        ).fetchone()
    assert counted == (len(samples) + 1,)


async def test_the_file_that_was_left_counts_as_a_copy(
    file: Path, url: str, clock: HandClock
) -> None:
    """Should a bus open it all the same, it does not send what the other did."""
    old = await SqliteStore.open(file, clock)
    await busy(old)
    await old.close()
    copy_into(url, file, NOW)

    again = await SqliteStore.open(file, clock)
    assert again.restored is not None
    await again.close()


async def test_what_is_in_use_or_taken_is_not_copied(
    file: Path, url: str, clock: HandClock
) -> None:
    """Neither a file that a bus has, nor into a database that one has, nor over messages."""
    old = await SqliteStore.open(file, clock)
    await busy(old)
    codes = [refusal(url, file)]
    await old.close()
    there = await PostgresStore.open(url, clock)
    codes.append(refusal(url, file))
    await there.journal.accept(Sample().accepted())
    await there.close()
    codes.append(refusal(url, file))

    assert codes == ["JOURNAL_IN_USE", "JOURNAL_IN_USE", "JOURNAL_TAKEN"]


@pytest.mark.parametrize("what", ["de-para", "a confirmation"])
async def test_nothing_that_people_told_a_journal_is_copied_over(
    file: Path, url: str, clock: HandClock, what: str
) -> None:
    """A de-para that is there before the first message, and what was confirmed."""
    old = await SqliteStore.open(file, clock)
    await old.close()
    there = await PostgresStore.open(url, clock)
    if what == "de-para":
        link = Link(Member(Key("Item", "erp", "", "P1")), (Member(Key("Item", "wms", "", "W1")),))
        await there.crossreference.amend(ChangeDepara("ana", Source.PERSON, links=(link,)))
    else:
        await there.journal.confirm(Confirm("omie", "prerequisite", "ana", "done"))
    before = await everything(there.history)
    await there.close()

    assert refusal(url, file) == "JOURNAL_TAKEN"

    async with PostgresStore.open_reading(url) as (history, _):
        assert await everything(history) == before


async def test_a_journal_that_only_ran_is_copied_into(
    file: Path, url: str, clock: HandClock
) -> None:
    """Whoever tried first whether it starts need not make another database."""
    old = await SqliteStore.open(file, clock)
    samples = await busy(old)
    before = await everything(old.history)
    await old.close()
    there = await PostgresStore.open(url, clock)
    await there.close()

    copy_into(url, file, NOW)

    async with PostgresStore.open_reading(url) as (history, _):
        assert await everything(history) == before
    new = await PostgresStore.open(url, clock)
    assert new.restored is None
    assert isinstance(await new.journal.accept(samples[0].accepted()), Repeated)
    await new.close()


@pytest.mark.parametrize("table", ["orders", "migrations", "messages"])
@pytest.mark.parametrize("way", ["open", "copy", "restore", "read"])
async def test_tables_of_another_program_are_left_alone(
    file: Path, bare: str, clock: HandClock, way: str, table: str
) -> None:
    """In the schema of that name, whatever they are called: nothing is made, moved or dropped."""
    old = await SqliteStore.open(file, clock)
    await old.close()
    ways: dict[str, Callable[[], Awaitable[object]]] = {
        "open": lambda: PostgresStore.open(bare, clock),
        "copy": lambda: asyncio.to_thread(copy_into, bare, file, NOW),
        "restore": lambda: asyncio.to_thread(restore_into, bare, file, NOW),
        "read": lambda: PostgresStore.open_reading(bare).__aenter__(),
    }
    theirs = sql.Identifier("bus", table)
    with psycopg.connect(bare) as connection:
        connection.execute("CREATE SCHEMA bus")
        connection.execute(sql.SQL("CREATE TABLE {} AS SELECT 7 AS x").format(theirs))

    with pytest.raises(BusFault) as refused:
        await ways[way]()

    fault = refused.value.fault
    assert fault.code == "JOURNAL_FOREIGN"
    assert table in fault.reason("pt")
    assert bare.rpartition("/")[2] in fault.reason("en")
    with psycopg.connect(bare) as connection:
        named = "SELECT relname FROM pg_class WHERE relnamespace = 'bus'::regnamespace"
        assert connection.execute(named).fetchall() == [(table,)]
        assert connection.execute(sql.SQL("SELECT x FROM {}").format(theirs)).fetchall() == [(7,)]


def refusal(url: str, file: Path) -> str:
    """Why a file cannot be copied."""
    with pytest.raises(BusFault) as refused:
        copy_into(url, file, NOW)
    return refused.value.fault.code


async def test_a_backup_is_a_journal_as_any_other(file: Path, url: str, clock: HandClock) -> None:
    """Made while the bus runs, with all that was there; whoever opens it knows it for a copy."""
    store = await PostgresStore.open(url, clock)
    await busy(store)
    before = await everything(store.history)
    length = await store.history.back_up(file)
    await store.close()

    made = file.stat()  # noqa: ASYNC240 - nothing else runs
    assert (made.st_size, made.st_mode & 0o077) == (length, 0)
    assert [one.name for one in file.parent.glob("bus.db*")] == ["bus.db"]
    async with SqliteStore.open_reading(file) as (history, _):
        assert await everything(history) == before
    copied = await SqliteStore.open(file, clock)
    assert copied.restored is not None
    await copied.close()


async def test_a_backup_that_is_stopped_leaves_nothing(url: str, file: Path) -> None:
    """Whoever waits no more is not waited for."""
    store = await PostgresStore.open(url, SystemClock())
    await busy(store)
    stop = threading.Event()
    stop.set()
    with pytest.raises(BusFault):
        store.history._reading.database.back_up(file, stop)  # noqa: SLF001 - what a command stops
    await store.close()

    assert [*file.parent.glob("bus.db*")] == []


async def test_a_restored_journal_asks_before_it_sends(
    file: Path, url: str, clock: HandClock
) -> None:
    """What was being sent is unknown, what may not be sent twice is in doubt; the old is kept."""
    store = await PostgresStore.open(url, clock)
    await busy(store)
    await store.history.back_up(file)
    lost = Sample()
    await store.journal.accept(lost.accepted())
    await store.close()

    kept = restore_into(url, file, NOW)
    back = await PostgresStore.open(url, clock)
    assert back.restored is not None
    assert back.restored.code == "JOURNAL_RESTORED"
    assert await back.history.find(lost.id) == ()
    await back.journal.claim("worker", {"rm": 9}, 60.0)
    rows = [row async for row in await back.history.audit("deliveries")]
    assert {row[7] for row in rows} == {State.DELIVERED, State.UNKNOWN, State.WAITING}
    await back.close()
    with psycopg.connect(url) as connection:
        connection.execute("SELECT set_config('search_path', %s, true)", (kept,))
        found = connection.execute("SELECT count(*) FROM messages").fetchone()
    assert found == (31,)


async def test_nothing_is_restored_under_a_bus_that_runs(
    file: Path, url: str, clock: HandClock
) -> None:
    """It is refused, and what is there stays."""
    store = await PostgresStore.open(url, clock)
    await busy(store)
    await store.history.back_up(file)
    with pytest.raises(BusFault) as refused:
        restore_into(url, file, NOW)

    assert refused.value.fault.code == "JOURNAL_IN_USE"
    assert isinstance(await store.journal.accept(Sample().accepted()), Accepted)
    await store.close()
