"""S14: a clock that is wrong for a while, and put right, makes nobody wait and nothing old."""

import asyncio

from bus.core.delivery import State
from bus.core.outcome import Report
from bus.core.route import RetryPolicy
from tests.support.deployments import deployment, route
from tests.support.journals import disk_full
from tests.support.loopback import (
    Call,
    Gate,
    cannot_tell,
    hangs,
    is_busy,
    is_silent,
    is_unreachable,
    says_ok,
)
from tests.support.messages import step, unit
from tests.support.rig import Rig, Rigs

DAY = 86400.0
AHEAD = 10 * DAY
MICROSECONDS = 1_000_000
LONG_WAITS = RetryPolicy(attempts=9, first=100.0, longest=100.0, jitter=0.0, longest_pause=100.0)


async def never_tells(_: Call) -> Report | None:
    """It was asked, and is silent."""
    await asyncio.Event().wait()
    return None


async def tried(bus: Rig, message: str, times: int) -> None:
    """Wait until a delivery has been tried so often, and rests."""

    async def enough() -> bool:
        row = await bus.delivery(message)
        return row.tries >= times and row.state is not State.SENDING

    await bus.until(enough, f"it is tried {times} times")


class Ages:
    """A message is as old as the time that passed while a bus ran, whatever a clock shows."""

    async def test_a_clock_that_jumps_buries_nothing(self, rigs: Rigs) -> None:
        """In a second nothing comes to be ten days old."""
        bus = await rigs.start()
        bus.app("rm").always(is_unreachable())
        id_ = await bus.accepted(step())
        await tried(bus, id_, 1)

        bus.clock.jump(AHEAD)
        await tried(bus, id_, 4)

        assert (await bus.states(id_))[0] in {State.WAITING, State.SENDING}

    async def test_a_process_that_starts_with_a_wrong_clock_buries_nothing(
        self, lasting: Rigs
    ) -> None:
        """Nor does the next one, while that lasts, nor one with the right clock again."""
        bus = await lasting.start(deployment(route("rm", retry=LONG_WAITS)))
        bus.app("rm").always(is_unreachable())
        id_ = await bus.accepted(step())
        await tried(bus, id_, 1)

        for jump in (AHEAD, 0.0, -AHEAD):
            await bus.stop()  # by its own clock it would try at once, and be killed meanwhile
            lasting.clock.jump(jump)
            bus = await lasting.restart()
            for _ in range(2):
                before = (await bus.delivery(id_)).tries
                bus.pass_time(LONG_WAITS.first + 1)
                await tried(bus, id_, before + 1)
            await bus.reaches(id_, State.WAITING)

    async def test_what_passed_in_earlier_processes_counts(self, lasting: Rigs) -> None:
        """After three days in all it is given up."""
        bus = await lasting.start(deployment(route("rm", retry=LONG_WAITS)))
        bus.app("rm").always(is_unreachable())
        id_ = await bus.accepted(step())
        await tried(bus, id_, 1)
        bus.pass_time(2 * DAY)
        await tried(bus, id_, 2)

        bus = await lasting.restart()
        bus.pass_time(DAY / 2)
        await tried(bus, id_, 3)
        assert await bus.states(id_) == (State.WAITING,)
        bus.pass_time(DAY)

        await bus.reaches(id_, State.DEAD)


class WrongClocks:
    """A process ran with a clock that was days ahead; the next one has the right time."""

    async def test_a_wait_is_as_long_as_it_was_meant(self, lasting: Rigs) -> None:
        """A hundred seconds from now, and not ten days."""
        bus = await lasting.start(deployment(route("rm", retry=LONG_WAITS)))
        bus.app("rm").will(is_busy())
        lasting.clock.jump(AHEAD)
        id_ = await bus.accepted(step())
        await tried(bus, id_, 1)

        lasting.clock.jump(-AHEAD)
        bus = await lasting.restart()
        due_at = (await bus.delivery(id_)).due_at
        bus.pass_time(100)
        await bus.reaches(id_, State.DELIVERED)

        assert due_at
        assert due_at > lasting.clock.now() - MICROSECONDS * 100

    async def test_a_wait_of_before_stays_as_it_is(self, lasting: Rigs) -> None:
        """What began by the right clock was right."""
        bus = await lasting.start(deployment(route("rm", retry=LONG_WAITS)))
        bus.app("rm").will(is_busy())
        id_ = await bus.accepted(step())
        await tried(bus, id_, 1)
        before = await bus.delivery(id_)

        bus = await lasting.restart()

        assert await bus.delivery(id_) == before

    async def test_a_lane_goes_on(self, lasting: Rigs) -> None:
        """Whose turn came by the wrong clock is sent by the right one."""
        bus, gate = await lasting.start(), Gate()
        bus.app("rm").will(gate)
        first, second = [await bus.accepted(step(note=note)) for note in "12"]
        await gate.arrived()
        bus.journal.before("claim", *[disk_full] * 10_000)
        lasting.clock.jump(AHEAD)
        gate.open()
        await bus.reaches(first, State.DELIVERED)

        lasting.clock.jump(-AHEAD)
        again = await lasting.restart()
        await again.reaches(second, State.DELIVERED)
        bus.watcher.troubles.clear()

    async def test_a_question_is_asked_again(self, lasting: Rigs) -> None:
        """Once its time is over, which is that of a lease."""
        bus = await lasting.start()
        bus.app("rm").will(is_silent())
        bus.app("rm").knows(cannot_tell(), never_tells, says_ok())
        id_ = await bus.accepted(step())
        await bus.reaches(id_, State.UNKNOWN)
        lasting.clock.jump(AHEAD)
        await bus.until(lambda: _asked(bus, 2), "it is asked again")

        lasting.clock.jump(-AHEAD)
        bus = await lasting.restart()
        bus.pass_time(bus.bus.dispatcher.lease + 1)

        await bus.reaches(id_, State.DELIVERED)

    async def test_a_caller_that_is_gone_is_not_waited_for(self, lasting: Rigs) -> None:
        """What it sent is taken back at its deadline, and not days later."""
        bus, gate = await lasting.start(), Gate()
        bus.app("rm").will(gate)
        await bus.accepted(step(note="1"))
        await gate.arrived()
        lasting.clock.jump(AHEAD)
        posting = bus.posting(step(note="2", mode="Sync"))
        await bus.until(lambda: _waits(bus), "it waits behind")
        await bus.until(lambda: _counted(bus, 2), "its acceptance is told")
        posting.cancel()
        (waiting,) = [row for row in await bus.deliveries() if row.deadline]

        lasting.clock.jump(-AHEAD)
        bus = await lasting.restart()
        bus.pass_time(60)

        await bus.reaches(waiting.message, State.DISCARDED)

    async def test_an_application_is_not_left_alone_for_days(self, lasting: Rigs) -> None:
        """Whoever opens the journal tries it at once."""
        bus = await lasting.start(deployment(route("rm", retry=LONG_WAITS)))
        bus.app("rm").will(is_unreachable(), hangs())
        lasting.clock.jump(AHEAD)
        id_ = await bus.accepted(unit())
        await tried(bus, id_, 1)
        bus.pass_time(100)
        await bus.until(lambda: _called(bus, 2), "it is tried")

        lasting.clock.jump(-AHEAD)
        bus = await lasting.restart()

        await bus.reaches(id_, State.DELIVERED)


async def _asked(bus: Rig, times: int) -> bool:
    bus.bus.dispatcher.wake_all()
    return len(bus.app("rm").questions) >= times


async def _counted(bus: Rig, accepted: int) -> bool:
    return bus.watcher.seen["accepted"] == accepted


async def _waits(bus: Rig) -> bool:
    return any(row.deadline for row in await bus.deliveries())


async def _called(bus: Rig, times: int) -> bool:
    return len(bus.app("rm").calls) >= times
