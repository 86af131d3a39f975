"""Writes messages into the tables of an application, and looks for what was written."""

from __future__ import annotations

import hashlib
import time
from base64 import b32encode
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    TableClause,
    column,
    insert,
    inspect,
    select,
    table,
)
from sqlalchemy.exc import (
    DataError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    SQLAlchemyError,
)

from adapters.tables.cells import UnfitValue, written_cell
from adapters.tables.interface_database import (
    AsItIs,
    InterfaceDatabase,
    NotConnected,
    TableName,
)
from adapters.tables.mapping import CellRule, RowTarget
from bus.core.element import Element
from bus.core.outcome import Outcome, Report
from bus.core.text import Text, same
from bus.ports.adapter import Parcel

OWN_SHARE = 0.9
"""Of the time of an attempt, what is used: what is not committed by then is undone."""
OUT_OF_TIME = Text(
    "o prazo acabou antes da confirmação; nada foi gravado",
    "the time was up before the commit; nothing was written",
)
COMMIT_UNHEARD = Text(
    "a conexão caiu na confirmação: {words}", "the connection was lost at the commit: {words}"
)


class RowWriter:
    """Writes one message as rows, in one transaction in which the first table comes last."""

    def __init__(self, database: InterfaceDatabase, application: str) -> None:
        self._database = database
        self._application = application
        self._unique: dict[str, bool] = {}

    async def write(self, target: RowTarget, parcel: Parcel) -> Report:
        """What became of it: DELIVERED too where its key is there already."""
        key = key_of(target, self._application, parcel.uuid)
        until = time.monotonic() + parcel.timeout * OWN_SHARE
        try:
            rows = _rows_of(target, key, parcel.content)
        except UnfitValue as unfit:
            return self._told(Outcome.REFUSED, "INVALID_FOR_RECEIVER", unfit.problem)
        return await self._database.run(lambda: self._written(target, key, rows, until))

    async def look(self, target: RowTarget, parcel: Parcel) -> Report | None:
        """Whether its key is there.

        Where it is not, and nothing keeps a second row with it out, nobody can tell: what was sent
        may still be on its way.
        """
        key = key_of(target, self._application, parcel.uuid)
        try:
            return await self._database.run(lambda: self._looked(target, key))
        except (NotConnected, SQLAlchemyError):
            return None

    def _looked(self, target: RowTarget, key: object) -> Report | None:
        with self._database.connected() as connection:
            if _is_there(connection, target, key):
                return Report(Outcome.DELIVERED)
            if target.name not in self._unique:
                self._unique[target.name] = is_unique(connection, target)
        if not self._unique[target.name]:
            return None
        problem = Text(f"{target.table}: não há {key}", f"{target.table}: there is no {key}")
        return self._told(Outcome.UNREACHABLE, "UNREACHABLE", problem)

    def _written(self, target: RowTarget, key: object, rows: _Rows, until: float) -> Report:
        try:
            with self._database.connected() as connection:
                return self._committed(connection, target, key, rows, until)
        except NotConnected as away:
            fault = self._database.fault(away.error)
            return Report(Outcome.UNREACHABLE, fault=fault)

    def _committed(
        self, connection: Connection, target: RowTarget, key: object, rows: _Rows, until: float
    ) -> Report:
        try:
            if _is_there(connection, target, key):
                return Report(Outcome.DELIVERED)
            for name, values in rows:
                connection.execute(insert(_table(name, values)).values(values))
        except SQLAlchemyError as error:
            return self._not_inserted(connection, target, key, error)
        if time.monotonic() > until:
            return self._told(Outcome.UNREACHABLE, "UNREACHABLE", OUT_OF_TIME)
        try:
            connection.commit()
        except IntegrityError as error:  # a constraint that waits for the commit
            return self._told(Outcome.REFUSED, "REFUSED", same(self._database.words(error)))
        except SQLAlchemyError as error:
            problem = COMMIT_UNHEARD.filled(words=self._database.words(error))
            return self._told(Outcome.UNKNOWN, "OUTCOME_UNKNOWN", problem)
        return Report(Outcome.DELIVERED)

    def _not_inserted(
        self, connection: Connection, target: RowTarget, key: object, error: SQLAlchemyError
    ) -> Report:
        """What an error before the commit means: nothing is written, for no commit was sent."""
        words = same(self._database.words(error))
        if self._database.is_locked(error):
            return self._told(Outcome.BUSY, "BUSY", words)
        if isinstance(error, (OperationalError, InterfaceError)):
            return Report(Outcome.UNREACHABLE, fault=self._database.fault(error))
        if isinstance(error, IntegrityError) and self._came_meanwhile(connection, target, key):
            return Report(Outcome.DELIVERED)
        code = "INVALID_FOR_RECEIVER" if isinstance(error, DataError) else "REFUSED"
        return self._told(Outcome.REFUSED, code, words)

    def _came_meanwhile(self, connection: Connection, target: RowTarget, key: object) -> bool:
        """Whether another try of the same message wrote its key in the meantime."""
        try:
            connection.rollback()
            return _is_there(connection, target, key)
        except SQLAlchemyError:
            return False

    def _told(self, outcome: Outcome, code: str, problem: Text) -> Report:
        return Report(outcome, fault=self._database.told(code, problem))


_Rows = list[tuple[str, Mapping[str, Any]]]
"""The tables and what goes into each, in their order."""


def key_of(target: RowTarget, application: str, uuid: str) -> str | int:
    """The key of a message in a target: always the same, as long as is declared."""
    digest = hashlib.sha256(f"{application}\n{target.name}\n{uuid}".encode()).digest()
    if target.key_is_number:
        return int.from_bytes(digest[:16], "big") % int(f"1{'0' * target.key_length}")
    return b32encode(digest).decode()[: target.key_length]


def _rows_of(target: RowTarget, key: object, content: Element) -> _Rows:
    """The rows of a message: that of the first table comes last, and says that all is there."""
    rows: _Rows = []
    if details := target.details:
        for number, element in enumerate(content.all(details.element), 1):
            counted = {details.number: number} if details.number else {}
            values = {details.key: key, **counted, **_values(details.cells, element)}
            rows.append((details.table, values))
    rows.append((target.table, {target.key: key, **_values(target.cells, content)}))
    return rows


def _values(cells: Mapping[str, CellRule], content: Element) -> dict[str, Any]:
    return {name: written_cell(rule, content) for name, rule in cells.items()}


def _is_there(connection: Connection, target: RowTarget, key: object) -> bool:
    key_column: ColumnElement[object] = column(target.key, AsItIs())
    found = select(key_column).select_from(_table(target.table))
    return connection.execute(found.where(key_column == key).limit(1)).first() is not None


def is_unique(connection: Connection, target: RowTarget) -> bool:
    """Whether the database keeps a second row with the same key of ours out."""
    name = TableName.of(target.table)
    seen = inspect(connection)
    constraints = seen.get_unique_constraints(name.name, name.schema)
    indexes = [one for one in seen.get_indexes(name.name, name.schema) if one["unique"]]
    return [target.key] in (
        seen.get_pk_constraint(name.name, name.schema)["constrained_columns"],
        *(one["column_names"] for one in constraints),
        *(one["column_names"] for one in indexes),
    )


def _table(name: str, columns: Iterable[str] = ()) -> TableClause:
    parts = TableName.of(name)
    return table(parts.name, *(column(one, AsItIs()) for one in columns), schema=parts.schema)
