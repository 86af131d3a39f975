"""RM and Protheus send to each other, without a bus between them, and learn each other's ids."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest

from adapters.protheus.simulator import protheus_simulator
from adapters.rm.simulator import rm_simulator
from adapters.simulation.behaviour import Conduct, ScriptedConduct
from adapters.simulation.desk import Setting
from adapters.simulation.eai.outgoing import Outgoing, Value
from adapters.simulation.eai.simulator import EaiSimulator
from bus.core.outcome import Outcome
from bus.core.route import Credentials
from bus.ports.codec import Codec
from tests.support.erp_messages import asynchronous, delete, destinations, upsert

LOGIN = Credentials("rm", "s3gredo-Pesado")


@dataclass
class Two:
    """The two, each of which takes the other for the bus."""

    rm: EaiSimulator
    protheus: EaiSimulator


@pytest.fixture(params=[False, True], ids=["", "receipts"])
async def two(codec: Codec, request: pytest.FixtureRequest, unused_port: int) -> AsyncIterator[Two]:
    """RM and Protheus; Protheus may answer what is asynchronous by a receipt first."""
    address = f"http://127.0.0.1:{unused_port}/EAISERVICE.apw"
    async with rm_simulator(codec, Setting(name="RM", bus=address, credentials=LOGIN)) as rm:
        setting = Setting(
            name="P12", port=unused_port, login=LOGIN, bus=rm.address, receipts=request.param
        )
        async with protheus_simulator(codec, setting) as protheus:
            yield Two(rm, protheus)


UNIT = upsert("UnitOfMeasure", "CAIXA", Description="Caixa")
ITEM: dict[str, Value] = {"Name": "Filtro", "UnitOfMeasureInternalId": "1|CAIXA"}


async def test_the_sender_learns_from_the_answer(two: Two) -> None:
    """Each keeps the other's id beside its own, so that each may refer to it later."""
    unit = await two.rm.send(UNIT)
    item = await two.rm.send(Outgoing("Item", "FLT", ITEM))
    lines: Value = {
        "RequestItem": [
            {"InternalId": "01|01|7|1", "ItemInternalId": two.protheus.erp.id_of("Item", "FLT")}
        ]
    }
    request = await two.protheus.send(upsert("Request", "000007", ListOfRequestItem=lines))

    assert (unit.own_id, destinations(unit.report)) == ("1|CAIXA", ["01| |AA"])
    assert destinations(item.report) == ["01| |FLT"]
    assert two.rm.erp.pairs.find("PROTHEUS", "UnitOfMeasure", "01| |AA") == ("1|CAIXA",)
    assert two.protheus.erp.pairs.find("RM", "UnitOfMeasure", "1|CAIXA") == ("01| |AA",)
    assert destinations(request.report) == ["1|1", "1|1|001"]
    assert two.protheus.erp.pairs.find("RM", "RequestItem", "1|1|001") == ("01|01|7|1",)


async def test_a_late_answer_teaches_too(two: Two) -> None:
    """What was answered by a receipt is learnt from the response that comes after it."""
    sent = await two.rm.send(asynchronous(UNIT))
    async with asyncio.timeout(10):
        while not two.rm.erp.pairs.all():  # noqa: ASYNC110 - the simulator has no event
            await asyncio.sleep(0.02)

    assert sent.report.outcome in {Outcome.RECEIVED, Outcome.DELIVERED}
    assert two.rm.erp.pairs.find("PROTHEUS", "UnitOfMeasure", "01| |AA") == ("1|CAIXA",)


async def test_a_partner_is_known_by_both_ids(two: Two) -> None:
    """The one of RM is the customer and the vendor of Protheus."""
    await two.rm.send(upsert("CustomerVendor", "C1", Name="Oficina", Type="Both"))

    for end in "CF":
        assert two.rm.erp.pairs.find("PROTHEUS", "CustomerVendor", f"01|01|C1|01|{end}")


async def test_a_delete_ends_the_pair_on_both_sides(two: Two) -> None:
    """Once it is answered OK, and not before."""
    await two.rm.send(UNIT)
    two.protheus.behave(ScriptedConduct(Conduct.REFUSE))
    refused = await two.rm.send(delete("UnitOfMeasure", "CAIXA"))
    kept = two.rm.erp.pairs.all()
    await two.rm.send(delete("UnitOfMeasure", "CAIXA"))

    assert refused.report.outcome is Outcome.REFUSED
    assert len(kept) == 1
    assert two.rm.erp.pairs.all() == two.protheus.erp.pairs.all() == ()
    assert two.rm.erp.tables.of("TUND") == ()


async def test_a_message_may_be_sent_twice(two: Two) -> None:
    """A sender that doubts sends the same message again."""
    sent = await two.rm.send(UNIT, times=2)

    assert two.protheus.heard == (sent.uuid,) * 2
    assert two.protheus.doubles == ()


async def test_it_is_told_to_send_by_http(two: Two) -> None:
    """A page of the simulator takes what to send, and says what came of it."""
    told = {"transaction": "UnitOfMeasure", "code": "CX", "fields": {"Description": "Caixa"}}
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{two.rm.root}/simulator/send", json=told) as answer,
    ):
        said = await answer.json()

    assert said["outcome"] == "delivered"
    assert said["ids"] == [
        {"name": "UnitOfMeasure", "origin": "1|CX", "destination": "01| |CX"},
    ]


@pytest.mark.parametrize(
    "out",
    [
        upsert("Nothing", "1"),
        upsert("UnitOfMeasure", "CX", Nome="Caixa"),
    ],
)
async def test_what_it_does_not_send(two: Two, out: Outgoing) -> None:
    """An unknown transaction or element is named, and nothing goes."""
    with pytest.raises(ValueError, match=r"Nothing|Nome"):
        await two.rm.send(out)

    assert two.protheus.heard == ()
    assert two.rm.erp.tables.names() == ()
