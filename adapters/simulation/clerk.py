"""The clerk of a simulated application: does what a message asks, and says what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from adapters.simulation.ledger import Effect, Ledger
from bus.core.envelope import BusinessEvent, InternalIdPair, MessageType, Status
from bus.ports.codec import Document


@dataclass(frozen=True, slots=True)
class ClerkAnswer:
    """What the application says of a message. `bare`: by the text alone, without a message.

    `content` is XML, what a query returns.
    """

    status: Status = Status.OK
    text: str = ""
    ids: tuple[InternalIdPair, ...] = ()
    bare: bool = False
    content: str = ""


class Clerk(Protocol):
    """Processes messages; what it did is in the ledger when it answers."""

    def process(self, document: Document) -> ClerkAnswer:
        """Do what a message asks."""

    def pretend(self, document: Document) -> ClerkAnswer:
        """Say what is said of a message that is done, and do nothing of it."""


class PlainClerk:
    """Takes everything, and makes an id of its own for each document."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def process(self, document: Document) -> ClerkAnswer:
        """Note the message in the ledger."""
        entry = self._ledger.process(document, own_id_of(document))
        if entry.effect is Effect.ANSWERED:
            return ClerkAnswer()
        pair = InternalIdPair(entry.transaction, entry.internal_id, entry.destination)
        return ClerkAnswer(ids=(pair,))

    def pretend(self, document: Document) -> ClerkAnswer:
        """Give the document an id, and keep nothing."""
        external = own_id_of(document)
        if not external:
            return ClerkAnswer()
        made = f"01| |{len(self._ledger.entries) + 1:06d}"
        pair = InternalIdPair(document.envelope.header.transaction, external, made)
        return ClerkAnswer(ids=(pair,))


def own_id_of(document: Document) -> str:
    """The id that the sender gives the document: of its content, else of its identification."""
    envelope = document.envelope
    if envelope.header.type is not MessageType.BUSINESS:
        return ""
    (found,) = document.values(("InternalId",))
    if found or not isinstance(envelope.business, BusinessEvent):
        return found
    keys = {name.casefold(): value for name, value in envelope.business.keys}
    return keys.get("internalid", "")
