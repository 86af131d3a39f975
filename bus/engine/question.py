"""Ask: a destination says what became of a message of which nobody knows (S11)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cache

from bus.core.errors import BusFault, Fault
from bus.core.outcome import Outcome, Report
from bus.core.route import Application
from bus.core.text import Details, Text
from bus.ports.adapter import Adapter, Parcel, ProgressLost
from bus.ports.observer import Observer

_UNTOLD = Text("foi perguntada, e não soube dizer", "it was asked, and could not tell")
ASK_WITHIN = 10.0
"""Seconds that a question takes at most: what a lease has left after the longest attempt, and some
for recording.
"""
SAYS = frozenset({Outcome.DELIVERED, Outcome.REFUSED, Outcome.RECEIVED, Outcome.UNREACHABLE})
"""What a destination may say of a message, by which the doubt ends; all else is no answer."""


async def ask(
    open_adapter: Callable[[Application], Adapter],
    parcel: Parcel,
    seconds: float,
    observer: Observer,
) -> Report | None:
    """What became of a parcel; None where its destination cannot tell, or not in that time."""
    name = parcel.application.name
    try:
        async with asyncio.timeout(seconds):
            report = await open_adapter(parcel.application).ask(parcel)
    except (TimeoutError, BusFault, ProgressLost):
        return None
    except Exception as error:  # noqa: BLE001 - a foreign adapter may raise anything
        observer.troubled(f"adapter of {name}", error)
        return None
    if report is None or report.outcome not in SAYS:
        return None
    if report.outcome is Outcome.UNREACHABLE and report.fault is None:
        fault = Fault("NOTHING_ARRIVED", details={"application": name})
        return Report(report.outcome, report.answer, report.response, fault)
    return report


@cache
def untold(name: str) -> Report:
    """The report of a question that nobody could answer."""
    details: Details = {"application": name, "problem": _UNTOLD}
    return Report(Outcome.UNKNOWN, fault=Fault("OUTCOME_UNKNOWN", details=details))
