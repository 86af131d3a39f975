"""Poll: applications that are read, each one message after the other, once."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any

from bus.core.errors import BusFault
from bus.core.route import Application, Deployment
from bus.engine.accept import Acceptor
from bus.engine.active import ActiveApplications
from bus.engine.post import Post
from bus.engine.post_result import PostResult
from bus.engine.read import mark, read
from bus.journal.commands import CursorMove
from bus.ports.adapter import InboundMessage, Poll, TakenMessage
from bus.ports.codec import Carried
from bus.ports.ports import Ports

LONGEST_PAUSE = 900.0
"""Seconds after which a source that fails is tried again at the latest, if it is read as often."""
SETTLE = 5.0
"""Seconds that whatever woke a reader has to settle: applications tell of each record by itself."""
LEASE_MARGIN = 60.0
"""Seconds that the right to read outlives what is known to take time: reading, and the pause."""


class Poller:
    """Reads the applications that are to be read, for as long as no other worker does.

    What is read is recorded together with how far the application has been read by then: after a
    crash it goes on with the first message that the journal does not have.
    """

    def __init__(self, ports: Ports, acceptor: Acceptor, worker: str) -> None:
        self._journal = ports.journal
        self._clock = ports.clock
        self._observer = ports.observer
        self._deployment = ports.deployment
        self._open_adapter = ports.open_adapter
        self._active = ActiveApplications(ports.history)
        self._acceptor = acceptor
        self._worker = worker
        self._woken: dict[str, asyncio.Event] = {}
        self._changed = asyncio.Event()
        self._read_up: set[str] = set()
        self._anew: set[str] = set()

    def is_read_up(self, application: str) -> bool:
        """Whether this worker has read all that an application had, at some time since it began."""
        return application in self._read_up

    def wake(self, application: str) -> None:
        """Have an application read soon rather than at its time, unless it failed last time."""
        self._event(application).set()

    def begin_anew(self, application: str) -> None:
        """Break off what is being read of an application, and read it at once if it is in force."""
        self._anew.add(application)
        self._changed.set()

    def follow(self, _: Deployment) -> None:
        """Read those that are to be read now: another configuration is in force."""
        self._changed.set()

    async def run(self) -> None:
        """Read until cancelled; a message that is being recorded then is recorded first."""
        reading: dict[str, tuple[Application, asyncio.Task[None]]] = {}
        try:
            while True:
                self._changed.clear()
                known = self._deployment().applications
                wanted = {name: one for name, one in known.items() if one.read_every}
                anew, self._anew = self._anew, set()
                changed = [
                    name
                    for name, (one, _) in reading.items()
                    if name in anew or wanted.get(name) != one
                ]
                await _ended([reading.pop(name)[1] for name in changed])
                for name in wanted.keys() - reading.keys():
                    task = asyncio.create_task(self._read_until_cancelled(wanted[name]))
                    reading[name] = (wanted[name], task)
                await _first_of(self._changed.wait(), [task for _, task in reading.values()])
        finally:
            await _ended([task for _, task in reading.values()])

    async def _read_until_cancelled(self, application: Application) -> None:
        """Read one application, then give the right to it back: nobody waits for its end."""
        try:
            await self._follow(application)
        finally:
            try:
                await self._journal.lease_cursor(application.name, self._worker, lease=0.0)
            except BusFault as fault:
                self._observer.troubled(f"the right to read {application.name} stays", fault)

    async def _follow(self, application: Application) -> None:
        """Read one application for ever; one that fails is left alone for longer each time."""
        failures = 0
        while True:
            more = False
            self._event(application.name).clear()  # who wakes us from now on has something newer
            try:
                more = await self._take(application)
                failures = 0
            except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again
                failures += 1
                self._observer.troubled(f"reading {application.name} failed", error)
            if not more:
                await self._rest(application, failures)

    async def _rest(self, application: Application, failures: int) -> None:
        """Wait until it is time to read on, or somebody wakes us."""
        pause = pause_after(failures, application.read_every)
        if failures:
            await self._clock.sleep(pause)
            return
        woken = asyncio.ensure_future(self._event(application.name).wait())
        resting = asyncio.ensure_future(self._clock.sleep(pause))
        try:
            await asyncio.wait({woken, resting}, return_when=asyncio.FIRST_COMPLETED)
            if woken.done() and not resting.done():
                await asyncio.wait({resting}, timeout=SETTLE)
        finally:
            woken.cancel()
            resting.cancel()

    def _event(self, application: str) -> asyncio.Event:
        return self._woken.setdefault(application, asyncio.Event())

    async def _take(self, application: Application) -> bool:
        """Take what there is; whether more is there already. Nothing of who is not in force."""
        if await self._active.bar(application):
            return False
        lease = lease_of(application)
        cursor = await self._journal.lease_cursor(application.name, self._worker, lease)
        if cursor is None:  # another worker reads it
            return False
        adapter = self._open_adapter(application)
        inbound = await read(adapter, application, Poll(cursor))
        taken = []
        for message in inbound.messages:
            result = await self._post(message, application)
            cursor = message.cursor
            fault = result.fault if result.rejected else None
            taken.append(TakenMessage(cursor, result.message, fault))
        await mark(adapter, application, taken)
        if passed_over := inbound.cursor and inbound.cursor != cursor:
            await self._journal.move_cursor(self._move(application, inbound.cursor))
        if not inbound.more:
            self._read_up.add(application.name)
        return inbound.more and bool(inbound.messages or passed_over)

    def _move(self, application: Application, cursor: str) -> CursorMove:
        return CursorMove(application.name, cursor, self._worker, lease_of(application))

    async def _post(self, message: InboundMessage, application: Application) -> PostResult:
        """Have a message accepted or rejected; a cancellation waits for that."""
        move = self._move(application, message.cursor)
        carried = Carried(faults=message.faults) if message.faults else None
        post = Post(message.body, application, carried=carried, waits=False, cursor=move)
        posting = asyncio.create_task(self._acceptor.receive(post))
        try:
            return await asyncio.shield(posting)
        except asyncio.CancelledError:
            await asyncio.gather(posting, return_exceptions=True)
            raise


async def _first_of(news: Coroutine[Any, Any, object], reading: list[asyncio.Task[None]]) -> None:
    """Wait for news; a reader, which ends by itself only where it broke, is heard too."""
    waiting = asyncio.create_task(news)
    try:
        done, _ = await asyncio.wait({waiting, *reading}, return_when=asyncio.FIRST_COMPLETED)
        for one in done:
            one.result()
    finally:
        waiting.cancel()


async def _ended(reading: Iterable[asyncio.Task[None]]) -> None:
    """Have these end, and wait until they did."""
    tasks = tuple(reading)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def pause_after(failures: int, read_every: float) -> float:
    """Seconds until an application is read again, after so many failures in a row."""
    longest = max(read_every, min(10 * read_every, LONGEST_PAUSE))
    return min(read_every * 2.0 ** min(failures, 10), longest)


def lease_of(application: Application) -> float:
    """Seconds of the right to read: longer than a read and the longest pause after it."""
    longest = pause_after(10, application.read_every)
    return application.timeout + longest + LEASE_MARGIN
