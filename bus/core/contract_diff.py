"""What changed between two contracts, and whom it breaks.

A change breaks the one who writes a part where what was valid no longer is, and the one who reads
it where what was not valid now may come. The sender writes BusinessContent and reads ReturnContent;
the receiver the other way round.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

UNBOUNDED = -1
"""The most of an element that may be repeated for ever."""

# Facets, and whether a smaller value of each allows less.
_LIMITS = {
    "maxLength": True,
    "minLength": False,
    "totalDigits": True,
    "fractionDigits": True,
    "maxInclusive": True,
    "maxExclusive": True,
    "minInclusive": False,
    "minExclusive": False,
}

# Each built-in type and the next wider one, by the texts that they allow.
_WIDER = {
    "double": "string",
    "float": "double",
    "decimal": "float",
    "integer": "decimal",
    "long": "integer",
    "int": "long",
    "short": "int",
    "byte": "short",
    "nonNegativeInteger": "integer",
    "positiveInteger": "nonNegativeInteger",
    "unsignedLong": "nonNegativeInteger",
    "unsignedInt": "unsignedLong",
    "unsignedShort": "unsignedInt",
    "unsignedByte": "unsignedShort",
    "nonPositiveInteger": "integer",
    "negativeInteger": "nonPositiveInteger",
}


class ChangeKind(StrEnum):
    """How a part of a contract changed."""

    ADDED = "added"
    REMOVED = "removed"
    TIGHTENED = "tightened"
    LOOSENED = "loosened"
    CHANGED = "changed"
    """Allows some of what it did not, and no longer some of what it did."""


@dataclass(frozen=True, slots=True)
class Field:
    """One element or attribute (`…/@name`) of a contract: what may stand there, and how often.

    `type` is a built-in type, empty where no text may stand there; `values` are those listed, empty
    where any may stand; `limits` are facets by name. `order` is how its children are arranged:
    their names, with the groups that do not merely follow each other.
    """

    path: str
    least: int = 0
    most: int = 1
    type: str = ""
    limits: tuple[tuple[str, str], ...] = ()
    values: frozenset[str] = frozenset()
    patterns: frozenset[str] = frozenset()
    order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ContractDifference:
    """One change: `aspect` says of what, such as `type` or `maxLength`; empty for a whole part."""

    kind: ChangeKind
    path: str
    aspect: str = ""
    was: str = ""
    now: str = ""
    required: bool = False
    """Of what was added or removed: whether it must be there."""

    @property
    def breaks_sender(self) -> bool:
        """Whether a sender of the message must change."""
        return self._breaks_reader if self._returned else self._breaks_writer

    @property
    def breaks_receiver(self) -> bool:
        """Whether a receiver of the message must change."""
        return self._breaks_writer if self._returned else self._breaks_reader

    @property
    def _returned(self) -> bool:
        return self.path.partition("/")[0] == "ReturnContent"

    @property
    def _breaks_writer(self) -> bool:
        return self.kind is not ChangeKind.LOOSENED and (
            self.kind is not ChangeKind.ADDED or self.required
        )

    @property
    def _breaks_reader(self) -> bool:
        return self.kind is not ChangeKind.TIGHTENED and (
            self.kind is not ChangeKind.REMOVED or self.required
        )


Fields = Mapping[str, Field]
"""The fields of a contract by path, parents before their children."""


def differences(before: Fields, after: Fields) -> tuple[ContractDifference, ...]:
    """What changed, in the order of the contracts; of what came or went whole, only the top."""
    told: list[ContractDifference] = []
    for path in (*after, *(path for path in before if path not in after)):
        was, now = before.get(path), after.get(path)
        if was and now:
            told += _between(was, now, _common_order(before, after, was, now))
        elif now:
            told += _whole(ChangeKind.ADDED, now, before)
        elif was:
            told += _whole(ChangeKind.REMOVED, was, after)
    return tuple(told)


def _whole(kind: ChangeKind, field: Field, other: Fields) -> Iterator[ContractDifference]:
    parent = field.path.rpartition("/")[0]
    if not parent or parent in other:
        yield ContractDifference(kind, field.path, required=field.least > 0)


def _between(was: Field, now: Field, orders: tuple[str, str]) -> Iterator[ContractDifference]:
    path = was.path
    yield from _number(path, "minOccurs", (was.least, now.least), smaller_is_tighter=False)
    yield from _number(path, "maxOccurs", (was.most, now.most), smaller_is_tighter=True)
    yield from _type(was, now)
    before, after = orders
    if before != after:
        kinds = {
            ("all", "sequence"): ChangeKind.TIGHTENED,
            ("sequence", "all"): ChangeKind.LOOSENED,
        }
        pair = (_arrangement(before), _arrangement(after))
        yield ContractDifference(kinds.get(pair, ChangeKind.CHANGED), path, "order", before, after)


def _arrangement(order: str) -> str:
    """What kind of order it is: groups within it make it one of its own."""
    inside = order[1:]
    if "(" in inside or "|" in inside:
        return ""
    return "all" if order.startswith("&") else "sequence"


def _common_order(before: Fields, after: Fields, was: Field, now: Field) -> tuple[str, str]:
    """Both orders with the children that both have: what came and went is told by itself."""

    def both(name: str) -> bool:
        path = f"{was.path}/{name}"
        return path in before and path in after

    def told(order: tuple[str, ...]) -> str:
        return " ".join(step for step in order if not step[0].isalpha() or both(step))

    return told(was.order), told(now.order)


def _type(was: Field, now: Field) -> Iterator[ContractDifference]:
    if was.type != now.type:
        kind = _type_change(was, now)
        yield ContractDifference(kind, was.path, "type", was.type or "-", now.type or "-")
        if not (is_number(was.type) and is_number(now.type)):
            return
    yield from _limits(was, now)
    yield from _lists(was.path, "values", was.values, now.values)
    if was.patterns != now.patterns:
        kind = ChangeKind.CHANGED
        if not was.patterns or not now.patterns:
            kind = ChangeKind.TIGHTENED if now.patterns else ChangeKind.LOOSENED
        before, after = (" | ".join(sorted(each)) or "-" for each in (was.patterns, now.patterns))
        yield ContractDifference(kind, was.path, "pattern", before, after)


def _type_change(was: Field, now: Field) -> ChangeKind:
    if _allows(was.type, now.type) and not _restricted(was):
        return ChangeKind.TIGHTENED
    if _allows(now.type, was.type) and not _restricted(now):
        return ChangeKind.LOOSENED
    return ChangeKind.CHANGED


def _restricted(field: Field) -> bool:
    # The limits of numbers are compared by themselves.
    numeric = is_number(field.type)
    return bool(field.values or field.patterns or (field.limits and not numeric))


def _allows(wide: str, narrow: str) -> bool:
    """Whether every text of one type is one of another."""
    if not narrow:
        return False
    step = narrow
    while step not in {wide, "string"}:
        step = _WIDER.get(step, "string")
    return step == wide


def is_number(type_: str) -> bool:
    """Whether a built-in type is of numbers."""
    return type_ in _WIDER


def _limits(was: Field, now: Field) -> Iterator[ContractDifference]:
    before, after = dict(was.limits), dict(now.limits)
    for name, smaller_is_tighter in _LIMITS.items():
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        kind = _limit_change(old, new, smaller_is_tighter=smaller_is_tighter)
        yield ContractDifference(kind, was.path, name, old or "-", new or "-")


def _limit_change(old: str | None, new: str | None, *, smaller_is_tighter: bool) -> ChangeKind:
    if old is None:
        return ChangeKind.TIGHTENED
    if new is None:
        return ChangeKind.LOOSENED
    try:
        smaller = Decimal(new) < Decimal(old)
    except InvalidOperation:  # the bound of a date
        return ChangeKind.CHANGED
    return ChangeKind.TIGHTENED if smaller is smaller_is_tighter else ChangeKind.LOOSENED


def _lists(
    path: str, aspect: str, was: frozenset[str], now: frozenset[str]
) -> Iterator[ContractDifference]:
    if was == now:
        return
    if not now or (was and was < now):
        kind = ChangeKind.LOOSENED
    elif not was or now < was:
        kind = ChangeKind.TIGHTENED
    else:
        kind = ChangeKind.CHANGED
    yield ContractDifference(
        kind, path, aspect, _listed(was - now if now else was), _listed(now - was)
    )


def _listed(values: frozenset[str]) -> str:
    return ", ".join(sorted(values)) or "-"


def _number(
    path: str, aspect: str, pair: tuple[int, int], *, smaller_is_tighter: bool
) -> Iterator[ContractDifference]:
    was, now = (float("inf") if each == UNBOUNDED else each for each in pair)
    if was != now:
        tighter = (now < was) is smaller_is_tighter
        kind = ChangeKind.TIGHTENED if tighter else ChangeKind.LOOSENED
        before, after = ("unbounded" if each == UNBOUNDED else str(each) for each in pair)
        yield ContractDifference(kind, path, aspect, before, after)
