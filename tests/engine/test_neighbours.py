"""Several processes of one journal: what one makes wakes the other that needs it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from pathlib import Path

import orjson
import psycopg
import pytest

from bus.core.delivery import State
from bus.store.postgres import PostgresStore
from bus.store.postgres.notifier import CHANNEL, PAUSE
from tests.support.clock import HandClock
from tests.support.deployments import deployment
from tests.support.loopback import Gate, LoopbackPool, says_ok
from tests.support.messages import step, unit
from tests.support.postgres import database_of
from tests.support.rig import CODEC, Rig, Told


class Processes:
    """Processes of one journal, each with a store and a bus of its own."""

    def __init__(self, url: str, stack: AsyncExitStack) -> None:
        self.url = url
        self.pool = LoopbackPool(CODEC)
        self.clock = HandClock()
        self._listening = 0
        self._stack = stack

    async def start(self, *, sends: bool = True, hears: bool = True, kind: type[Rig] = Told) -> Rig:
        """Another one; one that does not send takes messages only."""
        store = await PostgresStore.open(self.url, self.clock)
        self._stack.push_async_callback(store.close)
        rig = kind(store, self.clock, self.pool, deployment())
        self._stack.push_async_callback(rig.stop)
        rig.run() if sends else rig.idle()
        if hears:
            hearing = asyncio.create_task(rig.bus.neighbours.run())
            self._stack.push_async_callback(_cancelled, hearing)
            self._listening += 1
            await rig.until(self._all_listen, "it listens")
            await asyncio.sleep(6 * PAUSE)  # it looks at everything when it begins
        return rig

    async def _all_listen(self) -> bool:
        with psycopg.connect(self.url, autocommit=True) as connection:
            asked = (
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE query = %s AND state = 'idle' AND datname = current_database()"
            )
            found = connection.execute(asked, (f"LISTEN {CHANNEL}",)).fetchone()
        return found == (self._listening,)


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


@pytest.fixture
async def processes(tmp_path: Path) -> AsyncIterator[Processes]:
    """Starts processes on one journal."""
    async with AsyncExitStack() as stack:
        yield Processes(database_of(tmp_path), stack)


@contextmanager
def overhearing(url: str) -> Iterator[list[dict[str, object]]]:
    """All that is told meanwhile."""
    heard: list[dict[str, object]] = []
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"LISTEN {CHANNEL}")
        yield heard
        heard += [orjson.loads(one.payload) for one in connection.notifies(timeout=0.3)]


async def test_work_of_one_is_sent_by_another(processes: Processes) -> None:
    """Told, and not found by looking: nobody looks for an hour."""
    taking, _ = await processes.start(sends=False), await processes.start()

    id_ = await taking.accepted(unit())

    await taking.reaches(id_, State.DELIVERED)


async def test_a_caller_is_answered_though_another_sends(processes: Processes) -> None:
    """At once: long before its deadline, and before anybody looks by himself."""
    taking, _ = await processes.start(sends=False), await processes.start()

    reception = await asyncio.wait_for(taking.post(step(mode="Sync")), 10)

    assert reception.fault is None


async def test_without_being_told_they_look_by_themselves(processes: Processes) -> None:
    """News may be lost: work is found, and a caller is answered, a little later."""
    taking = await processes.start(sends=False, kind=Rig)
    taking.bus.ports.notifier.tell = lambda _: None  # type: ignore[union-attr,method-assign]
    sending = await processes.start(kind=Rig)
    sending.bus.ports.notifier.tell = lambda _: None  # type: ignore[union-attr,method-assign]

    reception = await asyncio.wait_for(taking.post(step(mode="Sync")), 10)

    assert reception.fault is None


async def test_listening_goes_on_after_a_lost_connection(processes: Processes) -> None:
    """What was told meanwhile is looked for, and what is told then is heard."""
    taking, _ = await processes.start(sends=False), await processes.start()
    with psycopg.connect(processes.url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    first = await taking.accepted(unit("A"))
    await taking.reaches(first, State.DELIVERED)
    second = await taking.accepted(unit("B"))
    await taking.reaches(second, State.DELIVERED)


async def test_a_burst_is_told_in_few_notices(processes: Processes) -> None:
    """At most one each 50 ms, whatever there is to tell."""
    taking = await processes.start(sends=False, hears=False)
    loop = asyncio.get_running_loop()
    with overhearing(processes.url) as heard:
        began = loop.time()
        await asyncio.gather(*(taking.accepted(unit(f"U{n}")) for n in range(60)))
        await asyncio.sleep(2 * PAUSE)
        most = (loop.time() - began) / PAUSE + 1

    assert 1 <= len(heard) <= most
    assert {name for one in heard for name in one["due"]} == {"rm"}  # type: ignore[attr-defined]


async def test_two_that_send_send_each_message_once_and_in_order(processes: Processes) -> None:
    """Documents keep their order, whoever sends."""
    one, other = await processes.start(), await processes.start()
    processes.pool.of("rm").always(says_ok())
    posted = [
        (one if n % 2 else other).accepted(step(f"{n % 5}", note=f"{n:02}")) for n in range(40)
    ]
    ids = [await each for each in posted]

    for id_ in ids:
        await one.reaches(id_, State.DELIVERED)
    texts = processes.pool.of("rm").texts
    assert sorted(texts) == [f"{n:02}" for n in range(40)]
    for job in range(5):
        of_job = [text for text in texts if int(text) % 5 == job]
        assert of_job == sorted(of_job)


async def test_what_one_is_sending_another_does_not_take_over(processes: Processes) -> None:
    """Though it begins while that is under way."""
    one, gate = await processes.start(), Gate()
    processes.pool.of("rm").will(gate)
    id_ = await one.accepted(step())
    await gate.arrived()
    other = await processes.start()
    await other.looked_at_once()
    gate.open()

    await one.reaches(id_, State.DELIVERED)
    assert len(processes.pool.of("rm").calls) == 1
