"""Puts what xmlschema explains and what libxml2 says together: each mistake once, none left out."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bus.core.errors import Fault

# Of several things wrong with one value, the one that helps most is told; the last is verbatim.
_ABOUT_VALUES = (
    "VALUE_NOT_LISTED",
    "VALUE_WRONG_TYPE",
    "VALUE_OUT_OF_RANGE",
    "VALUE_TOO_LONG",
    "VALUE_TOO_SHORT",
    "CONTRACT_VIOLATED",
)
_ABOUT_CHILDREN = {"ELEMENT_UNEXPECTED", "ELEMENT_MISSING", "ELEMENT_REPEATED"}


def gathered(explained: tuple[Fault, ...], said: tuple[Fault, ...], most: int) -> tuple[Fault, ...]:
    """The first faults in the order of the message.

    `said` counts where nothing explains the place: libxml2 decides, and sees what xmlschema does
    not (other digits, no-break spaces) or never came to.
    """
    faults = [*_best(explained), *(fault for fault in said if not _is_told(fault, explained))]
    return tuple(islice(sorted(_best(faults), key=lambda fault: fault.line), most))


def _best(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    kept: dict[tuple[str, str], Fault] = {}
    for fault in faults:
        about_value = fault.code in _ABOUT_VALUES
        key = (fault.path, "" if about_value else fault.code + fault.reason("en"))
        before = kept.get(key)
        if before is None or (about_value and _rank(fault) < _rank(before)):
            kept[key] = fault
    return tuple(kept.values())


def _rank(fault: Fault) -> int:
    return _ABOUT_VALUES.index(fault.code)


def _is_told(fault: Fault, explained: tuple[Fault, ...]) -> bool:
    """Whether an explanation is of the same place; a child and its parent share their order."""
    if ":" in fault.path or "*" in fault.path:  # libxml2's own way to tell names in a namespace
        return any(each.line == fault.line for each in explained)
    if fault.code == "CONTRACT_VIOLATED":
        return any(f"{each.path}/".startswith(f"{fault.path}/") for each in explained)
    if fault.code in _ABOUT_CHILDREN:
        return any(
            _element(each.path) == fault.path or _shares_parent(each, fault) for each in explained
        )
    return any(_element(each.path) == _element(fault.path) for each in explained)


def _element(path: str) -> str:
    return path.rpartition("/@")[0] or path


def _shares_parent(one: Fault, other: Fault) -> bool:
    if one.code not in _ABOUT_CHILDREN:
        return False
    parents = {other.path, other.path.rpartition("/")[0]}
    return not parents.isdisjoint({one.path, one.path.rpartition("/")[0]})
