"""The adapter for queues: the common suite, at RabbitMQ and at Redis, and what is its own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from uuid import uuid4

import aio_pika
import pika
import pytest
from pamqp.common import FieldTable

from adapters.amqp import ADAPTER
from bus.core.outcome import Outcome
from bus.core.route import Credentials
from bus.ports.codec import Codec
from bus.testing.standard_messages import MESSAGE, UUID
from bus.testing.suite import CREDENTIALS, AdapterSuite, Scene, Stage, nothing
from tests.amqp.cable import Cable, cable_to
from tests.amqp.foreigner import apart

MANY = 200
QUORUM: FieldTable = {"x-queue-type": "quorum"}


@dataclass
class Setup:
    """What a scene changes of the other side before the message comes."""

    cable: Cable
    login: Credentials | None
    declare: str = "yes"
    queue: FieldTable | None = None
    """The arguments with which somebody has declared it; None: nobody has."""
    holds: int = 0


def is_unplugged(setup: Setup) -> None:
    """The broker is away."""
    setup.cable.reachable = False


def refuses_the_login(setup: Setup) -> None:
    """The broker does not know us."""
    setup.login = CREDENTIALS


def has_no_queue(setup: Setup) -> None:
    """The queue is somebody else's, and he has taken it away."""
    setup.declare = "no"


def is_full(setup: Setup) -> None:
    """The queue may hold one message, and does."""
    setup.declare = "no"
    setup.queue = {**QUORUM, "x-max-length": 1, "x-overflow": "reject-publish"}
    setup.holds = 2  # RabbitMQ refuses what comes when more than its limit are there


def was_declared_otherwise(setup: Setup) -> None:
    """The queue is no quorum queue."""
    setup.queue = {}


def loses_the_confirm(setup: Setup) -> None:
    """The message arrives, and then the connection breaks."""
    setup.cable.cut_at, setup.cable.passes = UUID.encode(), True


def loses_the_message(setup: Setup) -> None:
    """The connection breaks while the message goes."""
    setup.cable.cut_at = UUID.encode()


def never_confirms(setup: Setup) -> None:
    """The broker says nothing more once it has the message."""
    setup.cable.deaf_at = UUID.encode()


class TestAmqp(AdapterSuite):
    kind = ADAPTER
    scenes = (
        Scene("takes it", nothing, Outcome.DELIVERED),
        Scene("is away", is_unplugged, Outcome.UNREACHABLE, "UNREACHABLE", "refused"),
        Scene(
            "refuses the login",
            refuses_the_login,
            Outcome.UNREACHABLE,
            "LOGIN_REFUSED_BY_RECEIVER",
        ),
        Scene("has no queue", has_no_queue, Outcome.UNREACHABLE, "UNREACHABLE", "no queue"),
        Scene("is full", is_full, Outcome.BUSY, "BUSY", "takes no more"),
        Scene(
            "was declared otherwise",
            was_declared_otherwise,
            Outcome.UNREACHABLE,
            "UNREACHABLE",
            "other arguments",
        ),
        Scene("loses the confirm", loses_the_confirm, Outcome.UNKNOWN, "OUTCOME_UNKNOWN"),
        Scene("loses the message", loses_the_message, Outcome.UNKNOWN, "OUTCOME_UNKNOWN"),
        Scene(
            "never confirms",
            never_confirms,
            Outcome.UNKNOWN,
            "OUTCOME_UNKNOWN",
            "did not confirm",
            timeout=1.0,
        ),
    )
    mistakes = (
        ("address", "http://erp.example/queue"),
        ("address", "amqp://user:password@erp.example"),
        ("options.queue", "amq.direct"),
        ("options.declare", "perhaps"),
        ("options.connect_timeout", "soon"),
    )

    @pytest.fixture(autouse=True)
    def _broker(self, rabbitmq: str) -> None:
        self.broker, self.login = apart(rabbitmq)
        self.url = rabbitmq

    @contextlib.asynccontextmanager
    async def stage(self, scene: Scene) -> AsyncIterator[Stage]:
        """A queue of its own, at the end of a cable."""
        name = f"t-{uuid4().hex[:12]}"
        async with cable_to(self.broker) as cable, await aio_pika.connect(self.url) as connection:
            setup = Setup(cable, self.login)
            self.cable = cable
            scene.play(setup)
            channel = await connection.channel()
            if setup.queue is not None:
                await channel.declare_queue(name, durable=True, arguments=setup.queue)
            for _ in range(setup.holds):
                await channel.default_exchange.publish(aio_pika.Message(b"other"), name)
            if not cable.reachable:
                await cable.unplug()
            options = {"queue": name, "declare": setup.declare}
            try:
                yield Stage(cable.address, lambda: self.held(name), options, setup.login)
            finally:
                await channel.queue_delete(name)

    def held(self, name: str) -> list[bytes]:
        """What the queue holds, read by a client of others, and left there."""
        with contextlib.closing(pika.BlockingConnection(pika.URLParameters(self.url))) as line:
            channel = line.channel()
            try:
                channel.queue_declare(name, passive=True)
            except pika.exceptions.ChannelClosedByBroker:
                return []
            found = []
            while (got := channel.basic_get(name))[0]:
                found.append(bytes(got[2] or b""))
            return found

    async def test_what_a_reader_is_told_beside_the_message(self, codec: Codec) -> None:
        """The UUID, what it is, and that it stays when the broker is started again."""
        async with self.set_out(self.scenes[0], codec) as (sender, stage):
            await sender.send()
            with contextlib.closing(pika.BlockingConnection(pika.URLParameters(self.url))) as line:
                _, properties, body = line.channel().basic_get(
                    stage.options["queue"], auto_ack=True
                )

        assert body == MESSAGE
        assert properties is not None
        assert (properties.message_id, properties.content_type) == (UUID, "application/xml")
        assert properties.delivery_mode == 2

    async def test_many_are_unconfirmed_at_once(self, codec: Codec) -> None:
        """On one connection, and none waits for the confirm of another."""
        async with self.set_out(self.scenes[0], codec) as (sender, stage):
            await sender.send()
            lines = len(self.cable.lines)
            self.cable.hold = asyncio.Event()
            sending = [asyncio.create_task(sender.send()) for _ in range(MANY)]
            async with asyncio.timeout(20):
                while len(self.held(stage.options["queue"])) < MANY:  # noqa: ASYNC110 - it is asked
                    await asyncio.sleep(0.1)
            ended = sum(one.done() for one in sending)
            self.cable.hold.set()
            reports = await asyncio.gather(*sending)

        assert (ended, lines) == (0, 2)
        assert {one.outcome for one in reports} == {Outcome.DELIVERED}

    async def test_a_route_may_wait_for_the_response(self, codec: Codec) -> None:
        """Then a confirm says only that the message has been received."""
        async with self.set_out(self.scenes[0], codec) as (sender, _):
            parcel = replace(await sender.parcel(), awaits_response=True)
            report = await sender.adapter.send(parcel)

        assert report.outcome is Outcome.RECEIVED

    async def test_a_caller_without_time_left_is_told_that_nothing_was_sent(
        self, codec: Codec
    ) -> None:
        """Where there is no connection in time, no byte ever leaves."""
        async with self.set_out(self.scenes[0], codec) as (sender, stage):
            self.cable.hold = asyncio.Event()
            parcel = replace(await sender.parcel(), start_within=0.2)
            report = await sender.adapter.send(parcel)
            self.cable.hold.set()
            again = await sender.send()
            held = self.held(stage.options["queue"])

        assert report.outcome is Outcome.UNREACHABLE
        assert again.outcome is Outcome.DELIVERED
        assert held == [MESSAGE]
