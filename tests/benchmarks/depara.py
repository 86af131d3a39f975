"""The de-para, as it grows: what a lookup costs, and what learning a pair does.

Both are held against the same on the smallest de-para, in the same rounds: where the cost is flat,
the ratio is 1. A lookup is what a translation asks: five ids at once. Learning is a commit of its
own for each pair, grouped by the journal as the commits of deliveries are.
"""

from __future__ import annotations

import itertools
import random
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from bus.clock import SystemClock
from bus.journal.commands import ChangeDepara
from bus.store.sqlite import SqliteStore
from depara.model import Key, Link, Member, Source
from tests.benchmarks.loading import run, submitted
from tests.benchmarks.measuring import Effort, Question, Row, Target, alone, compared, interleave

NAME = "depara"
FLAT = Target(0.5, 0.8)
SIZES = (1_000, 10_000, 100_000, 1_000_000)
TOGETHER = 64
IDS = 5
USUAL = 4_000
CHUNK = 1_000


def answer(effort: Effort) -> list[Row]:
    """Rows for each size: how long it takes to fill, lookups and learning against the smallest."""
    sizes = [effort.count(size, least=20 * (at + 1)) for at, size in enumerate(SIZES)]
    count = effort.count(USUAL, least=2 * TOGETHER)
    with tempfile.TemporaryDirectory() as name:
        filled = [_filled(Path(name) / f"{size}.db", size) for size in sizes]
        looked = interleave(effort.rounds, *(_looking(Path(name), size, count) for size in sizes))
        learnt = interleave(effort.rounds, *(_learning(Path(name), size, count) for size in sizes))
    rows = [alone(NAME, f"filling {sizes[-1]:,} pairs, 1,000 a commit", "pairs/s", [filled[-1]])]
    for at, size in enumerate(sizes[1:], 1):
        what = f"{IDS} ids looked up among {size:,} pairs / among {sizes[0]:,}"
        rows.append(compared(NAME, what, looked[at], looked[0], FLAT))
        what = f"a pair learnt beside {size:,} / beside {sizes[0]:,}"
        rows.append(compared(NAME, what, learnt[at], learnt[0], FLAT))
    return rows


def _link(number: int) -> Link:
    one, other = Key("Item", "rm", "", f"1|{number:09d}"), Key("Item", "wms", "", f"W{number:09d}")
    return Link(Member(one), (Member(other),))


def _filled(file: Path, size: int) -> float:
    """Fill a new de-para; the pairs a second."""

    async def fill(store: SqliteStore) -> float:
        began = time.perf_counter()
        for start in range(0, size, CHUNK):
            links = tuple(map(_link, range(start, min(start + CHUNK, size))))
            await store.crossreference.amend(ChangeDepara("benchmark", Source.FILE, links=links))
        return size / (time.perf_counter() - began)

    return _on(file, fill)


def _looking(folder: Path, size: int, count: int) -> Callable[[], float]:
    chance = random.Random(size)

    async def look(store: SqliteStore) -> float:
        asked = [[_link(chance.randrange(size)).one.key for _ in range(IDS)] for _ in range(count)]
        return await submitted(store.crossreference.known, asked, TOGETHER)

    return lambda: _on(folder / f"{size}.db", look)


def _learning(folder: Path, size: int, count: int) -> Callable[[], float]:
    numbers = itertools.count(size)

    async def learn(store: SqliteStore) -> float:
        asked = [
            ChangeDepara("benchmark", Source.ANSWER, links=(_link(number),))
            for number in itertools.islice(numbers, count)
        ]
        return await submitted(store.crossreference.amend, asked, TOGETHER)

    return lambda: _on(folder / f"{size}.db", learn)


def _on(file: Path, work: Callable[[SqliteStore], Awaitable[float]]) -> float:
    async def open_and_work() -> float:
        store = await SqliteStore.open(file, SystemClock())
        try:
            return await work(store)
        finally:
            await store.close()

    return run(open_and_work())


QUESTION = Question(NAME, "What does the de-para cost as it grows?", answer)
