"""What a driver does for the layer above it: it runs the statements of its files.

Each driver keeps the same files with the same statements, in its own SQL, and hands over rows as
sequences of texts, numbers, truth values and bytes (`rows.maker` makes the rows of the journal).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from bus.store.rows import Value

Row = Sequence[Any]
"""A row of the journal, or of a store, as it lies there."""
NOTHING: Mapping[str, Value] = {}


class Statements(Protocol):
    """The statements of one file, by name, over one connection."""

    def by_keys(self, name: str, keys: Iterable[object]) -> Sequence[Row]:
        """The rows of keys: texts, numbers, or tuples of them."""

    def where(self, name: str, asked: Mapping[str, Value] = NOTHING) -> Sequence[Row]:
        """The rows of a question with named values; more may be given than it asks for."""

    def chosen(
        self, name: str, conditions: Sequence[str], asked: Mapping[str, Value]
    ) -> Sequence[Row]:
        """The rows of a question that holds to the conditions `where_<name>` of the file."""

    def writer(self, table: str, *, raw: bool = False) -> Callable[[Sequence[Row]], None]:
        """What writes rows of a table (`puts.PUTS`), new or in place of what is there, in order.

        `raw`: as they lie in another journal, with their positions where they are facts.
        """


class Database(Protocol):
    """A connection to the tables of a journal, used by one thread at a time."""

    @property
    def place(self) -> str:
        """Where it is, as people are told."""

    def statements(self, file: str) -> Statements:
        """The statements of a file, over this connection."""

    def moment(self) -> AbstractContextManager[None]:
        """What is asked within is answered as of one moment."""

    def all_of(self, table: str) -> Iterator[Sequence[Row]]:
        """All rows of a table as they lie there, some at a time, in a moment or a transaction."""

    def faults(self) -> AbstractContextManager[None]:
        """Turns what the driver raises into a fault of the journal."""

    def renewed(self) -> bool:
        """Whether the connection had broken and there is another: what was asked may be again."""

    def size(self) -> int:
        """Bytes that the journal takes, about, without the room that it uses again."""

    def damage(self) -> tuple[str, ...]:
        """What the database itself finds wrong with the tables."""

    def back_up(self, file: Path, stop: threading.Event) -> int:
        """Copy the journal into a new file, by a connection of its own; its length in bytes.

        Once it is to `stop`, BusFault, and nothing is left of it.
        """

    def close(self) -> None:
        """Let go of it."""
