"""Load: many messages of one application taken in a few at a time, and live traffic goes first."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bus.core.delivery import FAILED, GONE, Kind, Reason, State
from bus.core.envelope import BLANK, Carrier
from bus.core.errors import Refusal, SenderFault
from bus.core.identity import document_of
from bus.core.route import Application
from bus.core.subject import KEY
from bus.engine.accept import Acceptor
from bus.engine.active import ActiveApplications
from bus.engine.answers import Answers
from bus.engine.dispatch import Dispatcher
from bus.engine.post import Post
from bus.engine.post_result import PostResult
from bus.journal.rows import DeliveryRow, MessageRow, MessageState
from bus.ports.history import Filter
from bus.ports.ports import Ports

MOST = 8
"""Messages at once, at most: a live one shares the processor with so many."""
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
STANDS = frozenset({Came.DELIVERED, Came.UNDER_WAY, Came.WAITING})
"""Of a document, what an older message of a load does not go behind."""
FEW = 10
"""Messages with the id of a document that are looked at together for its newest."""


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


def is_later(one: str, other: str) -> bool:
    """Whether a moment is later than another, as senders write them; not where that is not sure."""
    try:
        first, second = datetime.fromisoformat(one), datetime.fromisoformat(other)
        return first > second
    except (ValueError, TypeError):  # it is no moment, or only one of them says of which zone
        return False


@dataclass(frozen=True, slots=True)
class GaveWay:
    """A message that was not taken in: its sender has sent a newer one of the same document."""

    message: str


@dataclass(frozen=True, slots=True)
class LoadedPart:
    """What became of each post, in their order; for how many seconds live traffic went first."""

    results: tuple[PostResult | GaveWay, ...]
    yielded: float


class Loader:
    """Takes the messages of a load in as if their sender posted them.

    It leaves a place free at every reader that has more than one, and begins nothing while a live
    delivery waits for a place. What its sender wrote before a message that was taken in since, of
    the same document, is left out: a load brings no old state over a newer one.
    """

    def __init__(
        self, ports: Ports, acceptor: Acceptor, answers: Answers, dispatcher: Dispatcher
    ) -> None:
        self._codec = ports.codec
        self._contracts = ports.contracts
        self._history = ports.history
        self._clock = ports.clock
        self._deployment = ports.deployment
        self._active = ActiveApplications(ports.history)
        self._acceptor = acceptor
        self._answers = answers
        self._dispatcher = dispatcher

    async def take(
        self, sender: Application, posts: Sequence[Post], every: float, since: int = 0
    ) -> LoadedPart:
        """Take a part of a load in, one message each `every` seconds at most.

        `since` (µs) is when the posts were asked for: whatever came of a document since is newer.
        It goes on though nobody waits for it any more: a part is not much. BusFault where the
        sender is not in force.
        """
        await self._active.refuse_inactive(sender)
        return await asyncio.shield(asyncio.create_task(self._take(sender, posts, every, since)))

    async def _take(
        self, sender: Application, posts: Sequence[Post], every: float, since: int
    ) -> LoadedPart:
        readers = self._readers(sender)
        places = asyncio.Semaphore(self._places(readers))
        began, yielded, tasks = self._clock.monotonic(), 0.0, []
        async with asyncio.TaskGroup() as group:
            for number, post in enumerate(posts, start=1):
                await places.acquire()
                yielded += await self._turn(readers)
                tasks.append(group.create_task(self._receive(post, places, since)))
                await self._clock.sleep(began + number * every - self._clock.monotonic())
        return LoadedPart(tuple(task.result() for task in tasks), yielded)

    async def _receive(
        self, post: Post, places: asyncio.Semaphore, since: int
    ) -> PostResult | GaveWay:
        try:
            newer = await self._newer(post, since)
            return GaveWay(newer) if newer else await self._acceptor.receive(post)
        except Refusal as refusal:
            return self._answers.refusal("", BLANK, refusal.fault)
        finally:
            places.release()

    async def _newer(self, post: Post, since: int) -> str:
        """The message of the same document that its sender wrote later, and that did not fail.

        Or that came since the post was asked for, whatever became of it.
        """
        try:
            document = await self._codec.read(post.body)
        except SenderFault:
            return ""  # it will be rejected
        header = document.envelope.header
        contract = self._contracts.find(header.transaction, header.version)
        own = next(filter(None, document.values(contract.own_id)), "") if contract else ""
        if contract is None or not own:
            return ""
        about = document_of(post.sender, header, contract.entity, own)
        if since and (came := await self._came_since(post.sender, own, about, since)):
            return came
        standing = await self._standing(post.sender, own, about)
        body = standing and await self._history.body(standing.id)
        later = standing and body and await self._written(body, standing.carrier)
        return standing.id if standing and later and is_later(later, header.generated_on) else ""

    async def _came_since(self, sender: Application, own: str, about: str, since: int) -> str:
        """The newest message of a document that came by itself since then; empty for none."""
        wanted = Filter(sender=sender.name, key=own[:KEY], since=since, limit=FEW)
        while found := await self._history.messages(wanted):
            for message, _ in found:
                if message.about == about and message.state is not MessageState.REJECTED:
                    return message.id
            wanted = replace(wanted, before=found[-1][0].id)
        return ""

    async def _standing(self, sender: Application, own: str, about: str) -> MessageRow | None:
        """The newest message of a document that did not fail, however often it failed since."""
        wanted = Filter(sender=sender.name, key=own[:KEY], limit=FEW)
        while found := await self._history.messages(wanted):
            for message, deliveries in found:
                if message.about == about and came_of(message, deliveries) in STANDS:
                    return message
            wanted = replace(wanted, before=found[-1][0].id)
        return None

    async def _written(self, body: bytes, carrier: Carrier) -> str:
        """When a message that was taken in was written, by its sender."""
        return (await self._codec.read(body, carrier)).envelope.header.generated_on

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
        """Messages at once: one less than the reader with the fewest places takes; one to MOST."""
        known = self._deployment().applications
        least = min((known[one].concurrency for one in readers if one in known), default=1)
        return min(MOST, max(1, least - 1))
