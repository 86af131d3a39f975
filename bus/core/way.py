"""How a message comes to a reader: as it is, over a bridge, or not at all: pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from bus.core.bridge import VERSION_PATH, Bridge
from bus.core.errors import Fault
from bus.core.route import Application
from bus.core.versions import parts_of


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
