"""What is done to the buses of an arena: each fault goes on for some seconds, and leaves it whole."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import psycopg

from tests.acceptance.killing import moment
from tests.soak.arena import Arena

Fault = Callable[[Arena, float], Awaitable[None]]

LEASE = 35.0
"""Seconds that a worker has a delivery: half a minute more than the longest attempt."""
IDLE = 300
DAY = 86_400.0
_TERMINATE = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


async def terminate_backends(arena: Arena, seconds: float) -> None:
    """End all connections to the database, several times a second."""
    async for _ in _again(arena, seconds):
        await asyncio.to_thread(_ask, arena.journal, _TERMINATE)
        await asyncio.sleep(arena.chance.uniform(0.1, 0.4))


async def kill_one(arena: Arena, seconds: float) -> None:
    """Kill one of the buses, and start it again."""
    async for _ in _again(arena, seconds):
        await asyncio.sleep(moment(arena.chance))
        bus = arena.chance.choice(arena.buses)
        await bus.kill()
        await bus.start()
    if arena.hands:
        arena.hands.advance(LEASE)


async def freeze_one(arena: Arena, seconds: float) -> None:
    """Stop one of the buses for longer than its leases, and let it go on."""
    async for _ in _again(arena, seconds):
        bus = arena.chance.choice(arena.buses)
        bus.freeze()
        try:
            await _outlast_leases(arena)
        finally:
            bus.thaw()
        await asyncio.sleep(arena.chance.uniform(0.1, 2.0))


async def _outlast_leases(arena: Arena) -> None:
    """Wait for longer than any lease; at once where the clock can be set."""
    if arena.hands:
        arena.hands.advance(LEASE)
        await asyncio.sleep(arena.chance.uniform(0.5, 1.5))
    else:
        await asyncio.sleep(LEASE * arena.chance.uniform(1.1, 1.3))


async def restart_server(arena: Arena, seconds: float) -> None:
    """Restart PostgreSQL, in good order and as by a crash."""
    assert arena.server
    async for _ in _again(arena, seconds):
        await asyncio.to_thread(arena.server.restart, arena.chance.choice(("fast", "immediate")))
        await asyncio.sleep(arena.chance.uniform(0.5, 4.0))


async def idle_connections(arena: Arena, seconds: float) -> None:
    """Hundreds of connections that do nothing, which stay to the end."""
    for _ in range(IDLE):
        connection = await psycopg.AsyncConnection.connect(arena.journal, autocommit=True)
        arena.rest.push_async_callback(connection.close)
        arena.hurt += 1
    await asyncio.sleep(seconds)


async def restart_broker(arena: Arena, seconds: float) -> None:
    """End RabbitMQ, in good order or by a kill, and start it again on what it kept."""
    assert arena.queues
    async for _ in _again(arena, seconds):
        # RabbitMQ 3.10 that is killed while a quorum queue is new finds no leader for it again.
        await asyncio.sleep(arena.chance.uniform(5.0, 8.0))
        by = arena.chance.choice((signal.SIGTERM, signal.SIGKILL))
        await asyncio.to_thread(arena.queues.restart, by)


async def bad_network(arena: Arena, seconds: float) -> None:
    """Ways to the journal and to readers are slow, break, or lead nowhere for a while."""
    async for _ in _again(arena, seconds):
        cable = arena.chance.choice(arena.cables)
        match arena.chance.randrange(3):
            case 0:
                cable.cut()
            case 1:
                await cable.unplug()
            case _:
                cable.delay = arena.chance.uniform(0.01, 0.3)
        await asyncio.sleep(arena.chance.uniform(0.1, 1.0))
        await _mend(arena)
    await _mend(arena)


async def _mend(arena: Arena) -> None:
    for cable in arena.cables:
        cable.delay = 0.0
        await cable.plug()


async def fill_disk(arena: Arena, seconds: float) -> None:
    """Leave the journal no byte, and make room again."""
    assert arena.disk
    async for _ in _again(arena, seconds):
        await asyncio.to_thread(arena.disk.fill)
        await asyncio.sleep(arena.chance.uniform(0.5, 2.0))
        arena.disk.free()
        await asyncio.sleep(arena.chance.uniform(0.5, 2.0))


async def set_clock(arena: Arena, seconds: float) -> None:
    """Set the clock a day forward, and back; then a day back, and right again."""
    assert arena.hands
    async for _ in _again(arena, seconds):
        for shift in (DAY, 0.0, -DAY, 0.0):
            arena.hands.set(shift)
            await asyncio.sleep(arena.chance.uniform(0.3, 2.0))


async def _again(arena: Arena, seconds: float) -> AsyncIterator[None]:
    """Again and again, at least once, until the time is over."""
    until = time.monotonic() + seconds
    while True:
        arena.hurt += 1
        yield
        if time.monotonic() >= until:
            return


def _ask(database: str, question: str) -> None:
    with (
        contextlib.suppress(psycopg.OperationalError),
        psycopg.connect(database, autocommit=True) as server,
    ):
        server.execute(question.encode())
