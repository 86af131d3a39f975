"""The de-para, read and changed by people."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from bus.journal.commands import (
    ChangeDepara,
    DeparaChanged,
)
from bus.journal.depara_rows import ChangeRow, ConflictRow, WaitRow
from depara.model import Key, PairRow


@dataclass(frozen=True, slots=True)
class PairFilter:
    """Which rows of the de-para a listing shows; empty fields do not restrict.

    `at` (µs; 0: now) is the time as of which they were open; `after` a row's number to go on from.
    """

    entity: str = ""
    application: str = ""
    id: str = ""
    at: int = 0
    after: int = 0
    limit: int = 100


class CrossReference(Protocol):
    """The de-para: reads at least what was committed before the call, and changes it.

    Learning, waiting and waking are the journal's: they belong to the commits of deliveries.
    """

    async def known(self, keys: Collection[Key]) -> Mapping[Key, tuple[PairRow, ...]]:
        """By key, the open rows of its identity; an unknown key gives none."""

    async def amend(self, asked: ChangeDepara) -> DeparaChanged:
        """Record a person's change or a file's, and wake who waited for it."""

    async def rows(self, chosen: PairFilter) -> tuple[PairRow, ...]:
        """The rows that a filter chooses, each with the others of its identity, these together."""

    async def history(self, key: Key) -> tuple[tuple[PairRow, ...], tuple[ChangeRow, ...]]:
        """All rows of what a key ever named, and the changes that made them, in their order."""

    async def conflicts(self) -> tuple[ConflictRow, ...]:
        """The conflicts that need a person."""

    async def waits(self, message: str = "") -> tuple[WaitRow, ...]:
        """Who waits for an id, and why; of one message, where it is given."""

    async def uses(self, change: int) -> tuple[str, ...]:
        """The messages that were sent with an id that a change opened, the oldest first."""


PAGE = 1000
"""Rows that are asked for at a time where all are wanted."""


async def every_row(crossreference: CrossReference, chosen: PairFilter) -> list[PairRow]:
    """All the rows that a filter chooses, page by page, with the others of their identities."""
    found: dict[int, PairRow] = {}
    chosen = replace(chosen, limit=PAGE)
    while True:
        page = await crossreference.rows(chosen)
        found |= {row.number: row for row in page}
        last = last_chosen(page, chosen)
        if not last:
            return list(found.values())
        chosen = replace(chosen, after=last)


def last_chosen(page: Collection[PairRow], chosen: PairFilter) -> int:
    """The number to go on after, 0 where the page was the last."""
    numbers = sorted(
        row.number
        for row in page
        if row.number > chosen.after
        and chosen.entity in {"", row.entity}
        and chosen.application in {"", row.application}
        and chosen.id in {"", row.id}
    )
    return numbers[chosen.limit - 1] if len(numbers) >= chosen.limit else 0
