"""The journal, as it grows: what a claim and the questions of people cost, on each store.

A journal with a million finished messages and 100,000 deliveries that wait is held against one that
has only what is asked for, in the same rounds: where the cost is flat, the ratio is 1. Both are open
all the time, and each question is asked of one right after it was asked of the other. What waits
goes to the same application as what is claimed, so that a claim finds its few among all of them. A
server counts its rows once they are in (`ANALYZE`), as it does by itself a minute later.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import math
import tempfile
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import uvloop

from bus.clock import SystemClock
from bus.core.delivery import State, Step
from bus.core.journal_address import is_postgres
from bus.core.outcome import Outcome
from bus.journal.commands import Accepted, Claim, OriginAnswer, RecordAttempt
from bus.ports.history import Filter
from bus.store.postgres import PostgresStore
from bus.store.sqlite import SqliteStore
from tests.benchmarks.journal import acceptance
from tests.benchmarks.measuring import Effort, Question, Row, Target, alone, compared, interleave
from tests.benchmarks.messages import Messages
from tests.support.postgres import drop, new_database, url_of
from tests.support.stores import Store

NAME = "growth"
FLAT = Target(round(1 / 1.2, 2), 0.95)
FINISHED = 1_000_000
WAITING = 100_000
FEW = 500
"""Messages that the small journal has, and as many that wait."""
AT_ONCE = 512
CLAIMED = 50
TIMES = 100
TO = "protheus"

Asking = Callable[["Filled"], Awaitable[object]]
Measuring = Callable[["Filled", int], Coroutine[Any, Any, float]]


@dataclass
class Filled:
    """A journal with what is in it: ids and uuids of some messages, to be asked for in turn."""

    store: Store
    ids: list[str] = field(default_factory=list)
    uuids: list[str] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=itertools.count)
    asked: Iterator[int] = field(default_factory=itertools.count)

    def one_of(self, names: Sequence[str]) -> str:
        """The next of these, from all over."""
        return names[next(self.asked) * 7919 % len(names)]


class Size(NamedTuple):
    """How much a journal has."""

    finished: int
    waiting: int


# -- what is asked ---------------------------------------------------------------------------------


async def _newest(journal: Filled) -> None:
    await journal.store.history.messages(Filter())


async def _of_a_transaction(journal: Filled) -> None:
    await journal.store.history.messages(Filter(transaction="Currency", destination=TO))


async def _waiting(journal: Filled) -> None:
    await journal.store.history.messages(Filter(state=State.WAITING))


async def _of_a_key(journal: Filled) -> None:
    id_ = journal.one_of(journal.ids)
    await journal.store.history.messages(Filter(key=f"50|{id_}"))


async def _by_uuid(journal: Filled) -> None:
    await journal.store.history.find(journal.one_of(journal.uuids))


async def _trace(journal: Filled) -> None:
    await journal.store.history.trace(journal.one_of(journal.ids))


QUESTIONS: dict[str, Asking] = {
    "the newest 50 listed": _newest,
    "the newest 50 of a transaction to an application": _of_a_transaction,
    "the newest 50 that wait": _waiting,
    "found by a business key": _of_a_key,
    "found by a sender's UUID": _by_uuid,
    "traced": _trace,
}


def answer(effort: Effort) -> list[Row]:
    """Rows for each store: how long it takes to fill, then each question."""
    filling = replace(effort, share=effort.share**1.5)  # a tenth of the work is not to take minutes
    size = Size(filling.count(FINISHED, least=60), filling.count(WAITING, least=60))
    with tempfile.TemporaryDirectory() as name:
        rows = _rows(effort, size, "SQLite", Path(name), ("full.db", "few.db"))
        with contextlib.suppress(psycopg.OperationalError), _databases() as urls:
            rows += _rows(effort, size, "PostgreSQL", Path(name), urls)
    return rows


@contextlib.contextmanager
def _databases() -> Iterator[tuple[str, str]]:
    """Two databases of the server of the tests; psycopg's error where there is none."""
    names = [new_database(), new_database()]
    try:
        yield url_of(names[0]), url_of(names[1])
    finally:
        for one in names:
            drop(one)


def _rows(effort: Effort, size: Size, on: str, folder: Path, places: tuple[str, str]) -> list[Row]:
    few = effort.count(FEW, least=60)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        journals = [Filled(runner.run(_open(folder, one))) for one in places]
        try:
            filled = runner.run(_fill(journals[0], size))
            runner.run(_fill(journals[1], Size(few, few)))
            for place in places:
                _count_rows(place)
            amount = f"{size.finished:,} finished and {size.waiting:,} waiting"
            rows = [alone(NAME, f"{on}: filling {amount}", "messages/s", [filled])]
            for what, rate_of in MEASURES.items():
                times = effort.count(TIMES, least=2)
                measures = (_measure(runner, rate_of, one, times) for one in journals)
                full, small = interleave(effort.rounds, *measures)
                told = f"{on}, {amount}: {what} / among {few}"
                rows.append(compared(NAME, told, full, small, FLAT))
            return rows
        finally:
            for one in journals:
                runner.run(one.store.close())


def _count_rows(place: str) -> None:
    if is_postgres(place):
        with psycopg.connect(place, autocommit=True) as connection:
            connection.execute("ANALYZE")


def _measure(
    runner: asyncio.Runner, rate_of: Measuring, journal: Filled, times: int
) -> Callable[[], float]:
    return lambda: runner.run(rate_of(journal, times))


async def _open(folder: Path, place: str) -> Store:
    clock = SystemClock()
    if is_postgres(place):
        return await PostgresStore.open(place, clock)
    return await SqliteStore.open(folder / place, clock)


def _rate_of(ask: Asking) -> Measuring:
    """How many times a second a question is answered."""

    async def measured(journal: Filled, times: int) -> float:
        await ask(journal)
        began = time.perf_counter()
        for _ in range(times):
            await ask(journal)
        return times / (time.perf_counter() - began)

    return measured


async def _claims(journal: Filled, times: int) -> float:
    """How many deliveries a second are claimed, a batch at a time, one claim after the other.

    As many as will be claimed come in before, and what was claimed is delivered afterwards: as
    much waits as before.
    """
    claims: list[Claim] = []
    rounds = math.ceil(times / 10)
    await _arrive(journal, rounds * CLAIMED)
    began = time.perf_counter()
    for _ in range(rounds):
        claims += await journal.store.journal.claim("bench:1", {TO: CLAIMED}, 60.0)
    seconds = time.perf_counter() - began
    await _deliver(journal, claims)
    return len(claims) / seconds


MEASURES: dict[str, Measuring] = {
    f"{CLAIMED} claimed at once": _claims,
    **{what: _rate_of(ask) for what, ask in QUESTIONS.items()},
}


# -- filling ---------------------------------------------------------------------------------------


async def _fill(journal: Filled, size: Size) -> float:
    """Have so many messages delivered, and then so many accepted; messages a second."""
    began = time.perf_counter()
    for count in _batches(size.finished):
        await _deliver(journal, await _arrive(journal, count, claimed=True))
    for count in _batches(size.waiting):
        await _arrive(journal, count)
    return sum(size) / (time.perf_counter() - began)


def _batches(count: int) -> Iterator[int]:
    while count > 0:
        yield min(count, AT_ONCE)
        count -= AT_ONCE


async def _arrive(journal: Filled, count: int, *, claimed: bool = False) -> list[Claim]:
    """Have messages accepted at once; what was claimed with them."""
    clock, wanted = SystemClock(), frozenset({TO} if claimed else ())
    bodies = _BODIES.bodies(count)
    asked = [
        acceptance(clock.new_id(), next(journal.numbers), one)._replace(claims=wanted)
        for one in bodies
    ]
    results = await asyncio.gather(*map(journal.store.journal.accept, asked))
    if len(journal.ids) < FEW:
        journal.ids += [one.entry.id for one in asked]
        journal.uuids += [one.entry.uuid for one in asked]
    return [claim for one in results if isinstance(one, Accepted) for claim in one.claims]


async def _deliver(journal: Filled, claims: Sequence[Claim]) -> None:
    """Have what was claimed end well."""
    record = journal.store.journal.record
    await asyncio.gather(*(record(_ended(claim)) for claim in claims))


def _ended(claim: Claim) -> RecordAttempt:
    row = claim.delivery
    said = OriginAnswer("OK", b"<TOTVSMessage/>" * 20)
    return RecordAttempt(
        row.message, row.number, row.tries, row.worker, Outcome.DELIVERED, Step.DELIVER, answer=said
    )


_BODIES = Messages()

QUESTION = Question(NAME, "What do claims and searches cost as the journal grows?", answer)
