"""One trial of the bus: load, a fault, the rate before and after it, and both ends compared."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bus.core.delivery import State
from tests.acceptance.operators import Operators
from tests.acceptance.reckoning import calm, finish, reckon
from tests.acceptance.senders import Sent, senders
from tests.soak.arena import Arena, arena
from tests.soak.cells import Cell

ENOUGH = 0.95
"""The share of the rate before a fault that there must be after it."""
TRIES = 3
WINDOWS = 10
"""In how many stretches a rate is measured, before as after."""
SETTLING = 60.0
"""Seconds after a fault in which what was held up by it is sent, at most."""
LITTLE = 10
"""Deliveries more than before that are no backlog."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard a bus is tried, in seconds; with no `window` its rate is not measured, else in several.

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
            before = await _rates(one, effort.window)
            under_way = await _under_way(one) if effort.window else 0
            await cell.fault(one, effort.seconds)
            if effort.window:
                await _settle(one, under_way)
            after = await _rates_again(one, effort.window, before)
        await finish(operators, one.readers)
        ended = await asyncio.gather(*(bus.stop() for bus in one.buses))
        assert not any(ended), ended
        await reckon(operators, one.readers)
        told = sum((each.answers for each in sent.values()), Counter[str]())
        rates = typical(before), typical(after)
        return Survived(cell, seed, one.hurt, _processed(one), told, *rates)


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


def typical(rates: Sequence[float]) -> float:
    """The rate of most stretches: what others do on the machine for a moment does not count."""
    return median(rates) if rates else 0.0


async def _rates(one: Arena, seconds: float) -> list[float]:
    """How much readers process a second, in each of some stretches of so many seconds."""
    if not seconds:
        return []
    return [await _rate(one, seconds) for _ in range(WINDOWS)]


async def _rate(one: Arena, seconds: float) -> float:
    first, began = _processed(one), time.monotonic()
    await asyncio.sleep(seconds)
    return (_processed(one) - first) / (time.monotonic() - began)


async def _rates_again(one: Arena, seconds: float, before: Sequence[float]) -> list[float]:
    """The rates afterwards: of longer where they are low, and then all of them count."""
    after = await _rates(one, seconds)
    for _ in range(TRIES - 1):
        if typical(after) >= ENOUGH * typical(before):
            break
        after += await _rates(one, seconds)
    return after


async def _settle(one: Arena, under_way: int) -> None:
    """Wait until no more is under way than was before: what was held up is not counted after."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(SETTLING):
            while await _under_way(one) > under_way + LITTLE:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(1.0)


async def _under_way(one: Arena) -> int:
    standings = await one.buses[0].standings()
    return sum(each.state in {State.WAITING, State.SENDING} for each in standings)


def _processed(one: Arena) -> int:
    return sum(len(reader.received) for reader in one.readers.values())
