"""What speaks to an application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol, runtime_checkable

from bus.core.element import Element
from bus.core.errors import Fault
from bus.core.known_faults import KnownFault
from bus.core.outcome import Report
from bus.core.route import Application, Deployment
from bus.core.text import Text
from bus.core.translation import UNCHANGED, Translation
from bus.ports.codec import Codec, Document
from bus.ports.contracts import ContractFields

PROBE_WITHIN = 2.0
"""Seconds that a probe may take."""


class ProgressLost(Exception):
    """A call that was made could not be recorded: the delivery is no longer this worker's."""


Keep = Callable[[str, object], Awaitable[None]]


async def _keep_nowhere(_: str, __: object) -> None:
    """Progress on its own, as adapters are tested with, is kept nowhere but in itself."""


class Progress:
    """How far a send that takes several calls has come, so that it goes on where it failed.

    An adapter records each call that must not be made twice when it has been answered, under a name
    of its own and with what later calls need of the answer; before each it looks at `done`.
    """

    def __init__(
        self, done: Mapping[str, object] = MappingProxyType({}), keep: Keep = _keep_nowhere
    ) -> None:
        self._done = dict(done)
        self._keep = keep

    @property
    def done(self) -> Mapping[str, object]:
        """The values (JSON) that were recorded, by earlier tries and by this one, by name."""
        return MappingProxyType(self._done)

    async def record(self, name: str, value: object) -> None:
        """Record a call that was answered, with a value (JSON); it is on disk when this returns.

        Raises ProgressLost where the delivery is no longer ours: then nothing more may be sent.
        """
        await self._keep(name, value)
        self._done[name] = value


@dataclass(frozen=True, slots=True)
class Parcel:
    """What an adapter is asked to deliver.

    `message` is the standard message to send, strictly written; `document` the parsed form, as its
    sender wrote it; `uuid` what the destination sees; `repeat_safe` whether
    sending twice would do no harm; `new` that the reader has no id for the document yet, as far as
    the bus knows; `progress` which of several calls have been made.
    """

    application: Application
    document: Document
    message: bytes
    uuid: str
    repeat_safe: bool
    timeout: float
    new: bool = False
    progress: Progress = field(default_factory=Progress)
    translation: Translation = UNCHANGED
    """What `message` has in place of the ids in `document`."""
    start_within: float | None = None
    """Seconds in which the first byte must have left, or none does: then its sender is told so."""
    answer: Document | None = None
    """The parsed form of `message` where it answers one of the application's own: `document`."""
    awaits_response: bool = False
    """Whether the application sends a ResponseMessage later, where all that can be told now is that
    somebody has the message for it: RECEIVED then, else DELIVERED."""

    @property
    def content(self) -> Element:
        """The content of the message as it is sent, in the reader's ids."""
        if self.answer:
            return self.answer.content()
        return self.document.content(self.translation)


@dataclass(frozen=True, slots=True)
class Poll:
    """Read on: what comes after `cursor`, which is empty at the very beginning.

    `register` is the one transaction that is read, by a cursor of its own (`RegisterReader`): as
    the application has it now, by no answer that was kept. Where it must not be asked yet, that is
    BUSY, with `RETRY_AFTER` among the details.
    """

    cursor: str
    register: str = ""


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
    makes of it; empty for a webhook's. With `faults`, of a poll, `body` is a record of which no
    message can be made: it is kept as it is, and rejected for them. `reused`, of a webhook, is how
    its caller is told that the bus has it with other content; None: as the sender of a message is.
    """

    body: bytes
    cursor: str = ""
    faults: tuple[Fault, ...] = ()
    reused: Fault | None = None


@dataclass(frozen=True, slots=True)
class TakenMessage:
    """What became of a message that was read, on disk by now.

    `cursor` is the message's own; `id` what the journal calls it; `fault` says why it was rejected,
    None: the bus has it, from this time or an earlier one.
    """

    cursor: str
    id: str
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Inbound:
    """What was read, in order; `more` tells that more is there already.

    Of a webhook, `more` has the application polled soon: what only tells that something changed
    brings no message, and answers its caller at once.

    `cursor` is how far that is where nothing after the last message is for the bus, as after a page
    of what changed because of the bus itself; empty: as far as the last message.
    """

    messages: tuple[InboundMessage, ...] = ()
    more: bool = False
    cursor: str = ""
    passed: int = 0
    """Of one register: how many of its records are behind `cursor`."""
    total: int = 0
    """Of one register: how many records it has; 0 where nobody tells."""
    topic: str = ""
    """Of a webhook: what it told of, as the adapter's `topics` (`Listener`) name it."""
    whole: bool = False
    """Of a webhook: where some of its messages would be refused, the others are not taken."""


class Feature(StrEnum):
    """What adapters of a kind can do beside delivering."""

    READS = "reads"
    """They are a `Reader`: messages are fetched from the application, or taken by webhook."""
    ASKS = "asks"
    """Their `ask` finds out what became of a message that was sent."""
    RESUMES = "resumes"
    """A send of several calls records those that were answered, and goes on behind them."""
    KEYED = "keyed"
    """The user of its `credentials` is the application: two with one user would be the same."""


class Adapter(Protocol):
    """Speaks to one application. Raises nothing expected: what happens is a Report.

    The engine cancels a call that outlives `Parcel.timeout`; that counts as unknown.
    """

    async def send(self, parcel: Parcel) -> Report:
        """Deliver. UNREACHABLE only where provably no byte of the message left."""

    async def ask(self, parcel: Parcel) -> Report | None:
        """What became of a message already sent, found out without sending it.

        Called where its outcome is unknown and repeating it is not safe, if the kind declares
        `Feature.ASKS`. DELIVERED, REFUSED or RECEIVED, as the application says; UNREACHABLE where
        it says that the message never came: then it is sent again. None where it cannot tell now:
        it is away, or does not know yet; it is asked again.
        """

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

        The same cursor gives the same messages, until newer ones follow them. The bus keeps the
        cursor of each message in the commit that records it, so that none is lost or taken twice:
        the cursor of a poll is on disk, and what it covers, nothing else, may be marked as taken at
        the application. ReceiverFault where the application cannot be read; SenderFault where a
        webhook makes no sense. The engine cancels a call that outlives the application's `timeout`.
        """


@runtime_checkable
class RegisterReader(Protocol):
    """A `Reader` that reads one register alone, from its beginning, where a `Poll` names it."""

    def registers(self) -> tuple[str, ...]:
        """The transactions of the registers that it reads so."""


@runtime_checkable
class Listener(Protocol):
    """A `Reader` whose application has to be told to call webhooks, topic by topic."""

    def topics(self) -> Mapping[str, Text]:
        """The topics that must come for what is read to be up to date, each in words.

        `Inbound.topic` says which one a webhook was about; `bus diagnose` names those that never
        came.
        """


@runtime_checkable
class CredentialsCheck(Protocol):
    """An adapter that can find out whether its application admits the bus; a probe does not."""

    async def check_credentials(self) -> Fault | None:
        """Ask something without effect as who sends would; None: the credentials are accepted.

        Asked by a person's diagnosis, not in passing as `probe` is.
        """


@runtime_checkable
class Marker(Reader, Protocol):
    """A reader whose application keeps what became of each record, beside the record.

    It hands out what is not marked, whatever the cursor says, which serves it to tell its messages
    apart. A crash before `mark` has the record read again: with the same UUID it is a repeat, and
    marked by what became of it the first time.
    """

    async def mark(self, taken: Sequence[TakenMessage]) -> None:
        """Mark the records of these messages, each only where it is still as it was read.

        Called after each `read`, with what became of its messages, in their order. ReceiverFault
        where the application cannot be written to. Cancelled as `read` is.
        """


@runtime_checkable
class Knocker(Protocol):
    """An adapter that hands a standard message on as it is written.

    So one without effect shows whether the application knows us, and what it says of itself.
    """

    async def knock(self, parcel: Parcel) -> Report:
        """Send a message without effect: an empty one (`parcel.message`), or a WhoIs.

        Its outcome, as of `send`; `answer` is the message that came back. A fault tells more with
        one of `bus.core.diagnosis.INSECURE` and `ANOTHER_DOOR` among its details.
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

    def faults(self) -> tuple[KnownFault, ...]:
        """The error texts that its protocol itself knows, for `adapters list`; those of a product
        stand in its profile, and go first. A kind without this method: none.
        """


@runtime_checkable
class CheckingKind(Protocol):
    """A kind that sees more than what is wrong with one application by itself."""

    def mistakes(
        self, applications: Sequence[Application], contracts: ContractFields
    ) -> tuple[Fault, ...]:
        """What is wrong between its applications, or with the contracts that they name.

        Without speaking to any; what `open` tells of one is left to it.
        """


@runtime_checkable
class DoubtingKind(Protocol):
    """A kind that sees what its applications may say, but hardly mean."""

    def doubts(
        self, applications: Sequence[Application], deployment: Deployment
    ) -> tuple[Fault, ...]:
        """The warnings about its applications, as the routes and groups use them.

        Each names its key by the path. Without speaking to any; what `open` tells is left to it.
        """
