"""Time that passes only when nothing else can: hours in milliseconds, the same for every run of a seed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from typing import Any

MICROSECONDS = 1_000_000
EPOCH = 1_700_000_000 * MICROSECONDS
"""What the clocks of the simulation show when it begins."""


class StandstillError(Exception):
    """Nothing is ready and no timer is set: everybody waits for somebody."""


class VirtualLoop(asyncio.BaseEventLoop):
    """An event loop that skips the time in which it would wait. It knows no files and no sockets."""

    def __init__(self) -> None:
        super().__init__()
        self._elapsed = 0.0
        self._selector = _Skipper(self)
        self.failures: list[dict[str, Any]] = []
        """What reached the loop's exception handler."""
        self.set_exception_handler(lambda _, context: self.failures.append(context))

    def time(self) -> float:
        """Seconds since the beginning."""
        return self._elapsed

    def skip(self, seconds: float) -> None:
        """Let time pass."""
        self._elapsed += seconds

    def _process_events(self, event_list: Sequence[object]) -> None:
        """There are no events of files."""

    def _write_to_self(self) -> None:
        """There is no other thread to be woken by."""


class _Skipper:
    """Stands where the selector would wait for files."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop

    def select(self, timeout: float | None) -> Sequence[object]:
        """Skip to the next timer."""
        if timeout is None:
            raise StandstillError
        if timeout > 0:
            self._loop.skip(timeout)
        return ()


class SimulatedClock:
    """The Clock port of one process. `skew` (s) is what its wall clock is off by; it may jump."""

    def __init__(
        self,
        loop: VirtualLoop,
        chance: random.Random,
        next_id: Callable[[], str],
        skew: Callable[[], float],
    ) -> None:
        self._loop = loop
        self._chance = chance
        self._next_id = next_id
        self._skew = skew

    def showing(self, now: Callable[[], int]) -> SimulatedClock:
        """The same clock whose wall shows another time."""
        return _ShownClock(self._loop, self._chance, self._next_id, self._skew, now)

    def now(self) -> int:
        """Wall-clock time, µs."""
        return EPOCH + int((self._loop.time() + self._skew()) * MICROSECONDS)

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        return self._loop.time()

    def chance(self) -> float:
        """A number in [0, 1)."""
        return self._chance.random()

    def new_id(self) -> str:
        """A short id; later ones sort after earlier ones."""
        return self._next_id()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


class _ShownClock(SimulatedClock):
    """A clock whose wall shows another time."""

    def __init__(
        self,
        loop: VirtualLoop,
        chance: random.Random,
        next_id: Callable[[], str],
        skew: Callable[[], float],
        now: Callable[[], int],
    ) -> None:
        super().__init__(loop, chance, next_id, skew)
        self._shown = now

    def now(self) -> int:
        """The time that is shown, µs."""
        return self._shown()
