"""The stock of a simulated RM: how much of each item lies in each warehouse, and what one costs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from adapters.simulation.eai.books import Declined
from adapters.simulation.eai.work_order import OrderLine

SHORT = "Saldo insuficiente do produto {item} no local de estoque {warehouse}: {quantity}"

Place = tuple[str, str]
"""Item and warehouse."""


@dataclass(slots=True)
class StockRoom:
    """Quantities and unit costs by item and warehouse. `may_lack` lets a balance go below zero.

    An item of which nothing was put anywhere is under no control of stock, as a service is.
    """

    may_lack: bool = False
    _held: dict[Place, Decimal] = field(default_factory=dict)
    _cost: dict[Place, Decimal] = field(default_factory=dict)
    _services: dict[str, Decimal] = field(default_factory=dict)

    def hold(self, item: str, warehouse: str, quantity: str, unit_cost: str) -> None:
        """Put so much of an item there, of which one costs so much."""
        self._held[item, warehouse] = Decimal(quantity)
        self._cost[item, warehouse] = Decimal(unit_cost)

    def offer(self, service: str, unit_cost: str) -> None:
        """A service costs so much, wherever."""
        self._services[service] = Decimal(unit_cost)

    def held(self, place: Place) -> Decimal:
        """How much lies there."""
        return self._held.get(place, Decimal(0))

    def unit_cost(self, place: Place) -> Decimal:
        """What one costs there."""
        return self._services.get(place[0]) or self._cost.get(place, Decimal(0))

    def balances(self) -> Mapping[Place, Decimal]:
        """How much of everything lies where."""
        return dict(self._held)

    def take_out(self, lines: Iterable[OrderLine]) -> None:
        """Write all lines off, or none: Declined where one lacks."""
        left = dict(self._held)
        for line in self._stocked(lines):
            left[line.place] = left.get(line.place, Decimal(0)) - line.quantity
            if left[line.place] < 0 and not self.may_lack:
                item, warehouse = line.place
                held = self.held(line.place)
                raise Declined(SHORT.format(item=item, warehouse=warehouse, quantity=held))
        self._held = left

    def put_back(self, lines: Iterable[OrderLine]) -> None:
        """Return what was written off."""
        for line in self._stocked(lines):
            self._held[line.place] = self.held(line.place) + line.quantity

    def _stocked(self, lines: Iterable[OrderLine]) -> list[OrderLine]:
        return [line for line in lines if line.place in self._held]
