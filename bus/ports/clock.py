"""Time and chance."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """Time and chance. Tests and the simulation bring their own."""

    def now(self) -> int:
        """Wall-clock time, µs since 1970 UTC. May jump; decides due times, never order."""

    def monotonic(self) -> float:
        """Seconds that never run backwards; for time-outs."""

    def chance(self) -> float:
        """A number in [0, 1)."""

    def new_id(self) -> str:
        """A new UUIDv7 as text; later ones of this process sort after earlier ones."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""
