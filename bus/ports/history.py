"""The journal, read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from bus.core.delivery import State
from bus.core.diagnosis import Confirmation
from bus.core.effect import EffectVerdict
from bus.core.errors import Fault
from bus.journal.depara_rows import WaitRow
from bus.journal.facts import FactRow
from bus.journal.rows import (
    AnswerRow,
    ApplicationRow,
    AttemptRow,
    ConfigurationRow,
    DeliveryRow,
    MessageRow,
    ProgressRow,
)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which messages a listing shows; empty fields do not restrict. Newest first.

    `key` is a value of any business key; `before` an id to continue below. `differs`: what a
    destination answered differs from its contract.
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
    effect: EffectVerdict = EffectVerdict.NONE
    differs: bool = False


class Ahead(NamedTuple):
    """What a delivery waits behind: whose turn it is in its lane, and how that stands.

    `message` and `number` are of the delivery that waits; `fault` is why `head` stands
    where it stands (`bus.journal.standing`), None where nothing is to be told.
    """

    message: str
    number: int
    head: DeliveryRow
    head_message: MessageRow
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """The journal of one message: everything known of it."""

    message: MessageRow
    deliveries: tuple[DeliveryRow, ...]
    attempts: tuple[AttemptRow, ...]
    answers: tuple[AnswerRow, ...]
    facts: tuple[FactRow, ...]
    waits: tuple[WaitRow, ...] = ()
    progress: tuple[ProgressRow, ...] = ()
    ahead: tuple[Ahead, ...] = ()
    pauses: tuple[ApplicationRow, ...] = ()
    """The applications that are left alone, of those that something is to be sent to."""


@dataclass(frozen=True, slots=True)
class Stock:
    """How many deliveries of a transaction stand in a state, by rule; `oldest` is µs since 1970."""

    rule: str
    transaction: str
    state: State
    count: int
    oldest: int


@dataclass(frozen=True, slots=True)
class EffectStock:
    """How many deliveries of a transaction somebody has to look at for their effect, by rule."""

    rule: str
    transaction: str
    effect: EffectVerdict
    count: int


class History(Protocol):
    """Reads the journal. Sees at least everything committed before the call."""

    async def find(self, id_or_uuid: str) -> tuple[MessageRow, ...]:
        """The messages of a bus id (at most one) or a sender's UUID (newest first)."""

    async def standings(
        self, ids_or_uuids: Collection[str]
    ) -> tuple[tuple[MessageRow, tuple[DeliveryRow, ...]], ...]:
        """The messages of bus ids or senders' UUIDs, newest first, each with its deliveries."""

    async def trace(self, message: str) -> Trace | None:
        """Everything of one message."""

    async def facts(self, message: str) -> tuple[FactRow, ...]:
        """The facts of a message, in their order; none once it was let go."""

    async def oldest(self) -> int:
        """When the oldest message that is kept was received (µs since 1970); 0 for none."""

    async def size(self) -> int:
        """Bytes that the journal takes, about, without the room that it uses again."""

    async def body(self, message: str) -> bytes | None:
        """The carrier's body as received; None once erased."""

    async def sent_as(self, destination: str, uuid: str) -> DeliveryRow | None:
        """The delivery (kind copy) that an application saw under that UUID: of several the newest
        whose outcome it may still tell, else the newest. It is what a response of it is about.
        """

    async def messages(
        self, chosen: Filter
    ) -> tuple[tuple[MessageRow, tuple[DeliveryRow, ...]], ...]:
        """The messages that a filter chooses, each with its deliveries."""

    async def ahead(self, deliveries: Sequence[DeliveryRow]) -> tuple[Ahead, ...]:
        """What those of these deliveries that wait for their turn wait behind."""

    async def pauses(self) -> tuple[ApplicationRow, ...]:
        """The applications that are left alone, or are to show by one delivery how they are."""

    async def stock(self) -> tuple[Stock, ...]:
        """What is not gone, counted."""

    async def unfinished(self, applications: Collection[str]) -> Mapping[str, int]:
        """How many deliveries to these applications are not gone: copies, and answers. Those
        without one are not in it.
        """

    async def without_effect(self) -> tuple[EffectStock, ...]:
        """What is delivered without its effect, or without anybody knowing it, counted."""

    async def audit(self, table: str) -> AsyncIterator[tuple[object, ...]]:
        """All rows of a table in its natural order, for `bus verify`: facts, messages, deliveries,
        lanes, attempts, answers, waits, bodies (message, bytes), or the pairs and changes of the
        de-para.
        """

    async def confirmations(self) -> tuple[Confirmation, ...]:
        """The prerequisites that people have confirmed and not taken back, in the order of that."""

    async def damage(self) -> tuple[str, ...]:
        """What the store itself finds wrong with what it keeps, in its own words."""

    async def back_up(self, file: Path) -> int:
        """Copy the journal as of one moment into a new file, beside all else: its length in bytes.

        BusFault where that cannot be.
        """

    async def configurations(self, text: str = "", actor: str = "") -> tuple[ConfigurationRow, ...]:
        """The versions, newest first; with a text, first records it if the newest differs."""
