"""Room on the disk of a journal: nothing new is taken in where little is left (S4, promise 5).

What is under way is still recorded there: outcomes, answers, leases, and what people do.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Final

from bus.core.errors import BusFault, Fault
from bus.journal.commands import Accept, Check, Reject

ARRIVALS: Final = (Accept, Reject, Check)
"""What is refused: messages, and saying that the journal is ready for any."""
LOOK_AGAIN: Final = 0.25
"""Seconds for which a look at the disk is good."""


class DiskRoom:
    """Looks at what is free where a journal lies, a few times a second at most."""

    def __init__(self, journal: Path, reserve: int) -> None:
        self._folder = journal.resolve().parent
        self._reserve = reserve
        self._looked_at = float("-inf")
        self._free = 0

    def admit(self, command: object) -> None:
        """Raise BusFault DISK_NEARLY_FULL for an arrival where less than the reserve is free."""
        if not isinstance(command, ARRIVALS):
            return
        now = time.monotonic()
        if now - self._looked_at >= LOOK_AGAIN:
            self._free, self._looked_at = shutil.disk_usage(self._folder).free, now
        if self._free < self._reserve:
            details = {"folder": str(self._folder), "free": _megabytes(self._free)}
            details["reserve"] = _megabytes(self._reserve)
            raise BusFault(Fault("DISK_NEARLY_FULL", details=details))


def _megabytes(count: int) -> str:
    return f"{count / 1024**2:.0f} MB"
