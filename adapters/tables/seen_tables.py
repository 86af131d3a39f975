"""Holds a mapping to the tables of the database: columns that are there, and long enough."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from sqlalchemy import Connection, inspect
from sqlalchemy.exc import NoSuchTableError

from adapters.tables.interface_database import TableName
from adapters.tables.mapping import CellRule, RowSource, RowTarget, TableMapping
from bus.core.suggest import suggestion
from bus.core.text import Text

NO_TABLE = Text("não há a tabela {table}", "there is no table {table}")
NO_COLUMN = Text(
    "{table} não tem a coluna {value}. {question}", "{table} has no column {value}. {question}"
)
TOO_NARROW = Text(
    "em {table}.{column} cabem {fits} caracteres, e o mapeamento diz {length}",
    "{table}.{column} holds {fits} characters, and the mapping says {length}",
)
Needed = Mapping[str, int]
"""The length that each column must have, 0: any."""


def misfits(connection: Connection, mapping: TableMapping) -> Text | None:
    """The first thing in which the tables are not as the mapping has them; None: nothing."""
    for name, needed in _needs(mapping):
        for problem in _wrong(connection, name, needed):
            return Text(problem.pt.rstrip(". "), problem.en.rstrip(". "))
    return None


def _needs(mapping: TableMapping) -> Iterator[tuple[str, Needed]]:
    for source in mapping.sources:
        yield from _of_source(source)
    for target in mapping.targets.values():
        yield from _of_target(target)


def _of_source(source: RowSource) -> Iterator[tuple[str, Needed]]:
    state = source.state
    written = {state.error: state.error_length} if state.error else {}
    own = filter(None, (*source.columns(), *source.where, state.column, state.time, state.attempts))
    yield source.table, dict.fromkeys(own, 0) | written
    if source.details:
        yield source.details.table, dict.fromkeys(source.detail_columns(), 0)


def _of_target(target: RowTarget) -> Iterator[tuple[str, Needed]]:
    length = 0 if target.key_is_number else target.key_length
    yield target.table, {target.key: length, **_lengths(target.cells)}
    if details := target.details:
        counted = {details.number: 0} if details.number else {}
        yield details.table, {details.key: length, **counted, **_lengths(details.cells)}


def _lengths(cells: Mapping[str, CellRule]) -> dict[str, int]:
    return {name: rule.length for name, rule in cells.items()}


def _wrong(connection: Connection, written: str, needed: Needed) -> Iterator[Text]:
    name = TableName.of(written)
    try:
        seen = inspect(connection).get_columns(name.name, name.schema)
    except NoSuchTableError:
        yield NO_TABLE.filled(table=written)
        return
    lengths = {one["name"]: getattr(one["type"], "length", None) for one in seen}
    for column, length in needed.items():
        if column not in lengths:
            yield NO_COLUMN.filled({"table": written, **_nearest(column, lengths)})
        elif (fits := lengths[column]) and fits < length:
            told = {"table": written, "column": column, "fits": fits, "length": length}
            yield TOO_NARROW.filled(told)


def _nearest(column: str, known: Collection[str]) -> Mapping[str, str | Text]:
    return suggestion(column, known)
