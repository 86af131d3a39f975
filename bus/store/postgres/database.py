"""Runs the statements of this driver over a connection, which is made anew where it broke."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg.pq import TransactionStatus

from bus.core.errors import BusFault
from bus.store.database import NOTHING, Row
from bus.store.postgres.arrays import NUL, SHOWN_NUL, array_of
from bus.store.postgres.connection import DatabaseAddress
from bus.store.postgres.problems import failed, is_lost, lost
from bus.store.postgres.upsert import ArrayUpsert
from bus.store.puts import AT_ONCE, PUTS, Put, read_all
from bus.store.rows import Value
from bus.store.sqlite.export import export
from bus.store.statements import statements, with_conditions

_NAMED: Final = re.compile(r"(?<!:):(?=[a-z])(\w+)")


SAMPLE: Final = 1_000
"""Pages of a table that are looked at to tell its size."""
_PAGES: Final = """
SELECT pg_relation_size(%(table)s::regclass) / current_setting('block_size')::bigint,
       pg_table_size(%(table)s::regclass), pg_indexes_size(%(table)s::regclass)
"""
_NO: Final = (0, 0, 0)

_PUTS: Final = {**PUTS, "facts": Put("fact"), "placed_facts": Put("placed_fact")}
"""Facts get their positions from a sequence; those of another journal have them."""


@cache
def for_psycopg(sql: str) -> str:
    """A statement whose places are written as the driver has them: `:name`, and `?` for keys."""
    return _NAMED.sub(r"%(\1)s", sql.replace("%", "%%")).replace("?", "%s")


class PostgresStatements:
    """The statements of one file. Implements `bus.store.database.Statements`."""

    def __init__(self, database: PostgresDatabase, file: str) -> None:
        self._database = database
        self._raw = statements(__package__, file)

    def by_keys(self, name: str, keys: Iterable[object]) -> Sequence[Row]:
        """The rows of keys, of which the statement takes an array for each of their parts."""
        listed = list(keys)
        if not listed:
            return []
        parts = zip(*listed, strict=True) if isinstance(listed[0], tuple) else (listed,)
        return self._database.run(for_psycopg(self._raw[name]), [array_of(list(p)) for p in parts])

    def where(self, name: str, asked: Mapping[str, Value] = NOTHING) -> Sequence[Row]:
        """The rows of a question with named values."""
        return self._database.run(for_psycopg(self._raw[name]), _without_nul(asked))

    def chosen(
        self, name: str, conditions: Sequence[str], asked: Mapping[str, Value]
    ) -> Sequence[Row]:
        """The rows of a question that holds to conditions."""
        return self._database.run(
            for_psycopg(with_conditions(self._raw, name, conditions)), _without_nul(asked)
        )

    def writer(self, table: str, *, raw: bool = False) -> Callable[[Sequence[Row]], None]:
        """What writes rows of a table."""
        name = "placed_facts" if raw and table == "facts" else table
        sql = self._raw[f"put_{name}"]
        return ArrayUpsert(self._database.send, sql, _PUTS[name], raw=raw).write


def _without_nul(asked: Mapping[str, Value]) -> Mapping[str, Value]:
    return {
        name: value.replace(NUL, SHOWN_NUL) if isinstance(value, str) else value
        for name, value in asked.items()
    }


class PostgresDatabase:
    """A connection to a journal on a server. Implements `bus.store.database.Database`.

    What is asked outside of a commit may be asked again over a new connection (`renewed`).
    """

    def __init__(
        self, address: DatabaseAddress, check: Callable[[psycopg.Connection], None]
    ) -> None:
        self.address = address
        self._check = check
        self._connect()

    def _connect(self) -> None:
        self.connection = self.address.connect()
        self._cursor = self.connection.cursor(binary=True)
        self._sending = ExitStack()
        self._pipeline: psycopg.Pipeline | None = None
        try:
            self._check(self.connection)
        except BaseException:
            self.connection.close()
            raise

    @property
    def place(self) -> str:
        """Where it is, without the password."""
        return self.address.place

    def statements(self, file: str) -> PostgresStatements:
        """The statements of a file, over this connection."""
        return PostgresStatements(self, file)

    def run(self, sql: str, asked: Mapping[str, Any] | Sequence[Any] | None = None) -> list[Row]:
        """The rows that a statement answers, which is kept prepared."""
        cursor = self._cursor.execute(sql, asked or None, prepare=True)
        if self._pipeline:
            self._pipeline.sync()
        return [*cursor.fetchall()] if cursor.description else []

    def send(self, sql: str, asked: Sequence[Any] = ()) -> None:
        """Have a statement carried out whose answer need not be waited for until `finish`."""
        if self._pipeline is None:
            self._pipeline = self._sending.enter_context(self.connection.pipeline())
        self._cursor.execute(sql, asked or None, prepare=bool(asked))

    def finish(self) -> None:
        """Wait until all that was sent is done; what went wrong is raised."""
        self._pipeline = None
        self._sending.close()

    def is_in_transaction(self) -> bool:
        """Whether a transaction is open; not on a connection that broke."""
        return self.connection.info.transaction_status in {
            TransactionStatus.INTRANS,
            TransactionStatus.INERROR,
            TransactionStatus.ACTIVE,
        }

    def renew(self) -> None:
        """Connect anew; BusFault where there is no way."""
        with suppress(psycopg.Error):
            self.connection.close()
        self._connect()

    def renewed(self) -> bool:
        """Whether the connection had broken, and there is another now."""
        if not self.connection.closed:
            return False
        try:
            self.renew()
        except BusFault:
            return False
        return True

    @contextmanager
    def moment(self) -> Iterator[None]:
        """What is asked within is answered as of one moment."""
        self.connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            yield
        finally:
            if self.is_in_transaction():
                self.connection.execute("ROLLBACK")

    def all_of(self, table: str) -> Iterator[Sequence[Row]]:
        """All rows of a table, some at a time."""
        with self.connection.cursor("all_of", binary=True) as cursor:
            cursor.execute(read_all(table))
            while some := cursor.fetchmany(AT_ONCE):
                yield some

    @contextmanager
    def faults(self) -> Iterator[None]:
        """Turn what the driver raises into a fault of the journal."""
        try:
            yield
        except psycopg.Error as error:
            raise (lost(self.place) if is_lost(error) else failed(error)) from error

    def size(self) -> int:
        """Bytes of all rows, and of their indexes in proportion: what is free is used again."""
        return sum(self._size_of(table) for table in PUTS)

    def _size_of(self, table: str) -> int:
        """Bytes of a table, from a sample of its pages where it is large."""
        pages, whole, indexes = self.connection.execute(_PAGES, {"table": table}).fetchone() or _NO
        share = min(100.0, 100.0 * SAMPLE / max(pages, 1))
        sampled = f"FROM {table} AS kept TABLESAMPLE SYSTEM ({share})"
        counted = f"SELECT coalesce(sum(pg_column_size(kept.*)), 0) {sampled}"
        (found,) = self.connection.execute(counted).fetchone() or (0,)
        rows = int(found) * 100.0 / share
        return int(rows + indexes * min(1.0, rows / max(whole, 1)))

    def damage(self) -> tuple[str, ...]:
        """Nothing that a server would tell: it checks its pages itself (`data_checksums`)."""
        return ()

    def back_up(self, file: Path, stop: threading.Event) -> int:
        """Copy the journal into a new file; its length in bytes."""
        with closing(PostgresDatabase(self.address, lambda _: None)) as own, own.faults():
            return export(own, file, stop)

    def close(self) -> None:
        """Let go of the connection."""
        self.connection.close()
