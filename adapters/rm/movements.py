"""The movements of maintenance in a simulated RM: work orders, requisitions, write-offs, stock.

They live as the manual of the integration says: what stands in which status, what may follow, and
what is declined. The texts are this simulator's own.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from adapters.rm.stock import StockRoom
from adapters.simulation.eai import layouts
from adapters.simulation.eai.books import Declined, Incoming
from adapters.simulation.eai.work_order import OrderCode, OrderLine, RequestCode, lines_of
from bus.core.envelope import Response

CLOSED = "A ordem de serviço {id} está com status {status} e não pode ser alterada"
HAS_RELATED = (
    "A ordem de serviço {id} possui movimentos relacionados e não pode ser cancelada: {ids}"
)
PART_BILLED = "O item {id} já foi recebido/faturado parcialmente e não pode ser excluído"
LINKED = "O item {id} possui vínculo com outro movimento e não pode ser excluído"
LINKED_REQUEST = (
    "A solicitação {id} possui relacionamento com o movimento gerado e não pode ser cancelada"
)
RECEIVED = "A solicitação {id} está com status {status}: o estorno não está definido na integração"
GONE = "O movimento {id} está cancelado"
ACCOUNTED = (
    "O movimento {id} possui lançamento financeiro ou contabilização e não pode ser estornado"
)

RETURN_ITEM = """\
<ReturnItem><ItemInternalId>{item}</ItemInternalId>\
<WarehouseInternalId>{warehouse}</WarehouseInternalId><UnitItemCost>{cost}</UnitItemCost>\
<AverageUnitItemCost>{cost}</AverageUnitItemCost>\
<CurrentStockAmount>{held}</CurrentStockAmount><AvailableStockAmount>{held}</AvailableStockAmount>\
</ReturnItem>"""
SITUATION = "<InternalId>{id}</InternalId><Status>{status}</Status><Type>{type}</Type>"

NO_SITUATION = "<ReturnMessage>Nenhuma solicitação encontrada</ReturnMessage>"


class MovementStatus(StrEnum):
    """Where the movement of a work order stands."""

    IN_PROGRESS = "E"
    TO_BILL = "A"
    BILLED = "F"
    CANCELLED = "C"


class RequestStatus(StrEnum):
    """Where a requisition stands."""

    PENDING = "Pendente"
    PARTIAL = "Parcialmente recebido/faturado"
    RECEIVED = "Recebido/faturado"
    CANCELLED = "Cancelado"


OPEN = frozenset({MovementStatus.IN_PROGRESS, MovementStatus.TO_BILL})
OF_CODE: Mapping[str, MovementStatus] = {
    "": MovementStatus.IN_PROGRESS,
    OrderCode.PENDING: MovementStatus.IN_PROGRESS,
    OrderCode.RELEASED: MovementStatus.IN_PROGRESS,
    OrderCode.FINISHED: MovementStatus.TO_BILL,
}
NO_CODE = "O status {code} de ordem de serviço não é tratado pelo adapter!"


@dataclass(frozen=True, slots=True)
class OrderMovement:
    """The movement of a work order; `lines` are what it will be billed for."""

    id: str
    status: MovementStatus = MovementStatus.IN_PROGRESS
    lines: tuple[OrderLine, ...] = ()


@dataclass(frozen=True, slots=True)
class RequestLine:
    """What is asked for, how much of it came, and whether another type of movement took it."""

    line: OrderLine
    received: Decimal = Decimal(0)
    linked: bool = False


@dataclass(frozen=True, slots=True)
class Requisition:
    """A purchase or warehouse requisition of a work order."""

    id: str
    kind: str
    order: str
    lines: tuple[RequestLine, ...] = ()
    cancelled: bool = False

    @property
    def status(self) -> RequestStatus:
        """Pending until something came; received when all did."""
        if self.cancelled:
            return RequestStatus.CANCELLED
        if not any(one.received for one in self.lines):
            return RequestStatus.PENDING
        whole = all(one.received >= one.line.quantity for one in self.lines)
        return RequestStatus.RECEIVED if whole else RequestStatus.PARTIAL

    @property
    def linked(self) -> bool:
        """Whether another type of movement took some of it."""
        return any(one.linked for one in self.lines)


@dataclass(frozen=True, slots=True)
class WriteOff:
    """A write-off of stock; `order` is empty where it names none, `here` where RM made it."""

    id: str
    order: str
    lines: tuple[OrderLine, ...]
    here: bool = False
    accounted: bool = False
    cancelled: bool = False

    @property
    def cost(self) -> Decimal:
        """What all of it costs."""
        return sum((line.cost for line in self.lines), Decimal(0))


@dataclass(slots=True)
class RmMovements:
    """Implements `ErpBooks` for RM; all by their ids in RM."""

    stock: StockRoom = field(default_factory=StockRoom)
    orders: dict[str, OrderMovement] = field(default_factory=dict)
    requisitions: dict[str, Requisition] = field(default_factory=dict)
    write_offs: dict[str, WriteOff] = field(default_factory=dict)

    # -- what comes of Protheus --------------------------------------------------------------------

    def take(self, arrival: Incoming) -> tuple[str, ...]:
        """Book an order, a requisition or a write-off."""
        if arrival.transaction == "MaintenanceOrder":
            return self._take_order(arrival)
        if arrival.transaction == "Request":
            return self._take_requisition(arrival)
        if arrival.transaction == "StockTurnover":
            return self._take_write_off(arrival)
        return ()

    def cancel(self, entity: str, id_: str) -> None:
        """Reverse a requisition, a write-off or an order."""
        if entity == "Request" and id_ in self.requisitions:
            self._cancel_requisition(self.requisitions[id_])
        elif entity == "StockTurnover" and id_ in self.write_offs:
            self._cancel_write_off(self.write_offs[id_])
        elif entity == "MaintenanceOrder" and id_ in self.orders:
            self._cancel_order(self.orders[id_])

    def tell(self, arrival: Incoming) -> str:
        """Balances and costs, or where a requisition stands."""
        asked = arrival.content.all("RequestItem")
        if arrival.transaction == "StockLevel":
            places = [
                (
                    arrival.find("Item", one.text_at("ItemInternalId")),
                    arrival.find("Warehouse", one.text_at("WarehouseInternalId")),
                )
                for one in asked
            ]
            return "".join(map(self._balance, places))
        ids = (arrival.find("Request", one.text_at("RequestInternalId")) for one in asked)
        found = [self.requisitions[id_] for id_ in ids if id_ in self.requisitions]
        return "".join(map(self._situation, found)) or NO_SITUATION

    def hear(self, response: Response) -> None:
        """Nothing here depends on what Protheus says of a message."""

    # -- what RM does itself -----------------------------------------------------------------------

    def write_off(self, id_: str, order: str, lines: Iterable[OrderLine]) -> WriteOff:
        """Write stock off for a work order or for none; Declined where stock lacks."""
        if order:
            self._open_order(order)
        return self._book(id_, order, lines, here=True)

    def account(self, id_: str) -> None:
        """Enter a write-off into the accounts: it cannot be reversed any more."""
        self.write_offs[id_] = replace(self.write_offs[id_], accounted=True)

    def link(self, request: str) -> None:
        """Bill a requisition to another type of movement: it stays pending, but has a relation."""
        old = self.requisitions[request]
        lines = tuple(replace(one, linked=True) for one in old.lines)
        self.requisitions[request] = replace(old, lines=lines)

    def bill(self, order: str) -> None:
        """The movement of a work order is billed."""
        self.orders[order] = replace(self.orders[order], status=MovementStatus.BILLED)

    def live_write_offs(self, order: str) -> tuple[WriteOff, ...]:
        """The write-offs of a work order that were not reversed."""
        return tuple(w for w in self.write_offs.values() if w.order == order and not w.cancelled)

    # -- how ---------------------------------------------------------------------------------------

    def _take_order(self, arrival: Incoming) -> tuple[str, ...]:
        code = arrival.content.text_at("Status")
        status = OF_CODE.get(code)
        if status is None:
            raise Declined(NO_CODE.format(code=code))
        old = self.orders.get(arrival.id)
        if old:
            self._open_order(old.id)
        lines = lines_of(arrival, layouts.WORK_ORDER_ITEM)
        kept = tuple(line for line in lines if not line.removed)
        self.orders[arrival.id] = OrderMovement(arrival.id, status, kept)
        return ()

    def _take_requisition(self, arrival: Incoming) -> tuple[str, ...]:
        content = arrival.content
        order = arrival.find("MaintenanceOrder", content.text_at("MainOrderInternalId"))
        if order:
            self._open_order(order)
        old = self.requisitions.get(arrival.id)
        if old and old.cancelled:
            raise Declined(GONE.format(id=old.id))
        told = lines_of(arrival, layouts.REQUEST_ITEM)
        known = {one.line.id: one for one in old.lines} if old else {}
        removed = tuple(line.id for line in told if line.removed)
        for id_ in removed:
            _removable(known.get(id_))
        for line in told:
            known[line.id] = replace(known.get(line.id, RequestLine(line)), line=line)
        left = tuple(one for id_, one in known.items() if id_ not in removed)
        if removed and not left:
            del self.requisitions[arrival.id]
            return (arrival.id, *removed)
        kind = content.text_at("Type") or RequestCode.PURCHASE
        self.requisitions[arrival.id] = Requisition(arrival.id, kind, order, left)
        return removed

    def _take_write_off(self, arrival: Incoming) -> tuple[str, ...]:
        named = arrival.content.text_at("MainOrderInternalId")
        order = arrival.find("MaintenanceOrder", named)
        if order:
            self._open_order(order)
        self._book(arrival.id, order, lines_of(arrival, layouts.STOCK_ITEM), here=False)
        return ()

    def _book(self, id_: str, order: str, lines: Iterable[OrderLine], *, here: bool) -> WriteOff:
        costed = tuple(line if here else self._costed(line) for line in lines)
        self.stock.take_out(costed)
        self._receive(costed, 1)
        self.write_offs[id_] = WriteOff(id_, order, costed, here)
        return self.write_offs[id_]

    def _costed(self, line: OrderLine) -> OrderLine:
        """A line at the cost that RM has of its item, whatever the sender says."""
        return replace(line, cost=self.stock.unit_cost(line.place) * line.quantity)

    def _receive(self, lines: Iterable[OrderLine], sign: int) -> None:
        """Count what was written off, or came back, for the requisitions that asked for it."""
        came = {line.request_line: line.quantity * sign for line in lines if line.request_line}
        for id_, old in self.requisitions.items():
            lines_now = tuple(
                replace(one, received=one.received + came.get(one.line.id, Decimal(0)))
                for one in old.lines
            )
            self.requisitions[id_] = replace(old, lines=lines_now)

    def _cancel_requisition(self, old: Requisition) -> None:
        if old.cancelled:
            raise Declined(GONE.format(id=old.id))
        if old.linked:
            raise Declined(LINKED_REQUEST.format(id=old.id))
        if old.status is not RequestStatus.PENDING:
            raise Declined(RECEIVED.format(id=old.id, status=old.status))
        self.requisitions[old.id] = replace(old, cancelled=True)

    def _cancel_write_off(self, old: WriteOff) -> None:
        if old.cancelled:
            raise Declined(GONE.format(id=old.id))
        if old.accounted:
            raise Declined(ACCOUNTED.format(id=old.id))
        self.stock.put_back(old.lines)
        self._receive(old.lines, -1)
        self.write_offs[old.id] = replace(old, cancelled=True)

    def _cancel_order(self, old: OrderMovement) -> None:
        """An order goes after all that refers to it."""
        self._open_order(old.id)
        related = [one.id for one in self.live_write_offs(old.id)]
        related += [
            one.id
            for one in self.requisitions.values()
            if one.order == old.id and one.status is not RequestStatus.CANCELLED
        ]
        if related:
            raise Declined(HAS_RELATED.format(id=old.id, ids=", ".join(related)))
        self.orders[old.id] = replace(old, status=MovementStatus.CANCELLED)

    def _open_order(self, id_: str) -> None:
        """Declined where an order takes no more; one of before these books is taken as it comes."""
        order = self.orders.get(id_)
        if order and order.status not in OPEN:
            raise Declined(CLOSED.format(id=id_, status=order.status))

    def _balance(self, place: tuple[str, str]) -> str:
        item, warehouse = map(html.escape, place)
        held, cost = self.stock.held(place), self.stock.unit_cost(place)
        return RETURN_ITEM.format(item=item, warehouse=warehouse, cost=cost, held=held)

    def _situation(self, one: Requisition) -> str:
        """Its id, its status, and its type as this query has it: the other way round."""
        inverted = "000" if one.kind == RequestCode.WAREHOUSE else "001"
        return SITUATION.format(id=html.escape(one.id), status=one.status, type=inverted)


def _removable(line: RequestLine | None) -> None:
    """A relation counts before the status does."""
    if line and line.linked:
        raise Declined(LINKED.format(id=line.line.id))
    if line and line.received:
        raise Declined(PART_BILLED.format(id=line.line.id))
