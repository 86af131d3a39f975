"""A work order's messages in order: over SOAP, between a simulated RM and a simulated Protheus.

By the shipped routes.yaml, of which only the addresses are others.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.rm.simulator import RmSimulator
from adapters.simulation.behaviour import Conduct, ScriptedConduct
from adapters.simulation.eai.outgoing import Outgoing, Value
from adapters.simulation.eai.simulator import PostedMessage
from bus.core.delivery import State
from bus.core.envelope import DeliveryMode
from bus.core.outcome import Outcome
from bus.engine.operate import Replay
from tests.support.back_office import Trio, back_office

REFUSES = ScriptedConduct(Conduct.REFUSE, "Movimento já faturado")
COMES_LATER = ScriptedConduct(Conduct.BUSY, retry_after=0)
OF_WHAT_IS_WRITTEN_OFF = ("", "")
"""Item and warehouse of lines that name none."""


@dataclass(frozen=True, slots=True)
class Maintenance:
    """Both ERPs, and the bus between them."""

    trio: Trio

    @property
    def rm(self) -> RmSimulator:
        """The one that is sent everything."""
        return self.trio.rm

    async def sent(self, transaction: str, code: str, **fields: Value) -> PostedMessage:
        """What Protheus sends, of which the bus has made a receipt."""
        out = Outgoing(transaction, code, fields, mode=DeliveryMode.ASYNC)
        posted = await self.trio.protheus.send(out)
        assert posted.report.outcome is Outcome.RECEIVED, posted.report.fault
        return posted

    async def order(self, code: str) -> PostedMessage:
        """A work order is released."""
        return await self.sent("MaintenanceOrder", code, Status="001")

    async def request(self, code: str, order: PostedMessage, quantity: str = "1") -> PostedMessage:
        """It asks for planned inputs."""
        line = {"InternalId": f"01|01|{code}|1", "Quantity": quantity}
        listed: Value = {"RequestItem": [line]}
        of = {"MainOrderInternalId": order.own_id, "ListOfRequestItem": listed}
        return await self.sent("Request", code, Type="000", **of)

    async def write_off(self, code: str, order: PostedMessage, quantity: str) -> PostedMessage:
        """It realises an input."""
        line = {"InternalId": f"01|01|{code}|1", "Quantity": quantity}
        listed: Value = {"StockTurnoverItem": [line]}
        of = {"MainOrderInternalId": order.own_id, "ListOfStockTurnoverItem": listed}
        return await self.sent("StockTurnover", code, **of)

    async def cancel(self, code: str, what: PostedMessage, kind: str) -> PostedMessage:
        """It takes back a request (000) or a write-off (002)."""
        return await self.sent("CancelRequest", code, RequestInternalId=what.own_id, Type=kind)

    async def cancel_order(self, code: str, order: PostedMessage) -> PostedMessage:
        """It takes back the whole order."""
        named = {"MaintenanceOrderInternalId": order.own_id}
        return await self.sent("CancelMaintenanceOrder", code, **named)

    async def state(self, posted: PostedMessage) -> State:
        """How its delivery to RM stands."""
        return (await self.trio.trace(posted.uuid)).deliveries[0].state

    async def comes_to(self, posted: PostedMessage, state: State) -> None:
        """Wait until it stands so."""
        await self.trio.reaches(posted.uuid, state)

    async def replay(self, posted: PostedMessage) -> None:
        """A person sends it again."""
        operators = self.trio.run.bus.operators
        row = await operators.find(posted.uuid)
        await operators.replay(Replay(row, 0, "ana", "corrigido no RM"))

    def taken(self, *posted: PostedMessage) -> list[int]:
        """Which of these RM has processed, in that order, by their place here from 1 on."""
        places = {one.uuid: place for place, one in enumerate(posted, 1)}
        return [places[one.uuid] for one in self.rm.received if one.uuid in places]


@pytest.fixture
async def maintenance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Maintenance]:
    """The bus of the example, between two simulated ERPs."""
    async with back_office(tmp_path, monkeypatch) as trio:
        trio.rm.movements.stock.hold(*OF_WHAT_IS_WRITTEN_OFF, "9", "1.00")
        yield Maintenance(trio)


@pytest.mark.rule("T-152", "X-20")
async def test_a_request_waits_for_its_refused_order_and_no_other(
    maintenance: Maintenance,
) -> None:
    """What an order asks for at release comes after the order itself; another order goes on."""
    maintenance.rm.behave(REFUSES)
    order = await maintenance.order("000001")
    await maintenance.comes_to(order, State.REFUSED)
    asked = await maintenance.request("000011", order)
    other = await maintenance.order("000002")
    of_other = await maintenance.request("000012", other)
    await maintenance.comes_to(of_other, State.DELIVERED)
    meanwhile = maintenance.taken(order, asked, other, of_other)

    held = await maintenance.state(asked)
    await maintenance.replay(order)
    await maintenance.comes_to(asked, State.DELIVERED)

    assert held is State.WAITING
    assert meanwhile == [3, 4]
    assert maintenance.taken(order, asked) == [1, 2]


@pytest.mark.rule("T-96", "T-179")
@pytest.mark.parametrize("kind", ["000", "002"])
async def test_an_order_is_cancelled_after_all_that_it_asked_for(
    maintenance: Maintenance, kind: str
) -> None:
    """Its requests and its write-offs are cancelled first; a refusal holds the end of the order."""
    order = await maintenance.order("000001")
    made = await (
        maintenance.request("000011", order)
        if kind == "000"
        else maintenance.write_off("000011", order, "1")
    )
    await maintenance.comes_to(made, State.DELIVERED)
    maintenance.rm.behave(REFUSES)

    first = await maintenance.cancel("000021", made, kind)
    await maintenance.comes_to(first, State.REFUSED)
    second = await maintenance.cancel_order("000001", order)
    after = await maintenance.order("000002")
    await maintenance.comes_to(after, State.DELIVERED)
    held = await maintenance.state(second)
    await maintenance.replay(first)
    await maintenance.comes_to(second, State.DELIVERED)

    assert held is State.WAITING
    assert maintenance.taken(first, second, after) == [3, 1, 2]
    orders = maintenance.rm.erp.tables.of("TMOV")
    assert [row.cancelled for row in orders] == [True, True, False]


@pytest.mark.rule("T-97", "T-162")
async def test_a_changed_input_cancels_its_request_and_asks_anew_in_that_order(
    maintenance: Maintenance,
) -> None:
    """The new request does not overtake a cancellation that RM is not ready for."""
    order = await maintenance.order("000001")
    before = await maintenance.request("000011", order, "2")
    await maintenance.comes_to(before, State.DELIVERED)
    maintenance.rm.behave(COMES_LATER)

    cancelled = await maintenance.cancel("000021", before, "000")
    anew = await maintenance.request("000012", order, "3")
    await maintenance.comes_to(anew, State.DELIVERED)

    assert maintenance.taken(before, cancelled, anew) == [1, 2, 3]


@pytest.mark.rule("T-114", "T-164")
async def test_a_changed_write_off_is_reversed_before_the_new_one(
    maintenance: Maintenance,
) -> None:
    """Stock moves by the difference; while the reversal is refused, nothing is written off anew."""
    order = await maintenance.order("000001")
    before = await maintenance.write_off("000011", order, "2")
    await maintenance.comes_to(before, State.DELIVERED)
    maintenance.rm.behave(COMES_LATER, REFUSES)

    cancelled = await maintenance.cancel("000021", before, "002")
    anew = await maintenance.write_off("000012", order, "3")
    await maintenance.comes_to(cancelled, State.REFUSED)
    held = await maintenance.state(anew)
    await maintenance.replay(cancelled)
    await maintenance.comes_to(anew, State.DELIVERED)

    assert held is State.WAITING
    assert maintenance.taken(before, cancelled, anew) == [1, 2, 3]
    left = maintenance.rm.movements.stock.held(OF_WHAT_IS_WRITTEN_OFF)
    assert left == Decimal(9) - Decimal(3)
