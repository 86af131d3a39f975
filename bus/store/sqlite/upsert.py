"""Writes many rows of one kind with few statements.

While other threads are busy each statement may wait for the interpreter. Its text depends on how
many rows it writes; so that SQLite need not compile it again, that is any number below 16, or one
of a few above.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import chain
from typing import Any, Final

import apsw

from bus.store.sqlite.rows import storer
from bus.store.sqlite.statements import COLUMNS, ROWS, statements

BLOCKS: Final = (128, 64, 32, 16)

Row = Sequence[Any]
"""A row of the journal, or of this store."""


class Put:
    """Writes the rows of one table, by a statement of `file`.

    `fixed` are the columns that a row keeps for ever.
    """

    def __init__(
        self, table: str, row: str, fixed: Collection[str] = (), file: str = "tables.sql"
    ) -> None:
        columns = COLUMNS[row]
        changes = [column for column in columns if column not in fixed]
        self._sql = statements(file)[f"put_{table}"].replace(":changes", _changes(changes))
        self._row = f"({', '.join('?' * len(columns))})"
        self._stored = storer(ROWS[row])
        self._by_size: dict[int, str] = {}

    def write(self, connection: apsw.Connection, rows: Sequence[Row]) -> None:
        """Write the rows, in their order."""
        start = 0
        for size in _sizes(len(rows)):
            values = chain.from_iterable(map(self._stored, rows[start : start + size]))
            connection.execute(self._statement(size), tuple(values))
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
