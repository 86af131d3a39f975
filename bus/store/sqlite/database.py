"""Runs the statements of this driver over one connection to a file.

A query answers one JSON text for all its rows: while other threads are busy, each step of a
statement may wait for the interpreter, so one step is better than one a row. What has bytes in it
is read row by row.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import apsw
import orjson

from bus.store.database import NOTHING, Row
from bus.store.puts import AT_ONCE, PUTS, read_all
from bus.store.rows import Value
from bus.store.sqlite.backup import back_up, damage
from bus.store.sqlite.connection import faults
from bus.store.sqlite.upsert import Upsert
from bus.store.statements import statements, with_conditions

_AS_ONE_TEXT = "json_group_array"


class _Statement(NamedTuple):
    sql: str
    as_text: bool


class SqliteStatements:
    """The statements of one file. Implements `bus.store.database.Statements`."""

    def __init__(self, connection: apsw.Connection, file: str) -> None:
        self._connection = connection
        self._file = file
        self._statements = {
            name: _Statement(sql, _AS_ONE_TEXT in sql)
            for name, sql in statements(__package__, file).items()
        }

    def by_keys(self, name: str, keys: Iterable[object]) -> Sequence[Row]:
        """The rows of keys, which the statement takes as one JSON text."""
        sql, as_text = self._statements[name]
        asked = (orjson.dumps(list(keys), default=list).decode(),)
        found = self._connection.execute(sql, asked)
        return orjson.loads(found.get) if as_text else found.fetchall()

    def where(self, name: str, asked: Mapping[str, Value] = NOTHING) -> Sequence[Row]:
        """The rows of a question with named values."""
        sql, as_text = self._statements[name]
        found = self._connection.execute(sql, asked)
        return orjson.loads(found.get) if as_text else found.fetchall()

    def chosen(
        self, name: str, conditions: Sequence[str], asked: Mapping[str, Value]
    ) -> Sequence[Row]:
        """The rows of a question that holds to conditions."""
        sql = with_conditions(statements(__package__, self._file), name, conditions)
        rows: list[Row] = orjson.loads(self._connection.execute(sql, asked).get)
        return rows

    def writer(self, table: str, *, raw: bool = False) -> Callable[[Sequence[Row]], None]:
        """What writes rows of a table."""
        sql = self._statements[f"put_{table}"].sql
        return Upsert(self._connection, sql, PUTS[table], raw=raw).write


class SqliteDatabase:
    """A connection to a journal in a file. Implements `bus.store.database.Database`."""

    def __init__(self, connection: apsw.Connection) -> None:
        self.connection = connection

    @property
    def place(self) -> str:
        """The file."""
        return self.connection.filename

    def statements(self, file: str) -> SqliteStatements:
        """The statements of a file, over this connection."""
        return SqliteStatements(self.connection, file)

    @contextmanager
    def moment(self) -> Iterator[None]:
        """What is asked within is answered as of one moment."""
        self.connection.execute("BEGIN")
        try:
            yield
        finally:
            if self.connection.in_transaction:
                self.connection.execute("COMMIT")

    def all_of(self, table: str) -> Iterator[Sequence[Row]]:
        """All rows of a table, some at a time."""
        rows = self.connection.execute(read_all(table))
        while some := list(islice(rows, AT_ONCE)):
            yield some

    def faults(self) -> AbstractContextManager[None]:
        """Turns what SQLite says into a fault of the journal."""
        return faults()

    def renewed(self) -> bool:
        """Never: a file does not go away for a while."""
        return False

    def size(self) -> int:
        """Bytes of the pages that are in use."""
        pages, free, length = (
            self.connection.pragma(name) for name in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * length)

    def damage(self) -> tuple[str, ...]:
        """What SQLite itself finds wrong with the file."""
        return damage(self.connection)

    def back_up(self, file: Path, stop: threading.Event) -> int:
        """Copy the journal into a new file; its length in bytes."""
        return back_up(Path(self.place), file, stop)

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()
