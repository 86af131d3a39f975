"""A bus lets go of what is finished by itself, bit by bit, and one bus of several."""

import asyncio
import contextlib
import random

import pytest

from bus.core.delivery import State
from bus.core.errors import BusFault, Fault
from bus.engine.retention import EVERY, LEASE, STEP, YOUNGEST, Kept, PruneRound, Retention
from bus.journal.facts import FactKind
from bus.journal.retention import RETENTION
from tests.support.deployments import deployment
from tests.support.messages import unit
from tests.support.rig import Rig, Rigs, code_of

DAY = 86400.0
WORKER = "this one"


class Clock:
    """The clock of a rig, on which sleeping takes no time, and is counted."""

    def __init__(self, bus: Rig, rounds: int) -> None:
        self._clock = bus.clock
        self._rounds = rounds
        self.naps: list[float] = []

    def now(self) -> int:
        """The time of the rig."""
        return self._clock.now()

    async def sleep(self, seconds: float) -> None:
        """Note it; after so many rounds, for ever."""
        self.naps.append(seconds)
        if self.naps.count(EVERY) == self._rounds:
            await asyncio.Event().wait()


def retention(bus: Rig, kept: Kept, worker: str = WORKER) -> Retention:
    """What lets go, over the ports of a rig."""
    return Retention(bus.bus.ports, worker, kept)


async def sent(bus: Rig, count: int = 1) -> list[str]:
    """Messages that were delivered."""
    ids = [await bus.accepted(unit(f"U{number}")) for number in range(count)]
    for one in ids:
        await bus.reaches(one, State.DELIVERED)
    return ids


async def kept_in(bus: Rig) -> int:
    """How many messages the journal has."""
    return len([row async for row in await bus.bus.history.audit("messages")])


async def a_round(bus: Rig, kept: Kept, *, rounds: int = 1) -> list[float]:
    """Has what lets go run; the pauses that it made, until it rests between two rounds."""
    clock = Clock(bus, rounds)
    letting = retention(bus, kept)
    letting._clock = clock  # type: ignore[assignment] # noqa: SLF001 - it has no time of its own
    running = asyncio.create_task(letting.run())

    async def rested() -> bool:
        return clock.naps.count(EVERY) == rounds

    await bus.until(rested, "it rests")
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    return clock.naps[: clock.naps.index(EVERY)]


async def test_what_is_old_goes_bit_by_bit(rigs: Rigs) -> None:
    """A few messages a commit, and a pause between two."""
    bus = await rigs.start()
    await sent(bus, STEP + 1)
    bus.clock.advance(91 * DAY)

    pauses = await a_round(bus, Kept(90 * DAY))

    assert await kept_in(bus) == 0
    assert len(pauses) == 2
    facts = await bus.bus.history.facts("")
    pruned = [fact for fact in facts if fact.kind == FactKind.PRUNED]
    assert [fact.data["messages"] for fact in pruned] == [STEP, 1]


async def test_nothing_goes_where_nothing_is_said(rigs: Rigs) -> None:
    """What was kept for ever is kept for ever."""
    bus = await rigs.start()
    await sent(bus)
    bus.clock.advance(10_000 * DAY)

    await asyncio.wait_for(retention(bus, Kept()).run(), timeout=10)

    assert await kept_in(bus) == 1


async def test_of_several_buses_one_is_at_it(rigs: Rigs) -> None:
    """The other one looks again at its next round."""
    bus = await rigs.start()
    await sent(bus)
    bus.clock.advance(91 * DAY)
    assert await bus.journal.lease_cursor(RETENTION, "another", LEASE) == ""

    await a_round(bus, Kept(90 * DAY))
    assert await kept_in(bus) == 1
    bus.clock.advance(LEASE + 1)
    await a_round(bus, Kept(90 * DAY))

    assert await kept_in(bus) == 0
    assert await bus.journal.lease_cursor(RETENTION, "another", LEASE) == ""


async def test_a_round_that_fails_is_told_and_the_next_one_goes_on(rigs: Rigs) -> None:
    """The journal may be away for a while."""
    bus = await rigs.start()
    await sent(bus)
    bus.clock.advance(91 * DAY)

    async def fail() -> None:
        raise BusFault(Fault("JOURNAL_FAILED", details={"problem": "away"}))

    bus.journal.before("prune", fail)
    await a_round(bus, Kept(90 * DAY), rounds=2)

    assert await kept_in(bus) == 0
    assert [what for what, _ in bus.watcher.troubles] == ["letting go of what is finished failed"]
    bus.watcher.troubles.clear()


async def test_what_is_too_much_goes_the_oldest_first(rigs: Rigs) -> None:
    """Until it is not too much any more; what came within a day stays."""
    bus = await rigs.start()
    first = await bus.accepted(unit("U", description=random.randbytes(100_000).hex()))
    await bus.reaches(first, State.DELIVERED)
    await sent(bus, STEP)
    bus.clock.advance(YOUNGEST + 1)
    last = await bus.accepted(unit(f"U{STEP}", description=random.randbytes(50_000).hex()))
    await bus.reaches(last, State.DELIVERED)
    full = await bus.bus.history.size()

    await a_round(bus, Kept(size=full - 50_000))

    assert await bus.bus.history.find(first) == ()
    assert await kept_in(bus) == 2
    await a_round(bus, Kept(size=1))
    assert await kept_in(bus) == 1


async def test_a_person_may_have_it_done_now(rigs: Rigs) -> None:
    """And is told what the journal is then."""
    bus = await rigs.start()
    await sent(bus, 2)
    bus.clock.advance(91 * DAY)

    tried = await retention(bus, Kept()).prune(Kept(90 * DAY, 1), "ana", "full", dry=True)
    assert await kept_in(bus) == 2
    done = await retention(bus, Kept()).prune(Kept(90 * DAY), "ana", "full", dry=False)

    assert (tried.messages, tried.oldest > 0) == (2, True)
    assert done == PruneRound(2, await bus.bus.history.size(), 0)
    assert await kept_in(bus) == 0


@pytest.mark.parametrize("sync", [False, True])
async def test_what_comes_again_is_refused_with_what_to_do(rigs: Rigs, *, sync: bool) -> None:
    """Promise 2: it was sent once, and nobody knows any more what came of it."""
    bus = await rigs.start(deployment())
    message = unit("UN", mode="sync") if sync else unit("UN")
    first = await bus.accepted(message)
    await bus.reaches(first, State.DELIVERED)
    bus.clock.advance(91 * DAY)
    await retention(bus, Kept()).prune(Kept(90 * DAY), "ana", "", dry=False)

    again = [await bus.post(message) for _ in range(2)]

    assert [code_of(one) for one in again] == ["REPEATS_PRUNED"] * 2
    assert again[0].fault
    assert again[0].fault.status == 409
    assert again[0].fault.details["message"] == first
    assert bus.app("rm").received == ["01||UN"]
