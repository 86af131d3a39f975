"""Standard messages, read and written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bus.core.contract import IdElement
from bus.core.element import Element
from bus.core.envelope import (
    BusinessEvent,
    BusinessRequest,
    Carrier,
    Envelope,
    Header,
    InternalIdPair,
    Note,
    Repair,
    Response,
    Status,
)
from bus.core.errors import Fault, SenderFault
from bus.core.translation import UNCHANGED, FoundId, Translation


class Document(Protocol):
    """A parsed message, which nobody changes any more.

    `raw` is the TOTVSMessage as received; `content_hash` covers its business part alone, in
    canonical form, so that a repeat with another GeneratedOn is the same content. Paths are below
    BusinessContent: `Code`, `A/B`.
    """

    @property
    def envelope(self) -> Envelope:
        """What the envelope says."""

    @property
    def raw(self) -> bytes:
        """The TOTVSMessage as received."""

    def enclosed_in(self, answer: bytes) -> bytes:
        """A ResponseMessage of ours with this message, as received, in its MessageContent.

        The same where it has one, or is no ResponseMessage.
        """
        ...

    @property
    def content_hash(self) -> str:
        """The hash of the business part."""

    def values(self, paths: Sequence[str]) -> tuple[str, ...]:
        """The first text at each path; empty where none."""

    def texts(self, path: str) -> tuple[str, ...]:
        """Every text at a path, in order; none where nothing stands."""

    def holds(self, condition: str) -> bool:
        """Whether an XPath 1.0 condition over the TOTVSMessage is true."""

    def ids(self, elements: tuple[IdElement, ...]) -> tuple[FoundId, ...]:
        """The filled id elements, each text at a path once."""

    def without(self, names: Sequence[str]) -> Document:
        """The same message without the children of its content that are called so."""
        ...

    def content(self, translation: Translation = UNCHANGED) -> Element:
        """BusinessContent, of an answer ReturnContent, as a tree: an empty one where there is none.

        Its ids are the sender's, but for those that a translation puts in place of others.
        """

    def write(self, uuid: str, translation: Translation = UNCHANGED) -> bytes:
        """The message for a destination: envelope as sent, with that UUID.

        The content is untouched but for the ids that a translation puts in place of others; header
        company and branch and the identification keys follow it.
        """


class DestinationAnswer(Protocol):
    """What a destination answered: a ResponseMessage, or a Receipt (`response` is None)."""

    @property
    def response(self) -> Response | None:
        """What it says came of the message."""

    @property
    def transaction(self) -> str:
        """The transaction that its header names; empty where it names none."""

    def ids(self, elements: tuple[IdElement, ...]) -> tuple[FoundId, ...]:
        """The filled id elements of what it returns, each text at a path once."""

    def write(
        self, to: Envelope, uuid: str, at: int, translation: Translation = UNCHANGED
    ) -> bytes:
        """The answer for the origin whose message has the envelope `to`.

        ReturnContent, notes and status are as they came, but for the ids that a translation puts
        in place of others.
        """


@dataclass(frozen=True, slots=True)
class Reply:
    """A ResponseMessage to write, about the message with the envelope `to`.

    Without a status a ReceiptMessage, which says only: we have it. `content` becomes its
    ReturnContent, and `ids` the ListOfInternalId at its end. It is ours, or said by an application:
    `source_application` and `product` are then that one's, and `processed_on` when it did it, as it
    writes that.
    """

    to: Envelope
    uuid: str
    at: int
    status: Status | None = Status.OK
    notes: tuple[Note, ...] = ()
    ids: tuple[InternalIdPair, ...] = ()
    source_application: str = ""
    product: str = ""
    processed_on: str = ""
    content: Element | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A business message to compose; what it says in its header of type does not count.

    `content` is called BusinessContent; what a contract wants in an order must stand in it so.
    """

    header: Header
    business: BusinessEvent | BusinessRequest
    content: Element


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """What an answer in SOAP carries: a text that should be a message, or the words of a Fault.

    `code` is that of the Fault, without prefix or what follows a dot: `MustUnderstand`, `Client`.
    """

    message: bytes = b""
    fault: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Carried:
    """What a door found in its carrier's body: the text of a message in UTF-8, and what had to be
    mended to read it; or the faults for which there is none.
    """

    utf8: bytes = b""
    repairs: tuple[Repair, ...] = ()
    faults: tuple[Fault, ...] = ()


class EnvelopeRefused(SenderFault):
    """A message that cannot be taken, and its envelope as far as it was read."""

    def __init__(self, envelope: Envelope, *faults: Fault) -> None:
        super().__init__(*faults)
        self.envelope = envelope


class Codec(Protocol):
    """Reads and writes standard messages. Any bytes give what is asked for, or a SenderFault.

    What is long is parsed beside the event loop, so that others go on meanwhile.
    """

    async def read(self, body: bytes | Carried, carrier: Carrier = Carrier.HTTP) -> Document:
        """The message that a carrier's body holds, or that a door found in it."""

    async def read_answer(self, body: bytes) -> DestinationAnswer:
        """A destination's answer; SenderFault where it is neither response nor receipt."""

    async def unwrap(self, body: bytes) -> Unwrapped:
        """What a destination's answer in SOAP carries; SenderFault where the bytes are no such."""

    @property
    def most_answer(self) -> int:
        """Bytes that a destination's answer may have; adapters read no more."""

    def reply(self, reply: Reply) -> bytes:
        """A ResponseMessage or ReceiptMessage, strictly written: UTF-8, Protheus header order.

        SenderFault with what XML cannot carry of its content.
        """

    def compose(self, draft: Draft) -> bytes:
        """A BusinessMessage, strictly written, which `read` takes; else SenderFault."""

    def from_json(self, body: bytes) -> bytes:
        """A message in its JSON form (docs/json.md) as XML, which `read` may still refuse.

        SenderFault where it is no JSON, or says what XML has no place for.
        """

    def in_json(self, message: bytes) -> bytes:
        """A message in its JSON form; SenderFault where that would lose anything of it."""
