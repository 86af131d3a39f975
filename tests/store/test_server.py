"""A journal on a server: ways that lead nowhere, connections that break, and several processes."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest

from bus.core.errors import BusFault
from bus.core.journal_address import shown
from bus.journal.commands import Accepted, Claim, Repeated
from bus.ports.clock import Clock
from bus.store.postgres import PostgresStore
from bus.store.postgres.migrate import migrations
from bus.store.postgres.problems import unreachable
from bus.store.statements import statements
from tests.store.samples import Sample, ended
from tests.support.clock import HandClock
from tests.support.cutting import Cut, CuttingProxy, cutting
from tests.support.postgres import database_of, name_of

PASSWORD = "nobody-may-read-this"
LEASE = 60.0


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A database of the test's own."""
    return database_of(tmp_path)


@pytest.fixture
def way() -> Iterator[CuttingProxy]:
    """A way to the server that can be cut."""
    with cutting() as proxy:
        yield proxy


@asynccontextmanager
async def opened(url: str, clock: Clock) -> AsyncIterator[PostgresStore]:
    """A bus's journal."""
    store = await PostgresStore.open(url, clock)
    try:
        yield store
    finally:
        await store.close()


async def refusal(url: str, clock: Clock) -> BusFault:
    """Why a journal cannot be opened."""
    with pytest.raises(BusFault) as refused:
        await PostgresStore.open(url, clock)
    return refused.value


# -- ways that lead nowhere ------------------------------------------------------------------------


async def test_a_server_that_is_not_there_is_told_without_the_password(clock: HandClock) -> None:
    """Both languages say where it was looked for, and what to look at."""
    told = await refusal(f"postgresql://bus:{PASSWORD}@127.0.0.1:1/bus", clock)

    assert told.fault.code == "JOURNAL_UNREACHABLE"
    assert told.fault.reason("en") == (
        "There is no way to journal postgresql://bus@127.0.0.1:1/bus: nothing listens there. "
        "Nothing was accepted."
    )
    assert "host e porta" in told.fault.remedy("pt")
    assert PASSWORD not in repr(told)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ('FATAL:  password authentication failed for user "bus"', "the password is wrong"),
        ('FATAL:  role "bus" does not exist', "the user does not exist there"),
        ("FATAL:  sorry, too many clients already", "the server takes no more connections"),
        ("failed to resolve host 'db'", "the name of the server is not known"),
        ("FATAL:  something else", "PostgreSQL says “FATAL:  something else”"),
    ],
)
def test_what_a_server_says_to_whoever_connects_is_told(said: str, problem: str) -> None:
    """In both languages where it is of the usual, else in its own words."""
    fault = unreachable("postgresql://db/bus", psycopg.OperationalError(said)).fault

    assert problem in fault.reason("en")


async def test_a_database_that_is_not_there_is_told(url: str, clock: HandClock) -> None:
    """With the statement that makes it."""
    told = await refusal(f"{url}_missing", clock)

    assert "the database does not exist there" in told.fault.reason("en")
    assert "CREATE DATABASE" in told.fault.remedy("en")


async def test_a_journal_that_is_not_there_is_not_made_by_reading(
    url: str, clock: HandClock
) -> None:
    """Whoever only looks changes nothing."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA bus CASCADE")

    with pytest.raises(BusFault) as refused:
        async with PostgresStore.open_reading(url):
            pass

    assert refused.value.fault.code == "JOURNAL_UNREADABLE"
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT to_regnamespace('bus')").fetchone()
    assert found == (None,)


async def test_tables_of_a_newer_bus_are_refused(url: str, clock: HandClock) -> None:
    """What they may mean is not known here."""
    newer = migrations()[-1].number + 1
    async with opened(url, clock):
        pass
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("INSERT INTO bus.migrations VALUES (%s, 'newer', 0, '')", (newer,))

    told = await refusal(url, clock)

    assert told.fault.code == "JOURNAL_NEWER"
    assert f"version {newer}" in told.fault.reason("en")


@pytest.mark.parametrize(
    ("journal", "told"),
    [
        ("postgresql://bus:p@db/bus?sslmode=require", "postgresql://bus@db/bus"),
        ("postgres://bus:p%40/x@db:5433/bus", "postgres://bus@db:5433/bus"),
        ("postgresql:///bus", "postgresql:///bus"),
        ("bus.db", "bus.db"),
    ],
)
def test_a_journal_is_shown_without_its_password(journal: str, told: str) -> None:
    """A file as it is."""
    assert shown(journal) == told


def test_every_driver_has_the_same_statements() -> None:
    """By name: what is asked of one is asked of the others."""
    own = {"open_has_fact", "open_move_in", "put_ahead", "put_placed_facts", "notify"}
    for file in ("tables.sql", "history.sql", "pairs.sql", "search.sql"):
        names = {
            frozenset(statements(f"bus.store.{driver}", file)) - own
            for driver in ("sqlite", "postgres")
        }
        assert len(names) == 1, file


@pytest.mark.parametrize(
    "statement",
    ["UPDATE bus.facts SET reason = 'x'", "DELETE FROM bus.facts", "TRUNCATE bus.facts"],
)
async def test_facts_on_a_server_are_append_only(
    url: str, clock: HandClock, statement: str
) -> None:
    """Promise 7: whoever opens the database cannot change what happened."""
    async with opened(url, clock) as store:
        await store.journal.accept(Sample().accepted())
        with (
            psycopg.connect(url, autocommit=True) as stranger,
            pytest.raises(psycopg.errors.RaiseException, match="append-only"),
        ):
            stranger.execute(statement)


# -- connections that break ------------------------------------------------------------------------


async def test_a_connection_that_broke_is_made_anew(
    way: CuttingProxy, url: str, clock: HandClock
) -> None:
    """Nobody who comes then is told of it: neither who writes nor who reads."""
    async with opened(way.url(name_of(url)), clock) as store:
        way.cut_all()

        sample = Sample()
        assert isinstance(await store.journal.accept(sample.accepted()), Accepted)
        way.cut_all()
        assert await store.history.trace(sample.id) is not None


async def test_a_commit_that_was_made_unheard_is_looked_up(
    way: CuttingProxy, url: str, clock: HandClock
) -> None:
    """The server knows of each transaction what became of it: its message is accepted, once."""
    async with opened(way.url(name_of(url)), clock) as store:
        sample = Sample()
        way.cut = Cut.AFTER
        assert isinstance(await store.journal.accept(sample.accepted()), Accepted)

        assert way.cut is Cut.NEVER
        assert isinstance(await store.journal.accept(sample.accepted()), Repeated)


async def test_a_commit_that_never_arrived_is_told(
    way: CuttingProxy, url: str, clock: HandClock
) -> None:
    """Nothing was accepted; whoever sends it again is served."""
    async with opened(way.url(name_of(url)), clock) as store:
        sample = Sample()
        way.cut = Cut.BEFORE
        with pytest.raises(BusFault) as refused:
            await store.journal.accept(sample.accepted())

        assert refused.value.fault.code == "JOURNAL_UNREACHABLE"
        assert isinstance(await store.journal.accept(sample.accepted()), Accepted)


@pytest.mark.parametrize("cut", [Cut.AFTER, Cut.BEFORE])
async def test_nobody_is_told_yes_or_no_while_nobody_knows(
    way: CuttingProxy,
    url: str,
    clock: HandClock,
    monkeypatch: pytest.MonkeyPatch,
    cut: Cut,
) -> None:
    """The server is away: 503, and the same message later is a repeat, or is accepted."""
    monkeypatch.setattr("bus.store.postgres.tables.LOOKS", 2)
    async with opened(way.url(name_of(url)), clock) as store:
        sample = Sample()
        way.cut, way.closed = cut, True
        with pytest.raises(BusFault) as refused:
            await store.journal.accept(sample.accepted())
        assert refused.value.fault.code == "JOURNAL_UNCERTAIN"

        way.closed = False
        again = await store.journal.accept(sample.accepted())
        assert isinstance(again, Repeated if cut is Cut.AFTER else Accepted)


async def test_another_journal_behind_a_connection_is_not_written(
    way: CuttingProxy, url: str, clock: HandClock
) -> None:
    """A backup was put in its place while the connection was broken: this process must begin anew."""
    async with opened(way.url(name_of(url)), clock) as store:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("DELETE FROM bus.openings")
        way.cut_all()
        with pytest.raises(BusFault) as refused:
            await store.journal.accept(Sample().accepted())

        assert refused.value.fault.code == "JOURNAL_CHANGED"


# -- several processes -----------------------------------------------------------------------------


async def test_two_buses_never_get_the_same_delivery(url: str, clock: HandClock) -> None:
    """Though both ask at once, again and again."""
    async with opened(url, clock) as one, opened(url, clock) as other:
        samples = [Sample() for _ in range(40)]
        await asyncio.gather(*(one.journal.accept(each.accepted()) for each in samples))
        claimed: list[tuple[Claim, ...]] = []
        for _ in range(8):
            claimed += await asyncio.gather(
                one.journal.claim("one", {"rm": 3}, LEASE),
                other.journal.claim("other", {"rm": 3}, LEASE),
            )

    keys = [claim.delivery[:2] for claims in claimed for claim in claims]
    assert sorted(keys) == sorted((sample.id, 1) for sample in samples)


async def test_a_document_keeps_its_order_whoever_takes_it_in(url: str, clock: HandClock) -> None:
    """One after the other, by the order of their commits; each only when the one before ended."""
    async with opened(url, clock) as one, opened(url, clock) as other:
        samples = [Sample(code="the same") for _ in range(10)]
        accepted = await asyncio.gather(
            *(
                (one, other)[at % 2].journal.accept(sample.accepted())
                for at, sample in enumerate(samples)
            )
        )
        places = sorted(
            (row.seq, row.message)
            for each in accepted
            if isinstance(each, Accepted)
            for row in each.deliveries
        )
        sent = []
        for at in range(len(samples)):
            (claim,) = await (one, other)[at % 2].journal.claim(f"{at % 2}", {"rm": 9}, LEASE)
            sent.append(claim.message.id)
            await (other, one)[at % 2].journal.record(ended(claim))

    assert [seq for seq, _ in places] == list(range(1, 11))
    assert sent == [message for _, message in places]


async def test_of_two_that_bring_the_same_message_one_is_a_repeat(
    url: str, clock: HandClock
) -> None:
    """Though they come through two buses at once."""
    async with opened(url, clock) as one, opened(url, clock) as other:
        for _ in range(10):
            first = Sample()
            second = Sample(uuid=first.uuid, code=first.code)
            results = await asyncio.gather(
                one.journal.accept(first.accepted()), other.journal.accept(second.accepted())
            )
            assert {type(each) for each in results} == {Accepted, Repeated}


async def test_who_joins_leaves_the_leases_of_the_others_alone(url: str, clock: HandClock) -> None:
    """What one is sending is not taken by another that begins; once it is gone it is."""
    async with opened(url, clock) as one:
        await one.journal.accept(Sample().accepted())
        (claim,) = await one.journal.claim("one", {"rm": 1}, LEASE)
        async with opened(url, clock) as other:
            assert await other.journal.claim("other", {"rm": 1}, LEASE) == ()
            assert await one.journal.start(claim)

    async with opened(url, clock) as next_one:
        await next_one.journal.claim("next", {"rm": 1}, LEASE)
        trace = await next_one.history.trace(claim.message.id)
    assert trace is not None
    assert "lease expired" in [fact.kind for fact in trace.facts]
