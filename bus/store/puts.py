"""How tables are written: which rows go into each, and what never changes there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from bus.journal.depara_rows import WaitRow
from bus.store.statements import COLUMNS, quoted


class Put(NamedTuple):
    """The kind of rows of a table, by its name in `statements.ROWS`.

    `fixed` are the columns that a row keeps for ever: they are not set again, so that indexes on
    them are left alone.
    """

    row: str
    fixed: tuple[str, ...] = ()

    @property
    def changes(self) -> list[str]:
        """The columns that a row which is there already is given anew."""
        return [column for column in COLUMNS[self.row] if column not in self.fixed]


_PAIR = ("number", "identity", "entity", "application", "scope", "id", "qualifier", "opened_by")

PUTS: Mapping[str, Put] = {
    "messages": Put("message", ("id", "state")),
    "bodies": Put("body"),
    "deliveries": Put("delivery", ("message", "number", "destination", "lane")),
    "names": Put("name", ("name", "kind", "key")),
    "attempts": Put("attempt", ("message", "number", "attempt")),
    "answers": Put("answer", ("message", "number")),
    "progress": Put("progress", ("message", "number", "name")),
    "applications": Put("application", ("name",)),
    "cursors": Put("cursor", ("application",)),
    "facts": Put("placed_fact"),
    "sightings": Put("sighting"),
    "configurations": Put("configuration"),
    "pair_rows": Put("pair_row", _PAIR),
    "pair_changes": Put("pair_change"),
    "pair_conflicts": Put("pair_conflict", ("number",)),
    "pair_waits": Put("pair_wait", WaitRow._fields[:8]),
    "openings": Put("opening"),
    "doubts": Put("doubt"),
}
"""By the name of the table; its statement is `put_<table>`."""


AT_ONCE = 100
"""Rows of a table that are copied at once; a body may be megabytes."""


def read_all(table: str) -> str:
    """The question for all rows of a table, in SQL that every driver knows."""
    return f"SELECT {quoted(COLUMNS[PUTS[table].row])} FROM {table}"  # noqa: S608 - names of ours
