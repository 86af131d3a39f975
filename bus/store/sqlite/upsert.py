"""Writes many rows of one kind with few statements.

While other threads are busy each statement may wait for the interpreter. Its text depends on how
many rows it writes; so that SQLite need not compile it again, that is any number below 16, or one
of a few above.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import chain
from typing import Final

import apsw

from bus.store.database import Row
from bus.store.puts import Put
from bus.store.rows import storer
from bus.store.statements import COLUMNS, ROWS

BLOCKS: Final = (128, 64, 32, 16)


class Upsert:
    """Writes the rows of one table, by its statement."""

    def __init__(self, connection: apsw.Connection, sql: str, put: Put, *, raw: bool) -> None:
        self._connection = connection
        self._sql = sql.replace(":changes", _changes(put.changes))
        self._row = f"({', '.join('?' * len(COLUMNS[put.row]))})"
        self._stored = tuple if raw else storer(ROWS[put.row])
        self._by_size: dict[int, str] = {}

    def write(self, rows: Sequence[Row]) -> None:
        """Write the rows, in their order."""
        start = 0
        for size in _sizes(len(rows)):
            values = chain.from_iterable(map(self._stored, rows[start : start + size]))
            self._connection.execute(self._statement(size), tuple(values))
            start += size

    def _statement(self, size: int) -> str:
        if size not in self._by_size:
            values = f"VALUES {','.join([self._row] * size)}"
            self._by_size[size] = self._sql.replace(":rows", values)
        return self._by_size[size]


def _sizes(count: int) -> Iterator[int]:
    for block in BLOCKS:
        while count >= block:
            yield block
            count -= block
    if count:
        yield count


def _changes(columns: Collection[str]) -> str:
    return ", ".join(f'"{column}" = excluded."{column}"' for column in columns)
