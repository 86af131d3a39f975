"""Applications at a RabbitMQ of a soak's own: one that posts there, and one that reads there."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import aio_pika
from aio_pika.abc import AbstractIncomingMessage
from aio_pika.exceptions import AMQPError, ChannelInvalidStateError

from adapters.simulation.behaviour import Behaviour
from tests.acceptance.senders import FLOWS, Sent
from tests.soak.servers import Missing
from tests.support.brokers import PROGRAM, Started, end, free_port, run_rabbitmq

NAME = "queue"
OUT = f"bus.out.{NAME}"
AWAY = (AMQPError, ChannelInvalidStateError, OSError, TimeoutError, asyncio.InvalidStateError)
"""What a client meets where the broker goes away."""
AGAIN = 0.2
CONFIRMED = 5.0
"""Seconds after which a confirm is not waited for any longer."""
BROKER = """
broker: {{address: "{address}"}}
applications:
  truck: {{product: RM, broker_user: guest}}
  queue:
    product: WMS
    adapter: amqp
    address: "{address}"
    concurrency: 8
    id_scope: application
    repeat_unsafe: [UnitOfMeasure]
"""
ROUTE = """
  to-queue:
    transactions: [UnitOfMeasure]
    from: truck
    to: [queue]
    on_failure: hold
    retry: {first: 50ms, longest: 200ms, longest_pause: 1s}
"""


class TakenFromQueue(NamedTuple):
    """A message that the reader took, by its UUID."""

    uuid: str


@dataclass
class QueueReader:
    """Takes what is in its queue. What the broker hands over once more it has already."""

    received: list[TakenFromQueue] = field(default_factory=list)

    def adopt(self, behaviour: Behaviour) -> None:
        """It never misbehaves."""

    async def run(self, address: str) -> None:
        """Read until cancelled."""
        while True:
            with contextlib.suppress(*AWAY):
                async with await aio_pika.connect(address) as connection:
                    queue = await (await connection.channel()).get_queue(OUT)
                    async with queue.iterator() as messages:
                        async for message in messages:
                            await self._take(message)
            await asyncio.sleep(AGAIN)

    async def _take(self, message: AbstractIncomingMessage) -> None:
        one = TakenFromQueue(message.message_id or "")
        if not message.redelivered or one not in self.received:
            self.received.append(one)
        await message.ack()


@dataclass
class AtQueues:
    """The broker, and the applications there."""

    home: Path
    ports: tuple[int, int]
    started: Started = field(default_factory=dict)
    reader: QueueReader = field(default_factory=QueueReader)
    sent: Sent = field(default_factory=lambda: Sent(NAME))

    @property
    def address(self) -> str:
        """Where the broker is."""
        return f"amqp://127.0.0.1:{self.ports[0]}"

    def start(self) -> None:
        """Start the broker, on what it kept."""
        if not Path(PROGRAM).is_file():
            raise Missing("RabbitMQ (apt install rabbitmq-server)")
        self.home.mkdir(exist_ok=True)
        self.started = run_rabbitmq(self.home, *self.ports)

    def restart(self, by: signal.Signals) -> None:
        """End it, and start it again."""
        end(self.started, by)
        self.start()

    @contextlib.asynccontextmanager
    async def posting(
        self, chance: random.Random, rest: float, at_once: int
    ) -> AsyncIterator[None]:
        """Some who post until the block ends."""
        stop = asyncio.Event()
        tasks = [
            asyncio.create_task(
                self._post(f"{NAME}{n}", stop, random.Random(chance.random()), rest)
            )
            for n in range(at_once)
        ]
        try:
            yield
        finally:
            stop.set()
            await asyncio.gather(*tasks)

    async def _post(
        self, name: str, stop: asyncio.Event, chance: random.Random, rest: float
    ) -> None:
        """Post messages of ever new documents, three of each, each until the broker confirms it."""
        number = 0
        while not stop.is_set():
            with contextlib.suppress(*AWAY):
                async with await aio_pika.connect(self.address) as connection:
                    channel = await connection.channel(publisher_confirms=True)
                    exchange = await channel.get_exchange("bus", ensure=False)
                    while not stop.is_set():
                        await self._publish(exchange, name, number)
                        number += 1
                        await asyncio.sleep(rest * chance.uniform(0.5, 1.5))
            await asyncio.sleep(AGAIN)

    async def _publish(
        self, exchange: aio_pika.abc.AbstractExchange, name: str, number: int
    ) -> None:
        uuid, document = f"{name}-{number}", f"{name}-{number // 3}"
        message = aio_pika.Message(
            FLOWS[NAME].message(uuid, document),
            user_id="guest",
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        )
        async with asyncio.timeout(CONFIRMED):
            await exchange.publish(message, routing_key="UnitOfMeasure", mandatory=True)
        self.sent.documents.setdefault(document, []).append(uuid)
        self.sent.last[uuid] = "receipt"
        self.sent.answers["receipt"] += 1


@contextlib.asynccontextmanager
async def at_queues(folder: Path) -> AsyncIterator[AtQueues]:
    """A broker of one's own, whose reader reads until the block ends."""
    one = AtQueues(folder / "rabbitmq", (free_port(), free_port()))
    await asyncio.to_thread(one.start)
    reading = asyncio.create_task(one.reader.run(one.address))
    try:
        yield one
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        end(one.started)


def with_queues(routes: str, address: str) -> str:
    """The routes with the broker, its applications and theirs."""
    head, _, rest = routes.partition("\napplications:\n")
    shared = head.replace("late]", f"late, truck, {NAME}]")
    return f"{shared}{BROKER.format(address=address)}{rest}{ROUTE}"
