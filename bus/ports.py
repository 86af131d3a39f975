"""The ports: what the engine needs of the world, each with its duties.

Implementations pass the suites in tests/contracts. Methods marked async may wait for the world; the
others only compute.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from bus.core.bridge import Bridge, Loss
from bus.core.contract import Contract, IdElement
from bus.core.crossing import Amend, Amended, ChangeRow, ConflictRow, WaitRow
from bus.core.delivery import State
from bus.core.envelope import Envelope, Note, Response, Status
from bus.core.errors import Fault
from bus.core.journal import (
    Acceptance,
    Accepted,
    Act,
    Acted,
    AnswerRow,
    AttemptRow,
    Carrier,
    Claim,
    ConfigurationRow,
    DeliveryRow,
    Ended,
    FactRow,
    MessageRow,
    Recorded,
    Rejected,
    Rejection,
    Repeated,
    Settlement,
    Unmatched,
)
from bus.core.outcome import Report
from bus.core.route import Application
from bus.core.translation import UNCHANGED, FoundId, Translation
from depara.model import Key, Row


class Clock(Protocol):
    """Time and chance. Tests and the simulation bring their own."""

    def now(self) -> int:
        """Wall-clock time, µs since 1970 UTC. May jump; decides due times, never order."""

    def monotonic(self) -> float:
        """Seconds that never run backwards; for time-outs."""

    def chance(self) -> float:
        """A number in [0, 1)."""

    def new_id(self) -> str:
        """A new UUIDv7 as text; later ones of this process sort after earlier ones."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""


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


class Codec(Protocol):
    """Reads and writes standard messages. Any bytes give a Document or a SenderFault."""

    def read(self, body: bytes, carrier: Carrier = Carrier.HTTP) -> Document:
        """Parse the message that a carrier's body holds."""

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


class Contracts(Protocol):
    """The registry of contracts, by (transaction, version), case-insensitive in the transaction."""

    def find(self, transaction: str, version: str) -> Contract | None:
        """The contract of a transaction at a version."""

    def known(self) -> tuple[Contract, ...]:
        """All contracts, in order of name and version."""

    def conforms(self, contract: Contract, document: Document) -> bool:
        """Whether BusinessContent, or ReturnContent of a response, is as the contract says."""

    async def explain(self, contract: Contract, document: Document) -> tuple[Fault, ...]:
        """The first few differences of what does not conform. Slow: others go on meanwhile."""


@dataclass(frozen=True, slots=True)
class Transformed:
    """A message as another version of its transaction has it, and what that has no place for."""

    document: Document
    lost: tuple[Loss, ...]


class Bridges(Protocol):
    """Carries messages over the declared ways between versions of a transaction."""

    async def transform(
        self, document: Document, bridge: Bridge, translation: Translation = UNCHANGED
    ) -> Transformed:
        """The message in its reader's ids, over a bridge; the document itself stays as it is.

        Its version and schema location are the target's, its elements in the target's order. Says
        how often anything was lost that said something. The result is not checked.
        """


class Journal(Protocol):
    """Records what happens. Every method that returns has committed to disk (promise 1).

    Order within a lane is the order of commits. A method that raises has recorded nothing.
    """

    async def accept(self, acceptance: Acceptance) -> Accepted | Repeated:
        """Record an accepted message with its deliveries, or say whose repeat it is (S5, S7)."""

    async def reject(self, rejection: Rejection) -> Rejected | Repeated:
        """Record a rejected message; a repeat of one that did not fail is a repeat after all."""

    async def settle(self, settlement: Settlement) -> Recorded | Repeated | Unmatched:
        """Record a destination's own ResponseMessage and end the delivery it is about (S13).

        One that was heard before is a repeat and ends nothing, unless it is the OK of a message
        that is being sent again.
        """

    async def claim(self, worker: str, room: Mapping[str, int], lease: float) -> tuple[Claim, ...]:
        """Take what is due, at most `room[application]` each, for `lease` seconds.

        Also ends what ran out: leases (S10), waits for a response (unknown), synchronous deadlines
        (withdrawn). Paused applications give nothing; one that was paused gives one delivery.
        """

    async def start(self, claim: Claim) -> bool:
        """Record that an attempt begins; False where the lease is lost: nothing may be sent."""

    async def record(self, ended: Ended) -> Recorded:
        """Record the end of an attempt with all its consequences in one commit."""

    async def act(self, act: Act) -> Acted:
        """Record a person's step, or a deadline's. IllegalStep where the table has none."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which messages a listing shows; empty fields do not restrict. Newest first.

    `key` is a value of any business key; `before` an id to continue below.
    """

    transaction: str = ""
    sender: str = ""
    destination: str = ""
    state: State | Literal["rejected", ""] = ""
    key: str = ""
    since: int = 0
    until: int = 0
    before: str = ""
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Trace:
    """The journal of one message: everything known of it."""

    message: MessageRow
    deliveries: tuple[DeliveryRow, ...]
    attempts: tuple[AttemptRow, ...]
    answers: tuple[AnswerRow, ...]
    facts: tuple[FactRow, ...]
    waits: tuple[WaitRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Stock:
    """How many deliveries of a transaction stand in a state, by rule; `oldest` is µs since 1970."""

    rule: str
    transaction: str
    state: State
    count: int
    oldest: int


class History(Protocol):
    """Reads the journal. Sees at least everything committed before the call."""

    async def find(self, id_or_uuid: str) -> tuple[MessageRow, ...]:
        """The messages of a bus id (at most one) or a sender's UUID (newest first)."""

    async def trace(self, message: str) -> Trace | None:
        """Everything of one message."""

    async def body(self, message: str) -> bytes | None:
        """The carrier's body as received; None once erased."""

    async def messages(
        self, chosen: Filter
    ) -> tuple[tuple[MessageRow, tuple[DeliveryRow, ...]], ...]:
        """The messages that a filter chooses, each with its deliveries."""

    async def stock(self) -> tuple[Stock, ...]:
        """What is not gone, counted."""

    async def audit(self, table: str) -> AsyncIterator[tuple[object, ...]]:
        """All rows of a table in its natural order, for `bus verify`: facts, messages, deliveries,
        lanes, attempts, answers, waits, or bodies (message, bytes).
        """

    async def configurations(self, text: str = "", actor: str = "") -> tuple[ConfigurationRow, ...]:
        """The versions, newest first; with a text, first records it if the newest differs."""


@dataclass(frozen=True, slots=True)
class PairFilter:
    """Which rows of the de-para a listing shows; empty fields do not restrict.

    `at` (µs; 0: now) is the time as of which they were open; `after` a row's number to go on from.
    """

    entity: str = ""
    application: str = ""
    id: str = ""
    at: int = 0
    after: int = 0
    limit: int = 100


class CrossReference(Protocol):
    """The de-para: reads at least what was committed before the call, and changes it.

    Learning, waiting and waking are the journal's: they belong to the commits of deliveries.
    """

    async def known(self, keys: Collection[Key]) -> Mapping[Key, tuple[Row, ...]]:
        """By key, the open rows of its identity; an unknown key gives none."""

    async def amend(self, asked: Amend) -> Amended:
        """Record a person's change or a file's, and wake who waited for it."""

    async def rows(self, chosen: PairFilter) -> tuple[Row, ...]:
        """The rows that a filter chooses, each with the others of its identity, these together."""

    async def history(self, key: Key) -> tuple[tuple[Row, ...], tuple[ChangeRow, ...]]:
        """All rows of what a key ever named, and the changes that made them, in their order."""

    async def conflicts(self) -> tuple[ConflictRow, ...]:
        """The conflicts that need a person."""

    async def waits(self, message: str = "") -> tuple[WaitRow, ...]:
        """Who waits for an id, and why; of one message, where it is given."""

    async def uses(self, change: int) -> tuple[str, ...]:
        """The messages that were sent with an id that a change opened, the oldest first."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What an adapter is asked to deliver.

    `message` is the standard message to send, strictly written; `document` the parsed form;
    `uuid` what the destination sees; `repeat_safe` whether sending twice would do no harm; `new`
    that the reader has no id for the document yet, as far as the bus knows.
    """

    application: Application
    document: Document
    message: bytes
    uuid: str
    repeat_safe: bool
    timeout: float
    new: bool = False


class Adapter(Protocol):
    """Speaks to one application. Raises nothing expected: what happens is a Report.

    The engine cancels a call that outlives `Parcel.timeout`; that counts as unknown.
    """

    async def send(self, parcel: Parcel) -> Report:
        """Deliver. UNREACHABLE only where provably no byte of the message left."""

    async def ask(self, parcel: Parcel) -> Report | None:
        """What became of a message already sent; None where this kind of application can't tell."""

    async def probe(self) -> Fault | None:
        """Whether the application answers; None when it does."""

    async def close(self) -> None:
        """Let go of connections."""


class Meaning(NamedTuple):
    """What an option of an adapter is for, in both languages."""

    pt: str
    en: str


class AdapterKind(Protocol):
    """What an entry point of the group `bus.adapters` names: makes adapters, says what it needs."""

    name: str

    def open(self, application: Application, codec: Codec) -> Adapter:
        """An adapter for one application. Raises BusFault where its options make no sense."""

    def options(self) -> Mapping[str, Meaning]:
        """The options it understands by name, for `routes check` and `adapters list`."""


class Observer(Protocol):
    """Watches what the engine does, for metrics and logs. Must neither wait nor raise."""

    def received(self) -> None:
        """A message was taken in; it is accepted, rejected, repeated or turned away next."""

    def turned_away(self) -> None:
        """A message was not recorded: the bus itself failed, and its sender was told so."""

    def accepted(self, message: MessageRow, deliveries: Sequence[DeliveryRow]) -> None:
        """A message was accepted."""

    def rejected(self, message: MessageRow, faults: Sequence[Fault]) -> None:
        """A message was rejected."""

    def repeated(self, message: MessageRow, verdict: str) -> None:
        """A message turned out to be a repeat."""

    def attempted(self, recorded: Recorded, report: Report, seconds: float) -> None:
        """An attempt ended, after that long."""

    def troubled(self, what: str, error: BaseException) -> None:
        """Something unexpected happened and was survived."""
