"""kill -9 of the real process at random moments."""

from __future__ import annotations

import asyncio
import random
import socket
import time
from collections import Counter
from pathlib import Path

import pytest

from adapters.simulation.desk import Setting
from adapters.simulation.simulator import Simulator
from bus.config import load_settings
from bus.core.delivery import State
from bus.engine.verify import verify
from bus.wiring import open_codec, open_history
from tests.acceptance.killing import KilledBus, Sent, moment, senders

GONE = frozenset({State.DELIVERED, State.DISCARDED})


@pytest.mark.timeout(170)
async def test_nothing_is_lost_or_doubled_when_the_bus_is_killed(tmp_path: Path) -> None:
    """A dozen kills at random moments lose nothing, double nothing, and keep lanes in order."""
    await kill_again_and_again(tmp_path, kills=12)


@pytest.mark.long
@pytest.mark.timeout(1800)
async def test_two_hundred_kills(tmp_path: Path) -> None:
    """Two hundred kills at random moments lose nothing, double nothing, and keep lanes in order."""
    await kill_again_and_again(tmp_path, kills=200)


async def kill_again_and_again(folder: Path, kills: int) -> None:
    """Load the bus, kill it that often, let it finish, and look at both ends."""
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    codec = open_codec()
    async with (
        Simulator(codec, Setting(name="safe", registers=frozenset({"currency"}))) as safe,
        Simulator(codec, Setting(name="unsafe")) as unsafe,
        KilledBus(folder, safe.address, unsafe.address, _free_port()) as bus,
    ):
        async with senders(bus.address, count=8) as sent:
            for _ in range(kills):
                await asyncio.sleep(moment(chance))
                await bus.kill()
                await bus.start()
        unknown = await _finish(bus, unsafe)
        assert await bus.stop() == 0
        await _check_journal(bus)
        _check_safe(sent["Currency"], safe)
        _check_unsafe(sent["UnitOfMeasure"], unsafe)
        print(
            f"kills {bus.kills}, messages {len(sent['Currency'].uuids)} safe,"
            f" {len(sent['UnitOfMeasure'].uuids)} unsafe, of these unknown {unknown}"
        )


async def _finish(bus: KilledBus, unsafe: Simulator) -> int:
    """Wait until the bus has done what it does alone; act for a person on what is unknown."""
    seen: set[str] = set()
    until = time.monotonic() + 120
    states: dict[str, State] = {}
    while time.monotonic() < until:
        states = await bus.states()
        unknown = [uuid for uuid, state in states.items() if state is State.UNKNOWN]
        processed = {entry.uuid for entry in unsafe.received}
        for uuid in unknown:
            seen.add(uuid)
            await bus.act("discard" if uuid in processed else "replay", uuid)
        if not unknown and set(states.values()) <= GONE:
            return len(seen)
        await asyncio.sleep(0.2)
    raise AssertionError(Counter(states.values()))


async def _check_journal(bus: KilledBus) -> None:
    async with open_history(load_settings(journal=str(bus.journal))) as history:
        verification = await verify(history)

    assert verification.discrepancies == ()


def _check_safe(sent: Sent, destination: Simulator) -> None:
    """Everything with a receipt arrived; repeats only updated; documents in order."""
    arrived = list(dict.fromkeys(entry.uuid for entry in destination.received))

    assert set(sent.uuids) <= set(arrived)
    assert destination.doubles == ()
    for uuids in sent.documents.values():
        wanted = set(uuids)
        assert [uuid for uuid in arrived if uuid in wanted] == uuids


def _check_unsafe(sent: Sent, destination: Simulator) -> None:
    """Everything with a receipt arrived exactly once, documents in order."""
    arrived = [entry.uuid for entry in destination.received]

    assert [uuid for uuid, times in Counter(arrived).items() if times > 1] == []
    assert set(sent.uuids) <= set(arrived)
    for uuids in sent.documents.values():
        wanted = set(uuids)
        assert [uuid for uuid in arrived if uuid in wanted] == uuids


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
