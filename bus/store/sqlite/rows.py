"""Rows as SQLite hands them over, made into the rows of the core.

A query answers one JSON text for all its rows: while other threads are busy, each step of a
statement may wait for the interpreter, so one step is better than one a row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar, get_type_hints

import orjson

Row = TypeVar("Row", bound=tuple[Any, ...])

_BOOLEANS: Mapping[object, object] = {0: False, 1: True}


def maker(row: type[Row]) -> Callable[[Sequence[object]], Row]:
    """A function that makes rows of a kind from what is stored: texts, numbers and bytes."""
    hints = get_type_hints(row).values()
    kept = [(at, values) for at, hint in enumerate(hints) if (values := _values(hint))]
    make: Callable[[Sequence[object]], Row] = row._make  # type: ignore[attr-defined]

    def made(stored: Sequence[object]) -> Row:
        changed = list(stored)
        for at, values in kept:
            changed[at] = values[changed[at]]
        return make(changed)

    return made if kept else make


def listed(text: object) -> list[list[object]]:
    """The rows that a query answered as one JSON text."""
    if not isinstance(text, str):
        return []
    rows: list[list[object]] = orjson.loads(text)
    return rows


def _values(hint: object) -> Mapping[object, object] | None:
    """What each stored value of a column stands for, where it is not itself."""
    if hint is bool:
        return _BOOLEANS
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return {member.value: member for member in hint}
    return None
