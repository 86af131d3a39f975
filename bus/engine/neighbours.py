"""Other processes of the same journal: what they make is looked at here, and what we make there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from bus.core.errors import BusFault
from bus.engine.dispatch import Dispatcher
from bus.engine.waiters import Waiters
from bus.journal.commands import Recorded
from bus.ports.notifier import News
from bus.ports.ports import Ports


class Neighbours:
    """Hears of other processes, and looks by itself now and then, for news may be lost."""

    def __init__(self, ports: Ports, dispatcher: Dispatcher, waiters: Waiters, poll: float) -> None:
        self._notifier = ports.notifier
        self._history = ports.history
        self._observer = ports.observer
        self._dispatcher = dispatcher
        self._waiters = waiters
        self._poll = poll
        self._answered: set[str] = set()
        self._heard = asyncio.Event()
        self._configured: list[Callable[[], None]] = []

    def follow(self, configured: Callable[[], None]) -> None:
        """Have somebody told when there may be a newer configuration."""
        self._configured.append(configured)

    async def run(self) -> None:
        """Wake the dispatcher and callers by what others did, until cancelled."""
        if self._notifier is None:
            return
        async with self._notifier.listening(self._hear):
            while True:
                await self._look(await self._next())

    def _hear(self, news: News) -> None:
        """Something is due, or somebody is answered; where news were missed, perhaps all of it."""
        if news.missed:
            self._dispatcher.wake_all()
        else:
            self._dispatcher.wake_for(news.due)
        if news.missed or news.configured:
            for tell in self._configured:
                tell()
        waiting = self._waiters.messages()
        self._answered |= waiting if news.missed else waiting & news.answered
        if self._answered:
            self._heard.set()

    async def _next(self) -> set[str]:
        """The messages to look at: those that were told; after a while all."""
        try:
            async with asyncio.timeout(self._poll):
                await self._heard.wait()
        except TimeoutError:
            self._answered |= self._waiters.messages()
        self._heard.clear()
        answered, self._answered = self._answered, set()
        return answered

    async def _look(self, messages: Iterable[str]) -> None:
        """Tell callers here what the journal knows of their messages."""
        wanted = [*messages]
        if not wanted:
            return
        try:
            found = await self._history.standings(wanted)
        except BusFault as fault:  # the next look tries again
            self._observer.troubled("looking for answers failed", fault)
            return
        for message, deliveries in found:
            for row in deliveries:
                self._waiters.tell(Recorded(message, row), heard=True)
