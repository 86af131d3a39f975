"""Standard messages, read and written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bus.core.contract import IdElement
from bus.core.envelope import Carrier, Envelope, Note, Response, Status
from bus.core.errors import Fault
from bus.core.translation import UNCHANGED, FoundId, Translation


class Document(Protocol):
    """A parsed message: an opaque handle of the codec, with what everybody may know of it.

    `raw` is the TOTVSMessage as received; `content_hash` covers its business part alone, in
    canonical form, so that a repeat with another GeneratedOn is the same content.
    """

    @property
    def envelope(self) -> Envelope:
        """What the envelope says."""

    @property
    def raw(self) -> bytes:
        """The TOTVSMessage as received."""

    @property
    def content_hash(self) -> str:
        """The hash of the business part."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A ResponseMessage to write; without a status a ReceiptMessage, which says only: we have it.

    `to` is the envelope it answers; `original` a destination's ResponseMessage whose ReturnContent,
    notes and status are passed on as they are (None: `status` and `notes` are ours), but for the
    ids that a translation puts in place of others.
    """

    to: Envelope
    uuid: str
    at: int
    status: Status | None = Status.OK
    notes: tuple[Note, ...] = ()
    original: bytes | None = None
    translation: Translation = UNCHANGED


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """What an answer in SOAP carries: a text that should be a message, or the words of a Fault."""

    message: bytes = b""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Carried:
    """What a door found in its carrier's body: the text of a message in UTF-8, and what had to be
    mended to read it; or the faults for which there is none.
    """

    utf8: bytes = b""
    repairs: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()


class Codec(Protocol):
    """Reads and writes standard messages. Any bytes give a Document or a SenderFault."""

    def read(self, body: bytes | Carried, carrier: Carrier = Carrier.HTTP) -> Document:
        """Parse the message that a carrier's body holds, or that a door found in it."""

    def values(self, document: Document, paths: Sequence[str]) -> tuple[str, ...]:
        """The first text at each path below BusinessContent (`Code`, `A/B`); empty where none."""

    def texts(self, document: Document, path: str) -> tuple[str, ...]:
        """Every text at a path below BusinessContent, in order; none where nothing stands."""

    def holds(self, document: Document, condition: str) -> bool:
        """Whether an XPath 1.0 condition over the TOTVSMessage is true."""

    def ids(self, source: Document | bytes, elements: tuple[IdElement, ...]) -> tuple[FoundId, ...]:
        """The filled id elements of a message, or of a destination's answer (bytes).

        Each text at a path once. Bytes that are no answer have none.
        """

    def write(
        self,
        document: Document,
        *,
        uuid: str,
        translation: Translation = UNCHANGED,
    ) -> bytes:
        """The message for a destination: envelope as sent, with that UUID.

        The content is untouched but for the ids that a translation puts in place of others; header
        company and branch and the identification keys follow it.
        """

    def reply(self, reply: Reply) -> bytes:
        """A ResponseMessage, or a ReceiptMessage where the reply has no status.

        Strictly written: UTF-8, Protheus header order.
        """

    def response(self, body: bytes) -> Response | None:
        """The ResponseMessage in a destination's answer; None where it is a Receipt.

        Raises SenderFault where the bytes are neither.
        """

    def unwrap(self, body: bytes) -> Unwrapped:
        """What a destination's answer in SOAP carries; SenderFault where the bytes are no such."""
