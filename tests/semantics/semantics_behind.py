"""S9: what happens behind a head that was refused or is dead."""

from collections.abc import Callable

import pytest

from bus.core.delivery import State
from bus.core.envelope import Status
from bus.core.route import OnFailure
from tests.support.deployments import application, deployment, route
from tests.support.loopback import Behaviour, Gate, is_silent, refuses, says_ok
from tests.support.messages import Message, step, unit
from tests.support.rig import Rig, Rigs


class Behinds:
    """S9: behind a head that was refused or is dead."""

    @pytest.mark.parametrize("event", ["upsert", "delete"])
    async def test_a_refused_register_is_superseded_by_the_next_that_waits(
        self, rigs: Rigs, event: str
    ) -> None:
        """A whole snapshot, or the end of the document, makes it needless."""
        bus, gate = await rigs.start(), Gate(refuses())
        bus.app("rm").will(gate)
        first = await bus.accepted(unit("UN", "1"))
        await gate.arrived()
        second = await bus.accepted(unit("UN", "2", event=event))

        gate.open()
        await bus.reaches(second, State.DELIVERED)

        assert await _superseded_by(bus, first) == second
        assert bus.app("rm").texts == ["1", "2"]

    @pytest.mark.parametrize("event", ["upsert", "delete"])
    async def test_a_refused_register_is_superseded_by_the_next_that_arrives(
        self, rigs: Rigs, event: str
    ) -> None:
        """However much later."""
        bus = await rigs.start()
        bus.app("rm").will(refuses())
        first = await bus.accepted(unit("UN", "1"))
        await bus.reaches(first, State.REFUSED)

        second = await bus.accepted(unit("UN", "2", event=event))
        await bus.reaches(second, State.DELIVERED)

        assert await _superseded_by(bus, first) == second

    async def test_a_dead_register_is_superseded_too(self, rigs: Rigs) -> None:
        """Whether it waits already or arrives later."""
        bus = await rigs.start()
        bus.app("rm").will(is_silent(), is_silent(), is_silent())
        first = await bus.accepted(unit("UN", "1"))
        await bus.reaches(first, State.DEAD)

        second = await bus.accepted(unit("UN", "2"))
        await bus.reaches(second, State.DELIVERED)

        assert await _superseded_by(bus, first) == second

    async def test_several_refused_registers_are_superseded_one_after_the_other(
        self, rigs: Rigs
    ) -> None:
        """The last one stands, and stays refused."""
        bus = await rigs.start()
        bus.app("rm").always(refuses())

        ids = [await bus.accepted(unit("UN", str(number))) for number in range(3)]
        await bus.reaches(ids[2], State.REFUSED)

        assert [await bus.states(one) for one in ids[:2]] == [(State.DISCARDED,)] * 2
        assert bus.app("rm").texts == ["0", "1", "2"]

    async def test_a_refused_register_alone_stays_for_a_person_to_see(self, rigs: Rigs) -> None:
        """Nothing newer stands."""
        bus = await rigs.start()
        bus.app("rm").will(refuses())

        id_ = await bus.accepted(unit())
        await bus.reaches(id_, State.REFUSED)
        await bus.reaches(await bus.accepted(unit("KG")), State.DELIVERED)

        assert await bus.states(id_) == (State.REFUSED,)

    async def test_what_was_given_up_supersedes_nothing(self, rigs: Rigs) -> None:
        """A refused register whose successor was discarded stays for a person to see."""
        bus, gate = await rigs.start(), Gate(refuses())
        bus.app("rm").will(gate)
        first = await bus.accepted(unit("UN", "1"))
        await gate.arrived()
        second = await bus.accepted(unit("UN", "2"))
        await bus.discard(second)

        gate.open()
        await bus.reaches(first, State.REFUSED)
        assert await bus.states(second) == (State.DISCARDED,)
        third = await bus.accepted(unit("UN", "3"))
        await bus.reaches(third, State.DELIVERED)

        assert await _superseded_by(bus, first) == third

    async def test_what_was_withdrawn_supersedes_nothing(self, rigs: Rigs) -> None:
        """A user's change that was not sent does not hide the failure before it."""
        bus, gate = await rigs.start(deployment(route("rm", deadline=0.3))), Gate(refuses())
        bus.app("rm").will(gate)
        first = await bus.accepted(unit("UN", "1"))
        await gate.arrived()
        reception = await bus.post(unit("UN", "2", mode="Sync"))
        assert await bus.states(reception.message) == (State.DISCARDED,)

        gate.open()
        await bus.reaches(first, State.REFUSED)

    @pytest.mark.parametrize(
        ("answer", "states"),
        [
            (says_ok(), (State.DISCARDED, State.DELIVERED)),
            (refuses(), (State.REFUSED, State.DISCARDED)),
        ],
    )
    async def test_a_held_copy_supersedes_once_it_is_released(
        self, rigs: Rigs, answer: Behaviour, states: tuple[State, State]
    ) -> None:
        """Until then nobody knows whether it will be sent at all."""
        bus, gate = await rigs.start(deployment(route("rm", "omie", answers="rm"))), Gate(answer)
        bus.app("omie").will(refuses())
        first = await bus.accepted(unit("UN", "1"))
        await bus.reaches(first, State.DELIVERED, State.REFUSED)
        bus.app("rm").will(gate)
        posting = bus.posting(unit("UN", "2", mode="Sync"))
        await gate.arrived()
        assert await bus.states(first) == (State.DELIVERED, State.REFUSED)

        gate.open()
        second = (await posting).message
        await bus.until(lambda: _stand(bus, (first, second), states), "the copies have ended")

    async def test_the_origin_of_a_superseded_message_keeps_its_answer(self, rigs: Rigs) -> None:
        """It was told that it was refused, once."""
        bus = await rigs.start(
            deployment(applications=[application("protheus", takes_answers=True)])
        )
        bus.app("rm").will(refuses("no"))
        first, second = unit("UN", "1"), unit("UN", "2")

        await bus.accepted(first)
        await bus.reaches(await bus.accepted(second), State.DELIVERED)
        await bus.settled()

        told = {one.received_uuid: one.status for one in bus.app("protheus").answers}
        assert told == {first.uuid: Status.ERROR, second.uuid: Status.OK}
        assert len(bus.app("protheus").answers) == 2

    async def test_a_refused_step_holds_its_lane(self, rigs: Rigs) -> None:
        """None may be left out: a person acts."""
        bus = await rigs.start()
        bus.app("rm").will(refuses())

        first = await bus.accepted(step(note="1"))
        await bus.reaches(first, State.REFUSED)
        others = [await bus.accepted(step(note=str(number))) for number in (2, 3)]
        await bus.settled()

        assert [await bus.states(one) for one in others] == [(State.WAITING,)] * 2
        assert bus.app("rm").texts == ["1"]

    async def test_after_a_replay_the_lane_goes_on_in_order(self, rigs: Rigs) -> None:
        """The cause was mended."""
        bus = await rigs.start()
        bus.app("rm").will(refuses())
        first = await bus.accepted(step(note="1"))
        await bus.reaches(first, State.REFUSED)
        second = await bus.accepted(step(note="2"))

        await bus.replay(first)
        await bus.reaches(second, State.DELIVERED)

        assert bus.app("rm").texts == ["1", "1", "2"]
        (fact,) = [f for f in await bus.facts(first) if f.step == "replay"]
        assert (fact.actor, fact.reason) == ("ana", "again")

    async def test_after_a_discard_the_lane_goes_on_without_it(self, rigs: Rigs) -> None:
        """A person gave it up, with a reason."""
        bus = await rigs.start()
        bus.app("rm").will(refuses())
        first = await bus.accepted(step(note="1"))
        await bus.reaches(first, State.REFUSED)
        second = await bus.accepted(step(note="2"))

        await bus.discard(first)
        await bus.reaches(second, State.DELIVERED)

        assert await bus.states(first) == (State.DISCARDED,)
        (fact,) = [f for f in await bus.facts(first) if f.step == "discard"]
        assert (fact.actor, fact.reason) == ("ana", "not needed")

    @pytest.mark.parametrize("make", [unit, step])
    async def test_a_route_may_let_the_lane_pass(
        self, rigs: Rigs, make: Callable[[str, str], Message]
    ) -> None:
        """The failed one stays in the list; a replay goes to the end."""
        bus = await rigs.start(deployment(route("rm", on_failure=OnFailure.CONTINUE)))
        bus.app("rm").will(refuses())
        first = await bus.accepted(make("7", "1"))
        await bus.reaches(first, State.REFUSED)
        await bus.reaches(await bus.accepted(make("7", "2")), State.DELIVERED)
        assert await bus.states(first) == (State.REFUSED,)

        await bus.replay(first, overwrites=True)
        await bus.reaches(first, State.DELIVERED)

        assert bus.app("rm").texts == ["1", "2", "1"]
        assert (await bus.delivery(first)).seq == 3

    async def test_a_route_may_hold_a_register(self, rigs: Rigs) -> None:
        """Where a destination wants every snapshot."""
        bus = await rigs.start(deployment(route("rm", on_failure=OnFailure.HOLD)))
        bus.app("rm").will(refuses())
        first = await bus.accepted(unit("UN", "1"))
        await bus.reaches(first, State.REFUSED)

        second = await bus.accepted(unit("UN", "2"))
        await bus.settled()

        assert await bus.states(first) == (State.REFUSED,)
        assert await bus.states(second) == (State.WAITING,)

    async def test_a_route_may_supersede_a_step(self, rigs: Rigs) -> None:
        """Where steps are snapshots after all."""
        bus = await rigs.start(deployment(route("rm", on_failure=OnFailure.SUPERSEDE)))
        bus.app("rm").will(refuses())
        first = await bus.accepted(step(note="1"))
        await bus.reaches(first, State.REFUSED)

        second = await bus.accepted(step(note="2"))
        await bus.reaches(second, State.DELIVERED)

        assert await _superseded_by(bus, first) == second

    async def test_a_doubt_is_not_superseded(self, rigs: Rigs) -> None:
        """It may have arrived: a person looks first."""
        bus = await rigs.start(
            deployment(applications=[application("rm", repeat_unsafe=frozenset({"unitofmeasure"}))])
        )
        bus.app("rm").will(is_silent())
        first = await bus.accepted(unit("UN", "1"))
        await bus.reaches(first, State.UNKNOWN)

        second = await bus.accepted(unit("UN", "2"))
        await bus.settled()

        assert await bus.states(first) == (State.UNKNOWN,)
        assert await bus.states(second) == (State.WAITING,)


async def _stand(bus: Rig, messages: tuple[str, str], states: tuple[State, State]) -> bool:
    """Whether the second copies of these messages stand so."""
    return tuple([(await bus.delivery(one, 2)).state for one in messages]) == states


async def _superseded_by(bus: Rig, message: str) -> str:
    row = await bus.delivery(message)
    assert (row.state, row.reason) == (State.DISCARDED, "SUPERSEDED")
    (fact,) = [fact for fact in await bus.facts(message) if fact.step == "supersede"]
    return str(fact.data["by"])
