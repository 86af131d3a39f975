"""What a store must do for the ledger: load rows by key and save them, many at a time.

A store implements `Tables` with one statement a call. `Unit` is one commit in the making: it reads
through to the tables once, keeps what it read, and gathers what is to be written.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from bus.journal.facts import FactRow
from bus.journal.pairs import Pairs, PairTables
from bus.journal.rows import (
    AnswerRow,
    ApplicationRow,
    AttemptRow,
    BusinessKeyRow,
    DeliveryRow,
    DocumentRow,
    IdentityRow,
    LaneRow,
    MessageRow,
)

Key = TypeVar("Key", bound=Hashable)
Row = TypeVar("Row")

DeliveryKey = tuple[str, int]
"""(message, number)"""
Place = tuple[str, int]
"""(lane, seq)"""
DocumentKey = tuple[str, str, str]
"""(sender, entity, id)"""


@dataclass(slots=True)
class Changes:
    """The rows that one commit writes. Keyed ones are new or replace the row of that key."""

    messages: dict[str, MessageRow] = field(default_factory=dict)
    bodies: list[tuple[str, bytes]] = field(default_factory=list)
    deliveries: dict[DeliveryKey, DeliveryRow] = field(default_factory=dict)
    lanes: dict[str, LaneRow] = field(default_factory=dict)
    identities: dict[str, IdentityRow] = field(default_factory=dict)
    documents: dict[DocumentKey, DocumentRow] = field(default_factory=dict)
    business_keys: list[BusinessKeyRow] = field(default_factory=list)
    attempts: dict[tuple[str, int, int], AttemptRow] = field(default_factory=dict)
    answers: dict[DeliveryKey, AnswerRow] = field(default_factory=dict)
    applications: dict[str, ApplicationRow] = field(default_factory=dict)
    facts: list[FactRow] = field(default_factory=list)


class Tables(Protocol):
    """Rows by key. Unknown keys give no row. Called within one commit, by one thread.

    `save` must write a delivery that gives up its place (seq 0) before one that takes it.
    """

    def messages(self, ids: Collection[str]) -> Iterable[MessageRow]:
        """Messages by id."""

    def bodies(self, ids: Collection[str]) -> Iterable[tuple[str, bytes]]:
        """Bodies by message."""

    def deliveries(self, keys: Collection[DeliveryKey]) -> Iterable[DeliveryRow]:
        """Deliveries by key."""

    def deliveries_at(self, places: Collection[Place]) -> Iterable[DeliveryRow]:
        """Deliveries by the place they hold."""

    def lanes(self, names: Collection[str]) -> Iterable[LaneRow]:
        """Lanes by name; a store that many share locks them, in sorted order."""

    def identities(self, keys: Collection[str]) -> Iterable[IdentityRow]:
        """Identities by key."""

    def documents(self, keys: Collection[DocumentKey]) -> Iterable[DocumentRow]:
        """Documents by sender, entity and internal id."""

    def applications(self, names: Collection[str]) -> Iterable[ApplicationRow]:
        """Applications by name."""

    def answers(self, keys: Collection[DeliveryKey]) -> Iterable[AnswerRow]:
        """Answers by the delivery that gave them."""

    def sent_as(self, destination: str, uuid: str) -> DeliveryRow | None:
        """The delivery (kind copy) that an application saw under that UUID: of several the newest
        whose outcome it may still tell, else the newest.
        """

    def due(self, destination: str, now: int, limit: int, *, urgent: bool) -> Iterable[DeliveryRow]:
        """Waiting deliveries due by now, the longest due first.

        `urgent`: only those with a deadline (a synchronous sender waits).
        """

    def overdue(self, now: int, limit: int) -> Iterable[DeliveryRow]:
        """What ran out: leases of `sending`, due times of `awaiting response`, deadlines (if any)
        of `waiting`.
        """

    @property
    def pairs(self) -> PairTables:
        """The tables of the de-para."""

    def save(self, changes: Changes) -> None:
        """Write everything, one statement a table where the store can."""


class Unit:
    """One commit in the making, at one time of the store's clock (µs)."""

    def __init__(self, tables: Tables, now: int) -> None:
        self.tables = tables
        self.now = now
        self.changes = Changes()
        self.pairs = Pairs(tables.pairs, now)
        self.touched: list[DeliveryRow] = []
        """The deliveries written since the ledger began the command in hand."""
        self._messages: dict[str, MessageRow | None] = {}
        self._deliveries: dict[DeliveryKey, DeliveryRow | None] = {}
        self._places: dict[Place, DeliveryKey | None] = {}
        self._lanes: dict[str, LaneRow | None] = {}
        self._identities: dict[str, IdentityRow | None] = {}
        self._documents: dict[DocumentKey, DocumentRow | None] = {}
        self._applications: dict[str, ApplicationRow | None] = {}

    # -- loading: each fetches what is not known yet, in one statement -----------------------------

    def load_messages(self, ids: Collection[str]) -> None:
        """Fetch messages."""
        _fetch(self._messages, ids, self.tables.messages, lambda row: row.id)

    def load_deliveries(self, keys: Collection[DeliveryKey]) -> None:
        """Fetch deliveries by key."""
        _fetch(
            self._deliveries, keys, self.tables.deliveries, lambda row: (row.message, row.number)
        )

    def load_places(self, places: Collection[Place]) -> None:
        """Fetch the deliveries that hold places in lanes."""
        missing = [place for place in places if place not in self._places]
        if not missing:
            return
        self._places.update(dict.fromkeys(missing))
        for row in self.tables.deliveries_at(missing):
            key = (row.message, row.number)
            self._deliveries.setdefault(key, row)
            self._places[row.lane, row.seq] = key

    def load_lanes(self, names: Collection[str]) -> None:
        """Fetch lanes (a store that many share locks them, in sorted order)."""
        _fetch(self._lanes, sorted(set(names)), self.tables.lanes, lambda row: row.name)

    def load_identities(self, keys: Collection[str]) -> None:
        """Fetch identities."""
        _fetch(self._identities, keys, self.tables.identities, lambda row: row.key)

    def load_documents(self, keys: Collection[DocumentKey]) -> None:
        """Fetch the documents of internal ids."""
        _fetch(
            self._documents,
            keys,
            self.tables.documents,
            lambda row: (row.sender, row.entity, row.id),
        )

    def load_applications(self, names: Collection[str]) -> None:
        """Fetch the state of applications."""
        _fetch(self._applications, names, self.tables.applications, lambda row: row.name)

    # -- reading -----------------------------------------------------------------------------------

    def message(self, id_: str) -> MessageRow | None:
        """A message by id."""
        if id_ not in self._messages:
            self.load_messages((id_,))
        return self._messages[id_]

    def delivery(self, key: DeliveryKey) -> DeliveryRow | None:
        """A delivery by key."""
        if key not in self._deliveries:
            self.load_deliveries((key,))
        return self._deliveries[key]

    def at_place(self, lane: str, seq: int) -> DeliveryRow | None:
        """The delivery that holds a place in a lane."""
        self.load_places(((lane, seq),))
        key = self._places[lane, seq]
        return self.delivery(key) if key else None

    def lane(self, name: str) -> LaneRow:
        """A lane; a new one is empty."""
        if name not in self._lanes:
            self.load_lanes((name,))
        return self._lanes[name] or LaneRow(name, entered=0, head=1)

    def identity(self, key: str) -> IdentityRow | None:
        """Which message an identity belongs to."""
        if key not in self._identities:
            self.load_identities((key,))
        return self._identities[key]

    def document(self, key: DocumentKey) -> DocumentRow | None:
        """The document of an internal id."""
        if key not in self._documents:
            self.load_documents((key,))
        return self._documents[key]

    def application(self, name: str) -> ApplicationRow:
        """The state of an application; an unknown one is reachable."""
        if name not in self._applications:
            self.load_applications((name,))
        return self._applications[name] or ApplicationRow(name, paused_until=0, outages=0)

    # -- writing -----------------------------------------------------------------------------------

    def put_message(self, row: MessageRow) -> None:
        """Write a message, new or changed."""
        self._messages[row.id] = self.changes.messages[row.id] = row

    def put_body(self, message: str, body: bytes) -> None:
        """Keep what was received."""
        self.changes.bodies.append((message, body))

    def put_delivery(self, row: DeliveryRow) -> None:
        """Write a delivery, new or changed."""
        key = (row.message, row.number)
        self._deliveries[key] = self.changes.deliveries[key] = row
        self.touched.append(row)
        if row.lane and row.seq:
            self._places[row.lane, row.seq] = key

    def put_lane(self, row: LaneRow) -> None:
        """Write a lane."""
        self._lanes[row.name] = self.changes.lanes[row.name] = row

    def put_identity(self, row: IdentityRow) -> None:
        """Give an identity to a message."""
        self._identities[row.key] = self.changes.identities[row.key] = row

    def put_document(self, row: DocumentRow) -> None:
        """Index an own id to its document."""
        key = (row.sender, row.entity, row.id)
        if self.document(key) != row:
            self._documents[key] = self.changes.documents[key] = row

    def put_business_key(self, row: BusinessKeyRow) -> None:
        """Index what people search by."""
        self.changes.business_keys.append(row)

    def put_attempt(self, row: AttemptRow) -> None:
        """Write an attempt, begun or ended."""
        self.changes.attempts[row.message, row.number, row.attempt] = row

    def put_answer(self, row: AnswerRow) -> None:
        """Keep the answer that a delivery's end gives."""
        self.changes.answers[row.message, row.number] = row

    def put_application(self, row: ApplicationRow) -> None:
        """Write the state of an application."""
        self._applications[row.name] = self.changes.applications[row.name] = row

    def put_fact(self, row: FactRow) -> None:
        """Append a fact."""
        self.changes.facts.append(row)

    def save(self) -> None:
        """Hand everything to the tables."""
        self.tables.save(self.changes)
        self.pairs.save()


def _fetch(
    known: dict[Key, Row | None],
    keys: Collection[Key],
    load: Callable[[Collection[Key]], Iterable[Row]],
    key_of: Callable[[Row], Key],
) -> None:
    """Load the rows of unknown keys, and remember which do not exist."""
    missing = [key for key in keys if key not in known]
    if not missing:
        return
    known.update(dict.fromkeys(missing))
    for row in load(missing):
        known[key_of(row)] = row
