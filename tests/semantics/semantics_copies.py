"""S12: one destination answers a caller, and the copies for the others wait for its OK."""

import pytest

from bus.core.delivery import State, Step
from bus.journal.facts import FactKind
from tests.support.deployments import deployment, route
from tests.support.loopback import (
    Gate,
    is_silent,
    refuses,
)
from tests.support.messages import step
from tests.support.rig import Rigs, code_of

SHORT = 0.3
"""A deadline that a test waits for."""


class Copies:
    """One destination answers; the copies for the others are held until it has said OK."""

    async def test_copies_are_held_until_the_one_that_answers_says_ok(self, rigs: Rigs) -> None:
        """Then they go, in the commit that records the OK."""
        bus, gate = await rigs.start(deployment(route("omie", "rm", "wms", answers="rm"))), Gate()
        bus.app("rm").will(gate)
        posting = bus.posting(step(mode="Sync"))
        await gate.arrived()
        (message,) = {row.message for row in await bus.deliveries()}
        held = await bus.states(message)
        sent_before = len(bus.app("omie").calls) + len(bus.app("wms").calls)

        gate.open()
        reception = await posting
        await bus.reaches(message, *[State.DELIVERED] * 3)

        assert held == (State.HELD, State.SENDING, State.HELD)
        assert sent_before == 0
        assert reception.fault is None
        (ended,) = [f for f in await bus.facts(message, FactKind.ENDED) if f.number == 2]
        released = [f.at for f in await bus.facts(message) if f.step == Step.RELEASE]
        assert released == [ended.at] * 2

    async def test_copies_are_withdrawn_where_the_one_that_answers_refuses(
        self, rigs: Rigs
    ) -> None:
        """The user was told ERROR: nothing is sent anywhere."""
        bus = await rigs.start(deployment(route("omie", "rm", answers="rm")))
        bus.app("rm").will(refuses("no stock"))

        reception = await bus.post(step(mode="Sync"))
        await bus.looked()

        assert await bus.states(reception.message) == (State.DISCARDED, State.REFUSED)
        assert (await bus.delivery(reception.message, 1)).reason == "WITHDRAWN"
        assert bus.app("omie").calls == []

    async def test_copies_are_withdrawn_with_the_one_that_answers(self, rigs: Rigs) -> None:
        """It could not be reached within the deadline."""
        bus = await rigs.start(deployment(route("omie", "rm", answers="rm")))

        reception = await bus.withdrawn(step(mode="Sync"))
        await bus.looked()

        assert await bus.states(reception.message) == (State.DISCARDED, State.DISCARDED)
        assert bus.app("omie").calls == []

    async def test_copies_stay_held_while_nobody_knows(self, rigs: Rigs) -> None:
        """The news that comes late releases them."""
        bus, gate = (
            await rigs.start(deployment(route("omie", "rm", answers="rm", deadline=SHORT))),
            Gate(),
        )
        bus.app("rm").will(gate)
        reception = await bus.post(step(mode="Sync"))
        assert code_of(reception) == "OUTCOME_UNKNOWN"
        assert await bus.states(reception.message) == (State.HELD, State.SENDING)

        gate.open()
        await bus.reaches(reception.message, State.DELIVERED, State.DELIVERED)

        assert len(bus.app("omie").calls) == 1

    @pytest.mark.parametrize(
        ("verb", "states"),
        [
            (Step.REPLAY, (State.DELIVERED, State.DELIVERED)),
            (Step.DISCARD, (State.DISCARDED, State.DISCARDED)),
        ],
    )
    async def test_copies_follow_what_a_person_decides(
        self, rigs: Rigs, verb: Step, states: tuple[State, ...]
    ) -> None:
        """A doubt sent again and OK releases them; given up, they are withdrawn."""
        bus = await rigs.start(deployment(route("omie", "rm", answers="rm")))
        bus.app("rm").will(is_silent())
        reception = await bus.post(step(mode="Sync"))

        await (bus.replay if verb is Step.REPLAY else bus.discard)(reception.message, 2)
        await bus.reaches(reception.message, *states)

    async def test_a_held_copy_keeps_its_place(self, rigs: Rigs) -> None:
        """What comes later waits for it, and does not overtake."""
        bus, gate = await rigs.start(deployment(route("omie", "rm", answers="rm"))), Gate()
        bus.app("rm").will(gate)
        posting = bus.posting(step(note="1", mode="Sync"))
        await gate.arrived()
        second = await bus.accepted(step(note="2"))
        await bus.looked_at_once()
        assert bus.app("omie").calls == []

        gate.open()
        await posting
        await bus.reaches(second, State.DELIVERED, State.DELIVERED)

        assert bus.app("omie").texts == ["1", "2"]

    async def test_a_copy_that_is_refused_holds_its_lane(self, rigs: Rigs) -> None:
        """The sender was told OK: a person must see to the copy, and no step may overtake it."""
        bus = await rigs.start(deployment(route("rm", "omie", answers="rm")))
        bus.app("omie").will(refuses())
        first = (await bus.post(step(note="1", mode="Sync"))).message
        await bus.reaches(first, State.DELIVERED, State.REFUSED)

        second = await bus.accepted(step(note="2"))
        await bus.reaches(second, State.DELIVERED, State.WAITING)
        await bus.looked()

        assert await bus.states(second) == (State.DELIVERED, State.WAITING)

    async def test_without_one_that_answers_a_synchronous_message_is_rejected(
        self, rigs: Rigs
    ) -> None:
        """Nobody could say what to tell the user."""
        bus = await rigs.start(deployment(route("omie", "rm")))

        reception = await bus.post(step(mode="Sync"))

        assert code_of(reception) == "NO_ANSWERING_DESTINATION"
        assert bus.app("omie").calls == []
