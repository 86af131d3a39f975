"""The thread that writes: it commits together, answers everybody, and outlives what goes wrong."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from bus.core.delivery import IllegalStep, State, Step
from bus.core.errors import BusFault
from bus.journal.commands import Accepted, Operate
from bus.store.sqlite import SqliteStore
from tests.store.samples import Sample, ended
from tests.support.clock import HandClock


def commits(file: Path) -> Callable[[], int]:
    """Counts the commits of others since, by the time stamps that they give to facts."""
    connection = apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READONLY)
    return lambda: int(connection.execute("SELECT count(DISTINCT at) FROM facts").get)


async def test_commands_that_wait_are_committed_together(sqlite: SqliteStore, file: Path) -> None:
    """A hundred senders at once do not pay for a hundred commits."""
    counted = commits(file)

    await asyncio.gather(*(sqlite.journal.accept(Sample().accepted()) for _ in range(100)))

    assert counted() < 50


async def test_a_guilty_command_fails_alone(sqlite: SqliteStore) -> None:
    """The others of its batch are recorded, and it leaves nothing."""
    delivered = Sample()
    await sqlite.journal.accept(delivered.accepted())
    good = [Sample() for _ in range(10)]
    impossible = Operate(delivered.id, Step.UNBLOCK)

    results = await asyncio.gather(
        *(sqlite.journal.accept(one.accepted()) for one in good[:5]),
        sqlite.journal.act(impossible),
        *(sqlite.journal.accept(one.accepted()) for one in good[5:]),
        return_exceptions=True,
    )

    assert isinstance(results.pop(5), IllegalStep)
    assert all(isinstance(result, Accepted) for result in results)
    for one in good:
        trace = await sqlite.history.trace(one.id)
        assert trace is not None
        assert len(trace.facts) == 1


async def test_what_cannot_be_stored_is_told_to_its_sender_alone(sqlite: SqliteStore) -> None:
    """A text that is no Unicode is an error for whoever sent it."""
    good, bad = Sample(), Sample(code="\ud800")

    results = await asyncio.gather(
        sqlite.journal.accept(good.accepted()),
        sqlite.journal.accept(bad.accepted()),
        return_exceptions=True,
    )

    assert isinstance(results[0], Accepted)
    assert isinstance(results[1], TypeError)
    assert await sqlite.history.trace(bad.id) is None


async def test_a_waiter_that_is_cancelled_changes_nothing(sqlite: SqliteStore) -> None:
    """A caller that hangs up: its message is recorded, and the others get their answers."""
    gone, here = Sample(), Sample()
    leaving = asyncio.create_task(sqlite.journal.accept(gone.accepted()))
    staying = asyncio.create_task(sqlite.journal.accept(here.accepted()))
    await asyncio.sleep(0)

    leaving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await leaving

    assert isinstance(await staying, Accepted)
    assert await sqlite.history.trace(gone.id) is not None


async def test_closing_records_what_waits(file: Path, clock: HandClock) -> None:
    """Nobody who was let in is left without an answer."""
    store = await SqliteStore.open(file, clock)
    waiting = [asyncio.create_task(store.journal.accept(Sample().accepted())) for _ in range(600)]
    await asyncio.sleep(0)

    await store.close()

    results = await asyncio.gather(*waiting)
    assert all(isinstance(result, Accepted) for result in results)


async def test_a_closed_journal_says_so(file: Path, clock: HandClock) -> None:
    """What comes after is refused, not lost."""
    store = await SqliteStore.open(file, clock)
    await store.close()

    with pytest.raises(BusFault) as refusal:
        await store.journal.accept(Sample().accepted())

    assert refusal.value.fault.code == "JOURNAL_FAILED"


async def test_claims_come_first(sqlite: SqliteStore) -> None:
    """They end what ran out, which others of the same commit may be about."""
    first, second = Sample(), Sample()
    await sqlite.journal.accept(first.accepted())

    _, claims = await asyncio.gather(
        sqlite.journal.accept(second.accepted()),
        sqlite.journal.claim("worker", {"rm": 9}, 60.0),
    )

    assert [claim.message.id for claim in claims] == [first.id]


async def test_two_workers_never_get_the_same_delivery(sqlite: SqliteStore) -> None:
    """Though both asked within one commit."""
    for _ in range(8):
        await sqlite.journal.accept(Sample().accepted())

    claimed = await asyncio.gather(
        sqlite.journal.claim("one", {"rm": 5}, 60.0),
        sqlite.journal.claim("two", {"rm": 5}, 60.0),
    )

    keys = [claim.delivery[:2] for claims in claimed for claim in claims]
    assert len(keys) == len(set(keys))


async def test_time_goes_on_when_the_clock_is_set_back(
    sqlite: SqliteStore, clock: HandClock
) -> None:
    """Facts never run backwards, and what waits for a while does not wait for ever."""
    await sqlite.journal.accept(Sample().accepted())
    (claim,) = await sqlite.journal.claim("worker", {"rm": 1}, 60.0)
    await sqlite.journal.start(claim)
    clock.jump(-86_400)

    await sqlite.journal.record(ended(claim, Step.POSTPONE, wait=10.0))
    clock.advance(11)

    trace = await sqlite.history.trace(claim.message.id)
    assert trace is not None
    times = [fact.at for fact in trace.facts]
    assert times == sorted(times)
    (again,) = await sqlite.journal.claim("worker", {"rm": 1}, 60.0)
    assert again.delivery.state is State.SENDING
