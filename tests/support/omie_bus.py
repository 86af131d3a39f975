"""A running bus between a simulated Omie and a simulated Keepfy."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import aiohttp
import pytest

from adapters.omie import ADAPTER
from adapters.omie.simulated.books import OmieApp
from adapters.omie.simulated.webhooks import Webhooks
from adapters.omie.simulator import OmieSimulator, omie_simulator
from adapters.simulation.desk import Setting
from adapters.simulation.simulator import Simulator
from bus.config import load_settings
from bus.core.delivery import State
from bus.core.route import Credentials
from bus.edge.http.server import Running, running
from bus.engine.depara_changes import DeparaChange, IdPair
from bus.journal.rows import DeliveryRow
from bus.ports.codec import Codec
from bus.ports.history import Filter
from bus.wiring import open_codec
from depara.model import Key, Member, Source

KEY, PASSWORD = "1560731700", "only-in-tests"
ROUTES = """
applications:
  omie:
    product: OMIE
    adapter: omie
    address: "{omie}"
    login: {{user: omie, password: {{file: password}}}}
    credentials: {{user: "1560731700", password: {{file: password}}}}
    read_every: {read_every}
    takes_answers: false
    options: {{{options}}}
  keepfy:
    product: KEEPFY
    adapter: http-xml
    address: "{keepfy}"
    login: {{user: keepfy, password: {{file: password}}}}
    de_para: application
    id_scope: application
routes:
  registers:
    transactions: [Warehouse, Item, CustomerVendor, StockLevel]
    from: omie
    to: [keepfy]
  used:
    transactions: [StockTurnover, Request, CancelRequest]
    from: keepfy
    to: [omie]
    retry: {{first: 100ms, longest: 200ms, longest_pause: 200ms}}
shared_ids: [{{entity: Company, between: [omie, keepfy]}}]
"""
OPTIONS = {"value": "cmc", "category": "2.01.03"}


@dataclass
class Passed:
    """Seconds by which the clocks of Omie and of its adapter are ahead."""

    seconds: float = 0.0

    def now(self) -> float:
        """What the adapter takes for the time."""
        return monotonic() + self.seconds


@dataclass(frozen=True)
class Trio:
    """A bus between an Omie and a Keepfy."""

    omie: OmieSimulator
    keepfy: Simulator
    run: Running
    http: aiohttp.ClientSession
    passed: Passed

    def pass_time(self, seconds: float) -> None:
        """Let time pass for Omie and for its adapter; not for the bus."""
        self.passed.seconds += seconds
        self.omie.pass_time(seconds)

    def methods(self, ending: str = "") -> list[str]:
        """The calls that Omie took, in order, whose names end so."""
        return [call.method for call in self.omie.calls if call.method.endswith(ending)]

    @property
    def app(self) -> OmieApp:
        """The books of the app."""
        return self.omie.app(KEY)

    @property
    def address(self) -> str:
        """Where its events go."""
        return f"{self.run.address}/webhooks/omie/{PASSWORD}"

    def told(self, *, older: bool = False) -> Webhooks:
        """Have the events of the app told to the bus."""
        return self.omie.webhooks(KEY, self.address, older=older)

    async def post(self, body: object) -> tuple[int, dict[str, Any]]:
        """Post an event by hand."""
        async with self.http.post(self.address, json=body) as answer:
            return answer.status, json.loads(await answer.text())

    async def came(self, count: int) -> list[str]:
        """What came in, once that are so many: transactions with events."""
        async with asyncio.timeout(15):
            while len(found := await self.messages()) < count:  # noqa: ASYNC110 - a journal has no event
                await asyncio.sleep(0.02)
        return found

    async def messages(self) -> list[str]:
        """What came in, in order."""
        found = await self.run.bus.history.messages(Filter())
        return [f"{row.sender} {row.transaction}" for row, _ in reversed(found)]

    async def send(self, body: bytes) -> str:
        """Post a message of Keepfy's: the id that the bus gave it."""
        login = {"Authorization": aiohttp.encode_basic_auth("keepfy", PASSWORD)}
        url = f"{self.run.address}/messages"
        async with self.http.post(url, data=body, headers=login) as answer:
            assert answer.status == 202, await answer.text()
        uuid = (await open_codec().read(body)).envelope.header.uuid
        (row,) = await self.run.bus.history.find(uuid)
        return row.id

    async def delivery(
        self, message: str, *states: State, destination: str = "omie"
    ) -> DeliveryRow:
        """The delivery of a message, once it is in one of these states."""
        async with asyncio.timeout(15):
            while True:
                trace = await self.run.bus.history.trace(message)
                assert trace
                row = next(one for one in trace.deliveries if one.destination == destination)
                if row.state in states:
                    return row
                await asyncio.sleep(0.02)

    async def pair(self, entity: str, theirs: str, ours: int) -> None:
        """Have the de-para know that an id of Keepfy's and one of Omie's are one thing."""
        one, other = Key(entity, "keepfy", "", theirs), Key(entity, "omie", "", str(ours))
        links = (IdPair(Member(one), Member(other)),)
        change = DeparaChange(actor="test", source=Source.PERSON, links=links)
        await self.run.bus.amending.change(change)

    async def stocked(self) -> tuple[int, int]:
        """A product and a location, K1 and W1 in Keepfy."""
        product = self.app.keep_product("FLT-1", "Filtro")
        warehouse = self.app.keep_warehouse("CENTRAL", "Central")
        self.app.set_stock(product, warehouse, "10", cost="12.345")
        await self.pair("Item", "K1", product)
        await self.pair("Warehouse", "W1", warehouse)
        return product, warehouse


@contextlib.asynccontextmanager
async def trio(
    codec: Codec,
    place: Path,
    read_every: str = "1h",
    products: Sequence[str] = (),
    stocked: Callable[[OmieApp], None] = lambda _: None,
    **options: str,
) -> AsyncIterator[Trio]:
    """A bus between the two; Omie is read at once, and then as often as told, or never.

    It has these products when the bus starts, or what `stocked` puts there, and its application
    these options.
    """
    passed = Passed()
    (place / "password").write_text(PASSWORD, "utf-8")
    login = Credentials(KEY, PASSWORD)
    registers = frozenset({"item", "warehouse", "customervendor", "stocklevel"})
    async with (
        omie_simulator(codec, Setting(login=login)) as omie,
        Simulator(codec, Setting(name="keepfy", registers=registers)) as keepfy,
        clock_of_the_adapter(passed),
    ):
        for code in products:
            omie.app(KEY).keep_product(code, "Filtro")
        stocked(omie.app(KEY))
        told = ", ".join(f'{name}: "{value}"' for name, value in {**OPTIONS, **options}.items())
        text = ROUTES.format(
            omie=omie.address, keepfy=keepfy.address, read_every=read_every, options=told
        )
        text = text if read_every else text.replace("    read_every: \n", "")
        (place / "routes.yaml").write_text(text, "utf-8")
        settings = load_settings(
            journal=str(place / "journal.sqlite"), routes=place / "routes.yaml", port=0
        )
        async with running(settings) as run, aiohttp.ClientSession() as http:
            yield Trio(omie, keepfy, run, http, passed)


@contextlib.asynccontextmanager
async def clock_of_the_adapter(passed: Passed) -> AsyncIterator[None]:
    """Have the adapter of Omie take its time from there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ADAPTER, "_now", passed.now)
        yield
