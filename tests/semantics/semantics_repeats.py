"""S5: the same message again."""

from dataclasses import replace

import pytest

from bus.core.delivery import State
from bus.core.envelope import Status
from bus.core.identity import RepeatVerdict
from bus.engine.post_result import Form
from bus.journal.facts import FactKind
from bus.journal.rows import MessageState
from tests.support.deployments import deployment, route
from tests.support.loopback import (
    Gate,
    is_busy,
    is_silent,
    receives,
    refuses,
    says_ok,
)
from tests.support.messages import Message, question, response, step, unit
from tests.support.rig import ADDRESS, Rig, Rigs, code_of


def in_mode(message: Message, mode: str) -> Message:
    """The same message, sent again in another mode."""
    return replace(message, mode=mode)


class Repeats:
    """S5: the same message again."""

    async def test_a_repeat_of_what_is_under_way_joins_it(self, rigs: Rigs) -> None:
        """It gets a receipt of the first, and nothing more is sent."""
        bus, gate = await rigs.start(), Gate()
        bus.app("rm").will(gate)
        message = step()
        first = await bus.accepted(message)
        await gate.arrived()

        repeat = await bus.post(message)
        gate.open()
        await bus.reaches(first, State.DELIVERED)

        assert (repeat.message, repeat.form, repeat.fault) == (first, Form.RECEIPT, None)
        assert len(bus.app("rm").calls) == 1
        assert await bus.verdicts(first) == [RepeatVerdict.JOIN]

    async def test_a_synchronous_repeat_waits_for_the_answer_of_the_first(self, rigs: Rigs) -> None:
        """Both callers are told the same."""
        bus, gate = await rigs.start(), Gate()
        bus.app("rm").will(gate)
        message = step(mode="Sync")
        first = bus.posting(message)
        await gate.arrived()
        repeat = bus.posting(message)
        await bus.until(lambda: _repeated(bus, message.uuid), "the repeat is noted")

        gate.open()
        told = [await first, await repeat]

        assert told[0].body == told[1].body
        assert told[0].message == told[1].message
        assert len(bus.app("rm").calls) == 1

    async def test_a_synchronous_repeat_waits_for_an_asynchronous_first(self, rigs: Rigs) -> None:
        """A user may press the button while the night's load is under way."""
        bus, gate = await rigs.start(), Gate()
        bus.app("rm").will(gate)
        message = step()
        first = await bus.accepted(message)
        await gate.arrived()
        repeat = bus.posting(in_mode(message, "Sync"))
        await bus.until(lambda: _repeated(bus, message.uuid), "the repeat is noted")

        gate.open()
        reception = await repeat

        assert (reception.message, reception.fault) == (first, None)
        assert bus.response_in(reception).status is Status.OK

    @pytest.mark.parametrize("mode", ["Sync", "Async"])
    async def test_a_repeat_of_what_succeeded_gets_the_stored_answer(
        self, rigs: Rigs, mode: str
    ) -> None:
        """Byte for byte what the first was told, in either mode (ADR 6)."""
        bus = await rigs.start()
        bus.app("rm").will(says_ok(("UnitOfMeasure", "01||UN", "UN")))
        message = unit(mode="Sync")
        first = await bus.post(message)

        repeat = await bus.post(in_mode(message, mode))

        assert repeat.form is Form.RESPONSE
        assert repeat.fault is None
        assert repeat.body == first.body
        assert bus.response_in(repeat).ids[0].destination == "UN"
        assert len(bus.app("rm").calls) == 1
        assert await bus.verdicts(first.message) == [RepeatVerdict.STORED]

    async def test_a_repeat_is_answered_though_a_copy_is_still_under_way(self, rigs: Rigs) -> None:
        """The answering destination has answered: nobody waits for the others."""
        bus, gate = await rigs.start(deployment(route("rm", "omie", answers="rm"))), Gate()
        bus.app("omie").will(gate)
        message = step(mode="Sync")
        first = await bus.post(message)
        await gate.arrived()

        repeat = await bus.post(message)
        gate.open()

        assert repeat.body == first.body
        assert repeat.fault is None

    async def test_a_repeat_of_a_filtered_message_gets_its_answer(self, rigs: Rigs) -> None:
        """It was answered OK, and is again."""
        bus = await rigs.start(deployment(route("rm", condition="false()")))
        message = unit(mode="Sync")
        first = await bus.post(message)

        repeat = await bus.post(message)

        assert (repeat.message, repeat.body) == (first.message, first.body)

    async def test_a_repeat_of_a_doubt_is_told_that_nobody_knows(self, rigs: Rigs) -> None:
        """504 and where to ask; it is not sent again where that is not safe."""
        bus = await rigs.start()
        bus.app("rm").will(is_silent())
        message = step()
        first = await bus.accepted(message)
        await bus.reaches(first, State.UNKNOWN)

        for mode in ("Async", "Sync"):
            reception = await bus.post(in_mode(message, mode))

            assert code_of(reception) == "OUTCOME_UNKNOWN"
            assert reception.fault
            assert reception.fault.status == 504
            assert reception.fault.details["application"] == "rm"
            assert f"{ADDRESS}/messages/{first}/answer" in bus.response_in(reception).notes[0].text
        assert len(bus.app("rm").calls) == 1
        assert await bus.verdicts(first) == [RepeatVerdict.UNKNOWN] * 2

    async def test_a_repeat_of_a_doubt_is_sent_again_where_that_is_safe(self, rigs: Rigs) -> None:
        """A register's snapshot does no harm twice."""
        bus = await rigs.start(deployment(route("rm", deadline=0.3)))
        bus.app("rm").always(is_silent())
        message = unit(mode="Sync")
        first = await bus.post(message)
        assert code_of(first) == "OUTCOME_UNKNOWN"
        await bus.reaches(first.message, State.UNKNOWN)
        bus.app("rm").always(says_ok())

        repeat = await bus.post(in_mode(message, "Async"))
        await bus.reaches(first.message, State.DELIVERED)

        assert repeat.message == first.message
        assert await bus.verdicts(first.message) == [RepeatVerdict.RETRY]

    async def test_a_doubt_that_is_sent_again_in_vain_stays_a_doubt(self, rigs: Rigs) -> None:
        """Of the new attempt nothing was sent; of the first nobody knows."""
        bus = await rigs.start(deployment(route("rm", deadline=0.3)))
        bus.app("rm").always(is_silent())
        message = unit(mode="Sync")
        first = await bus.post(message)
        await bus.reaches(first.message, State.UNKNOWN)
        bus.app("rm").always(is_busy())

        repeat = await bus.post(message)

        assert repeat.message == first.message
        assert code_of(repeat) == "OUTCOME_UNKNOWN"
        assert await bus.states(first.message) == (State.UNKNOWN,)

    async def test_a_repeat_of_a_refused_message_is_a_new_attempt(self, rigs: Rigs) -> None:
        """Somebody mended the cause; the message stays the same."""
        bus = await rigs.start()
        bus.app("rm").will(refuses("not yet"))
        message = step()
        first = await bus.accepted(message)
        await bus.reaches(first, State.REFUSED)

        repeat = await bus.post(message)
        await bus.reaches(first, State.DELIVERED)

        assert (repeat.message, repeat.form) == (first, Form.RECEIPT)
        assert (await bus.delivery(first)).tries == 2
        answer = await bus.answer(first)
        assert answer
        assert answer.status is Status.OK

    async def test_a_synchronous_repeat_of_a_refused_message_waits_for_its_new_attempt(
        self, rigs: Rigs
    ) -> None:
        """And is told what came of it."""
        bus = await rigs.start()
        bus.app("rm").will(refuses("not yet"), refuses("still not"))
        message = step(mode="Sync")

        told = [await bus.post(message) for _ in range(3)]

        assert [bus.response_in(one).status for one in told] == ["ERROR", "ERROR", "OK"]
        assert "still not" in bus.response_in(told[1]).notes[0].text
        assert len({one.message for one in told}) == 1
        assert len(bus.app("rm").calls) == 3

    async def test_a_repeat_of_a_dead_message_is_a_new_attempt(self, rigs: Rigs) -> None:
        """With all its attempts again."""
        bus = await rigs.start()
        bus.app("rm").always(is_silent())
        message = unit()
        first = await bus.accepted(message)
        await bus.reaches(first, State.DEAD)
        bus.app("rm").will(is_silent(), is_silent())
        bus.app("rm").always(says_ok())

        await bus.post(message)
        await bus.reaches(first, State.DELIVERED)

        assert (await bus.delivery(first)).attempts == 3

    async def test_only_what_failed_is_sent_again(self, rigs: Rigs) -> None:
        """A destination that took it is left alone."""
        bus = await rigs.start(deployment(route("rm", "omie")))
        bus.app("omie").will(refuses())
        message = step()
        first = await bus.accepted(message)
        await bus.reaches(first, State.DELIVERED, State.REFUSED)

        await bus.post(message)
        await bus.reaches(first, State.DELIVERED, State.DELIVERED)

        assert (len(bus.app("rm").calls), len(bus.app("omie").calls)) == (1, 2)

    async def test_a_synchronous_repeat_of_a_message_for_several_waits_for_all(
        self, rigs: Rigs
    ) -> None:
        """None is declared to answer, so the answer is known when the last one has ended."""
        bus = await rigs.start(deployment(route("rm", "omie")))
        first, last = Gate(), Gate(refuses("no such job"))
        bus.app("rm").will(first)
        bus.app("omie").will(last)
        message = step()
        id_ = await bus.accepted(message)
        await last.arrived()
        repeat = bus.posting(in_mode(message, "Sync"))
        await bus.until(lambda: _repeated(bus, message.uuid), "the repeat is noted")

        first.open()
        await bus.reaches(id_, State.DELIVERED, State.SENDING)
        last.open()
        reception = await repeat

        assert reception.fault is None
        assert "no such job" in bus.response_in(reception).notes[0].text

    async def test_a_waiting_repeat_is_answered_by_a_failure_that_came_first(
        self, rigs: Rigs
    ) -> None:
        """One refused, the other one OK later: the answer is the refusal."""
        bus, gate = await rigs.start(deployment(route("rm", "omie"))), Gate()
        bus.app("rm").will(refuses("no such job"))
        bus.app("omie").will(gate)
        message = step()
        first = await bus.accepted(message)
        await gate.arrived()
        await bus.reaches(first, State.REFUSED, State.SENDING)
        repeat = bus.posting(in_mode(message, "Sync"))
        await bus.until(lambda: _repeated(bus, message.uuid), "the repeat is noted")

        gate.open()
        reception = await repeat

        assert reception.fault is None
        assert "no such job" in bus.response_in(reception).notes[0].text

    async def test_a_repeat_of_a_rejected_message_is_a_new_one(self, rigs: Rigs) -> None:
        """The admin added the route; the new message knows its ancestor."""
        before = await rigs.start(deployment(route("omie", transactions=frozenset({"x"}))))
        message = unit()
        rejected = await before.post(message)
        assert code_of(rejected) == "NO_ROUTE"
        after = await rigs.start(deployment(route("rm")))

        id_ = await after.accepted(message)
        await after.reaches(id_, State.DELIVERED)

        assert (await after.message(id_)).parent == rejected.message
        assert (await after.message(rejected.message)).state is MessageState.REJECTED

    async def test_a_rejected_message_is_rejected_again_each_time(self, rigs: Rigs) -> None:
        """Every time is kept, and knows the first."""
        bus = await rigs.start()
        message = unit("TOO LONG")

        told = [await bus.post(message) for _ in range(3)]

        assert {code_of(one) for one in told} == {"VALUE_TOO_LONG"}
        assert len({one.message for one in told}) == 3
        parents = [(await bus.message(one.message)).parent for one in told]
        assert parents == ["", told[0].message, told[0].message]

    async def test_a_repeat_of_a_withdrawn_message_is_a_new_one(self, rigs: Rigs) -> None:
        """Nothing of the first was sent, and nothing will be; the second has all its time."""
        bus = await rigs.start()
        message = step(mode="Sync")
        first = await bus.withdrawn(message)
        assert await bus.states(first.message) == (State.DISCARDED,)

        second = await bus.post(message)

        assert second.fault is None
        assert (await bus.message(second.message)).parent == first.message
        assert await bus.states(first.message) == (State.DISCARDED,)

    async def test_a_repeat_joins_also_what_waits_for_a_response(self, rigs: Rigs) -> None:
        """The destination has it: nothing is sent twice."""
        bus = await rigs.start()
        bus.app("rm").will(receives())
        message = step()
        first = await bus.accepted(message)
        await bus.reaches(first, State.AWAITING_RESPONSE)

        repeat = await bus.post(message)
        await bus.post(response(message.uuid, transaction="Step", version="1.000"), "rm")
        again = await bus.post(message)

        assert (repeat.message, repeat.form) == (first, Form.RECEIPT)
        assert (again.message, again.form) == (first, Form.RESPONSE)
        assert len(bus.app("rm").calls) == 1

    async def test_a_repeat_of_what_a_person_gave_up_is_told_so(self, rigs: Rigs) -> None:
        """Nothing is sent; who wants it sent after all sends it under another UUID."""
        bus = await rigs.start()
        bus.app("rm").will(is_silent())
        message = step()
        first = await bus.accepted(message)
        await bus.reaches(first, State.UNKNOWN)
        await bus.discard(first)

        repeat = await bus.post(message)

        answer = bus.response_in(repeat)
        assert (answer.status, answer.notes[0].code) == (Status.ERROR, "DISCARDED")
        assert len(bus.app("rm").calls) == 1

    async def test_a_repeat_takes_no_place_and_has_no_body(self, rigs: Rigs) -> None:
        """It leaves a fact with what is needed to find it, and nothing else."""
        bus = await rigs.start()
        message = unit()
        first = await bus.accepted(message)
        await bus.reaches(first, State.DELIVERED)

        await bus.post(message)

        assert [row.id for row in await bus.bus.history.find(message.uuid)] == [first]
        (fact,) = await bus.facts(first, FactKind.REPEATED)
        assert fact.data["body"] == (await bus.message(first)).body_hash

    async def test_a_question_asked_again_gets_the_same_answer(self, rigs: Rigs) -> None:
        """A repeated query is a repeat like any other; a new one has a new UUID."""
        bus = await rigs.start()
        message = question("how many?", mode="Sync")

        told = [await bus.post(message), await bus.post(message)]

        assert told[0].body == told[1].body
        assert len(bus.app("rm").calls) == 1


async def _repeated(bus: Rig, uuid: str) -> bool:
    found = await bus.bus.history.find(uuid)
    return bool(found and await bus.verdicts(found[0].id))
