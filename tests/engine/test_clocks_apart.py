"""Two processes of one journal whose clocks show different times: nothing of it depends on that."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bus.core.closed_hours import ClosedHours
from bus.core.delivery import State
from bus.core.route import Deployment, RetryPolicy
from bus.core.route import TranslatedBy as By
from bus.journal.facts import FactKind
from bus.store.postgres import PostgresStore
from tests.support.clock import HandClock
from tests.support.deployments import application, deployment, route
from tests.support.loopback import Gate, LoopbackPool, is_busy, is_silent, says_ok
from tests.support.messages import part, step
from tests.support.postgres import database_of
from tests.support.rig import CODEC, Rig

MINUTE = 60.0
HOUR = 3600.0
APART = (-HOUR, -MINUTE, MINUTE, HOUR)
"""Seconds by which the clock of the process that comes second is ahead."""
LATER = RetryPolicy(attempts=9, first=100.0, longest=100.0, jitter=0.0, longest_pause=100.0)


class Pair:
    """The first process of a journal, and another whose clock is wrong by so much."""

    def __init__(self, url: str, apart: float, stack: AsyncExitStack) -> None:
        self._url = url
        self._stack = stack
        self.pool = LoopbackPool(CODEC)
        self._clocks = (HandClock(), HandClock())
        self._clocks[1].jump(apart)
        self.first: Rig
        self.second: Rig

    async def open(self, configuration: Deployment | None = None) -> tuple[Rig, Rig]:
        """Both, of which neither sends anything yet."""
        self.first, self.second = [
            await self._open(clock, configuration or deployment()) for clock in self._clocks
        ]
        return self.first, self.second

    async def _open(self, clock: HandClock, configuration: Deployment) -> Rig:
        store = await PostgresStore.open(self._url, clock)
        self._stack.push_async_callback(store.close)
        rig = Rig(store, clock, self.pool, configuration)
        self._stack.push_async_callback(rig.stop)
        rig.idle()
        hearing = asyncio.create_task(rig.bus.neighbours.run())
        self._stack.push_async_callback(_ended, hearing)
        return rig

    def advance(self, seconds: float) -> None:
        """Let time pass, for both."""
        for clock in self._clocks:
            clock.advance(seconds)
        for rig in (self.first, self.second):
            rig.bus.dispatcher.wake_all()


@pytest.fixture(params=APART)
async def pair(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Pair]:
    """Two processes that are apart, by each of some times."""
    async with AsyncExitStack() as stack:
        yield Pair(database_of(tmp_path), request.param, stack)


@pytest.mark.parametrize("sends", [0, 1])
async def test_what_one_sends_is_left_to_it(pair: Pair, sends: int) -> None:
    """Its lease is not over by the other's clock: it is not sent twice, and is in no doubt."""
    rigs, gate = await pair.open(), Gate()
    sending, looking = rigs[sends], rigs[1 - sends]
    sending.app("rm").will(gate)
    first, second = [await sending.accepted(step(note=note)) for note in "12"]
    sending.run()
    await gate.arrived()

    looking.run()
    await looking.looked_at_once()
    standing = await looking.states(first)
    gate.open()
    await sending.reaches(second, State.DELIVERED)

    assert standing == (State.SENDING,)
    assert await sending.facts(first, FactKind.LEASE_EXPIRED) == []
    assert sending.app("rm").texts == ["1", "2"]


@pytest.mark.parametrize("dies", [0, 1])
async def test_what_one_that_dies_was_sending_is_taken_up_when_its_lease_is_over(
    pair: Pair, dies: int
) -> None:
    """Not before, and not an hour later."""
    rigs = await pair.open()
    dying, other = rigs[dies], rigs[1 - dies]
    id_ = await dying.accepted(step())
    await dying.claim("rm")
    other.run()
    await other.looked_at_once()
    standing = await other.states(id_)

    pair.advance(61)

    await other.reaches(id_, State.DELIVERED)
    assert standing == (State.SENDING,)


@pytest.mark.parametrize("tries", [0, 1])
async def test_what_is_due_later_is_sent_then_by_either(pair: Pair, tries: int) -> None:
    """A wait is as long as it was meant, whoever began it and whoever ends it."""
    rigs = await pair.open(deployment(route("rm", retry=LATER)))
    one, other = rigs[tries], rigs[1 - tries]
    one.app("rm").will(is_busy())
    id_ = await one.accepted(step())
    one.run()
    await one.until(lambda: _rests(one, id_, tries=1), "it was tried")
    await one.stop_gently()

    other.run()
    await other.looked_at_once()
    pair.advance(98)
    await other.looked_at_once()
    tried = (await other.delivery(id_)).tries
    pair.advance(3)

    await other.reaches(id_, State.DELIVERED)
    assert tried == 1


@pytest.mark.parametrize("waits", [0, 1])
async def test_a_wait_for_an_id_ends_when_it_was_meant_to(pair: Pair, waits: int) -> None:
    """Ten minutes are ten minutes by the other's clock, too."""
    rm = application("rm", de_para=By.BUS, pair_within=600.0)
    rigs = await pair.open(deployment(route("rm"), applications=[rm]))
    one, other = rigs[waits], rigs[1 - waits]
    id_ = await one.accepted(part(references={"UnitOfMeasureInternalId": "UN"}))
    one.run()
    await one.reaches(id_, State.AWAITING_DEPARA)
    await one.stop_gently()

    other.run()
    await other.looked_at_once()
    pair.advance(590)
    await other.looked_at_once()
    standing = await other.states(id_)
    pair.advance(15)

    await other.reaches(id_, State.DEAD)
    assert standing == (State.AWAITING_DEPARA,)


async def test_closed_hours_are_those_of_the_journal(pair: Pair) -> None:
    """Neither sends while it is closed there, and both do when it opens."""
    first, second = await pair.open(_closed_for_half_an_hour())
    id_ = await first.accepted(step())
    first.run()
    second.run()
    for rig in (first, second):
        await rig.looked_at_once()
    called = len(first.app("rm").calls)

    pair.advance(HOUR)

    await first.reaches(id_, State.DELIVERED)
    assert called == 0


async def test_a_caller_of_one_is_served_by_the_other_in_time(pair: Pair) -> None:
    """It has as much time left as the caller waits, so what was busy is tried again."""
    first, second = await pair.open()
    first.app("rm").will(is_busy(0.0), is_busy(0.0), says_ok())
    second.run()

    reception = await asyncio.wait_for(first.post(step(mode="Sync")), 15)

    assert reception.fault is None
    assert len(first.app("rm").calls) == 3


async def test_a_doubt_is_asked_about_when_its_question_is_due(pair: Pair) -> None:
    """By whoever comes first, once: the other's question is not overdue."""
    first, second = await pair.open()
    gate = Gate()
    first.app("rm").will(is_silent())
    first.app("rm").knows(gate)
    id_ = await first.accepted(step())
    second.run()
    await gate.arrived()

    first.run()
    await first.looked_at_once()
    asked = len(first.app("rm").questions)
    gate.open()

    await first.reaches(id_, State.DELIVERED)
    assert asked == 1


async def test_messages_sort_by_when_they_came(pair: Pair) -> None:
    """Whichever took them: which of two is the newer is told by their ids."""
    first, second = await pair.open()

    came = [await rig.accepted(step(job)) for job, rig in _jobs((first, second) * 3)]

    assert came == sorted(came)


def _jobs(rigs: tuple[Rig, ...]) -> list[tuple[str, Rig]]:
    return [(str(number), rig) for number, rig in enumerate(rigs)]


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def _rests(bus: Rig, message: str, tries: int) -> bool:
    row = await bus.delivery(message)
    return row.tries >= tries and row.state is not State.SENDING


def _closed_for_half_an_hour() -> Deployment:
    now = datetime.fromtimestamp(HandClock().now() / 1_000_000, tz=UTC)
    begins, ends = now - timedelta(minutes=5), now + timedelta(minutes=30)
    minutes = [at.hour * 60 + at.minute for at in (begins, ends)]
    stretch = ClosedHours(frozenset(range(7)), *minutes)
    return deployment(applications=[application("rm", closed=(stretch,), zone=ZoneInfo("UTC"))])
