"""A bus whose clock a soak sets while it runs: how far it is ahead is in a file that both map."""

from __future__ import annotations

import importlib
import mmap
import os
import struct
from pathlib import Path

import bus.clock
from bus.clock import SystemClock

AHEAD = struct.Struct("dd")
"""Seconds: of the wall clock alone, and those that passed at once on every clock."""
NAMED = "MOVED_CLOCK"
"""The variable that names the file."""
PROGRAM = "from tests.soak.moved_clock import main; main()"


class ClockHands:
    """The file, as who sets the clock has it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._passed = 0.0
        path.write_bytes(AHEAD.pack(0.0, 0.0))

    def set(self, seconds: float) -> None:
        """Set the wall clock so far ahead of the machine's."""
        with self.path.open("r+b") as file:
            file.write(AHEAD.pack(seconds, self._passed))

    def advance(self, seconds: float) -> None:
        """Let time pass at once; the wall clock is right again."""
        self._passed += seconds
        self.set(0.0)


class MovedClock(SystemClock):
    """The clock of such a bus."""

    def __init__(self) -> None:
        super().__init__()
        with Path(os.environ[NAMED]).open("rb") as file:
            self._hands = mmap.mmap(file.fileno(), AHEAD.size, prot=mmap.PROT_READ)

    def now(self) -> int:
        """Microseconds since 1970 UTC."""
        return super().now() + int(sum(AHEAD.unpack_from(self._hands)) * 1_000_000)

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        return super().monotonic() + float(AHEAD.unpack_from(self._hands)[1])


def main() -> None:
    """The command line of the bus, by that clock."""
    bus.clock.SystemClock = MovedClock  # type: ignore[misc]
    importlib.import_module("bus.edge.cli").main()
