"""The right to read an application, and how far it has been read."""

from __future__ import annotations

from bus.core.errors import BusFault, Fault
from bus.journal.commands import CursorMove, LeaseCursor
from bus.journal.rows import MICROSECONDS
from bus.journal.unit import Unit


def lease_cursor(unit: Unit, asked: LeaseCursor) -> str | None:
    """How far an application has been read, for a worker that may read on; None for any other."""
    row = unit.cursors.get(asked.application)
    if row.worker not in {"", asked.worker} and row.lease_until > unit.now:
        return None
    until = unit.now + int(asked.lease * MICROSECONDS)
    unit.cursors.put(row._replace(worker=asked.worker, lease_until=until))
    return row.value


def move_cursor(unit: Unit, move: CursorMove | None) -> None:
    """Note how far an application has been read; BusFault where the worker has lost the lease.

    A lease that ran out is not lost until another worker takes it: nobody else has read meanwhile.
    """
    if move is None:
        return
    row = unit.cursors.get(move.application)
    if row.worker != move.worker:
        details = {"application": move.application, "worker": row.worker}
        raise BusFault(Fault("SOURCE_LOST", details=details))
    until = unit.now + int(move.lease * MICROSECONDS)
    unit.cursors.put(row._replace(value=move.value, at=unit.now, lease_until=until))
