"""A clock that a test can set."""

import asyncio

from bus.clock import SystemClock

SHORT = 0.01


class HandClock:
    """The machine's clock, moved by hand: `advance` lets time pass, `jump` sets the wall clock."""

    def __init__(self) -> None:
        self._machine = SystemClock()
        self._passed = 0.0
        self._jumped = 0.0

    def advance(self, seconds: float) -> None:
        """Let time pass at once, on the wall and on the stopwatch."""
        self._passed += seconds

    def jump(self, seconds: float) -> None:
        """Set the wall clock forward or back, as an operator or a time server does."""
        self._jumped += seconds

    def now(self) -> int:
        """Microseconds since 1970 UTC."""
        return self._machine.now() + int((self._passed + self._jumped) * 1_000_000)

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        return self._machine.monotonic() + self._passed

    def chance(self) -> float:
        """Always the same, so that waits are exact."""
        return 0.0

    def new_id(self) -> str:
        """A UUIDv7."""
        return self._machine.new_id()

    async def sleep(self, seconds: float) -> None:
        """Wait, but not for long."""
        await asyncio.sleep(min(seconds, SHORT))
