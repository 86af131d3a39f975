"""RM and Protheus, simulated, and the bus between them on the routes.yaml that ships."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.protheus.simulator import protheus_simulator
from adapters.rm.simulator import RmSimulator, rm_simulator
from adapters.simulation.desk import Setting
from adapters.simulation.eai.simulator import EaiSimulator
from bus.config import load_settings
from bus.contracts.registry import Registry
from bus.core.contract import Contract
from bus.core.delivery import State
from bus.core.outcome import Report
from bus.core.route import Credentials
from bus.edge.http.server import Running, running
from bus.journal.commands import ChangeDepara
from bus.ports.history import Trace
from bus.wiring import open_codec
from depara.model import Key, Link, Member, Source
from tests.support.full_messages import Whole, id_of, introduce

ROUTES = Path(__file__).parents[2] / "routes.yaml"
REGISTRY = Registry()
CODEC = open_codec()
RM, PROTHEUS = "rm", "protheus"
OF_THEIR_OWN = {
    "UnitOfMeasure": {"Code": "CX"},
    "Assets": {"ListOfSalesAndValuesAssets/SalesAndValuesItem[2]": ""},
}
"""What is not as in the example: a unit that Protheus does not come with; no history of values."""
_PASSWORD = "only-in-tests"
_SECRETS = ("RM_LOGIN", "PROTHEUS_LOGIN", "RM", "PROTHEUS")


@dataclass(frozen=True, slots=True)
class Trio:
    """Both ERPs, and the bus between them, on the routes that ship."""

    rm: RmSimulator
    protheus: EaiSimulator
    run: Running

    def sides(self, sender: str) -> tuple[EaiSimulator, EaiSimulator]:
        """Who sends, and who reads."""
        return (self.rm, self.protheus) if sender == RM else (self.protheus, self.rm)

    def whole(self, sender: str, named: str, version: str) -> Whole:
        """A full message of theirs, all of whose references its reader knows."""
        mine, other = self.sides(sender)
        changes = OF_THEIR_OWN.get(named, {})
        found = contract(named, version)
        whole = Whole(found, mine.product, sender, f"u-{named}", named=named, changes=changes)
        introduce(whole, other)
        return whole

    async def pairs(self, application: str, entity: str, id_: str) -> set[tuple[str, str]]:
        """What the bus knows one thing to be called: (application, id)."""
        key = Key(entity, application, "", id_)
        known = await self.run.bus.ports.crossreference.known([key])
        return {(row.application, row.id) for row in known.get(key, ())}

    async def route_of(self, uuid: str) -> str:
        """The rule by which a message went."""
        (row,) = await self.run.bus.history.find(uuid)
        trace = await self.run.bus.history.trace(row.id)
        return trace.message.rule if trace else ""

    async def trace(self, uuid: str) -> Trace:
        """The story of a message."""
        (row,) = await self.run.bus.history.find(uuid)
        found = await self.run.bus.history.trace(row.id)
        assert found is not None
        return found

    async def reaches(self, uuid: str, state: State) -> Trace:
        """Wait until the first delivery of a message stands there."""

        async def stands() -> bool:
            return (await self.trace(uuid)).deliveries[0].state is state

        await until(stands)
        return await self.trace(uuid)


@contextlib.asynccontextmanager
async def back_office(
    folder: Path, environment: pytest.MonkeyPatch, *changes: tuple[str, str]
) -> AsyncIterator[Trio]:
    """Both ERPs, and a bus with routes.yaml, in which their addresses and `changes` are put."""
    fill(environment)
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = int(one.getsockname()[1])
    bus = f"http://127.0.0.1:{port}/EAIService"
    async with contextlib.AsyncExitStack() as stack:
        rm = await stack.enter_async_context(rm_simulator(CODEC, _setting(RM, bus)))
        protheus = protheus_simulator(CODEC, _setting(PROTHEUS, bus))
        await stack.enter_async_context(protheus)
        text = ROUTES.read_text("utf-8")
        for before, after in (
            ("http://rm.example:8051/EAIService/MEX", rm.address),
            ("http://protheus.example:8080/ws/EAISERVICE.apw", protheus.address),
            *changes,
        ):
            assert before in text
            text = text.replace(before, after, 1)
        routes = folder / "routes.yaml"
        routes.write_text(text, "utf-8")
        settings = load_settings(journal=str(folder / "journal.sqlite"), routes=routes, port=port)
        run = await stack.enter_async_context(running(settings))
        await _enter_companies(run)
        yield Trio(rm, protheus, run)


async def _enter_companies(run: Running) -> None:
    """What an admin does before any load."""
    rm, protheus = (
        Member(Key("Company", name, "", id_of(product, "Company", "")))
        for name, product in ((RM, "RM"), (PROTHEUS, "PROTHEUS"))
    )
    asked = ChangeDepara("ana", Source.PERSON, links=(Link(rm, (protheus,)),))
    await run.bus.ports.crossreference.amend(asked)


def fill(environment: pytest.MonkeyPatch) -> None:
    """Set the passwords that routes.yaml names."""
    for name in _SECRETS:
        environment.setenv(f"{name}_PASSWORD", _PASSWORD)


def contract(named: str, version: str) -> Contract:
    """The contract of a transaction, under any of its names."""
    found = REGISTRY.find(named, version)
    assert found is not None
    return found


async def until(done: Callable[[], Awaitable[object]]) -> None:
    """Wait for what comes by itself."""
    async with asyncio.timeout(30):
        while not await done():  # noqa: ASYNC110 - it is asked, not told
            await asyncio.sleep(0.02)


def code_of(report: Report) -> str:
    """What the bus says is wrong: the code of its note."""
    return report.response.notes[0].code if report.response and report.response.notes else ""


def _setting(name: str, bus: str) -> Setting:
    login, credentials = Credentials("bus", _PASSWORD), Credentials(name, _PASSWORD)
    return Setting(name=name, bus=bus, login=login, credentials=credentials)
