"""What is read of an Omie app, and what its events tell."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from adapters.omie.access import MOST_IN_A_MINUTE
from adapters.simulation.behaviour import Conduct, ScriptedConduct
from bus.contracts.registry import Registry
from bus.core.errors import ReceiverFault
from bus.ports.adapter import Inbound, Poll, Reader, Webhook
from bus.ports.codec import Codec, Document
from tests.support.omie import (
    KEY,
    PRODUCT,
    OmieRig,
    omie_rig,
    stocked,
)

REGISTRY = Registry()


# -- reading ---------------------------------------------------------------------------------------


async def read_all(rig: OmieRig, cursor: str = "") -> tuple[list[Document], str]:
    """What there is after a cursor, and where that ends."""
    found: list[Document] = []
    while True:
        assert isinstance(rig.adapter, Reader)
        inbound = await rig.adapter.read(Poll(cursor))
        found += [await rig.codec.read(one.body) for one in inbound.messages]
        cursor = inbound.cursor
        if not inbound.more:
            return found, cursor


async def test_what_changed_is_read_and_nothing_else(codec: Codec) -> None:
    """Once, by its change; a second change in the same second too."""
    async with omie_rig(codec) as rig:
        stocked(rig.app)
        rig.app.keep_customer("11.222.333/0001-81", "Exemplo")
        first, cursor = await read_all(rig)
        rig.pass_time(61)
        none, cursor = await read_all(rig, cursor)
        rig.app.keep_product("FLT-1", "Filtro novo", valor_unitario=Decimal("10.50"))
        rig.pass_time(61)
        changed, cursor = await read_all(rig, cursor)

    assert [one.envelope.header.transaction for one in first] == [
        "Warehouse",
        "Item",
        "CustomerVendor",
    ]
    assert none == []
    (product,) = changed
    assert product.values(["InternalId", "Name", "Values/SalesPrice"]) == (
        str(PRODUCT),
        "Filtro novo",
        "10.50",
    )
    assert first[2].values(["GovernmentalInformation/Id"]) == ("11222333000181",)


async def test_what_is_read_conforms(codec: Codec) -> None:
    """To the contracts of its transactions."""
    async with omie_rig(codec) as rig:
        stocked(rig.app)
        rig.app.keep_customer("111.444.777-35", "Exemplo", cidade_ibge="3550308", estado="SP")
        rig.app.keep_product(
            "FLT-1", "Filtro", ean="789", codigo_familia=7, peso_liq=Decimal("0.5")
        )
        found, _ = await read_all(rig)

    for one in found:
        header = one.envelope.header
        contract = REGISTRY.find(header.transaction, header.version)
        assert contract
        assert REGISTRY.check(contract, one) == (), header.transaction


async def test_an_empty_app_has_nothing(codec: Codec) -> None:
    """K-11: no records is an error of Omie's, and none of ours."""
    async with omie_rig(codec) as rig:
        found, cursor = await read_all(rig)
        at_once, same = await read_all(rig, cursor)
        calls = len(rig.omie.calls)
        rig.pass_time(61)
        later, still = await read_all(rig, cursor)

        assert (calls, len(rig.omie.calls)) == (3, 6)
    assert (found, at_once, later) == ([], [], [])
    assert (same, still) == (cursor, cursor)


async def test_a_long_list_is_read_within_the_limit_of_a_minute(codec: Codec) -> None:
    """The call above it is not made: it waits, and goes on where it was."""
    async with omie_rig(codec, page="1", reads="Item") as rig:
        codes = [f"P{number}" for number in range(MOST_IN_A_MINUTE + 10)]
        for code in codes:
            rig.app.keep_product(code, "x")
        assert isinstance(rig.adapter, Reader)
        told: list[str] = []
        cursor, more = "", True
        waits: list[tuple[int, str]] = []
        while more:
            try:
                inbound = await rig.adapter.read(Poll(cursor))
            except ReceiverFault as fault:
                waits.append((len(rig.omie.calls), fault.fault.reason("pt")))
                rig.pass_time(61)
                continue
            found = [await rig.codec.read(one.body) for one in inbound.messages]
            told += [document.values(["Code"])[0] for document in found]
            cursor, more = inbound.cursor, inbound.more

    ((calls, reason),) = waits
    assert calls == MOST_IN_A_MINUTE
    assert "limite de chamadas por minuto de ListarProdutos" in reason
    assert told == codes


async def test_a_record_that_moves_up_is_not_lost(codec: Codec) -> None:
    """One is deleted between two pages: the list is read again, and each record is known."""
    async with omie_rig(codec, page="2", reads="Item") as rig:
        ids = [rig.app.keep_product(f"P{n}", "x") for n in range(5)]
        assert isinstance(rig.adapter, Reader)
        first = await rig.adapter.read(Poll(""))
        rig.app.remove_product(ids[0])
        rig.pass_time(61)
        rest, _ = await read_all(rig, first.cursor)

    told = {one.values(["InternalId"])[0] for one in rest}
    told |= {(await codec.read(one.body)).values(["InternalId"])[0] for one in first.messages}
    assert told == {str(id) for id in ids}


async def test_a_change_on_a_page_already_read_is_not_lost(codec: Codec) -> None:
    """What changed after the first page was asked for is not older than what the next asks for."""
    async with omie_rig(codec, page="2", reads="Item") as rig:
        ids = [rig.app.keep_product(f"P{n}", "x") for n in range(4)]
        assert isinstance(rig.adapter, Reader)
        first = await rig.adapter.read(Poll(""))
        rig.pass_time(10)
        rig.app.keep_product("P0", "changed")
        rig.pass_time(10)
        rig.app.keep_product("P3", "later still")
        rig.pass_time(61)
        _, cursor = await read_all(rig, first.cursor)
        rig.pass_time(61)
        changed, _ = await read_all(rig, cursor)

    assert {one.values(["InternalId", "Name"]) for one in changed} == {(str(ids[0]), "changed")}


async def test_an_app_that_fails_is_not_empty(codec: Codec) -> None:
    """What is no JSON is a failure to read, and moves nothing."""
    async with omie_rig(codec) as rig:
        rig.omie.behave(ScriptedConduct(Conduct.PAGE))
        assert isinstance(rig.adapter, Reader)
        with pytest.raises(ReceiverFault) as refusal:
            await rig.adapter.read(Poll(""))

    assert refusal.value.fault.code == "UNREACHABLE"


# -- events ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("spelling", ["event", "evento"])
async def test_an_event_is_taken_in_both_spellings(codec: Codec, spelling: str) -> None:
    """It says that there is something to be read, and brings nothing itself."""
    event = {"messageId": "1", "topic": "Produto.Alterado", spelling: {}, "appKey": KEY}
    async with omie_rig(codec) as rig:
        assert isinstance(rig.adapter, Reader)
        inbound = await rig.adapter.read(Webhook(json.dumps(event).encode(), {}))

    assert inbound == Inbound(more=True, topic="Produto")


async def test_an_event_within_a_round_brings_another_one(codec: Codec) -> None:
    """It may be about a register that was read already."""
    event = {"messageId": "1", "topic": "Produto.Incluido", "event": {}, "appKey": KEY}
    async with omie_rig(codec, reads="Item, CustomerVendor") as rig:
        rig.app.keep_product("OLD", "x")
        assert isinstance(rig.adapter, Reader)
        first = await rig.adapter.read(Poll(""))
        rig.app.keep_product("NEW", "x")
        await rig.adapter.read(Webhook(json.dumps(event).encode(), {}))
        rest = await rig.adapter.read(Poll(first.cursor))
        again = await rig.adapter.read(Poll(rest.cursor))
        end = await rig.adapter.read(Poll(again.cursor))

        (message,) = again.messages
        product = await codec.read(message.body)
    assert (rest.messages, rest.more, end.more) == ((), True, False)
    assert product.values(["Code"]) == ("NEW",)
