"""S13: a destination answers by itself, after a receipt."""

import pytest

from bus.core.delivery import State
from bus.core.errors import Owner
from bus.core.route import IdentityBasis, IdentityPolicy
from bus.edge.story import story_of
from bus.engine.post_result import Form
from bus.journal.facts import FactKind
from bus.journal.rows import MessageState
from tests.support.deployments import answering_to_protheus, application, deployment, route
from tests.support.loopback import (
    receives,
)
from tests.support.messages import receipt, response, step
from tests.support.rig import Rigs

HOUR = 3600.0


class Responses:
    """A destination answers by itself, after a receipt."""

    async def test_a_receipt_leaves_the_delivery_waiting_for_its_response(self, rigs: Rigs) -> None:
        """The destination has it; the response is due by a time."""
        bus = await rigs.start(deployment(applications=[application("rm", response_within=HOUR)]))
        bus.app("rm").will(receives())

        id_ = await bus.accepted(step())
        await bus.reaches(id_, State.AWAITING_RESPONSE)

        row = await bus.delivery(id_)
        assert row.due_at == row.changed_at + int(HOUR * 1_000_000)

    @pytest.mark.parametrize(
        ("status", "state"), [("OK", State.DELIVERED), ("ERROR", State.REFUSED)]
    )
    async def test_a_response_ends_it_and_goes_on_to_the_origin(
        self, rigs: Rigs, status: str, state: State
    ) -> None:
        """OK or ERROR, with what the destination says."""
        bus = await rigs.start(answering_to_protheus())
        bus.app("rm").will(receives())
        message = step()
        id_ = await bus.accepted(message)
        await bus.reaches(id_, State.AWAITING_RESPONSE)

        told = response(
            message.uuid,
            status,
            "" if status == "OK" else "no",
            transaction="Step",
            version="1.000",
            ids=(("Job", "7", "700"),),
        )
        reception = await bus.post(told, "rm")
        await bus.answered()

        assert (reception.form, reception.fault) == (Form.RECEIPT, None)
        assert await bus.states(id_) == (state,)
        (answer,) = bus.app("protheus").answers
        assert (answer.received_uuid, answer.status) == (message.uuid, status)
        assert answer.ids[0].destination == "700"

    async def test_a_response_is_a_message_that_is_kept(self, rigs: Rigs) -> None:
        """Byte for byte, and it knows what it answers."""
        bus = await rigs.start()
        bus.app("rm").will(receives())
        message = step()
        id_ = await bus.accepted(message)
        await bus.reaches(id_, State.AWAITING_RESPONSE)

        body = response(message.uuid, transaction="Step", version="1.000")
        reception = await bus.post(body, "rm")

        row = await bus.message(reception.message)
        assert (row.parent, row.sender, row.type) == (id_, "rm", "Response")
        assert await bus.bus.history.body(row.id) == body

    async def test_a_response_to_our_uuid_answers_the_sender_s(self, rigs: Rigs) -> None:
        """Where the destination saw ours."""
        policy = IdentityPolicy(IdentityBasis.UUID_AND_CONTENT)
        sender = application("protheus", identity=policy, takes_answers=True)
        bus = await rigs.start(deployment(applications=[sender]))
        bus.app("rm").will(receives())
        id_ = await bus.accepted(step(uuid="1"))
        await bus.reaches(id_, State.AWAITING_RESPONSE)

        await bus.post(response(id_, transaction="Step", version="1.000"), "rm")
        await bus.answered()

        assert [one.received_uuid for one in bus.app("protheus").answers] == ["1"]

    async def test_a_response_of_one_destination_ends_its_own_delivery(self, rigs: Rigs) -> None:
        """The others have seen the same UUID."""
        bus = await rigs.start(deployment(route("rm", "omie")))
        for name in ("rm", "omie"):
            bus.app(name).will(receives())
        message = step()
        id_ = await bus.accepted(message)
        await bus.reaches(id_, State.AWAITING_RESPONSE, State.AWAITING_RESPONSE)

        await bus.post(response(message.uuid, transaction="Step", version="1.000"), "omie")

        assert await bus.states(id_) == (State.AWAITING_RESPONSE, State.DELIVERED)

    async def test_a_response_to_nothing_is_rejected(self, rigs: Rigs) -> None:
        """It is kept, for somebody answers the wrong bus."""
        bus = await rigs.start()

        reception = await bus.post(response("no-such-uuid"), "rm")

        assert reception.fault
        assert (reception.fault.code, reception.fault.status) == ("RESPONSE_UNMATCHED", 422)
        assert (await bus.message(reception.message)).state is MessageState.REJECTED

    async def test_a_response_of_another_application_is_rejected(self, rigs: Rigs) -> None:
        """Only who was sent a message may answer it."""
        bus = await rigs.start(deployment(route("rm"), applications=[application("omie")]))
        bus.app("rm").will(receives())
        message = step()
        id_ = await bus.accepted(message)
        await bus.reaches(id_, State.AWAITING_RESPONSE)

        reception = await bus.post(response(message.uuid), "omie")

        assert reception.fault
        assert reception.fault.code == "RESPONSE_UNMATCHED"
        assert await bus.states(id_) == (State.AWAITING_RESPONSE,)

    async def test_a_second_response_changes_nothing(self, rigs: Rigs) -> None:
        """The first one counts; the second is kept as news."""
        bus = await rigs.start(answering_to_protheus())
        bus.app("rm").will(receives())
        message = step()
        id_ = await bus.accepted(message)
        await bus.reaches(id_, State.AWAITING_RESPONSE)
        ok = response(message.uuid, transaction="Step", version="1.000")
        no = response(message.uuid, "ERROR", "no", transaction="Step", version="1.000")

        for body in (ok, no):
            await bus.post(body, "rm")
        await bus.answered()

        assert await bus.states(id_) == (State.DELIVERED,)
        assert len(await bus.facts(id_, FactKind.LATE_OUTCOME)) == 1
        assert len(bus.app("protheus").answers) == 1

    async def test_a_response_that_comes_again_is_a_repeat(self, rigs: Rigs) -> None:
        """It gets its receipt again, and nothing follows from it."""
        bus = await rigs.start(answering_to_protheus())
        bus.app("rm").will(receives())
        message = step()
        id_ = await bus.accepted(message)
        await bus.reaches(id_, State.AWAITING_RESPONSE)
        ok = response(message.uuid, transaction="Step", version="1.000")

        first, again = [await bus.post(ok, "rm") for _ in range(2)]
        await bus.answered()

        assert (again.form, again.fault, again.message) == (Form.RECEIPT, None, first.message)
        assert await bus.verdicts(first.message) == ["stored"]
        assert bus.watcher.seen["repeated"] == 1
        assert await bus.facts(id_, FactKind.LATE_OUTCOME) == []
        assert len(bus.app("protheus").answers) == 1

    @pytest.mark.parametrize("own_uuid", ["", "as the request"])
    async def test_a_no_that_comes_again_does_not_refuse_the_correction(
        self, rigs: Rigs, own_uuid: str
    ) -> None:
        """It was about what went under the same UUID before; some write that in their header too."""
        bus = await rigs.start()
        bus.app("rm").will(receives(), receives())
        message = step(note="1")
        own = message.uuid if own_uuid else ""
        no = response(
            message.uuid, "ERROR", "no", transaction="Step", version="1.000", own_uuid=own
        )
        ok = response(message.uuid, transaction="Step", version="1.000", own_uuid=own)
        id_ = await bus.accepted(message)
        await bus.reaches(id_, State.AWAITING_RESPONSE)
        await bus.post(no, "rm")
        correction = await bus.accepted(step(note="2", uuid=message.uuid))
        await bus.reaches(correction, State.AWAITING_RESPONSE)

        await bus.post(no, "rm")
        assert await bus.states(correction) == (State.AWAITING_RESPONSE,)
        await bus.post(ok, "rm")

        assert await bus.states(correction) == (State.DELIVERED,)

    async def test_only_an_ok_that_comes_again_counts_for_what_is_sent_again(
        self, rigs: Rigs
    ) -> None:
        """It was done, by whichever attempt; a no may be that of the attempt before."""
        bus = await rigs.start()
        bus.app("rm").will(receives(), receives())
        message = step()
        no = response(message.uuid, "ERROR", "no", transaction="Step", version="1.000")
        ok = response(message.uuid, transaction="Step", version="1.000")
        id_ = await bus.accepted(message)
        await bus.reaches(id_, State.AWAITING_RESPONSE)
        for body in (no, ok):
            await bus.post(body, "rm")
        await bus.replay(id_)
        await bus.reaches(id_, State.AWAITING_RESPONSE)

        await bus.post(no, "rm")
        assert await bus.states(id_) == (State.AWAITING_RESPONSE,)
        await bus.post(ok, "rm")

        assert await bus.states(id_) == (State.DELIVERED,)

    async def test_an_ok_that_comes_after_a_replay_keeps_it_from_being_sent_again(
        self, rigs: Rigs
    ) -> None:
        """A person asked for it while nobody knew; now the destination says that it has it."""
        bus = await rigs.start(deployment(applications=[application("rm", response_within=HOUR)]))
        bus.app("rm").will(receives())
        message = step()
        id_ = await bus.accepted(message)
        await bus.reaches(id_, State.AWAITING_RESPONSE)
        bus.pass_time(2 * HOUR)
        await bus.reaches(id_, State.UNKNOWN)
        await bus.stop()
        await bus.replay(id_)

        await bus.post(response(message.uuid, transaction="Step", version="1.000"), "rm")
        assert await bus.states(id_) == (State.DELIVERED,)
        bus.pool.revive()
        bus.run()
        await bus.looked()

        assert len(bus.app("rm").calls) == 1

    async def test_of_two_sendings_only_the_second_no_is_final(self, rigs: Rigs) -> None:
        """The first may be that of the sending before, of which nobody knew; an OK is one at once."""
        bus = await rigs.start(deployment(applications=[application("rm", response_within=HOUR)]))
        bus.app("rm").will(receives(), receives())
        message = step()
        id_ = await bus.accepted(message)
        await bus.reaches(id_, State.AWAITING_RESPONSE)
        bus.pass_time(2 * HOUR)
        await bus.reaches(id_, State.UNKNOWN)
        await bus.replay(id_)
        await bus.reaches(id_, State.AWAITING_RESPONSE)

        late = response(message.uuid, "ERROR", "late", transaction="Step", version="1.000")
        await bus.post(late, "rm")
        assert await bus.states(id_) == (State.AWAITING_RESPONSE,)
        no = response(message.uuid, "ERROR", "no", transaction="Step", version="1.000")
        await bus.post(no, "rm")

        assert await bus.states(id_) == (State.REFUSED,)

    async def test_an_overdue_response_leaves_a_doubt(self, rigs: Rigs) -> None:
        """The destination had it; and it may still answer."""
        bus = await rigs.start(deployment(applications=[application("rm", response_within=HOUR)]))
        bus.app("rm").will(receives())
        message = step()
        id_ = await bus.accepted(message)
        await bus.reaches(id_, State.AWAITING_RESPONSE)

        bus.pass_time(HOUR - 60)
        await bus.looked()
        assert await bus.states(id_) == (State.AWAITING_RESPONSE,)
        bus.pass_time(120)
        await bus.reaches(id_, State.UNKNOWN)
        assert (await bus.delivery(id_)).reason == "NO_RESPONSE"
        (told,) = story_of(await bus.trace(id_)).deliveries
        assert told.untold
        assert (told.untold.code, told.untold.owner) == ("NO_RESPONSE", Owner.RECEIVER)
        assert bus.watcher.seen["lost: NO_RESPONSE"] == 1
        await bus.post(response(message.uuid, transaction="Step", version="1.000"), "rm")

        assert await bus.states(id_) == (State.DELIVERED,)

    async def test_a_refusing_response_holds_a_step_s_lane(self, rigs: Rigs) -> None:
        """As a refusal in the call does."""
        bus = await rigs.start()
        bus.app("rm").will(receives())
        message = step(note="1")
        id_ = await bus.accepted(message)
        await bus.reaches(id_, State.AWAITING_RESPONSE)
        second = await bus.accepted(step(note="2"))

        no = response(message.uuid, "ERROR", "no", transaction="Step", version="1.000")
        await bus.post(no, "rm")
        await bus.looked()

        assert await bus.states(id_) == (State.REFUSED,)
        assert await bus.states(second) == (State.WAITING,)

    async def test_a_receipt_by_itself_is_kept(self, rigs: Rigs) -> None:
        """Nothing follows from it."""
        bus = await rigs.start()
        bus.app("rm").will(receives())
        message = step()
        id_ = await bus.accepted(message)
        await bus.reaches(id_, State.AWAITING_RESPONSE)

        reception = await bus.post(receipt(message.uuid), "rm")

        assert (reception.form, reception.fault) == (Form.RECEIPT, None)
        assert (await bus.message(reception.message)).type == "Receipt"
        assert await bus.states(id_) == (State.AWAITING_RESPONSE,)
