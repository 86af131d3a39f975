"""`/messages`: standard messages in XML, and what became of them."""

from __future__ import annotations

import orjson

from bus.core.envelope import BLANK, Carrier
from bus.core.errors import Fault, Refusal, SenderFault
from bus.edge.http.asgi import JSON, Exchange, advice, retry_after
from bus.edge.intake import Intake
from bus.edge.story import story_of
from bus.edge.story_json import standing_to_dict
from bus.engine.post_result import Form, PostResult
from bus.journal.rows import MessageRow
from bus.ports.history import Trace
from bus.wiring import Bus


class Messages:
    """The door for XML over HTTP, and the answers to whoever asks later."""

    def __init__(self, bus: Bus, intake: Intake) -> None:
        self._bus = bus
        self._intake = intake

    async def post(self, exchange: Exchange) -> None:
        """Take a standard message; every answer is itself a standard message."""
        try:
            async with self._intake.admit(exchange.arrival(Carrier.HTTP)) as post:
                result = await self._intake.take_unless(exchange.gone, post)
        except Refusal as refusal:
            body = self._bus.answers.error(BLANK, refusal.fault)
            await exchange.answer(refusal.fault.status, body, headers=advice(refusal.fault))
            return
        if result:
            await exchange.answer(status_of(result), result.body, headers=headers_of(result))

    async def show(self, exchange: Exchange, id_or_uuid: str) -> None:
        """What became of a message: its state and those of its deliveries, as JSON."""
        message = await self._own(exchange, id_or_uuid)
        trace = await self._bus.history.trace(message.id) or Trace(message, (), (), (), ())
        body = orjson.dumps(standing_to_dict(story_of(trace), exchange.language))
        await exchange.answer(200, body, JSON)

    async def show_answer(self, exchange: Exchange, id_or_uuid: str) -> None:
        """The ResponseMessage of a message; 404 while there is none."""
        message = await self._own(exchange, id_or_uuid)
        stored = await self._bus.answers.stored(message.id)
        if stored is None:
            details = {"message": message.id, "address": exchange.path}
            raise SenderFault(Fault("ANSWER_NOT_READY", details=details))
        await exchange.answer(200, stored.body, headers=headers_of(stored))

    async def _own(self, exchange: Exchange, id_or_uuid: str) -> MessageRow:
        """A message of the caller's own, the newest of that UUID; others do not exist for it."""
        sender = self._intake.application(exchange.login, exchange.remote)
        for message in await self._bus.history.find(id_or_uuid):
            if message.sender == sender.name:
                return message
        raise SenderFault(Fault("MESSAGE_NOT_FOUND", details={"id": id_or_uuid}))


def status_of(result: PostResult) -> int:
    """The HTTP status of an answer: 202 receipt, 200 the destination answered, else our fault's."""
    if result.fault is not None:
        return result.fault.status
    return 202 if result.form is Form.RECEIPT else 200


def headers_of(result: PostResult) -> list[tuple[bytes, bytes]]:
    """The headers that go with an answer: our id of the message, and when to come again."""
    headers = [(b"x-message-id", result.message.encode())] if result.message else []
    if result.retry_after is not None:
        headers.append(retry_after(result.retry_after))
    return headers
