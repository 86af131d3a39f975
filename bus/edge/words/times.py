"""Times of the journal as people read them: when, and how much later."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from bus.journal.rows import MICROSECONDS


def time_of(at: int, zone: tzinfo | None = None) -> str:
    """A time of the journal as people read it: `2026-01-31 10:00:00.123`."""
    moment = datetime.fromtimestamp(at // MICROSECONDS, tz=UTC).astimezone(zone)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{at % MICROSECONDS // 1000:03d}"


def since(before: int, at: int) -> str:
    """How much later something happened: `+12 ms`, `+5.2 s`, `+3 min 20 s`, `+2 h 5 min`."""
    milliseconds = (at - before) // 1000
    seconds = milliseconds // 1000
    if milliseconds < 1000:  # noqa: PLR2004 - a second
        return f"+{milliseconds} ms"
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"+{milliseconds / 1000:.1f} s"
    if seconds < 3600:  # noqa: PLR2004 - an hour
        return f"+{seconds // 60} min {seconds % 60} s"
    if seconds < 86400:  # noqa: PLR2004 - a day
        return f"+{seconds // 3600} h {seconds % 3600 // 60} min"
    return f"+{seconds // 86400} d {seconds % 86400 // 3600} h"
