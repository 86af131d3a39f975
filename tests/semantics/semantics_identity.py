"""S5: what makes two messages one, and the same UUID with other content."""

import asyncio
from dataclasses import replace

import pytest

from bus.core.delivery import State
from bus.core.identity import RepeatVerdict
from bus.core.route import Application, IdentityBasis, IdentityPolicy, OnFailure, Strictness
from bus.journal.rows import MessageState
from tests.support.deployments import application, deployment, route
from tests.support.loopback import (
    Gate,
    refuses,
)
from tests.support.messages import step, unit
from tests.support.rig import Rigs, code_of

CROWD = 20


def identified_by(basis: IdentityBasis, window: float = 3600.0) -> Application:
    """The sender with a policy."""
    return application("protheus", identity=IdentityPolicy(basis, window))


class Corrections:
    """S5: the same UUID with other content."""

    async def test_other_content_under_a_used_uuid_is_a_conflict(self, rigs: Rigs) -> None:
        """409, and both are kept."""
        bus = await rigs.start()
        message = unit("UN")
        first = await bus.accepted(message)
        await bus.reaches(first, State.DELIVERED)

        reception = await bus.post(unit("KG", uuid=message.uuid))

        assert code_of(reception) == "UUID_REUSED"
        assert reception.fault
        assert reception.fault.status == 409
        assert reception.fault.details["message"] == first
        found = await bus.bus.history.find(message.uuid)
        assert [(row.id, row.state) for row in found] == [
            (reception.message, MessageState.REJECTED),
            (first, MessageState.ACCEPTED),
        ]
        assert await bus.bus.history.body(reception.message) is not None
        assert bus.app("rm").received == ["01||UN"]

    async def test_what_was_processed_does_not_come_back_as_a_correction(self, rigs: Rigs) -> None:
        """A late repeat looks like a return to the old content: a new UUID says which it is."""
        bus = await rigs.start(deployment(route("rm", "omie", on_failure=OnFailure.CONTINUE)))
        bus.app("omie").always(refuses())
        first = step(note="1")
        id_ = await bus.accepted(first)
        await bus.reaches(id_, State.DELIVERED, State.REFUSED)
        correction = await bus.accepted(step(note="2", uuid=first.uuid))
        await bus.reaches(correction, State.DELIVERED, State.REFUSED)

        late = await bus.post(first)

        assert code_of(late) == "UUID_REUSED"
        assert bus.app("rm").texts == ["1", "2"]

    async def test_a_conflict_does_not_change_whose_uuid_it_is(self, rigs: Rigs) -> None:
        """The first one's repeats still get its answer."""
        bus = await rigs.start()
        message = unit("UN")
        first = await bus.accepted(message)
        await bus.reaches(first, State.DELIVERED)
        await bus.post(unit("KG", uuid=message.uuid))

        assert (await bus.post(message)).message == first

    async def test_other_content_while_the_first_is_under_way_is_a_conflict(
        self, rigs: Rigs
    ) -> None:
        """It may yet arrive."""
        bus, gate = await rigs.start(), Gate()
        bus.app("rm").will(gate)
        message = step(note="a")
        await bus.accepted(message)
        await gate.arrived()

        assert code_of(await bus.post(step(note="b", uuid=message.uuid))) == "UUID_REUSED"
        gate.open()

    async def test_a_correction_takes_the_place_of_what_it_corrects(self, rigs: Rigs) -> None:
        """The refused step is replaced where it stands, before those that wait behind it."""
        bus = await rigs.start()
        bus.app("rm").will(refuses())
        wrong = step(note="wrong")
        refused = await bus.accepted(wrong)
        await bus.reaches(refused, State.REFUSED)
        behind = await bus.accepted(step(note="behind"))

        right = await bus.accepted(step(note="right", uuid=wrong.uuid))
        await bus.reaches(behind, State.DELIVERED)

        assert bus.app("rm").texts == ["wrong", "right", "behind"]
        assert await bus.states(refused) == (State.DISCARDED,)
        assert (await bus.delivery(refused)).reason == "SUPERSEDED"
        assert (await bus.message(right)).parent == refused
        assert ((await bus.delivery(right)).seq, (await bus.delivery(behind)).seq) == (1, 2)

    async def test_a_corrected_correction_takes_the_place_again(self, rigs: Rigs) -> None:
        """As often as it takes."""
        bus = await rigs.start()
        bus.app("rm").will(refuses(), refuses())
        message = step(note="1")
        first = await bus.accepted(message)
        await bus.reaches(first, State.REFUSED)
        behind = await bus.accepted(step(note="behind"))

        second = await bus.accepted(step(note="2", uuid=message.uuid))
        await bus.reaches(second, State.REFUSED)
        third = await bus.accepted(step(note="3", uuid=message.uuid))
        await bus.reaches(behind, State.DELIVERED)

        assert bus.app("rm").texts == ["1", "2", "3", "behind"]
        assert (await bus.message(third)).parent == second

    async def test_a_correction_after_the_lane_has_gone_on_goes_to_its_end(
        self, rigs: Rigs
    ) -> None:
        """What follows has been delivered already."""
        bus = await rigs.start()
        bus.app("rm").will(refuses())
        wrong = step(note="wrong", mode="Sync")
        await bus.post(wrong)
        await bus.reaches(await bus.accepted(step(note="next")), State.DELIVERED)

        right = await bus.accepted(step(note="right", uuid=wrong.uuid))
        await bus.reaches(right, State.DELIVERED)

        assert bus.app("rm").texts == ["wrong", "next", "right"]
        assert (await bus.delivery(right)).seq == 3

    async def test_a_correction_may_name_another_document(self, rigs: Rigs) -> None:
        """Then it goes in that one's lane, and the failed one no longer holds its own."""
        bus = await rigs.start()
        bus.app("rm").will(refuses())
        wrong = step("7", "wrong")
        refused = await bus.accepted(wrong)
        await bus.reaches(refused, State.REFUSED)
        behind = await bus.accepted(step("7", "behind"))

        right = await bus.accepted(step("8", "right", uuid=wrong.uuid))
        await bus.reaches(right, State.DELIVERED)
        await bus.reaches(behind, State.DELIVERED)

        assert await bus.states(refused) == (State.DISCARDED,)

    async def test_a_rejected_message_is_corrected_under_its_uuid(self, rigs: Rigs) -> None:
        """The sender shortens the code and sends it again."""
        bus = await rigs.start()
        wrong = unit("TOO LONG")
        rejected = await bus.accepted(wrong)

        right = await bus.accepted(unit("UN", uuid=wrong.uuid))
        await bus.reaches(right, State.DELIVERED)

        assert (await bus.message(right)).parent == rejected

    async def test_a_withdrawn_message_is_corrected_under_its_uuid(self, rigs: Rigs) -> None:
        """Nothing of the first was ever sent."""
        bus = await rigs.start()
        message = step(note="a", mode="Sync")
        first = await bus.withdrawn(message)

        second = await bus.post(step(note="b", mode="Sync", uuid=message.uuid))

        assert second.fault is None
        assert (await bus.message(second.message)).parent == first.message

    async def test_a_correction_that_is_wrong_itself_changes_nothing(self, rigs: Rigs) -> None:
        """It is rejected; the failed one stays, and can still be corrected."""
        bus = await rigs.start()
        bus.app("rm").will(refuses())
        message = unit("UN")
        refused = await bus.accepted(message)
        await bus.reaches(refused, State.REFUSED)

        rejected = await bus.post(unit("TOO LONG", uuid=message.uuid))
        assert code_of(rejected) == "VALUE_TOO_LONG"
        assert await bus.states(refused) == (State.REFUSED,)
        right = await bus.accepted(unit("KG", uuid=message.uuid))

        await bus.reaches(right, State.DELIVERED)
        assert await bus.states(refused) == (State.DISCARDED,)

    async def test_what_a_person_gave_up_is_not_corrected(self, rigs: Rigs) -> None:
        """It did not fail, somebody decided; another message has another UUID."""
        bus, gate = await rigs.start(run=False), Gate()
        bus.app("rm").will(gate)
        message = step(note="a")
        first = await bus.accepted(message)
        await bus.discard(first)

        assert code_of(await bus.post(step(note="b", uuid=message.uuid))) == "UUID_REUSED"


class Identities:
    """S5: what makes two messages one, by the policy of their sender."""

    @pytest.mark.parametrize(
        "other", [{"company": "02"}, {"branch": "02"}, {"transaction": "Guessed"}]
    )
    async def test_a_uuid_counts_within_its_transaction_company_and_branch(
        self, rigs: Rigs, other: dict[str, str]
    ) -> None:
        """Elsewhere the same UUID is another message."""
        bus = await rigs.start(deployment(route("rm", strictness=Strictness.OFF)))
        message = unit()

        await bus.accepted(message)
        await bus.accepted(replace(message, **other))  # type: ignore[arg-type]
        await bus.settled()

        assert len(bus.app("rm").calls) == 2

    async def test_a_uuid_counts_within_its_application(self, rigs: Rigs) -> None:
        """Two senders may have copied one database."""
        bus = await rigs.start(deployment(route("rm"), route("rm", name="k", origin="keepfy")))
        message = unit()

        await bus.accepted(message, "protheus")
        await bus.accepted(message, "keepfy")
        await bus.settled()

        assert len(bus.app("rm").calls) == 2

    async def test_with_the_content_a_repeated_uuid_is_no_repeat(self, rigs: Rigs) -> None:
        """Some senders write `1` in every message; only the same content again is a repeat."""
        bus = await rigs.start(
            deployment(applications=[identified_by(IdentityBasis.UUID_AND_CONTENT)])
        )

        ids = [await bus.accepted(unit(code, uuid="1")) for code in ("UN", "KG", "UN")]
        await bus.settled()

        assert ids[0] == ids[2] != ids[1]
        assert sorted(bus.app("rm").received) == ["01||KG", "01||UN"]

    async def test_with_the_content_another_uuid_is_another_message(self, rigs: Rigs) -> None:
        """The UUID still counts."""
        bus = await rigs.start(
            deployment(applications=[identified_by(IdentityBasis.UUID_AND_CONTENT)])
        )

        await bus.accepted(unit(uuid="1"))
        await bus.accepted(unit(uuid="2"))
        await bus.settled()

        assert len(bus.app("rm").calls) == 2

    async def test_by_content_the_uuid_does_not_count(self, rigs: Rigs) -> None:
        """A sender that makes a new UUID for each try repeats the same snapshot."""
        bus = await rigs.start(deployment(applications=[identified_by(IdentityBasis.CONTENT)]))

        ids = [await bus.accepted(unit(uuid=uuid)) for uuid in ("1", "2")]
        await bus.settled()

        assert ids[0] == ids[1]
        assert len(bus.app("rm").calls) == 1

    async def test_by_content_only_the_newest_of_the_document_counts(self, rigs: Rigs) -> None:
        """Changed and changed back is two changes, not a repeat of the first."""
        bus = await rigs.start(deployment(applications=[identified_by(IdentityBasis.CONTENT)]))

        for description in ("a", "b", "a", "a"):
            await bus.accepted(unit("UN", description))
            await bus.settled()

        assert bus.app("rm").texts == ["a", "b", "a"]

    async def test_by_content_a_repeat_counts_within_a_window(self, rigs: Rigs) -> None:
        """The same snapshot a day later is sent again."""
        sender = identified_by(IdentityBasis.CONTENT, window=3600.0)
        bus = await rigs.start(deployment(applications=[sender]))
        first = await bus.accepted(unit())
        await bus.settled()

        bus.pass_time(3500)
        within = await bus.accepted(unit())
        bus.pass_time(200)
        beyond = await bus.accepted(unit())
        await bus.settled()

        assert within == first != beyond
        assert len(bus.app("rm").calls) == 2

    async def test_by_content_documents_are_told_apart(self, rigs: Rigs) -> None:
        """Two documents may say the same."""
        bus = await rigs.start(deployment(applications=[identified_by(IdentityBasis.CONTENT)]))

        await bus.accepted(step("7", "same"))
        await bus.accepted(step("8", "same"))
        await bus.settled()

        assert len(bus.app("rm").calls) == 2


class Crowds:
    """S5: the insert decides, not a look before it."""

    @pytest.mark.parametrize("mode", ["Async", "Sync"])
    async def test_a_crowd_of_the_same_message_is_delivered_once(
        self, rigs: Rigs, mode: str
    ) -> None:
        """However many arrive at the same time; all hear of the same message."""
        bus = await rigs.start()
        message = step(mode=mode)

        told = await asyncio.gather(*[bus.post(message) for _ in range(CROWD)])
        await bus.settled()

        assert len(bus.app("rm").calls) == 1
        assert len({one.message for one in told}) == 1
        assert [code_of(one) for one in told] == [""] * CROWD
        assert len(await bus.verdicts(told[0].message)) == CROWD - 1
        if mode == "Sync":
            assert len({one.body for one in told}) == 1

    async def test_of_a_crowd_with_one_uuid_one_content_wins(self, rigs: Rigs) -> None:
        """The others are conflicts; every one is kept."""
        bus, gate = await rigs.start(), Gate()
        bus.app("rm").will(gate)
        uuid = step().uuid

        told = await asyncio.gather(
            *[bus.post(step(note=str(number), uuid=uuid)) for number in range(CROWD)]
        )
        gate.open()
        await bus.settled()

        assert sorted(code_of(one) for one in told) == ["", *["UUID_REUSED"] * (CROWD - 1)]
        assert len(await bus.bus.history.find(uuid)) == CROWD
        assert len(bus.app("rm").calls) == 1

    async def test_a_crowd_of_repeats_makes_one_new_attempt(self, rigs: Rigs) -> None:
        """The first repeat of a refused message sends it; the others join."""
        bus, gate = await rigs.start(), Gate()
        bus.app("rm").will(refuses(), gate)
        message = step()
        first = await bus.accepted(message)
        await bus.reaches(first, State.REFUSED)

        await asyncio.gather(*[bus.post(message) for _ in range(CROWD)])
        gate.open()
        await bus.reaches(first, State.DELIVERED)

        assert len(bus.app("rm").calls) == 2
        assert sorted(await bus.verdicts(first)) == sorted(
            [RepeatVerdict.RETRY, *[RepeatVerdict.JOIN] * (CROWD - 1)]
        )

    async def test_workers_of_one_journal_share_the_identities(self, rigs: Rigs) -> None:
        """A crowd at two doors of one bus is still one message."""
        doors = [await rigs.start(), await rigs.start()]
        message = step()

        told = await asyncio.gather(*[doors[n % 2].post(message) for n in range(CROWD)])
        await doors[0].settled()

        assert len({one.message for one in told}) == 1
        assert len(doors[0].app("rm").calls) == 1
