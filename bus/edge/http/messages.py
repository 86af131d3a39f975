"""`/messages`: the path of every message, and what became of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

import orjson

from bus.core.delivery import STATE_TEXTS
from bus.core.envelope import Carrier
from bus.core.errors import BusFault, Fault, Refusal, SenderFault
from bus.edge.http.asgi import JSON, BodyLimits, Exchange
from bus.edge.http.auth import Logins
from bus.engine.accept import Post
from bus.engine.answers import BLANK
from bus.engine.post_result import Form, PostResult
from bus.journal.rows import MessageRow
from bus.ports.history import Trace
from bus.ports.observer import Observer
from bus.wiring import Bus

if TYPE_CHECKING:
    from bus.core.route import Application

CHALLENGE = (b"www-authenticate", b'Basic realm="bus", charset="UTF-8"')
RETRY_SOON = (b"retry-after", b"1")
UNAVAILABLE = 503


class Taken(NamedTuple):
    """A body that was posted, and the answer to it."""

    body: bytes
    reception: PostResult


class Messages:
    """Takes posts and tells what became of them."""

    def __init__(self, bus: Bus, logins: Logins, observer: Observer) -> None:
        self._bus = bus
        self._logins = logins
        self._observer = observer
        settings = bus.settings
        self._limits = BodyLimits(settings.max_body, seconds=settings.body_timeout)
        self._most = settings.max_in_flight
        self._in_flight = 0
        self._posts: set[asyncio.Task[PostResult]] = set()

    # -- posting -----------------------------------------------------------------------------------

    async def post(self, exchange: Exchange) -> None:
        """Take a standard message; every answer is itself a standard message."""
        try:
            taken = await self.take(exchange)
        except Refusal as refusal:
            body = self._bus.answers.error(BLANK, refusal.fault)
            await exchange.answer(refusal.fault.status, body, headers=advice(refusal.fault))
            return
        status, body = status_of(taken.reception), taken.reception.body
        await exchange.answer(status, body, headers=headers_of(taken.reception))

    async def take(self, exchange: Exchange, carrier: Carrier = Carrier.HTTP) -> Taken:
        """Take what is posted by any carrier; Refusal where it is not even read."""
        if self._in_flight >= self._most:
            raise BusFault(Fault("OVERLOADED"))
        self._in_flight += 1
        try:
            sender = self._logins.application(exchange.header(b"authorization"))
            body = await exchange.body(self._limits)
            post = Post(body, sender, carrier=carrier, remote=exchange.remote)
            return Taken(body, await self._hand_over(post))
        finally:
            self._in_flight -= 1

    async def _hand_over(self, post: Post) -> PostResult:
        # A caller that hangs up changes nothing: its post goes on without it.
        task = asyncio.create_task(self._receive(post))
        self._posts.add(task)
        task.add_done_callback(self._posts.discard)
        return await asyncio.shield(task)

    async def _receive(self, post: Post) -> PostResult:
        try:
            return await self._bus.acceptor.receive(post)
        except Refusal as refusal:
            return self._failed(refusal.fault)
        except Exception as error:  # noqa: BLE001 - whatever it is, its sender is told
            self._observer.troubled("a post failed", error)
            details = {"problem": type(error).__name__, "id": "-"}
            return self._failed(Fault("INTERNAL", details=details))

    def _failed(self, fault: Fault) -> PostResult:
        """The answer to what was read and could not be kept."""
        retry_after = 1.0 if fault.status == UNAVAILABLE else None
        return self._bus.answers.refusal("", BLANK, fault, retry_after=retry_after)

    async def drain(self) -> None:
        """Wait until every post has been answered for."""
        while self._posts:
            await asyncio.wait(self._posts)

    # -- asking ------------------------------------------------------------------------------------

    async def show(self, exchange: Exchange, id_or_uuid: str) -> None:
        """What became of a message: its state and those of its deliveries, as JSON."""
        try:
            message = await self._own(exchange, id_or_uuid)
        except SenderFault as refusal:
            await self._deny(exchange, refusal.fault)
            return
        trace = await self._bus.history.trace(message.id)
        body = orjson.dumps(_standing(message, trace))
        await exchange.answer(200, body, JSON)

    async def show_answer(self, exchange: Exchange, id_or_uuid: str) -> None:
        """The ResponseMessage of a message; 404 while there is none."""
        try:
            message = await self._own(exchange, id_or_uuid)
        except SenderFault as refusal:
            await self._deny(exchange, refusal.fault)
            return
        stored = await self._bus.answers.stored(message.id)
        if stored is None:
            details = {"message": message.id, "address": exchange.path}
            await exchange.refuse(Fault("ANSWER_NOT_READY", details=details))
            return
        await exchange.answer(200, stored.body, headers=headers_of(stored))

    async def _deny(self, exchange: Exchange, fault: Fault) -> None:
        await exchange.refuse(fault, headers=advice(fault))

    async def _own(self, exchange: Exchange, id_or_uuid: str) -> MessageRow:
        """A message of the caller's own, the newest of that UUID; others do not exist for it."""
        sender: Application = self._logins.application(exchange.header(b"authorization"))
        for message in await self._bus.history.find(id_or_uuid):
            if message.sender == sender.name:
                return message
        raise SenderFault(Fault("MESSAGE_NOT_FOUND", details={"id": id_or_uuid}))


def status_of(reception: PostResult) -> int:
    """The HTTP status of an answer: 202 receipt, 200 the destination answered, else our fault's."""
    if reception.fault is not None:
        return reception.fault.status
    return 202 if reception.form is Form.RECEIPT else 200


def advice(fault: Fault) -> list[tuple[bytes, bytes]]:
    """The headers that tell a caller what to do about a fault of ours."""
    if fault.code == "UNAUTHENTICATED":
        return [CHALLENGE]
    return [RETRY_SOON] if fault.status == UNAVAILABLE else []


def headers_of(reception: PostResult) -> list[tuple[bytes, bytes]]:
    """The headers that go with an answer: our id of the message, and when to come again."""
    headers = [(b"x-message-id", reception.message.encode())] if reception.message else []
    if reception.retry_after is not None:
        headers.append((b"retry-after", b"%d" % max(1, round(reception.retry_after))))
    return headers


def _standing(message: MessageRow, trace: Trace | None) -> dict[str, object]:
    return {
        "id": message.id,
        "uuid": message.uuid,
        "transaction": message.transaction,
        "version": message.version,
        "state": message.state.value,
        "answered": bool(message.answer),
        "faults": orjson.loads(message.faults),
        "deliveries": [
            {
                "number": row.number,
                "kind": row.kind.value,
                "application": row.destination,
                "state": row.state.value,
                "estado": STATE_TEXTS[row.state].name.pt,
                "attempts": row.tries,
                "reason": row.reason,
            }
            for row in (trace.deliveries if trace else ())
        ],
    }
