"""What the edge turned away before it was a message: counted each time, told once in a while.

Whoever floods a door must not flood the log too: of one kind and place a line a minute is written,
which says how many there were since the one before.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

import structlog

QUIET = 60.0
"""Seconds after a line in which others of its kind are only counted."""
MOST = 1_024
"""Kinds and places that are remembered at once; the one told longest ago is forgotten first."""


class Counts(Protocol):
    """Where it is counted."""

    def turned_away_at_door(self, why: str) -> None:
        """Something was turned away for that reason."""


class TurnedAway:
    """Counts and tells what was turned away."""

    def __init__(self, counts: Counts, now: Callable[[], float] = time.monotonic) -> None:
        self._counts = counts
        self._now = now
        self._told: OrderedDict[tuple[str, str], tuple[float, int]] = OrderedDict()
        self._log = structlog.get_logger("bus")

    def note(self, why: str, where: str = "", **fields: object) -> None:
        """Count one, and tell it unless one of its kind and place was told just now."""
        self._counts.turned_away_at_door(why)
        now = self._now()
        told_at, since = self._told.get((why, where), (now - QUIET, 0))
        if now - told_at < QUIET:
            self._told[why, where] = told_at, since + 1
            return
        self._log.warning("turned away", why=why, **fields, times=since + 1)
        self._told[why, where] = now, 0
        self._told.move_to_end((why, where))
        if len(self._told) > MOST:
            self._told.popitem(last=False)
