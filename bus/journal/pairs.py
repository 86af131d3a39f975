"""What a store must do for the de-para, and the hub as one commit in the making sees it.

A store implements `PairTables` with one statement a call. `Pairs` reads through to it once, keeps
what it read, and gathers what is to be written: it is the `Hub` of `depara.model`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from bus.journal.depara_rows import ChangeRow, ConflictRow, ConflictState, Tally, WaitRow
from depara.model import Key, Member, PairRow


class Counters(NamedTuple):
    """The last numbers given: of rows, of changes, of conflicts."""

    row: int
    change: int
    conflict: int


@dataclass(slots=True)
class PairChanges:
    """The rows that one commit writes; by number or key, new or in place of that one."""

    rows: dict[int, PairRow] = field(default_factory=dict)
    changes: list[ChangeRow] = field(default_factory=list)
    conflicts: dict[int, ConflictRow] = field(default_factory=dict)
    waits: list[WaitRow] = field(default_factory=list)
    ended_waits: set[tuple[str, int]] = field(default_factory=set)

    def __bool__(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.rows or self.changes or self.conflicts or self.waits or self.ended_waits)


class PairTables(Protocol):
    """Rows of the de-para by key. Called within one commit, by one thread."""

    def counters(self) -> Counters:
        """The last numbers given."""

    def open_rows(self, keys: Collection[Key]) -> Iterable[PairRow]:
        """Open rows by key."""

    def members(self, identities: Collection[int]) -> Iterable[PairRow]:
        """Open rows by identity."""

    def rows_of_change(self, change: int, after: int, limit: int) -> Iterable[PairRow]:
        """What a change opened or closed: the first rows after a number."""

    def conflicts(self, numbers: Collection[int]) -> Iterable[ConflictRow]:
        """Conflicts by number."""

    def conflict_about(self, one: Member, other: Member) -> ConflictRow | None:
        """The open conflict about two ids, as `ConflictRow` has them."""

    def in_conflict(self, messages: Collection[str]) -> Iterable[str]:
        """Those of messages that brought a conflict which is open."""

    def waits(self, keys: Collection[Key]) -> Iterable[WaitRow]:
        """Who waits for an id of what a key names."""

    def waits_of(self, message: str) -> Iterable[WaitRow]:
        """What the deliveries of a message wait for."""

    def save(self, changes: PairChanges) -> None:
        """Write everything; what is closed before what is opened, ended waits before new ones."""


class Pairs:
    """The hub of one commit, at one time of the store's clock (µs)."""

    def __init__(self, tables: PairTables, now: int) -> None:
        self.tables = tables
        self.now = now
        self.changes = PairChanges()
        self._counters: Counters | None = None
        self._change: ChangeRow | None = None
        self._tally = Tally()
        self._by_key: dict[Key, PairRow | None] = {}
        self._by_identity: dict[int, dict[int, PairRow]] = {}
        self._waits: dict[Key, list[WaitRow]] = {}

    # -- loading -----------------------------------------------------------------------------------

    def load(self, keys: Collection[Key]) -> None:
        """Fetch the open rows of keys, and those of their identities."""
        missing = [key for key in dict.fromkeys(keys) if key not in self._by_key]
        if not missing:
            return
        self._by_key.update(dict.fromkeys(missing))
        found = list(self.tables.open_rows(missing))
        for row in found:
            self._by_key[row.key] = row
        self._load_members({row.identity for row in found})

    def load_waits(self, keys: Collection[Key]) -> None:
        """Fetch who waits for ids of what the keys name."""
        missing = [key for key in dict.fromkeys(keys) if key not in self._waits]
        if not missing:
            return
        for key in missing:
            self._waits[key] = []
        for wait in self.tables.waits(missing):
            self._waits[wait.key].append(wait)

    def _load_members(self, identities: Collection[int]) -> None:
        missing = [one for one in identities if one not in self._by_identity]
        if not missing:
            return
        for identity in missing:
            self._by_identity[identity] = {}
        for row in self.tables.members(missing):
            self._by_identity[row.identity][row.number] = row
            self._by_key.setdefault(row.key, row)

    # -- the hub -----------------------------------------------------------------------------------

    def begin(self, change: ChangeRow) -> int:
        """Begin a change; what is opened and closed from now on is its. It counts once it wrote.

        One that has a number was begun by an earlier commit, and goes on.
        """
        if not change.number:
            change = change._replace(number=self._last().change + 1, at=self.now)
        self._change = change
        self._tally = Tally()
        return change.number

    def tally(self) -> Tally:
        """What was opened and closed since this was asked last, by the change in hand."""
        told, self._tally = self._tally, Tally()
        return told

    def find(self, key: Key) -> PairRow | None:
        """The open row of a key."""
        self.load((key,))
        return self._by_key[key]

    def members(self, identity: int) -> Sequence[PairRow]:
        """The open rows of an identity, the oldest first."""
        self._load_members((identity,))
        return tuple(self._by_identity[identity].values())

    def open(self, member: Member, identity: int, source: str) -> PairRow:
        """Add a row to an identity; 0 makes a new one, which has its first row's number."""
        last = self._last()
        number = last.row + 1
        self._counters = last._replace(row=number)
        key, qualifier = member
        row = PairRow(
            number,
            identity or number,
            *key,
            qualifier,
            since=self.now,
            until=0,
            source=source,
            opened_by=self._commit_change(),
            closed_by=0,
        )
        if identity:
            self._load_members((identity,))
        self._by_identity.setdefault(row.identity, {})[number] = row
        self._by_key[key] = self.changes.rows[number] = row
        self._tally = self._tally.opening(row)
        return row

    def close(self, row: PairRow) -> None:
        """End a row."""
        self.load((row.key,))
        self._by_identity[row.identity].pop(row.number, None)
        self._by_key[row.key] = None
        closed = row._replace(until=self.now, closed_by=self._commit_change())
        self.changes.rows[row.number] = closed
        self._tally = self._tally.closing(closed)

    def _commit_change(self) -> int:
        """The number of the change in hand, which is written from its first row on."""
        change = self._change
        if change is None:
            raise AssertionError  # a row belongs to a change: `begin` one
        last = self._last()
        if last.change < change.number:
            self._counters = last._replace(change=change.number)
            self.changes.changes.append(change)
        return change.number

    # -- conflicts and waits -----------------------------------------------------------------------

    def put_conflict(self, conflict: ConflictRow) -> ConflictRow:
        """Keep a conflict; a new one (number 0) gets its number, unless it is known and open."""
        if not conflict.number:
            if known := self._about(conflict):
                return known
            last = self._last()
            conflict = conflict._replace(number=last.conflict + 1, at=self.now)
            self._counters = last._replace(conflict=conflict.number)
        self.changes.conflicts[conflict.number] = conflict
        return conflict

    def _about(self, conflict: ConflictRow) -> ConflictRow | None:
        for known in self.changes.conflicts.values():
            if known.state is ConflictState.OPEN and known[4:6] == conflict[4:6]:
                return known
        found = self.tables.conflict_about(conflict.one, conflict.other)
        return found if found and found.number not in self.changes.conflicts else None

    def conflict(self, number: int) -> ConflictRow | None:
        """A conflict by number."""
        if number in self.changes.conflicts:
            return self.changes.conflicts[number]
        return next(iter(self.tables.conflicts((number,))), None)

    def wait(self, wait: WaitRow) -> None:
        """Keep that a delivery waits for an id."""
        self.changes.waits.append(wait)

    def waits(self, keys: Collection[Key]) -> tuple[WaitRow, ...]:
        """Who waits for an id of what the keys name, as this commit has it."""
        self.load_waits(keys)
        wanted, ended = set(keys), self.changes.ended_waits
        stored = (one for key in wanted for one in self._waits[key])
        old = tuple(one for one in stored if (one.message, one.number) not in ended)
        return old + tuple(one for one in self.changes.waits if one.key in wanted)

    def waits_of(self, message: str, number: int) -> tuple[WaitRow, ...]:
        """What a delivery waits for, as this commit has it."""
        mine = (message, number)
        stored = () if mine in self.changes.ended_waits else self.tables.waits_of(message)
        known = {one[:8]: one for one in (*stored, *self.changes.waits)}
        return tuple(one for one in known.values() if (one.message, one.number) == mine)

    def end_waits(self, message: str, number: int) -> None:
        """Forget what a delivery waited for."""
        self.changes.ended_waits.add((message, number))
        mine = (message, number)
        self.changes.waits = [
            one for one in self.changes.waits if (one.message, one.number) != mine
        ]

    def save(self) -> None:
        """Hand everything to the tables."""
        if self.changes:
            self.tables.save(self.changes)

    def _last(self) -> Counters:
        if self._counters is None:
            self._counters = self.tables.counters()
        return self._counters
