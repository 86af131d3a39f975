"""Callers that wait for the answer of a message, by its id."""

from __future__ import annotations

import asyncio

from bus.core.delivery import ENDED, Kind, State
from bus.journal.commands import Recorded
from bus.ports.notifier import News, Notifier

ANSWERED = ENDED | {State.UNKNOWN}


class Waiters:
    """Wakes callers when the delivery that answers them has ended or become unknown."""

    def __init__(self, notifier: Notifier | None = None) -> None:
        self._notifier = notifier
        self._waiting: dict[str, dict[asyncio.Future[Recorded], int]] = {}
        self._hurried = False

    def expect(self, message: str, attempt: int = 0) -> asyncio.Future[Recorded]:
        """Wait for a message; await the future, and `forget` it in the end.

        News of attempts before `attempt` are not meant, for they may come after a new one was
        asked; but what is delivered is.
        """
        future: asyncio.Future[Recorded] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(message, {})[future] = attempt
        if self._hurried:
            future.set_exception(TimeoutError())
        return future

    def hurry(self) -> None:
        """Let nobody wait any more: for each, its deadline is now."""
        self._hurried = True
        for futures in self._waiting.values():
            for future in futures:
                if not future.done():
                    future.set_exception(TimeoutError())

    def forget(self, message: str, future: asyncio.Future[Recorded]) -> None:
        """Stop waiting."""
        waiting = self._waiting.get(message, {})
        waiting.pop(future, None)
        if not waiting:
            self._waiting.pop(message, None)

    def messages(self) -> set[str]:
        """What is waited for here."""
        return {*self._waiting}

    def tell(self, recorded: Recorded, *, heard: bool = False) -> None:
        """Wake whoever waits for this, here or in another process, if it is the answer.

        `heard`: it is another process that recorded it.
        """
        if self._notifier and not heard and recorded.message.id not in self._waiting:
            self._notifier.tell(News(answered=frozenset({recorded.message.id})))
        delivery = recorded.delivery
        if delivery.kind is Kind.ANSWER or delivery.state not in ANSWERED:
            return
        if recorded.late and recorded.answer is None:
            return
        if recorded.message.answering not in {0, delivery.number}:
            return
        if not recorded.message.answer and delivery.state is not State.UNKNOWN:
            return  # of several destinations the others have not ended
        for future, attempt in self._waiting.get(delivery.message, {}).items():
            meant = delivery.tries >= attempt or delivery.state is State.DELIVERED
            if not future.done() and meant:
                future.set_result(recorded)
