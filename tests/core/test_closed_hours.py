"""Hours in which nothing is sent, by the clock on the wall of a time zone."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bus.core.closed_hours import ClosedHours, closed_for, never_opens

BRASILIA, NEW_YORK = ZoneInfo("America/Sao_Paulo"), ZoneInfo("America/New_York")
HOUR = 3600.0


def left(moment: str, *hours: str, zone: ZoneInfo = BRASILIA) -> float:
    """Hours until an application is open, at a moment on the wall of a zone."""
    now = datetime.fromisoformat(moment).replace(tzinfo=zone).timestamp()
    return closed_for([ClosedHours.read(one) for one in hours], zone, now) / HOUR


@pytest.mark.parametrize(
    ("moment", "hours", "open_in"),
    [
        ("2026-03-02 21:59", ("22:00-06:00",), 0),
        ("2026-03-02 22:00", ("22:00-06:00",), 8),
        ("2026-03-03 05:00", ("22:00-06:00",), 1),
        ("2026-03-03 06:00", ("22:00-06:00",), 0),
        ("2026-03-02 12:30", ("mon-fri 12:00-13:00",), 0.5),
        ("2026-03-07 12:30", ("mon-fri 12:00-13:00",), 0),
        ("2026-03-07 00:00", ("sat 00:00-24:00",), 24),
        ("2026-03-07 12:00", ("sat-sun 00:00-24:00",), 36),
        ("2026-03-07 05:00", ("fri 22:00-06:00",), 1),
        ("2026-03-06 05:00", ("fri 22:00-06:00",), 0),
        ("2026-03-08 23:00", ("sat-sun 00:00-24:00", "mon 00:00-06:00"), 7),
        ("2026-03-02 12:00", ("12:00-12:00",), 7 * 24),
    ],
)
def test_until_when_it_is_closed(moment: str, hours: tuple[str, ...], open_in: float) -> None:
    """Over midnight, on the days on which a stretch begins, one stretch after the other."""
    assert left(moment, *hours) == open_in


def test_the_clock_on_the_wall_counts() -> None:
    """In the night in which summer time begins or ends, a stretch is an hour shorter or longer."""
    assert left("2026-03-07 22:00", "22:00-06:00", zone=NEW_YORK) == 7
    assert left("2026-10-31 22:00", "22:00-06:00", zone=NEW_YORK) == 9


@pytest.mark.parametrize(
    "text",
    ["", "22-06", "25:00-06:00", "22:00-24:30", "seg 22:00-06:00", "mon 22:00", "22:00-6:00"],
)
def test_what_names_no_hours_is_refused(text: str) -> None:
    """A mistake in the file."""
    with pytest.raises(ValueError, match="names no hours"):
        ClosedHours.read(text)


@pytest.mark.parametrize(
    ("hours", "never"),
    [
        (["00:00-24:00"], True),
        (["00:00-12:00", "12:00-00:00"], True),
        (["06:00-06:00"], True),
        (["mon-sat 00:00-24:00", "sun 00:00-23:59"], False),
        (["thu 00:01-24:00", "fri-wed 00:00-24:00"], False),
        (["22:00-06:00", "sat-sun 00:00-24:00"], False),
        ([], False),
    ],
)
def test_hours_that_leave_no_minute_of_the_week_are_known(hours: list[str], never: bool) -> None:
    """By themselves or together; one minute is enough to be open."""
    assert never_opens([ClosedHours.read(one) for one in hours]) is never
