"""One connection at work: queues, confirms of what is published, acknowledgements of what came."""

from __future__ import annotations

import contextlib
import select
import time
from collections.abc import Callable
from itertools import takewhile
from typing import Any

import amqp
from kombu.entity import Queue
from kombu.messaging import Consumer

from bus.broker.connection import BrokerConnection
from bus.broker.letters import Fate, Letter, OutgoingLetter
from bus.broker.problems import DECLARED_OTHERWISE, QueueDiffers, said_by
from bus.broker.wake import Wake
from bus.core.broker import Broker

PERSISTENT = 2
POLL = 0.05
"""Seconds between two looks at a broker that does not call us."""
PUBLISHING = 20.0
"""Seconds that writing one message may take."""
BEAT = 1.0
"""Seconds between two looks at whether the other side lives."""
NUMBER = "bus-publication"
"""The header by which a message that comes back is told from others on its way."""

Settled = Callable[[Fate], None]


class Session:
    """What one thread does with one connection. Raises what its library does (`problems`).

    `number` tells connections apart: what came on one cannot be acknowledged on another.
    """

    def __init__(self, broker: Broker, wake: Wake, number: int = 0) -> None:
        self._broker = broker
        self._wake = wake
        self._number = number
        self._connection = BrokerConnection(broker)
        self._native = self._connection.native
        self._beaten = time.monotonic()
        self._published = 0
        self._unconfirmed: dict[int, Settled] = {}
        self._returned: set[int] = set()
        self._in_hand: dict[object, bool] = {}  # by mark, in their order, whether it is done
        self._consumers: list[Any] = []
        try:
            self._out = self._connection.channel()
            self._in = self._connection.channel()
            if self._native:
                self._out.confirm_select()
                self._out.events["basic_ack"].add(self._confirmed)
                self._out.events["basic_nack"].add(self._not_kept)
                self._out.events["basic_return"].add(self._came_back)
        except BaseException:
            self.abandon()
            raise

    # -- queues ------------------------------------------------------------------------------------

    def declare(self, name: str, arguments: dict[str, object] | None = None) -> None:
        """Make sure that a quorum queue is there; QueueDiffers where it is there otherwise."""
        if not self._native:
            self._out.queue_declare(queue=name, durable=True, auto_delete=False)
            return
        channel = self._connection.channel()
        whole = {"x-queue-type": "quorum", **(arguments or {})}
        try:
            channel.queue_declare(queue=name, durable=True, auto_delete=False, arguments=whole)
        except amqp.PreconditionFailed as error:
            raise QueueDiffers(
                DECLARED_OTHERWISE.filled(queue=name, said=said_by(error))
            ) from error
        channel.close()

    def bind(self, exchange: str, queue: str) -> None:
        """Make sure of an exchange by which everything comes to a queue."""
        channel = self._connection.channel()
        channel.exchange_declare(exchange, "topic", durable=True, auto_delete=False)
        channel.queue_bind(queue=queue, exchange=exchange, routing_key="#")
        channel.close()

    # -- what comes --------------------------------------------------------------------------------

    def consume(self, queue: str, user: str, arrived: Callable[[Letter], None]) -> None:
        """Have each message of a queue handed over; `user`: whose they are, empty: as it says."""

        def heard(message: Any) -> None:  # noqa: ANN401 - kombu has no types
            self._in_hand[message.delivery_tag] = False
            arrived(self._letter(message, user))

        consumer = Consumer(
            self._in,
            [Queue(queue, no_declare=True)],
            on_message=heard,
            auto_declare=False,
            prefetch_count=self._broker.prefetch,
        )
        consumer.consume()
        self._consumers.append(consumer)

    def take_no_more(self) -> None:
        """Have nothing more handed over."""
        for consumer in self._consumers:
            consumer.cancel()
        self._consumers = []

    def done(self, letter: Letter) -> None:
        """A message is taken care of: it may leave its queue with the next `acknowledge`."""
        if letter.connection == self._number and letter.mark in self._in_hand:
            self._in_hand[letter.mark] = True

    def acknowledge(self) -> None:
        """Have all that is done leave its queue: the oldest by one word, others one by one."""
        ready = [mark for mark, done in self._in_hand.items() if done]
        if not ready:
            return
        first = list(takewhile(lambda mark: self._in_hand[mark], self._in_hand))
        if self._native and first:
            self._in.basic_ack(first[-1], multiple=True)
            ready = ready[len(first) :]
            for mark in first:
                del self._in_hand[mark]
        for mark in ready:
            self._in.basic_ack(mark)
            del self._in_hand[mark]

    # -- what goes ---------------------------------------------------------------------------------

    def publish(self, outgoing: OutgoingLetter, settled: Settled) -> None:
        """Put a message into a queue; `settled` is told what became of it, perhaps later.

        Where this raises, it is among those that the connection took into doubt.
        """
        self._published += 1
        number = self._published
        self._unconfirmed[number] = settled
        told = {name: text for name, text in outgoing.properties.items() if text}
        message = self._out.prepare_message(
            outgoing.body,
            content_type=told.pop("content_type", None),
            content_encoding=told.pop("content_encoding", None),
            headers={**outgoing.headers, NUMBER: number},
            properties={"delivery_mode": PERSISTENT, **told},
        )
        options = {"mandatory": True, "timeout": PUBLISHING} if self._native else {}
        self._out.basic_publish(message, exchange="", routing_key=outgoing.queue, **options)
        if not self._native:  # it answered: it has the message
            self._unconfirmed.pop(number)(Fate.KEPT)

    def _confirmed(self, number: int, multiple: bool) -> None:  # noqa: FBT001 - py-amqp's
        for one in self._meant(number, multiple=multiple):
            fate = Fate.RETURNED if one in self._returned else Fate.KEPT
            self._returned.discard(one)
            self._unconfirmed.pop(one)(fate)

    def _not_kept(self, number: int, multiple: bool) -> None:  # noqa: FBT001 - py-amqp's
        for one in self._meant(number, multiple=multiple):
            self._unconfirmed.pop(one)(Fate.REFUSED)

    def _meant(self, number: int, *, multiple: bool) -> list[int]:
        if not multiple:
            return [number] if number in self._unconfirmed else []
        return list(takewhile(lambda one: one <= number, self._unconfirmed))

    def _came_back(self, _: Exception, __: str, ___: str, message: Any) -> None:  # noqa: ANN401
        number = message.headers.get(NUMBER)
        if isinstance(number, int):
            self._returned.add(number)

    # -- time --------------------------------------------------------------------------------------

    def pump(self, seconds: float) -> None:
        """Handle what the broker says; for that long at most, or until somebody calls `wake`."""
        if self._native:
            self._pump_socket(seconds)
        else:
            if self._consumers:
                self._connection.drain(POLL)
            else:
                self._wake.wait(min(seconds, BEAT))
            self._wake.clear()
        if time.monotonic() - self._beaten > BEAT:
            self._beaten = time.monotonic()
            self._connection.beat()

    def _pump_socket(self, seconds: float) -> None:
        sock = self._connection.socket
        if not _has_more(sock):
            poll = select.poll()
            poll.register(sock, select.POLLIN)
            poll.register(self._wake, select.POLLIN)
            ready = {number for number, _ in poll.poll(min(seconds, BEAT) * 1000)}
            self._wake.clear()
            if sock.fileno() not in ready:
                return
        self._connection.drain(POLL)

    @property
    def quiet(self) -> bool:
        """Whether nothing that was published is unconfirmed."""
        return not self._unconfirmed

    def close(self) -> None:
        """Say goodbye: what was not acknowledged goes back to its queue."""
        with contextlib.suppress(Exception):  # it may be lost just now
            self._connection.close()
        self._give_up()

    def abandon(self) -> None:
        """Let go of a connection that is lost."""
        with contextlib.suppress(Exception):  # it is lost
            self._connection.drop()
        self._give_up()

    def _give_up(self) -> None:
        doubtful, self._unconfirmed = self._unconfirmed, {}
        for settled in doubtful.values():
            settled(Fate.IN_DOUBT)

    def _letter(self, message: Any, user: str) -> Letter:  # noqa: ANN401 - kombu has no types
        told, body = message.properties, message.body
        info = message.delivery_info or {}
        return Letter(
            body=body.encode() if isinstance(body, str) else bytes(body or b""),
            user=user or _text(told.get("user_id")),
            connection=self._number,
            mark=message.delivery_tag,
            reply_to=_text(told.get("reply_to")),
            correlation_id=_text(told.get("correlation_id")),
            message_id=_text(told.get("message_id")),
            content_type=_text(message.content_type),
            content_encoding=_text(message.content_encoding),
            redelivered=bool(info.get("redelivered")),
        )


def _has_more(sock: Any) -> bool:  # noqa: ANN401 - a socket, with or without TLS
    """Whether bytes were deciphered already that nobody has read."""
    return bool(sock.pending()) if hasattr(sock, "pending") else False


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
