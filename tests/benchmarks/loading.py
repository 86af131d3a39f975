"""The load, in a process without a server.

Closed: each connection posts its next message when the last is answered; this finds the capacity.
Open: messages come when they come, answered or not, as they do from real senders; this finds how
long they wait. Latency then counts from the moment a message was due, not from when it was sent.
"""

from __future__ import annotations

import asyncio
import gc
import random
import selectors
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from typing import Any, TypeVar

import uvloop

from tests.benchmarks.wire import Address, Broken, Line

Result = TypeVar("Result")
Asked = TypeVar("Asked")

PATIENCE = 300.0
"""Seconds without an end after which a load is given up."""


@dataclass(slots=True)
class Load:
    """What came of a load: seconds from the first byte to the last, and the latency of each."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    last_answer: bytes = b""

    @property
    def rate(self) -> float:
        """Messages a second."""
        return len(self.latencies) / self.seconds

    def quantile(self, share: float) -> float:
        """The latency, in seconds, that this share of the messages did not exceed."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def closed_load(
    address: Address, requests: Sequence[bytes], connections: int, *others: Address
) -> Load:
    """Post all requests over so many connections, each as fast as it is answered; with `others`,
    these are shared out among all addresses.
    """
    return run(_Closed(requests).over(min(connections, len(requests)), address, *others))


def open_load(
    address: Address, requests: Sequence[bytes], arrivals: Iterator[float], connections: int
) -> Load:
    """Post requests as they arrive: so many seconds after each other."""
    # select() alone waits for less than a millisecond.
    return run(
        _Open(requests, arrivals).over(connections, address),
        lambda: asyncio.SelectorEventLoop(selectors.SelectSelector()),
    )


def at_random(rate: float, seed: int) -> Iterator[float]:
    """The seconds between messages that come independently of each other, `rate` a second."""
    chance = random.Random(seed)
    while True:
        yield chance.expovariate(rate)


def ask(address: Address, method: str, path: str) -> bytes:
    """The answer to one request, over a connection of its own."""
    request = f"{method} {path} HTTP/1.1\r\nHost: bus.example\r\nContent-Length: 0\r\n\r\n"
    load = closed_load(address, [request.encode()], 1)
    if set(load.statuses) != {200}:
        raise Broken(f"{method} {path}: {dict(load.statuses)}, {load.last_answer[:300]!r}")
    return load.last_answer


async def submitted(
    submit: Callable[[Asked], Awaitable[object]], asked: Iterable[Asked], submitters: int
) -> float:
    """How many a second so many submitters get through, each waiting for its last."""
    done, rest = 0, iter(asked)

    async def submitter() -> None:
        nonlocal done
        for one in rest:
            await submit(one)
            done += 1

    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(submitters):
            group.create_task(submitter())
    return done / (time.perf_counter() - began)


def run(
    work: Coroutine[Any, Any, Result],
    loop_factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop,
) -> Result:
    """What comes of a piece of work, in a loop of its own, without pauses of the collector."""
    with asyncio.Runner(loop_factory=loop_factory) as runner, _no_garbage():
        return runner.run(asyncio.wait_for(work, PATIENCE))


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Its pauses would be taken for the server's."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class _Traffic:
    """Requests on their way over some connections, until the last is answered."""

    def __init__(self, requests: Sequence[bytes]) -> None:
        self.load = Load()
        self._rest = iter(requests)
        self._missing = len(requests)

    async def over(self, connections: int, *addresses: Address) -> Load:
        """Send them, and tell what came of it."""
        loop = asyncio.get_running_loop()
        self._done: asyncio.Future[None] = loop.create_future()
        lines = [
            (await loop.create_connection(lambda: Line(self._answered, self._lost), *address))[1]
            for address in islice(cycle(addresses), connections)
        ]
        began = time.perf_counter()
        self._begin(lines)
        await self._done
        self.load.seconds = time.perf_counter() - began
        for line in lines:
            line.close()
        await asyncio.sleep(0)
        return self.load

    def _begin(self, lines: list[Line]) -> None:
        raise NotImplementedError

    def _go_on(self, line: Line, now: float) -> None:
        raise NotImplementedError

    def _answered(self, line: Line, status: int, body: bytes) -> None:
        now = time.perf_counter()
        self.load.latencies.append(now - line.since)
        self.load.statuses[status] += 1
        self.load.last_answer = body
        self._missing -= 1
        if self._missing:
            self._go_on(line, now)
        elif not self._done.done():
            self._done.set_result(None)

    def _lost(self) -> None:
        if not self._done.done():
            self._done.set_exception(Broken("a connection was lost"))


class _Closed(_Traffic):
    """Each connection sends when its last request is answered."""

    def _begin(self, lines: list[Line]) -> None:
        for line in lines:
            self._go_on(line, time.perf_counter())

    def _go_on(self, line: Line, now: float) -> None:
        request = next(self._rest, None)
        if request is not None:
            line.ask(request, now)


class _Open(_Traffic):
    """Requests arrive; those for which no connection is free wait, and their latency counts on."""

    def __init__(self, requests: Sequence[bytes], arrivals: Iterator[float]) -> None:
        super().__init__(requests)
        self._arrivals = arrivals
        self._waiting: deque[tuple[bytes, float]] = deque()
        self._idle: list[Line] = []

    def _begin(self, lines: list[Line]) -> None:
        self._idle = list(lines)
        self._arrive(time.perf_counter())

    def _arrive(self, due: float) -> None:
        while (early := due - time.perf_counter()) <= 0:
            request = next(self._rest, None)
            if request is None:
                return
            if self._idle:
                self._idle.pop().ask(request, due)
            else:
                self._waiting.append((request, due))
            due += next(self._arrivals)
        asyncio.get_running_loop().call_later(early, self._arrive, due)

    def _go_on(self, line: Line, now: float) -> None:
        if self._waiting:
            line.ask(*self._waiting.popleft())
        else:
            self._idle.append(line)
