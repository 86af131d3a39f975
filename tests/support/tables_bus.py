"""A bus that reads the interface tables of one warehouse and writes into those of another."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

from bus.config import load_settings
from bus.edge.http.server import Running, running
from bus.journal.rows import MessageRow
from bus.ports.history import Filter
from tests.support.interface_tables import SOURCES, WRITTEN, Warehouse, mapping_file

ROUTES = """
applications:
  wms:
    product: WMS
    adapter: tables
    address: "{wms}"
    {login}
    read_every: {every}
    takes_answers: false
    options: {{mapping_file: out.yaml, company: "1", branch: "1"}}
  stock:
    product: ERP
    adapter: tables
    address: "{stock}"
    {login}
    de_para: application
    references: {{company: keep}}
    options: {{mapping_file: in.yaml}}
routes:
  units:
    transactions: [UnitOfMeasure, StockTurnover]
    from: wms
    to: [stock]
    retry: {{first: 50ms, longest: 200ms, longest_pause: 200ms}}
"""


def routes(house: Warehouse, folder: Path, every: str = "100ms", way: str = "") -> str:
    """The text of routes from a warehouse to itself; its mappings stand beside it.

    `way` is another address by which it is read.
    """
    mapping_file(folder, SOURCES, "out.yaml")
    mapping_file(folder, WRITTEN, "in.yaml")
    login = ""
    if house.credentials:
        (folder / "password").write_text(house.credentials.password, "utf-8")
        login = f"credentials: {{user: {house.credentials.user}, password: {{file: password}}}}"
    return ROUTES.format(wms=way or house.address, stock=house.address, every=every, login=login)


@contextlib.asynccontextmanager
async def reading_bus(
    house: Warehouse, folder: Path, journal: str = "", way: str = ""
) -> AsyncIterator[Running]:
    """A bus that runs, on a journal of its own or on one that others have too."""
    file = folder / "routes.yaml"
    file.write_text(routes(house, folder, way=way), "utf-8")
    settings = load_settings(journal=journal or str(folder / "journal.sqlite"), routes=file, port=0)
    async with running(settings) as run:
        yield run


async def until(holds: Callable[[], bool], within: float = 20) -> None:
    """Wait until something holds in the warehouse, which has no event to wait for."""
    async with asyncio.timeout(within):
        while not await asyncio.to_thread(holds):  # noqa: ASYNC110
            await asyncio.sleep(0.03)


async def taken(run: Running) -> list[MessageRow]:
    """The messages of the journal, the oldest first."""
    found = await run.bus.history.messages(Filter(limit=500))
    return [row for row, _ in reversed(found)]


def numbered(count: int) -> Iterator[tuple[int, str]]:
    """Numbers and codes of so many units."""
    return ((number, f"U{number:03}") for number in range(1, count + 1))
