"""One trial of the bus: load, a fault, the rate before and after it, and both ends compared."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from tests.acceptance.operators import Operators
from tests.acceptance.reckoning import calm, finish, reckon
from tests.acceptance.senders import Sent, senders
from tests.soak.arena import Arena, arena
from tests.soak.cells import Cell

ENOUGH = 0.95
"""The share of the rate before a fault that there must be after it."""
TRIES = 3
SETTLING = 10.0
"""Seconds after a fault in which what was held up by it is sent."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard a bus is tried, in seconds; with no `window` its rate is not measured.

    `calm`: readers themselves do nothing wrong.
    """

    seconds: float
    window: float = 0.0
    warming: float = 1.0
    rest: float = 0.0
    at_once: int = 5
    calm: bool = False


@dataclass(frozen=True, slots=True)
class Survived:
    """What a bus did that lost nothing, doubled nothing, and kept order. Rates are per second."""

    cell: Cell
    seed: int
    hurt: int
    processed: int
    told: Counter[str]
    before: float
    after: float

    @property
    def share(self) -> float:
        """The rate after the fault, of that before."""
        return self.after / self.before if self.before else 1.0


async def survive(
    cell: Cell, seed: int, effort: Effort, folder: Path, database: str = ""
) -> Survived:
    """Put a bus through a cell; AssertionError where it breaks a promise."""
    async with arena(cell.ground, folder, seed, database) as one:
        if effort.calm:
            calm(one.readers)
        async with _load(one, effort) as sent:
            operators = Operators(one.buses[0], sent, one.chance)
            await asyncio.sleep(effort.warming)
            before = await _rate(one, effort.window)
            await cell.fault(one, effort.seconds)
            await asyncio.sleep(SETTLING if effort.window else 0.0)
            after = await _rate_again(one, effort.window, before)
        await finish(operators, one.readers)
        ended = await asyncio.gather(*(bus.stop() for bus in one.buses))
        assert not any(ended), ended
        await reckon(operators, one.readers)
        told = sum((each.answers for each in sent.values()), Counter[str]())
        return Survived(cell, seed, one.hurt, _processed(one), told, before, after)


@contextlib.asynccontextmanager
async def _load(one: Arena, effort: Effort) -> AsyncIterator[dict[str, Sent]]:
    addresses = [bus.address for bus in one.buses]
    async with contextlib.AsyncExitStack() as stack:
        posting = senders(addresses, one.chance, effort.rest, effort.at_once)
        sent = await stack.enter_async_context(posting)
        if one.queues:
            await stack.enter_async_context(
                one.queues.posting(one.chance, effort.rest, effort.at_once)
            )
            sent[one.queues.sent.destination] = one.queues.sent
        yield sent


async def _rate(one: Arena, seconds: float) -> float:
    """How much readers process a second."""
    if not seconds:
        return 0.0
    first, began = _processed(one), time.monotonic()
    await asyncio.sleep(seconds)
    return (_processed(one) - first) / (time.monotonic() - began)


async def _rate_again(one: Arena, seconds: float, before: float) -> float:
    """The rate afterwards: measured again where it is low, for others use the machine too."""
    after = 0.0
    for _ in range(TRIES):
        after = max(after, await _rate(one, seconds))
        if after >= ENOUGH * before:
            break
    return after


def _processed(one: Arena) -> int:
    return sum(len(reader.received) for reader in one.readers.values())
