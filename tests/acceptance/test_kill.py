"""kill -9 of the real process at random moments, while senders repeat and operators act."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import pytest

from bus.core.delivery import State
from bus.wiring import open_codec
from tests.acceptance.killing import (
    PASSWORD,
    ROUTES,
    KilledBus,
    KilledBusOnServer,
    Standing,
    moment,
)
from tests.acceptance.operators import DONE, Operators, at_work
from tests.acceptance.readers import Reader, readers
from tests.acceptance.reckoning import calm, check_units, finish, reckon
from tests.acceptance.senders import FLOWS, UNIT, Flow, Sent, senders
from tests.support.brokers import free_port

WAITING = 9
"""Items that wait."""


@pytest.mark.timeout(300)
async def test_nothing_is_lost_or_doubled_when_the_bus_is_killed(tmp_path: Path) -> None:
    """A dozen kills at random moments lose nothing, double nothing, and keep lanes in order."""
    await kill_again_and_again(tmp_path, KilledBus, kills=12)


@pytest.mark.timeout(300)
async def test_nothing_is_lost_or_doubled_on_a_server(tmp_path: Path) -> None:
    """Nor where the journal is a database."""
    await kill_again_and_again(tmp_path, KilledBusOnServer, kills=5)


@pytest.mark.long
@pytest.mark.timeout(1800)
async def test_two_hundred_kills(tmp_path: Path) -> None:
    """Two hundred kills at random moments lose nothing, double nothing, and keep lanes in order."""
    await kill_again_and_again(tmp_path, KilledBus, kills=200)


@pytest.mark.parametrize("kind", [KilledBus, KilledBusOnServer])
async def test_what_waits_for_an_id_outlives_its_bus(tmp_path: Path, kind: type[KilledBus]) -> None:
    """Items that wait, and those behind them, go on in their order once their units come."""
    flow, sent = FLOWS["shelf"], Sent("shelf")
    port = free_port()
    async with readers(f"http://127.0.0.1:{port}", open_codec(), 1) as reading:
        calm(reading)
        addresses = {name: reader.address for name, reader in reading.items()}
        async with kind(tmp_path, ROUTES.format(**addresses), port) as bus:
            for number in range(WAITING):
                document = f"d{number % 3}"
                await post(bus, flow, f"i{number}", document)
                sent.documents.setdefault(document, []).append(f"i{number}")
            waiting = await stand(bus, {State.AWAITING_DEPARA, State.WAITING})
            await bus.kill()
            await bus.start()
            for document in sent.documents:
                await post(bus, flow, f"{document}{UNIT}", f"{document}{UNIT}")
            await stand(bus, {State.DELIVERED})

    assert Counter(one.state for one in waiting) == {State.AWAITING_DEPARA: 3, State.WAITING: 6}
    items = [entry.uuid for entry in reading["shelf"].received if not entry.uuid.endswith(UNIT)]
    assert sorted(items) == [f"i{number}" for number in range(WAITING)]
    for uuids in sent.documents.values():
        assert [uuid for uuid in items if uuid in uuids] == uuids
    check_units(sent, reading["shelf"])


async def post(bus: KilledBus, flow: Flow, uuid: str, document: str) -> None:
    """Post a message, and have its receipt."""
    login = {"Authorization": aiohttp.encode_basic_auth(flow.sender, PASSWORD)}
    async with (
        aiohttp.ClientSession(headers=login) as http,
        http.post(f"{bus.address}{flow.door}", data=flow.message(uuid, document)) as response,
    ):
        assert response.status == 202, await response.text()


async def stand(bus: KilledBus, states: set[State]) -> list[Standing]:
    """Wait until all deliveries, of which some wait for something else, stand in these states."""
    async with asyncio.timeout(60):
        found = await bus.standings()
        while {one.state for one in found} != states:
            await asyncio.sleep(0.05)
            found = await bus.standings()
    return found


async def kill_again_and_again(folder: Path, kind: type[KilledBus], kills: int) -> None:
    """Load the bus, kill it that often while people act, let it finish, and look at both ends."""
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    port = free_port()
    async with readers(f"http://127.0.0.1:{port}", open_codec(), seed) as reading:
        addresses = {name: reader.address for name, reader in reading.items()}
        async with kind(folder, ROUTES.format(**addresses), port) as bus:
            async with senders([bus.address], chance) as sent:
                operators = Operators(bus, sent, chance)
                async with at_work(operators):
                    await _kill(operators, kills)
            await finish(operators, reading)
            assert await bus.stop() == 0
            await reckon(operators, reading)
            _tell(operators, reading)


async def _kill(operators: Operators, kills: int) -> None:
    """Kill and start again; now and then somebody has the command line at hand."""
    bus, chance = operators.bus, operators.chance
    for number in range(kills):
        await asyncio.sleep(moment(chance))
        asked = asyncio.create_task(_command(operators)) if number % 3 == 0 else None
        if asked:
            await asyncio.sleep(chance.uniform(0.0, 1.0))
        await bus.kill()
        await bus.start()
        if asked:
            await asked


async def _command(operators: Operators) -> None:
    """Replay something, be there a bus or not."""
    sent = operators.sent["till"]
    chosen = sorted(sent.untaken) or sent.uuids
    if chosen:
        await operators.command("replay", operators.chance.choice(chosen))


def _tell(operators: Operators, reading: Mapping[str, Reader]) -> None:
    kinds = Counter(one.verb for one in operators.acts if one.told == DONE)
    print(f"kills {operators.bus.kills}, done {dict(kinds)}, refused {dict(operators.refusals())}")
    for name, sent in operators.sent.items():
        received = len(reading[name].received)
        print(f"{name}: {len(sent.uuids)} sent, {received} processed, told {dict(sent.answers)}")
