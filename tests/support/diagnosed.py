"""RM, a bus and Protheus over SOAP, arranged with the one thing wrong that a test is about."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from adapters.protheus.simulated import PROTHEUS, SERVICE
from adapters.rm.simulated import RM
from adapters.rm.simulated import SERVICE as RM_SERVICE
from adapters.simulation.desk import Setting
from adapters.simulation.eai.entities import ErpProduct
from adapters.simulation.eai.simulator import EaiSimulator
from bus.config import load_settings
from bus.core.delivery import Reason, State
from bus.core.diagnosis import Aspect, Diagnosis, Finding, Verdict
from bus.core.route import Credentials
from bus.edge.http.server import Running, running
from bus.engine.depara_changes import DeparaChange, IdPair
from bus.ports.history import Filter
from bus.wiring import open_codec
from depara.model import Key, Member, Source
from tests.support.brokers import free_port

PASSWORD = "only-in-tests"
ROUTES = """
applications:
  rm:
    product: RM
    adapter: eai-soap
    address: "{rm}"
    login: {{user: rm, password: {{file: password}}}}
    credentials: {{user: bus, password: {{file: password}}}}
  wms: {{product: WMS, comes_from: [127.0.0.9]}}
  p12:
    product: {product}
    adapter: eai-soap
    address: "{p12}"
    login: {{user: p12, password: {{file: password}}}}
    credentials: {{user: bus, password: {{file: presented}}}}
routes:
  registers:
    transactions: [Currency, UnitOfMeasure, Item, CustomerVendor]
    from: rm
    to: [p12]
    strictness: warn
    deadline: 5s
  documents:
    transactions: [Request, MaintenanceOrder]
    from: p12
    to: [rm]
    default_mode: sync
    deadline: 5s
{more}"""


@dataclass(frozen=True, slots=True)
class Site:
    """Both ERPs, and the bus between them."""

    rm: EaiSimulator
    protheus: EaiSimulator
    run: Running

    async def found(self, name: str = "p12") -> Diagnosis:
        """What a diagnosis finds of an application."""
        (found,) = await self.run.bus.diagnoser.diagnose(name)
        return found

    async def pair(self, entity: str, rm: str, there: str, application: str = "p12") -> None:
        """Have the de-para know that an id of RM and another one are one thing."""
        one, other = Key(entity, "rm", "", rm), Key(entity, application, "", there)
        change = DeparaChange(
            actor="test", source=Source.PERSON, links=(IdPair(Member(one), Member(other)),)
        )
        await self.run.bus.amending.change(change)


@contextlib.asynccontextmanager
async def site(  # noqa: PLR0913 - what may be wrong, one at a time
    folder: Path,
    erps: tuple[ErpProduct, ErpProduct] = (RM, PROTHEUS),
    *,
    address: str = "",
    presented: str = PASSWORD,
    more: str = "",
    product: str = "PROTHEUS",
) -> AsyncIterator[Site]:
    """A bus at work; `address` is where it looks for Protheus, and what follows it in the file.

    `presented` is the password with which it comes there, `more` what follows the routes,
    `product` what Protheus is said to be.
    """
    (folder / "password").write_text(PASSWORD, "utf-8")
    (folder / "presented").write_text(presented, "utf-8")
    port, codec = free_port(), open_codec()
    bus = f"http://127.0.0.1:{port}/EAIService"
    rm, protheus = erps
    async with contextlib.AsyncExitStack() as stack:
        played = EaiSimulator(codec, rm, RM_SERVICE, _setting("rm", bus, rm))
        office = await stack.enter_async_context(played)
        played = EaiSimulator(codec, protheus, SERVICE, _setting("p12", bus, protheus))
        workshop = await stack.enter_async_context(played)
        routes = folder / "routes.yaml"
        there = address or workshop.address
        text = ROUTES.format(rm=office.address, p12=there, more=more, product=product)
        routes.write_text(text, "utf-8")
        settings = load_settings(journal=str(folder / "bus.db"), routes=routes, port=port)
        yield Site(office, workshop, await stack.enter_async_context(running(settings)))


def _setting(name: str, bus: str, product: ErpProduct) -> Setting:
    login, credentials = Credentials("bus", PASSWORD), Credentials(name, PASSWORD)
    return Setting(
        name,
        product.name,
        product.version,
        bus=bus,
        login=login,
        credentials=credentials,
    )


def of(found: Diagnosis, check: Aspect, rule: str = "") -> Finding:
    """The one finding of a check, and of a rule where several rules have it."""
    chosen = [one for one in found.findings if one.check is check and rule in {"", one.rule}]
    assert len(chosen) == 1, chosen
    return chosen[0]


def steps(found: Diagnosis) -> dict[str, Verdict]:
    """How far the bus comes."""
    way = {Aspect.REACHABLE, Aspect.TLS, Aspect.LOGIN}
    return {one.check.value: one.verdict for one in found.findings if one.check in way}


def code(finding: Finding) -> str:
    """The code of what is wrong; empty where nothing is."""
    return finding.fault.code if finding.fault else ""


async def until_quiet(site: Site) -> None:
    """Wait until nothing is on its way any more."""
    async with asyncio.timeout(20):
        while await _moving(site):  # noqa: ASYNC110 - it is asked, not told
            await asyncio.sleep(0.02)


async def until_put_off(site: Site) -> None:
    """Wait until a delivery has met a fault, and waits to be sent again."""
    async with asyncio.timeout(20):
        while not await _put_off(site):  # noqa: ASYNC110 - it is asked, not told
            await asyncio.sleep(0.02)


async def _put_off(site: Site) -> bool:
    found = await site.run.bus.history.messages(Filter(state=State.WAITING))
    return any(row.reason is Reason.FAULT for _, rows in found for row in rows)


async def until_heard(erp: EaiSimulator) -> None:
    """Wait until an ERP was sent something that it has refused, beside a WhoIs."""
    async with asyncio.timeout(20):
        while not erp.heard:  # noqa: ASYNC110 - it is asked, not told
            await asyncio.sleep(0.02)


async def _moving(site: Site) -> bool:
    stock = await site.run.bus.history.stock()
    return any(one.state in {State.WAITING, State.SENDING} for one in stock)
