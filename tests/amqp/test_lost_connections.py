"""Connections break, brokers and buses go away: nothing is lost, nothing is doubled."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from adapters.simulation.desk import Setting
from adapters.simulation.simulator import Simulator
from bus.config import load_settings
from bus.core.broker import Broker
from bus.engine.verify import verify
from bus.wiring import open_codec, open_reading
from tests.acceptance.killing import KilledBus
from tests.amqp.cable import cable_to
from tests.amqp.conftest import AtBroker, bus_at, connected, health, routes_of
from tests.amqp.foreigner import ENOUGH, LOOKS, Foreigner, foreigner
from tests.amqp.test_posting import delivered
from tests.edge.conftest import unit
from tests.support.brokers import Started, end, free_port, run_rabbitmq
from tests.support.messages import new_uuid

POSTS = 400
LONGER = 90.0
"""Seconds for what is cut again and again."""

TAKEN = re.compile(r"^bus_messages_(?:accepted|repeated)_total\{.*\} ([\d.e+]+)$", re.MULTILINE)
"""How many messages the bus took, and how many of them came again."""

SETTLING = 8.0
"""Seconds after which RabbitMQ has written down that there is a queue: killed before, it forgets."""


async def until(holds: Callable[[], bool], seconds: float = ENOUGH) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - it is asked, not told
            await asyncio.sleep(0.05)


async def known(at: AtBroker) -> dict[str, Any]:
    """What health tells of the broker as soon as it is known."""
    async with asyncio.timeout(ENOUGH):
        while (told := await health(at.run.address))["connected"] is None:  # noqa: ASYNC110 - it is asked
            await asyncio.sleep(0.05)
    return told


async def all_taken(at: AtBroker, rm: Foreigner, broker: Broker) -> None:
    """Wait until what a cut brought again was taken, too: none is left, and no more are counted."""
    counted: list[float] = []
    async with asyncio.timeout(LONGER):
        while len(counted) < LOOKS or len(set(counted[-LOOKS:])) > 1:
            left = await rm.left(broker.incoming)
            taken = sum(map(float, TAKEN.findall(await metrics(at))))
            counted = [] if left else [*counted, taken]


async def metrics(at: AtBroker) -> str:
    """All metrics."""
    async with aiohttp.ClientSession() as http, http.get(f"{at.run.address}/metrics") as answer:
        return await answer.text()


async def metric(at: AtBroker, name: str) -> float:
    """The value of a metric without labels."""
    lines = (await metrics(at)).splitlines()
    return float(next(line for line in lines if line.startswith(f"{name} ")).split()[1])


async def test_a_broker_that_is_away_is_told_and_found_again(
    broker: Broker, rm: Foreigner, tmp_path: Path
) -> None:
    """The bus starts and is ready without it; health, metrics and then messages say that it is back."""
    async with cable_to(broker.address) as cable:
        await cable.unplug()
        beyond = replace(broker, address=cable.address)
        async with bus_at(beyond, rm, tmp_path, begun=False) as at:
            told = await known(at)
            away = await metric(at, "bus_broker_connected")
            await cable.plug()
            await connected(at.run.address)
            await rm.post(unit(new_uuid()))
            await delivered(at, 1)
            there = await metric(at, "bus_broker_connected")
            failed = await metric(at, "bus_broker_connections_failed_total")

    assert told["connected"] is False
    assert told["fault"]["code"] == "BROKER_AWAY"
    assert "recusada" in told["fault"]["message"]
    assert (away, there) == (0, 1)
    assert failed >= 1


async def test_a_queue_with_other_arguments_is_left_alone(
    broker: Broker, rm: Foreigner, tmp_path: Path
) -> None:
    """Somebody declared it; the bus says which, and takes it once it is gone."""
    await rm.channel.declare_queue(broker.incoming, durable=True)
    async with bus_at(broker, rm, tmp_path, begun=False) as at:
        told = await known(at)
        await rm.channel.queue_delete(broker.incoming)
        await connected(at.run.address)

    assert broker.incoming in told["fault"]["message"]
    assert "outros argumentos" in told["fault"]["message"]


async def test_a_broker_that_leaves_a_question_unanswered_is_asked_again(
    broker: Broker, rm: Foreigner, tmp_path: Path
) -> None:
    """As one does whose queue has no leader: the bus does not wait for ever."""
    async with cable_to(broker.address) as cable:
        cable.deaf_at = broker.incoming.encode()
        beyond = replace(broker, address=cable.address, connect_timeout=0.5)
        async with bus_at(beyond, rm, tmp_path, begun=False) as at:
            told = await known(at)
            cable.deaf_at, cable.swallowing = b"", False
            await connected(at.run.address)

    assert "sem resposta a tempo" in told["fault"]["message"]


async def test_nothing_is_lost_or_doubled_when_the_connection_breaks(
    broker: Broker, rm: Foreigner, tmp_path: Path
) -> None:
    """Cut at random moments, also between the commit and its acknowledgement."""
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    uuids = [new_uuid() for _ in range(POSTS)]
    async with cable_to(broker.address) as cable:
        beyond = replace(broker, address=cable.address)
        async with bus_at(beyond, rm, tmp_path) as at:
            posting = asyncio.create_task(_post_all(rm, uuids))
            for _ in range(8):
                await asyncio.sleep(chance.choice((0.01, 0.1, 0.5)) * chance.uniform(0.5, 1.5))
                cable.swallowing = chance.random() < 0.5  # confirms and answers are lost first
                await asyncio.sleep(chance.uniform(0, 0.2))
                cable.cut()
                cable.swallowing = False
            await posting
            await until(lambda: len(at.protheus.received) >= POSTS, LONGER)
            await connected(at.run.address)
            await all_taken(at, rm, broker)
        counts = Counter(one.uuid for one in at.protheus.received)
        rejected = await rm.left(broker.rejected)

    assert counts == Counter(uuids)
    assert await rm.left(broker.incoming) == 0
    assert rejected == 0
    await _books_are_right(tmp_path / "journal.sqlite", uuids)


async def test_what_is_posted_survives_kills_of_the_bus(
    broker: Broker, rm: Foreigner, tmp_path: Path
) -> None:
    """`kill -9` of the real process at random moments: each message is delivered, once."""
    await kill_again_and_again(broker, rm, tmp_path, kills=3)


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_what_is_posted_survives_forty_kills(
    broker: Broker, rm: Foreigner, tmp_path: Path
) -> None:
    """The same, forty times."""
    await kill_again_and_again(broker, rm, tmp_path, kills=40)


async def kill_again_and_again(broker: Broker, rm: Foreigner, folder: Path, kills: int) -> None:
    """Post while a real bus is killed and started again; look at what came."""
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    uuids = [new_uuid() for _ in range(60 * kills)]
    registers = frozenset({"currency", "unitofmeasure"})
    async with Simulator(open_codec(), Setting(name="protheus", registers=registers)) as protheus:
        (folder / "broker").write_text(broker.credentials.password if broker.credentials else "")
        routes = routes_of(broker, rm, protheus.address)
        async with KilledBus(folder, routes, environment={"BUS_LEASE": "2s"}) as bus:
            await connected(bus.address)
            posting = asyncio.create_task(_post_all(rm, uuids))
            for _ in range(kills):
                await until(lambda: len(protheus.received) > 0, LONGER)
                await asyncio.sleep(chance.choice((0.02, 0.3, 1.0)) * chance.uniform(0.5, 1.5))
                await bus.kill()
                await bus.start()
            await posting
            await until(lambda: len({one.uuid for one in protheus.received}) == len(uuids), LONGER)
            assert await bus.stop() == 0
        assert set(uuids) == {one.uuid for one in protheus.received}
        assert not protheus.doubles
    assert await rm.left(broker.incoming) == 0
    await _books_are_right(Path(bus.journal), uuids)


async def _post_all(rm: Foreigner, uuids: list[str]) -> None:
    """Each waits for its confirm, so that what was posted is the broker's."""
    for number, uuid in enumerate(uuids):
        await rm.post(unit(uuid, id_=f"1|{number}"))


async def _books_are_right(journal: Path, uuids: list[str]) -> None:
    """Every message was recorded once, and the two records of the journal agree."""
    async with open_reading(load_settings(journal=str(journal))) as (history, crossreference):
        discrepancies = (await verify(history, crossreference)).discrepancies
        accepted = Counter({uuid: len(await history.find(uuid)) for uuid in uuids})
    assert not discrepancies
    assert accepted == Counter(dict.fromkeys(uuids, 1))


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_a_broker_that_is_killed_keeps_what_it_confirmed(tmp_path: Path) -> None:
    """A RabbitMQ of the test's own (Debian's package) is killed and started again, twice."""
    home = tmp_path / "rabbitmq"
    home.mkdir()
    ports = free_port(), free_port()
    started = await asyncio.to_thread(run_rabbitmq, home, *ports)
    uuids: list[str] = []
    try:
        broker = Broker(str(started["address"]), prefix="restarted")
        async with foreigner(broker) as rm:
            await rm.channel.close()
        async with bus_at(broker, rm, tmp_path) as at:
            await asyncio.sleep(SETTLING)
            for _ in range(2):
                uuids += await _post_until_refused(at, broker, started)
                started = await asyncio.to_thread(run_rabbitmq, home, *ports)
                await connected(at.run.address, LONGER)
            await until(lambda: {one.uuid for one in at.protheus.received} >= set(uuids), LONGER)
            doubles = at.protheus.doubles
    finally:
        end(started)

    assert len(uuids) > 20
    assert not doubles


async def _post_until_refused(at: AtBroker, broker: Broker, started: Started) -> list[str]:
    """Post, and kill the broker meanwhile: the UUIDs of what it confirmed."""
    confirmed: list[str] = []
    # Whatever the client says when its broker has gone.
    with contextlib.suppress(Exception):
        async with foreigner(broker) as rm:
            while True:
                uuid = new_uuid()
                async with asyncio.timeout(10):
                    await rm.post(unit(uuid, id_=f"1|{uuid}"))
                confirmed.append(uuid)
                if len(confirmed) == 15:
                    end(started)
    async with asyncio.timeout(ENOUGH):
        while (await health(at.run.address))["connected"]:  # noqa: ASYNC110 - it is asked
            await asyncio.sleep(0.05)
    return confirmed
