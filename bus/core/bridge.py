"""Bridges: declared ways from a version of a transaction to another, and who needs one: pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from bus.core.errors import Fault
from bus.core.release import parts_of

if TYPE_CHECKING:
    from bus.core.route import Application

VERSION_PATH = "/TOTVSMessage/MessageInformation/@version"


@dataclass(frozen=True, slots=True)
class Bridge:
    """What becomes of a transaction at version `source` for whoever takes `target`.

    Paths are below BusinessContent. `lost` are elements that the target has no place for; `moved`
    gives the place of others there; `values` by path what a value is called there; `defaults` the
    text of an element that is missing.
    """

    transaction: str
    source: str
    target: str
    lost: tuple[str, ...] = ()
    moved: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)


class Loss(NamedTuple):
    """What a message said at a path and its reader was not told, and how often it said so."""

    path: str
    times: int


class Transformation(NamedTuple):
    """What one message went through: from which version to which, and what that cost."""

    source: str
    target: str
    lost: tuple[Loss, ...] = ()


class Way(NamedTuple):
    """How a message comes to a reader: not at all, as it is, or over a bridge."""

    open: bool
    bridge: Bridge | None = None


def way_to(reader: Application, transaction: str, version: str, bridges: Iterable[Bridge]) -> Way:
    """How a message of that transaction and version comes to a reader.

    Of several versions that it takes and a bridge leads to, the newest.
    """
    folded = transaction.casefold()
    accepted = reader.accepts.get(folded)
    if accepted is None or version in accepted:
        return Way(open=True)
    leading = [
        one
        for one in bridges
        if one.transaction.casefold() == folded and one.source == version and one.target in accepted
    ]
    best = max(leading, key=lambda one: parts_of(one.target), default=None)
    return Way(best is not None, best)


def not_accepted(reader: Application, transaction: str, version: str) -> Fault:
    """The fault of a message that has no way to a reader."""
    accepted = reader.accepts.get(transaction.casefold(), frozenset())
    details = {
        "application": reader.name,
        "transaction": transaction,
        "version": version,
        "accepted": ", ".join(sorted(accepted)),
    }
    return Fault("VERSION_NOT_ACCEPTED", VERSION_PATH, details=details)
