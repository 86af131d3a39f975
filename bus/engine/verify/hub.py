"""The de-para: its rows and changes, held against what the facts tell of them (D11).

Each change is told by the facts of the answer that taught it, or of the person or file that made
it, with a tally of the rows that it opened and closed; facts of older journals have none, and of
these changes only that they are told is compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bus.engine.verify.discrepancy import Breach, Discrepancy, discrepancy
from bus.journal.depara_rows import ChangeRow, Tally
from bus.journal.facts import FactKind, FactRow
from depara.model import PairRow

TELLING = frozenset({FactKind.LEARNT, FactKind.DEPARA_CHANGED, FactKind.PRUNED})
"""The facts that tell of a change."""


class HubBooks:
    """The changes of a de-para, first as facts tell of them, then as its rows do."""

    def __init__(self) -> None:
        self._told: dict[int, Tally | None] = {}
        self._seen: dict[int, Tally] = {}
        self._kept: set[int] = set()

    def tell(self, fact: FactRow) -> None:
        """Take one more fact of `TELLING`; ValueError, TypeError or KeyError: it is unreadable."""
        if fact.kind == FactKind.PRUNED:  # what the facts told that were let go
            changes: Any = fact.data["changes"]
            for change, tally in changes:
                self._add(int(change), tally)
        else:
            self._add(int(str(fact.data["change"])), fact.data.get("tally"))

    def _add(self, number: int, told: object) -> None:
        before = self._told.get(number, Tally())
        part = None if told is None else Tally.of_data(told)
        self._told[number] = None if before is None or part is None else before.plus(part)

    def see_row(self, row: PairRow) -> None:
        """Count a row for the change that opened it, and for the one that closed it."""
        self._seen[row.opened_by] = self._seen.get(row.opened_by, Tally()).opening(row)
        if row.closed_by:
            self._seen[row.closed_by] = self._seen.get(row.closed_by, Tally()).closing(row)

    def see_change(self, row: ChangeRow) -> None:
        """Note that a change is kept."""
        self._kept.add(row.number)

    def doubts(self) -> Iterator[Discrepancy]:
        """What does not agree, once everything was seen.

        The words tell the counts: of a change that goes on they differ at the next look.
        """
        for number in sorted(self._told.keys() | self._seen.keys() | self._kept):
            told, seen = self._told.get(number), self._seen.get(number, Tally())
            counts = {"opened": seen.opened, "closed": seen.closed}
            if number not in self._told:
                yield discrepancy(Breach.CHANGE_UNTOLD, change=number, **counts)
            elif number not in self._kept:
                yield discrepancy(Breach.CHANGE_MISSING, change=number)
            elif told is not None and told != seen:
                facts = {"told_opened": told.opened, "told_closed": told.closed}
                yield discrepancy(Breach.PAIRS_DIFFER, change=number, **counts, **facts)
