"""The bus between a simulated RM and a simulated Protheus, over SOAP on both sides."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.protheus.simulator import protheus_simulator
from adapters.rm.simulator import rm_simulator
from adapters.simulation.behaviour import Conduct, ScriptedConduct
from adapters.simulation.desk import Setting
from adapters.simulation.eai.outgoing import Outgoing, Value
from adapters.simulation.eai.simulator import EaiSimulator
from bus.config import load_settings
from bus.core.envelope import DeliveryMode
from bus.core.outcome import Outcome
from bus.core.route import Credentials
from bus.edge.http.server import Running, running
from bus.wiring import open_codec
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
  p12:
    product: PROTHEUS
    adapter: eai-soap
    address: "{protheus}"
    login: {{user: p12, password: {{file: password}}}}
    credentials: {{user: bus, password: {{file: password}}}}
routes:
  registers:
    transactions: [Currency, UnitOfMeasure, Item]
    from: rm
    to: [p12]
    deadline: 5s
    retry: {{first: 100ms, longest: 200ms, longest_pause: 200ms}}
  documents:
    transactions: [Request, CancelRequest]
    from: p12
    to: [rm]
    default_mode: sync
    deadline: 5s
shared_ids: [{{entity: Company, between: [rm, p12]}}]
"""


@dataclass(frozen=True, slots=True)
class Trio:
    """Both ERPs, and the bus between them."""

    rm: EaiSimulator
    protheus: EaiSimulator
    run: Running


@pytest.fixture(params=[False, True], ids=["at once", "receipts"])
async def trio(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Trio]:
    """A bus, an RM, and a Protheus that answers what is asynchronous at once or later."""
    (tmp_path / "password").write_text(PASSWORD, encoding="utf-8")
    port, codec = free_port(), open_codec()
    bus = f"http://127.0.0.1:{port}/EAIService"
    async with contextlib.AsyncExitStack() as stack:
        rm = await stack.enter_async_context(rm_simulator(codec, _setting("rm", bus)))
        setting = _setting("p12", bus, receipts=request.param)
        protheus = await stack.enter_async_context(protheus_simulator(codec, setting))
        routes = tmp_path / "routes.yaml"
        routes.write_text(ROUTES.format(rm=rm.address, protheus=protheus.address), "utf-8")
        journal = str(tmp_path / "journal.sqlite")
        settings = load_settings(journal=journal, routes=routes, port=port)
        yield Trio(rm, protheus, await stack.enter_async_context(running(settings)))


def _setting(name: str, bus: str, *, receipts: bool = False) -> Setting:
    login, credentials = Credentials("bus", PASSWORD), Credentials(name, PASSWORD)
    return Setting(name=name, bus=bus, login=login, credentials=credentials, receipts=receipts)


async def _until(done: Callable[[], object]) -> None:
    async with asyncio.timeout(15):
        while not done():  # noqa: ASYNC110 - it is asked, not told
            await asyncio.sleep(0.02)


def _unit(code: str, mode: DeliveryMode = DeliveryMode.SYNC) -> Outgoing:
    return Outgoing("UnitOfMeasure", code, {"Description": code}, mode=mode)


async def test_registers_and_documents_cross_the_bus(trio: Trio) -> None:
    """RM's registers reach Protheus, whose documents refer to them in its own ids."""
    unit = await trio.rm.send(_unit("CAIXA"))
    item: dict[str, Value] = {"Name": "Filtro", "UnitOfMeasureInternalId": unit.own_id}
    await trio.rm.send(Outgoing("Item", "FLT", item))
    line = {"InternalId": "01|01|7|1", "ItemInternalId": trio.protheus.erp.id_of("Item", "FLT")}
    fields: dict[str, Value] = {"Type": "000", "ListOfRequestItem": {"RequestItem": [line]}}
    request = await trio.protheus.send(Outgoing("Request", "000007", fields))
    target = {"RequestInternalId": request.own_id, "Type": "000"}
    cancelled = await trio.protheus.send(Outgoing("CancelRequest", "000007", target))

    assert unit.report.outcome is request.report.outcome is Outcome.DELIVERED, unit.report.fault
    assert cancelled.report.outcome is Outcome.DELIVERED, cancelled.report.fault
    assert trio.rm.erp.pairs.find("PROTHEUS", "UnitOfMeasure", "01| |AA") == ("1|CAIXA",)
    assert trio.protheus.erp.pairs.find("RM", "Request", "1|1") == ("01|01|000007",)
    assert [row.cancelled for row in trio.rm.erp.tables.of("TMOV")] == [True]


async def test_an_asynchronous_register_is_learnt_from_its_answer(trio: Trio) -> None:
    """The answer reaches RM by itself, even after Protheus was busy and then away."""
    trio.protheus.behave(
        ScriptedConduct(Conduct.TRY_AGAIN), ScriptedConduct(Conduct.BUSY, retry_after=0)
    )
    sent = await trio.rm.send(_unit("CAIXA", DeliveryMode.ASYNC))
    await _until(trio.rm.erp.pairs.all)
    await trio.protheus.leave()
    await trio.rm.send(_unit("CX", DeliveryMode.ASYNC))
    await trio.protheus.come_back()
    await _until(lambda: trio.rm.erp.pairs.find("PROTHEUS", "UnitOfMeasure", "01| |CX"))

    assert sent.report.outcome is Outcome.RECEIVED
    assert trio.rm.erp.pairs.find("PROTHEUS", "UnitOfMeasure", "01| |AA") == ("1|CAIXA",)
    assert trio.protheus.doubles == ()


async def test_a_refusal_reaches_the_sender(trio: Trio) -> None:
    """RM is told in the words of Protheus which register is missing there."""
    item: dict[str, Value] = {"Name": "Filtro", "UnitOfMeasureInternalId": "1|CAIXA"}
    sent = await trio.rm.send(Outgoing("Item", "FLT", item))

    assert sent.report.outcome is Outcome.REFUSED
    assert "UnitOfMeasure 1|CAIXA não encontrada no de/para!" in str(sent.report.fault)
    assert trio.rm.erp.pairs.all() == ()
