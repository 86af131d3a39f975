"""The SQL of the drivers, kept in .sql files, each statement under its name.

A file is a row of statements, each below a line `-- name --` and the question that it answers.
`:message_columns` and its like stand for the columns of a row, `:stopped_states` for the states
below, `:changes` for the columns that an upsert sets, `:rows` for the rows that it writes.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from importlib import resources
from typing import Any

from bus.core.delivery import State
from bus.journal.depara_rows import ChangeRow, ConflictRow, WaitRow
from bus.journal.facts import FactRow
from bus.journal.rows import (
    AnswerRow,
    ApplicationRow,
    AttemptRow,
    ConfigurationRow,
    CursorRow,
    DeliveryRow,
    MessageRow,
    ProgressRow,
)
from bus.store.rows import BodyRow, DoubtRow, NameRow, OpeningRow, PlacedFact, SightingRow
from depara.model import PairRow

_NAME = re.compile(r"^-- (\w+) --$", re.MULTILINE)
_COMMENT = re.compile(r"^--.*\n", re.MULTILINE)

ROWS: dict[str, type[tuple[Any, ...]]] = {
    "message": MessageRow,
    "body": BodyRow,
    "delivery": DeliveryRow,
    "name": NameRow,
    "attempt": AttemptRow,
    "answer": AnswerRow,
    "progress": ProgressRow,
    "application": ApplicationRow,
    "cursor": CursorRow,
    "configuration": ConfigurationRow,
    "fact": FactRow,
    "placed_fact": PlacedFact,
    "sighting": SightingRow,
    "opening": OpeningRow,
    "doubt": DoubtRow,
    "pair_row": PairRow,
    "pair_change": ChangeRow,
    "pair_conflict": ConflictRow,
    "pair_wait": WaitRow,
}
"""The kinds of rows, by the name that statements give them."""

COLUMNS: dict[str, tuple[str, ...]] = {
    name: row._fields  # type: ignore[attr-defined]
    for name, row in ROWS.items()
}
"""The columns of each kind of row, in their order."""

STOPPED = (
    State.HELD,
    State.AWAITING_DEPARA,
    State.AWAITING_RESPONSE,
    State.REFUSED,
    State.DEAD,
    State.UNKNOWN,
    State.BLOCKED,
)
"""The states of the index `deliveries_stopped`; SQLite uses it only for the same words in a row."""


@cache
def statements(package: str, file: str) -> dict[str, str]:
    """The statements of a file of a driver, by name."""
    text = resources.files(package).joinpath(file).read_text("utf-8")
    _, *parts = _NAME.split(text)
    named = zip(parts[::2], parts[1::2], strict=True)
    return {name: _complete(_COMMENT.sub("", body).strip(" \n;")) for name, body in named}


def with_conditions(sql: dict[str, str], name: str, conditions: Collection[str]) -> str:
    """A statement whose `:conditions` are those of the same file, by name; `true` where none is."""
    where = " AND ".join(f"({sql[f'where_{one}']})" for one in conditions) or "true"
    return sql[name].replace(":conditions", where)


def quoted(columns: Collection[str]) -> str:
    """Columns as SQL lists them; some are words of SQL."""
    return ", ".join(f'"{column}"' for column in columns)


def _complete(statement: str) -> str:
    statement = statement.replace(":stopped_states", ", ".join(f"'{one}'" for one in STOPPED))
    for row, columns in COLUMNS.items():
        statement = statement.replace(f":{row}_columns", quoted(columns))
    return statement
