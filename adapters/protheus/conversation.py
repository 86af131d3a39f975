"""What a simulated SigaMNT says to RM, and what becomes of its books because of the answer.

A synchronous message is waited for: what RM refuses is not done, and the user reads why
(`Refused`). An asynchronous one is done at once, and taken back when its refusal comes. Questions
are always waited for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal

from adapters.protheus.simulator import ProtheusSimulator
from adapters.protheus.work_orders import Change, Expected, Input, Need, words_of
from adapters.simulation.eai.outgoing import Outgoing, Value
from adapters.simulation.eai.simulator import PostedMessage
from adapters.simulation.eai.work_order import CancelCode
from bus.core.element import Element
from bus.core.envelope import DeliveryMode
from bus.core.outcome import Outcome

Post = Callable[[Outgoing], Awaitable[PostedMessage]]
"""Sends a message, and says what came of it."""


class Refused(Exception):
    """What the user reads: the act is not done."""


class Conversation:
    """Sends what an act asks for, in one mode."""

    def __init__(self, protheus: ProtheusSimulator, mode: DeliveryMode, post: Post | None) -> None:
        self.orders = protheus.work_orders
        self._protheus = protheus
        self._mode = mode
        self._post = post or protheus.send

    def new(self, transaction: str) -> tuple[str, str]:
        """The code and the id of a document to come."""
        return self._protheus.erp.new(transaction)

    def out(self, transaction: str, code: str, fields: Mapping[str, Value]) -> Outgoing:
        """A message in the mode of this conversation."""
        return Outgoing(transaction, code, fields, mode=self._mode)

    def cancellation(self, target: str, kind: CancelCode) -> Outgoing:
        """A CancelRequest of a document by its id."""
        fields: dict[str, Value] = {
            "InternalId": target,
            "RequestInternalId": target,
            "Type": kind,
        }
        return self.out("CancelRequest", target.rpartition("|")[2], fields)

    async def tell(self, out: Outgoing, change: Change, expected: Expected) -> None:
        """Send a message and change the books: Refused where RM says no, or where nobody knows."""
        sent = await self._post(out)
        if sent.report.outcome not in {Outcome.RECEIVED, Outcome.DELIVERED}:
            raise Refused(_words(sent))
        change()
        if sent.report.outcome is Outcome.RECEIVED:
            self.orders.expect(sent.uuid, expected)

    async def replace(
        self, code: str, out: Outgoing, before: Sequence[Input], after: Sequence[Input]
    ) -> None:
        """Send what changes inputs, and change them where that is not refused."""

        def put(inputs: Sequence[Input]) -> None:
            for one in inputs:
                self.orders.put_input(code, one)

        undo = Expected(code, before[0].number, lambda: put(before))
        await self.tell(out, lambda: put(after), undo)

    async def level(self, need: Need) -> tuple[Decimal, Decimal]:
        """How much of an item RM has, and what one costs."""
        asked: dict[str, Value] = {
            "ItemInternalId": need.item,
            "WarehouseInternalId": need.warehouse,
        }
        told = await self.ask("StockLevel", asked)
        held = told.text_at("ReturnItem/AvailableStockAmount")
        return Decimal(held or 0), Decimal(told.text_at("ReturnItem/AverageUnitItemCost") or 0)

    async def ask(self, transaction: str, asked: Mapping[str, Value]) -> Element:
        """What RM returns to a question about one thing; Refused where it does not answer."""
        fields: dict[str, Value] = {"RequestItem": asked}
        sent = await self._post(Outgoing(transaction, "", fields, mode=DeliveryMode.SYNC))
        if sent.report.outcome is not Outcome.DELIVERED:
            raise Refused(_words(sent))
        return await self._protheus.returned(sent.report)


def item_of(need: Need, cost: Decimal | None = None) -> Mapping[str, Value]:
    """An item of a document, in the order of the contracts."""
    priced: dict[str, Value] = {} if cost is None else {"TotalPrice": f"{cost:.2f}"}
    return {
        "ItemInternalId": need.item,
        **priced,
        "Quantity": f"{need.quantity:f}",
        "WarehouseInternalId": need.warehouse,
    }


def _words(sent: PostedMessage) -> str:
    """RM's own words, else those of the bus."""
    fault = sent.report.fault
    return words_of(sent.report.response) or (fault.reason("pt") if fault else "")
