"""The scenario of the demonstration: what the applications do, and what is shown of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import click

from adapters.simulation.eai.outgoing import Outgoing, Value
from adapters.simulation.eai.simulator import EaiSimulator
from bus import demo
from bus.core.delivery import State
from bus.core.envelope import DeliveryMode
from bus.edge.cli.demo.show import ended, program, until
from bus.edge.cli.demo.stage import DemoStage
from bus.edge.cli.timeline import timeline
from bus.edge.story import story_of
from bus.edge.words.demo import say
from bus.journal.commands import ChangeDepara
from bus.ports.depara import PairFilter
from bus.ports.history import Trace
from depara.model import Key, Link, Member, Source

ABSENCE = 2.0
"""Seconds that Protheus is away."""


class Scenario:
    """Plays the scenario, and prints the trace of each message."""

    def __init__(self, stage: DemoStage) -> None:
        self._stage = stage

    async def play(self) -> None:
        """All scenes, in their order."""
        await self._companies()
        await self._registers()
        await self._missing()
        await self._down()
        await self._invalid()
        await self._work_order()
        await self._pairs()

    # -- the scenes --------------------------------------------------------------------------------

    async def _companies(self) -> None:
        self._title("companies")
        ids = (("rm", "1|1"), ("protheus", "01|01"), ("wms", "CD1|1"))
        rm, *others = (Member(Key("Company", name, "", id_)) for name, id_ in ids)
        link = Link(rm, tuple(others))
        asked = ChangeDepara("admin", Source.PERSON, reason="go-live", links=(link,))
        await self._stage.run.bus.ports.crossreference.amend(asked)
        click.echo("   Company rm:1|1 = protheus:01|01 = wms:CD1|1")

    async def _registers(self) -> None:
        currency = _out("Currency", "BRL", Description="Real", Symbol="R$")
        await self._show("currency", self._stage.rm, currency)
        await self._show(
            "unit", self._stage.rm, _out("UnitOfMeasure", "CAIXA", Description="Caixa")
        )
        partner = _out("CustomerVendor", "F00012", Name="Rolamentos do Vale Ltda", Type="Both")
        await self._show("partner", self._stage.rm, partner)
        item: dict[str, Value] = {
            "Name": "Rolamento 6204",
            "UnitOfMeasureInternalId": self._id("UnitOfMeasure", "CAIXA"),
            "ListOfCustomerItemInformation": {
                "CustomerItemInformation": {
                    "CustomerInternalId": self._id("CustomerVendor", "F00012")
                }
            },
            "ListOfGenericPrices": {
                "GenericPrices": {"CurrencyInternalId": self._id("Currency", "BRL")}
            },
        }
        await self._show("item", self._stage.rm, _out("Item", "ROL6204", **item))

    async def _missing(self) -> None:
        """The item is refused there or held here until its unit arrives."""
        self._title("missing")
        unit = "1|ROLO"
        item = _out("Item", "FITA", Name="Fita isolante", UnitOfMeasureInternalId=unit)
        id_ = await self._send(self._stage.rm, item)
        waiting = await until(self._stage.run, id_, _all_wait)
        self._tell(waiting)
        self._title("provided")
        await self._send(self._stage.rm, _out("UnitOfMeasure", "ROLO", Description="Rolo"))
        self._tell(await until(self._stage.run, id_, ended))

    async def _down(self) -> None:
        async with self._protheus_away():
            kilo = _out("UnitOfMeasure", "KG", Description="Quilograma")
            await self._show("down", self._stage.rm, kilo)

    async def _invalid(self) -> None:
        wrong = _out("UnitOfMeasure", "CAIXA-COM-DOZE", Description="Caixa com doze")
        await self._show("invalid", self._stage.rm, wrong)

    async def _work_order(self) -> None:
        order = Outgoing("MaintenanceOrder", "000123", {"Observation": "Trocar rolamento"})
        await self._show("order", self._stage.protheus, order)

    async def _pairs(self) -> None:
        self._title("pairs")
        things: dict[int, list[str]] = {}
        for row in await self._stage.run.bus.ports.crossreference.rows(PairFilter()):
            ids = things.setdefault(row.identity, [f"{row.entity:<16}"])
            ids.append(f"{row.application}:{row.id}")
        for ids in things.values():
            click.echo("   " + "  ".join(ids))

    def hints(self) -> Sequence[str]:
        """Where the applications are, and a message to send oneself."""
        stage = self._stage
        address, journal = stage.run.address, stage.folder / "journal.sqlite"
        message = stage.folder / "unit.xml"
        fields = {"id": "1|CX", "code": "CX", "description": "Caixa", "mode": "Sync"}
        fields |= {"uuid": stage.run.bus.ports.clock.new_id()}
        fields |= {"generated_on": "2026-01-31T12:00:00"}
        message.write_bytes(demo.message("unit", **fields))
        return (
            f"{address}/health/ready   {address}/metrics",
            f"curl -i -u rm:{stage.passwords['rm']} --data-binary @{message} {address}/messages",
            f"BUS_JOURNAL={journal} {program()} messages",
            f"RM {stage.rm.address}",
            f"Protheus {stage.protheus.address}",
            f"WMS {stage.wms.address}",
        )

    # -- how they are played -----------------------------------------------------------------------

    def _title(self, title: str) -> None:
        click.secho(f"\n{say(title, self._stage.language)}", bold=True)

    def _id(self, entity: str, code: str) -> str:
        return self._stage.rm.erp.id_of(entity, code)

    async def _show(self, title: str, sender: EaiSimulator, out: Outgoing) -> None:
        """Send a message, wait for its end, and print its trace."""
        self._title(title)
        id_ = await self._send(sender, out)
        self._tell(await until(self._stage.run, id_, ended))

    def _tell(self, trace: Trace) -> None:
        click.echo(timeline(story_of(trace), self._stage.language))

    async def _send(self, sender: EaiSimulator, out: Outgoing) -> str:
        """Send a message; the bus's id of it."""
        sent = await sender.send(out)
        (message, *_) = await self._stage.run.bus.history.find(sent.uuid)
        return message.id

    @contextlib.asynccontextmanager
    async def _protheus_away(self) -> AsyncIterator[None]:
        await self._stage.protheus.leave()
        returning = asyncio.create_task(_after(ABSENCE, self._stage.protheus.come_back))
        yield
        await returning


async def _after(seconds: float, do: Callable[[], Awaitable[None]]) -> None:
    await asyncio.sleep(seconds)
    await do()


def _out(transaction: str, code: str, **fields: Value) -> Outgoing:
    return Outgoing(transaction, code, fields, mode=DeliveryMode.ASYNC)


def _all_wait(trace: Trace) -> bool:
    return all(row.state is State.AWAITING_DEPARA for row in trace.deliveries)
