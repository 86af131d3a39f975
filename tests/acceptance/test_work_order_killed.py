"""Work orders live on while the bus is killed and the network fails, at random moments."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import time
from collections.abc import AsyncIterator, Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.protheus.conversation import Refused
from adapters.protheus.sigamnt import Sigamnt
from adapters.protheus.work_orders import InputStage, Phase
from adapters.rm.movements import MovementStatus
from adapters.simulation.behaviour import Behaviour, Conduct, ScriptedConduct
from bus.config import load_settings
from bus.core.delivery import Reason, State
from bus.engine.verify import verify
from bus.wiring import open_reading
from tests.acceptance import maintenance as m
from tests.acceptance.killing import KilledBus, Standing, moment
from tests.acceptance.maintenance import need, taken
from tests.acceptance.operators import Operators
from tests.support.brokers import free_port

GONE = frozenset({State.DELIVERED, State.DISCARDED})
TROUBLE: Mapping[Conduct, float] = {
    Conduct.BUSY: 0.05,
    Conduct.DROP_BEFORE: 0.04,
    Conduct.DROP_AFTER: 0.04,
    Conduct.CUT: 0.02,
    Conduct.PAGE: 0.02,
}
"""What an ERP, or the network before it, does instead of answering, and how often."""
UPSERTS = frozenset({"MaintenanceOrder", "Request"})
"""What a person may send again: the reader only updates."""
HASTE = "    retry: {first: 50ms, longest: 300ms, longest_pause: 300ms}\n"
ORDERS = 6
KILLS = 6


@pytest.mark.timeout(300)
async def test_work_orders_survive_kills_and_a_bad_network(tmp_path: Path) -> None:
    """No write-off is lost or doubled; what nobody knows is listed, and settled by a person.

    In the end both sides hold the same of every order, in quantity and cost.
    """
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    port = free_port()
    async with m.pair(f"http://127.0.0.1:{port}/EAIService") as both:
        routes = hastened(m.routes_for(both.rm, both.protheus))
        async with KilledBus(tmp_path, routes, port, m.ENVIRONMENT) as bus:
            named = [f"{application}:{id_}" for application, _, id_ in m.COMPANY]
            entered = await bus.command("depara", "set", "Company", *named, "--reason", "go-live")
            assert await entered.wait() == 0
            await m.share_registers(both)
            person = Person(bus, both, chance)
            async with person.at_work():
                trouble(both, seed)
                await asyncio.gather(
                    *(lives(both, number, chance) for number in range(ORDERS)),
                    killed(bus, chance),
                )
                both.rm.behave()
                both.protheus.behave()
                await person.rests()
                await bill_all(both)
                await person.rests()
            assert await bus.stop() == 0
            async with open_reading(load_settings(journal=str(bus.journal))) as (history, pairs):
                verification = await verify(history, pairs)

    print(f"kills {bus.kills}, settled {len(person.operators.acts)}")
    in_protheus, in_rm = m.sides(both)
    assert in_protheus == in_rm
    assert (both.rm.doubles, both.protheus.doubles) == ((), ())
    assert verification.discrepancies == ()
    assert [one.phase for one in both.protheus.work_orders.all()] == [
        Phase.CANCELLED if cancelled(number) else Phase.BILLED for number in range(ORDERS)
    ]


def hastened(routes: str) -> str:
    """The routes with short waits."""
    without = re.sub(r"^    retry: .*\n", "", routes, flags=re.MULTILINE)
    return re.sub(r"^(    to: .*\n)", rf"\1{HASTE}", without, flags=re.MULTILINE)


def trouble(both: m.Pair, seed: int) -> None:
    """From now on both ERPs fail now and then."""
    chances = [(share, ScriptedConduct(do, retry_after=0)) for do, share in TROUBLE.items()]
    for number, erp in enumerate((both.rm, both.protheus)):
        erp.adopt(Behaviour(chances=chances, seed=seed + number))


async def killed(bus: KilledBus, chance: random.Random) -> None:
    """Kill the bus and start it again."""
    for _ in range(KILLS):
        await asyncio.sleep(moment(chance))
        await bus.kill()
        await bus.start()


def code_of(number: int) -> str:
    """The code of an order."""
    return f"{number + 1:06d}"


def cancelled(number: int) -> bool:
    """Whether an order will be cancelled; RM leaves those alone."""
    return number % 3 == 2


async def lives(both: m.Pair, number: int, chance: random.Random) -> None:
    """One order: released, changed at random from both sides, and finished or cancelled."""
    users, code = both.patient_users(), code_of(number)
    await users.open(code, need("FLT", "2"), need("OLE", "1"))
    await users.release(code)
    for _ in range(8):
        await asyncio.sleep(chance.choice((0.0, 0.1, 0.5)))
        await change_something(both, users, code, chance)
        if not cancelled(number) and chance.random() < 0.3 and both.knows(code):
            quantity = str(chance.randint(1, 2))
            await both.patient_office().write_off(both.movement(code), taken("OLE", quantity))
    if cancelled(number):
        await users.cancel(code)
    else:
        await users.finish(code)
        await users.reopen(code)
        await users.finish(code)


async def change_something(both: m.Pair, users: Sigamnt, code: str, chance: random.Random) -> None:
    """Plan, realise, change or remove an input."""
    order = both.protheus.work_orders.of(code)
    mine = [one for one in order.inputs if not one.by_rm and one.stage is not InputStage.REMOVED]
    wish = need(chance.choice(list(m.ITEMS)), str(chance.randint(1, 2)))
    chosen = chance.choice(mine) if mine else None
    with contextlib.suppress(Refused):
        match chance.randrange(5):
            case 0:
                await users.plan(code, wish)
            case 1 if chosen and chosen.stage is InputStage.PLANNED:
                await users.realise_planned(code, chosen.number)
            case 2 if chosen:
                await users.change(code, chosen.number, Decimal(chance.randint(1, 3)))
            case 3 if chosen:
                await users.remove(code, chosen.number)
            case _:
                await users.realise(code, wish)


async def bill_all(both: m.Pair) -> None:
    """RM bills every order that is finished, together."""
    movements = both.rm.movements.orders.values()
    finished = [one.id for one in movements if one.status is MovementStatus.TO_BILL]
    await both.patient_office().bill(*finished)


class Person:
    """Settles what nobody knows, and what the bus gave up, having looked at its reader.

    It gives up what had no answer eight times, which bad luck and kills can bring about.
    """

    def __init__(self, bus: KilledBus, both: m.Pair, chance: random.Random) -> None:
        self.operators = Operators(bus, {}, chance)
        self._bus = bus
        self._both = both

    @contextlib.asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Look again and again until the block ends."""
        stop = asyncio.Event()
        working = asyncio.create_task(self._work(stop))
        try:
            yield
        finally:
            stop.set()
            await working

    async def rests(self) -> None:
        """Wait until nothing is left to be sent or settled."""
        until = time.monotonic() + 90
        left: list[Standing] = []
        while time.monotonic() < until:
            standings = await self._bus.standings()
            left = [one for one in standings if one.state not in GONE]
            if not left:
                return
            await asyncio.sleep(0.2)
        raise AssertionError("\n".join([await self._story(one.message) for one in left]))

    async def _story(self, message: str) -> str:
        told = await self._bus.command("--language", "en", "trace", message)
        said, _ = await told.communicate()
        return said.decode()

    async def _work(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            for one in await self._bus.standings():
                if one.state is State.UNKNOWN or one.reason is Reason.RETRIES_EXHAUSTED:
                    await self._settle(one.message, one.uuid)
            await asyncio.sleep(0.2)

    async def _settle(self, message: str, uuid: str) -> None:
        """Done where its reader has it, unless sending it again only teaches more; else again."""
        entries = (*self._both.rm.received, *self._both.protheus.received)
        found = {entry.uuid: entry.transaction for entry in entries}
        if uuid in found and found[uuid] not in UPSERTS:
            await self.operators.act("settle", uuid, {"done": True}, message)
        else:
            await self.operators.act("replay", uuid, {}, message)
