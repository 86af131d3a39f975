"""A full disk: nothing is accepted that is not stored, and the bus goes on when there is room."""

import asyncio
from pathlib import Path
from typing import NamedTuple

import pytest

from bus.core.delivery import State
from bus.core.errors import BusFault
from bus.journal.commands import Accepted
from bus.ports.history import Filter
from bus.store.sqlite import SqliteStore
from tests.store.samples import Sample, ended, noise
from tests.support.clock import HandClock

ENOUGH = 1_000_000
MB = 1024**2
LONG = noise(100_000)


def pages(store: SqliteStore, limit: int) -> int:
    """Lets the file grow up to a number of pages; answers how many it has."""
    connection = store._opened.writing  # noqa: SLF001 - a disk cannot be filled otherwise
    connection.pragma("max_page_count", limit)
    count = connection.pragma("page_count")
    assert isinstance(count, int)
    return count


async def fails(store: SqliteStore, sample: Sample) -> str:
    """What the sender of a message is told."""
    with pytest.raises(BusFault) as refusal:
        await store.journal.accept(sample.accepted())
    assert refusal.value.fault.code == "JOURNAL_FAILED"
    return refusal.value.fault.detail("problem")


async def test_a_full_disk_refuses_and_recovers(sqlite: SqliteStore) -> None:
    """The sender is told at once; with room again its next try is accepted as if nothing had been."""
    sample = Sample(body=LONG)
    pages(sqlite, pages(sqlite, ENOUGH) + 5)

    problem = await fails(sqlite, sample)
    nothing = await sqlite.history.find(sample.id)
    pages(sqlite, ENOUGH)
    result = await sqlite.journal.accept(sample.accepted())

    assert "full" in problem
    assert nothing == ()
    assert isinstance(result, Accepted)
    assert await sqlite.history.body(sample.id) == LONG


async def test_what_still_fits_is_accepted(sqlite: SqliteStore) -> None:
    """One message that is too long for the disk does not take the others of its commit with it."""
    pages(sqlite, pages(sqlite, ENOUGH) + 20)
    long, short = Sample(body=LONG), [Sample() for _ in range(3)]

    results = await asyncio.gather(
        *(sqlite.journal.accept(one.accepted()) for one in (long, *short)), return_exceptions=True
    )

    assert isinstance(results[0], BusFault)
    assert all(isinstance(result, Accepted) for result in results[1:])


async def test_listings_know_what_came_after_a_failure(sqlite: SqliteStore) -> None:
    """What a failed commit noted about who sends what is noted again by the next."""
    failing, coming = Sample(body=LONG, sender="datasul"), Sample(sender="datasul")
    pages(sqlite, pages(sqlite, ENOUGH) + 5)
    await fails(sqlite, failing)
    pages(sqlite, ENOUGH)
    await sqlite.journal.accept(coming.accepted())

    listed = await sqlite.history.messages(Filter(sender="datasul"))

    assert [message.id for message, _ in listed] == [coming.id]


async def test_whether_anything_can_be_recorded_is_tried(sqlite: SqliteStore) -> None:
    """By writing: a commit of nothing succeeds on a disk that is full."""
    connection = sqlite._opened.writing  # noqa: SLF001 - what reaches the disk
    before = connection.total_changes()

    await sqlite.journal.check()

    assert connection.total_changes() > before


async def test_a_disk_that_is_nearly_full_takes_nothing_new(
    file: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was taken in goes on to its end, and with room again new messages are."""
    free = 10 * MB
    monkeypatch.setattr("shutil.disk_usage", lambda _: _Usage(free))
    monkeypatch.setattr("bus.store.sqlite.room.LOOK_AGAIN", 0.0)
    store, sample, late = (
        await SqliteStore.open(file, clock, reserve=10 * MB),
        Sample(),
        Sample(),
    )
    await store.journal.accept(sample.accepted())
    free -= 1

    for refused in (
        store.journal.accept(late.accepted()),
        store.journal.reject(late.rejected()),
        store.journal.check(),
    ):
        with pytest.raises(BusFault) as refusal:
            await refused
        assert refusal.value.fault.code == "DISK_NEARLY_FULL"
        assert "the 10 MB of BUS_DISK_RESERVE" in refusal.value.fault.reason("en")
    (claim,) = await store.journal.claim("worker", {"rm": 1}, 60.0)
    await store.journal.record(ended(claim))

    trace = await store.history.trace(sample.id)
    assert trace
    assert trace.deliveries[0].state is State.DELIVERED
    assert await store.history.find(late.id) == ()
    free += 1
    assert isinstance(await store.journal.accept(late.accepted()), Accepted)
    await store.close()


class _Usage(NamedTuple):
    """How much of a disk is free."""

    free: int
