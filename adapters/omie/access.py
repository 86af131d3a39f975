"""What may be asked of one Omie app just now: its block, its limits, and what was just asked.

Kept for an app key, whichever applications of routes.yaml have it. All times are seconds of one
clock that only grows.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from adapters.omie.numbers import Record

A_MINUTE = 60.0
"""Seconds for which Omie answers no second call of the same bytes (facts 1.4)."""
MOST_IN_A_MINUTE = 240
MOST_AT_ONCE = 4
BLOCK = 1800.0
"""Seconds that a block lasts where it does not say."""
AFTER_RUNNING = (10.0, 61.0)
"""Seconds to wait where the same call is being answered: at first, and afterwards (case 17)."""
LONGEST_MEMORY = 1000
"""Calls that are remembered before those of more than a minute ago are forgotten."""


Tasks = set[asyncio.Task[Record]]


class PastCall(NamedTuple):
    """A call that was made: until when it may not be made again, its answer if it had one, and when
    it left.

    That a list is empty is an answer too, told as an error.
    """

    until: float
    answer: Record | Exception | None
    left: float


class AppAccess:
    """The doorkeeper of one app."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self._blocked_until = 0.0
        self._calls: dict[str, deque[float]] = defaultdict(deque)
        self._asked: dict[bytes, PastCall] = {}
        self._under_way: dict[bytes, asyncio.Task[Record]] = {}
        self._rooms: dict[str, asyncio.Semaphore] = {}
        self._told_running: Counter[str] = Counter()
        self._changed: dict[str, float] = {}
        self._unsettled: dict[tuple[str, str], float] = {}

    # -- the breaker -------------------------------------------------------------------------------

    @property
    def blocked_for(self) -> float:
        """Seconds in which nothing may be asked: it would start the block anew (case 18)."""
        return max(0.0, self._blocked_until - self.now())

    def block(self, seconds: float | None) -> None:
        """The app said that it is blocked, for so long."""
        self._blocked_until = self.now() + (BLOCK if seconds is None else seconds)

    # -- limits ------------------------------------------------------------------------------------

    def wait_for_turn(self, method: str) -> float:
        """Seconds until the method may be called once more within its limit a minute; 0: now."""
        calls = self._calls[method]
        while calls and calls[0] <= self.now() - A_MINUTE:
            calls.popleft()
        return calls[0] + A_MINUTE - self.now() if len(calls) >= MOST_IN_A_MINUTE else 0.0

    def room_for(self, method: str, *, reads: bool) -> asyncio.Semaphore:
        """Holds so many calls of a method at once; changes go one by one."""
        return self._rooms.setdefault(method, asyncio.Semaphore(MOST_AT_ONCE if reads else 1))

    def count(self, method: str) -> None:
        """A call of a method leaves."""
        self._calls[method].append(self.now())

    def answered(self, method: str) -> None:
        """A method answered: what runs no longer is in the way."""
        self._told_running.pop(method, None)

    def wait_while_running(self, method: str) -> float:
        """Seconds to wait, where Omie said that the same call is being answered."""
        told = self._told_running[method]
        self._told_running[method] = told + 1
        return AFTER_RUNNING[min(told, len(AFTER_RUNNING) - 1)]

    # -- what was just asked -----------------------------------------------------------------------

    def asked(self, digest: bytes) -> PastCall | None:
        """The same call, where it may not be made again yet."""
        known = self._asked.get(digest)
        return known if known and known.until > self.now() else None

    def changes(self, service: str) -> None:
        """A call that changes something of a service leaves, or ends."""
        self._changed[service] = self.now()

    @contextmanager
    def changing(self, service: str, name: str) -> Iterator[None]:
        """A record, by its id or code, is changed by several calls until this ends."""
        self._unsettled[service, name] = float("inf")
        try:
            yield
        finally:
            now = self.now()
            left = {key: until for key, until in self._unsettled.items() if until > now}
            self._unsettled = {**left, (service, name): now + A_MINUTE}

    def is_unsettled(self, service: str, *names: str) -> bool:
        """Whether what is seen of a record may be a state in between.

        For a minute after its last call too: what was asked before is answered from then.
        """
        return any(self._unsettled.get((service, name), 0.0) > self.now() for name in names)

    def is_as_it_was(self, service: str, call: PastCall) -> bool:
        """Whether we have changed nothing of a service since a question left."""
        return call.left > self._changed.get(service, float("-inf"))

    def remember(
        self,
        digest: bytes,
        answer: Record | Exception | None,
        seconds: float = A_MINUTE,
        left: float | None = None,
    ) -> None:
        """A call ended, not to be made again for some seconds; None: it brought no answer."""
        now = self.now()
        if len(self._asked) > LONGEST_MEMORY:
            self._asked = {key: one for key, one in self._asked.items() if one.until > now}
        self._asked[digest] = PastCall(now + seconds, answer, now if left is None else left)

    async def shared(
        self, digest: bytes, make: Callable[[], Coroutine[Any, Any, Record]], ours: Tasks
    ) -> Record:
        """The answer to a question; who asks the same meanwhile gets that one too.

        It goes on where one of them gives up. `ours` are those that the caller began, to end them
        when it closes; whoever waits for one of those then asks by itself.
        """
        while True:
            task = self._under_way.get(digest) or self._begun(digest, make, ours)
            try:
                return await asyncio.shield(task)
            except asyncio.CancelledError:
                us = asyncio.current_task()
                if not task.cancelled() or (us and us.cancelling()):
                    raise

    def _begun(
        self, digest: bytes, make: Callable[[], Coroutine[Any, Any, Record]], ours: Tasks
    ) -> asyncio.Task[Record]:
        task = asyncio.create_task(make())
        self._under_way[digest] = task
        ours.add(task)
        task.add_done_callback(ours.discard)
        task.add_done_callback(lambda ended: self._end(digest, ended))
        return task

    def _end(self, digest: bytes, task: asyncio.Task[Record]) -> None:
        del self._under_way[digest]
        if not task.cancelled():
            task.exception()  # it was told to whoever still waited
