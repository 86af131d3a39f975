"""What speaks to an application."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

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


class AdapterKind(Protocol):
    """What an entry point of the group `bus.adapters` names: makes adapters, says what it needs."""

    name: str

    def open(self, application: Application, codec: Codec) -> Adapter:
        """An adapter for one application. Raises BusFault where its options make no sense."""

    def options(self) -> Mapping[str, Text]:
        """What each option it understands is for, by name, for `routes check` and `adapters "
        "list`.
        """
