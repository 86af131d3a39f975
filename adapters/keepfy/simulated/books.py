"""What a simulated branch of Keepfy holds: locations, materials, balances, customers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Row = Mapping[str, Any]
NAMES = {"ITEM": "Item", "WAREHOUSE": "Warehouse"}
"""The registers that are kept, and how a receipt names them."""


@dataclass
class Branch:
    """The books of a branch; registers are known by its own ids, and by those of their owners."""

    registers: dict[str, dict[str, Row]] = field(default_factory=dict)
    own_ids: dict[tuple[str, str], str] = field(default_factory=dict)
    balances: dict[tuple[str, str], Row] = field(default_factory=dict)
    customers: list[dict[str, Any]] = field(default_factory=list)
    came: list[Row] = field(default_factory=list)

    def take(self, message: Row) -> list[Row]:
        """Carry a unified message out: the ids of its receipt."""
        header, content = message["Header"], message["Content"]
        transaction = header["Transaction"]
        self.came.append(message)
        if transaction == "STOCKLEVEL":
            self._count(content)
            return []
        if transaction not in NAMES:
            return []
        rows = self.registers.setdefault(transaction, {})
        origin = self._owner_s(NAMES[transaction], str(content["InternalId"]))
        if header["Event"] == "delete":
            rows.pop(origin, None)
            return []
        rows[origin] = content
        own = self.id_of(NAMES[transaction], origin)
        told = content["InternalId"]
        return [{"Name": NAMES[transaction], "Origin": told, "Destination": own}]

    def _owner_s(self, name: str, told: str) -> str:
        """What its owner called a register first, where it is named by the branch's own id now."""
        known = (key[1] for key, own in self.own_ids.items() if key[0] == name and own == told)
        return next(known, told)

    def id_of(self, name: str, origin: str) -> str:
        """The branch's own id of what its owner calls so; made when it is first heard of."""
        key = name, origin
        if key not in self.own_ids:
            self.own_ids[key] = f"kf-{name.lower()}-{len(self.own_ids) + 1}"
        return self.own_ids[key]

    def named(self, name: str, code: str) -> str:
        """The branch's own id of a register by its code; LookupError where it has none."""
        transaction = name.upper()
        for origin, row in self.registers.get(transaction, {}).items():
            if row.get("Code") == code:
                return self.id_of(name, origin)
        raise LookupError(f"no {name} {code}")

    def _count(self, content: Row) -> None:
        for item in content.get("ListOfReturnItem", ()):
            for stock in item.get("ListOfWarehouseStock", ()):
                place = str(item["ItemInternalId"]), str(stock.get("WarehouseInternalId", ""))
                self.balances[place] = stock
