"""The envelope of a standard message (TOTVSMessage), as plain values.

Reading is tolerant and writing is strict; both are the codec's work. Here are only the values; what
every message has is a tuple, which is made in half the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from bus.core.element import Element
from bus.core.text import Text


class Carrier(StrEnum):
    """How a message came in, and so how it is found in the body that is kept."""

    HTTP = "http"  # the body is the message
    SOAP = "soap"  # the message is text that the carrier has decoded
    AMQP = "amqp"  # the body is the message; a broker held it until it was on disk


class MessageType(StrEnum):
    """What kind of message an envelope carries, spelt as `MessageInformation/Type` has it."""

    BUSINESS = "BusinessMessage"
    RESPONSE = "Response"
    RECEIPT = "Receipt"


class DeliveryMode(StrEnum):
    """How the sender wants to be answered, spelt as `DeliveryType` has it."""

    SYNC = "Sync"
    ASYNC = "Async"


class Event(StrEnum):
    """What happened to the document of a BusinessEvent."""

    UPSERT = "upsert"
    DELETE = "delete"


class Status(StrEnum):
    """What a ResponseMessage says came of it."""

    OK = "OK"
    ERROR = "ERROR"


class Product(NamedTuple):
    """`Product` of the header: trade name and version of the sender's system, never an identity."""

    name: str = ""
    version: str = ""


class Header(NamedTuple):
    """`MessageInformation`. `version` is its attribute: the version of the transaction.

    Text is kept as sent, inner and trailing blanks of company and branch included; `generated_on`
    stays text (four forms are in use). `delivery` is None where the sender names no mode.
    """

    uuid: str
    type: MessageType
    transaction: str
    version: str
    standard_version: str = ""
    source_application: str = ""
    company: str = ""
    branch: str = ""
    enterprise: str = ""
    business_unit: str = ""
    company_sharing_mode: str = ""
    business_unit_sharing_mode: str = ""
    branch_sharing_mode: str = ""
    user: str = ""
    product: Product = Product()
    generated_on: str = ""
    context: str = ""
    delivery: DeliveryMode | None = None


class BusinessEvent(NamedTuple):
    """Something that happened to a document: `Entity`, `Event` and its identification keys."""

    entity: str
    event: Event
    keys: tuple[tuple[str, str], ...] = ()


class BusinessRequest(NamedTuple):
    """A procedure, query or calculation to carry out."""

    operation: str


@dataclass(frozen=True, slots=True)
class Note:
    """One `ListOfMessages/Message` of a response."""

    text: str
    type: str = "ERROR"
    code: str = ""


@dataclass(frozen=True, slots=True)
class InternalIdPair:
    """One entry of `ListOfInternalId`: the sender's id and the one that the receiver gave."""

    name: str
    origin: str
    destination: str


@dataclass(frozen=True, slots=True)
class Response:
    """`ResponseMessage`: what came of the message whose UUID is `received_uuid`.

    `content` is its ReturnContent, beside the ids, where an adapter tells it without a message; it
    is not read out of one.
    """

    received_uuid: str
    status: Status
    sent_by: str = ""
    processed_on: str = ""
    notes: tuple[Note, ...] = ()
    ids: tuple[InternalIdPair, ...] = ()
    content: Element | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """`ReceiptMessage`: the receiver has it; nothing is said of its processing."""

    received_uuid: str
    sent_by: str = ""
    received_on: str = ""


class Repair(NamedTuple):
    """What had to be mended to read a message, and where; `path` and `line` may be unknown.

    `alters`: what is delivered may not be what was meant.
    """

    what: Text
    path: str = ""
    line: int = 0
    alters: bool = False


class Envelope(NamedTuple):
    """A header and exactly one of: business event or request, response, receipt."""

    header: Header
    business: BusinessEvent | BusinessRequest | None = None
    response: Response | None = None
    receipt: Receipt | None = None
    repairs: tuple[Repair, ...] = ()
    """What had to be mended to read it (a stripped control character, a wrong encoding)."""


BLANK = Envelope(Header(uuid="", type=MessageType.BUSINESS, transaction="", version=""))
"""Stands for the envelope of what could not be read."""
