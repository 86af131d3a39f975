"""What the bus puts into queues about what it took from one: answers, and what it refused."""

from __future__ import annotations

from collections.abc import Sequence

from bus.broker.letters import Letter, OutgoingLetter
from bus.core.broker import Broker
from bus.core.errors import Fault
from bus.engine.post_result import PostResult

XML = "application/xml"


def reply(letter: Letter, result: PostResult) -> OutgoingLetter:
    """The answer to whoever waits for one, with what belongs beside it."""
    headers: dict[str, str | int] = {}
    if result.message:
        headers["bus-message"] = result.message
    if result.fault:
        headers["bus-code"] = result.fault.code
        headers["bus-owner"] = result.fault.owner.value
    if result.retry_after is not None:
        headers["bus-retry-after"] = str(result.retry_after)
    properties = {
        "correlation_id": letter.correlation_id or letter.message_id,
        "content_type": XML,
    }
    return OutgoingLetter(letter.reply_to, result.body, headers, properties)


def rejected(
    broker: Broker, letter: Letter, faults: Sequence[Fault], message: str = "", sender: str = ""
) -> OutgoingLetter:
    """A message that was not taken, as it came, with the first reason in both languages.

    None of its own headers goes along: a broker obeys some of them.
    """
    fault = faults[0]
    told = {
        "bus-code": fault.code,
        "bus-path": fault.path,
        "bus-owner": fault.owner.value,
        "bus-reason-pt": fault.reason("pt"),
        "bus-reason-en": fault.reason("en"),
        "bus-remedy-pt": fault.remedy("pt"),
        "bus-remedy-en": fault.remedy("en"),
        "bus-message": message,
        "bus-sender": sender,
        "bus-user": letter.user,
        "bus-reply-to": letter.reply_to,
    }
    headers = {name: text for name, text in told.items() if text}
    properties = {
        "correlation_id": letter.correlation_id,
        "message_id": letter.message_id,
        "content_type": letter.content_type,
        "content_encoding": letter.content_encoding,
    }
    return OutgoingLetter(broker.rejected, letter.body, headers, properties)
