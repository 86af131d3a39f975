"""The names that a filter chooses by: a slip in one is told, and is no empty list."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from bus.core.contract import Contract
from bus.core.errors import Fault, SenderFault
from bus.core.suggest import suggestion
from bus.ports.history import Filter, History

_FIELDS = {
    "sender": "UNKNOWN_APPLICATION",
    "destination": "UNKNOWN_APPLICATION",
    "transaction": "UNKNOWN_TRANSACTION",
}
"""The fields of a filter that hold names, each with the fault of a name that there is not."""


@dataclass(frozen=True, slots=True)
class FilterNames:
    """The applications of a configuration, and the transactions that there are contracts of."""

    applications: Collection[str]
    contracts: Collection[Contract]

    async def in_right_spelling(self, chosen: Filter, history: History) -> Filter:
        """The filter with its names as they are kept; SenderFault with the nearest.

        A name that is declared no more, but that the journal still has, is as good.
        """
        right: dict[str, Any] = {
            field: await self._right(field, chosen, history) for field in _FIELDS
        }
        return replace(chosen, **right)

    async def _right(self, field: str, chosen: Filter, history: History) -> str:
        name: str = getattr(chosen, field)
        known = self._transactions() if field == "transaction" else self.applications
        right = {one.casefold(): one for one in known}.get(name.casefold(), "")
        if right or not name:
            return right
        kept: dict[str, Any] = {field: name}
        if await history.messages(Filter(limit=1, **kept)):
            return name
        raise SenderFault(Fault(_FIELDS[field], field, details=suggestion(name, known)))

    def _transactions(self) -> set[str]:
        return {name for one in self.contracts for name in (one.transaction, *one.aliases)}
