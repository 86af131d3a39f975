"""A broker, names of a test's own in it, and a bus that takes messages from it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from adapters.simulation.desk import Setting
from adapters.simulation.simulator import Simulator
from bus.config import load_settings
from bus.core.broker import Broker
from bus.edge.http.server import Running, running
from bus.wiring import open_codec
from tests.amqp.foreigner import ENOUGH, Foreigner, foreigner, names_of_its_own
from tests.edge.conftest import PASSWORD
from tests.support.brokers import REDIS, shared, start_redis

ROUTES = """
broker: {{address: "{address}", prefix: {prefix}, prefetch: {prefetch}, connect_timeout: {patience}{login}}}
applications:
  rm: {{product: RM, broker_user: {user}, takes_answers: false}}
  other: {{product: OMIE, broker_user: another}}
  protheus: {{product: PROTHEUS, adapter: http-xml, address: "{protheus}", timeout: 5s, concurrency: 16, references: {{Company: keep}}}}
routes:
  registers:
    transactions: [Currency, UnitOfMeasure]
    from: rm
    to: [protheus]
    deadline: 3s
    on_failure: continue
    retry: {{first: 100ms, longest: 200ms, longest_pause: 200ms}}
"""


@dataclass(frozen=True, slots=True)
class AtBroker:
    """A running bus that takes from a broker, its destination, and a foreign application there."""

    run: Running
    broker: Broker
    protheus: Simulator
    rm: Foreigner


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Redis."""
    folder = tmp_path_factory.getbasetemp().parent
    with shared(folder, "redis", REDIS, start_redis) as address:
        yield address


@pytest.fixture
async def broker(rabbitmq: str) -> AsyncIterator[Broker]:
    """A broker with names of the test's own, which are gone after it."""
    async with names_of_its_own(rabbitmq) as broker:
        yield broker


@pytest.fixture
async def rm(broker: Broker) -> AsyncIterator[Foreigner]:
    """A foreign application at the broker."""
    async with foreigner(broker) as one:
        yield one


@pytest.fixture
async def at_broker(broker: Broker, rm: Foreigner, tmp_path: Path) -> AsyncIterator[AtBroker]:
    """A running bus that takes from the broker."""
    async with bus_at(broker, rm, tmp_path) as one:
        yield one


@contextlib.asynccontextmanager
async def bus_at(
    broker: Broker,
    rm: Foreigner,
    folder: Path,
    routed: str = ROUTES,
    *,
    begun: bool = True,
    **settings: object,
) -> AsyncIterator[AtBroker]:
    """A running bus in a folder that takes from a broker; `begun`: only once it is connected."""
    codec = open_codec()
    registers = frozenset({"currency", "unitofmeasure"})
    async with Simulator(codec, Setting(name="protheus", registers=registers)) as protheus:
        routes = folder / "routes.yaml"
        routes.write_text(routes_of(broker, rm, protheus.address, routed), encoding="utf-8")
        (folder / "broker").write_text(broker.credentials.password if broker.credentials else "")
        (folder / "password").write_text(PASSWORD)
        given: dict[str, object] = {
            "journal": str(folder / "journal.sqlite"),
            "routes": routes,
            "port": 0,
        }
        async with running(load_settings(**given | settings)) as run:
            one = AtBroker(run, broker, protheus, rm)
            if begun:
                await connected(run.address)
            yield one


def routes_of(broker: Broker, rm: Foreigner, protheus: str, routed: str = ROUTES) -> str:
    """The routes of a bus that takes from a broker; its password is in a file beside them."""
    login = broker.credentials
    return routed.format(
        address=broker.address,
        prefix=broker.prefix,
        prefetch=broker.prefetch,
        patience=broker.connect_timeout,
        login=f", credentials: {{user: {login.user}, password: {{file: broker}}}}" if login else "",
        user=rm.user,
        protheus=protheus,
    )


async def health(address: str) -> dict[str, Any]:
    """What the bus says of the broker to whoever asks for its health."""
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"{address}/health/ready") as answer,
    ):
        assert answer.status == 200
        told: dict[str, Any] = (await answer.json())["broker"]
        return told


async def connected(address: str, seconds: float = ENOUGH) -> None:
    """Wait until the bus has its connection."""
    async with asyncio.timeout(seconds):
        while not (await health(address))["connected"]:  # noqa: ASYNC110 - it is asked, not told
            await asyncio.sleep(0.05)
