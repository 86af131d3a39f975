"""A running bus between a simulated Omie and a simulated Keepfy, each by its own adapter."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.keepfy.simulated.orders import SimulatedOrder, Told
from adapters.keepfy.simulated.orders import labour as labour_of
from adapters.keepfy.simulated.orders import material as line_of
from adapters.keepfy.simulated.outbox import PostedEvent
from adapters.keepfy.simulator import KeepfySimulator, keepfy_simulator
from adapters.omie.simulated.books import OmieApp, Row
from adapters.omie.simulator import OmieSimulator, omie_simulator
from adapters.simulation.desk import Setting
from bus.config import load_settings
from bus.core.delivery import ENDED, State
from bus.core.route import Credentials
from bus.edge.http.server import Running, running
from bus.journal.rows import DeliveryRow
from bus.ports.history import Filter
from bus.wiring import open_codec
from tests.support.keepfy import BRANCH
from tests.support.omie_bus import Passed, clock_of_the_adapter

KEY, SECRET = "1560731700", "only-in-tests"
ACCESS = Credentials("access-key", SECRET)
A_MINUTE = 61.0
ROUTES = """
applications:
  omie:
    product: OMIE
    adapter: omie
    address: "{omie}"
    login: {{user: omie, password: {{file: password}}}}
    credentials: {{user: "1560731700", password: {{file: password}}}}
    read_every: 1h
    takes_answers: false
    references: {{MaintenanceOrder: keep}}
    options: {{reads: "Warehouse, Item", category: "2.01.03", on_change: {on_change}}}
  keepfy:
    product: KEEPFY
    adapter: keepfy
    address: "{keepfy}"
    login: {{user: keepfy, password: {{file: password}}}}
    credentials: {{user: access-key, password: {{file: password}}}}
    takes_answers: false
    options: {{branch: {branch}, requisitions: create, graphql: "{graphql}"}}
routes:
  registers:
    transactions: [Warehouse, Item]
    from: omie
    to: [keepfy]
    retry: &soon {{first: 100ms, longest: 200ms, longest_pause: 200ms}}
  orders:
    transactions: [Request, StockTurnover, CancelRequest]
    from: keepfy
    to: [omie]
    retry: *soon
  balances:
    transactions: [StockLevel]
    from: keepfy
    to: [omie]
"""


@dataclass
class Workshop:
    """A bus between an Omie app and a branch of Keepfy, with two materials in one location."""

    omie: OmieSimulator
    keepfy: KeepfySimulator
    run: Running
    passed: Passed

    @property
    def app(self) -> OmieApp:
        """The books of the app."""
        return self.omie.app(KEY)

    @property
    def webhook(self) -> str:
        """Where Keepfy posts."""
        return webhook_of(self.run.address)

    async def post(self, event: Mapping[str, Any]) -> PostedEvent:
        """Have Keepfy post an event: what the bus said of it."""
        return await asyncio.wait_for(self.keepfy.post(event, self.webhook), 15)

    async def carried_out(self, event: Mapping[str, Any]) -> list[DeliveryRow]:
        """Have an event posted, and wait until Omie has all that it makes."""
        said = await self.post(event)
        assert said.status == 202, said.answer
        return [await self.ended(one, State.DELIVERED) for one in said.answer["messages"]]

    async def ended(self, message: str, *states: State) -> DeliveryRow:
        """The delivery of a message to Omie, once it has ended, in one of these states."""
        async with asyncio.timeout(20):
            while True:
                trace = await self.run.bus.history.trace(message)
                assert trace
                row = next(one for one in trace.deliveries if one.destination == "omie")
                if row.state in ENDED or row.state in states:
                    assert row.state in states, trace
                    return row
                if row.detail == "BUSY":  # Omie refuses the same call for a minute
                    self.passed.seconds += A_MINUTE
                    self.omie.pass_time(A_MINUTE)
                await asyncio.sleep(0.02)

    async def sent(self) -> list[str]:
        """The messages that came from Keepfy, in order."""
        found = await self.run.bus.history.messages(Filter())
        return [row.transaction for row, _ in reversed(found) if row.sender == "keepfy"]

    def material(self, line: str, code: str, quantity: float, place: str = "CENTRAL") -> Told:
        """A line of a material, by the codes that Omie has."""
        item, location = self.own("Item", code), self.own("Warehouse", place)
        return line_of(line, item, location, quantity)

    def own(self, name: str, code: str) -> str:
        """Keepfy's id of a register that Omie has under a code."""
        return self.keepfy.branch.named(name, code)

    async def known(self, count: int) -> None:
        """Wait until Keepfy has so many registers of Omie."""
        async with asyncio.timeout(20):
            while len(self.keepfy.branch.own_ids) < count:  # noqa: ASYNC110 - books have no event
                await asyncio.sleep(0.02)

    def two_by_two(self) -> list[Told]:
        """The example of the manual: two labours, each with screws and a kit of seals."""
        return [
            labour_of(name, self.material("1", "PAR", screws), self.material("2", "KIT", kits))
            for name, screws, kits in (("A", 2, 1), ("B", 3, 4.5))
        ]

    def requisitions(self) -> list[Row]:
        """The requisitions that the app has."""
        return list(self.app.requisitions.values())

    def exits(self) -> list[Row]:
        """The adjustments that the app has."""
        return list(self.app.adjustments.values())

    def methods(self) -> list[str]:
        """The changes that Omie was called for, in order."""
        methods = (call.method for call in self.omie.calls)
        return [one for one in methods if one.startswith(("Incluir", "Alterar", "Excluir"))]


def webhook_of(address: str) -> str:
    """The webhook of Keepfy at a bus."""
    return f"{address}/webhooks/keepfy/{SECRET}"


def order(id: str = "os-7") -> SimulatedOrder:
    """A service order of the branch."""
    return SimulatedOrder(id, id.upper().replace("-", " "), BRANCH)


def stock(app: OmieApp) -> None:
    """An app with screws and a kit of seals, in one location of two."""
    place = app.keep_warehouse("CENTRAL", "Central")
    app.keep_warehouse("OFICINA", "Oficina")
    for code, name in (("PAR", "Parafuso"), ("KIT", "Kit de vedação")):
        app.set_stock(app.keep_product(code, name), place, "100", cost="1.50")


@contextlib.asynccontextmanager
async def workshop(place: Path, on_change: str = "alter_and_new") -> AsyncIterator[Workshop]:
    """A bus between the two, once Keepfy has what Omie has."""
    passed = Passed()
    (place / "password").write_text(SECRET, "utf-8")
    async with (
        omie_simulator(open_codec(), Setting(login=Credentials(KEY, SECRET))) as omie,
        keepfy_simulator(open_codec(), Setting(login=ACCESS)) as keepfy,
        clock_of_the_adapter(passed),
    ):
        stock(omie.app(KEY))
        (place / "routes.yaml").write_text(routes(omie, keepfy, on_change), "utf-8")
        settings = load_settings(
            journal=str(place / "journal.sqlite"), routes=place / "routes.yaml", port=0
        )
        async with running(settings) as run:
            shop = Workshop(omie, keepfy, run, passed)
            await shop.known(4)
            yield shop


def routes(omie: OmieSimulator, keepfy: KeepfySimulator, on_change: str = "alter_and_new") -> str:
    """The routes between the two."""
    return ROUTES.format(
        omie=omie.address,
        keepfy=keepfy.address,
        graphql=keepfy.graphql,
        branch=BRANCH,
        on_change=on_change,
    )
