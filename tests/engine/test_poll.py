"""Applications that are read: nothing is lost or taken twice, wherever a process ends."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from bus.core.delivery import State
from bus.core.route import Deployment
from bus.engine.poll import LONGEST_PAUSE, Poller, lease_of, pause_after
from bus.journal.facts import FactKind
from bus.journal.rows import MessageRow
from tests.support.deployments import application, deployment, route
from tests.support.journals import disk_full
from tests.support.messages import unit
from tests.support.rig import Rig, Rigs

CODES = ("UN", "KG", "MT", "LT", "CX")
STEPS = 30
"""More steps than it takes to read all messages."""


def read_often() -> Deployment:
    """Protheus is read, and what it says goes to RM."""
    return deployment(route("rm"), applications=[application("protheus", read_every=5.0)])


def filled(bus: Rig, *codes: str) -> None:
    """Messages wait at Protheus to be read."""
    bus.app("protheus").source.messages += [unit(code).xml() for code in codes]


@contextlib.asynccontextmanager
async def polling(bus: Rig, worker: str = "") -> AsyncIterator[asyncio.Task[None]]:
    """A worker reads meanwhile."""
    poller = Poller(bus.bus.ports, bus.bus.acceptor, worker) if worker else bus.bus.poller
    task = asyncio.create_task(poller.run())
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def taken(bus: Rig) -> list[MessageRow]:
    """The messages of the journal, as they came."""
    return [MessageRow._make(row) async for row in await bus.bus.history.audit("messages")]


async def all_read(bus: Rig, count: int = len(CODES), unwanted: int = 0) -> None:
    """Wait until so many messages have come in, and the source has been found empty since."""
    source = bus.app("protheus").source

    async def done() -> bool:
        end = str(count + unwanted)
        return len(await taken(bus)) >= count and source.asked[-1:] == [end]

    await bus.until(done, f"{count} messages are read")


async def assert_each_once(bus: Rig) -> None:
    """Each message of the source was accepted once, in order, and none came again."""
    rows = await taken(bus)
    bodies = [await bus.bus.history.body(row.id) for row in rows]
    assert bodies == [body for body in bus.app("protheus").source.messages if body]
    facts = [await bus.facts(row.id) for row in rows]
    assert not any(fact.kind == FactKind.REPEATED for told in facts for fact in told)


async def test_messages_are_read_in_order_and_delivered(rigs: Rigs) -> None:
    """As if their application had posted them."""
    bus = await rigs.start(read_often())
    filled(bus, *CODES)

    async with polling(bus):
        await all_read(bus)
    for row in await taken(bus):
        await bus.reaches(row.id, State.DELIVERED)

    await assert_each_once(bus)
    assert {row.sender for row in await taken(bus)} == {"protheus"}


def pauses_and_reads(bus: Rig, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What the reader does, as it does it: seconds of each pause, and `read`."""
    done: list[object] = []
    sleep = bus.clock.sleep

    async def slept(seconds: float) -> None:
        done.append(seconds)
        await sleep(seconds)

    def passing(step: str) -> None:
        if step == "before read":
            done.append("read")

    monkeypatch.setattr(bus.clock, "sleep", slept)
    bus.app("protheus").source.passing = passing
    return done


async def test_more_is_fetched_at_once(rigs: Rigs, monkeypatch: pytest.MonkeyPatch) -> None:
    """No pause between the pages of what is there, and one before looking again."""
    bus = await rigs.start(read_often(), run=False)
    filled(bus, *CODES)
    done = pauses_and_reads(bus, monkeypatch)

    async with polling(bus):
        await all_read(bus)

    assert done[:5] == ["read", "read", "read", 5.0, "read"]
    assert bus.app("protheus").source.asked[:4] == ["", "2", "4", "5"]


async def test_a_success_ends_the_patience(rigs: Rigs, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pause grows with failures in a row, and is the usual one after the next read."""
    bus = await rigs.start(read_often(), run=False)
    filled(bus, "UN")
    done = pauses_and_reads(bus, monkeypatch)
    bus.app("protheus").source.before(disk_full, disk_full, _nothing, disk_full)

    async with polling(bus):
        await bus.until(_paused(done, 4), "it has failed again")

    assert [pause for pause in done if pause != "read"][:4] == [10.0, 20.0, 5.0, 10.0]
    bus.watcher.troubles.clear()


def _paused(done: list[object], times: int) -> Callable[[], Awaitable[bool]]:
    async def paused() -> bool:
        return len(done) - done.count("read") >= times

    return paused


async def test_what_nobody_wants_is_passed_over(rigs: Rigs) -> None:
    """Page after page of it at once, and it is not looked at again."""
    bus = await rigs.start(read_often(), run=False)
    bus.app("protheus").source.messages += [b"", b"", b"", b"", b"", unit().xml(), b""]

    async with polling(bus):
        await all_read(bus, 1, unwanted=6)

    assert bus.app("protheus").source.asked[:5] == ["", "2", "4", "6", "7"]
    assert await bus.journal.lease_cursor("protheus", bus.bus.dispatcher.worker, 60.0) == "7"


async def test_nobody_waits_for_what_is_read(rigs: Rigs) -> None:
    """A synchronous message does not keep the next one from being read."""
    bus = await rigs.start(read_often(), run=False)
    bus.app("protheus").source.messages += [unit(mode="Sync").xml(), unit("KG").xml()]

    async with polling(bus), asyncio.timeout(5):
        await all_read(bus, 2)

    assert [row.deadline for row in await taken(bus)] == [0, 0]


async def test_the_next_process_need_not_wait(lasting: Rigs) -> None:
    """Whoever opens the file has it alone: the rights of the process before have ended."""
    bus = await lasting.start(read_often(), run=False)
    filled(bus, *CODES)
    async with polling(bus, "gone"):
        await all_read(bus)

    bus = await lasting.restart()

    assert await bus.journal.lease_cursor("protheus", "next", 60.0) == str(len(CODES))


async def test_whoever_is_woken_reads_soon(rigs: Rigs, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rather than at its time; and again, where it is woken while it reads."""
    monkeypatch.setattr("bus.engine.poll.SETTLE", 0.01)
    seldom = application("protheus", read_every=3600.0)
    bus = await rigs.start(deployment(route("rm"), applications=[seldom]), run=False)
    monkeypatch.setattr(bus.clock, "sleep", asyncio.sleep)
    source = bus.app("protheus").source

    async def wakes() -> None:
        filled(bus, "KG")
        bus.bus.poller.wake("protheus")

    source.before(_nothing, wakes)
    async with polling(bus), asyncio.timeout(5):
        await bus.until(_asked(bus, 1), "it has read once")
        filled(bus, "UN")
        bus.bus.poller.wake("protheus")
        await all_read(bus, 2)

    await assert_each_once(bus)


async def test_a_crowd_that_wakes_is_one(rigs: Rigs, monkeypatch: pytest.MonkeyPatch) -> None:
    """It settles first: an application tells of each record by itself."""
    monkeypatch.setattr("bus.engine.poll.SETTLE", 0.2)
    seldom = application("protheus", read_every=3600.0)
    bus = await rigs.start(deployment(route("rm"), applications=[seldom]), run=False)
    monkeypatch.setattr(bus.clock, "sleep", asyncio.sleep)

    async with polling(bus), asyncio.timeout(5):
        await bus.until(_asked(bus, 1), "it has read once")
        for code in CODES:
            bus.bus.poller.wake("protheus")
            await asyncio.sleep(0.01)
            filled(bus, code)
        await bus.until(_has_taken(bus), "all of them came")
        await asyncio.sleep(0.5)

    assert bus.app("protheus").source.asked == ["", "", "2", "4"]
    await assert_each_once(bus)


async def test_nobody_is_woken_out_of_the_patience(
    rigs: Rigs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that fails is left alone, whoever calls."""
    monkeypatch.setattr("bus.engine.poll.SETTLE", 0.01)
    bus = await rigs.start(read_often(), run=False)
    monkeypatch.setattr(bus.clock, "sleep", asyncio.sleep)

    async def fails() -> None:
        bus.bus.poller.wake("protheus")
        raise RuntimeError("no such table")

    bus.app("protheus").source.before(fails)
    async with polling(bus):
        await bus.until(_is_troubled(bus), "it has failed")
        bus.bus.poller.wake("protheus")
        await asyncio.sleep(0.3)

    assert bus.app("protheus").source.asked == [""]
    bus.watcher.troubles.clear()


def _has_taken(bus: Rig) -> Callable[[], Awaitable[bool]]:
    async def all_came() -> bool:
        return len(await taken(bus)) == len(CODES)

    return all_came


def _asked(bus: Rig, times: int) -> Callable[[], Awaitable[bool]]:
    async def asked() -> bool:
        return len(bus.app("protheus").source.asked) >= times

    return asked


async def _nothing() -> None:
    """Nothing happens."""


async def test_what_comes_later_is_read_later(rigs: Rigs) -> None:
    """The cursor says where to go on."""
    bus = await rigs.start(read_often(), run=False)
    filled(bus, "UN")

    async with polling(bus):
        await all_read(bus, 1)
        filled(bus, "KG")
        await all_read(bus, 2)

    await assert_each_once(bus)


async def test_only_what_is_to_be_read_is(rigs: Rigs) -> None:
    """Without `read_every` an application is left alone."""
    bus = await rigs.start(run=False)
    filled(bus, "UN")

    async with polling(bus):
        await asyncio.sleep(0.1)

    assert bus.app("protheus").source.asked == []


async def test_what_is_no_message_does_not_stop_the_others(rigs: Rigs) -> None:
    """It is rejected, and the next one is read."""
    bus = await rigs.start(read_often(), run=False)
    bus.app("protheus").source.messages += [b"<", unit("TOO LONG").xml(), unit("UN").xml()]

    async with polling(bus):
        await all_read(bus, 3)

    assert [row.state for row in await taken(bus)] == ["rejected", "rejected", "accepted"]
    await assert_each_once(bus)


# -- crashes ---------------------------------------------------------------------------------------


class Death:
    """Ends a process at a step: from then on nothing reaches the store or the source any more."""

    def __init__(self, bus: Rig, step: int) -> None:
        self._left = step
        self.steps: list[str] = []
        self.happened = asyncio.Event()
        bus.journal.passing = self
        bus.app("protheus").source.passing = self

    def __call__(self, step: str) -> None:
        """One step is reached."""
        if self._left == 0:
            self.happened.set()
            raise asyncio.CancelledError
        self.steps.append(step)
        self._left -= 1


@pytest.mark.parametrize("step", range(STEPS))
async def test_a_crash_at_any_step_loses_and_doubles_nothing(lasting: Rigs, step: int) -> None:
    """Before and after each read, each lease and each commit."""
    bus = await lasting.start(read_often(), run=False)
    filled(bus, *CODES)
    bus.app("protheus").source.messages.insert(2, b"<no message>")
    death = Death(bus, step)

    async with polling(bus) as dying, asyncio.timeout(10):
        await death.happened.wait()
        await asyncio.wait([dying])
    bus.watcher.seen.clear()  # what was under way is neither taken in nor turned away
    bus.app("protheus").source.passing = lambda _: None
    bus = await lasting.restart()
    async with polling(bus):
        await all_read(bus, len(CODES) + 1)

    await assert_each_once(bus)


@pytest.mark.parametrize("step", range(14))
async def test_a_crash_while_passing_over_loses_and_doubles_nothing(
    lasting: Rigs, step: int
) -> None:
    """How far it was read without a message is a commit of its own."""
    bus = await lasting.start(read_often(), run=False)
    bus.app("protheus").source.messages += [b"", b"", unit().xml(), b"", unit("KG").xml()]
    death = Death(bus, step)

    async with polling(bus) as dying, asyncio.timeout(10):
        await death.happened.wait()
        await asyncio.wait([dying])
    bus.watcher.seen.clear()
    bus.app("protheus").source.passing = lambda _: None
    bus = await lasting.restart()
    async with polling(bus):
        await all_read(bus, 2, unwanted=3)

    await assert_each_once(bus)


async def test_the_steps_are_all_there_are(lasting: Rigs) -> None:
    """The test above dies at each of them, also between two polls."""
    bus = await lasting.start(read_often(), run=False)
    filled(bus, *CODES)
    death = Death(bus, STEPS - 1)

    async with polling(bus), asyncio.timeout(10):
        await death.happened.wait()

    bus.watcher.seen.clear()
    assert death.steps.count("after accept") == len(CODES)
    assert death.steps.count("after read") > len(CODES) / bus.app("protheus").source.page + 1


@pytest.mark.parametrize("turns", [*range(40), 60, 80])
async def test_a_stop_at_any_moment_loses_and_doubles_nothing(rigs: Rigs, turns: int) -> None:
    """A message that is being recorded is recorded; the next worker goes on after it."""
    bus = await rigs.start(read_often(), run=False)
    filled(bus, *CODES)

    async with polling(bus):
        for _ in range(turns):
            await asyncio.sleep(0)
    before = len(await taken(bus))
    async with polling(bus):
        await all_read(bus)

    assert before <= len(CODES)
    await assert_each_once(bus)


# -- several workers -------------------------------------------------------------------------------


async def test_two_workers_never_both_read(rigs: Rigs) -> None:
    """On one journal, one of them reads; the other waits for its lease to run out."""
    one = await rigs.start(read_often(), run=False)
    two = await rigs.start(read_often(), run=False)
    filled(one, *CODES)

    async with polling(one, "one"), polling(two, "two"):
        await all_read(one)
        await asyncio.sleep(0.1)

    assert await one.journal.lease_cursor("protheus", "one", 60.0) == str(len(CODES))
    assert two.watcher.seen["received"] == 0
    await assert_each_once(one)


async def test_a_worker_that_stops_lets_another_read_on(rigs: Rigs) -> None:
    """At once: nobody waits for its right to run out."""
    one = await rigs.start(read_often(), run=False)
    two = await rigs.start(read_often(), run=False)
    filled(one, "UN", "KG")
    async with polling(one, "one"):
        await all_read(one, 2)
    filled(one, "MT", "LT", "CX")

    async with polling(two, "two"):
        await all_read(two)

    await assert_each_once(one)


async def test_a_worker_that_cannot_give_its_right_back_stops_too(rigs: Rigs) -> None:
    """The journal fails just then: it is told, and the right runs out."""
    bus = await rigs.start(read_often(), run=False)
    filled(bus, "UN")

    async with polling(bus):
        await all_read(bus, 1)
        bus.journal.before("lease_cursor", disk_full)

    assert [what for what, _ in bus.watcher.troubles] == ["the right to read protheus stays"]
    bus.watcher.troubles.clear()


async def test_another_worker_takes_over(rigs: Rigs) -> None:
    """When the first has been silent for as long as its lease."""
    one = await rigs.start(read_often(), run=False)
    two = await rigs.start(read_often(), run=False)
    filled(one, "UN", "KG")
    async with polling(one, "one"):
        await all_read(one, 2)
        one.journal.passing = _dies
    filled(one, "MT", "LT", "CX")

    async with polling(two, "two"):
        await asyncio.sleep(0.05)
        assert len(await taken(one)) == 2
        one.clock.advance(lease_of(one.deployment.applications["protheus"]) + 1)
        await all_read(two)

    await assert_each_once(one)


def _dies(_: str) -> None:
    raise asyncio.CancelledError


async def test_a_worker_that_was_held_up_brings_nothing_twice(rigs: Rigs) -> None:
    """What it read, another has read by the time it goes on."""
    one = await rigs.start(read_often(), run=False)
    two = await rigs.start(read_often(), run=False)
    filled(one, *CODES)
    held, go_on = asyncio.Event(), asyncio.Event()

    async def held_up() -> None:
        held.set()
        await go_on.wait()

    one.app("protheus").source.before(held_up)
    async with polling(one, "one"):
        await held.wait()
        one.clock.advance(lease_of(one.deployment.applications["protheus"]) + 1)
        async with polling(two, "two"):
            await all_read(two)
            go_on.set()
            await one.until(_is_troubled(one), "the first is refused")

    assert "SOURCE_LOST" in str(one.watcher.troubles[0][1])
    one.watcher.troubles.clear()
    await assert_each_once(one)


def _is_troubled(bus: Rig) -> Callable[[], Awaitable[bool]]:
    async def troubled() -> bool:
        return bool(bus.watcher.troubles)

    return troubled


# -- what fails ------------------------------------------------------------------------------------


async def test_a_source_that_fails_is_tried_again(rigs: Rigs) -> None:
    """Whatever it raises, it is told, and what it has is read when it is back."""
    bus = await rigs.start(read_often(), run=False)
    filled(bus, *CODES)

    async def fails() -> None:
        raise RuntimeError("no such table")

    bus.app("protheus").source.before(fails, _nothing, fails, fails)
    async with polling(bus):
        await all_read(bus)

    assert [what for what, _ in bus.watcher.troubles] == ["reading protheus failed"] * 3
    bus.watcher.troubles.clear()
    await assert_each_once(bus)


async def test_a_source_that_does_not_answer_is_given_up(rigs: Rigs) -> None:
    """After the timeout of its application."""
    impatient = application("protheus", read_every=5.0, timeout=0.05)
    bus = await rigs.start(deployment(route("rm"), applications=[impatient]), run=False)
    filled(bus, *CODES)

    async def hangs() -> None:
        await asyncio.sleep(60)

    bus.app("protheus").source.before(hangs)
    async with polling(bus):
        await all_read(bus)

    assert "UNREACHABLE" in str(bus.watcher.troubles[0][1])
    bus.watcher.troubles.clear()


async def test_one_that_fails_does_not_keep_others_from_being_read(rigs: Rigs) -> None:
    """Each application is read by itself."""
    both = [application(name, read_every=5.0) for name in ("protheus", "omie")]
    bus = await rigs.start(deployment(route("rm"), applications=both), run=False)
    filled(bus, *CODES)
    bus.pool.broken.add("omie")

    async with polling(bus):
        await all_read(bus)

    assert {what for what, _ in bus.watcher.troubles} == {"reading omie failed"}
    bus.watcher.troubles.clear()


async def test_a_message_that_the_journal_does_not_take_is_read_again(rigs: Rigs) -> None:
    """And none after it before."""
    bus = await rigs.start(read_often(), run=False)
    filled(bus, *CODES)
    bus.journal.before("accept", _nothing, disk_full, disk_full)
    bus.journal.before("lease_cursor", _nothing, disk_full)

    async with polling(bus):
        await all_read(bus)

    assert len(bus.watcher.troubles) == 3
    bus.watcher.troubles.clear()
    await assert_each_once(bus)


def test_the_pause_grows_within_bounds() -> None:
    """Ten times the usual one at most, and never more than a quarter of an hour."""
    assert [pause_after(failures, 5.0) for failures in range(6)] == [5, 10, 20, 40, 50, 50]
    assert pause_after(9, 600.0) == LONGEST_PAUSE
    assert pause_after(9, 3600.0) == 3600.0
    assert pause_after(10_000, 1.0) == 10.0
