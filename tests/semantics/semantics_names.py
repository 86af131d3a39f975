"""S1 and S2: what messages are called, and what is kept of them."""

import hashlib
from uuid import UUID

import pytest

from bus.core.delivery import Kind, State
from bus.core.envelope import Carrier
from bus.core.errors import SenderFault
from bus.core.route import IdentityBasis, IdentityPolicy
from bus.journal.facts import FactKind
from bus.journal.rows import MessageState
from tests.codec.samples import in_soap
from tests.support.deployments import application, deployment, route
from tests.support.loopback import is_busy, refuses
from tests.support.messages import unit
from tests.support.rig import Rigs

REPEATS_UUIDS = application(
    "protheus",
    identity=IdentityPolicy(IdentityBasis.UUID_AND_CONTENT),
    takes_answers=True,
)
"""A sender that writes `1` in every message."""


class Names:
    """S1: every message has our id; the sender's UUID is data, and goes where it is expected."""

    async def test_every_message_gets_an_id_of_the_bus(self, rigs: Rigs) -> None:
        """It is a UUIDv7, and later messages have later ids."""
        bus = await rigs.start()

        ids = [await bus.accepted(unit("UN", f"take {number}")) for number in range(5)]

        assert {UUID(one).version for one in ids} == {7}
        assert ids == sorted(ids)
        assert len(set(ids)) == 5

    async def test_destinations_see_the_uuid_of_the_sender(self, rigs: Rigs) -> None:
        """They keep it in their own monitors, and people compare."""
        bus = await rigs.start()
        message = unit()

        await bus.reaches(await bus.accepted(message), State.DELIVERED)

        assert [call.uuid for call in bus.app("rm").calls] == [message.uuid]

    async def test_destinations_see_our_uuid_where_the_sender_repeats_his(self, rigs: Rigs) -> None:
        """Else a destination would take the second message for the first."""
        bus = await rigs.start(deployment(applications=[REPEATS_UUIDS]))

        first = await bus.accepted(unit("UN", uuid="1"))
        second = await bus.accepted(unit("KG", uuid="1"))
        await bus.settled()

        assert sorted(call.uuid for call in bus.app("rm").calls) == [first, second]

    async def test_a_waiting_sender_gets_its_own_uuid_back(self, rigs: Rigs) -> None:
        """The destination answered about ours; the sender knows only his."""
        bus = await rigs.start(deployment(applications=[REPEATS_UUIDS]))

        reception = await bus.post(unit(uuid="1", mode="Sync"))

        assert bus.app("rm").calls[0].uuid == reception.message
        assert bus.response_in(reception).received_uuid == "1"

    async def test_an_answer_that_is_delivered_names_the_uuid_of_the_sender(
        self, rigs: Rigs
    ) -> None:
        """Also where the destination saw another one."""
        bus = await rigs.start(deployment(applications=[REPEATS_UUIDS]))

        await bus.reaches(await bus.accepted(unit(uuid="1")), State.DELIVERED)
        await bus.settled()

        assert [one.received_uuid for one in bus.app("protheus").answers] == ["1"]

    async def test_a_message_is_found_by_either_id(self, rigs: Rigs) -> None:
        """Whoever asks has one of the two."""
        bus = await rigs.start()
        message = unit()
        id_ = await bus.accepted(message)

        assert (await bus.bus.operators.find(id_)).id == id_
        assert (await bus.bus.operators.find(message.uuid)).id == id_

    @pytest.mark.rule("T-05")
    async def test_a_message_is_traced_from_end_to_end_by_its_uuid(self, rigs: Rigs) -> None:
        """What came, where it went, what each attempt brought, and what its sender was told."""
        sender = application("protheus", takes_answers=True)
        bus = await rigs.start(deployment(route("rm", "omie"), applications=[sender]))
        bus.app("omie").will(is_busy())
        message = unit()
        await bus.post(message)
        await bus.settled()

        (row,) = await bus.bus.history.find(message.uuid)
        trace = await bus.trace(row.id)

        assert await bus.bus.history.body(row.id) == message.xml()
        assert [(one.destination, one.kind, one.state) for one in trace.deliveries] == [
            ("rm", Kind.COPY, State.DELIVERED),
            ("omie", Kind.COPY, State.DELIVERED),
            ("protheus", Kind.ANSWER, State.DELIVERED),
        ]
        tried = [(one.number, one.outcome) for one in sorted(trace.attempts)]
        assert tried == [(1, "delivered"), (2, "busy"), (2, "delivered"), (3, "delivered")]
        kinds = [fact.kind for fact in trace.facts]
        assert (kinds[0], kinds.count(FactKind.ENDED)) == (FactKind.ACCEPTED, 4)
        assert FactKind.ANSWERED in kinds

    async def test_a_uuid_of_several_messages_lists_them(self, rigs: Rigs) -> None:
        """Newest first; a person chooses by our id."""
        bus = await rigs.start(deployment(applications=[REPEATS_UUIDS]))
        ids = [await bus.accepted(unit(code, uuid="1")) for code in ("UN", "KG", "MT")]

        with pytest.raises(SenderFault) as refusal:
            await bus.bus.operators.find("1")

        assert refusal.value.fault.code == "MESSAGE_AMBIGUOUS"
        assert refusal.value.fault.details["candidates"] == ", ".join(reversed(ids))

    async def test_an_id_that_nobody_has_is_said_so(self, rigs: Rigs) -> None:
        """It may be one of another bus."""
        bus = await rigs.start()

        with pytest.raises(SenderFault) as refusal:
            await bus.bus.operators.find("no-such-message")

        assert refusal.value.fault.code == "MESSAGE_NOT_FOUND"

    async def test_a_replay_sends_under_the_same_uuid(self, rigs: Rigs) -> None:
        """It is another attempt of the same message."""
        bus = await rigs.start()
        bus.app("rm").will(refuses())
        message = unit()
        id_ = await bus.accepted(message)
        await bus.reaches(id_, State.REFUSED)

        assert await bus.replay(id_) == id_
        await bus.reaches(id_, State.DELIVERED)

        assert [call.uuid for call in bus.app("rm").calls] == [message.uuid] * 2


class Bodies:
    """S2: what was received is kept byte for byte; what is compared is the message in it."""

    @pytest.mark.rule("T-134")
    async def test_messages_are_sent_as_valid_utf_8(self, rigs: Rigs) -> None:
        """Whatever encoding they came in."""
        bus = await rigs.start()
        body = unit("M²", "Ação").xml().decode().replace("UTF-8", "ISO-8859-1").encode("latin-1")

        await bus.reaches(await bus.accepted(body), State.DELIVERED)

        (call,) = bus.app("rm").calls
        sent = call.parcel.message.decode("utf-8")
        assert sent.startswith('<?xml version="1.0" encoding="UTF-8"?>')
        assert "<Code>M²</Code>" in sent
        assert "<Description>Ação</Description>" in sent

    async def test_a_body_is_kept_byte_for_byte(self, rigs: Rigs) -> None:
        """Blanks, comments, letter case and encoding as they came."""
        bus = await rigs.start()
        text = (
            unit("M²", "Metro quadrado – área")
            .xml()
            .decode()
            .removeprefix('<?xml version="1.0" encoding="UTF-8"?>\n')
        )
        body = (
            '<?xml version="1.0" encoding="windows-1252"?>\r\n<!-- de Protheus -->\r\n'
            + text.replace("<Type>", "\n\t<Type>  ")
        ).encode("windows-1252")

        id_ = await bus.accepted(body)
        await bus.reaches(id_, State.DELIVERED)

        assert await bus.bus.history.body(id_) == body
        assert (await bus.message(id_)).body_hash == hashlib.sha256(body).hexdigest()
        assert bus.app("rm").texts == ["Metro quadrado – área"]

    @pytest.mark.parametrize("body", [b"", b"\x00\xff", b"<TOTVSMessage>", b"GET / HTTP/1.1"])
    async def test_what_nobody_can_read_is_kept_too(self, rigs: Rigs, body: bytes) -> None:
        """It is the only way to show its sender what was wrong."""
        bus = await rigs.start()

        reception = await bus.post(body)

        row = await bus.message(reception.message)
        assert row.state is MessageState.REJECTED
        assert await bus.bus.history.body(row.id) == body

    async def test_a_long_message_is_one_like_any_other(self, rigs: Rigs) -> None:
        """It is read beside the others, and kept and sent whole."""
        bus = await rigs.start()
        message = unit("UN", "longo " * 50_000)

        id_ = await bus.accepted(message)
        await bus.reaches(id_, State.DELIVERED)

        assert await bus.bus.history.body(id_) == message.xml()
        assert bus.app("rm").texts == ["longo " * 50_000]

    async def test_a_repeat_is_known_by_its_content_not_by_its_bytes(self, rigs: Rigs) -> None:
        """Written at another time, with other blanks, it is the same message."""
        bus = await rigs.start()
        message = unit()
        later = unit(uuid=message.uuid, generated_on="2026-01-31T11:22:33")
        first = await bus.accepted(message)

        repeat = await bus.accepted(later.xml().replace(b"<Business", b"\n  <Business"))
        await bus.settled()

        assert repeat == first
        assert len(bus.app("rm").calls) == 1

    @pytest.mark.rule("T-02")
    async def test_the_content_goes_on_as_it_was_sent(self, rigs: Rigs) -> None:
        """Between TOTVS products nothing is transformed: ids, blanks and texts stay what they were."""
        bus = await rigs.start()
        message = unit(" k", "a  b ", id="01|  | k")

        await bus.reaches(await bus.accepted(message), State.DELIVERED)

        (call,) = bus.app("rm").calls
        sent = await bus.bus.ports.codec.read(message.xml())
        assert (call.code, call.text) == ("01|  | k", "a  b ")
        assert call.document.content_hash == sent.content_hash

    async def test_text_that_the_carrier_decoded_is_read_so_at_every_attempt(
        self, rigs: Rigs
    ) -> None:
        """SOAP and JSON carry text: the declaration inside it is moot, now and at a later try."""
        bus = await rigs.start()
        bus.app("rm").will(refuses())
        body = in_soap(unit("UN", "Área").xml().replace(b"UTF-8", b"ISO-8859-1"))

        id_ = (await bus.post(body, carrier=Carrier.SOAP)).message
        await bus.reaches(id_, State.REFUSED)
        await bus.replay(id_)
        await bus.reaches(id_, State.DELIVERED)

        assert bus.app("rm").texts == ["Área", "Área"]

    async def test_a_destination_of_two_routes_is_sent_the_message_once(self, rigs: Rigs) -> None:
        """However many rules name it."""
        bus = await rigs.start(deployment(route("rm", name="a"), route("rm", "omie", name="b")))

        id_ = await bus.accepted(unit())
        await bus.reaches(id_, State.DELIVERED, State.DELIVERED)

        assert len(bus.app("rm").calls) == len(bus.app("omie").calls) == 1
        assert (await bus.message(id_)).rule == "a,b"
