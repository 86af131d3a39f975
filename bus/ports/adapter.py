"""What speaks to an application."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from bus.core.element import Element
from bus.core.errors import Fault
from bus.core.outcome import Report
from bus.core.route import Application
from bus.core.text import Text
from bus.core.translation import UNCHANGED, Translation
from bus.ports.codec import Codec, Document

PROBE_WITHIN = 2.0
"""Seconds that a probe may take."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What an adapter is asked to deliver.

    `message` is the standard message to send, strictly written; `document` the parsed form, as its
    sender wrote it; `uuid` what the destination sees; `repeat_safe` whether
    sending twice would do no harm; `new` that the reader has no id for the document yet, as far as
    the bus knows.
    """

    application: Application
    document: Document
    message: bytes
    uuid: str
    repeat_safe: bool
    timeout: float
    new: bool = False
    translation: Translation = UNCHANGED
    """What `message` has in place of the ids in `document`."""
    answer: Document | None = None
    """The parsed form of `message` where it answers one of the application's own: `document`."""

    @property
    def content(self) -> Element:
        """The content of the message as it is sent, in the reader's ids."""
        if self.answer:
            return self.answer.content()
        return self.document.content(self.translation)


@dataclass(frozen=True, slots=True)
class Poll:
    """Read on: what comes after `cursor`, which is empty at the very beginning."""

    cursor: str


@dataclass(frozen=True, slots=True)
class Webhook:
    """What an application posted in its own form; names of headers are in lower case.

    The bus has checked its login already, and hands no `authorization` on.
    """

    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """A standard message, as its application would post it.

    `cursor` is how far the application has been read once the bus has this message, whatever it
    makes of it; empty for a webhook's.
    """

    body: bytes
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class Inbound:
    """What was read, in order; `more` tells that more is there already."""

    messages: tuple[InboundMessage, ...] = ()
    more: bool = False


class Feature(StrEnum):
    """What adapters of a kind can do beside delivering."""

    READS = "reads"
    """They are a `Reader`: messages are fetched from the application, or taken by webhook."""


class Adapter(Protocol):
    """Speaks to one application. Raises nothing expected: what happens is a Report.

    The engine cancels a call that outlives `Parcel.timeout`; that counts as unknown.
    """

    async def send(self, parcel: Parcel) -> Report:
        """Deliver. UNREACHABLE only where provably no byte of the message left."""

    async def ask(self, parcel: Parcel) -> Report | None:
        """What became of a message already sent; None where this kind of application can't tell."""

    async def probe(self) -> Fault | None:
        """Whether the application answers, as far as can be told without a message; None: yes.

        One that takes longer than `PROBE_WITHIN` is cancelled, and counts as no answer.
        """

    async def close(self) -> None:
        """Let go of connections."""


@runtime_checkable
class Reader(Protocol):
    """An adapter whose kind declares `Feature.READS`."""

    async def read(self, source: Poll | Webhook) -> Inbound:
        """What there is to take, as standard messages.

        A poll changes nothing at the application: the same cursor gives the same messages, until
        newer ones follow them. The bus keeps the cursor of each message in the commit that records
        it, so that none is lost or taken twice. ReceiverFault where the application cannot be read;
        SenderFault where a webhook makes no sense. The engine cancels a call that outlives the
        application's `timeout`.
        """


class AdapterKind(Protocol):
    """What an entry point of the group `bus.adapters` names: makes adapters, says what it needs."""

    name: str

    def open(self, application: Application, codec: Codec) -> Adapter:
        """An adapter for one application. Raises BusFault where its options make no sense."""

    def options(self) -> Mapping[str, Text]:
        """What each option it understands is for, by name, for `routes check` and `adapters "
        "list`.
        """

    def features(self) -> frozenset[Feature]:
        """What its adapters can do beside delivering; a kind without this method: nothing."""
