"""The de-para in a database: its tables for the ledger, and the questions about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from typing import cast

import orjson

from bus.core.errors import BusFault, Fault
from bus.journal.commands import ChangeDepara, DeparaChanged
from bus.journal.depara_rows import ChangeRow, ConflictRow, WaitRow
from bus.journal.pairs import Counters, PairChanges
from bus.ports.depara import PairFilter
from bus.store.database import Database, Row
from bus.store.encoding import ENCODINGS
from bus.store.reader_thread import ReadingThread
from bus.store.rows import Value, maker
from depara.model import Key, Member, PairRow

SQL = "pairs.sql"
_TABLES = ("pair_rows", "pair_changes", "pair_conflicts", "pair_waits")

_conflict = maker(ConflictRow)
_wait = maker(WaitRow)


class StoredPairs:
    """Rows of the de-para by key, over the one connection that writes."""

    def __init__(self, database: Database) -> None:
        self._sql = database.statements(SQL)
        self._writers = {table: self._sql.writer(table) for table in _TABLES}

    def counters(self) -> Counters:
        """The last numbers given."""
        (last,) = self._sql.where("counters")
        return Counters(*last)

    def open_rows(self, keys: Collection[Key]) -> Iterable[PairRow]:
        """Open rows by key."""
        return map(PairRow._make, self._sql.by_keys("open_rows", keys))

    def members(self, identities: Collection[int]) -> Iterable[PairRow]:
        """Open rows by identity."""
        return map(PairRow._make, self._sql.by_keys("members", identities))

    def rows_of_change(self, change: int, after: int, limit: int) -> Iterable[PairRow]:
        """What a change opened or closed: the first rows after a number."""
        asked = {"change": change, "after": after, "limit": limit}
        return map(PairRow._make, self._sql.where("rows_of_change", asked))

    def conflicts(self, numbers: Collection[int]) -> Iterable[ConflictRow]:
        """Conflicts by number."""
        return map(_conflict, self._sql.by_keys("conflicts", numbers))

    def conflict_about(self, one: Member, other: Member) -> ConflictRow | None:
        """The open conflict about two ids."""
        encode = ENCODINGS[Member].encode
        asked = {"one": encode(one), "other": encode(other)}
        return next(map(_conflict, self._sql.where("conflict_about", asked)), None)

    def in_conflict(self, messages: Collection[str]) -> Iterable[str]:
        """Those of messages that brought a conflict which is open."""
        return [row[0] for row in self._sql.by_keys("in_conflict", messages)]

    def waits(self, keys: Collection[Key]) -> Iterable[WaitRow]:
        """Who waits for an id of what a key names."""
        return map(_wait, self._sql.by_keys("waits", keys))

    def waits_of(self, message: str) -> Iterable[WaitRow]:
        """What the deliveries of a message wait for."""
        return map(_wait, self._sql.where("waits_of", {"message": message}))

    def save(self, changes: PairChanges) -> None:
        """Write everything; what is closed before what is opened."""
        if changes.ended_waits:
            self._sql.by_keys("end_waits", changes.ended_waits)
        closed_first = sorted(changes.rows.values(), key=lambda row: not row.until)
        self._put("pair_rows", closed_first)
        self._put("pair_changes", changes.changes)
        self._put("pair_conflicts", [*changes.conflicts.values()])
        self._put("pair_waits", list(dict.fromkeys(changes.waits)))

    def _put(self, table: str, rows: Sequence[Row]) -> None:
        if rows:
            self._writers[table](rows)


class StoredCrossReference:
    """Implements `bus.ports.CrossReference`.

    `carry_out` is None where another process has the journal.
    """

    def __init__(
        self,
        reading: ReadingThread,
        carry_out: Callable[[ChangeDepara], Awaitable[object]] | None = None,
    ) -> None:
        self._reading = reading
        self._reader = PairReader(reading.database)
        self._carry_out = carry_out

    async def known(self, keys: Collection[Key]) -> Mapping[Key, tuple[PairRow, ...]]:
        """By key, the open rows of its identity."""
        return await self._reading.ask(self._reader.known, keys)

    async def amend(self, asked: ChangeDepara) -> DeparaChanged:
        """Record a change; BusFault where the journal is another's."""
        if self._carry_out is None:
            raise BusFault(Fault("JOURNAL_IN_USE", details={"path": self._reading.database.place}))
        return cast("DeparaChanged", await self._carry_out(asked))

    async def rows(self, chosen: PairFilter) -> tuple[PairRow, ...]:
        """The rows that a filter chooses, each followed by the others of its identity."""
        return await self._reading.ask(self._reader.rows, chosen)

    async def history(self, key: Key) -> tuple[tuple[PairRow, ...], tuple[ChangeRow, ...]]:
        """All rows of what a key ever named, and the changes that made them."""
        return await self._reading.ask(self._reader.history, key)

    async def conflicts(self) -> tuple[ConflictRow, ...]:
        """What needs a person."""
        return await self._reading.ask(self._reader.conflicts)

    async def waits(self, message: str = "") -> tuple[WaitRow, ...]:
        """Who waits for an id; of one message, where it is given."""
        return await self._reading.ask(self._reader.waits, message)

    async def uses(self, change: int) -> tuple[str, ...]:
        """The messages that were sent with an id that a change opened."""
        return await self._reading.ask(self._reader.uses, change)


class PairReader:
    """Answers questions about the de-para, over a connection that only reads."""

    def __init__(self, database: Database) -> None:
        self._sql = database.statements(SQL)

    def known(self, keys: Collection[Key]) -> Mapping[Key, tuple[PairRow, ...]]:
        """By key, the open rows of its identity."""
        found = list(map(PairRow._make, self._sql.by_keys("open_rows", keys)))
        if not found:
            return {}
        members: dict[int, list[PairRow]] = {}
        for row in map(
            PairRow._make, self._sql.by_keys("members", {row.identity for row in found})
        ):
            members.setdefault(row.identity, []).append(row)
        return {row.key: tuple(members.get(row.identity, ())) for row in found}

    def rows(self, chosen: PairFilter) -> tuple[PairRow, ...]:
        """The rows that a filter chooses, each followed by the others of its identity."""
        asked: dict[str, Value] = {
            "entity": chosen.entity,
            "application": chosen.application,
            "id": chosen.id,
            "at": chosen.at,
            "after": chosen.after,
            "limit": chosen.limit,
        }
        found = map(PairRow._make, self._sql.where("listed", asked))
        identities = list(dict.fromkeys(row.identity for row in found))
        wanted: dict[str, Value] = {
            "identities": orjson.dumps(identities).decode(),
            "at": chosen.at,
        }
        members = list(map(PairRow._make, self._sql.where("members_at", wanted)))
        order = {identity: at for at, identity in enumerate(identities)}
        return tuple(sorted(members, key=lambda row: (order[row.identity], row.number)))

    def history(self, key: Key) -> tuple[tuple[PairRow, ...], tuple[ChangeRow, ...]]:
        """All rows of what a key ever named, and the changes that made them."""
        asked: dict[str, Value] = dict(zip(Key._fields, key, strict=True))
        rows = tuple(map(PairRow._make, self._sql.where("history", asked)))
        numbers = {number for row in rows for number in (row.opened_by, row.closed_by) if number}
        return rows, tuple(map(ChangeRow._make, self._sql.by_keys("changes", numbers)))

    def conflicts(self) -> tuple[ConflictRow, ...]:
        """What needs a person."""
        return tuple(map(_conflict, self._sql.where("open_conflicts")))

    def waits(self, message: str) -> tuple[WaitRow, ...]:
        """Who waits for an id; of one message, where it is given."""
        name, asked = ("waits_of", {"message": message}) if message else ("all_waits", {})
        return tuple(map(_wait, self._sql.where(name, asked)))

    def uses(self, change: int) -> tuple[str, ...]:
        """The messages that were sent with an id that a change opened."""
        return tuple(row[0] for row in self._sql.where("uses", {"change": change}))
