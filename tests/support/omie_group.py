"""A running bus between three apps of a simulated Omie that share registers."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp

from adapters.omie.simulator import omie_simulator
from bus.core.delivery import State
from bus.journal.rows import DeliveryRow, MessageRow
from bus.ports.codec import Codec
from bus.ports.history import Filter
from tests.support.omie_apps import MOST_SECONDS, Fill, OmieApps, between, fill_nothing

MAIN, ONE, TWO = "matriz", "filial-1", "filial-2"
APPS = (MAIN, ONE, TWO)
SHARING = """
routes: {{}}
sharing:
  grupo:
    origin: matriz
    destinations: [filial-1, filial-2]
    entities: [{entities}]
    strictness: warn
    permissions:
      matriz: {main}
      filial-1: {one}
"""
OPEN = frozenset({State.WAITING, State.SENDING, State.AWAITING_DEPARA, State.UNKNOWN})


class Said(NamedTuple):
    """What a command said, and its exit code."""

    exit_code: int
    output: str


class Group(OmieApps):
    """The bus, and its three apps."""

    def products(self, app: str) -> dict[str, str]:
        """The products of an app: their descriptions, by their codes."""
        return {row["codigo"]: row["descricao"] for row in self.app(app).products.values()}

    async def command(self, *arguments: str) -> Said:
        """What `bus sharing` does on the bus that runs."""
        at = ("--journal", str(self.place / "journal.sqlite"))
        routes = ("--routes", str(self.place / "routes.yaml"))
        program = (sys.executable, "-c", "from bus.edge.cli import main; main()")
        made = await asyncio.create_subprocess_exec(
            *(*program, "sharing", *arguments, *at, *routes), stdout=PIPE, stderr=PIPE
        )
        out, error = await made.communicate()
        return Said(made.returncode or 0, (out + error).decode())

    async def told(self, *arguments: str) -> dict[str, Any]:
        """The same, as JSON."""
        result = await self.command(*arguments, "--json")
        assert result.exit_code == 0, result.output
        return dict(json.loads(result.output.splitlines()[0]))

    async def activated(self) -> dict[str, Any]:
        """The group is activated as its preview says: the preview."""
        await self.read_up()
        preview = await self.told("preview", "grupo")
        await self.told("activate", "grupo", "--confirm", preview["hash"])
        await self.rests()
        return preview

    async def read_up(self) -> None:
        """Wait until all apps were read to their end."""
        await self.until(lambda: all(map(self.run.bus.poller.is_read_up, APPS)))

    async def rests(self, rounds: int = 3) -> None:
        """Read all apps again and again, until nothing has come of it for some rounds."""
        still, before = 0, -1
        async with asyncio.timeout(3 * MOST_SECONDS):
            while still < rounds:
                self.pass_time(61)
                await asyncio.sleep(0.3)
                found = await self.messages()
                rows = [row for _, rows in found for row in rows]
                quiet = not any(row.state in OPEN for row in rows)
                still = still + 1 if quiet and len(found) == before else 0
                before = len(found)

    async def waiting_for(self, app: str) -> None:
        """Wait until a delivery to an app waits for a better time."""
        chosen = Filter(destination=app, state=State.WAITING)
        async with asyncio.timeout(MOST_SECONDS):
            while not await self.run.bus.history.messages(chosen):  # noqa: ASYNC110 - no event
                await asyncio.sleep(0.02)

    async def metrics(self) -> str:
        """What the bus counts."""
        async with (
            aiohttp.ClientSession() as http,
            http.get(f"{self.run.address}/metrics") as answer,
        ):
            return await answer.text()

    async def messages(self) -> list[tuple[MessageRow, tuple[DeliveryRow, ...]]]:
        """What came in, the oldest first."""
        found = await self.run.bus.history.messages(Filter(limit=1000))
        return list(reversed(found))


@contextlib.asynccontextmanager
async def group(  # noqa: PLR0913 - what three apps have, and may
    codec: Codec,
    place: Path,
    fill: Fill = fill_nothing,
    *,
    one: str = "[include, edit]",
    main: str = "[include, edit, delete]",
    entities: str = "Item, CustomerVendor",
) -> AsyncIterator[Group]:
    """A bus between three apps, which are filled before it starts; `one` is what filial-1 may,
    `main` what matriz may; they share these `entities`.
    """
    async with omie_simulator(codec) as omie:
        fill(omie)
        rules = SHARING.format(one=one, main=main, entities=entities)
        async with between(Group(omie, place), APPS, rules, entities) as bus:
            yield bus
