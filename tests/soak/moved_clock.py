"""A bus whose clock a soak sets while it runs: how far it is ahead is in a file that both map."""

from __future__ import annotations

import mmap
import os
import struct
from pathlib import Path

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


def main() -> None:
    """The command line of the bus, by that clock."""
    from bus.clock import SystemClock  # noqa: PLC0415 - the bus's own, changed before it is used
    from bus.edge.cli import main as command_line  # noqa: PLC0415 - as above

    with Path(os.environ[NAMED]).open("rb") as file:
        hands = mmap.mmap(file.fileno(), AHEAD.size, prot=mmap.PROT_READ)
    now, monotonic = SystemClock.now, SystemClock.monotonic
    SystemClock.now = (  # type: ignore[assignment, method-assign]
        lambda clock: now(clock) + int(sum(AHEAD.unpack_from(hands)) * 1_000_000)
    )
    SystemClock.monotonic = (  # type: ignore[assignment, method-assign]
        lambda clock: monotonic(clock) + float(AHEAD.unpack_from(hands)[1])
    )
    command_line()
