"""What a contract would have done to the messages that the journal has."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import NamedTuple

from bus.core.errors import Fault, SenderFault
from bus.journal.rows import MessageRow, MessageState
from bus.ports.codec import Codec, Document
from bus.ports.history import Filter, History

Check = Callable[[Document], tuple[Fault, ...]]

_PAGE = 500


class BrokenMessage(NamedTuple):
    """A message that would be refused, and why."""

    message: MessageRow
    faults: tuple[Fault, ...]


class Broken(NamedTuple):
    """How many messages were valid by one contract, and those of them that another refuses."""

    checked: int
    messages: tuple[BrokenMessage, ...]


async def broken_by(
    history: History, codec: Codec, chosen: Filter, version: str, checks: tuple[Check, Check]
) -> Broken:
    """The messages of a transaction at a version that the first check lets pass and not the second.

    Messages that were rejected, or whose body was erased, do not count.
    """
    before, after = checks
    count, broken = 0, []
    async for message in _messages(history, chosen):
        if message.version != version or message.state is MessageState.REJECTED:
            continue
        body = await history.body(message.id)
        if body is None:
            continue
        try:
            document = await codec.read(body, message.carrier)
        except SenderFault:
            continue
        if before(document):
            continue
        count += 1
        if faults := after(document):
            broken.append(BrokenMessage(message, faults))
    return Broken(count, tuple(broken))


async def _messages(history: History, chosen: Filter) -> AsyncIterator[MessageRow]:
    """Every message that a filter chooses, page by page."""
    before = ""
    while True:
        page = await history.messages(
            Filter(transaction=chosen.transaction, since=chosen.since, before=before, limit=_PAGE)
        )
        for message, _ in page:
            yield message
        if len(page) < _PAGE:
            return
        before = page[-1][0].id
