"""S3 and S4: who may send what, in which mode, by which route, under which contract."""

from dataclasses import replace

import pytest

from bus.core.delivery import State
from bus.core.envelope import DeliveryMode, Status
from bus.core.errors import Owner
from bus.core.route import Strictness
from bus.engine.post_result import Form
from bus.journal.facts import FactKind
from bus.journal.rows import MessageState
from tests.support.contracts import WRONG
from tests.support.deployments import application, deployment, route
from tests.support.loopback import refuses
from tests.support.messages import currency, step, unit
from tests.support.rig import Rig, Rigs, code_of

SYNC, ASYNC = DeliveryMode.SYNC, DeliveryMode.ASYNC
LONG_CODE = unit("TOO LONG")


async def complaints_about(bus: Rig, message: str) -> list[str]:
    """The codes that are kept with a message."""
    return [fault.code for fault in (await bus.message(message)).faults]


class Modes:
    """S3: DeliveryType decides, else the route; an application is known by its credentials."""

    async def test_an_asynchronous_message_is_answered_with_a_receipt(self, rigs: Rigs) -> None:
        """We have it; what came of it is told later."""
        bus = await rigs.start()

        reception = await bus.post(unit(mode="Async"))

        assert reception.form is Form.RECEIPT
        assert reception.fault is None
        assert (await bus.bus.ports.codec.read_answer(reception.body)).response is None

    async def test_a_synchronous_message_is_answered_by_its_destination(self, rigs: Rigs) -> None:
        """In the same call."""
        bus = await rigs.start()

        reception = await bus.post(unit(mode="Sync"))

        assert reception.form is Form.RESPONSE
        assert reception.fault is None
        assert bus.response_in(reception).status is Status.OK
        assert await bus.states(reception.message) == (State.DELIVERED,)

    @pytest.mark.parametrize("mode", DeliveryMode)
    async def test_where_the_sender_is_silent_the_route_decides(
        self, rigs: Rigs, mode: DeliveryMode
    ) -> None:
        """Its default mode."""
        bus = await rigs.start(deployment(route("rm", default_mode=mode)))

        reception = await bus.post(unit(mode=""))

        assert reception.form is (Form.RESPONSE if mode is SYNC else Form.RECEIPT)
        assert (await bus.message(reception.message)).mode == mode

    async def test_a_mode_that_the_route_does_not_accept_is_rejected(self, rigs: Rigs) -> None:
        """It says which one to send instead, and nothing goes out."""
        bus = await rigs.start(deployment(route("rm", modes=frozenset({ASYNC}))))

        reception = await bus.post(unit(mode="Sync"))

        assert code_of(reception) == "DELIVERY_TYPE_REFUSED"
        assert reception.fault
        assert reception.fault.status == 422
        assert "Async" in bus.response_in(reception).notes[0].text
        assert (await bus.message(reception.message)).state is MessageState.REJECTED
        assert bus.app("rm").calls == []

    async def test_only_routes_of_its_mode_take_a_message(self, rigs: Rigs) -> None:
        """One route for the users who wait, another for the nightly load."""
        online = route("rm", name="online", modes=frozenset({SYNC}))
        nightly = route("omie", name="nightly", modes=frozenset({ASYNC}))
        bus = await rigs.start(deployment(online, nightly))

        await bus.accepted(unit("UN", mode="Sync"))
        await bus.reaches(await bus.accepted(unit("KG", mode="Async")), State.DELIVERED)

        assert (bus.app("rm").received, bus.app("omie").received) == (["01||UN"], ["01||KG"])

    async def test_a_product_s_name_is_nobody_s_identity(self, rigs: Rigs) -> None:
        """What Product says varies; who sent it is known by the credentials."""
        bus = await rigs.start(deployment(route("omie", origin="rm"), route("rm")))

        id_ = await bus.accepted(unit(product="RM"), "protheus")
        await bus.reaches(id_, State.DELIVERED)

        assert (await bus.message(id_)).sender == "protheus"
        assert len(bus.app("rm").calls) == 1
        assert bus.app("omie").calls == []

    @pytest.mark.parametrize("source", ["", "protheus", "PROTHEUS", "p12", "P11"])
    async def test_a_sender_may_claim_its_own_source_applications(
        self, rigs: Rigs, source: str
    ) -> None:
        """Its name, or those it is configured with, in any letter case; or none."""
        names = frozenset({"protheus", "P12", "P11"})
        bus = await rigs.start(
            deployment(applications=[application("protheus", source_applications=names)])
        )

        reception = await bus.post(unit(source=source))

        assert reception.fault is None

    @pytest.mark.parametrize("configured", [frozenset(), frozenset({"P12"})])
    async def test_a_sender_may_not_claim_another_s_source_application(
        self, rigs: Rigs, configured: frozenset[str]
    ) -> None:
        """403; the attempt is kept."""
        bus = await rigs.start(
            deployment(applications=[application("protheus", source_applications=configured)])
        )

        reception = await bus.post(unit(source="RM"))

        assert code_of(reception) == "SOURCE_APPLICATION_REFUSED"
        assert reception.fault
        assert reception.fault.status == 403
        assert await complaints_about(bus, reception.message) == ["SOURCE_APPLICATION_REFUSED"]
        assert bus.app("rm").calls == []


class Routes:
    """S4: a message goes where its header leads it and the conditions let it."""

    @pytest.mark.rule("T-03")
    async def test_a_message_goes_to_every_application_that_takes_it(self, rigs: Rigs) -> None:
        """Several destinations of that entity and version, each with a delivery of its own."""
        this, other = frozenset({"2.000"}), frozenset({"1.000"})
        bus = await rigs.start(
            deployment(
                route("rm", "omie"),
                route("wms", versions=this),
                route("older", versions=other),
                route("coins", transactions=frozenset({"currency"})),
            )
        )

        id_ = await bus.accepted(unit())
        await bus.reaches(id_, *[State.DELIVERED] * 3)

        for name in ("rm", "omie", "wms"):
            assert bus.app(name).received == ["01||UN"]
        assert bus.app("older").calls == bus.app("coins").calls == []

    async def test_without_a_route_a_message_is_rejected(self, rigs: Rigs) -> None:
        """The admin reads which routes there are, and everything is kept."""
        bus = await rigs.start(deployment(route("rm", transactions=frozenset({"currency"}))))

        reception = await bus.post(unit())

        assert code_of(reception) == "NO_ROUTE"
        assert reception.fault
        assert reception.fault.status == 422
        assert reception.fault.owner is Owner.ADMIN
        assert reception.fault.details["known"] == "Currency"
        assert await complaints_about(bus, reception.message) == ["NO_ROUTE"]

    async def test_routes_belong_to_their_sender(self, rigs: Rigs) -> None:
        """Another application's route takes nothing of mine."""
        bus = await rigs.start(deployment(route("rm"), applications=[application("keepfy")]))

        assert code_of(await bus.post(unit(), "keepfy")) == "NO_ROUTE"

    async def test_a_route_of_another_version_takes_nothing(self, rigs: Rigs) -> None:
        """Versions are named where they matter, and the one that is missing is told those."""
        bus = await rigs.start(deployment(route("rm", versions=frozenset({"1.000"}))))

        reception = await bus.post(unit())

        assert code_of(reception) == "VERSION_NOT_ROUTED"
        assert reception.fault
        assert reception.fault.details["known"] == "1.000"
        assert bus.app("rm").calls == []

    async def test_a_message_whose_condition_does_not_hold_is_filtered(self, rigs: Rigs) -> None:
        """It is accepted, discarded by that rule, and answered OK; nothing is sent."""
        only_kilos = route("rm", name="kilos", condition="//Code = 'KG'")
        bus = await rigs.start(deployment(only_kilos))

        reception = await bus.post(unit("UN", mode="Sync"))

        assert reception.fault is None
        assert bus.response_in(reception).status is Status.OK
        row = await bus.message(reception.message)
        assert (row.state, row.planned, row.rule) == (MessageState.ACCEPTED, 0, "kilos")
        (fact,) = await bus.facts(row.id, FactKind.FILTERED)
        assert fact.data == {"rule": "kilos"}
        assert bus.app("rm").calls == []

    async def test_a_filtered_asynchronous_message_gets_its_answer_too(self, rigs: Rigs) -> None:
        """A receipt, and OK as its answer, delivered where the sender takes answers."""
        taker = application("protheus", takes_answers=True)
        bus = await rigs.start(
            deployment(route("rm", condition="//Code = 'KG'"), applications=[taker])
        )
        message = unit("UN")

        reception = await bus.post(message)
        await bus.until(lambda: _answered(bus), "the answer arrives")

        assert reception.form is Form.RECEIPT
        (answer,) = bus.app("protheus").answers
        assert (answer.received_uuid, answer.status) == (message.uuid, Status.OK)

    async def test_each_route_has_its_own_condition(self, rigs: Rigs) -> None:
        """Those that hold take the message."""
        bus = await rigs.start(
            deployment(
                route("rm", condition="//Code = 'KG'"),
                route("omie", condition="starts-with(//Description, 'Uni')"),
                route("wms"),
            )
        )

        id_ = await bus.accepted(unit())
        await bus.reaches(id_, State.DELIVERED, State.DELIVERED)

        assert bus.app("rm").calls == []
        assert len(bus.app("omie").calls) == len(bus.app("wms").calls) == 1


async def _answered(bus: Rig) -> bool:
    return bool(bus.app("protheus").answers)


class Repairs:
    """What real senders get wrong is mended, and told."""

    async def test_what_was_mended_is_kept_with_the_message(self, rigs: Rigs) -> None:
        """It is delivered without the byte that XML forbids, and its trace says so."""
        bus = await rigs.start()
        body = unit("1").xml().replace(b"</Description>", b"\0</Description>", 1)

        id_ = await bus.accepted(body)
        await bus.reaches(id_, State.DELIVERED)

        assert b"\0" in body
        assert await complaints_about(bus, id_) == ["REPAIRED"]


class Strictnesses:
    """S4 and design section 7: what a difference from the contract leads to."""

    async def test_what_differs_from_its_contract_is_rejected(self, rigs: Rigs) -> None:
        """422, the place and the remedy in words, the message kept, nothing sent."""
        bus = await rigs.start()

        reception = await bus.post(LONG_CODE)

        assert code_of(reception) == "VALUE_TOO_LONG"
        assert reception.fault
        assert reception.fault.path.endswith("/Code")
        answer = bus.response_in(reception)
        assert answer.status is Status.ERROR
        assert answer.received_uuid == LONG_CODE.uuid
        assert "TOO LONG" in answer.notes[0].text
        assert (await bus.message(reception.message)).state is MessageState.REJECTED
        assert bus.app("rm").calls == []

    async def test_a_synchronous_sender_is_refused_in_the_same_way(self, rigs: Rigs) -> None:
        """There is nothing to wait for."""
        bus = await rigs.start()

        reception = await bus.post(unit("TOO LONG", mode="Sync"))

        assert code_of(reception) == "VALUE_TOO_LONG"
        assert bus.response_in(reception).status is Status.ERROR

    async def test_a_warning_delivers_and_keeps_the_complaint(self, rigs: Rigs) -> None:
        """The trace shows what is wrong with a message that went on."""
        bus = await rigs.start(deployment(route("rm", strictness=Strictness.WARN)))

        id_ = await bus.accepted(LONG_CODE)
        await bus.reaches(id_, State.DELIVERED)

        assert await complaints_about(bus, id_) == ["VALUE_TOO_LONG"]
        assert len(bus.app("rm").calls) == 1

    async def test_off_looks_at_nothing(self, rigs: Rigs) -> None:
        """It goes on, and nothing is said."""
        bus = await rigs.start(deployment(route("rm", strictness=Strictness.OFF)))

        id_ = await bus.accepted(LONG_CODE)
        await bus.reaches(id_, State.DELIVERED)

        assert await complaints_about(bus, id_) == []

    async def test_the_strictest_of_several_routes_decides(self, rigs: Rigs) -> None:
        """Half a message is never accepted."""
        lax = route("omie", strictness=Strictness.OFF)
        bus = await rigs.start(deployment(lax, route("rm", strictness=Strictness.REJECT)))

        assert code_of(await bus.post(LONG_CODE)) == "VALUE_TOO_LONG"
        assert bus.app("omie").calls == []

    @pytest.mark.rule("T-15")
    async def test_an_unknown_version_is_refused_with_the_known_ones(self, rigs: Rigs) -> None:
        """The sender reads which versions it may send."""
        bus = await rigs.start()

        reception = await bus.post(unit(version="1.999"))

        assert code_of(reception) == "UNKNOWN_CONTRACT"
        assert reception.fault
        assert reception.fault.details["known"] == "2.000"
        assert "2.000" in bus.response_in(reception).notes[0].text

    async def test_an_unknown_version_goes_on_where_the_route_only_warns(self, rigs: Rigs) -> None:
        """With the complaint kept, in order by the id that its identification names."""
        bus = await rigs.start(deployment(route("rm", strictness=Strictness.WARN)))

        id_ = await bus.accepted(unit(version="1.999"))
        await bus.reaches(id_, State.DELIVERED)

        assert await complaints_about(bus, id_) == ["UNKNOWN_CONTRACT"]
        assert (await bus.delivery(id_)).lane

    async def test_a_provisional_contract_only_warns(self, rigs: Rigs) -> None:
        """Nobody published it; the sender may be right."""
        bus = await rigs.start()
        message = replace(step(note=WRONG), transaction="Guessed", entity="Guess")

        id_ = await bus.accepted(message)
        await bus.reaches(id_, State.DELIVERED)

        assert await complaints_about(bus, id_) == ["CONTRACT_VIOLATED"]

    async def test_every_fault_is_told_at_once(self, rigs: Rigs) -> None:
        """A sender mends all of it in one go."""
        bus = await rigs.start()
        body = currency("BRLX").xml().replace(b"</Code>", b"</Code><Nonsense/>")

        reception = await bus.post(body)

        codes = {note.code for note in bus.response_in(reception).notes}
        assert codes == set(await complaints_about(bus, reception.message))
        assert len(codes) > 1

    @pytest.mark.parametrize(
        ("body", "code", "status"),
        [
            (b"<TOTVSMessage", "MALFORMED_XML", 400),
            (b"<other/>", "NOT_A_STANDARD_MESSAGE", 400),
            (unit(uuid="").xml(), "ENVELOPE_INCOMPLETE", 400),
            (b"<!DOCTYPE a><TOTVSMessage/>", "DOCTYPE_REFUSED", 400),
        ],
    )
    async def test_what_is_no_message_is_answered_with_a_message(
        self, rigs: Rigs, body: bytes, code: str, status: int
    ) -> None:
        """400, and a ResponseMessage that any sender can read."""
        bus = await rigs.start()

        reception = await bus.post(body)

        assert code_of(reception) == code
        assert reception.fault
        assert reception.fault.status == status
        assert bus.response_in(reception).status is Status.ERROR
        assert (await bus.message(reception.message)).state is MessageState.REJECTED

    async def test_a_refusal_speaks_the_language_of_the_bus(self, rigs: Rigs) -> None:
        """Reason and remedy, in Portuguese unless it is configured otherwise."""
        bus = await rigs.start()

        (note,) = bus.response_in(await bus.post(LONG_CODE)).notes

        assert "o máximo é 6" in note.text
        assert "Encurte o valor" in note.text

    async def test_what_is_wrong_at_the_destination_is_no_rejection(self, rigs: Rigs) -> None:
        """A valid message that is refused is accepted, and was delivered in vain."""
        bus = await rigs.start()
        bus.app("rm").will(refuses())

        id_ = await bus.accepted(unit())
        await bus.reaches(id_, State.REFUSED)

        assert (await bus.message(id_)).state is MessageState.ACCEPTED
