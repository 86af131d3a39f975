"""The de-para in SQLite: its tables for the ledger, and the questions about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, cast

import apsw
import orjson

from bus.core.errors import BusFault, Fault
from bus.journal.commands import ChangeDepara, DeparaChanged
from bus.journal.depara_rows import ChangeRow, ConflictRow, WaitRow
from bus.journal.pairs import Counters, PairChanges
from bus.ports.depara import PairFilter
from bus.store.encoding import ENCODINGS
from bus.store.sqlite.reader_thread import ReadingThread
from bus.store.sqlite.rows import Value, listed, maker
from bus.store.sqlite.statements import statements
from bus.store.sqlite.upsert import Put
from depara.model import Key, Member, PairRow

SQL = "pairs.sql"

_conflict = maker(ConflictRow)
_wait = maker(WaitRow)


class SqlitePairs:
    """Rows of the de-para by key, over the one connection that writes."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._sql = statements(SQL)
        self._puts = {
            "rows": Put("pair_rows", "pair_row", fixed=_FIXED, file=SQL),
            "changes": Put("pair_changes", "pair_change", file=SQL),
            "conflicts": Put("pair_conflicts", "pair_conflict", fixed=("number",), file=SQL),
            "waits": Put("pair_waits", "pair_wait", fixed=WaitRow._fields[:8], file=SQL),
        }

    def counters(self) -> Counters:
        """The last numbers given."""
        return Counters(*next(self._connection.execute(self._sql["counters"])))

    def open_rows(self, keys: Collection[Key]) -> Iterable[PairRow]:
        """Open rows by key."""
        return map(PairRow._make, self._listed("open_rows", keys))

    def members(self, identities: Collection[int]) -> Iterable[PairRow]:
        """Open rows by identity."""
        return map(PairRow._make, self._listed("members", identities))

    def rows_of_change(self, change: int, after: int, limit: int) -> Iterable[PairRow]:
        """What a change opened or closed: the first rows after a number."""
        asked = {"change": change, "after": after, "limit": limit}
        found = self._connection.execute(self._sql["rows_of_change"], asked)
        return map(PairRow._make, listed(found.get))

    def conflicts(self, numbers: Collection[int]) -> Iterable[ConflictRow]:
        """Conflicts by number."""
        return map(_conflict, self._listed("conflicts", numbers))

    def conflict_about(self, one: Member, other: Member) -> ConflictRow | None:
        """The open conflict about two ids."""
        found = self._connection.execute(self._sql["conflict_about"], _conflict_key(one, other))
        return next(map(_conflict, listed(found.get)), None)

    def waits(self, keys: Collection[Key]) -> Iterable[WaitRow]:
        """Who waits for an id of what a key names."""
        return map(_wait, self._listed("waits", keys))

    def waits_of(self, message: str) -> Iterable[WaitRow]:
        """What the deliveries of a message wait for."""
        return map(_wait, listed(self._connection.execute(self._sql["waits_of"], (message,)).get))

    def save(self, changes: PairChanges) -> None:
        """Write everything; what is closed before what is opened."""
        if changes.ended_waits:
            self._connection.execute(self._sql["end_waits"], (_json(changes.ended_waits),))
        closed_first = sorted(changes.rows.values(), key=lambda row: not row.until)
        self._put("rows", closed_first)
        self._put("changes", changes.changes)
        self._put("conflicts", [*changes.conflicts.values()])
        self._put("waits", list(dict.fromkeys(changes.waits)))

    def _put(self, table: str, rows: list[Any]) -> None:
        if rows:
            self._puts[table].write(self._connection, rows)

    def _listed(self, name: str, keys: Iterable[object]) -> list[list[Any]]:
        return listed(self._connection.execute(self._sql[name], (_json(keys),)).get)


_FIXED = ("number", "identity", "entity", "application", "scope", "id", "qualifier", "opened_by")


class SqliteCrossReference:
    """Implements `bus.ports.CrossReference`. `carry_out` is None where the file is another's."""

    def __init__(
        self,
        reading: ReadingThread,
        carry_out: Callable[[ChangeDepara], Awaitable[object]] | None = None,
    ) -> None:
        self._reading = reading
        self._reader = PairReader(reading.connection)
        self._carry_out = carry_out

    async def known(self, keys: Collection[Key]) -> Mapping[Key, tuple[PairRow, ...]]:
        """By key, the open rows of its identity."""
        return await self._reading.ask(self._reader.known, keys)

    async def amend(self, asked: ChangeDepara) -> DeparaChanged:
        """Record a change; BusFault where the file is another's."""
        if self._carry_out is None:
            raise BusFault(Fault("JOURNAL_IN_USE", details={"path": self._reading.path}))
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

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._sql = statements(SQL)

    def known(self, keys: Collection[Key]) -> Mapping[Key, tuple[PairRow, ...]]:
        """By key, the open rows of its identity."""
        found = list(map(PairRow._make, self._listed("open_rows", _json(keys))))
        if not found:
            return {}
        members: dict[int, list[PairRow]] = {}
        identities = _json({row.identity for row in found})
        for row in map(PairRow._make, self._listed("members", identities)):
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
        found = map(PairRow._make, self._listed("listed", asked))
        identities = list(dict.fromkeys(row.identity for row in found))
        wanted: dict[str, Value] = {"identities": _json(identities), "at": chosen.at}
        members = list(map(PairRow._make, self._listed("members_at", wanted)))
        order = {identity: at for at, identity in enumerate(identities)}
        return tuple(sorted(members, key=lambda row: (order[row.identity], row.number)))

    def history(self, key: Key) -> tuple[tuple[PairRow, ...], tuple[ChangeRow, ...]]:
        """All rows of what a key ever named, and the changes that made them."""
        asked: dict[str, Value] = dict(zip(Key._fields, key, strict=True))
        rows = tuple(map(PairRow._make, self._listed("history", asked)))
        numbers = {number for row in rows for number in (row.opened_by, row.closed_by) if number}
        return rows, tuple(map(ChangeRow._make, self._listed("changes", _json(numbers))))

    def conflicts(self) -> tuple[ConflictRow, ...]:
        """What needs a person."""
        return tuple(map(_conflict, self._listed("open_conflicts")))

    def waits(self, message: str) -> tuple[WaitRow, ...]:
        """Who waits for an id; of one message, where it is given."""
        rows = self._listed("waits_of", message) if message else self._listed("all_waits")
        return tuple(map(_wait, rows))

    def uses(self, change: int) -> tuple[str, ...]:
        """The messages that were sent with an id that a change opened."""
        found: list[Any] = listed(
            self._connection.execute(self._sql["uses"], {"change": change}).get
        )
        return tuple(found)

    def _listed(self, name: str, *asked: str | dict[str, Value]) -> list[list[Any]]:
        bindings: Any = asked[0] if asked and isinstance(asked[0], dict) else asked
        return listed(self._connection.execute(self._sql[name], bindings).get)


def _conflict_key(one: Member, other: Member) -> Sequence[Value]:
    encode = ENCODINGS[Member].encode
    return encode(one), encode(other)


def _json(keys: Iterable[object]) -> str:
    return orjson.dumps(list(keys), default=list).decode()
