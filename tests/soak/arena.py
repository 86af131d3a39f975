"""Where a soak takes place: one or two real buses on one journal, and what may be hurt there."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from bus.wiring import open_codec
from tests.acceptance.killing import PASSWORD, ROUTES, KilledBus
from tests.acceptance.readers import Reader, readers
from tests.amqp.cable import Cable, cable_to
from tests.soak.moved_clock import NAMED, PROGRAM, ClockHands
from tests.soak.queues import AtQueues, QueueReader, at_queues, with_queues
from tests.soak.servers import OwnPostgres, SmallDisk, own_postgres, small_disk
from tests.support.brokers import free_port

DATABASE = "soaked"
JOURNAL_AWAY = "BusFault: JOURNAL_"
"""What every error of a journal that is away has in the log."""


class Place(Enum):
    """Where the journal is."""

    FILE = "SQLite"
    SERVER = "PostgreSQL"


@dataclass(frozen=True, slots=True)
class Ground:
    """What a cell stands on. `settings` are those of its buses."""

    place: Place = Place.SERVER
    buses: int = 2
    cabled: bool = False
    small_disk: bool = False
    moved_clock: bool = False
    broker: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Arena:
    """All that there is. `cables` lead to the journal and to readers, where the ground has them."""

    chance: random.Random
    journal: str
    buses: list[KilledBus] = field(default_factory=list)
    readers: dict[str, Reader | QueueReader] = field(default_factory=dict)
    cables: list[Cable] = field(default_factory=list)
    server: OwnPostgres | None = None
    disk: SmallDisk | None = None
    hands: ClockHands | None = None
    queues: AtQueues | None = None
    rest: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)
    """Ends what a fault leaves in place."""
    hurt: int = 0
    """How often something was done to it."""


class SoakedBus(KilledBus):
    """A bus that may say that its journal was away."""

    def troubles(self) -> list[str]:
        """What it did not expect itself, but for that."""
        return [line for line in super().troubles() if JOURNAL_AWAY not in line]


class ClockedBus(SoakedBus):
    """A bus by a clock that is set."""

    main = PROGRAM


@contextlib.asynccontextmanager
async def arena(
    ground: Ground, folder: Path, seed: int, database: str = ""
) -> AsyncIterator[Arena]:
    """An arena with running buses; `database`: a journal on a server that is not hurt itself."""
    async with contextlib.AsyncExitStack() as stack:
        one = Arena(random.Random(seed), "")
        one.journal = await _journal(ground, folder, one, stack, database)
        ports = [free_port() for _ in range(ground.buses)]
        brought = f"http://127.0.0.1:{ports[0]}"
        reading = await stack.enter_async_context(readers(brought, open_codec(), seed))
        one.readers |= reading
        addresses = {name: reader.address for name, reader in reading.items()}
        if ground.cabled:
            one.journal = await _cabled(one, one.journal, stack)
            addresses = {
                name: await _cabled(one, address, stack) for name, address in addresses.items()
            }
        routes = ROUTES.format(**addresses)
        if ground.broker:
            one.queues = await stack.enter_async_context(at_queues(folder))
            one.readers["queue"] = one.queues.reader
            routes = with_queues(routes, one.queues.address)
        environment = {"RM_PASSWORD": PASSWORD, **ground.settings}
        if ground.moved_clock:
            one.hands = ClockHands(folder / "clock")
            environment[NAMED] = str(one.hands.path)
        kind = ClockedBus if ground.moved_clock else SoakedBus
        for number, port in enumerate(ports):
            home = folder / f"bus{number}"
            home.mkdir()
            one.buses.append(kind(home, routes, port, environment, one.journal))
        await asyncio.gather(*(stack.enter_async_context(bus) for bus in one.buses))
        await stack.enter_async_context(one.rest)
        yield one


async def _journal(
    ground: Ground, folder: Path, one: Arena, stack: contextlib.AsyncExitStack, database: str
) -> str:
    if ground.place is Place.SERVER and not database:
        one.server = stack.enter_context(own_postgres(folder))
        return one.server.new_database(DATABASE)
    if ground.place is Place.SERVER:
        return database
    if ground.small_disk:
        one.disk = stack.enter_context(small_disk(folder))
        return str(one.disk.folder / "journal.sqlite")
    return str(folder / "journal.sqlite")


async def _cabled(one: Arena, address: str, stack: contextlib.AsyncExitStack) -> str:
    cable = await stack.enter_async_context(cable_to(address))
    one.cables.append(cable)
    return cable.address
