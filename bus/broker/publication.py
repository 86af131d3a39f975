"""A message that is to be put into a queue, and what became of it: known in another thread."""

from __future__ import annotations

import asyncio
import threading

from bus.broker.letters import Fate, OutgoingLetter
from bus.broker.session import Session


class Publication:
    """A job of a `Worker`; `ended` is awaited by whoever posted it.

    Without anything to put there it finds out whether there is a connection: KEPT or NOT_SENT.
    """

    def __init__(self, outgoing: OutgoingLetter | None) -> None:
        self._outgoing = outgoing
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[Fate] = self._loop.create_future()
        self._lock = threading.Lock()
        self._begun = False
        self._given_up = False
        self.error: BaseException | None = None
        """Why nothing was sent."""

    @property
    def ended(self) -> asyncio.Future[Fate]:
        """What became of it."""
        return self._ended

    def give_up(self) -> bool:
        """Whether it was not begun: then no byte of it ever leaves. Else it takes its course."""
        with self._lock:
            self._given_up = not self._begun
            return self._given_up

    def run(self, session: Session) -> None:
        """Publish it, unless it was given up."""
        with self._lock:
            if self._given_up:
                return
            self._begun = self._outgoing is not None
        if self._outgoing is None:
            self._tell(Fate.KEPT)
        else:
            session.publish(self._outgoing, self._tell)

    def cannot(self, error: BaseException) -> None:
        """There is no connection: nothing was sent."""
        self.error = error
        self._tell(Fate.NOT_SENT)

    def _tell(self, fate: Fate) -> None:
        def end() -> None:
            if not self._ended.done():
                self._ended.set_result(fate)

        try:
            self._loop.call_soon_threadsafe(end)
        except RuntimeError:  # the loop has ended: nobody waits any more
            return
