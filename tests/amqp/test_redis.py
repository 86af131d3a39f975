"""A second broker that kombu speaks to: Redis, which neither vouches for users nor confirms."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from kombu.connection import Connection
from redis import Redis

from adapters.amqp import ADAPTER
from adapters.simulation.desk import Setting
from adapters.simulation.simulator import Simulator
from bus.config import load_settings
from bus.core.broker import Broker
from bus.core.outcome import Outcome
from bus.edge.http.server import Running, running
from bus.testing.standard_messages import UUID
from bus.testing.suite import AdapterSuite, Scene, Stage, nothing
from bus.wiring import open_codec
from tests.amqp.cable import Cable, cable_to
from tests.amqp.conftest import connected
from tests.amqp.foreigner import ENOUGH
from tests.edge.conftest import unit
from tests.support.messages import new_uuid

ROUTES = """
broker: {{address: "{address}", prefix: {prefix}}}
applications:
  rm: {{product: RM, broker_user: erp, takes_answers: false}}
  other: {{product: OMIE, broker_user: other}}
  protheus: {{product: PROTHEUS, adapter: http-xml, address: "{protheus}", timeout: 5s, concurrency: 16, references: {{Company: keep}}}}
routes:
  registers: {{transactions: [UnitOfMeasure], from: rm, to: [protheus], on_failure: continue}}
"""


def is_away(cable: Cable) -> None:
    """Nobody listens."""
    cable.reachable = False


def loses_the_answer(cable: Cable) -> None:
    """The message arrives, and then the connection breaks."""
    cable.cut_at, cable.passes = UUID.encode(), True


def loses_part_of_it(cable: Cable) -> None:
    """The connection breaks while the message goes."""
    cable.cut_at = UUID.encode()


class TestQueueInRedis(AdapterSuite):
    kind = ADAPTER
    scenes = (
        Scene("takes it", nothing, Outcome.DELIVERED),
        Scene("is away", is_away, Outcome.UNREACHABLE, "UNREACHABLE", "refused"),
        Scene("loses the answer", loses_the_answer, Outcome.UNKNOWN, "OUTCOME_UNKNOWN"),
        Scene("loses part of it", loses_part_of_it, Outcome.UNKNOWN, "OUTCOME_UNKNOWN"),
    )
    mistakes = (("address", "redis:///0"),)

    @pytest.fixture(autouse=True)
    def _broker(self, redis: str) -> None:
        self.url = redis

    @contextlib.asynccontextmanager
    async def stage(self, scene: Scene) -> AsyncIterator[Stage]:
        """A list of its own, at the end of a cable."""
        name = f"t-{uuid4().hex[:12]}"
        async with cable_to(self.url) as cable:
            scene.play(cable)
            if not cable.reachable:
                await cable.unplug()
            with there(self.url, name) as lists:
                yield Stage(
                    cable.address,
                    lambda: [body_of(one) for one in lists.lrange(name, 0, -1)],
                    {"queue": name},
                    None,
                )


@contextlib.contextmanager
def there(address: str, name: str) -> Iterator[Any]:
    """A client of Redis that others wrote; what begins with the name is gone afterwards."""
    client: Any = Redis.from_url(address)
    with contextlib.closing(client):
        try:
            yield client
        finally:
            for key in client.scan_iter(f"*{name}*"):
                client.delete(key)


def body_of(raw: bytes) -> bytes:
    """The body in what kombu puts into a list."""
    return base64.b64decode(json.loads(raw)["body"])


@contextlib.asynccontextmanager
async def bus_at_redis(broker: Broker, folder: Path) -> AsyncIterator[tuple[Running, Simulator]]:
    """A running bus that takes from Redis."""
    setting = Setting(name="protheus", registers=frozenset({"unitofmeasure"}))
    async with Simulator(open_codec(), setting) as protheus:
        routes = folder / "routes.yaml"
        routes.write_text(
            ROUTES.format(address=broker.address, prefix=broker.prefix, protheus=protheus.address)
        )
        given: dict[str, object] = {"journal": str(folder / "journal"), "routes": routes, "port": 0}
        async with running(load_settings(**given)) as run:
            await connected(run.address)
            yield run, protheus


def post(broker: Broker, user: str, *bodies: bytes, **properties: str) -> None:
    """Post as an application that uses kombu does, to the queue of a user."""
    with Connection(broker.address) as connection:
        producer = connection.Producer()
        for body in bodies:
            producer.publish(body, routing_key=broker.incoming_of(user), **properties)


async def until(holds: Callable[[], object]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(ENOUGH):
        while not holds():  # noqa: ASYNC110 - it is asked, not told
            await asyncio.sleep(0.05)


async def test_messages_come_from_lists_too(redis: str, tmp_path: Path) -> None:
    """Whose they are is said by the list; what is rejected and what is answered go to others."""
    broker = Broker(redis, prefix=f"t-{uuid4().hex[:12]}")
    uuid, asked = new_uuid(), new_uuid()
    with there(redis, broker.prefix) as lists:
        async with bus_at_redis(broker, tmp_path) as (run, protheus):
            post(broker, "erp", unit(uuid), b"no XML")
            post(broker, "other", unit(new_uuid()))
            post(
                broker,
                "erp",
                unit(asked, mode="Sync", id_="1|2"),
                reply_to=f"reply-{broker.prefix}",
                correlation_id="c-1",
            )
            await until(lambda: len(protheus.received) == 2)
            await until(lambda: lists.llen(broker.rejected) == 2)
            await until(lambda: lists.llen(f"reply-{broker.prefix}") == 1)
            (row,) = await run.bus.history.find(uuid)
        answer = json.loads(lists.rpop(f"reply-{broker.prefix}"))
        rejected = [json.loads(one) for one in lists.lrange(broker.rejected, 0, -1)]

    assert row.sender == "rm"
    assert answer["properties"]["correlation_id"] == "c-1"
    told = {one["headers"]["bus-code"]: one["headers"]["bus-sender"] for one in rejected}
    assert told == {"MALFORMED_XML": "rm", "SOURCE_APPLICATION_REFUSED": "other"}


async def test_a_bus_that_stops_gives_back_what_it_did_not_take(redis: str, tmp_path: Path) -> None:
    """The next one takes it, and nothing is recorded twice."""
    broker = Broker(redis, prefix=f"t-{uuid4().hex[:12]}")
    uuids = [new_uuid() for _ in range(200)]
    with there(redis, broker.prefix):
        post(broker, "erp", *(unit(uuid) for uuid in uuids))
        async with bus_at_redis(broker, tmp_path) as (_, protheus):
            await until(lambda: protheus.received)
        async with bus_at_redis(broker, tmp_path) as (run, _):
            async with asyncio.timeout(ENOUGH):
                while not all([await run.bus.history.find(one) for one in uuids]):  # noqa: ASYNC110 - it is asked
                    await asyncio.sleep(0.1)
            rows = [await run.bus.history.find(uuid) for uuid in uuids]

    assert Counter(map(len, rows)) == {1: len(uuids)}
