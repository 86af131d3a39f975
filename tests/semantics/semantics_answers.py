"""S13: every business message ends in one answer for its origin."""

import pytest

from bus.core.delivery import Kind, State
from bus.core.envelope import Status
from bus.core.outcome import Outcome
from bus.journal.facts import FactKind
from tests.support.deployments import answering_to_protheus, route
from tests.support.loopback import (
    Gate,
    is_silent,
    is_unreachable,
    receives,
    refuses,
    says_ok,
    tells,
)
from tests.support.messages import step, unit
from tests.support.rig import Rigs


class Answers:
    """What the origin is answered, and how it gets it."""

    async def test_an_answer_is_delivered_to_an_origin_that_takes_it(self, rigs: Rigs) -> None:
        """As a delivery of its own, with what the destination returned."""
        bus = await rigs.start(answering_to_protheus())
        bus.app("rm").will(says_ok(("Job", "7", "700")))
        message = step()

        id_ = await bus.accepted(message)
        await bus.answered()

        (answer,) = bus.app("protheus").answers
        assert (answer.received_uuid, answer.status) == (message.uuid, Status.OK)
        assert [(one.origin, one.destination) for one in answer.ids] == [("7", "700")]
        row = await bus.delivery(id_, 2)
        assert (row.kind, row.destination, row.state) == (
            Kind.ANSWER,
            "protheus",
            State.DELIVERED,
        )

    async def test_an_answer_is_kept_where_the_origin_does_not_take_it(self, rigs: Rigs) -> None:
        """It asks when it likes."""
        bus = await rigs.start()

        id_ = await bus.accepted(step())
        assert await bus.answer(id_) is None or await bus.states(id_) == (State.DELIVERED,)
        await bus.reaches(id_, State.DELIVERED)

        answer = await bus.answer(id_)
        assert answer
        assert answer.status is Status.OK
        assert bus.app("protheus").calls == []

    async def test_an_answer_is_the_same_however_often_it_is_fetched(self, rigs: Rigs) -> None:
        """To the last byte, though it is written from what the destination said when it is asked."""
        bus = await rigs.start()
        bus.app("rm").will(says_ok(("Job", "7", "700")))
        id_ = await bus.accepted(step())
        await bus.reaches(id_, State.DELIVERED)

        first = await bus.bus.answers.stored(id_)
        bus.clock.advance(60)

        assert first is not None
        assert first == await bus.bus.answers.stored(id_)

    async def test_a_refusal_is_an_answer(self, rigs: Rigs) -> None:
        """In the words of the destination."""
        bus = await rigs.start(answering_to_protheus())
        bus.app("rm").will(refuses("período fechado"))

        await bus.accepted(step())
        await bus.answered()

        (answer,) = bus.app("protheus").answers
        assert answer.status is Status.ERROR
        assert answer.notes[0].text == "período fechado"

    @pytest.mark.parametrize(
        ("outcome", "status", "code"),
        [(Outcome.DELIVERED, Status.OK, ""), (Outcome.REFUSED, Status.ERROR, "REFUSED")],
    )
    async def test_a_destination_that_speaks_no_xml_is_answered_for(
        self, rigs: Rigs, outcome: Outcome, status: Status, code: str
    ) -> None:
        """A table or a REST service says yes or no; the origin reads a ResponseMessage."""
        bus = await rigs.start(answering_to_protheus())
        bus.app("rm").will(tells(outcome, "no such job"))

        await bus.accepted(step())
        await bus.answered()

        (answer,) = bus.app("protheus").answers
        assert answer.status is status
        assert [note.code for note in answer.notes] == ([code] if code else [])
        assert ("no such job" in str(answer.notes)) is bool(code)

    async def test_what_is_dead_is_answered(self, rigs: Rigs) -> None:
        """The origin reads that the bus gave up, and why."""
        bus = await rigs.start(answering_to_protheus())
        bus.app("rm").always(is_silent())

        await bus.accepted(unit())
        await bus.answered()

        (answer,) = bus.app("protheus").answers
        assert (answer.status, answer.notes[0].code) == (Status.ERROR, "RETRIES_EXHAUSTED")

    async def test_what_a_person_gave_up_is_answered(self, rigs: Rigs) -> None:
        """With who, and why."""
        bus = await rigs.start(answering_to_protheus())
        bus.app("rm").will(is_silent())
        id_ = await bus.accepted(step())
        await bus.reaches(id_, State.UNKNOWN)
        assert bus.app("protheus").calls == []

        await bus.discard(id_)
        await bus.answered()

        (answer,) = bus.app("protheus").answers
        assert (answer.status, answer.notes[0].code) == (Status.ERROR, "DISCARDED")
        assert "ana" in answer.notes[0].text
        assert "not needed" in answer.notes[0].text

    async def test_with_several_destinations_the_one_declared_answers(self, rigs: Rigs) -> None:
        """Nobody waits for the others."""
        bus, gate = (
            await rigs.start(answering_to_protheus(route("rm", "omie", answers="omie"))),
            Gate(),
        )
        bus.app("rm").will(gate)
        bus.app("omie").will(says_ok(("Job", "7", "from omie")))

        await bus.accepted(step())
        await bus.answered()

        (answer,) = bus.app("protheus").answers
        assert answer.ids[0].destination == "from omie"
        gate.open(refuses())

    async def test_a_failure_of_one_that_does_not_answer_is_not_the_origin_s(
        self, rigs: Rigs
    ) -> None:
        """An operator sees it; the origin was answered."""
        bus = await rigs.start(answering_to_protheus(route("rm", "omie", answers="rm")))
        bus.app("omie").will(refuses())

        id_ = await bus.accepted(step())
        await bus.reaches(id_, State.DELIVERED, State.REFUSED)
        await bus.answered()

        assert [one.status for one in bus.app("protheus").answers] == [Status.OK]

    async def test_without_one_declared_it_is_ok_when_all_are(self, rigs: Rigs) -> None:
        """Not before the last."""
        bus, gate = await rigs.start(answering_to_protheus(route("rm", "omie"))), Gate()
        bus.app("rm").will(gate)
        id_ = await bus.accepted(step())
        await bus.reaches(id_, State.SENDING, State.DELIVERED)
        assert await bus.answer(id_) is None

        gate.open()
        await bus.answered()

        assert [one.status for one in bus.app("protheus").answers] == [Status.OK]

    async def test_without_one_declared_a_failure_answers_when_all_have_ended(
        self, rigs: Rigs
    ) -> None:
        """The origin is told once, and what went wrong."""
        bus, gate = await rigs.start(answering_to_protheus(route("rm", "omie"))), Gate()
        bus.app("rm").will(gate)
        bus.app("omie").will(refuses("not here"))
        id_ = await bus.accepted(step())
        await bus.reaches(id_, State.SENDING, State.REFUSED)
        assert await bus.answer(id_) is None

        gate.open()
        await bus.answered()

        (answer,) = bus.app("protheus").answers
        assert (answer.status, answer.notes[0].text) == (Status.ERROR, "not here")

    async def test_a_doubt_is_not_answered_until_it_ends(self, rigs: Rigs) -> None:
        """The origin would take it for a failure."""
        bus = await rigs.start(answering_to_protheus(route("rm", "omie")))
        bus.app("rm").will(is_silent())

        id_ = await bus.accepted(step())
        await bus.reaches(id_, State.UNKNOWN, State.DELIVERED)
        await bus.looked()

        assert await bus.answer(id_) is None
        assert bus.app("protheus").calls == []

    async def test_each_new_end_has_its_answer(self, rigs: Rigs) -> None:
        """Refused, replayed, delivered: the origin is told both."""
        bus = await rigs.start(answering_to_protheus())
        bus.app("rm").will(refuses())
        id_ = await bus.accepted(step())
        await bus.answered()

        await bus.replay(id_)
        await bus.answered(2)

        assert [one.status for one in bus.app("protheus").answers] == [Status.ERROR, Status.OK]
        assert len(await bus.facts(id_, FactKind.ANSWERED)) == 2

    async def test_a_replay_of_a_copy_does_not_answer_again(self, rigs: Rigs) -> None:
        """The one that answers has answered."""
        bus = await rigs.start(answering_to_protheus(route("rm", "omie", answers="rm")))
        bus.app("omie").will(refuses())
        id_ = await bus.accepted(step())
        await bus.reaches(id_, State.DELIVERED, State.REFUSED)
        await bus.answered()

        await bus.replay(id_, 2)
        await bus.reaches(id_, State.DELIVERED, State.DELIVERED)
        await bus.looked()

        assert len(bus.app("protheus").answers) == 1
        assert await bus.answer(id_) is not None

    async def test_answers_of_a_document_arrive_in_order(self, rigs: Rigs) -> None:
        """Origins learn ids from them (ADR 9)."""
        bus, gate = await rigs.start(answering_to_protheus()), Gate()
        bus.app("protheus").will(gate)
        messages = [step(note=str(number)) for number in range(4)]
        for one in messages:
            await bus.reaches(await bus.accepted(one), State.DELIVERED)
        await gate.arrived()
        assert len(bus.app("protheus").answers) == 1

        gate.open()
        await bus.answered(4)

        told = [one.received_uuid for one in bus.app("protheus").answers]
        assert told == [one.uuid for one in messages]

    async def test_an_answer_that_its_origin_refuses_holds_nobody(self, rigs: Rigs) -> None:
        """It stays in the operator's list (ADR 9)."""
        bus = await rigs.start(answering_to_protheus())
        bus.app("protheus").will(refuses())
        first = await bus.accepted(step(note="1"))
        await bus.answered()

        await bus.accepted(step(note="2"))
        await bus.answered(2)

        assert (await bus.delivery(first, 2)).state is State.REFUSED

    async def test_an_answer_is_repeated_until_its_origin_has_it(self, rigs: Rigs) -> None:
        """Repeating an answer does no harm."""
        bus = await rigs.start(answering_to_protheus())
        bus.app("protheus").will(is_silent(), is_silent())

        id_ = await bus.accepted(step())
        await bus.answered(3)

        assert (await bus.delivery(id_, 2)).state is State.DELIVERED

    async def test_an_answer_waits_for_an_origin_that_is_away(self, rigs: Rigs) -> None:
        """Like any delivery."""
        bus = await rigs.start(answering_to_protheus())
        bus.app("protheus").will(is_unreachable())

        id_ = await bus.accepted(step())
        await bus.answered()
        bus.pass_time(61)
        await bus.answered(2)

        assert (await bus.delivery(id_, 2)).state is State.DELIVERED

    async def test_a_receipt_ends_an_answer(self, rigs: Rigs) -> None:
        """Nobody answers an answer."""
        bus = await rigs.start(answering_to_protheus())
        bus.app("protheus").will(receives())

        id_ = await bus.accepted(step())
        await bus.answered()

        assert (await bus.delivery(id_, 2)).state is State.DELIVERED
