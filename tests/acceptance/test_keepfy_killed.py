"""Events of Keepfy while the bus is killed: nothing of a service order is lost, nothing doubled."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.keepfy.simulated.orders import labour, material
from adapters.keepfy.simulator import KeepfySimulator, keepfy_simulator
from adapters.omie.simulator import OmieSimulator, omie_simulator
from adapters.simulation.desk import Setting
from bus.config import load_settings
from bus.core.route import Credentials
from bus.engine.verify import verify
from bus.wiring import open_codec, open_reading
from tests.acceptance.killing import KilledBus, moment
from tests.support import keepfy_bus as k

KILLS, ORDERS = 4, 3


@pytest.mark.timeout(240)
@pytest.mark.rule("K-26", "K-36")
async def test_service_orders_survive_kills(tmp_path: Path) -> None:
    """In the end each has its two requisitions of two items and its four exits, and no more."""
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    (tmp_path / "password").write_text(k.SECRET, "utf-8")
    async with (
        omie_simulator(open_codec(), Setting(login=Credentials(k.KEY, k.SECRET))) as omie,
        keepfy_simulator(open_codec(), Setting(login=k.ACCESS)) as keepfy,
    ):
        k.stock(omie.app(k.KEY))
        async with KilledBus(tmp_path, k.routes(omie, keepfy)) as bus:
            await until(lambda: len(keepfy.branch.own_ids) == 4)
            said = [keepfy.post(event, k.webhook_of(bus.address)) for event in events(keepfy)]
            await killed(bus, omie, chance)
            for one in said:
                assert (await one).status == 202
            await until(lambda: complete(omie), lambda: omie.pass_time(61))
            assert await bus.stop() == 0
            async with open_reading(load_settings(journal=str(bus.journal))) as (history, pairs):
                verification = await verify(history, pairs)

        print(f"kills {bus.kills}, events posted {len(said)}")
        rows = list(omie.app(k.KEY).requisitions.values())
        exits = list(omie.app(k.KEY).adjustments.values())
    assert verification.discrepancies == ()
    assert [len(row["ItensReqCompra"]) for row in rows] == [2] * (2 * ORDERS)
    assert len({row["cod_int_ajuste"] for row in exits}) == len(exits) == 4 * ORDERS
    assert sum(Decimal(row["quan"]) for row in exits) == ORDERS * Decimal("10.5")


def events(keepfy: KeepfySimulator) -> list[dict[str, object]]:
    """A forecast and a report of each service order, of two labours with two materials each."""
    item, other = (keepfy.branch.named("Item", code) for code in ("PAR", "KIT"))
    place = keepfy.branch.named("Warehouse", "CENTRAL")
    told = [
        labour(name, material("1", item, place, one), material("2", other, place, two))
        for name, one, two in (("A", 2, 1), ("B", 3, 4.5))
    ]
    orders = [k.order(f"os-{number}") for number in range(ORDERS)]
    return [one for each in orders for one in (each.forecast(*told), each.report(*told))]


def complete(omie: OmieSimulator) -> bool:
    """Whether Omie has all that the events make."""
    app = omie.app(k.KEY)
    return (len(app.requisitions), len(app.adjustments)) == (2 * ORDERS, 4 * ORDERS)


async def killed(bus: KilledBus, omie: OmieSimulator, chance: random.Random) -> None:
    """Kill the bus and start it again; a minute passes, for Omie refuses the same call before."""
    for _ in range(KILLS):
        await asyncio.sleep(moment(chance))
        await bus.kill()
        omie.pass_time(61)
        await bus.start()


async def until(holds: Callable[[], bool], meanwhile: Callable[[], object] = bool) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(150):
        while not holds():
            meanwhile()
            await asyncio.sleep(0.25)
