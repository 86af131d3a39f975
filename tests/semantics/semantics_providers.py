"""D9: who would bring an id that is waited for; what never ends by itself is told at once."""

from __future__ import annotations

from bus.core.delivery import State
from bus.core.route import OnFailure, Strictness
from bus.edge.story import story_of
from bus.journal.depara_rows import Provider
from tests.semantics.semantics_depara import crossing, know
from tests.support.deployments import route
from tests.support.loopback import Gate, refuses
from tests.support.messages import cancellation, part, request, step, turnover, work_order
from tests.support.rig import Rig, Rigs


async def provider(bus: Rig, message: str) -> tuple[Provider, str]:
    """Who would bring the one id that a message waits for."""
    (wait,) = await bus.store.crossreference.waits(message)
    return wait.provider, wait.provided_by


class Providers:
    """Each wait says truly who would end it."""

    async def test_a_provider_behind_its_own_wait_is_told_at_once(self, rigs: Rigs) -> None:
        """A cancellation that came before its job, in the lane of both."""
        bus = await rigs.start(crossing(route("omie", on_failure=OnFailure.HOLD)), run=False)
        first = await bus.accepted(cancellation("7"))
        second = await bus.accepted(step("7"))

        bus.run()
        await bus.reaches(first, State.AWAITING_DEPARA)

        assert await provider(bus, first) == (Provider.BEHIND, second)
        assert await bus.states(second) == (State.WAITING,)

    async def test_a_provider_that_its_lane_has_passed_is_told_as_behind(self, rigs: Rigs) -> None:
        """A call that was refused holds nobody, and comes after what went on without it."""
        transactions = frozenset({"maintenanceorder", "request"})
        bus = await rigs.start(
            crossing(route("omie", transactions=transactions, strictness=Strictness.OFF))
        )
        bus.app("omie").will(refuses())
        refused = (await bus.post(work_order("8", mode="Sync"))).message

        asked = await bus.accepted(request("R1", "8"))
        await bus.reaches(asked, State.AWAITING_DEPARA)
        told = await provider(bus, asked)
        await bus.replay(refused)
        after_replay = await bus.states(refused)
        await bus.discard(asked)
        await bus.reaches(refused, State.DELIVERED)

        assert told == (Provider.BEHIND, refused)
        assert after_replay == (State.WAITING,)

    async def test_a_message_that_waits_for_itself_is_told_at_once(self, rigs: Rigs) -> None:
        """Nobody else would bring the id."""
        bus = await rigs.start(crossing())

        id_ = await bus.accepted(part("P1", {"MainPartInternalId": "P1"}))
        await bus.reaches(id_, State.AWAITING_DEPARA)

        assert await provider(bus, id_) == (Provider.ITSELF, id_)

    async def test_two_that_wait_for_each_other_are_told_at_once(self, rigs: Rigs) -> None:
        """Both, also the one that began to wait when the other was still under way."""
        bus = await rigs.start(crossing())
        first = await bus.accepted(part("P1", {"MainPartInternalId": "P2"}))
        await bus.reaches(first, State.AWAITING_DEPARA)
        before = await provider(bus, first)

        second = await bus.accepted(part("P2", {"MainPartInternalId": "P1"}))
        await bus.reaches(second, State.AWAITING_DEPARA)

        assert before == (Provider.NEVER_SEEN, "")
        assert await provider(bus, second) == (Provider.CYCLE, first)
        assert await provider(bus, first) == (Provider.CYCLE, second)
        (told,) = story_of(await bus.trace(first)).deliveries[0].awaits
        assert (told.provider, told.message) == (Provider.CYCLE, second)
        await know(bus, "protheus:P1", "omie:1", "Part")
        await bus.reaches(second, State.DELIVERED)

    async def test_a_circle_may_go_through_a_lane(self, rigs: Rigs) -> None:
        """What would bring the id waits behind one that waits for this."""
        bus = await rigs.start(crossing(route("omie", on_failure=OnFailure.HOLD)))
        ahead = await bus.accepted(part("P2", {"MainPartInternalId": "P1"}))
        await bus.reaches(ahead, State.AWAITING_DEPARA)
        newest = await bus.accepted(part("P2"))

        id_ = await bus.accepted(part("P1", {"MainPartInternalId": "P2"}))
        await bus.reaches(id_, State.AWAITING_DEPARA)

        assert await provider(bus, id_) == (Provider.CYCLE, newest)

    async def test_a_wait_is_no_circle_because_others_wait_for_it(self, rigs: Rigs) -> None:
        """A chain ends with the last."""
        bus = await rigs.start(crossing())
        last = await bus.accepted(part("P2", {"MainPartInternalId": "P3"}))
        await bus.reaches(last, State.AWAITING_DEPARA)

        id_ = await bus.accepted(part("P1", {"MainPartInternalId": "P2"}))
        await bus.reaches(id_, State.AWAITING_DEPARA)

        assert await provider(bus, id_) == (Provider.UNDER_WAY, last)

    async def test_a_provider_that_ended_and_taught_nothing_is_told_at_once(
        self, rigs: Rigs
    ) -> None:
        """Its answer named no ids."""
        bus = await rigs.start(crossing())
        await bus.reaches(await bus.accepted(part("P2")), State.DELIVERED)

        id_ = await bus.accepted(part("P1", {"MainPartInternalId": "P2"}))
        await bus.reaches(id_, State.AWAITING_DEPARA)

        assert await provider(bus, id_) == (Provider.SILENT, "")

    async def test_a_provider_behind_one_that_stopped_is_told_with_that(self, rigs: Rigs) -> None:
        """It is the other that a person must send again."""
        bus = await rigs.start(crossing(route("omie", on_failure=OnFailure.HOLD)))
        bus.app("omie").will(refuses())
        stopped = await bus.accepted(part("P2"))
        await bus.reaches(stopped, State.REFUSED)
        await bus.accepted(part("P2"))

        id_ = await bus.accepted(part("P1", {"MainPartInternalId": "P2"}))
        await bus.reaches(id_, State.AWAITING_DEPARA)

        assert await provider(bus, id_) == (Provider.HELD, stopped)

    async def test_another_document_in_the_lane_is_no_provider(self, rigs: Rigs) -> None:
        """A write-off behind a request does not bring the id of their order."""
        maintenance = route(
            "omie",
            transactions=frozenset({"maintenanceorder", "request", "stockturnover"}),
            strictness=Strictness.OFF,
        )
        bus = await rigs.start(crossing(maintenance))
        await bus.reaches(await bus.accepted(work_order("7")), State.DELIVERED)
        bus.app("omie").will(gate := Gate())
        await bus.accepted(work_order("8"))
        await gate.arrived()

        asked = await bus.accepted(request("R1", "7"))
        await bus.reaches(asked, State.AWAITING_DEPARA)
        before = await bus.accepted(request("R2", "8"))
        await bus.accepted(turnover("B2", "8"))
        gate.open()
        await bus.reaches(before, State.AWAITING_DEPARA)

        assert await provider(bus, asked) == (Provider.SILENT, "")
        assert await provider(bus, before) == (Provider.SILENT, "")
