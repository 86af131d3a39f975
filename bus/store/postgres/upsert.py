"""Writes many rows of one kind with one statement: `INSERT … SELECT … FROM unnest(…)`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, get_type_hints

from bus.store.database import Row
from bus.store.postgres.arrays import array_of
from bus.store.puts import Put
from bus.store.rows import storer
from bus.store.statements import COLUMNS, ROWS

_TYPES: Final[dict[object, str]] = {
    int: "bigint",
    int | None: "bigint",
    bool: "boolean",
    bytes: "bytea",
}
"""Of a column, by the type of its field; a text where it has none here."""


class ArrayUpsert:
    """Writes the rows of one table, by its statement."""

    def __init__(
        self, send: Callable[[str, Sequence[Any]], None], sql: str, put: Put, *, raw: bool
    ) -> None:
        row = ROWS[put.row]
        hints = get_type_hints(row)
        types = [_TYPES.get(hints[name], "text") for name in COLUMNS[put.row]]
        arrays = ", ".join(f"{'%b' if t == 'bytea' else '%s'}::{t}[]" for t in types)
        changes = ", ".join(f'"{name}" = excluded."{name}"' for name in put.changes)
        self._send = send
        self._sql = sql.replace(
            ":rows", "SELECT * FROM unnest(:arrays)".replace(":arrays", arrays)
        ).replace(":changes", changes)
        self._stored = tuple if raw else storer(row)
        self._bytes = [t == "bytea" for t in types]

    def write(self, rows: Sequence[Row]) -> None:
        """Write the rows, in their order."""
        columns = zip(*map(self._stored, rows), strict=True)
        self._send(
            self._sql,
            [
                list(column) if is_bytes else array_of(column)
                for column, is_bytes in zip(columns, self._bytes, strict=True)
            ],
        )
