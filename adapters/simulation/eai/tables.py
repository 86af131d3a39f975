"""The tables of a simulated ERP, and the codes that it makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count, product
from string import ascii_uppercase

from adapters.simulation.eai.entities import Entity, Table


@dataclass(frozen=True, slots=True)
class ErpRow:
    """One document: its code, its internal id, what was told of it, and whether it is cancelled."""

    table: str
    code: str
    id: str
    values: Mapping[str, str] = field(default_factory=dict)
    cancelled: bool = False


@dataclass(slots=True)
class ErpTables:
    """The rows of all tables, by table and internal id."""

    company: str
    branch: str
    _rows: dict[tuple[str, str], ErpRow] = field(default_factory=dict)
    _codes: dict[str, set[str]] = field(default_factory=dict)

    def keep(self, row: ErpRow) -> None:
        """Insert a row, or put it in the place of the one with its id."""
        self._rows[row.table, row.id] = row
        self._codes.setdefault(row.table, set()).add(row.code)

    def reserve(self, table: Table, code: str) -> None:
        """No other document gets this code."""
        self._codes.setdefault(table.name, set()).add(code)

    def remove(self, row: ErpRow) -> None:
        """Take a row out."""
        del self._rows[row.table, row.id]

    def by_id(self, table: Table, id_: str) -> ErpRow | None:
        """The row of an internal id."""
        return self._rows.get((table.name, id_))

    def by_code(self, table: Table, code: str) -> ErpRow | None:
        """The row of a code."""
        return next((row for row in self.of(table.name) if row.code == code), None)

    def of(self, name: str) -> tuple[ErpRow, ...]:
        """The rows of a table."""
        return tuple(row for row in self._rows.values() if row.table == name)

    def names(self) -> tuple[str, ...]:
        """The tables that hold something."""
        return tuple(dict.fromkeys(row.table for row in self._rows.values()))

    def compose(self, table: Table, code: str, store: str = "01") -> str:
        """The internal id of a code in a table."""
        return table.pattern.format(
            company=self.company, branch=self.branch, code=code, store=store or "01"
        )

    def make_code(self, entity: Entity) -> str:
        """The first code of its own making that no table of an entity has or ever had."""
        tables = (self._codes.get(table.name, ()) for table in entity.tables)
        used = {code for codes in tables for code in codes}
        return next(code for code in _codes(entity) if code not in used)


def _codes(entity: Entity) -> Iterator[str]:
    if entity.letters:
        return ("".join(pair) for pair in product(ascii_uppercase, repeat=entity.size))
    return (f"{number:0{entity.size or 1}d}" for number in count(1))
