"""The machine's time and chance: the only place where the program reads either."""

from __future__ import annotations

import asyncio
import os
import random
import struct
import threading
import time
from collections.abc import Callable

_VERSION_7 = 0x7 << 76
_VARIANT = 0x2 << 62
_COUNTER_BITS = 12
_POOL = 4096
"""Random bytes drawn at once: each draw gives up the interpreter, which costs more than they do."""


class IdMaker:
    """Makes identifiers by a clock (µs since 1970 UTC). Threads may share one."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._tick = 0
        self._pool: list[tuple[bytes]] = []

    def new_id(self) -> str:
        """A UUIDv7 (RFC 9562, method 1: a counter below the millisecond keeps their order)."""
        with self._lock:
            self._tick = max(self._tick + 1, (self._now() // 1000) << _COUNTER_BITS)
            tick = self._tick
            if not self._pool:
                self._pool = [*struct.iter_unpack("8s", os.urandom(_POOL))]
            (drawn,) = self._pool.pop()
        millisecond, counter = tick >> _COUNTER_BITS, tick & ((1 << _COUNTER_BITS) - 1)
        low = int.from_bytes(drawn) >> 2
        number = (millisecond << 80) | _VERSION_7 | (counter << 64) | _VARIANT | low
        digits = f"{number:032x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


class SystemClock:
    """The machine's clock, and identifiers made from it. Threads may share one."""

    def __init__(self) -> None:
        self._ids = IdMaker(self.now)

    def now(self) -> int:
        """Microseconds since 1970 UTC."""
        return time.time_ns() // 1000  # noqa: TID251 - this is the clock

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        return time.monotonic()

    def chance(self) -> float:
        """A number in [0, 1)."""
        return random.random()  # noqa: S311 - jitter, not a secret

    def new_id(self) -> str:
        """A new UUIDv7; later ones sort after earlier ones."""
        return self._ids.new_id()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)
