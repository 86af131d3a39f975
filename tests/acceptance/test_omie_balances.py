"""Balances of Omie that nobody asked for, and that each event brings its own register alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from adapters.omie.simulated.books import OmieApp
from adapters.simulation.behaviour import ScriptedConduct
from bus.contracts.registry import Registry
from bus.core.delivery import State
from bus.ports.adapter import Poll, Reader
from bus.ports.history import Filter
from bus.wiring import open_codec
from tests.support.omie import PLACE, PRODUCT, OmieRig, line, omie_rig, stocked, write_off
from tests.support.omie_bus import Trio, trio

CODEC = open_codec()
REGISTRY = Registry()


async def told(rig: OmieRig, cursor: str, uuids: list[str]) -> tuple[list[list[str]], str]:
    """What a round tells: of each message its balances; its UUID is added to the others."""
    rig.pass_time(61)
    found: list[list[str]] = []
    assert isinstance(rig.adapter, Reader)
    while True:
        inbound = await rig.adapter.read(Poll(cursor))
        for one in inbound.messages:
            document = await rig.codec.read(one.body)
            contract = REGISTRY.find("StockLevel", "1.000")
            assert contract
            assert REGISTRY.check(contract, document) == ()
            uuids.append(document.envelope.header.uuid)
            items = document.content().all("ReturnItem")
            found += [[item.text_at("AvailableStockAmount") for item in items]]
        cursor = inbound.cursor
        if not inbound.more:
            return found, cursor


async def test_balances_that_changed_are_told_page_by_page() -> None:
    """Those alone; one that is as it was before is told again; the contract takes them."""
    async with omie_rig(CODEC, reads="StockLevel", page="2") as rig:
        stocked(rig.app)
        for number in (1, 2):
            rig.app.set_stock(rig.app.keep_product(f"P{number}", "x"), PLACE, str(number))
        rounds: list[list[list[str]]] = []
        uuids: list[str] = []
        cursor = before = ""
        for balance in ("10", "10", "8", "10", "8"):
            rig.app.set_stock(PRODUCT, PLACE, balance)
            before = cursor
            found, cursor = await told(rig, before, uuids)
            rounds.append(found)
        again, _ = await told(rig, before, uuids)

    assert rounds == [[["10", "1"], ["2"]], [], [["8"]], [["10"]], [["8"]]]
    assert again == [["8"]]
    assert uuids[-1] == uuids[-2]  # the same cursor gives the same message
    assert len(set(uuids)) == len(uuids) - 1


def new_location(bus: Trio) -> None:
    """Somebody makes a location."""
    bus.app.keep_warehouse("FAR", "Longe")


def new_product(bus: Trio) -> None:
    """Somebody makes a product."""
    bus.app.keep_product("NEW", "Novo")


def counted(bus: Trio) -> None:
    """Somebody counts."""
    bus.app.set_stock(PRODUCT, PLACE, "4")


EVENTS: Mapping[str, tuple[Callable[[Trio], None], str]] = {
    "location": (new_location, "omie Warehouse"),
    "product": (new_product, "omie Item"),
    "stock": (counted, "omie StockLevel"),
}


@pytest.mark.rule("K-09", "K-15")
@pytest.mark.parametrize("what", sorted(EVENTS))
async def test_each_event_brings_its_own_register_and_no_other(tmp_path: Path, what: str) -> None:
    """After the first round, which brings all there is, by itself and long before the next."""
    happens, brings = EVENTS[what]
    reads = "Warehouse, Item, StockLevel"
    async with trio(CODEC, tmp_path, stocked=stocked, reads=reads) as bus:
        first = await bus.came(3)
        webhooks = bus.told()
        bus.pass_time(61)
        happens(bus)
        await webhooks.caught_up()
        later = (await bus.came(4))[3:]
        ((row, _), *_) = await bus.run.bus.history.messages(Filter())
        await bus.delivery(row.id, State.DELIVERED, destination="keepfy")

        assert sorted(first) == ["omie Item", "omie StockLevel", "omie Warehouse"]
        assert later == [brings]


@pytest.mark.rule("K-11")
async def test_an_empty_app_is_read_with_nothing(tmp_path: Path) -> None:
    """Its faults that nothing is there are no failure: what comes later is read behind them."""
    async with trio(CODEC, tmp_path, reads="Warehouse, Item, StockLevel") as bus:
        async with asyncio.timeout(15):
            while len(bus.methods()) < 3:  # noqa: ASYNC110 - a simulator has no event
                await asyncio.sleep(0.02)
        lists = bus.methods()
        before = await bus.messages()
        webhooks = bus.told()
        bus.pass_time(61)
        new_product(bus)
        await webhooks.caught_up()
        came = await bus.came(1)

    assert lists == ["ListarLocaisEstoque", "ListarProdutos", "ListarPosEstoque"]
    assert (before, came) == ([], ["omie Item"])


def three_products(app: OmieApp) -> None:
    """What there is before the first round."""
    for code in ("P0", "P1", "P2"):
        app.keep_product(code, "old")


async def test_a_change_during_the_first_round_stands_at_its_end(tmp_path: Path) -> None:
    """The product was read already: its event has it read again, behind what it was."""
    async with trio(CODEC, tmp_path, stocked=three_products, reads="Item", page="1") as bus:
        bus.omie.behave(always=ScriptedConduct(seconds=0.3))
        await bus.came(1)
        webhooks = bus.told()
        bus.app.keep_product("P0", "new")
        await webhooks.caught_up()
        await bus.came(4)
        rows = [row for row, _ in reversed(await bus.run.bus.history.messages(Filter()))]
        bodies = [await bus.run.bus.history.body(row.id) or b"" for row in rows]

    names = [b"old" if b"<Name>old</Name>" in one else b"new" for one in bodies if b">P0<" in one]
    assert names == [b"old", b"new"]


async def test_our_own_exits_lead_to_a_balance_and_to_nothing_in_omie(tmp_path: Path) -> None:
    """Their events come back: the new balance is told once, and no loop begins."""
    async with trio(CODEC, tmp_path, stocked=stocked, reads="StockLevel") as bus:
        await bus.came(1)
        await bus.pair("Item", "K1", PRODUCT)
        await bus.pair("Warehouse", "W1", PLACE)
        webhooks = bus.told()
        bus.pass_time(61)
        sent = await bus.send(write_off(line("L1", "K1", "W1")))
        await bus.delivery(sent, State.DELIVERED)
        await webhooks.caught_up()
        came = await bus.came(3)

        assert came[1:] == ["keepfy StockTurnover", "omie StockLevel"]
        assert bus.methods("AjusteEstoque") == ["IncluirAjusteEstoque"]
