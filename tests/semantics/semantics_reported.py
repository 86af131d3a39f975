"""D5: an adapter that reads no ResponseMessage tells the ids that its application made."""

import pytest

from bus.core.delivery import State
from bus.core.element import Element
from bus.core.envelope import InternalIdPair, Note, Response, Status
from bus.core.errors import Fault
from bus.core.outcome import Outcome, Report
from tests.semantics.semantics_depara import crossing, know, pairs, reader, sender
from tests.support.loopback import Call, made
from tests.support.messages import part, response, unit
from tests.support.rig import CODEC, Rig, Rigs

UNIT = InternalIdPair("UnitOfMeasure", "01||UN", "77")


def returned(*children: Element) -> Element:
    """What an application returns."""
    return Element("ReturnContent", children=children)


RETURNED = returned(
    Element("Item", "A"),
    Element(
        "ListOfStock", children=(Element("Stock", "7.5", {"unit": "UN"}), Element("Stock", "0"))
    ),
)


async def content_told(bus: Rig, mode: str) -> tuple[Element, Response]:
    """What Protheus is told of a unit, as a tree, and the response around it."""
    if mode == "Sync":
        result = await bus.post(unit(mode=mode))
        return CODEC.parse(result.body).content(), bus.response_in(result)
    told = await answer_of(bus, mode)
    return bus.app("protheus").calls[-1].parcel.content, told


async def answer_of(bus: Rig, mode: str) -> Response:
    """What Protheus is told of a unit, at once or later; the bus has learnt by then."""
    if mode == "Sync":
        return bus.response_in(await bus.post(unit(mode=mode)))
    await bus.reaches(await bus.accepted(unit()), State.DELIVERED)
    await bus.answered()
    return bus.app("protheus").answers[-1]


class Reported:
    """Ids that are reported as values."""

    @pytest.mark.parametrize("mode", ["Sync", "Async"])
    @pytest.mark.parametrize("evidence", [b"", b'{"codigo_produto": 77}', b"<result>77</result>"])
    async def test_reported_ids_are_learnt_and_told_to_the_origin(
        self, rigs: Rigs, mode: str, evidence: bytes
    ) -> None:
        """Whatever the application itself said, which is kept as evidence."""
        bus = await rigs.start(crossing(applications=(sender(takes_answers=True), reader())))
        bus.app("omie").will(made(UNIT, answer=evidence, note="incluído"))

        told = await answer_of(bus, mode)

        assert await pairs(bus, "protheus:01||UN") == {"protheus:01||UN", "omie:77"}
        assert (told.status, told.ids) == (Status.OK, (UNIT,))
        assert [note.text for note in told.notes] == ["incluído"]

    async def test_the_answer_is_in_the_name_of_the_application(self, rigs: Rigs) -> None:
        """The origin keeps its own de-para under it."""
        bus = await rigs.start(crossing(applications=(sender(takes_answers=True), reader())))
        bus.app("omie").will(made(UNIT))

        await answer_of(bus, "Async")

        header = bus.app("protheus").calls[-1].document.envelope.header
        assert (header.source_application, header.product.name) == ("omie", "OMIE")

    @pytest.mark.parametrize("mode", ["Sync", "Async"])
    async def test_the_origin_reads_its_own_id(self, rigs: Rigs, mode: str) -> None:
        """Even where the message named another, which the bus had put in its place."""
        bus = await rigs.start(crossing(applications=(sender(takes_answers=True), reader())))
        await know(bus, "protheus:01||UN", "omie:77")
        bus.app("omie").will(made(InternalIdPair("UnitOfMeasure", "77", "77")))

        told = await answer_of(bus, mode)

        assert bus.app("omie").calls[-1].code == "77"
        assert told.ids == (UNIT,)

    @pytest.mark.parametrize("mode", ["Sync", "Async"])
    async def test_the_only_id_needs_no_origin(self, rigs: Rigs, mode: str) -> None:
        """An adapter may tell what the document is called now, and no more."""
        bus = await rigs.start(crossing(applications=(sender(takes_answers=True), reader())))
        bus.app("omie").will(made(InternalIdPair("", "", "77")))

        told = await answer_of(bus, mode)

        assert await pairs(bus, "protheus:01||UN") == {"protheus:01||UN", "omie:77"}
        assert told.ids == (UNIT,)

    async def test_an_answer_in_xml_is_passed_on_as_it_came(self, rigs: Rigs) -> None:
        """As long as it says what the adapter tells of it; ids that it lacks are told too."""
        bus = await rigs.start(crossing(applications=(sender(takes_answers=True), reader())))
        came = response("u", ids=(("UnitOfMeasure", "01||UN", "77"),))
        came = came.replace(b"<ReturnContent>", b"<ReturnContent><Extra>1</Extra>")
        more = InternalIdPair("UnitOfMeasure", "01||UN", "78")
        bus.app("omie").will(made(answer=came), made(UNIT, more, answer=came))

        await answer_of(bus, "Async")
        await bus.accepted(unit(description="Outra"))
        await bus.answered(2)

        extra = [call.parcel.content.text_at("Extra") for call in bus.app("protheus").calls]
        assert extra == ["1", ""]
        assert [one.ids for one in bus.app("protheus").answers] == [(UNIT,), (UNIT, more)]

    async def test_an_id_that_was_never_sent_is_told_and_not_learnt(self, rigs: Rigs) -> None:
        """As with an answer in XML (D5)."""
        bus = await rigs.start(crossing(applications=(sender(takes_answers=True), reader())))
        strange = InternalIdPair("UnitOfMeasure", "OTHER", "78")
        bus.app("omie").will(made(strange))

        told = await answer_of(bus, "Async")

        assert told.ids == (strange,)
        assert await pairs(bus, "omie:78") == set()

    async def test_an_origin_whose_ids_the_bus_writes_learns_too(self, rigs: Rigs) -> None:
        """It is told its own id, whoever keeps its de-para."""
        both = (reader("protheus", takes_answers=True), reader())
        bus = await rigs.start(crossing(applications=both))
        bus.app("omie").will(made(UNIT))

        told = await answer_of(bus, "Async")

        assert told.ids == (UNIT,)

    async def test_a_later_message_carries_what_was_reported(self, rigs: Rigs) -> None:
        """Those that waited for the id go on with it."""
        bus = await rigs.start(crossing())
        waiting = await bus.accepted(part(references={"UnitOfMeasureInternalId": "01||UN"}))
        await bus.reaches(waiting, State.AWAITING_DEPARA)
        bus.app("omie").will(made(UNIT))

        await bus.accepted(unit())
        await bus.reaches(waiting, State.DELIVERED)

        tree = bus.app("omie").calls[-1].parcel.content
        assert tree == CODEC.parse(bus.app("omie").calls[-1].parcel.message).content()
        assert tree.text_at("UnitOfMeasureInternalId") == "77"

    async def test_a_parcel_shows_the_message_as_it_is_sent(self, rigs: Rigs) -> None:
        """An answer too: its adapter reads status, notes and ids, and no XML."""
        bus = await rigs.start(crossing(applications=(sender(takes_answers=True), reader())))
        await know(bus, "protheus:01||UN", "omie:77")
        bus.app("omie").will(made(UNIT))

        told = await answer_of(bus, "Async")

        assert bus.app("omie").calls[-1].parcel.content.text_at("InternalId") == "77"
        answer = bus.app("protheus").calls[-1]
        assert answer.parcel.answer
        assert answer.parcel.answer.envelope.response == told
        assert answer.parcel.document.content().text_at("InternalId") == "01||UN"
        listed = answer.parcel.content.all("ListOfInternalId/InternalId")
        assert [one.text_at("Destination") for one in listed] == ["77"]

    @pytest.mark.parametrize("mode", ["Sync", "Async"])
    @pytest.mark.parametrize("ids", [(), (UNIT,)])
    async def test_what_an_application_returns_is_told_to_the_origin(
        self, rigs: Rigs, mode: str, ids: tuple[InternalIdPair, ...]
    ) -> None:
        """As a tree, beside the ids: what a question asks for, or what the document became."""
        bus = await rigs.start(crossing(applications=(sender(takes_answers=True), reader())))
        bus.app("omie").will(made(*ids, answer=b'{"saldo": 7.5}', content=RETURNED))

        tree, told = await content_told(bus, mode)

        assert tree.children[: len(RETURNED.children)] == RETURNED.children
        assert len(tree.children) == len(RETURNED.children) + bool(ids)
        assert told.ids == ids

    async def test_what_is_told_goes_before_what_came(self, rigs: Rigs) -> None:
        """Also where the application answered by a message of its own."""
        bus = await rigs.start(crossing(applications=(sender(takes_answers=True), reader())))
        bus.app("omie").will(made(answer=response("u"), content=RETURNED))

        tree, _ = await content_told(bus, "Sync")

        assert tree == RETURNED

    async def test_what_is_returned_has_the_ids_of_the_origin(self, rigs: Rigs) -> None:
        """Where the bus writes its ids, those of the application are not shown to it."""
        both = (reader("protheus", takes_answers=True), reader())
        bus = await rigs.start(crossing(applications=both))
        await know(bus, "protheus:P9", "omie:900", "Part")
        bus.app("omie").will(made(content=returned(Element("PartInternalId", "900"))))

        told = await bus.post(part(mode="Sync"))

        assert CODEC.parse(told.body).content().text_at("PartInternalId") == "P9"

    @pytest.mark.parametrize("mode", ["Sync", "Async"])
    async def test_what_cannot_be_told_is_said_and_changes_nothing(
        self, rigs: Rigs, mode: str
    ) -> None:
        """It was done there: the ids are learnt, and a note says what is missing and where."""
        bus = await rigs.start(crossing(applications=(sender(takes_answers=True), reader())))
        bus.app("omie").will(made(UNIT, content=returned(Element("Saldo", "7\x005"))))

        tree, told = await content_told(bus, mode)

        assert (told.status, told.ids) == (Status.OK, (UNIT,))
        assert [(note.code, note.type) for note in told.notes] == [
            ("CONTENT_UNWRITABLE", "WARNING")
        ]
        assert "/ReturnContent/Saldo" in told.notes[0].text
        assert not tree.first("Saldo")
        assert await pairs(bus, "protheus:01||UN") == {"protheus:01||UN", "omie:77"}

    @pytest.mark.parametrize("mode", ["Sync", "Async"])
    async def test_a_no_is_told_in_the_words_that_are_reported(self, rigs: Rigs, mode: str) -> None:
        """And teaches nothing."""
        bus = await rigs.start(crossing(applications=(sender(takes_answers=True), reader())))

        async def says_no(call: Call) -> Report:
            notes = (Note("NCM obrigatório", code="Client-102"),)
            response = Response(call.parcel.uuid, Status.ERROR, notes=notes, ids=(UNIT,))
            fault = Fault("REFUSED", details={"application": "omie", "problem": "NCM"})
            return Report(Outcome.REFUSED, b"{}", response, fault)

        bus.app("omie").will(says_no)
        if mode == "Sync":
            told = bus.response_in(await bus.post(unit(mode=mode)))
        else:
            await bus.reaches(await bus.accepted(unit()), State.REFUSED)
            await bus.answered()
            told = bus.app("protheus").answers[-1]

        assert (told.status, told.notes) == (
            Status.ERROR,
            (Note("NCM obrigatório", code="Client-102"),),
        )
        assert await pairs(bus, "omie:77") == set()
