"""A simulated application that takes standard messages over HTTP, and misbehaves when told to.

It answers as the manuals have it: ResponseMessage OK with a ListOfInternalId whose Destination is
an id of its own, or a Receipt first and the response later.

    async with Simulator(codec, Setting(name="rm")) as rm:
        ...  # send to rm.address, then look at rm.received

`POST /simulator/behaviour` takes what `read_behaviour` reads, `POST /simulator/away` how many
seconds to be gone, and `GET /simulator/ledger` shows what was processed.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from types import TracebackType
from typing import Self

from aiohttp import web

from adapters.simulation.behaviour import Behaviour, ScriptedConduct, read_behaviour
from adapters.simulation.carrier import bring_by_http
from adapters.simulation.clerk import PlainClerk
from adapters.simulation.desk import Setting, SimulatedDesk
from adapters.simulation.ledger import Ledger, LedgerEntry
from bus.ports.codec import Codec

BODY_LIMIT = 16_000_000
FAREWELL = 0.05  # s until who sent it away has its answer


class Simulator:
    """Plays one application while its context is open."""

    def __init__(
        self, codec: Codec, setting: Setting | None = None, behaviour: Behaviour | None = None
    ) -> None:
        self._setting = setting or Setting()
        self._behaviour = behaviour or Behaviour()
        self._ledger = Ledger(self._setting.ledger, self._setting.registers)
        self._desk = self._open_desk(codec)
        self._port = self._setting.port
        self._runner: web.AppRunner | None = None
        self._absence: asyncio.Task[None] | None = None

    @property
    def address(self) -> str:
        """Where to send messages; the same after an absence."""
        return self.root + self._path()

    @property
    def root(self) -> str:
        """Where it listens; below it are the pages by which it is told what to do."""
        return f"http://{self._setting.host}:{self._port}"

    @property
    def heard(self) -> tuple[str, ...]:
        """The UUIDs of all messages read since the start, processed or not, in order."""
        return tuple(self._desk.heard)

    @property
    def received(self) -> tuple[LedgerEntry, ...]:
        """What was processed, in order, with what the ledger held before."""
        return tuple(self._ledger.entries)

    @property
    def doubles(self) -> tuple[str, ...]:
        """The UUIDs of messages that made a document more than once."""
        return self._ledger.doubles()

    def behave(self, *steps: ScriptedConduct, always: ScriptedConduct | None = None) -> None:
        """Meet the next messages so, and those after them as `always` says."""
        self._behaviour = Behaviour(steps, always=always)

    def adopt(self, behaviour: Behaviour) -> None:
        """Meet messages so from now on."""
        self._behaviour = behaviour

    async def leave(self) -> None:
        """Stop listening and drop all connections: connecting is refused from now on."""
        runner, self._runner = self._runner, None
        if runner:
            await runner.cleanup()

    async def come_back(self) -> None:
        """Listen again, at the same address."""
        if self._runner:
            return
        runner = web.AppRunner(self._pages(), access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, self._setting.host, self._port, reuse_address=True).start()
        self._runner, self._port = runner, int(runner.addresses[0][1])

    async def __aenter__(self) -> Self:
        await self.come_back()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._absence:
            self._absence.cancel()
            await asyncio.gather(self._absence, return_exceptions=True)
        await self._desk.close()
        await self.leave()
        self._ledger.close()

    def _open_desk(self, codec: Codec) -> SimulatedDesk:
        """The desk that meets messages."""
        setting = self._setting
        bring = bring_by_http(setting.bus, setting.credentials) if setting.bus else None
        return SimulatedDesk(codec, setting, PlainClerk(self._ledger), bring=bring)

    def _path(self) -> str:
        """The path of its address."""
        return f"/{self._setting.name}"

    def _pages(self) -> web.Application:
        pages = web.Application(client_max_size=BODY_LIMIT)
        pages.router.add_get("/simulator/ledger", self._show_ledger)
        pages.router.add_post("/simulator/behaviour", self._change_behaviour)
        pages.router.add_post("/simulator/away", self._go_away)
        self._add_pages(pages)
        pages.router.add_post("/{path:.*}", self._receive)
        pages.router.add_route("OPTIONS", "/{path:.*}", _say_what_is_allowed)
        return pages

    def _add_pages(self, pages: web.Application) -> None:
        """Pages that not every simulated application has."""

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        return await self._desk.meet(request, self._behaviour.next())

    async def _show_ledger(self, _: web.Request) -> web.Response:
        return web.json_response([asdict(entry) for entry in self._ledger.entries])

    async def _change_behaviour(self, request: web.Request) -> web.Response:
        try:
            self._behaviour = read_behaviour(await request.text())
        except (ValueError, TypeError) as mistake:
            return web.json_response({"error": str(mistake)}, status=400)
        return web.json_response({})

    async def _go_away(self, request: web.Request) -> web.Response:
        try:
            seconds = float(json.loads(await request.text())["seconds"])
        except (ValueError, TypeError, KeyError):
            return web.json_response({"error": 'send {"seconds": 5}'}, status=400)
        self._absence = asyncio.create_task(self._be_away(seconds))
        return web.json_response({})

    async def _be_away(self, seconds: float) -> None:
        await asyncio.sleep(FAREWELL)
        await self.leave()
        await asyncio.sleep(seconds)
        await self.come_back()


async def _say_what_is_allowed(_: web.Request) -> web.Response:
    return web.Response(status=204, headers={"Allow": "POST, OPTIONS"})
