"""The simulated RM: its EAI, its tables and de-para, what it sends and what it refuses."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from adapters.protheus.simulated import PROTHEUS
from adapters.rm.simulator import rm_simulator
from adapters.simulation.desk import Setting
from adapters.simulation.eai.entities import ErpProduct
from adapters.simulation.eai.outgoing import Value
from adapters.simulation.eai.simulator import EaiSimulator
from bus.core.outcome import Outcome, Report
from bus.core.route import Credentials
from bus.ports.codec import Codec
from tests.semantics.eai_service import EaiService, EaiServiceSuite
from tests.semantics.simulated_erp import SimulatedErpSuite
from tests.semantics.soap_calls import call, escaped, post_to
from tests.support.erp_messages import deliver, destinations, message, refusal, upsert

LOGIN = ("bus", "s3gredo-Pesado")


class TestService(EaiServiceSuite):
    @pytest.fixture
    async def service(self, codec: Codec) -> AsyncIterator[EaiService]:
        """An RM that demands a login."""
        async with rm_simulator(codec, Setting(name="RM", login=Credentials(*LOGIN))) as rm:
            yield EaiService(rm.address, LOGIN)


class TestRm(SimulatedErpSuite):
    @pytest.fixture
    async def erp(self, codec: Codec) -> AsyncIterator[EaiSimulator]:
        """An RM."""
        async with rm_simulator(codec) as rm:
            yield rm

    @pytest.fixture
    def sender(self) -> ErpProduct:
        """Protheus sends to it."""
        return PROTHEUS


# -- codes and ids ---------------------------------------------------------------------------------


async def take(
    codec: Codec, rm: EaiSimulator, transaction: str, code: str, **fields: Value
) -> Report:
    """Send a document of Protheus, whose id is of its code."""
    out, uuid = upsert(transaction, code, **fields), f"{transaction} {code}"
    return await deliver(codec, rm, message(PROTHEUS, out, f"01|01|{code}", uuid))


@pytest.mark.rule("T-53", "T-54", by="simulator")
@pytest.mark.parametrize(
    ("transaction", "size", "field"),
    [("UnitOfMeasure", 5, "Description"), ("CostCenter", 25, "Name")],
)
async def test_a_long_code_is_refused(
    codec: Codec, transaction: str, size: int, field: str
) -> None:
    """RM makes no codes for registers: a longer one is refused, and not cut."""
    async with rm_simulator(codec) as rm:
        fits = await take(codec, rm, transaction, "C" * size, **{field: "x"})
        long = await take(codec, rm, transaction, "C" * (size + 1), **{field: "x"})

    assert destinations(fits) == ["1|" + "C" * size]
    assert "tamanho maior que o permitido" in refusal(long)


async def test_a_partner_is_global(codec: Codec) -> None:
    """Customers and vendors belong to no company, and one of both kinds is one here."""
    async with rm_simulator(codec) as rm:
        report = await take(codec, rm, "CustomerVendor", "C1", Name="Oficina", Type="Both")

    assert destinations(report) == ["0|C1"]


async def test_documents_are_movements(codec: Codec) -> None:
    """Each document becomes a movement with a number of its own; its items are numbered in it."""
    items: Value = {
        "RequestItem": [
            {"InternalId": "01|01|7|1", "ItemInternalId": "01| |FLT"},
            {"InternalId": "01|01|7|2", "ItemInternalId": "01| |FLT"},
        ]
    }
    async with rm_simulator(codec) as rm:
        order = await take(codec, rm, "MaintenanceOrder", "000123", Status="001")
        without = await take(codec, rm, "Request", "7", ListOfRequestItem=items)
        rm.erp.pairs.learn("PROTHEUS", "Item", "01| |FLT", ("1|FLT",))
        request = await take(codec, rm, "Request", "7", ListOfRequestItem=items)
        again = await take(codec, rm, "Request", "7", ListOfRequestItem=items)

    assert destinations(order) == ["1|1"]
    assert refusal(without) == "Item 01| |FLT não encontrada no de/para!"
    assert destinations(request) == destinations(again) == ["1|2", "1|2|001", "1|2|002"]
    assert request.response
    assert [pair.name for pair in request.response.ids] == ["Request", "RequestItem", "RequestItem"]


@pytest.mark.parametrize(
    ("transaction", "reference", "kind", "cancelled"),
    [
        ("CancelRequest", "RequestInternalId", "000", "Request"),
        ("CancelRequest", "RequestInternalId", "001", "Order"),
        ("CancelRequest", "RequestInternalId", "002", "StockTurnover"),
        ("CancelMaintenanceOrder", "MaintenanceOrderInternalId", "", "MaintenanceOrder"),
    ],
)
async def test_a_cancellation_finds_its_document(
    codec: Codec, transaction: str, reference: str, kind: str, cancelled: str
) -> None:
    """The document of the kind that it is about is cancelled; one that is not known is an error."""
    fields = {reference: "01|01|7"} | ({"Type": kind} if kind else {})
    async with rm_simulator(codec) as rm:
        unknown = await take(codec, rm, transaction, "9", **fields)
        await take(codec, rm, cancelled, "7")
        known = await take(codec, rm, transaction, "9", **fields)
        (row,) = rm.erp.tables.of("TMOV")

    assert refusal(unknown) == f"{cancelled} 01|01|7 não encontrada no de/para!"
    assert known.outcome is Outcome.DELIVERED
    assert row.cancelled


@pytest.mark.parametrize("kind", ["", "009"])
async def test_a_cancellation_of_no_known_kind(codec: Codec, kind: str) -> None:
    """Without a Type, or with another, nobody knows what is to be cancelled."""
    async with rm_simulator(codec) as rm:
        report = await take(codec, rm, "CancelRequest", "9", RequestInternalId="7", Type=kind)

    assert refusal(report) == f"O tipo {kind} não é tratado pelo adapter!"


async def test_an_unknown_transaction_is_an_error(codec: Codec) -> None:
    """RM says so in a ResponseMessage."""
    body = message(PROTHEUS, upsert("UnitOfMeasure", "UN", Description="x"), "1|UN")
    async with rm_simulator(codec) as rm:
        report = await deliver(codec, rm, body.replace(b">UnitOfMeasure<", b">Nobody<"))

    assert refusal(report) == "Não há tratamento para recebimento dessa mensagem no RM"


async def test_ids_differ_by_case(codec: Codec) -> None:
    """Unlike Protheus, RM looks ids up as they are."""
    cm = upsert("UnitOfMeasure", "cm", Description="Centímetro")
    big = upsert("UnitOfMeasure", "CM", Description="Curva de medida")
    async with rm_simulator(codec) as rm:
        first = await deliver(codec, rm, message(PROTHEUS, cm, "01| |cm"))
        second = await deliver(codec, rm, message(PROTHEUS, big, "01| |CM", "m-2"))

    assert destinations(first) != destinations(second)
    assert rm.erp.pairs.remarks == []


async def test_its_line_ends_are_references(codec: Codec) -> None:
    """The message in its result is escaped, with &#xD; at the end of each line."""
    body = call(escaped(message(PROTHEUS, upsert("WhoIs", ""), "")))
    async with rm_simulator(codec) as rm, aiohttp.ClientSession() as http:
        answered = await post_to(http, rm.address, body)

    assert b"?&gt;&#xD;\n&lt;TOTVSMessage&gt;" in answered.body
    assert answered.names[0] == "{http://tempuri.org/}receiveMessageResponse"
