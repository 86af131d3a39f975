"""What messages about a work order say in codes, and the lines in them.

What each code of Status means is nowhere published; here it is as these names have it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from adapters.simulation.eai.books import Declined, Incoming
from bus.core.element import Element

NO_NUMBER = "{name} não é um número: {text}"


class OrderCode(StrEnum):
    """`Status` of a MaintenanceOrder."""

    PENDING = "000"
    RELEASED = "001"
    FINISHED = "002"
    CANCELLED = "003"
    BILLED = "004"


class RequestCode(StrEnum):
    """`Type` of a Request. A TraceabilityRequest has them the other way round."""

    PURCHASE = "000"
    WAREHOUSE = "001"


class CancelCode(StrEnum):
    """`Type` of a CancelRequest: what it is about."""

    REQUEST = "000"
    WRITE_OFF = "002"


@dataclass(frozen=True, slots=True)
class OrderLine:
    """An item at a warehouse, by the ids of whoever keeps the line; `cost` is of all of it.

    `id` is the line's own; `removed` asks to take it out; `request_line` is what it fulfils.
    """

    id: str
    item: str
    warehouse: str
    quantity: Decimal
    cost: Decimal = Decimal(0)
    removed: bool = False
    request_line: str = ""

    @property
    def place(self) -> tuple[str, str]:
        """Where its item lies: item and warehouse."""
        return self.item, self.warehouse


def lines_of(arrival: Incoming, path: str) -> tuple[OrderLine, ...]:
    """The lines at a path of what came, in the ids here."""
    return tuple(_lines(arrival, path))


def _lines(arrival: Incoming, path: str) -> Iterator[OrderLine]:
    for element in arrival.content.all(path):
        yield OrderLine(
            id=arrival.parts.get(element.text_at("InternalId"), ""),
            item=arrival.find("Item", element.text_at("ItemInternalId")),
            warehouse=arrival.find("Warehouse", element.text_at("WarehouseInternalId")),
            quantity=_number(element, "Quantity"),
            cost=_number(element, "TotalPrice"),
            removed=element.text_at("Event").casefold() == "delete",
            request_line=arrival.find("RequestItem", element.text_at("RequestItemInternalId")),
        )


def _number(element: Element, name: str) -> Decimal:
    text = element.text_at(name).strip() or "0"
    try:
        return Decimal(text)
    except InvalidOperation:
        raise Declined(NO_NUMBER.format(name=name, text=text)) from None
