"""S18: an application at which many attempts in a row fail is left alone, and found again."""

import pytest

from bus.core.delivery import State
from bus.core.envelope import Status
from bus.core.route import RetryPolicy
from bus.edge.story import story_of
from tests.support.deployments import application, deployment, route
from tests.support.loopback import Behaviour, is_busy, is_silent, is_unreachable, refuses, says_ok
from tests.support.messages import step
from tests.support.rig import Rig, Rigs

SLOW = RetryPolicy(first=100.0, longest=100.0, jitter=0.0, longest_pause=100.0)
AFTER = 3
"""Failures in a row after which `rm` is left alone."""


async def broken(rigs: Rigs, trouble: Behaviour, after: int = AFTER, times: int = AFTER) -> Rig:
    """A bus at which `rm` has failed so often, one after the other, and would go on to."""
    reader = application("rm", pause_after=after)
    bus = await rigs.start(deployment(route("rm", retry=SLOW), applications=[reader]))
    bus.app("rm").always(trouble)
    for number in range(times):
        id_ = await bus.accepted(step(f"failed {number}"))
        await bus.until(lambda id_=id_: _ended(bus, id_), "it has failed")  # type: ignore[misc]
    return bus


class Breakers:
    """After many failures in a row nothing is sent for a while; then one delivery tells."""

    @pytest.mark.parametrize("trouble", [refuses(), is_busy(retry_after=1000.0), is_silent()])
    async def test_many_failures_in_a_row_pause_it(self, rigs: Rigs, trouble: Behaviour) -> None:
        """What waits meanwhile is not refused with the others, and costs nothing."""
        bus = await broken(rigs, trouble)

        ids = [await bus.accepted(step(str(job))) for job in range(3)]
        bus.pass_time(90)
        await bus.looked()

        assert len(bus.app("rm").calls) == AFTER
        for one in ids:
            row = await bus.delivery(one)
            assert (row.state, row.attempts, row.tries) == (State.WAITING, 0, 0)

    async def test_one_delivery_shows_that_it_is_well_again(self, rigs: Rigs) -> None:
        """Then everything flows."""
        bus = await broken(rigs, refuses())
        ids = [await bus.accepted(step(str(job))) for job in range(4)]
        bus.app("rm").always(says_ok())

        bus.pass_time(101)

        for one in ids:
            await bus.reaches(one, State.DELIVERED)

    async def test_one_delivery_alone_is_risked(self, rigs: Rigs) -> None:
        """Where it fails too the others go on waiting."""
        bus = await broken(rigs, refuses())
        ids = [await bus.accepted(step(str(job))) for job in range(4)]

        bus.pass_time(101)
        await bus.looked()
        bus.pass_time(90)
        await bus.looked()

        assert len(bus.app("rm").calls) == AFTER + 1
        assert [await bus.states(one) for one in ids] == [
            (State.REFUSED,),
            *[(State.WAITING,)] * 3,
        ]

    async def test_a_success_between_them_begins_the_count_anew(self, rigs: Rigs) -> None:
        """Some messages are wrong, and the application is not."""
        reader = application("rm", pause_after=2)
        bus = await rigs.start(deployment(route("rm", retry=SLOW), applications=[reader]))
        bus.app("rm").will(refuses(), says_ok(), refuses(), says_ok(), refuses(), says_ok())

        for number in range(6):
            id_ = await bus.accepted(step(str(number)))
            await bus.until(lambda id_=id_: _ended(bus, id_), "it has ended")  # type: ignore[misc]

        assert len(bus.app("rm").calls) == 6

    async def test_an_application_may_never_be_left_alone_for_what_it_says(
        self, rigs: Rigs
    ) -> None:
        """`pause_after: 0`."""
        bus = await broken(rigs, refuses(), after=0)

        await bus.reaches(await bus.accepted(step("one more")), State.REFUSED)

    async def test_a_caller_is_served_all_the_same_and_closes_it(self, rigs: Rigs) -> None:
        """A person waits; and perhaps all is well."""
        bus = await broken(rigs, refuses())
        waiting = await bus.accepted(step("waits"))
        bus.app("rm").always(says_ok())

        reception = await bus.post(step("caller", mode="Sync"))

        assert bus.response_in(reception).status is Status.OK
        bus.pass_time(0)
        await bus.reaches(waiting, State.DELIVERED)

    @pytest.mark.parametrize(("trouble", "times"), [(refuses(), AFTER), (is_unreachable(), 1)])
    async def test_what_it_is_held_by_is_told(
        self, rigs: Rigs, trouble: Behaviour, times: int
    ) -> None:
        """The trace of what waits names the pause, until it is over."""
        bus = await broken(rigs, trouble, times=times)
        held = await bus.accepted(step("held"))

        (told,) = story_of(await bus.trace(held)).deliveries

        assert told.pause
        assert told.pause.name == "rm"
        assert told.pause.paused_until > bus.clock.now()
        assert [row.name for row in await bus.bus.history.pauses()] == ["rm"]
        bus.app("rm").always(says_ok())
        bus.pass_time(101)
        await bus.reaches(held, State.DELIVERED)
        (told,) = story_of(await bus.trace(held)).deliveries
        assert told.pause is None
        assert await bus.bus.history.pauses() == ()


async def _ended(bus: Rig, message: str) -> bool:
    row = await bus.delivery(message)
    return row.tries > 0 and row.state is not State.SENDING
