"""S12: a synchronous sender gets a definite answer within its deadline, and it stays true."""

import asyncio

import pytest

from bus.core.delivery import State, Step
from bus.core.envelope import Status
from bus.core.outcome import Report
from bus.engine.post_result import PostResult
from bus.journal.commands import Operate
from bus.journal.facts import FactKind
from tests.support.deployments import application, deployment, route
from tests.support.journals import disk_full
from tests.support.loopback import (
    Behaviour,
    Call,
    Gate,
    cannot_tell,
    hangs,
    is_busy,
    is_silent,
    is_unreachable,
    receives,
    refuses,
    says_ok,
)
from tests.support.messages import response, step, unit
from tests.support.rig import ADDRESS, Rig, Rigs, code_of

SHORT = 0.3
"""A deadline that a test waits for."""


def assert_nothing_sent(bus: Rig, reception: PostResult) -> None:
    """The caller reads that nothing was sent, and when to come back."""
    assert reception.fault is not None
    assert reception.fault.status == 503
    assert reception.retry_after is not None
    assert bus.response_in(reception).status is Status.ERROR


class Deadlines:
    """What was told ERROR is never sent later by the bus alone."""

    async def test_it_waits_its_turn_and_does_not_overtake(self, rigs: Rigs) -> None:
        """Within the deadline the lane may clear."""
        bus, gate = await rigs.start(), Gate()
        bus.app("rm").will(gate)
        await bus.accepted(step(note="1"))
        await gate.arrived()
        posting = bus.posting(step(note="2", mode="Sync"))
        await bus.until(lambda: _accepted(bus, 2), "it waits")

        gate.open()
        reception = await posting

        assert reception.fault is None
        assert bus.app("rm").texts == ["1", "2"]

    async def test_a_connection_that_never_opens_is_given_up_in_time(self, rigs: Rigs) -> None:
        """No byte has left, so its caller is told that, and not that nobody knows."""
        bus = await rigs.start()

        async def never_opens(call: Call) -> Report:
            assert call.parcel.start_within
            bus.clock.advance(call.parcel.start_within)
            return await is_unreachable()(call)

        bus.app("rm").always(never_opens)
        reception = await bus.post(step(mode="Sync"))
        bus.app("rm").always(says_ok())
        await bus.reaches(await bus.accepted(step()), State.DELIVERED)

        assert_nothing_sent(bus, reception)
        assert await bus.states(reception.message) == (State.DISCARDED,)
        assert bus.app("rm").calls[-1].parcel.start_within is None

    async def test_a_turn_that_does_not_come_is_an_error(self, rigs: Rigs) -> None:
        """Nothing was sent, and nothing will be: the lane goes on without it."""
        bus, gate = await rigs.start(deployment(route("rm", deadline=SHORT))), Gate()
        bus.app("rm").will(gate)
        first = await bus.accepted(step(note="1"))
        await gate.arrived()

        reception = await bus.post(step(note="2", mode="Sync"))
        third = await bus.accepted(step(note="3"))
        gate.open()
        await bus.reaches(third, State.DELIVERED)

        assert_nothing_sent(bus, reception)
        note = bus.response_in(reception).notes[0]
        assert note.code == "LANE_BUSY"
        assert f"`bus trace {first}`" in note.text
        assert await bus.states(reception.message) == (State.DISCARDED,)
        assert (await bus.delivery(reception.message)).reason == "WITHDRAWN"
        assert bus.app("rm").texts == ["1", "3"]

    async def test_behind_what_only_a_person_ends_nobody_waits(self, rigs: Rigs) -> None:
        """The answer is known at once: which message, and that a person must settle it."""
        bus = await rigs.start()  # of a time that a test does not wait for
        bus.app("rm").will(is_silent())
        first = await bus.accepted(step(note="1"))
        await bus.reaches(first, State.UNKNOWN)

        message = step(note="2", mode="Sync")
        told = [await bus.post(message), await bus.post(message)]

        for reception in told:
            assert_nothing_sent(bus, reception)
            (note,) = bus.response_in(reception).notes
            assert note.code == "LANE_STOPPED"
            assert f"`bus settle {first} --done`" in note.text
        assert await bus.states(told[0].message) == (State.DISCARDED,)
        facts = [one for reception in told for one in await bus.facts(reception.message)]
        ends = {one.actor for one in facts if one.step == Step.WITHDRAW}
        assert ends == {""}  # no deadline did it

        await bus.settle(first, done=True)
        assert (await bus.post(message)).fault is None
        assert bus.app("rm").texts == ["1", "2"]

    async def test_behind_what_its_destination_is_asked_about_it_is_waited(
        self, rigs: Rigs
    ) -> None:
        """It may end by itself, and then its turn comes in time."""
        bus = await rigs.start()
        bus.app("rm").will(is_silent())
        bus.app("rm").knows(cannot_tell(), says_ok())
        first = await bus.accepted(step(note="1"))
        await bus.reaches(first, State.UNKNOWN)
        posting = bus.posting(step(note="2", mode="Sync"))
        await bus.until(lambda: _accepted(bus, 2), "it waits")

        bus.pass_time(6)

        assert (await posting).fault is None
        assert bus.app("rm").texts == ["1", "2"]

    async def test_no_room_at_a_destination_within_the_deadline_is_an_error(
        self, rigs: Rigs
    ) -> None:
        """Its own lane is free: it is told of no other message, for none holds it."""
        one_at_a_time = application("rm", concurrency=1)
        chosen = deployment(route("rm", deadline=SHORT), applications=[one_at_a_time])
        bus, gate = await rigs.start(chosen), Gate()
        bus.app("rm").will(gate)
        await bus.accepted(step("1"))
        await gate.arrived()

        reception = await bus.post(step("2", mode="Sync"))
        gate.open()

        assert_nothing_sent(bus, reception)
        assert [note.code for note in bus.response_in(reception).notes] == ["NO_TURN"]
        assert "`bus messages --to rm`" in bus.response_in(reception).notes[0].text

    async def test_a_repeat_that_gets_no_turn_is_not_told_the_refusal_of_before(
        self, rigs: Rigs
    ) -> None:
        """Its sender would correct what was never looked at again."""
        bus, gate = await rigs.start(deployment(route("rm", deadline=SHORT))), Gate()
        bus.app("rm").will(refuses("Registro inválido"), gate)
        message = step(note="1", mode="Sync")
        refused = await bus.post(message)
        await bus.accepted(step(note="2"))
        await gate.arrived()

        reception = await bus.post(message)
        gate.open()

        assert "Registro inválido" in bus.response_in(refused).notes[0].text
        assert_nothing_sent(bus, reception)
        assert [note.code for note in bus.response_in(reception).notes] == ["LANE_BUSY"]

    @pytest.mark.parametrize("trouble", [is_unreachable(), is_busy()])
    async def test_what_cannot_be_sent_is_tried_within_the_deadline(
        self, rigs: Rigs, trouble: Behaviour
    ) -> None:
        """A short absence is not noticed by the user."""
        bus = await rigs.start()
        bus.app("rm").will(trouble, trouble)

        reception = await bus.post(step(mode="Sync"))

        assert reception.fault is None
        assert len(bus.app("rm").calls) == 3

    @pytest.mark.parametrize("trouble", [is_unreachable(), is_busy()])
    async def test_what_cannot_be_sent_in_time_is_withdrawn(
        self, rigs: Rigs, trouble: Behaviour
    ) -> None:
        """And never sent, though the destination comes back."""
        bus = await rigs.start()

        reception = await bus.withdrawn(step(mode="Sync"), trouble)
        bus.pass_time(3600)
        await bus.looked()

        assert_nothing_sent(bus, reception)
        assert await bus.states(reception.message) == (State.DISCARDED,)
        assert len(bus.app("rm").calls) == 1

    async def test_the_deadline_of_the_store_says_the_same_as_that_of_the_caller(
        self, rigs: Rigs
    ) -> None:
        """Whichever of the two comes first, it is 503 and nothing was sent."""
        bus, gate = await rigs.start(deployment(route("rm", deadline=1.0))), Gate()
        bus.app("rm").will(gate)
        await bus.accepted(step(note="1"))
        await gate.arrived()
        posting = bus.posting(step(note="2", mode="Sync"))
        await bus.until(lambda: _accepted(bus, 2), "it waits")

        bus.pass_time(2)
        reception = await posting
        gate.open()

        assert_nothing_sent(bus, reception)
        assert await bus.states(reception.message) == (State.DISCARDED,)

    async def test_a_blocked_delivery_is_withdrawn_at_the_deadline(self, rigs: Rigs) -> None:
        """A person held it: nothing was sent, and unblocking it sends nothing."""
        bus = await rigs.start(deployment(route("rm", deadline=1.0)), run=False)
        posting = bus.posting(step(mode="Sync"))
        await bus.until(lambda: _accepted(bus, 1), "it waits")
        (row,) = await bus.deliveries()
        await bus.bus.operators.act(Operate(row.message, Step.BLOCK, 0, "ana", "wait"))

        reception = await posting
        bus.run()
        await bus.looked()

        assert_nothing_sent(bus, reception)
        assert bus.app("rm").calls == []

    async def test_a_refusal_is_final_and_holds_nobody(self, rigs: Rigs) -> None:
        """The user knows; the next step of the document is sent."""
        bus = await rigs.start()
        bus.app("rm").will(refuses("no stock"))

        reception = await bus.post(step(note="1", mode="Sync"))
        await bus.reaches(await bus.accepted(step(note="2")), State.DELIVERED)

        assert reception.fault is None
        answer = bus.response_in(reception)
        assert (answer.status, answer.notes[0].text) == (Status.ERROR, "no stock")
        assert await bus.states(reception.message) == (State.REFUSED,)
        assert bus.app("rm").texts == ["1", "2"]

    async def test_a_refusal_lets_those_that_wait_already_go(self, rigs: Rigs) -> None:
        """Also a step behind it."""
        bus, gate = await rigs.start(), Gate(refuses())
        bus.app("rm").will(gate)
        posting = bus.posting(step(note="1", mode="Sync"))
        await gate.arrived()
        second = await bus.accepted(step(note="2"))

        gate.open()
        await posting
        await bus.reaches(second, State.DELIVERED)


class Silences:
    """Sent, and silent at the deadline: nobody knows yet, and the caller is told where to ask."""

    async def test_silence_at_the_deadline_is_unknown(self, rigs: Rigs) -> None:
        """504 and an address."""
        bus, gate = await rigs.start(deployment(route("rm", deadline=SHORT))), Gate()
        bus.app("rm").will(gate)

        reception = await bus.post(step(mode="Sync"))
        gate.open()

        assert code_of(reception) == "OUTCOME_UNKNOWN"
        assert reception.fault
        assert reception.fault.status == 504
        address = f"{ADDRESS}/messages/{reception.message}/answer"
        assert address in bus.response_in(reception).notes[0].text

    @pytest.mark.rule("T-47")
    async def test_a_register_is_answered_in_the_call_and_silence_is_an_error(
        self, rigs: Rigs
    ) -> None:
        """The reader's answer reaches the caller in the same call; without one it reads ERROR."""
        bus = await rigs.start(deployment(route("rm", deadline=SHORT)))
        bus.app("rm").will(says_ok(("UnitOfMeasure", "01||UN", "UN")), hangs())

        answered = await bus.post(unit("UN", mode="Sync"))
        silent = await bus.post(unit("KG", mode="Sync"))

        told = bus.response_in(answered)
        assert (told.status, told.ids[0].destination) == (Status.OK, "UN")
        assert bus.response_in(silent).status is Status.ERROR

    async def test_an_ok_that_comes_late_is_delivered_and_listed(self, rigs: Rigs) -> None:
        """The sender was told unknown: a fact says so, and the answer is there to ask for."""
        bus, gate = await rigs.start(deployment(route("rm", deadline=SHORT))), Gate()
        bus.app("rm").will(gate)
        reception = await bus.post(step(mode="Sync"))

        gate.open(says_ok(("Job", "7", "700")))
        await bus.reaches(reception.message, State.DELIVERED)

        (fact,) = await bus.facts(reception.message, FactKind.NOTED)
        assert fact.reason == "SENDER_TOLD_UNKNOWN"
        answer = await bus.answer(reception.message)
        assert answer
        assert (answer.status, answer.ids[0].destination) == (Status.OK, "700")

    async def test_a_no_that_comes_late_is_refused_and_holds_nobody(self, rigs: Rigs) -> None:
        """The lane goes on, as after any synchronous refusal."""
        bus, gate = await rigs.start(deployment(route("rm", deadline=SHORT))), Gate()
        bus.app("rm").will(gate)
        reception = await bus.post(step(note="1", mode="Sync"))
        second = await bus.accepted(step(note="2"))

        gate.open(refuses())
        await bus.reaches(second, State.DELIVERED)

        assert await bus.states(reception.message) == (State.REFUSED,)

    async def test_a_journal_that_fails_at_the_deadline_leaves_the_caller_in_doubt(
        self, rigs: Rigs
    ) -> None:
        """The message was accepted: nobody may be told that it was not."""
        bus, gate = await rigs.start(deployment(route("rm", deadline=SHORT))), Gate()
        bus.app("rm").will(gate)
        bus.journal.before("act", disk_full)

        reception = await bus.post(step(mode="Sync"))
        gate.open()
        await bus.reaches(reception.message, State.DELIVERED)

        assert code_of(reception) == "OUTCOME_UNKNOWN"

    async def test_what_cannot_be_read_is_told_at_once(self, rigs: Rigs) -> None:
        """Waiting longer would tell nothing more."""
        bus = await rigs.start()
        bus.app("rm").will(is_silent())

        reception = await bus.post(step(mode="Sync"))

        assert code_of(reception) == "OUTCOME_UNKNOWN"
        assert await bus.states(reception.message) == (State.UNKNOWN,)

    async def test_a_repeat_of_what_is_still_listened_to_gets_the_late_answer(
        self, rigs: Rigs
    ) -> None:
        """The user presses the button again, and the first is just ending."""
        bus, gate = await rigs.start(deployment(route("rm", deadline=SHORT))), Gate()
        bus.app("rm").will(gate)
        message = step(mode="Sync")
        first = await bus.post(message)
        assert code_of(first) == "OUTCOME_UNKNOWN"

        repeat = bus.posting(message)
        await bus.until(lambda: _repeated(bus, first.message), "the repeat is noted")
        gate.open()
        reception = await repeat

        assert reception.fault is None
        assert bus.response_in(reception).status is Status.OK
        assert len(bus.app("rm").calls) == 1

    async def test_a_receipt_and_a_response_in_time_answer_the_caller(self, rigs: Rigs) -> None:
        """A destination that answers on another connection serves synchronous senders too."""
        bus = await rigs.start()
        bus.app("rm").will(receives())
        message = step(mode="Sync")
        posting = bus.posting(message)
        await bus.until(lambda: _awaits_response(bus), "the destination has it")

        await bus.post(response(message.uuid, transaction="Step", version="1.000"), "rm")
        reception = await posting

        assert reception.fault is None
        assert bus.response_in(reception).received_uuid == message.uuid

    async def test_a_receipt_without_a_response_in_time_is_unknown(self, rigs: Rigs) -> None:
        """The destination has it; what came of it nobody knows yet."""
        bus = await rigs.start(deployment(route("rm", deadline=SHORT)))
        bus.app("rm").will(receives())

        reception = await bus.post(step(mode="Sync"))

        assert code_of(reception) == "OUTCOME_UNKNOWN"
        assert await bus.states(reception.message) == (State.AWAITING_RESPONSE,)

    async def test_a_caller_that_hangs_up_changes_nothing(self, rigs: Rigs) -> None:
        """It goes on, and its answer is kept."""
        bus, gate = await rigs.start(deployment(route("rm", "omie", answers="rm"))), Gate()
        bus.app("rm").will(gate)
        posting = bus.posting(step(mode="Sync"))
        await gate.arrived()
        (message,) = {row.message for row in await bus.deliveries()}

        posting.cancel()
        await asyncio.wait([posting])
        gate.open()
        await bus.reaches(message, State.DELIVERED, State.DELIVERED)

        answer = await bus.answer(message)
        assert answer
        assert answer.status is Status.OK

    async def test_a_synchronous_message_is_answered_once(self, rigs: Rigs) -> None:
        """In the call; not by a delivery as well."""
        taker = application("protheus", takes_answers=True)
        bus = await rigs.start(deployment(applications=[taker]))

        reception = await bus.post(step(mode="Sync"))
        await bus.looked()

        assert reception.fault is None
        assert bus.app("protheus").calls == []
        assert len((await bus.trace(reception.message)).deliveries) == 1


async def _accepted(bus: Rig, number: int) -> bool:
    return len(await bus.deliveries()) >= number


async def _repeated(bus: Rig, message: str) -> bool:
    return bool(await bus.facts(message, FactKind.REPEATED))


async def _awaits_response(bus: Rig) -> bool:
    return any(row.state == State.AWAITING_RESPONSE for row in await bus.deliveries())
