"""Hours in which nothing is sent to an application: pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""The days of the week, the first is 0."""
_DAY = "|".join(DAYS)
_HOURS = re.compile(
    rf"(?:(?P<first>{_DAY})(?:-(?P<last>{_DAY}))? )?"
    r"(?P<begins>(?:[01]\d|2[0-3]):[0-5]\d)-(?P<ends>(?:[01]\d|2[0-3]):[0-5]\d|24:00)",
    re.ASCII,
)
_DAY_MINUTES = 1440
_WEEK = 7


class ClosedHours(NamedTuple):
    """A stretch of some days: the days it begins on, and minutes of the day.

    Where it does not end after it begins, it ends on the next day.
    """

    days: frozenset[int]
    begins: int
    ends: int

    @classmethod
    def read(cls, text: str) -> ClosedHours:
        """The hours that a text such as `mon-fri 22:00-06:00` names; ValueError for none."""
        found = _HOURS.fullmatch(text)
        if not found:
            raise ValueError(f"“{text}” names no hours")
        begins, ends = _minutes(found["begins"]), _minutes(found["ends"])
        return cls(_days(found["first"], found["last"]), begins, ends)

    def end_after(self, local: datetime) -> datetime | None:
        """When the stretch ends in which a local time lies; None where it lies in none."""
        for before in (0, 1):
            day = local.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(before)
            ends = self.ends if self.ends > self.begins else self.ends + _DAY_MINUTES
            begin, end = day + timedelta(minutes=self.begins), day + timedelta(minutes=ends)
            if day.weekday() in self.days and begin <= local < end:
                return end
        return None


def never_opens(hours: Collection[ClosedHours]) -> bool:
    """Whether no minute of the week is left in which an application is open."""
    return closed_for(hours, ZoneInfo("UTC"), 0) >= timedelta(_WEEK).total_seconds()


def closed_for(hours: Collection[ClosedHours], zone: ZoneInfo, now: float) -> float:
    """Seconds until an application is open, by its clock on the wall; 0 where it is.

    `now` is in seconds since 1970 UTC. One that never opens is looked at again after a week.
    """
    local = begun = datetime.fromtimestamp(now, tz=UTC).astimezone(zone)
    while local - begun < timedelta(_WEEK):
        end = max((end for one in hours if (end := one.end_after(local))), default=None)
        if end is None:
            break
        local = end
    return max(0.0, local.timestamp() - now) if local is not begun else 0.0


def _minutes(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)


def _days(first: str | None, last: str | None) -> frozenset[int]:
    if first is None:
        return frozenset(range(_WEEK))
    begin = DAYS.index(first)
    end = DAYS.index(last or first)
    return frozenset((begin + n) % _WEEK for n in range((end - begin) % _WEEK + 1))
