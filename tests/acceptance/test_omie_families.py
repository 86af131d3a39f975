"""Only the products of some families are read, and one that leaves them is told as inactive."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bus.core.route import Application
from bus.ports.adapter import Poll, Reader
from bus.ports.history import Filter
from bus.wiring import open_codec
from tests.support.omie import OmieRig, omie_rig
from tests.support.omie_bus import Trio, trio

CODEC = open_codec()
OURS = 2_500_000_001
"""The family that is kept first."""
EVERY = Filter()
NAMED = ["Code", "Active"]


def families(app_of: Trio | OmieRig) -> tuple[int, int]:
    """Ours, and another."""
    return app_of.app.keep_family("F1", "Filtros"), app_of.app.keep_family("F2", "Outros")


async def told(rig: OmieRig, cursor: str) -> tuple[list[tuple[str, ...]], str]:
    """What a round tells of products: code and whether it is active."""
    found: list[tuple[str, ...]] = []
    assert isinstance(rig.adapter, Reader)
    while True:
        inbound = await rig.adapter.read(Poll(cursor))
        read = [await rig.codec.read(one.body) for one in inbound.messages]
        found += [document.values(NAMED) for document in read]
        cursor = inbound.cursor
        if not inbound.more:
            return found, cursor


async def reopened(rig: OmieRig, **options: str) -> None:
    """The same app, with other options."""
    await rig.adapter.close()
    application: Application = replace(rig.application, options=options)
    rig.adapter = rig.kind.open(application, rig.codec)
    rig.pass_time(61)


@pytest.mark.rule("K-18")
async def test_only_products_of_the_families_come_in(tmp_path: Path) -> None:
    """By the first round and by an event alike; with none configured, all do."""
    async with trio(CODEC, tmp_path, families=str(OURS), reads="Item") as bus:
        ours, others = families(bus)
        webhooks = bus.told()
        bus.app.keep_product("OTHER", "x", codigo_familia=others)
        bus.app.keep_product("NONE", "x")
        bus.app.keep_product("OURS", "x", codigo_familia=ours)
        await webhooks.caught_up()
        await bus.came(1)
        bodies = [
            await bus.run.bus.history.body(row.id)
            for row, _ in await bus.run.bus.history.messages(EVERY)
        ]

    assert ours == OURS
    (body,) = bodies
    assert b"<Code>OURS</Code>" in (body or b"")


@pytest.mark.rule("X-04")
async def test_a_product_that_leaves_is_told_once_as_inactive() -> None:
    """It is never deleted, changes no more, and comes back as it is."""
    async with omie_rig(CODEC, reads="Item", families=str(OURS)) as rig:
        ours, others = families(rig)
        rig.app.keep_product("P", "x", codigo_familia=ours)
        rounds = []
        cursor = ""
        for family, name in ((ours, "x"), (others, "x"), (others, "y"), (ours, "y")):
            rig.pass_time(61)
            rig.app.keep_product("P", name, codigo_familia=family)
            found, cursor = await told(rig, cursor)
            rounds.append(found)

    assert rounds == [[("P", "true")], [("P", "false")], [], [("P", "true")]]


@pytest.mark.rule("X-04")
@pytest.mark.parametrize("before", ["", "{ours}, {others}"], ids=["all", "two"])
async def test_products_of_a_family_that_is_no_longer_read_are_told_as_inactive(
    before: str,
) -> None:
    """Though nothing of them changed in Omie; a product never told of is not."""
    async with omie_rig(CODEC, reads="Item") as rig:
        ours, others = families(rig)
        rig.app.keep_product("P", "x", codigo_familia=ours)
        rig.app.keep_product("Q", "x", codigo_familia=others)
        reads = before.format(ours=ours, others=others)
        await reopened(rig, reads="Item", **({"families": reads} if reads else {}))
        first, cursor = await told(rig, "")
        await reopened(rig, reads="Item", families=str(ours))
        second, cursor = await told(rig, cursor)
        rig.pass_time(61)
        third, _ = await told(rig, cursor)

    assert first == [("P", "true"), ("Q", "true")]
    assert second == [("P", "true"), ("Q", "false")]
    assert third == []


@pytest.mark.rule("K-05")
async def test_a_family_that_the_app_does_not_have_is_told() -> None:
    """Of those that it has, by name; Omie is asked once."""
    async with omie_rig(CODEC, families=f"{OURS}, 99") as rig:
        families(rig)
        fault = await rig.adapter.probe()
        await reopened(rig, families=str(OURS))
        fine = [await rig.adapter.probe() for _ in "12"]

        assert rig.methods() == ["PesquisarFamilias"] * 2
    assert fault
    assert "99" in str(fault)
    assert f"{OURS} Filtros" in fault.remedy("pt")
    assert fine == [None, None]
