"""Load: many messages of one application taken in a few at a time, and live traffic goes first."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bus.core.delivery import FAILED, GONE, Kind, Reason, State
from bus.core.envelope import BLANK
from bus.core.errors import Refusal
from bus.core.route import Application
from bus.engine.accept import Acceptor
from bus.engine.answers import Answers
from bus.engine.dispatch import Dispatcher
from bus.engine.post import Post
from bus.engine.post_result import PostResult
from bus.journal.rows import DeliveryRow, MessageRow, MessageState
from bus.ports.ports import Ports

WATCH = 0.02
"""Seconds between two looks at whether live traffic still waits for a place."""


class Came(StrEnum):
    """What came of a message of a load."""

    DELIVERED = "delivered"
    DISCARDED = "discarded"  # by a rule or a person: nobody wants it sent
    FILTERED = "filtered"
    UNDER_WAY = "under way"
    WAITING = "waiting"  # for a pair, or a person
    REFUSED = "refused"
    REJECTED = "rejected"
    NOT_SENT = "not sent"
    UNKNOWN = "unknown"


DONE = frozenset({Came.DELIVERED, Came.DISCARDED, Came.FILTERED})
"""What a load leaves alone when it comes again."""


def came_of(message: MessageRow, deliveries: Iterable[DeliveryRow]) -> Came:
    """How a message stands, by the worst of its copies."""
    if message.state is MessageState.REJECTED:
        return Came.REJECTED
    copies = [row for row in deliveries if row.kind is Kind.COPY]
    if not copies:
        return Came.FILTERED
    return min((_came(row) for row in copies), key=_WORST_FIRST.index)


_WORST_FIRST = [
    Came.REFUSED,
    Came.UNKNOWN,
    Came.NOT_SENT,
    Came.WAITING,
    Came.UNDER_WAY,
    Came.DELIVERED,
    Came.DISCARDED,
]


def _came(row: DeliveryRow) -> Came:
    if row.state in FAILED:
        return Came.REFUSED
    if row.state is State.DISCARDED and row.reason is Reason.WITHDRAWN:
        return Came.NOT_SENT
    if row.state in GONE:
        return Came(row.state.value)
    if row.state in {State.AWAITING_DEPARA, State.BLOCKED}:
        return Came.WAITING
    return Came.UNKNOWN if row.state is State.UNKNOWN else Came.UNDER_WAY


@dataclass(frozen=True, slots=True)
class LoadedPart:
    """What was said of each post, in their order; for how many seconds live traffic went first."""

    results: tuple[PostResult, ...]
    yielded: float


class Loader:
    """Takes the messages of a load in as if their sender posted them.

    It leaves a place free at every reader that has more than one, and begins nothing while a live
    delivery waits for a place.
    """

    def __init__(
        self, ports: Ports, acceptor: Acceptor, answers: Answers, dispatcher: Dispatcher
    ) -> None:
        self._clock = ports.clock
        self._deployment = ports.deployment
        self._acceptor = acceptor
        self._answers = answers
        self._dispatcher = dispatcher

    async def take(self, sender: Application, posts: Sequence[Post], every: float) -> LoadedPart:
        """Take a part of a load in, one message each `every` seconds at most.

        It goes on though nobody waits for it any more: a part is not much.
        """
        return await asyncio.shield(asyncio.create_task(self._take(sender, posts, every)))

    async def _take(self, sender: Application, posts: Sequence[Post], every: float) -> LoadedPart:
        readers = self._readers(sender)
        places = asyncio.Semaphore(self._places(readers))
        began, yielded, tasks = self._clock.monotonic(), 0.0, []
        async with asyncio.TaskGroup() as group:
            for number, post in enumerate(posts, start=1):
                await places.acquire()
                yielded += await self._turn(readers)
                tasks.append(group.create_task(self._receive(post, places)))
                await self._clock.sleep(began + number * every - self._clock.monotonic())
        return LoadedPart(tuple(task.result() for task in tasks), yielded)

    async def _receive(self, post: Post, places: asyncio.Semaphore) -> PostResult:
        try:
            return await self._acceptor.receive(post)
        except Refusal as refusal:
            return self._answers.refusal("", BLANK, refusal.fault)
        finally:
            places.release()

    async def _turn(self, readers: Collection[str]) -> float:
        """Let live traffic go first; for how many seconds it did."""
        began = self._clock.monotonic()
        while any(map(self._dispatcher.is_crowded, readers)):
            await self._clock.sleep(WATCH)
        return self._clock.monotonic() - began

    def _readers(self, sender: Application) -> frozenset[str]:
        """Whoever may be sent what comes from an application."""
        routes = self._deployment().routes
        return frozenset(
            one for route in routes if route.origin == sender.name for one in route.destinations
        )

    def _places(self, readers: Collection[str]) -> int:
        """Messages at once: one less than the reader with the fewest places takes, but one."""
        known = self._deployment().applications
        least = min((known[one].concurrency for one in readers if one in known), default=1)
        return max(1, least - 1)
