"""Rows that their application wants marked when they are taken: none is lost, doubled or marked early.

As the tables between an ERP and a warehouse are (docs/rules.md, W): the marks are the application's
affair, and the cursor names the rows that are to be marked.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bus.core.route import Deployment
from bus.journal.facts import FactKind
from bus.journal.rows import MessageRow
from tests.support.deployments import application, deployment, route
from tests.support.rig import Rig, Rigs
from tests.support.table_source import TableSource, add, unmarked

ROWS = {1: "UN", 2: "KG", 4: "MT", 5: "LT", 6: "CX"}
LATE = {3: "PC"}
"""A row that is seen only when later ones have been taken."""
STEPS = 24


def read_often() -> Deployment:
    """Protheus is read, and what it says goes to RM."""
    return deployment(route("rm"), applications=[application("protheus", read_every=5.0)])


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A table with five rows."""
    file = tmp_path / "moves.sqlite"
    add(file, ROWS)
    return file


def reading(bus: Rig, table: Path) -> TableSource:
    """Protheus has its messages in a table."""
    source = TableSource(table)
    bus.app("protheus").elsewhere = source
    return source


@contextlib.asynccontextmanager
async def polling(bus: Rig) -> AsyncIterator[asyncio.Task[None]]:
    """The bus reads meanwhile."""
    task = asyncio.create_task(bus.bus.poller.run())
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def uuids(bus: Rig) -> list[str]:
    """What came in, as it came; a repeat is told twice."""
    rows = [MessageRow._make(row) async for row in await bus.bus.history.audit("messages")]
    repeats = [await bus.facts(row.id, FactKind.REPEATED) for row in rows]
    return [row.uuid for row, told in zip(rows, repeats, strict=True) for _ in range(1 + len(told))]


async def all_marked(bus: Rig, table: Path) -> None:
    """Wait until the application sees every row as taken."""

    async def done() -> bool:
        return not unmarked(table)

    await bus.until(done, "all rows are marked")


async def test_a_row_that_shows_late_is_taken_too(rigs: Rigs, table: Path) -> None:
    """Whatever its number is: what is not marked is still to be taken."""
    bus = await rigs.start(read_often(), run=False)
    reading(bus, table)

    async with polling(bus):
        await all_marked(bus, table)
        add(table, LATE)
        await all_marked(bus, table)

    assert sorted(await uuids(bus)) == sorted(f"move-{number}" for number in {**ROWS, **LATE})


class Watched:
    """Ends a process at a step, and sees at each that no row is marked that the bus does not have."""

    def __init__(self, bus: Rig, source: TableSource, table: Path, step: int) -> None:
        self._left = step
        self._table = table
        self._on_disk = 0
        self.happened = asyncio.Event()
        self.early: list[str] = []
        bus.journal.passing = source.passing = self

    def __call__(self, step: str) -> None:
        """One step is reached."""
        if self._left == 0:
            self.happened.set()
            raise asyncio.CancelledError
        self._left -= 1
        self._on_disk += step == "after accept"
        if len(ROWS) - len(unmarked(self._table)) > self._on_disk:
            self.early.append(step)


@pytest.mark.parametrize("step", range(STEPS))
async def test_a_crash_at_any_step_marks_nothing_early(
    lasting: Rigs, table: Path, step: int
) -> None:
    """And what is on disk at the bus is marked by the next process, and never taken again."""
    bus = await lasting.start(read_often(), run=False)
    watched = Watched(bus, reading(bus, table), table, step)

    async with polling(bus) as dying, asyncio.timeout(10):
        await watched.happened.wait()
        await asyncio.wait([dying])
    bus.watcher.seen.clear()  # what was under way is neither taken in nor turned away
    bus = await lasting.restart()
    reading(bus, table)
    async with polling(bus):
        await all_marked(bus, table)

    assert watched.early == []
    assert await uuids(bus) == [f"move-{number}" for number in ROWS]
