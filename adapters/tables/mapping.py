"""What a mapping file says: which rows become messages, and which messages become rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bus.core.envelope import Event


class ValueForm(StrEnum):
    """How a value is written in a column."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    DATETIME = "datetime"


class Sign(StrEnum):
    """What becomes of the sign of a number."""

    KEEP = "keep"
    DROP = "drop"
    TURN = "turn"


@dataclass(frozen=True, slots=True)
class CellRule:
    """Where a value comes from, and what becomes of it.

    `origin` is a column where rows are read, the path of an element where they are written; empty
    where it is always `constant`. `default` stands for what is empty. `format` is how a date is
    written as text, as in strptime; empty where the column holds dates. `places` are the decimals
    that a number always has, None: as it comes; with `comma` it is written as text with a comma.
    `codes` gives a text for another. `length` is the longest text that fits the column, 0: any.
    """

    origin: str = ""
    constant: str | None = None
    default: str | None = None
    form: ValueForm = ValueForm.TEXT
    format: str = ""
    places: int | None = None
    comma: bool = False
    sign: Sign = Sign.KEEP
    codes: Mapping[str, str] | None = None
    length: int = 0


@dataclass(frozen=True, slots=True)
class RowState:
    """The column that says what has become of a row, and what else is written beside it.

    `new` are the values of rows that nobody has taken, None for NULL. Without `failed` a row that
    was rejected stays new. `time`, `error` and `attempts` are columns, empty where there is none;
    `error_length` is what fits into that of the error.
    """

    column: str
    new: tuple[str | None, ...]
    taken: str
    failed: str | None = None
    time: str = ""
    error: str = ""
    error_length: int = 0
    attempts: str = ""


@dataclass(frozen=True, slots=True)
class DetailRows:
    """Rows of a second table that belong to one of the first: each makes an element at `element`.

    `key` is the column that holds the key of the first; they stand in the order of `order`.
    """

    table: str
    key: str
    order: str
    element: str
    cells: Mapping[str, CellRule]


@dataclass(frozen=True, slots=True)
class RowSource:
    """Rows that become messages: those of `table` with the values of `where` that are new."""

    name: str
    table: str
    key: str
    where: Mapping[str, str]
    state: RowState
    transaction: str
    version: str
    cells: Mapping[str, CellRule]
    event: Event = Event.UPSERT
    details: DetailRows | None = None

    def columns(self) -> tuple[str, ...]:
        """The columns that its message is made of, the key first."""
        return tuple(dict.fromkeys((self.key, *_origins(self.cells))))

    def detail_columns(self) -> tuple[str, ...]:
        """The columns of the second table, those of key and order first."""
        if self.details is None:
            return ()
        own = (self.details.key, self.details.order)
        return tuple(dict.fromkeys((*own, *_origins(self.details.cells))))

    def paths(self) -> frozenset[str]:
        """The elements that its messages have."""
        if self.details is None:
            return frozenset(self.cells)
        below = (f"{self.details.element}/{path}" for path in self.details.cells)
        return frozenset((*self.cells, *below))


@dataclass(frozen=True, slots=True)
class DetailTarget:
    """Rows of a second table, one for each element at `element`, written before that of the first.

    `key` is the column of our key; `number` the column that counts them from 1, empty for none.
    """

    table: str
    key: str
    element: str
    cells: Mapping[str, CellRule]
    number: str = ""


@dataclass(frozen=True, slots=True)
class RowTarget:
    """The rows that a message of a transaction becomes.

    `key` is the column of our key, a text of `key_length` characters or, with `key_is_number`, a
    number of so many digits.
    """

    name: str
    transaction: str
    table: str
    key: str
    key_length: int
    cells: Mapping[str, CellRule]
    key_is_number: bool = False
    details: DetailTarget | None = None


@dataclass(frozen=True, slots=True)
class TableMapping:
    """All that a mapping file says; `targets` by casefolded transaction."""

    sources: tuple[RowSource, ...] = ()
    targets: Mapping[str, RowTarget] = field(default_factory=dict)


def _origins(cells: Mapping[str, CellRule]) -> Iterator[str]:
    return (cell.origin for cell in cells.values() if cell.origin)
