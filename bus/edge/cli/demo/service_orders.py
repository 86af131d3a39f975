"""A service order from forecast to exits, a change and a cancellation, between two products.

Omie keeps stock and purchasing, Keepfy the maintenance; a branch with an app of its own shares the
products. All are simulated.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from adapters.keepfy.simulated.orders import SimulatedOrder, labour, material
from adapters.keepfy.simulator import KeepfySimulator, keepfy_simulator
from adapters.omie.simulated.books import OmieApp
from adapters.omie.simulator import OmieSimulator, omie_simulator
from adapters.simulation.desk import Setting
from bus import demo
from bus.config import load_settings
from bus.core.route import Credentials
from bus.core.text import Language
from bus.edge.cli.demo.shared_registers import BRANCH as BRANCH_APP
from bus.edge.cli.demo.shared_registers import SharedRegisters
from bus.edge.cli.demo.show import PATIENCE, Show, ended, program, until
from bus.edge.cli.demo.stage import free_port
from bus.edge.cli.timeline import timeline
from bus.edge.http.server import Running, running
from bus.edge.log import configure
from bus.edge.story import story_of
from bus.edge.words.demo import say
from bus.wiring import open_codec

APP_KEY, ACCESS_KEY, BRANCH = "1560731700", "access-key", "matriz"
BRANCH_KEY = "1560731701"
SECRETS = ("omie", "filial", "keepfy")
SCREW, KIT, PLACE = "PARAFUSO", "KIT-VEDACAO", "CENTRAL"
TAKEN = 202
Told = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Workshop:
    """What it is played on."""

    run: Running
    omie: OmieSimulator
    keepfy: KeepfySimulator
    folder: Path
    webhook: str
    language: Language

    @property
    def app(self) -> OmieApp:
        """The books of the app of Omie."""
        return self.omie.app(APP_KEY)

    def own(self, name: str, code: str) -> str:
        """Keepfy's own id of what Omie has under a code."""
        return self.keepfy.branch.named(name, code)


@contextlib.asynccontextmanager
async def service_orders(folder: Path, port: int, language: Language) -> AsyncIterator[Show]:
    """The scenario on its stage; port 0 takes a free one."""
    words = {name: secrets.token_urlsafe(12) for name in SECRETS}
    for name, word in words.items():
        (folder / f"{name}.password").write_text(word, encoding="utf-8")
    settings = load_settings(
        journal=str(folder / "journal.sqlite"),
        routes=folder / "routes.yaml",
        port=port or free_port(),
        language=language,
    )
    configure("error", settings.log_format)
    bus = f"http://127.0.0.1:{settings.port}"
    webhook = f"{bus}/webhooks/keepfy/{words['keepfy']}"
    keys = Credentials(APP_KEY, words["omie"])
    access = Credentials(ACCESS_KEY, words["keepfy"])
    async with (
        omie_simulator(open_codec(), Setting(login=keys)) as omie,
        keepfy_simulator(open_codec(), Setting(login=access, bus=webhook)) as keepfy,
    ):
        _fill(omie.app(APP_KEY))
        omie.app(BRANCH_KEY).keep_product(SCREW, "Parafuso sextavado")
        routes = demo.routes(
            "omie-keepfy", omie=omie.address, keepfy=keepfy.address, graphql=keepfy.graphql
        )
        settings.routes.write_text(routes, encoding="utf-8")
        async with running(settings) as run:
            for key, name, word in ((APP_KEY, "omie", "omie"), (BRANCH_KEY, BRANCH_APP, "filial")):
                omie.webhooks(key, f"{bus}/webhooks/{name}/{words[word]}")
            yield ServiceOrders(Workshop(run, omie, keepfy, folder, webhook, language))


class ServiceOrders:
    """Plays the scenario, and prints the trace of each message."""

    def __init__(self, stage: Workshop) -> None:
        self._stage = stage

    async def play(self) -> None:
        """All scenes, in their order."""
        await self._registers()
        order = SimulatedOrder("os-1", "OS 1", BRANCH)
        first, second = self._labours()
        await self._show("forecast", order.forecast(first, second))
        more = {**first["materials"][0], "quantity": 6}
        changed = {**first, "materials": [more, first["materials"][1]]}
        await self._show("change", order.forecast(changed, {**second, "changedIn": 1}))
        await self._show("report", order.report(first, second))
        gone = {**second, "materials": [{**second["materials"][0], "removed": True}]}
        await self._show("removal", order.report(gone))
        await self._show("cancel", order.cancel("A", "B", reason="Máquina vendida"))
        without = {key: each for key, each in more.items() if key != "locationId"}
        await self._show("wrong", order.report({**first, "materials": [without]}))
        stage = self._stage
        branch = stage.omie.app(BRANCH_KEY)
        await SharedRegisters(stage.run, stage.app, branch, stage.language).play()

    def hints(self) -> Sequence[str]:
        """Where the two are, and an event to post oneself."""
        stage = self._stage
        event = stage.folder / "event.json"
        order = SimulatedOrder("os-2", "OS 2", BRANCH)
        told = order.forecast(*self._labours())
        event.write_text(json.dumps(told, indent=2), encoding="utf-8")
        return (
            f"curl -i --data-binary @{event} {stage.webhook}",
            f"BUS_JOURNAL={stage.folder / 'journal.sqlite'} {program()} messages",
            f"Omie {stage.omie.address}",
            f"Keepfy {stage.keepfy.address}",
        )

    async def _registers(self) -> None:
        """Keepfy gets what Omie has, under ids of its own."""
        self._title("omie_registers")
        branch = self._stage.keepfy.branch
        async with asyncio.timeout(PATIENCE):
            while len(branch.own_ids) < len((SCREW, KIT, PLACE)):  # noqa: ASYNC110 - books have no event
                await asyncio.sleep(0.05)
        for (name, theirs), own in branch.own_ids.items():
            click.echo(f"   {name:<10} omie:{theirs} = keepfy:{own}")

    def _labours(self) -> tuple[Told, Told]:
        """Two labours, each with both materials."""
        own = self._stage.own
        place = own("Warehouse", PLACE)
        first, second = (
            labour(
                name,
                material("1", own("Item", SCREW), place, screws),
                material("2", own("Item", KIT), place, kits),
                day=day,
            )
            for name, screws, kits, day in (("A", 4, 1, "2026-02-03"), ("B", 2, 1, "2026-02-04"))
        )
        return first, second

    async def _show(self, title: str, event: Mapping[str, Any]) -> None:
        """Have an event posted, wait for what comes of it, and print that and what Omie has."""
        self._title(title)
        said = await self._stage.keepfy.post(event)
        if said.status != TAKEN:
            for fault in said.answer["errors"]:
                click.echo(f"   {said.status} {fault['path']}: {fault['message']} {fault['hint']}")
            return
        for id_ in said.answer["messages"]:
            trace = await until(self._stage.run, id_, ended)
            click.echo(timeline(story_of(trace), self._stage.language))
        self._books()

    def _books(self) -> None:
        """What Omie has now: each requisition and each exit in a line."""
        app, language = self._stage.app, self._stage.language
        rows = [
            (
                say("requisition", language),
                row["codReqCompra"],
                row["dtSugestao"],
                row["ItensReqCompra"],
            )
            for row in app.requisitions.values()
        ]
        rows += [
            (say("exit", language), row["id_ajuste"], row["data"], [row])
            for row in app.adjustments.values()
        ]
        click.echo(f"   {say('books', language)}")
        for what, id_, day, items in rows:
            click.echo(f"     {what:<11} {id_}  {day}  {', '.join(self._used(items))}")

    def _used(self, items: Iterable[Mapping[str, Any]]) -> Iterable[str]:
        for one in items:
            product = self._stage.app.products[one.get("codProd") or one["id_prod"]]
            yield f"{one.get('qtde') or one['quan']} {product['codigo']}"

    def _title(self, title: str) -> None:
        click.secho(f"\n{say(title, self._stage.language)}", bold=True)


def _fill(app: OmieApp) -> None:
    """An app with two materials in one location."""
    place = app.keep_warehouse(PLACE, "Almoxarifado central")
    for code, name in ((SCREW, "Parafuso"), (KIT, "Kit de vedação")):
        product = app.keep_product(code, name, valor_unitario=Decimal("2.75"))
        app.set_stock(product, place, "100", cost="1.50")
