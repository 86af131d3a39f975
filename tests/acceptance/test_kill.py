"""kill -9 of the real process at random moments, while senders repeat and operators act."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from bus.wiring import open_codec
from tests.acceptance.killing import ROUTES, KilledBus, KilledBusOnServer, free_port, moment
from tests.acceptance.operators import DONE, Operators, at_work
from tests.acceptance.readers import Reader, readers
from tests.acceptance.reckoning import finish, reckon
from tests.acceptance.senders import senders


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
