"""FastStream: a durable quorum queue of RabbitMQ, publisher confirms, acknowledged when delivered."""

from __future__ import annotations

import aiohttp
from faststream import AckPolicy
from faststream.rabbit import Channel, QueueType, RabbitBroker, RabbitQueue

from tests.benchmarks.bare import App, Schemas
from tests.benchmarks.peers.destination import post
from tests.benchmarks.serving import serve as serve_app


class Published:
    """Keeps a message in the queue."""

    def __init__(self, broker: RabbitBroker, queue: RabbitQueue) -> None:
        self._broker = broker
        self._queue = queue

    async def keep(self, body: bytes) -> None:
        """Return when the broker has confirmed it."""
        await self._broker.publish(body, self._queue, persist=True, content_type="application/xml")


async def serve(url: str, broker_url: str, name: str, room: str) -> None:
    """Take messages and deliver them to a URL, so many at once."""
    broker = RabbitBroker(broker_url, logger=None)
    queue = RabbitQueue(name, queue_type=QueueType.QUORUM, durable=True)
    connector = aiohttp.TCPConnector(limit=int(room))
    async with aiohttp.ClientSession(connector=connector) as session:

        @broker.subscriber(
            queue,
            channel=Channel(prefetch_count=int(room)),
            ack_policy=AckPolicy.NACK_ON_ERROR,
            no_reply=True,
        )
        async def deliver(body: bytes) -> None:
            await post(session, url, body)

        async with broker:
            await broker.start()
            await serve_app(App(Published(broker, queue), Schemas()))
