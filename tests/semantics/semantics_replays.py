"""What a person sends again, or says of what nobody knows: one effect, whoever acts, and how often.

Promises 2 and 3 hold for people's acts as for the bus: an act claims the message and its identity,
and what it would do twice it finds done.
"""

from __future__ import annotations

import asyncio

import pytest

from bus.core.delivery import State, Step
from bus.core.envelope import Status
from bus.core.errors import SenderFault
from bus.core.route import OnFailure
from bus.journal.facts import FactKind
from depara.model import Key, Source
from tests.support.deployments import deployment, route
from tests.support.loopback import Gate, is_silent, refuses, says_ok
from tests.support.messages import Message, step, unit
from tests.support.rig import Rig, Rigs

SHORT = 0.3
"""A deadline that a test waits for."""
IN_VAIN = 1
"""The call of a message that is withdrawn: nobody was reached."""


async def fault_of(replaying: object) -> str:
    """The code with which an act is refused; empty where it is not."""
    try:
        await replaying  # type: ignore[misc]
    except SenderFault as refusal:
        return refusal.fault.code
    return ""


async def withdrawn(bus: Rig) -> tuple[Message, str]:
    """A message that was taken back at its deadline: nothing of it was sent."""
    message = step(mode="Sync")
    return message, (await bus.withdrawn(message)).message


async def rejected(bus: Rig) -> tuple[Message, str]:
    """A message that differed from its contract, which has been corrected since."""
    message = unit("TOO LONG")
    return message, (await bus.post(message)).message


class Replays:
    """What a person sends again goes once."""

    async def test_a_second_replay_of_what_was_withdrawn_finds_the_first(self, rigs: Rigs) -> None:
        """The first is the attempt; the next says what became of it."""
        bus = await rigs.start(deployment(route("rm", deadline=SHORT)))
        _, id_ = await withdrawn(bus)

        again = await bus.replay(id_)
        await bus.reaches(again, State.DELIVERED)
        with pytest.raises(SenderFault) as refusal:
            await bus.replay(id_)

        assert refusal.value.fault.code == "REPLAYED_ALREADY"
        assert again in refusal.value.fault.reason("pt")
        assert len(bus.app("rm").calls) == IN_VAIN + 1

    async def test_many_who_replay_at_once_send_once(self, rigs: Rigs) -> None:
        """Four terminals, one effect."""
        bus = await rigs.start(deployment(route("rm", deadline=SHORT)))
        _, id_ = await withdrawn(bus)

        codes = await asyncio.gather(*(fault_of(bus.replay(id_)) for _ in range(4)))
        await bus.settled()

        assert sorted(codes) == ["", *["REPLAYED_ALREADY"] * 3]
        assert len(bus.app("rm").calls) == IN_VAIN + 1

    @pytest.mark.parametrize("person_first", [True, False])
    async def test_a_person_and_the_sender_send_once(
        self, rigs: Rigs, *, person_first: bool
    ) -> None:
        """A replay of what the sender may repeat takes its identity, in either order."""
        bus = await rigs.start(deployment(route("rm", deadline=SHORT)))
        message, id_ = await withdrawn(bus)

        if person_first:
            await bus.reaches(await bus.replay(id_), State.DELIVERED)
            result = await bus.post(message)
            assert bus.response_in(result).status is Status.OK
        else:
            await bus.post(message)
            assert await fault_of(bus.replay(id_)) == "REPLAYED_ALREADY"
        await bus.settled()

        assert len(bus.app("rm").calls) == IN_VAIN + 1

    async def test_what_is_still_wrong_is_rejected_again_and_says_why(self, rigs: Rigs) -> None:
        """Not "done"."""
        bus = await rigs.start()
        _, id_ = await rejected(bus)

        assert await fault_of(bus.replay(id_)) == "VALUE_TOO_LONG"

    async def test_a_copy_stays_held_until_the_ok_of_a_replay(self, rigs: Rigs) -> None:
        """However the OK comes about."""
        bus = await rigs.start(deployment(route("omie", "rm", answers="rm")))
        bus.app("rm").will(refuses("no stock"))
        id_ = (await bus.post(step(mode="Sync"))).message
        gate = Gate()
        bus.app("rm").will(gate)

        again = await bus.replay(id_, 2)
        await gate.arrived()
        meanwhile = (await bus.states(again), len(bus.app("omie").calls))
        gate.open()
        await bus.reaches(again, State.DELIVERED, State.DELIVERED)

        assert meanwhile == ((State.HELD, State.SENDING), 0)
        assert (len(bus.app("rm").calls), len(bus.app("omie").calls)) == (2, 1)

    async def test_a_replay_that_is_refused_again_sends_no_copy(self, rigs: Rigs) -> None:
        """It is withdrawn as the first was."""
        bus = await rigs.start(deployment(route("omie", "rm", answers="rm")))
        bus.app("rm").will(refuses("no stock"), refuses("no stock"))
        id_ = (await bus.post(step(mode="Sync"))).message

        again = await bus.replay(id_)
        await bus.reaches(again, State.DISCARDED, State.REFUSED)

        assert bus.app("omie").calls == []

    async def test_what_was_replayed_as_another_message_shows_it(self, rigs: Rigs) -> None:
        """The old delivery no longer stands as refused, and the story names the new message."""
        bus = await rigs.start(deployment(route("omie", "rm", answers="rm")))
        bus.app("rm").will(refuses("no stock"))
        id_ = (await bus.post(step(mode="Sync"))).message

        again = await bus.replay(id_)
        await bus.reaches(again, State.DELIVERED, State.DELIVERED)

        assert (await bus.delivery(id_, 2)).state is State.DISCARDED
        (fact,) = await bus.facts(id_, FactKind.REPLAYED)
        assert fact.data == {"as": again}
        assert await fault_of(bus.replay(id_)) == "REPLAYED_ALREADY"

    async def test_who_sends_the_new_message_again_by_the_old_one_is_told_of(
        self, rigs: Rigs
    ) -> None:
        """The story names the person, not the sender, who did nothing."""
        bus = await rigs.start(deployment(route("rm", deadline=SHORT)))
        _, id_ = await withdrawn(bus)
        bus.app("rm").will(refuses("no stock"))
        again = await bus.replay(id_)
        await bus.reaches(again, State.REFUSED)

        await bus.replay(id_)
        await bus.reaches(again, State.DELIVERED)

        facts = await bus.facts(again, FactKind.STATE_CHANGED)
        assert [fact.actor for fact in facts if fact.step == Step.REPLAY] == ["ana"]

    async def test_an_old_snapshot_does_not_overwrite_a_newer_one(self, rigs: Rigs) -> None:
        """Unless a person says so."""
        bus = await rigs.start(deployment(route("rm", deadline=SHORT)))
        old = (await bus.withdrawn(unit("UN", "old", mode="Sync"))).message
        await bus.reaches(await bus.accepted(unit("UN", "new")), State.DELIVERED)

        with pytest.raises(SenderFault) as refusal:
            await bus.replay(old)
        assert refusal.value.fault.code == "REPLAY_OVERWRITES"
        await bus.reaches(await bus.replay(old, overwrites=True), State.DELIVERED)

        assert bus.app("rm").texts == ["old", "new", "old"]

    async def test_nor_one_that_goes_before_it(self, rigs: Rigs) -> None:
        """It is under way: the old one would go behind it, and stay."""
        bus = await rigs.start(deployment(route("rm", on_failure=OnFailure.CONTINUE)))
        gate = Gate(says_ok())
        bus.app("rm").will(refuses("no"), gate)
        old = await bus.accepted(unit("UN", "old"))
        await bus.reaches(old, State.REFUSED)
        new = await bus.accepted(unit("UN", "new"))
        await gate.arrived()

        code = await fault_of(bus.replay(old))
        gate.open()
        await bus.reaches(new, State.DELIVERED)

        assert code == "REPLAY_OVERWRITES"
        assert bus.app("rm").texts == ["old", "new"]

    @pytest.mark.parametrize("id_", ["", " ", "../../x", "\x00"])
    async def test_what_is_no_id_is_explained(self, rigs: Rigs, id_: str) -> None:
        """As a message that there is not."""
        bus = await rigs.start()

        assert await fault_of(bus.replay(id_)) == "MESSAGE_NOT_FOUND"


class Settlings:
    """What a person says of a delivery of which nobody knows."""

    async def test_as_done_tells_the_sender_ok_and_lets_copies_go(self, rigs: Rigs) -> None:
        """As if the destination had said it."""
        bus = await rigs.start(deployment(route("omie", "rm", answers="rm")))
        bus.app("rm").will(is_silent())
        id_ = (await bus.post(step(mode="Sync"))).message
        before = await bus.states(id_)

        await bus.settle(id_, done=True)
        await bus.reaches(id_, State.DELIVERED, State.DELIVERED)

        assert before == (State.HELD, State.UNKNOWN)
        answer = await bus.answer(id_)
        assert answer
        assert answer.status is Status.OK
        assert len(bus.app("rm").calls) == 1

    async def test_as_done_teaches_the_id_that_the_destination_gave(self, rigs: Rigs) -> None:
        """Found by its document from then on."""
        bus = await rigs.start(deployment(route("rm")))
        bus.app("rm").will(is_silent())
        id_ = await bus.accepted(step("7"))
        await bus.reaches(id_, State.UNKNOWN)

        await bus.settle(id_, done=True, id_="77")
        await bus.reaches(id_, State.DELIVERED)

        (fact,) = await bus.facts(id_, FactKind.LEARNT)
        assert list(fact.data["other"])[-1] == "77"  # type: ignore[call-overload]
        learnt = Key(*fact.data["other"])  # type: ignore[misc]
        known = await bus.store.crossreference.known([learnt])
        assert {row.source for row in known[learnt]} == {Source.PERSON}

    async def test_as_not_done_tells_the_sender_and_may_be_sent_again(self, rigs: Rigs) -> None:
        """The copies are withdrawn; a replay is a new attempt."""
        bus = await rigs.start()
        bus.app("rm").will(is_silent(), says_ok())
        id_ = await bus.accepted(step())
        await bus.reaches(id_, State.UNKNOWN)

        await bus.settle(id_, done=False)
        answer = await bus.answer(id_)
        await bus.replay(id_)
        await bus.reaches(id_, State.DELIVERED)

        assert answer
        assert answer.status is Status.ERROR
        assert "ana" in answer.notes[0].text
        assert len(bus.app("rm").calls) == 2

    @pytest.mark.parametrize("done", [True, False])
    async def test_only_what_nobody_knows_is_settled(self, rigs: Rigs, *, done: bool) -> None:
        """Everything else is known already."""
        bus = await rigs.start()
        id_ = await bus.accepted(step())
        await bus.reaches(id_, State.DELIVERED)

        assert await fault_of(bus.settle(id_, done=done)) == "STEP_NOT_ALLOWED"

    async def test_of_several_unknown_ones_a_person_chooses(self, rigs: Rigs) -> None:
        """Nothing is chosen silently."""
        bus = await rigs.start(deployment(route("rm", "omie")))
        for name in ("rm", "omie"):
            bus.app(name).will(is_silent())
        id_ = await bus.accepted(step())
        await bus.reaches(id_, State.UNKNOWN, State.UNKNOWN)

        assert await fault_of(bus.settle(id_, done=True)) == "SEVERAL_UNKNOWN"
        await bus.settle(id_, done=True, number=2)
        await bus.reaches(id_, State.UNKNOWN, State.DELIVERED)
