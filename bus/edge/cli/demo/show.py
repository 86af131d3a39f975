"""What every demonstration is and does: it plays scenes, and waits for what comes of a message."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from bus.core.delivery import ENDED, Kind
from bus.edge.http.server import Running
from bus.ports.history import Trace

PATIENCE = 30.0
"""Seconds that a scene waits for a message to end."""


class Show(Protocol):
    """A demonstration on its stage."""

    async def play(self) -> None:
        """All scenes, in their order."""

    def hints(self) -> Sequence[str]:
        """Where everything is, and what to try oneself, while it goes on running."""


async def until(run: Running, id_: str, holds: Callable[[Trace], bool]) -> Trace:
    """The trace of a message, once something holds of it."""
    async with asyncio.timeout(PATIENCE):
        while True:
            trace = await run.bus.history.trace(id_)
            if trace and holds(trace):
                return trace
            await asyncio.sleep(0.05)


def ended(trace: Trace) -> bool:
    """Whether every delivery of a message, an answer owed included, has ended."""
    rows, owed = trace.deliveries, trace.message.answer_to
    answered = not owed or any(row.kind is Kind.ANSWER for row in rows)
    return answered and all(row.state in ENDED for row in rows)


def program() -> str:
    """How this program is called: by its name alone where a shell finds it so."""
    called = Path(sys.argv[0])
    found = shutil.which(called.name)
    return called.name if found and Path(found).resolve() == called.resolve() else str(called)
