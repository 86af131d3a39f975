"""Rows as databases take them and hand them over: what a column cannot hold is text there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar, get_type_hints

from bus.journal.facts import Data
from bus.store.encoding import encodings_of

Row = TypeVar("Row", bound=tuple[Any, ...])

Value = str | int | bytes | None
"""What is kept in a column."""

_BOOLEANS: Mapping[object, object] = {0: False, 1: True}


class BodyRow(NamedTuple):
    """What was received, by message."""

    message: str
    body: bytes


class PlacedFact(NamedTuple):
    """A fact after its position in the order of all."""

    position: int
    at: int
    kind: str
    message: str
    number: int
    attempt: int
    step: str
    actor: str
    reason: str
    data: Data


class NameRow(NamedTuple):
    """A row of `names`: where it lies, what it is, and what is known under it."""

    name: str
    kind: str
    key: str
    message: str | None = None
    content_hash: str | None = None
    at: int | None = None
    document: str | None = None
    entered: int | None = None
    head: int | None = None
    delivered: str | None = None
    pruned: int | None = None


class SightingRow(NamedTuple):
    """A row of `sightings`. `destination` is empty for messages that go nowhere."""

    stretch: str
    sender: str
    transaction: str
    destination: str
    at: int


class OpeningRow(NamedTuple):
    """A row of `openings`: when a bus opened the journal, and for how long (µs)."""

    number: int
    at: int
    lasted: int


class DoubtRow(NamedTuple):
    """A row of `doubts`: a delivery that may have been sent, unknown to this journal."""

    message: str
    number: int


def maker(row: type[Row]) -> Callable[[Sequence[Any]], Row]:
    """A function that makes rows of a kind from what is stored: texts, numbers and bytes."""
    hints = enumerate(get_type_hints(row).values())
    kept: list[tuple[int, Callable[[Any], object]]] = [
        (at, values.__getitem__) for at, hint in hints if (values := _values(hint))
    ]
    kept += [(at, one.decode) for at, one in encodings_of(row).items()]
    make: Callable[[Sequence[Any]], Row] = row._make  # type: ignore[attr-defined]

    def made(stored: Sequence[Any]) -> Row:
        changed = list(stored)
        for at, read in kept:
            changed[at] = read(changed[at])
        return make(changed)

    return made if kept else make


def storer(row: type[tuple[Any, ...]]) -> Callable[[Sequence[Any]], Sequence[Value]]:
    """A function that makes what is stored of rows of a kind."""
    kept = [(at, one.encode) for at, one in encodings_of(row).items()]

    def stored(given: Sequence[Any]) -> Sequence[Value]:
        changed = list(given)
        for at, write in kept:
            changed[at] = write(changed[at])
        return changed

    return stored if kept else tuple


def _values(hint: object) -> Mapping[object, object] | None:
    """What each stored value of a column stands for, where it is not itself."""
    if hint is bool:
        return _BOOLEANS
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return {member.value: member for member in hint}
    return None
