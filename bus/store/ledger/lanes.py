"""Lanes: places in order, and whose turn it is (S6, S7)."""

from __future__ import annotations

from bus.core.journal import DeliveryRow
from bus.store.tables import Unit


def enter(unit: Unit, name: str) -> int:
    """Give the next place of a lane."""
    lane = unit.lane(name)
    unit.put_lane(lane._replace(entered=lane.entered + 1))
    return lane.entered + 1


def has_turn(unit: Unit, row: DeliveryRow) -> bool:
    """Whether a delivery may be sent as far as order goes."""
    return not row.lane or unit.lane(row.lane).head == row.seq


def passed(unit: Unit, row: DeliveryRow) -> bool:
    """Whether the lane has gone on without a delivery."""
    return bool(row.lane) and row.seq < unit.lane(row.lane).head
