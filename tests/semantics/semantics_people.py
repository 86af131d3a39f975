"""What a person does to a delivery, and what cannot be done."""

import pytest

from bus.core.delivery import Kind, State, Step
from bus.core.envelope import Carrier, Status
from bus.core.errors import SenderFault
from bus.journal.commands import Operate
from bus.journal.facts import FactKind
from tests.support.deployments import application, deployment, route
from tests.support.loopback import Gate, is_silent, refuses, says_ok
from tests.support.messages import step, unit
from tests.support.rig import Rig, Rigs


class People:
    """What a person does to a delivery, and what cannot be done."""

    async def test_a_blocked_delivery_holds_its_lane_until_it_is_unblocked(
        self, rigs: Rigs
    ) -> None:
        """Then everything goes on in order."""
        bus = await rigs.start(run=False)
        ids = [await bus.accepted(step(note=str(number))) for number in (1, 2)]
        await _act(bus, ids[0], "block")
        bus.run()
        await bus.settled()
        assert bus.app("rm").calls == []

        await _act(bus, ids[0], "unblock")
        await bus.reaches(ids[1], State.DELIVERED)

        assert bus.app("rm").texts == ["1", "2"]

    async def test_what_is_blocked_behind_stops_when_its_turn_comes(self, rigs: Rigs) -> None:
        """Those before it go, those behind it wait."""
        bus = await rigs.start(run=False)
        ids = [await bus.accepted(step(note=str(number))) for number in (1, 2, 3)]
        await _act(bus, ids[1], "block")

        bus.run()
        await bus.reaches(ids[0], State.DELIVERED)
        await bus.settled()
        assert bus.app("rm").texts == ["1"]
        await _act(bus, ids[1], "unblock")
        await bus.reaches(ids[2], State.DELIVERED)

        assert bus.app("rm").texts == ["1", "2", "3"]

    async def test_what_waits_behind_can_be_given_up(self, rigs: Rigs) -> None:
        """Its place is passed over; its origin is told."""
        bus, gate = await rigs.start(), Gate()
        bus.app("rm").will(gate)
        ids = [await bus.accepted(step(note=str(number))) for number in (1, 2, 3)]
        await gate.arrived()

        await bus.discard(ids[1])
        gate.open()
        await bus.reaches(ids[2], State.DELIVERED)

        assert bus.app("rm").texts == ["1", "3"]
        answer = await bus.answer(ids[1])
        assert answer
        assert answer.status is Status.ERROR
        assert "ana" in answer.notes[0].text

    async def test_what_is_being_sent_belongs_to_its_worker(self, rigs: Rigs) -> None:
        """No person can take it back meanwhile."""
        bus, gate = await rigs.start(), Gate()
        bus.app("rm").will(gate)
        id_ = await bus.accepted(step())
        await gate.arrived()

        for verb in ("replay", "block", "discard"):
            with pytest.raises(SenderFault) as refusal:
                await _act(bus, id_, verb)
            assert refusal.value.fault.code == "STEP_NOT_ALLOWED"
            assert "Executando" in refusal.value.fault.reason("pt")
        gate.open()

    async def test_what_was_delivered_is_never_sent_again(self, rigs: Rigs) -> None:
        """Nor given up, nor blocked."""
        bus = await rigs.start()
        id_ = await bus.accepted(step())
        await bus.reaches(id_, State.DELIVERED)

        for verb in ("replay", "block", "unblock", "discard"):
            with pytest.raises(SenderFault):
                await _act(bus, id_, verb)

        assert len(bus.app("rm").calls) == 1

    async def test_one_delivery_of_several_can_be_chosen(self, rigs: Rigs) -> None:
        """By its number; without one, all that allow it."""
        bus = await rigs.start(deployment(route("rm", "omie")))
        for name in ("rm", "omie"):
            bus.app(name).will(refuses())
        id_ = await bus.accepted(step())
        await bus.reaches(id_, State.REFUSED, State.REFUSED)

        await bus.replay(id_, 2)
        await bus.reaches(id_, State.REFUSED, State.DELIVERED)
        await bus.replay(id_)
        await bus.reaches(id_, State.DELIVERED, State.DELIVERED)

        assert (len(bus.app("rm").calls), len(bus.app("omie").calls)) == (2, 2)

    async def test_a_replayed_doubt_is_a_new_attempt(self, rigs: Rigs) -> None:
        """A person looked, and found that nothing had arrived."""
        bus = await rigs.start()
        bus.app("rm").will(is_silent())
        id_ = await bus.accepted(step())
        await bus.reaches(id_, State.UNKNOWN)

        await bus.replay(id_)
        await bus.reaches(id_, State.DELIVERED)

        attempts = (await bus.trace(id_)).attempts
        assert [row.outcome for row in sorted(attempts)] == ["unknown", "delivered"]

    async def test_a_discarded_doubt_lets_the_lane_go_on(self, rigs: Rigs) -> None:
        """A person looked, and found that it had arrived."""
        bus = await rigs.start()
        bus.app("rm").will(is_silent())
        first = await bus.accepted(step(note="1"))
        await bus.reaches(first, State.UNKNOWN)
        second = await bus.accepted(step(note="2"))

        await bus.discard(first)
        await bus.reaches(second, State.DELIVERED)

        assert bus.app("rm").texts == ["1", "2"]

    async def test_a_replay_of_a_rejected_message_is_a_new_message(self, rigs: Rigs) -> None:
        """It is judged by today's routes and contracts, and knows its ancestor."""
        before = await rigs.start(deployment(route("omie", transactions=frozenset({"x"}))))
        rejected = await before.accepted(unit())
        after = await rigs.start(deployment(route("rm")))

        again = await after.replay(rejected)
        await after.reaches(again, State.DELIVERED)

        row = await after.message(again)
        assert (row.parent, row.sender, row.carrier) == (rejected, "protheus", Carrier.HTTP)
        (fact,) = await after.facts(again, FactKind.ACCEPTED)
        assert fact.actor == "ana"

    async def test_a_replay_of_an_answer_sends_it_again(self, rigs: Rigs) -> None:
        """Its origin was not able to take it."""
        bus = await rigs.start(
            deployment(applications=[application("protheus", takes_answers=True)])
        )
        bus.app("protheus").will(refuses())
        id_ = await bus.accepted(step())
        await bus.reaches(id_, State.DELIVERED)
        await bus.settled()
        assert (await bus.delivery(id_, 2)).state is State.REFUSED
        bus.app("protheus").always(says_ok())

        await bus.replay(id_, 2)
        await bus.settled()

        row = await bus.delivery(id_, 2)
        assert (row.kind, row.state) == (Kind.ANSWER, State.DELIVERED)


async def _act(bus: Rig, message: str, verb: str) -> None:
    if verb == "discard":
        await bus.discard(message)
    else:
        await bus.bus.operators.act(Operate(message, Step(verb), 0, "ana", "so"))
