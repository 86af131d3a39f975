"""Which applications are in force, of those that a person puts in force.

Every question is put to the journal: no cache, so that a stop counts at once on every bus of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bus.core.activation import bar_of
from bus.core.errors import BusFault, Fault
from bus.core.route import Application
from bus.ports.history import History


class ActiveApplications:
    """Knows whether something may flow to an application, and from it."""

    def __init__(self, history: History) -> None:
        self._history = history

    async def bar(self, application: Application) -> Fault | None:
        """Why nothing may flow; None where it may. Who is in force at once costs no question."""
        if not application.by_hand:
            return None
        return bar_of(application, await self._history.confirmations())

    async def refuse_inactive(self, application: Application) -> None:
        """BusFault where nothing may flow."""
        if fault := await self.bar(application):
            raise BusFault(fault)

    async def bars(self, applications: Iterable[Application]) -> Mapping[str, Fault]:
        """The same of several, by name: those to which nothing may flow."""
        by_hand = [one for one in applications if one.by_hand]
        said = await self._history.confirmations() if by_hand else ()
        return {one.name: fault for one in by_hand if (fault := bar_of(one, said))}
