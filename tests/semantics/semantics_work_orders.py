"""S6: all that belongs to one document goes in one lane, as all of a work order does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bus.core.delivery import State
from bus.core.envelope import Status
from bus.core.route import IdentityBasis, IdentityPolicy, IdScope, OnFailure, Strictness
from bus.journal.facts import FactKind
from tests.support.deployments import application, deployment, route
from tests.support.loopback import Gate, refuses, says_ok
from tests.support.messages import (
    Message,
    cancel_order,
    cancel_request,
    request,
    turnover,
    work_order,
)
from tests.support.rig import Rig, Rigs

TRANSACTIONS = frozenset(
    {"maintenanceorder", "request", "stockturnover", "cancelrequest", "cancelmaintenanceorder"}
)
MAINTENANCE = route("rm", transactions=TRANSACTIONS, strictness=Strictness.OFF)
"""Everything of a work order, valid or not."""


async def refused(bus: Rig, message: Message) -> str:
    """A message that its destination refuses, after which it says OK."""
    bus.app("rm").will(refuses("Município não encontrado"))
    id_ = await bus.accepted(message)
    await bus.reaches(id_, State.REFUSED)
    return id_


async def lane_of(bus: Rig, message: str) -> str:
    """The lane of a message's delivery."""
    return (await bus.delivery(message)).lane


class WorkOrders:
    """A work order, its requests, its write-offs and what cancels them keep their order."""

    @pytest.mark.parametrize("made", [request("R1", "7"), turnover("B1", "7"), cancel_order("7")])
    async def test_nothing_of_an_order_overtakes_it(self, rigs: Rigs, made: Message) -> None:
        """What is sent at its release comes after the order itself, which is stuck."""
        bus, gate = await rigs.start(deployment(MAINTENANCE)), Gate()
        bus.app("rm").will(gate)
        order = await bus.accepted(work_order("7"))
        await gate.arrived()

        behind = await bus.accepted(made)
        other = await bus.accepted(request("R2", "8"))
        await bus.reaches(other, State.DELIVERED)

        assert await bus.states(behind) == (State.WAITING,)
        gate.open()
        await bus.reaches(behind, State.DELIVERED)
        assert await lane_of(bus, behind) == await lane_of(bus, order)

    async def test_what_is_behind_a_refused_order_goes_when_that_is_sent_again(
        self, rigs: Rigs
    ) -> None:
        """In the order of their acceptance."""
        bus = await rigs.start(deployment(MAINTENANCE))
        order = await refused(bus, work_order("7"))
        asked = await bus.accepted(request("R1", "7"))
        written_off = await bus.accepted(turnover("B1", "7"))
        await bus.settled()
        assert await bus.states(asked) == await bus.states(written_off) == (State.WAITING,)
        for one in (asked, written_off):
            (ahead,) = (await bus.trace(one)).ahead
            assert (ahead.head.message, ahead.head.state) == (order, State.REFUSED)
            assert ahead.head_message.about == "maintenanceorder/01/01/7"
            assert ahead.fault
            assert "Município" in ahead.fault.reason("pt")

        await bus.replay(order)
        await bus.reaches(written_off, State.DELIVERED)

        assert bus.app("rm").received == ["7", "7", "R1", "B1"]

    @pytest.mark.parametrize(
        ("made", "kind"), [(request("R1", "7"), "000"), (turnover("R1", "7"), "002")]
    )
    async def test_an_order_is_not_cancelled_while_what_it_asked_for_is_not(
        self, rigs: Rigs, made: Message, kind: str
    ) -> None:
        """The cancellation of its request or write-off finds the order's lane by what it cancels."""
        bus = await rigs.start(deployment(MAINTENANCE))
        await bus.reaches(await bus.accepted(work_order("7")), State.DELIVERED)
        await bus.reaches(await bus.accepted(made), State.DELIVERED)

        first = await refused(bus, cancel_request("R1", kind))
        second = await bus.accepted(cancel_order("7"))
        await bus.settled()

        assert await bus.states(second) == (State.WAITING,)
        assert bus.app("rm").received == ["7", "R1", "cR1"]
        await bus.discard(first)
        await bus.reaches(second, State.DELIVERED)

    async def test_the_order_in_a_message_is_the_first_that_is_filled(self, rigs: Rigs) -> None:
        """Its own, else that of an item; an id of blanks names none."""
        bus = await rigs.start(deployment(MAINTENANCE), run=False)
        order = await bus.accepted(work_order("01|7"))
        made = [
            request("R1", "01|7", ["01|8"]),
            request("R2", "", ["01|  ", "01|7"]),
            request("R3", "01|  |", ["01|7", "01|7"]),
        ]

        lanes = {await lane_of(bus, await bus.accepted(one)) for one in made}
        alone = await bus.accepted(request("R4", "01|  |"))

        assert lanes == {await lane_of(bus, order)}
        assert await lane_of(bus, alone) == "rm/protheus/request/01/01/R4"

    async def test_a_message_of_several_orders_says_whose_order_it_keeps(self, rigs: Rigs) -> None:
        """One lane only: that of the first; of the others the trace warns."""
        bus = await rigs.start(deployment(MAINTENANCE), run=False)

        several = await bus.accepted(request("R1", "", ["7", "8", "7", "9"]))
        one = await bus.accepted(request("R2", "", ["7", "7"]))

        (warning,) = (await bus.message(several)).faults
        assert warning.code == "SEVERAL_MAIN_DOCUMENTS"
        assert warning.details == {"first": "7", "others": "8, 9"}
        assert warning.path.endswith("ListOfRequestItem/RequestItem/MainOrderInternalId")
        assert (await bus.message(one)).faults == ()
        assert await lane_of(bus, several) == await lane_of(bus, one)

    async def test_an_order_that_the_bus_never_saw_has_a_lane(self, rigs: Rigs) -> None:
        """It is older than the bus: its requests and its end keep their order all the same."""
        bus = await rigs.start(deployment(MAINTENANCE))
        first = await refused(bus, request("R1", "7"))

        second = await bus.accepted(cancel_order("7"))
        await bus.settled()

        assert await bus.states(second) == (State.WAITING,)
        assert await lane_of(bus, second) == await lane_of(bus, first)

    async def test_what_names_no_id_of_its_own_goes_with_its_order(self, rigs: Rigs) -> None:
        """Nothing of an order is left out because it cannot be cancelled."""
        bus = await rigs.start(deployment(MAINTENANCE), run=False)
        order = await bus.accepted(work_order("7"))

        nameless = await bus.accepted(turnover("", "7"))

        assert await lane_of(bus, nameless) == await lane_of(bus, order)
        assert (await bus.message(nameless)).own_document == nameless

    @pytest.mark.parametrize("scope", IdScope)
    async def test_orders_of_two_branches_are_one_only_where_ids_are_unique(
        self, rigs: Rigs, scope: IdScope
    ) -> None:
        """A reference reaches as far as the id that it names."""
        sender = application("protheus", id_scope=scope)
        bus = await rigs.start(deployment(MAINTENANCE, applications=[sender]), run=False)
        order = await bus.accepted(work_order("7", branch="01"))
        asked = await bus.accepted(request("R1", "7", branch="01"))
        cancelled = await bus.accepted(cancel_request("R1", "000", branch="01"))

        there = await bus.accepted(request("R2", "7", branch="02"))

        assert await lane_of(bus, order) == await lane_of(bus, asked)
        assert await lane_of(bus, order) == await lane_of(bus, cancelled)
        one_lane = await lane_of(bus, there) == await lane_of(bus, order)
        assert one_lane is (scope is not IdScope.BRANCH)

    async def test_what_has_begun_in_one_lane_is_finished_there(self, rigs: Rigs) -> None:
        """A request that names another order waits for what it was before, then goes there."""
        bus = await rigs.start(deployment(MAINTENANCE))
        first = await refused(bus, request("R1", "7"))

        second = await bus.accepted(request("R1", "8"))
        await bus.settled()
        assert await bus.states(second) == (State.WAITING,)
        await bus.replay(first)
        await bus.reaches(second, State.DELIVERED)
        third = await bus.accepted(request("R1", "8"))
        order = await bus.accepted(work_order("8"))
        await bus.reaches(order, State.DELIVERED)

        assert await lane_of(bus, second) == await lane_of(bus, first)
        assert await lane_of(bus, third) == await lane_of(bus, order)

    async def test_what_comes_back_keeps_its_order_by_the_sender_s_own_id(self, rigs: Rigs) -> None:
        """RM's write-offs and billed orders wait for each other; for Protheus's they do not."""
        back = replace(MAINTENANCE, name="back", origin="rm", destinations=("protheus",))
        bus, gate = await rigs.start(deployment(MAINTENANCE, back)), Gate()
        bus.app("protheus").will(gate)
        written_off = await bus.accepted(turnover("1|5", "1|99"), "rm")
        await gate.arrived()

        billed = await bus.accepted(work_order("1|99"), "rm")
        there = await bus.accepted(work_order("1|99"), "protheus")
        await bus.reaches(there, State.DELIVERED)

        assert await bus.states(billed) == (State.WAITING,)
        gate.open()
        await bus.reaches(billed, State.DELIVERED)
        assert await lane_of(bus, billed) == await lane_of(bus, written_off)

    async def test_a_document_never_takes_the_place_of_another(self, rigs: Rigs) -> None:
        """Where a route lets the newer supersede, that is the newer of the same document."""
        superseding = replace(MAINTENANCE, on_failure=OnFailure.SUPERSEDE)
        bus = await rigs.start(deployment(superseding))
        order = await refused(bus, work_order("7"))

        asked = await bus.accepted(request("R1", "7"))
        await bus.settled()
        assert await bus.states(order) == (State.REFUSED,)
        assert await bus.states(asked) == (State.WAITING,)
        await bus.discard(order)
        await bus.reaches(asked, State.DELIVERED)
        again = await refused(bus, request("R1", "7"))
        newer = await bus.accepted(request("R1", "7"))
        await bus.reaches(newer, State.DELIVERED)

        assert await bus.states(again) == (State.DISCARDED,)

    async def test_a_step_is_sent_again_though_another_of_its_order_was_delivered(
        self, rigs: Rigs
    ) -> None:
        """It overwrites nothing: a step is no snapshot, and they are two documents."""
        passing = replace(MAINTENANCE, on_failure=OnFailure.CONTINUE)
        bus = await rigs.start(deployment(passing))
        asked = await refused(bus, request("R1", "7"))
        await bus.reaches(await bus.accepted(turnover("B1", "7")), State.DELIVERED)

        await bus.replay(asked)
        await bus.reaches(asked, State.DELIVERED)

        assert bus.app("rm").received == ["R1", "B1", "R1"]

    async def test_a_correction_takes_the_place_of_what_was_refused(self, rigs: Rigs) -> None:
        """In the lane of the order, before what waits there."""
        bus = await rigs.start(deployment(MAINTENANCE))
        message = request("R1", "7")
        await refused(bus, message)
        behind = await bus.accepted(turnover("B1", "7"))

        corrected = await bus.accepted(request("R1", "7", ["7"], uuid=message.uuid))
        await bus.reaches(behind, State.DELIVERED)

        assert await bus.states(corrected) == (State.DELIVERED,)
        assert bus.app("rm").received == ["R1", "R1", "B1"]

    async def test_equal_content_counts_within_one_document(self, rigs: Rigs) -> None:
        """The newest message of a request is that of the request, not of its order."""
        policy = IdentityPolicy(IdentityBasis.CONTENT, window=3600)
        sender = application("protheus", identity=policy)
        bus = await rigs.start(deployment(MAINTENANCE, applications=[sender]))
        await bus.reaches(await bus.accepted(request("R1", "7")), State.DELIVERED)
        await bus.reaches(await bus.accepted(request("R2", "7")), State.DELIVERED)

        await bus.post(request("R1", "7"))
        await bus.settled()

        assert bus.app("rm").received == ["R1", "R2"]

    async def test_a_synchronous_step_waits_for_its_turn_in_the_deadline(self, rigs: Rigs) -> None:
        """Behind a stuck order nothing of it is sent, and its caller is told so."""
        waiting = replace(MAINTENANCE, deadline=0.3)
        bus = await rigs.start(deployment(waiting))
        order = await refused(bus, work_order("7"))

        reception = await bus.post(turnover("B1", "7", mode="Sync"))

        assert bus.response_in(reception).status is Status.ERROR
        note = bus.response_in(reception).notes[0]
        assert note.code == "LANE_BUSY"
        assert f"`bus trace {order}`" in note.text
        assert await bus.states(reception.message) == (State.DISCARDED,)
        assert bus.app("rm").received == ["7"]

    async def test_a_synchronous_refusal_holds_nothing_of_its_order(self, rigs: Rigs) -> None:
        """Its caller knows (S12)."""
        bus = await rigs.start(deployment(MAINTENANCE))
        await bus.reaches(await bus.accepted(request("R1", "7")), State.DELIVERED)
        bus.app("rm").will(refuses("Já atendida"), says_ok())

        reception = await bus.post(cancel_request("R1", "000", mode="Sync"))
        await bus.reaches(await bus.accepted(cancel_order("7")), State.DELIVERED)

        assert bus.response_in(reception).status is Status.ERROR

    async def test_a_cancellation_is_told_of_what_it_did_not_find(self, rigs: Rigs) -> None:
        """What was not seen by its own id was not found, though its lane is known."""
        bus = await rigs.start(deployment(MAINTENANCE), run=False)
        await bus.accepted(request("R1", "7"))

        unseen = await bus.accepted(cancel_order("7"))
        await bus.accepted(work_order("7"))
        seen = await bus.accepted(cancel_order("7"))

        told = [(await bus.facts(one, FactKind.ACCEPTED))[0].data for one in (unseen, seen)]
        assert [one.get("target") for one in told] == ["not found", None]
