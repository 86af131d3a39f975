"""What the users of a simulated RM do about work orders: write off, receive, account, bill.

office = BackOffice(rm)
await office.write_off("1|5", Taken("1|FLT", "1|1|01", "2"))
await office.bill("1|5")
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from adapters.rm.movements import MovementStatus, RmMovements, WriteOff
from adapters.rm.simulator import RmSimulator
from adapters.simulation.eai.books import Declined
from adapters.simulation.eai.outgoing import Outgoing, Value
from adapters.simulation.eai.simulator import PostedMessage
from adapters.simulation.eai.work_order import OrderCode, OrderLine
from bus.core.envelope import DeliveryMode

NOT_TO_BILL = "A ordem de serviço {id} está com status {status}: só se fatura a que está a faturar"
NOT_WHOLE = "O movimento da ordem de serviço não pode ser faturado parcialmente"
REASONS = frozenset({1, 25, 32})
"""The reference reasons for which a copy of an invoice is told to SigaMNT; billing is told too."""

Post = Callable[[Outgoing], Awaitable[PostedMessage]]
"""Sends a message, and says what came of it."""


@dataclass(frozen=True, slots=True)
class Taken:
    """So much of an item from a warehouse; `total` is what the item's formula says it costs.

    `request_line` is the line of a requisition that it fulfils.
    """

    item: str
    warehouse: str
    quantity: str
    total: str = ""
    request_line: str = ""


@dataclass(frozen=True, slots=True)
class WriteOffWay:
    """How a write-off is made: whether its movement type is integrated, and by which reason.

    A reason of 0 is the billing screen.
    """

    integrated: bool = True
    reason: int = 0

    @property
    def is_told(self) -> bool:
        """Whether it triggers the integration."""
        return self.integrated and (not self.reason or self.reason in REASONS)


BILLING = WriteOffWay()


class BackOffice:
    """Acts in an RM. What it may not do is `Declined`; ids are those of RM."""

    def __init__(self, rm: RmSimulator, post: Post | None = None) -> None:
        self._rm = rm
        self._post = post or rm.send

    @property
    def movements(self) -> RmMovements:
        """What RM holds."""
        return self._rm.movements

    async def write_off(self, order: str, taken: Taken, way: WriteOffWay = BILLING) -> WriteOff:
        """Write stock off; Protheus is told only if it names an order and the way is told."""
        code, id_ = self._rm.erp.new("StockTurnover")
        done = self.movements.write_off(id_, order, [self._line(id_, taken)])
        self._rm.erp.insert("StockTurnover", code, {})
        if order and way.is_told:
            await self._post(_turnover(code, done))
        return done

    async def receive(self, request: str, way: WriteOffWay = BILLING) -> None:
        """Bill a whole requisition; to a movement type of another kind it is only linked."""
        if not way.integrated:
            self.movements.link(request)
            return
        asked = self.movements.requisitions[request]
        for one in asked.lines:
            rest = one.line.quantity - one.received
            taken = Taken(one.line.item, one.line.warehouse, str(rest), request_line=one.line.id)
            await self.write_off(asked.order, taken, way)

    async def bill(self, *orders: str, quantities: Mapping[str, str] | None = None) -> None:
        """Bill work orders together, whole: `quantities` by item, where somebody changed them.

        All are billed and told, or none is.
        """
        movements = [self.movements.orders[id_] for id_ in orders]
        needed: dict[str, Decimal] = {}
        for one in movements:
            if one.status is not MovementStatus.TO_BILL:
                raise Declined(NOT_TO_BILL.format(id=one.id, status=one.status))
            for line in one.lines:
                needed[line.item] = needed.get(line.item, Decimal(0)) + line.quantity
        given = {item: Decimal(text) for item, text in (quantities or {}).items()}
        if any(given.get(item, quantity) < quantity for item, quantity in needed.items()):
            raise Declined(NOT_WHOLE)
        for one in movements:
            self.movements.bill(one.id)
        for one in movements:
            code = one.id.rpartition("|")[2]
            status: dict[str, Value] = {"Status": OrderCode.BILLED}
            await self._post(Outgoing("MaintenanceOrder", code, status, mode=DeliveryMode.ASYNC))

    async def echo(self, write_off: str) -> PostedMessage:
        """Send a write-off that came of Protheus back, as an RM without a guard does."""
        one = self.movements.write_offs[write_off]
        return await self._post(_turnover(one.id.rpartition("|")[2], one))

    def _line(self, id_: str, taken: Taken) -> OrderLine:
        place, quantity = (taken.item, taken.warehouse), Decimal(taken.quantity)
        net = self.movements.stock.unit_cost(place) * quantity
        cost = Decimal(taken.total) if taken.total else net
        request_line = taken.request_line
        return OrderLine(f"{id_}|001", *place, quantity, cost, request_line=request_line)


def _turnover(code: str, done: WriteOff) -> Outgoing:
    lines: list[Mapping[str, Value]] = [
        {
            "InternalId": line.id,
            "ItemInternalId": line.item,
            "TotalPrice": f"{line.cost:f}",
            "Quantity": f"{line.quantity:f}",
            "WarehouseInternalId": line.warehouse,
            **({"RequestItemInternalId": line.request_line} if line.request_line else {}),
            "BinLocation": "",
        }
        for line in done.lines
    ]
    fields: dict[str, Value] = {
        "Number": code,
        "DocumentType": "000",
        "MainOrderInternalId": done.order,
        "ListOfStockTurnoverItem": {"StockTurnoverItem": lines},
    }
    return Outgoing("StockTurnover", code, fields, mode=DeliveryMode.ASYNC)
