"""S6 and S7: order per document and destination."""

import asyncio

import pytest

from bus.core.delivery import State
from bus.core.route import IdScope, OnFailure, Strictness
from bus.journal.facts import FactKind
from bus.journal.rows import LaneRow
from tests.support.deployments import application, deployment, route
from tests.support.loopback import Behaviour, Gate, is_silent, receives
from tests.support.messages import (
    cancel_request,
    cancellation,
    imported,
    question,
    request,
    step,
    turnover,
    unit,
)
from tests.support.rig import Rig, Rigs, Told

CANCELLABLE = route(
    "rm",
    transactions=frozenset({"request", "stockturnover", "cancelrequest"}),
    strictness=Strictness.OFF,
)
"""A route of what a CancelRequest may be about, valid or not."""


async def lane_counters(bus: Rig) -> dict[str, tuple[int, int]]:
    """Each lane with its last place and its head."""
    rows = [LaneRow._make(row) async for row in await bus.bus.history.audit("lanes")]
    return {row.name: (row.entered, row.head) for row in rows}


async def due_places(bus: Rig) -> list[int]:
    """The places whose delivery has a due time."""
    return [row.seq for row in await bus.deliveries() if row.due_at is not None]


class Lanes:
    """S6 and S7: deliveries of one document to one destination go in the order of acceptance."""

    async def test_a_document_s_messages_arrive_in_the_order_of_acceptance(
        self, rigs: Rigs
    ) -> None:
        """However slow the first is."""
        bus, gate = await rigs.start(), Gate()
        bus.app("rm").will(gate)
        ids = [await bus.accepted(step(note=str(number))) for number in range(10)]
        await gate.arrived()

        assert await bus.states(ids[1]) == (State.WAITING,)
        gate.open()
        await bus.reaches(ids[-1], State.DELIVERED)

        assert bus.app("rm").texts == [str(number) for number in range(10)]

    async def test_a_crowd_of_one_document_arrives_in_the_order_of_its_places(
        self, rigs: Rigs
    ) -> None:
        """The commit gives the place, and the place is the order."""
        bus = await rigs.start(kind=Told)

        receptions = await asyncio.gather(*[bus.post(step(note=str(n))) for n in range(40)])
        await bus.settled()

        places = [(await bus.delivery(one.message)).seq for one in receptions]
        assert sorted(places) == list(range(1, 41))
        by_place = sorted(range(40), key=lambda number: places[number])
        assert bus.app("rm").texts == [str(number) for number in by_place]

    @pytest.mark.rule("X-20")
    async def test_a_document_that_is_stuck_holds_up_no_other(self, rigs: Rigs) -> None:
        """Only those behind it wait."""
        bus, gate = await rigs.start(), Gate()
        bus.app("rm").will(gate)
        stuck = await bus.accepted(step("7", "stuck"))
        await gate.arrived()
        behind = await bus.accepted(step("7", "behind"))

        for job in ("8", "9", "10"):
            await bus.reaches(await bus.accepted(step(job)), State.DELIVERED)

        assert await bus.states(behind) == (State.WAITING,)
        gate.open()
        await bus.reaches(stuck, State.DELIVERED)
        await bus.reaches(behind, State.DELIVERED)

    async def test_a_destination_that_is_stuck_holds_up_no_other(self, rigs: Rigs) -> None:
        """The same document goes on elsewhere."""
        bus, gate = await rigs.start(deployment(route("rm", "omie"))), Gate()
        bus.app("rm").will(gate)

        first = await bus.accepted(step(note="1"))
        second = await bus.accepted(step(note="2"))
        await bus.reaches(second, State.WAITING, State.DELIVERED)

        assert bus.app("omie").texts == ["1", "2"]
        assert bus.app("rm").texts == ["1"]
        gate.open()
        await bus.reaches(first, State.DELIVERED, State.DELIVERED)
        await bus.reaches(second, State.DELIVERED, State.DELIVERED)

    async def test_two_senders_of_one_document_do_not_wait_for_each_other(self, rigs: Rigs) -> None:
        """Their ids need not mean the same."""
        bus, gate = await rigs.start(deployment(route("rm"), route("rm", origin="omie"))), Gate()
        bus.app("rm").will(gate)
        await bus.accepted(step(), "protheus")
        await gate.arrived()

        await bus.reaches(await bus.accepted(step(), "omie"), State.DELIVERED)
        gate.open()

    @pytest.mark.parametrize(("scope", "waits"), [(IdScope.WHOLE, True), (IdScope.BRANCH, False)])
    async def test_one_id_in_two_branches_is_one_document_where_ids_are_unique(
        self, rigs: Rigs, scope: IdScope, waits: bool
    ) -> None:
        """How far an application's ids reach is configured."""
        sender = application("protheus", id_scope=scope)
        bus, gate = await rigs.start(deployment(applications=[sender])), Gate()
        bus.app("rm").will(gate)
        await bus.accepted(step(branch="01"))
        await gate.arrived()

        other = await bus.accepted(step(branch="02"))
        if waits:
            assert (await bus.delivery(other)).seq == 2
        else:
            await bus.reaches(other, State.DELIVERED)
        gate.open()

    async def test_only_the_head_has_a_due_time(self, rigs: Rigs) -> None:
        """Those behind are not even looked at."""
        bus = await rigs.start(run=False)
        ids = [await bus.accepted(step(note=str(number))) for number in range(5)]

        assert await due_places(bus) == [1]
        bus.run()
        await bus.reaches(ids[-1], State.DELIVERED)

        assert await due_places(bus) == []

    async def test_finishing_makes_the_next_due_in_the_same_commit(self, rigs: Rigs) -> None:
        """There is no moment in which nobody's turn it is."""
        bus, first, second = await rigs.start(), Gate(), Gate()
        bus.app("rm").will(first, second)
        ids = [await bus.accepted(step(note=str(number))) for number in range(3)]
        await first.arrived()

        first.open()
        await second.arrived()
        ended = (await bus.facts(ids[0], FactKind.ENDED))[0]
        row = await bus.delivery(ids[1])

        assert row.due_at == ended.at
        assert await bus.states(ids[2]) == (State.WAITING,)
        second.open()

    async def test_places_have_no_gaps(self, rigs: Rigs) -> None:
        """Neither rejections nor repeats nor conflicts take one."""
        bus = await rigs.start()
        message = unit("UN", "1")
        await bus.accepted(message)
        await bus.settled()

        await bus.post(message)
        await bus.post(unit("UN", "other", uuid=message.uuid))
        await bus.post(unit("TOO LONG", id="01||UN"))
        last = await bus.accepted(unit("UN", "2"))
        await bus.reaches(last, State.DELIVERED)

        assert (await bus.delivery(last)).seq == 2
        assert list((await lane_counters(bus)).values()) == [(2, 3)]

    async def test_queries_have_no_lane(self, rigs: Rigs) -> None:
        """One that is slow holds up none."""
        bus, gate = await rigs.start(), Gate()
        bus.app("rm").will(gate)
        slow = await bus.accepted(question("slow"))
        await gate.arrived()

        quick = await bus.accepted(question("quick"))
        await bus.reaches(quick, State.DELIVERED)

        assert (await bus.delivery(slow)).lane == ""
        assert await lane_counters(bus) == {}
        gate.open()

    async def test_what_names_no_document_has_no_lane(self, rigs: Rigs) -> None:
        """There is nothing to put in order."""
        bus = await rigs.start()

        id_ = await bus.accepted(step(""))
        await bus.reaches(id_, State.DELIVERED)

        assert (await bus.delivery(id_)).lane == ""

    async def test_a_register_without_an_internal_id_goes_by_its_natural_key(
        self, rigs: Rigs
    ) -> None:
        """Old versions of some systems send the code alone."""
        bus = await rigs.start(run=False)

        first = await bus.accepted(unit("UN", "1", id=""))
        second = await bus.accepted(unit("UN", "2", id=""))

        assert (await bus.delivery(first)).lane == (await bus.delivery(second)).lane != ""
        bus.run()
        await bus.reaches(second, State.DELIVERED)

    async def test_a_cancellation_goes_in_the_lane_of_what_it_cancels(self, rigs: Rigs) -> None:
        """It waits for the document's earlier steps, and later steps wait for it."""
        bus, gate = await rigs.start(), Gate()
        bus.app("rm").will(gate)
        first = await bus.accepted(step("7"))
        await gate.arrived()

        cancelled = await bus.accepted(cancellation("7"))
        after = await bus.accepted(step("7", "again"))
        assert await bus.states(cancelled) == (State.WAITING,)
        gate.open()
        await bus.reaches(after, State.DELIVERED)

        assert bus.app("rm").received == ["7", "c7", "7"]
        assert (await bus.delivery(first)).lane == (await bus.delivery(cancelled)).lane

    @pytest.mark.parametrize("scope", IdScope)
    async def test_a_cancellation_finds_the_document_of_its_own_branch(
        self, rigs: Rigs, scope: IdScope
    ) -> None:
        """Where each branch counts its ids by itself, another branch has the same id."""
        sender = application("protheus", id_scope=scope)
        bus = await rigs.start(deployment(applications=[sender]), run=False)
        here = await bus.accepted(step("7", branch="01"))
        there = await bus.accepted(step("7", branch="02"))

        cancelled = await bus.accepted(cancellation("7", branch="01"))

        one_lane = (await bus.delivery(here)).lane == (await bus.delivery(there)).lane
        assert one_lane is (scope is not IdScope.BRANCH)
        assert (await bus.delivery(cancelled)).lane == (await bus.delivery(here)).lane
        bus.run()
        await bus.reaches(cancelled, State.DELIVERED)

    async def test_a_cancellation_of_an_unknown_document_goes_where_that_would_go(
        self, rigs: Rigs
    ) -> None:
        """And a fact says that the target was not found."""
        bus = await rigs.start()

        id_ = await bus.accepted(cancellation("7"))
        await bus.reaches(id_, State.DELIVERED)
        late = await bus.accepted(step("7"))

        (fact,) = await bus.facts(id_, FactKind.ACCEPTED)
        assert fact.data["target"] == "not found"
        assert (await bus.delivery(late)).lane == (await bus.delivery(id_)).lane

    async def test_without_a_page_the_identification_says_the_document(self, rigs: Rigs) -> None:
        """Of an imported contract; without one, each message goes its own way."""
        bus = await rigs.start(run=False)

        first, second = [await bus.accepted(imported("7")) for _ in "12"]
        other = await bus.accepted(imported("8"))
        alone = await bus.accepted(imported(""))

        lanes = [(await bus.delivery(id_)).lane for id_ in (first, second, other, alone)]
        assert lanes[0] == lanes[1]
        assert "zebra" in lanes[0].casefold()
        assert len(set(lanes)) == 3

    async def test_the_type_of_a_cancellation_says_what_it_cancels(self, rigs: Rigs) -> None:
        """A request and a write-off may have one id; without a Type it is neither."""
        bus = await rigs.start(deployment(CANCELLABLE), run=False)
        asked = await bus.accepted(request("7"))
        written_off = await bus.accepted(turnover("7"))
        cancelled = {
            kind: await bus.accepted(cancel_request("7", kind)) for kind in ("000", "002", "")
        }

        lanes = {kind: (await bus.delivery(id_)).lane for kind, id_ in cancelled.items()}

        assert lanes["000"] == (await bus.delivery(asked)).lane
        assert lanes["002"] == (await bus.delivery(written_off)).lane
        assert lanes[""].endswith("c7")
        (fact,) = await bus.facts(cancelled[""], FactKind.ACCEPTED)
        assert fact.data["target"] == "not found"

    async def test_what_refers_to_a_cancellation_finds_its_lane(self, rigs: Rigs) -> None:
        """Own ids are indexed to the lane they really went in."""
        bus, gate = await rigs.start(), Gate()
        await bus.reaches(await bus.accepted(step("7")), State.DELIVERED)
        await bus.reaches(await bus.accepted(cancellation("7")), State.DELIVERED)
        bus.app("rm").will(gate)

        first = await bus.accepted(cancellation("7", id="c8"))
        second = await bus.accepted(step("7", "next"))
        await gate.arrived()

        assert (await bus.delivery(first)).seq == 3
        assert (await bus.delivery(second)).seq == 4
        gate.open()

    async def test_a_lane_is_fixed_at_acceptance(self, rigs: Rigs) -> None:
        """A new configuration moves nothing that is under way."""
        before = await rigs.start(run=False)
        id_ = await before.accepted(step())
        lane = (await before.delivery(id_)).lane
        scoped = application("protheus", id_scope=IdScope.WHOLE)

        after = await rigs.start(deployment(route("omie"), applications=[scoped]))
        later = await after.accepted(step(note="later"))
        await after.reaches(later, State.DELIVERED)

        row = await after.delivery(id_)
        assert (row.destination, row.lane, row.state) == ("rm", lane, State.WAITING)

    @pytest.mark.parametrize(
        ("stop", "state"),
        [(is_silent(), State.UNKNOWN), (receives(), State.AWAITING_RESPONSE)],
    )
    async def test_what_may_still_arrive_holds_its_lane(
        self, rigs: Rigs, stop: Behaviour, state: State
    ) -> None:
        """A doubt, and a response that is due: nothing overtakes them, whatever the route says."""
        bus = await rigs.start(deployment(route("rm", on_failure=OnFailure.CONTINUE)))
        bus.app("rm").will(stop)

        first = await bus.accepted(step(note="1"))
        await bus.reaches(first, state)
        second = await bus.accepted(step(note="2"))
        await bus.settled()

        assert await bus.states(second) == (State.WAITING,)
        assert bus.app("rm").texts == ["1"]
