"""The de-para in memory: rows in dictionaries, as `bus.store.memory` keeps the journal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from typing import cast

from bus.core.outcome import NOTHING_LEFT
from bus.journal.commands import ChangeDepara, DeparaChanged
from bus.journal.depara_rows import ChangeRow, ConflictRow, ConflictState, WaitRow
from bus.journal.pairs import Counters, PairChanges
from bus.journal.rows import AttemptRow
from bus.ports.depara import PairFilter
from depara.model import Key, Member, PairRow


class MemoryPairs:
    """The rows, by number, by key and by identity."""

    def __init__(self) -> None:
        self.rows: dict[int, PairRow] = {}
        self.changes: dict[int, ChangeRow] = {}
        self.kept_conflicts: dict[int, ConflictRow] = {}
        self.kept_waits: set[WaitRow] = set()
        self.by_key: dict[Key, PairRow] = {}
        self.by_identity: dict[int, dict[int, PairRow]] = {}

    def counters(self) -> Counters:
        """The last numbers given."""
        kept = (self.rows, self.changes, self.kept_conflicts)
        return Counters(*(max(rows, default=0) for rows in kept))

    def open_rows(self, keys: Collection[Key]) -> Iterable[PairRow]:
        """Open rows by key."""
        return [self.by_key[key] for key in keys if key in self.by_key]

    def members(self, identities: Collection[int]) -> Iterable[PairRow]:
        """Open rows by identity."""
        return [row for one in identities for row in self.by_identity.get(one, {}).values()]

    def rows_of_change(self, change: int, after: int, limit: int) -> Iterable[PairRow]:
        """What a change opened or closed: the first rows after a number."""
        rows = (row for number, row in self.rows.items() if number > after)
        return [row for row in rows if change in {row.opened_by, row.closed_by}][:limit]

    def conflicts(self, numbers: Collection[int]) -> Iterable[ConflictRow]:
        """Conflicts by number."""
        return [self.kept_conflicts[one] for one in numbers if one in self.kept_conflicts]

    def conflict_about(self, one: Member, other: Member) -> ConflictRow | None:
        """The open conflict about two ids."""
        for row in self.kept_conflicts.values():
            if row.state is ConflictState.OPEN and (row.one, row.other) == (one, other):
                return row
        return None

    def in_conflict(self, messages: Collection[str]) -> Iterable[str]:
        """Those of messages that brought a conflict which is open."""
        kept = self.kept_conflicts.values()
        brought = {row.message for row in kept if row.state is ConflictState.OPEN}
        return brought.intersection(messages)

    def waits(self, keys: Collection[Key]) -> Iterable[WaitRow]:
        """Who waits for an id of what a key names."""
        wanted = set(keys)
        return [row for row in self.kept_waits if row.key in wanted]

    def waits_of(self, message: str) -> Iterable[WaitRow]:
        """What the deliveries of a message wait for."""
        return [row for row in self.kept_waits if row.message == message]

    def save(self, changes: PairChanges) -> None:
        """Keep everything; what is closed before what is opened."""
        ended = changes.ended_waits
        kept = [row for row in self.kept_waits if (row.message, row.number) not in ended]
        self.kept_waits = set({row[:8]: row for row in (*kept, *changes.waits)}.values())
        for row in sorted(changes.rows.values(), key=lambda one: not one.until):
            self._keep(row)
        self.changes.update({change.number: change for change in changes.changes})
        self.kept_conflicts.update(changes.conflicts)

    def _keep(self, row: PairRow) -> None:
        self.rows[row.number] = row
        members = self.by_identity.setdefault(row.identity, {})
        if not row.until:
            if row.key in self.by_key:
                raise AssertionError(row)  # a hub has one open row a key
            self.by_key[row.key] = members[row.number] = row
        elif members.pop(row.number, None):
            del self.by_key[row.key]


class MemoryCrossReference:
    """Answers from the rows as they are."""

    def __init__(
        self,
        pairs: MemoryPairs,
        attempts: Mapping[tuple[str, int, int], AttemptRow],
        carry_out: Callable[[ChangeDepara], Awaitable[object]],
    ) -> None:
        self._pairs = pairs
        self._attempts = attempts
        self._carry_out = carry_out

    async def known(self, keys: Collection[Key]) -> Mapping[Key, tuple[PairRow, ...]]:
        """By key, the open rows of its identity."""
        found = self._pairs.open_rows(keys)
        return {row.key: tuple(self._pairs.members((row.identity,))) for row in found}

    async def amend(self, asked: ChangeDepara) -> DeparaChanged:
        """Record a change."""
        return cast("DeparaChanged", await self._carry_out(asked))

    async def rows(self, chosen: PairFilter) -> tuple[PairRow, ...]:
        """The rows that a filter chooses, each followed by the others of its identity."""
        alive = [row for row in self._pairs.rows.values() if _was_open(row, chosen.at)]
        found = [row for row in alive if _fits(row, chosen)][: chosen.limit]
        identities = dict.fromkeys(row.identity for row in found)
        return tuple(row for one in identities for row in alive if row.identity == one)

    async def history(self, key: Key) -> tuple[tuple[PairRow, ...], tuple[ChangeRow, ...]]:
        """All rows of what a key ever named, and the changes that made them."""
        every = self._pairs.rows.values()
        identities = {row.identity for row in every if row.key == key}
        rows = tuple(row for row in every if row.identity in identities)
        numbers = {number for row in rows for number in (row.opened_by, row.closed_by)}
        changes = self._pairs.changes
        return rows, tuple(changes[one] for one in sorted(numbers) if one in changes)

    async def conflicts(self) -> tuple[ConflictRow, ...]:
        """What needs a person."""
        kept = self._pairs.kept_conflicts.values()
        return tuple(row for row in kept if row.state is ConflictState.OPEN)

    async def waits(self, message: str = "") -> tuple[WaitRow, ...]:
        """Who waits for an id; of one message, where it is given."""
        found = [row for row in self._pairs.kept_waits if message in {"", row.message}]
        return tuple(sorted(found, key=lambda row: (row.message, row.number, row.path)))

    async def uses(self, change: int) -> tuple[str, ...]:
        """The messages that were sent with an id that a change opened."""
        rows = [row for row in self._pairs.rows.values() if row.opened_by == change]
        ids = {(row.entity, row.id) for row in rows}
        since = min((row.since for row in rows), default=0)
        used = {
            attempt.message
            for attempt in self._attempts.values()
            if attempt.started_at >= since
            and attempt.outcome not in NOTHING_LEFT
            and any((swap.entity, swap.after) in ids for swap in attempt.substitutions.swaps)
        }
        return tuple(sorted(used))


def _was_open(row: PairRow, at: int) -> bool:
    return row.since <= at and (not row.until or row.until > at) if at else not row.until


def _fits(row: PairRow, chosen: PairFilter) -> bool:
    return (
        row.number > chosen.after
        and chosen.entity in {"", row.entity}
        and chosen.application in {"", row.application}
        and chosen.id in {"", row.id}
    )
