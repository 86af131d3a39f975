"""How much an application may be sent: at once, and within a time."""

from __future__ import annotations

import re
from typing import NamedTuple

UNITS = {"second": 1.0, "minute": 60.0, "hour": 3600.0, "day": 86400.0}
"""Seconds of the times that a rate may name."""
_RATE = re.compile(rf"([1-9]\d{{0,5}}) an? ({'|'.join(UNITS)})", re.ASCII)


class Rate(NamedTuple):
    """So many in any stretch of so many seconds."""

    number: int
    seconds: float

    @classmethod
    def read(cls, text: str) -> Rate:
        """The rate that a text such as `240 a minute` names; ValueError where it names none."""
        found = _RATE.fullmatch(text)
        if not found:
            raise ValueError(f"“{text}” is no rate")
        return cls(int(found[1]), UNITS[found[2]])


class Throttle(NamedTuple):
    """What is sent at most: `concurrency` at once, 0: any number; at a rate, None: at any."""

    concurrency: int = 0
    rate: Rate | None = None
