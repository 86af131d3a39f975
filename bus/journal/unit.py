"""What a store must do for the ledger: load rows by key and save them, many at a time.

A store implements `Tables` with one statement a call. `Unit` is one commit in the making: it reads
through to the tables once, keeps what it read, and gathers what is to be written.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Generic, Protocol, TypeVar

from bus.journal.facts import FactRow, change_of_whole
from bus.journal.pairs import Pairs, PairTables
from bus.journal.rows import (
    AnswerRow,
    ApplicationRow,
    AttemptRow,
    BusinessKeyRow,
    CursorRow,
    DeliveryRow,
    DocumentRow,
    IdentityRow,
    LaneRow,
    MessageRow,
    ProgressRow,
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
    cursors: dict[str, CursorRow] = field(default_factory=dict)
    facts: list[FactRow] = field(default_factory=list)
    progress: dict[tuple[str, int, str], ProgressRow] = field(default_factory=dict)
    unprogressed: set[DeliveryKey] = field(default_factory=set)
    """Deliveries whose progress is erased, before any is written."""
    undoubted: set[DeliveryKey] = field(default_factory=set)
    """Deliveries that are in doubt no more."""
    pruned: dict[str, str] = field(default_factory=dict)
    """The uuids of messages that are let go, by their ids."""
    forgotten: set[str] = field(default_factory=set)
    """Identities that are let go with them."""
    erased: set[str] = field(default_factory=set)
    """Messages whose body, calls and business keys are removed."""
    masked: list[tuple[int, FactRow]] = field(default_factory=list)
    """Facts of those, each by its position, without their words."""


class Tables(Protocol):
    """Rows by key. Unknown keys give no row. Called within one commit, by one thread.

    `save` must write a delivery that gives up its place (seq 0) before one that takes it.
    """

    def messages(self, ids: Collection[str]) -> Iterable[MessageRow]:
        """Messages by id."""

    def messages_after(self, id_: str, limit: int) -> Iterable[MessageRow]:
        """The next messages after an id, in the order of ids."""

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

    def cursors(self, applications: Collection[str]) -> Iterable[CursorRow]:
        """How far applications have been read, by name."""

    def answers(self, keys: Collection[DeliveryKey]) -> Iterable[AnswerRow]:
        """Answers by the delivery that gave them."""

    def progress(self, keys: Collection[DeliveryKey]) -> Iterable[ProgressRow]:
        """What was recorded of the sends of deliveries."""

    @property
    def has_doubts(self) -> bool:
        """Whether there may be any of the next."""

    def doubts(self, keys: Collection[DeliveryKey]) -> Iterable[DeliveryKey]:
        """Those of these deliveries that may have been sent, unknown to a journal that is a copy,
        or goes back in time.
        """

    def due(
        self,
        destination: str,
        now: int,
        limit: int,
        *,
        urgent: bool,
        besides: Collection[str] = (),
    ) -> Iterable[DeliveryRow]:
        """Waiting deliveries due by now, the longest due first.

        `urgent`: only those with a deadline (a synchronous sender waits). `besides`: none of these
        casefolded transactions; a store may look for others among the first 2,000 alone.
        """

    def sending(self, destination: str) -> int:
        """How many deliveries to an application are leased, by whatever process."""

    def leased_by(self, worker: str) -> Iterable[DeliveryRow]:
        """Everything that a worker is sending."""

    def questions(self, destination: str, now: int, limit: int) -> Iterable[DeliveryRow]:
        """`unknown` deliveries whose destination is to be asked by now, the longest due first."""

    def checks(self, destination: str, now: int, limit: int) -> Iterable[DeliveryRow]:
        """`delivered` ones whose effect is to be asked for by now, the longest due first."""

    def overdue(self, now: int, limit: int) -> Iterable[DeliveryRow]:
        """What ran out: leases of `sending`, due times of `awaiting response`, deadlines (if any)
        of `waiting`.
        """

    def facts(self, messages: Collection[str]) -> Iterable[tuple[int, FactRow]]:
        """The facts of messages, each message's in their order, by their positions."""

    def attempts(self, messages: Collection[str]) -> Iterable[AttemptRow]:
        """The attempts of messages."""

    def change_of_whole(self, whole: str) -> int:
        """The change of the de-para that parts of a whole began, and none ended or undid; or 0.

        The facts tell: the newest `de-para changed` that names the whole says that more follows,
        and none after it undoes its change.
        """

    @property
    def pairs(self) -> PairTables:
        """The tables of the de-para."""

    def save(self, changes: Changes) -> None:
        """Write everything, one statement a table where the store can; what is let go, last."""


_ID = attrgetter("id")
_NAME = attrgetter("name")
_KEY = attrgetter("key")
_APPLICATION = attrgetter("application")
_DELIVERY_KEY = attrgetter("message", "number")
_DOCUMENT_KEY = attrgetter("sender", "entity", "id")


class Rows(Generic[Key, Row]):
    """The rows of one table as a commit sees them: each is read once, and those written are kept.

    `empty` makes the row of a key that has none; without it such a key gives None.
    """

    __slots__ = ("_empty", "_key_of", "_known", "_read", "_written")

    def __init__(
        self,
        read: Callable[[Collection[Key]], Iterable[Row]],
        key_of: Callable[[Row], Key],
        written: dict[Key, Row],
        empty: Callable[[Key], Row | None] = lambda _: None,
    ) -> None:
        self._read = read
        self._key_of = key_of
        self._written = written
        self._empty = empty
        self._known: dict[Key, Row | None] = {}

    def load(self, keys: Collection[Key]) -> None:
        """Read the rows of keys that are not known yet, in one statement."""
        known = self._known
        missing = [key for key in keys if key not in known]
        if missing:
            known.update(dict.fromkeys(missing))
            for row in self._read(missing):
                known[self._key_of(row)] = row

    def find(self, key: Key) -> Row | None:
        """The row of a key; None where there is none."""
        if key not in self._known:
            self.load((key,))
        return self._known[key]

    def get(self, key: Key) -> Row:
        """The row of a key, or the empty one."""
        row = self.find(key)
        if row is None:
            row = self._empty(key)
        if row is None:
            raise KeyError(key)
        return row

    def see(self, row: Row) -> None:
        """Know a row that was read by another way."""
        self._known.setdefault(self._key_of(row), row)

    def put(self, row: Row) -> None:
        """Write a row, new or changed."""
        key = self._key_of(row)
        self._known[key] = self._written[key] = row

    def drop(self, key: Key) -> None:
        """Know that a row is not there any more, and write nothing of it."""
        self._known[key] = None
        self._written.pop(key, None)


class Unit:
    """One commit in the making, at one time of the store's clock (µs).

    `age` tells how much time passed since another (µs), which is less where nobody had the journal.
    """

    def __init__(self, tables: Tables, now: int, age: Callable[[int], int]) -> None:
        self.tables = tables
        self.now = now
        self.age = age
        self.changes = changes = Changes()
        self.pairs = Pairs(tables.pairs, now)
        self.touched: list[DeliveryRow] = []
        """The deliveries written since the command in hand began."""
        self.messages = Rows(tables.messages, _ID, changes.messages)
        self.deliveries = Rows(tables.deliveries, _DELIVERY_KEY, changes.deliveries)
        # A store that many share locks them, in sorted order.
        self.lanes = Rows(tables.lanes, _NAME, changes.lanes, lambda name: LaneRow(name, 0, 1))
        self.identities = Rows(tables.identities, _KEY, changes.identities)
        self.documents = Rows(tables.documents, _DOCUMENT_KEY, changes.documents)
        self.applications = Rows(
            tables.applications,
            _NAME,
            changes.applications,
            ApplicationRow,
        )
        self.cursors = Rows(
            tables.cursors,
            _APPLICATION,
            changes.cursors,
            lambda name: CursorRow(name, "", 0, "", 0),
        )
        self._places: dict[Place, DeliveryKey | None] = {}

    def load_places(self, places: Collection[Place]) -> None:
        """Fetch the deliveries that hold places in lanes."""
        missing = [place for place in places if place not in self._places]
        if not missing:
            return
        self._places.update(dict.fromkeys(missing))
        for row in self.tables.deliveries_at(missing):
            self.deliveries.see(row)
            self._places[row.lane, row.seq] = (row.message, row.number)

    def at_place(self, lane: str, seq: int) -> DeliveryRow | None:
        """The delivery that holds a place in a lane."""
        self.load_places(((lane, seq),))
        key = self._places[lane, seq]
        return self.deliveries.find(key) if key else None

    def put_delivery(self, row: DeliveryRow) -> None:
        """Write a delivery, new or changed, and note that it was touched."""
        self.deliveries.put(row)
        self.touched.append(row)
        if row.lane and row.seq:
            self._places[row.lane, row.seq] = (row.message, row.number)

    def put_document(self, row: DocumentRow) -> None:
        """Index an own id to its document."""
        if self.documents.find((row.sender, row.entity, row.id)) != row:
            self.documents.put(row)

    def put_body(self, message: str, body: bytes) -> None:
        """Keep what was received."""
        self.changes.bodies.append((message, body))

    def put_business_key(self, row: BusinessKeyRow) -> None:
        """Index what people search by."""
        self.changes.business_keys.append(row)

    def put_attempt(self, row: AttemptRow) -> None:
        """Write an attempt, begun or ended."""
        self.changes.attempts[row.message, row.number, row.attempt] = row

    def put_answer(self, row: AnswerRow) -> None:
        """Keep the answer that a delivery's end gives."""
        self.changes.answers[row.message, row.number] = row

    def progress_of(self, keys: Collection[DeliveryKey]) -> list[ProgressRow]:
        """What was recorded of the sends of deliveries, by this commit too."""
        wanted = set(keys)
        kept = [*self.tables.progress(wanted - self.changes.unprogressed)] if wanted else []
        new = [row for key, row in self.changes.progress.items() if key[:2] in wanted]
        return [*{row[:3]: row for row in (*kept, *new)}.values()]

    def put_progress(self, row: ProgressRow) -> None:
        """Keep a call that was made."""
        self.changes.progress[row[:3]] = row

    def erase_progress(self, key: DeliveryKey) -> None:
        """Forget which calls of a delivery were made."""
        progress = self.changes.progress
        for one in [one for one in progress if one[:2] == key]:
            del progress[one]
        self.changes.unprogressed.add(key)

    def take_doubt(self, key: DeliveryKey) -> bool:
        """Whether a delivery was in doubt until now."""
        doubted = self.tables.has_doubts and key not in self.changes.undoubted
        if not doubted or not [*self.tables.doubts((key,))]:
            return False
        self.changes.undoubted.add(key)
        return True

    def let_go(self, message: MessageRow, *, keep_identity: bool) -> None:
        """Remove a message and all that is kept of it alone."""
        self.messages.drop(message.id)
        for number in range(1, message.deliveries + 1):
            self.deliveries.drop((message.id, number))
        self.changes.pruned[message.id] = message.uuid
        known = self.identities.find(message.identity) if message.identity else None
        if known and known.message == message.id and not keep_identity:
            self.identities.drop(message.identity)
            self.changes.forgotten.add(message.identity)

    def put_fact(self, row: FactRow) -> None:
        """Append a fact."""
        self.changes.facts.append(row)

    def change_of_whole(self, whole: str) -> int:
        """The change of the de-para that the next part of a whole goes on with; or 0."""
        undone: set[int] = set()
        begun = change_of_whole(reversed(self.changes.facts), whole, undone)
        if begun is None:
            begun = self.tables.change_of_whole(whole)
        return 0 if begun in undone else begun

    def save(self) -> None:
        """Hand everything to the tables."""
        self.tables.save(self.changes)
        if self.pairs.changes:
            self.pairs.save()
