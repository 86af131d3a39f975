"""The simulated Protheus: its EAI, its tables and de-para, what it sends and what it refuses."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import aiohttp
import pytest
import zeep

from adapters.protheus.simulated import PROTHEUS
from adapters.protheus.simulator import protheus_simulator
from adapters.rm.simulated import RM
from adapters.simulation.desk import Setting
from adapters.simulation.eai.entities import ErpProduct
from adapters.simulation.eai.simulator import EaiSimulator
from bus.core.outcome import Outcome, Report
from bus.core.route import Credentials
from bus.ports.codec import Codec
from tests.semantics.eai_service import EaiService, EaiServiceSuite
from tests.semantics.simulated_erp import SimulatedErpSuite
from tests.semantics.soap_calls import call
from tests.support.erp_messages import (
    delete,
    deliver,
    destinations,
    message,
    refusal,
    upsert,
)

LOGIN = ("bus", "s3gredo-Pesado")


class TestService(EaiServiceSuite):
    @pytest.fixture
    async def service(self, codec: Codec) -> AsyncIterator[EaiService]:
        """A Protheus that demands a login."""
        setting = Setting(name="P12", login=Credentials(*LOGIN))
        async with protheus_simulator(codec, setting) as protheus:
            yield EaiService(protheus.address, LOGIN, "RECEIVEMESSAGE")

    async def test_a_call_without_a_message(self, service: EaiService) -> None:
        """Its parser answers, in a ResponseMessage: who asks so knows that all the rest is right."""
        for body in (call(""), call("<![CDATA[]]>"), call("  ")):
            answered = await service.post(body)

            assert answered.status == 200
            assert b"<Status>ERROR</Status>" in answered.result
            assert b"Document is empty" in answered.result


class TestProtheus(SimulatedErpSuite):
    @pytest.fixture
    async def erp(self, codec: Codec) -> AsyncIterator[EaiSimulator]:
        """A Protheus."""
        async with protheus_simulator(codec) as protheus:
            yield protheus

    @pytest.fixture
    def sender(self) -> ErpProduct:
        """RM sends to it."""
        return RM


# -- codes and ids ---------------------------------------------------------------------------------


async def take(
    codec: Codec, protheus: EaiSimulator, transaction: str, code: str, **fields: str
) -> Report:
    """Send a register of RM, whose id is of its code."""
    id_ = f"1|{code}"
    body = message(RM, upsert(transaction, code, **fields), id_, f"{transaction} {code}")
    return await deliver(codec, protheus, body)


@pytest.mark.rule("T-49", by="simulator")
async def test_five_currencies_are_taken(codec: Codec) -> None:
    """Protheus takes five currencies, under codes that it makes; the sixth is refused."""
    async with protheus_simulator(codec) as protheus:
        reports = [
            await take(codec, protheus, "Currency", code, Description=code)
            for code in ("BRL", "USD", "EUR", "GBP", "JPY", "ARS")
        ]
        again = await take(codec, protheus, "Currency", "USD", Description="Dólar")

    ids = [id_ for report in reports[:5] for id_ in destinations(report)]
    assert ids == ["01| |01", "01| |02", "01| |03", "01| |04", "01| |05"]
    assert "o limite é 5" in refusal(reports[5])
    assert destinations(again) == ["01| |02"]


@pytest.mark.rule("T-52", by="simulator")
async def test_a_standard_unit_is_updated(codec: Codec) -> None:
    """A unit that Protheus comes with is updated and paired, not made again."""
    async with protheus_simulator(codec) as protheus:
        before = protheus.erp.tables.of("SAH")
        report = await take(codec, protheus, "UnitOfMeasure", "UN", Description="Unidade nova")
        after = protheus.erp.tables.of("SAH")

    assert destinations(report) == ["01| |UN"]
    assert [row.code for row in after] == [row.code for row in before]
    assert [row.values["Description"] for row in after if row.code == "UN"] == ["Unidade nova"]


@pytest.mark.rule("T-53", by="simulator")
async def test_a_long_unit_gets_a_code_of_its_own(codec: Codec) -> None:
    """A code of more than two characters is neither cut nor doubled: Protheus makes one."""
    async with protheus_simulator(codec) as protheus:
        short = await take(codec, protheus, "UnitOfMeasure", "AA", Description="A")
        long = await take(codec, protheus, "UnitOfMeasure", "CAIXA", Description="Caixa")
        other = await take(codec, protheus, "UnitOfMeasure", "CAIXAO", Description="Caixão")

    ids = [destinations(report)[0] for report in (short, long, other)]
    assert ids == ["01| |AA", "01| |AB", "01| |AC"]


@pytest.mark.rule("T-78", "T-84", by="simulator")
@pytest.mark.parametrize(
    ("transaction", "field", "prefix"),
    [("Warehouse", "Description", "01|01|"), ("Employee", "Name", "01|01|")],
)
async def test_a_code_over_six_characters_gets_a_number(
    codec: Codec, transaction: str, field: str, prefix: str
) -> None:
    """A stock location or employee of a longer code gets a number; a shorter code is copied."""
    async with protheus_simulator(codec) as protheus:
        short = await take(codec, protheus, transaction, "ABC123", **{field: "x"})
        long = await take(codec, protheus, transaction, "ABC1234", **{field: "x"})

    assert destinations(short) == [f"{prefix}ABC123"]
    assert destinations(long) == [f"{prefix}000001"]


@pytest.mark.rule("T-54", by="simulator")
async def test_a_long_cost_centre_is_refused(codec: Codec) -> None:
    """Twenty characters are taken in Protheus, as widened; one more is refused, and not cut."""
    async with protheus_simulator(codec) as protheus:
        fits = await take(codec, protheus, "CostCenter", "C" * 20, Name="x")
        long = await take(codec, protheus, "CostCenter", "C" * 21, Name="x")

    assert destinations(fits) == ["01| |" + "C" * 20]
    assert "tamanho maior que o permitido" in refusal(long)


async def test_a_partner_that_is_both_stands_twice(codec: Codec) -> None:
    """Both is a customer and a vendor; a later change reaches both, and so does a delete."""
    body = upsert("CustomerVendor", "C1", Name="Oficina", Type="Both")
    async with protheus_simulator(codec) as protheus:
        made = await deliver(codec, protheus, message(RM, body, "0|C1"))
        renamed = upsert("CustomerVendor", "C1", Name="Oficina Nova", Type="Both")
        again = await deliver(codec, protheus, message(RM, renamed, "0|C1", "m-2"))
        names = [
            row.values["Name"] for table in ("SA1", "SA2") for row in protheus.erp.tables.of(table)
        ]
        gone = message(RM, delete("CustomerVendor", "C1"), "0|C1", "m-3")
        deleted = await deliver(codec, protheus, gone)

    assert destinations(made) == destinations(again) == ["01|01|C1|01|C", "01|01|C1|01|F"]
    assert made.response
    assert {pair.origin for pair in made.response.ids} == {"0|C1"}
    assert names == ["Oficina Nova"] * 2
    assert destinations(deleted) == destinations(made)
    assert protheus.erp.tables.of("SA1") == protheus.erp.tables.of("SA2") == ()


@pytest.mark.parametrize(("kind", "end"), [("Customer", "C"), ("Vendor", "F")])
async def test_a_partner_of_one_kind(codec: Codec, kind: str, end: str) -> None:
    """Customers end in C, vendors in F; what grows into both keeps the id that it has."""
    grown = upsert("CustomerVendor", "OFICINA", Name="Oficina", Type="Both")
    async with protheus_simulator(codec) as protheus:
        one = await take(codec, protheus, "CustomerVendor", "OFICINA", Name="O", Type=kind)
        both = await deliver(codec, protheus, message(RM, grown, "1|OFICINA", "m-2"))

    assert destinations(one) == [f"01|01|000001|01|{end}"]
    assert len(destinations(both)) == 2
    assert destinations(one)[0] in destinations(both)


async def test_ids_collide_by_case_and_length(codec: Codec) -> None:
    """Ids are looked up in capitals and cut at 50, products at 15; what that harms is remarked."""
    long = "1|" + "X" * 60
    async with protheus_simulator(codec) as protheus:
        cm = upsert("UnitOfMeasure", "cm", Description="Centímetro")
        first = await deliver(codec, protheus, message(RM, cm, "1|cm"))
        second = await deliver(codec, protheus, message(RM, cm, "1|CM", "m-2"))
        await deliver(codec, protheus, message(RM, cm, long, "m-3", "UM-PRODUTO-DEMAIS"))
        pairs, remarks = protheus.erp.pairs.all(), protheus.erp.pairs.remarks

    assert destinations(first) == destinations(second)
    assert "1|CM e 1|cm são o mesmo id no de/para" in remarks
    assert (pairs[-1].product, pairs[-1].external) == ("UM-PRODUTO-DEMA", long[:50])
    assert any(long in remark and "50" in remark for remark in remarks)
    assert any("UM-PRODUTO-DEMAIS" in remark for remark in remarks)


# -- what it does not take -------------------------------------------------------------------------


async def test_a_transaction_without_an_adapter(codec: Codec) -> None:
    """Protheus answers with a bare text, which the bus knows."""
    body = message(RM, upsert("UnitOfMeasure", "UN", Description="x"), "1|UN")
    body = body.replace(b">UnitOfMeasure<", b">ProductionOrder<")
    async with protheus_simulator(codec) as protheus:
        report = await deliver(codec, protheus, body)

    assert report.outcome is Outcome.REFUSED
    assert report.fault
    assert report.fault.code == "MESSAGE_NOT_CONFIGURED_AT_RECEIVER"
    assert "PRODUCTIONORDER" in report.fault.reason("pt")


async def test_a_transaction_that_it_only_sends(codec: Codec) -> None:
    """A requisition is not received in Protheus."""
    async with protheus_simulator(codec) as protheus:
        report = await take(codec, protheus, "Request", "7")

    assert refusal(report) == "Não há tratamento para recebimento dessa mensagem no Protheus"


@pytest.mark.parametrize(
    ("name", "element", "text"),
    [
        ("Code", b"<Code>CX</Code>", "O código é obrigatório!"),
        ("Description", b"<Description>Caixa</Description>", "A descrição é obrigatória!"),
        ("InternalId", b"<InternalId>1|CX</InternalId>", "O InternalId é obrigatório!"),
        ("Product", b'name="RM"', "A Marca é obrigatória!"),
    ],
)
async def test_what_must_be_filled(codec: Codec, name: str, element: bytes, text: str) -> None:
    """What is missing is named."""
    body = message(RM, upsert("UnitOfMeasure", "CX", Description="Caixa"), "1|CX")
    body = body.replace(element, b'name=""' if name == "Product" else b"")
    async with protheus_simulator(codec) as protheus:
        assert refusal(await deliver(codec, protheus, body)) == text


@pytest.mark.rule("T-101", "T-102", by="simulator")
async def test_a_work_order_of_rm_changes_the_status_alone(codec: Codec) -> None:
    """RM's MaintenanceOrder makes no order, and of one that is known changes but the status."""
    told = upsert("MaintenanceOrder", "77", Status="004", Number="Z")
    body = message(RM, told, "1|77")
    async with protheus_simulator(codec) as protheus:
        unknown = await deliver(codec, protheus, body)
        protheus.erp.insert("MaintenanceOrder", "000123", {"Status": "001", "Number": "A"})
        own = protheus.erp.id_of("MaintenanceOrder", "000123")
        protheus.erp.pairs.learn("RM", "MaintenanceOrder", "1|77", (own,))
        known = await deliver(codec, protheus, body)
        (row,) = protheus.erp.tables.of("STJ")

    assert "não inclui" in refusal(unknown)
    assert destinations(known) == [own] == ["01|01|000123|OS"]
    assert row.values == {"Status": "004", "Number": "A"}


# -- the service -----------------------------------------------------------------------------------


async def test_it_says_that_it_is_up(codec: Codec) -> None:
    """GETSTATUS, called by a client made from the WSDL, answers OK."""
    async with protheus_simulator(codec) as protheus:
        address = f"{protheus.address}?wsdl"

        def ask() -> str:
            return str(zeep.Client(address).service.GETSTATUS())

        status = await asyncio.to_thread(ask)

    assert status == "OK"
    assert protheus.received == ()


async def test_it_answers_at_its_address_alone(codec: Codec) -> None:
    """EAISERVICE.apw in any letter case, below /ws too; elsewhere there is nothing."""
    async with protheus_simulator(codec) as protheus, aiohttp.ClientSession() as http:
        for path, status in (
            ("/eaiservice.APW", 500),
            ("/ws/EAISERVICE.apw", 500),
            ("/EAIService/MEX", 404),
        ):
            async with http.post(protheus.root + path, data=b"x") as answer:
                assert answer.status == status


async def test_it_tells_what_it_speaks(codec: Codec) -> None:
    """WhoIs names its transactions, versions and directions."""
    async with protheus_simulator(codec) as protheus:
        report = await take(codec, protheus, "WhoIs", "")

    said = report.answer.decode()
    assert "<Name>Order</Name><Version>4.010</Version><Mode>SEND_ENABLED</Mode>" in said
    assert "<Name>Item</Name><Version>4.005</Version><Mode>BOTH_ENABLED</Mode>" in said


def test_its_header_is_in_its_order() -> None:
    """As its PCP senders write it."""
    body = message(PROTHEUS, upsert("Request", "000007", Type="000"), "01|01|000007").decode()
    names = re.findall(r"<(\w+)[ >]", body.partition("<BusinessMessage>")[0])[2:]

    assert " ".join(names) == (
        "UUID Type Transaction StandardVersion SourceApplication CompanyId BranchId UserId Product"
        " GeneratedOn ContextName DeliveryType"
    )
    assert "<InternalId>01|01|000007</InternalId><Code>000007</Code>" in body
