"""The time of a journal that several processes write: one for all, whatever their clocks show.

Whoever opens a journal alone brings the time of its clock; who joins takes the journal's over. With
every commit it is read anew by the server's clock, which is one for all, and how far the journal is
ahead of that is kept in the journal. Between two commits it goes on at its usual pace.
"""

from __future__ import annotations

from typing import Final

from bus.clock import IdMaker
from bus.ports.clock import Clock
from bus.store.command_journal import StoreTime

STEP: Final = 1_000_000
"""Microseconds that the server's clock may fall behind what passed here, and is still right."""


class SharedTime(StoreTime):
    """The time of the store, kept in step with that of the other processes."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self._stopwatch = clock.monotonic
        self._set(clock.now())

    def now(self) -> int:
        """µs since 1970 UTC, by the last commit and what passed since."""
        last, read_at = self._read
        return last + int((self._stopwatch() - read_at) * 1_000_000)

    def join(self, server: int, ahead: int) -> None:
        """Take over the time of a journal that others have open (µs)."""
        self._began_at = server + ahead
        self._set(server + ahead)

    def keep_step(self, server: int, ahead: int) -> int:
        """Read the time by the server's clock; how far the journal is ahead of it from now on (µs).

        Where that clock was set back, time goes on, for everybody: the journal is further ahead.
        Where it is ahead of what passed here, this process stood still.
        """
        behind = self.now() - (server + ahead)
        if behind > STEP:
            ahead += behind
        self._set(max(server + ahead, self._last))
        return ahead

    def _set(self, now: int) -> None:
        self._last = now
        self._read = (now, self._stopwatch())  # at once: the event loop reads it, too


class JournalClock:
    """The clock of a process that shares its journal: its wall shows the time of the journal."""

    def __init__(self, clock: Clock, time: SharedTime) -> None:
        self._clock = clock
        self._time = time
        self._ids = IdMaker(time.now)

    def now(self) -> int:
        """Microseconds since 1970 UTC, the same for all processes of the journal."""
        return self._time.now()

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        return self._clock.monotonic()

    def chance(self) -> float:
        """A number in [0, 1)."""
        return self._clock.chance()

    def new_id(self) -> str:
        """A UUIDv7 by the time of the journal: those of all processes sort by their making, as
        far as that was more than milliseconds apart.
        """
        return self._ids.new_id()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._clock.sleep(seconds)
