"""Reads the rows of a source that are new, and marks those that were taken."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    TableClause,
    column,
    func,
    null,
    or_,
    select,
    table,
    update,
)

from adapters.tables.cells import told
from adapters.tables.interface_database import AsItIs, TableName
from adapters.tables.mapping import DetailRows, RowSource

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class InterfaceRow:
    """A row as it was read, with the rows of the second table that belong to it."""

    source: RowSource
    values: Values
    details: tuple[Values, ...] = ()

    @property
    def key(self) -> Any:  # noqa: ANN401 - as the database has it
        """Its key, as the driver gave it."""
        return self.values[self.source.key]

    def written(self) -> bytes:
        """All that a message is made of, as JSON: the same for a row that nobody changed."""
        shown: dict[str, Any] = {"table": self.source.table, "row": _shown(self.values)}
        if self.source.details is not None:
            shown["details"] = [_shown(one) for one in self.details]
        return json.dumps(shown, ensure_ascii=False).encode()


def _shown(values: Values) -> dict[str, str | None]:
    return {name: told(value) for name, value in values.items()}


def new_rows(
    connection: Connection, source: RowSource, most: int, *, skip_locked: bool
) -> list[InterfaceRow]:
    """The first rows that are new, in the order of their keys."""
    asked = _rows(source).where(*_is_new(source)).order_by(column(source.key)).limit(most)
    if skip_locked:
        asked = asked.with_for_update(skip_locked=True)
    return _with_details(connection, source, asked)


def mark_rows(
    connection: Connection,
    source: RowSource,
    marks: Mapping[Any, tuple[InterfaceRow, str | None]],
    *,
    skip_locked: bool,
) -> None:
    """Mark rows by their keys: taken, or failed for a reason. One that is changed is left alone.

    Those that somebody has locked are left too: they come again, and are marked then.
    """
    keys = list(marks)
    asked = _rows(source).where(*_is_new(source), column(source.key, AsItIs()).in_(keys))
    asked = asked.with_for_update(skip_locked=True) if skip_locked else asked
    for row in _with_details(connection, source, asked):
        read, reason = marks[row.key]
        if row.written() == read.written():
            connection.execute(_mark(source, row.key, reason))


def _mark(source: RowSource, key: object, reason: str | None) -> Any:  # noqa: ANN401
    state = source.state
    value = state.taken if reason is None else state.failed
    values: dict[str, Any] = {state.column: value}
    if state.time:
        values[state.time] = func.current_timestamp()
    if state.error:
        values[state.error] = reason[: state.error_length] if reason else None
    if state.attempts:
        values[state.attempts] = func.coalesce(column(state.attempts), 0) + 1
    whole = _table(source.table, *values, source.key)
    is_it = column(source.key, AsItIs()) == key
    return update(whole).where(is_it, *_is_new(source)).values(values)


def _is_new(source: RowSource) -> list[ColumnElement[bool]]:
    state = column(source.state.column, AsItIs())
    known = [value for value in source.state.new if value is not None]
    told_new = [state.in_(known)] if known else []
    if None in source.state.new:
        told_new.append(state.is_(null()))
    where = [column(name, AsItIs()) == value for name, value in source.where.items()]
    return [or_(*told_new), *where]


def _rows(source: RowSource) -> Select[Any]:
    columns = (column(name, AsItIs()) for name in source.columns())
    return select(*columns).select_from(_table(source.table))


def _with_details(
    connection: Connection, source: RowSource, asked: Select[Any]
) -> list[InterfaceRow]:
    heads: Sequence[Values] = [dict(row) for row in connection.execute(asked).mappings()]
    if source.details is None or not heads:
        return [InterfaceRow(source, head) for head in heads]
    keys = [head[source.key] for head in heads]
    details = _details(connection, source, source.details, keys)
    return [
        InterfaceRow(source, head, tuple(details.get(told(head[source.key]), ()))) for head in heads
    ]


def _details(
    connection: Connection, source: RowSource, details: DetailRows, keys: Collection[Any]
) -> Mapping[Any, list[Values]]:
    key = column(details.key, AsItIs())
    columns = (column(name, AsItIs()) for name in source.detail_columns())
    asked = (
        select(*columns)
        .select_from(_table(details.table))
        .where(key.in_(list(keys)))
        .order_by(column(details.key), column(details.order))
    )
    found: dict[Any, list[Values]] = {}
    for row in connection.execute(asked).mappings():
        found.setdefault(told(row[details.key]), []).append(dict(row))
    return found


def _table(name: str, *columns: str) -> TableClause:
    parts = TableName.of(name)
    return table(parts.name, *(column(one, AsItIs()) for one in columns), schema=parts.schema)
