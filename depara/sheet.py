"""What a file of pairs says, compared with itself, however long it is.

The hub that the file alone would make is kept in a temporary database: a million lines take disk,
and no memory.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any, Final, Self

from depara.exchange import PairLine
from depara.model import JoinVerdict, Key, Link, Member, PairRow, Source, join
from depara.tables import TableMistake

_TABLES: Final = """
PRAGMA journal_mode = OFF;
PRAGMA cache_size = -16000;
CREATE TABLE lines (line INTEGER PRIMARY KEY, ids TEXT UNIQUE, pair TEXT);
CREATE TABLE members (
  number INTEGER PRIMARY KEY, identity, entity, application, scope, id, qualifier, line,
  UNIQUE (id, entity, application, scope)
);
CREATE INDEX identities ON members (identity);
BEGIN;
"""
_FIND: Final = """
SELECT * FROM members WHERE entity = ? AND application = ? AND scope = ? AND id = ?
"""
_MEMBERS: Final = "SELECT * FROM members WHERE identity = ? ORDER BY number"


class Sheet:
    """The lines of a file, as they are added: which repeat others, and which contradict them."""

    def __init__(self) -> None:
        self.doubles: list[TableMistake] = []
        self.contradictions: list[TableMistake] = []
        self._hub = _SheetHub()

    def __enter__(self) -> Self:
        """Itself; it ends with its file."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Give the disk back."""
        self._hub.database.close()

    def add(self, pair: PairLine) -> None:
        """Take the next line, or note what is wrong with it."""
        line, one, other = pair
        if one.key == other.key:
            self._contradicts("itself", line, other, line)
        elif one.place == other.place:
            self._contradicts("one_application", line, other, line)
        elif earlier := self._hub.keep(pair):
            self.doubles.append(TableMistake("double", line, "", other.key.id, earlier))
        else:
            self._hub.line = line
            (joined,) = join(self._hub, Link(one, (other,)), Source.FILE)
            if joined.verdict is JoinVerdict.CONFLICT:
                self._contradicts(
                    "contradiction", line, other, self._hub.line_of(joined.against[0])
                )

    def __len__(self) -> int:
        """How many lines say something that none before them says."""
        (count,) = self._hub.ask("SELECT count(*) FROM lines").fetchone()
        return int(count)

    def __iter__(self) -> Iterator[PairLine]:
        """Those lines, in their order."""
        for line, pair in self._hub.ask("SELECT line, pair FROM lines ORDER BY line"):
            one, other = (Member(Key(*key), qualifier) for key, qualifier in json.loads(pair))
            yield PairLine(line, one, other)

    def _contradicts(self, kind: str, line: int, other: Member, earlier: int) -> None:
        mistake = TableMistake(kind, line, "other_id", other.key.id, earlier)
        self.contradictions.append(mistake)


class _SheetHub:
    """The open rows that the lines make, and which line brought each."""

    def __init__(self) -> None:
        self.database = sqlite3.connect("", isolation_level=None)
        self.database.executescript(_TABLES)
        self.ask = self.database.execute
        self.line = 0
        self._last = 0

    def keep(self, pair: PairLine) -> int:
        """Keep a line; where an earlier one has its ids, that one."""
        ids = json.dumps(sorted((pair.one.key, pair.other.key)))
        row = (pair.line, ids, json.dumps(pair[1:]))
        if self.ask("INSERT OR IGNORE INTO lines VALUES (?, ?, ?)", row).rowcount:
            return 0
        (earlier,) = self.ask("SELECT line FROM lines WHERE ids = ?", (ids,)).fetchone()
        return int(earlier)

    def line_of(self, row: PairRow) -> int:
        """The line that brought a row."""
        found = self.ask("SELECT line FROM members WHERE number = ?", (row.number,))
        return int(found.fetchone()[0])

    def find(self, key: Key) -> PairRow | None:
        """The open row of a key."""
        return next(map(_row, self.ask(_FIND, key)), None)

    def members(self, identity: int) -> Sequence[PairRow]:
        """The open rows of an identity, the oldest first."""
        return [*map(_row, self.ask(_MEMBERS, (identity,)))]

    def open(self, member: Member, identity: int, source: str) -> PairRow:
        """Add a row; identity 0 makes a new one."""
        self._last = number = self._last + 1
        key, qualifier = member
        row = PairRow(number, identity or number, *key, qualifier, 0, 0, source, 0, 0)
        self.ask("INSERT INTO members VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*row[:7], self.line))
        return row

    def close(self, row: PairRow) -> None:
        """Take a row out."""
        self.ask("DELETE FROM members WHERE number = ?", (row.number,))


def _row(kept: tuple[Any, ...]) -> PairRow:
    return PairRow._make((*kept[:7], 0, 0, Source.FILE, 0, 0))
