"""A foreign application at a broker, by a client that others wrote (aio-pika)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, AbstractQueue

from bus.core.broker import Broker
from bus.core.route import Credentials

LOOKS = 5
"""How often a queue must hold the same number before it is said to rest."""
ENOUGH = 20.0
"""Seconds in which what is to come must have come."""


@dataclass
class Foreigner:
    """An application that posts to the bus, and reads what it is sent."""

    broker: Broker
    channel: AbstractChannel
    user: str
    replies: dict[str, asyncio.Future[AbstractIncomingMessage]] = field(default_factory=dict)
    reply_queue: str = ""

    async def post(self, body: bytes, **properties: object) -> None:
        """Post a message as the user that it is; confirmed by the broker."""
        told: dict[str, object] = {
            "user_id": self.user,
            "delivery_mode": aio_pika.DeliveryMode.PERSISTENT,
        }
        exchange = await self.channel.get_exchange(self.broker.exchange, ensure=False)
        message = aio_pika.Message(body, **told | properties)  # type: ignore[arg-type]
        await exchange.publish(message, routing_key="UnitOfMeasure", mandatory=True)

    async def call(self, body: bytes, **properties: object) -> AbstractIncomingMessage:
        """Post a message, and wait for the answer to it."""
        if not self.reply_queue:
            queue = await self.channel.declare_queue(exclusive=True)
            await queue.consume(self._replied, no_ack=True)
            self.reply_queue = queue.name
        number = uuid4().hex
        self.replies[number] = asyncio.get_running_loop().create_future()
        await self.post(body, reply_to=self.reply_queue, correlation_id=number, **properties)
        async with asyncio.timeout(ENOUGH):
            return await self.replies[number]

    async def _replied(self, message: AbstractIncomingMessage) -> None:
        self.replies[message.correlation_id or ""].set_result(message)

    async def queue(self, name: str) -> AbstractQueue:
        """A queue that is there."""
        return await self.channel.get_queue(name)

    async def take(self, name: str) -> AbstractIncomingMessage:
        """The next message of a queue, as soon as there is one."""
        queue = await self.queue(name)
        async with asyncio.timeout(ENOUGH):
            while True:
                if message := await queue.get(fail=False, no_ack=True):
                    return message
                await asyncio.sleep(0.05)

    async def left(self, name: str) -> int:
        """How many messages a queue holds, as soon as that number rests.

        What a consumer that ended had in hand goes back a moment later: the broker tells nobody.
        """
        seen: list[int] = []
        async with asyncio.timeout(ENOUGH):
            while len(seen) < LOOKS or len(set(seen[-LOOKS:])) > 1:
                queue = await self.channel.declare_queue(name, passive=True)
                seen.append(queue.declaration_result.message_count or 0)
                await asyncio.sleep(0.05)
        return seen[-1]


@contextlib.asynccontextmanager
async def foreigner(broker: Broker) -> AsyncIterator[Foreigner]:
    """A foreign application with a connection of its own."""
    async with await aio_pika.connect(url_of(broker)) as connection:
        channel = await connection.channel(publisher_confirms=True)
        yield Foreigner(broker, channel, broker.credentials.user if broker.credentials else "guest")


def url_of(broker: Broker) -> str:
    """The address of a broker as clients want it: with the user and the password."""
    scheme, _, rest = broker.address.partition("://")
    login = broker.credentials
    return f"{scheme}://{login.user}:{login.password}@{rest}" if login else broker.address


def apart(address: str) -> tuple[str, Credentials | None]:
    """An address as clients want it, and as the bus does: with the login beside it."""
    parts = urlsplit(address)
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    login = (
        Credentials(unquote(parts.username), unquote(parts.password or ""))
        if parts.username
        else None
    )
    return bare, login


@contextlib.asynccontextmanager
async def names_of_its_own(address: str) -> AsyncIterator[Broker]:
    """A broker in which all names of a bus are a test's own; they are gone afterwards."""
    bare, login = apart(address)
    broker = Broker(bare, login, prefix=f"t-{uuid4().hex[:12]}")
    try:
        yield broker
    finally:
        async with await aio_pika.connect(url_of(broker)) as connection:
            channel = await connection.channel()
            queues = (broker.incoming, broker.rejected, *map(broker.outgoing, ("rm", "protheus")))
            for queue in queues:
                await channel.queue_delete(queue)
            await channel.exchange_delete(broker.exchange)
