"""The journal in memory: for tests, trials and the simulation. It keeps nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from bus.core.delivery import GONE, HEARD, Kind, State
from bus.core.diagnosis import Confirmation
from bus.core.effect import OPEN_VERDICTS, EffectVerdict
from bus.core.errors import BusFault, Fault
from bus.journal.apply import Command, apply
from bus.journal.commands import Configure
from bus.journal.configure import new_version
from bus.journal.confirm import standing
from bus.journal.facts import FactKind, FactRow, change_of_whole
from bus.journal.rows import (
    AnswerRow,
    ApplicationRow,
    AttemptRow,
    BusinessKeyRow,
    ConfigurationRow,
    CursorRow,
    DeliveryRow,
    DocumentRow,
    IdentityRow,
    LaneRow,
    MessageRow,
    MessageState,
    ProgressRow,
)
from bus.journal.standing import standing_fault
from bus.journal.unit import Changes, DeliveryKey, DocumentKey, Place, Unit
from bus.ports.clock import Clock
from bus.ports.history import Ahead, EffectStock, Filter, Stock, Trace
from bus.store.command_journal import CommandJournal, StoreTime
from bus.store.memory_pairs import MemoryCrossReference, MemoryPairs

Row = TypeVar("Row", DeliveryRow, AttemptRow, AnswerRow, FactRow, ProgressRow)


class MemoryTables:
    """The rows, in dictionaries by key."""

    def __init__(self) -> None:
        self.kept = Changes()
        self.body_of: dict[str, bytes] = {}
        self.place_of: dict[Place, DeliveryKey] = {}
        self.versions: list[ConfigurationRow] = []
        self.pairs = MemoryPairs()

    def messages(self, ids: Collection[str]) -> Iterable[MessageRow]:
        """Messages by id."""
        return [self.kept.messages[id_] for id_ in ids if id_ in self.kept.messages]

    def messages_after(self, id_: str, limit: int) -> Iterable[MessageRow]:
        """The next messages after an id."""
        return sorted(row for row in self.kept.messages.values() if row.id > id_)[:limit]

    def facts(self, messages: Collection[str]) -> Iterable[tuple[int, FactRow]]:
        """The facts of messages, by their positions."""
        return [(at, fact) for at, fact in enumerate(self.kept.facts) if fact.message in messages]

    def attempts(self, messages: Collection[str]) -> Iterable[AttemptRow]:
        """The attempts of messages."""
        return [row for row in self.kept.attempts.values() if row.message in messages]

    def bodies(self, ids: Collection[str]) -> Iterable[tuple[str, bytes]]:
        """Bodies by message."""
        return [(id_, self.body_of[id_]) for id_ in ids if id_ in self.body_of]

    def deliveries(self, keys: Collection[DeliveryKey]) -> Iterable[DeliveryRow]:
        """Deliveries by key."""
        return [self.kept.deliveries[key] for key in keys if key in self.kept.deliveries]

    def deliveries_at(self, places: Collection[Place]) -> Iterable[DeliveryRow]:
        """Deliveries by place."""
        keys = [self.place_of[place] for place in places if place in self.place_of]
        return [self.kept.deliveries[key] for key in keys]

    def lanes(self, names: Collection[str]) -> Iterable[LaneRow]:
        """Lanes by name."""
        return [self.kept.lanes[name] for name in names if name in self.kept.lanes]

    def identities(self, keys: Collection[str]) -> Iterable[IdentityRow]:
        """Identities by key."""
        return [self.kept.identities[key] for key in keys if key in self.kept.identities]

    def documents(self, keys: Collection[DocumentKey]) -> Iterable[DocumentRow]:
        """Documents by internal id."""
        return [self.kept.documents[key] for key in keys if key in self.kept.documents]

    def applications(self, names: Collection[str]) -> Iterable[ApplicationRow]:
        """Applications by name."""
        return [self.kept.applications[name] for name in names if name in self.kept.applications]

    def cursors(self, applications: Collection[str]) -> Iterable[CursorRow]:
        """How far applications have been read."""
        return [self.kept.cursors[name] for name in applications if name in self.kept.cursors]

    def answers(self, keys: Collection[DeliveryKey]) -> Iterable[AnswerRow]:
        """Answers by the delivery that gave them."""
        return [self.kept.answers[key] for key in keys if key in self.kept.answers]

    def progress(self, keys: Collection[DeliveryKey]) -> Iterable[ProgressRow]:
        """What was recorded of sends."""
        return [row for key, row in self.kept.progress.items() if key[:2] in keys]

    @property
    def has_doubts(self) -> bool:
        """None: no copy of it is ever opened."""
        return False

    def doubts(self, keys: Collection[DeliveryKey]) -> Iterable[DeliveryKey]:
        """None: no copy of it is ever opened."""
        return ()

    def change_of_whole(self, whole: str) -> int:
        """The change that parts of a whole began, and none ended or undid; or 0."""
        return change_of_whole(reversed(self.kept.facts), whole, set()) or 0

    def due(
        self,
        destination: str,
        now: int,
        limit: int,
        *,
        urgent: bool,
        besides: Collection[str] = (),
    ) -> Iterable[DeliveryRow]:
        """What waits for an application and is due, the longest due first."""
        found = [
            (row.due_at, row)
            for row in self.kept.deliveries.values()
            if row.destination == destination and row.state is State.WAITING
            if row.due_at is not None and row.due_at <= now and (row.deadline or not urgent)
            if self.kept.messages[row.message].transaction.casefold() not in besides
        ]
        return [row for _, row in sorted(found)[:limit]]

    def sending(self, destination: str) -> int:
        """How many deliveries to an application are leased."""
        return sum(
            row.destination == destination and row.state is State.SENDING
            for row in self.kept.deliveries.values()
        )

    def leased_by(self, worker: str) -> Iterable[DeliveryRow]:
        """Everything that a worker is sending."""
        found = self.kept.deliveries.values()
        return [row for row in found if row.state is State.SENDING and row.worker == worker]

    def questions(self, destination: str, now: int, limit: int) -> Iterable[DeliveryRow]:
        """What an application is to be asked about, the longest due first."""
        found = [
            (row.due_at, row)
            for row in self.kept.deliveries.values()
            if row.destination == destination and row.state is State.UNKNOWN
            if row.due_at is not None and row.due_at <= now
        ]
        return [row for _, row in sorted(found)[:limit]]

    def checks(self, destination: str, now: int, limit: int) -> Iterable[DeliveryRow]:
        """Whose effect an application is to be asked for, the longest due first."""
        found = [
            (row.due_at, row)
            for row in self.kept.deliveries.values()
            if row.destination == destination and row.state is State.DELIVERED
            if row.due_at is not None and row.due_at <= now
        ]
        return [row for _, row in sorted(found)[:limit]]

    def overdue(self, now: int, limit: int) -> Iterable[DeliveryRow]:
        """Leases, waits for a response and deadlines that ran out."""
        return [row for row in self.kept.deliveries.values() if _ran_out(row, now)][:limit]

    def save(self, changes: Changes) -> None:
        """Keep everything."""
        for row in changes.deliveries.values():
            self._take_place(row)
        for gone in [key for key in self.kept.progress if key[:2] in changes.unprogressed]:
            del self.kept.progress[gone]
        for name in Changes.__slots__:
            kept, new = getattr(self.kept, name), getattr(changes, name)
            if isinstance(kept, dict | set):
                kept.update(new)
            else:
                kept.extend(new)
        self.body_of.update(changes.bodies)
        for position, fact in changes.masked:
            self.kept.facts[position] = fact
        if changes.erased:
            self._erase(changes.erased)
        if changes.pruned:
            self._let_go(changes.pruned, changes.forgotten)

    def _erase(self, messages: Collection[str]) -> None:
        for id_ in messages:
            self.body_of.pop(id_, None)
        _remove(self.kept.progress, messages)
        keys = self.kept.business_keys
        keys[:] = [row for row in keys if row.message not in messages]

    def _let_go(self, gone: Mapping[str, str], forgotten: Collection[str]) -> None:
        kept = self.kept
        for id_ in gone:
            del kept.messages[id_]
            self.body_of.pop(id_, None)
        for keyed in (kept.deliveries, kept.attempts, kept.answers, kept.progress):
            _remove(keyed, gone)
        for identity in forgotten:
            del kept.identities[identity]
        kept.facts[:] = [fact for fact in kept.facts if fact.message not in gone]
        kept.business_keys[:] = [row for row in kept.business_keys if row.message not in gone]
        self.place_of = {place: key for place, key in self.place_of.items() if key[0] not in gone}

    def _take_place(self, row: DeliveryRow) -> None:
        key = (row.message, row.number)
        before = self.kept.deliveries.get(key)
        if before and self.place_of.get((before.lane, before.seq)) == key:
            del self.place_of[before.lane, before.seq]
        if row.lane and row.seq:
            self.place_of[row.lane, row.seq] = key


def _remove(rows: dict[Any, Any], messages: Collection[str]) -> None:
    """Remove the rows of messages, by the first part of their keys."""
    for key in [key for key in rows if key[0] in messages]:
        del rows[key]


def _ran_out(row: DeliveryRow, now: int) -> bool:
    match row.state:
        case State.SENDING:
            return row.lease_until <= now
        case State.AWAITING_RESPONSE | State.AWAITING_DEPARA:
            return row.due_at is not None and row.due_at <= now
        case State.WAITING:
            return 0 < row.deadline <= now
        case _:
            return False


class MemoryHistory:
    """Reads the rows as they are."""

    def __init__(self, tables: MemoryTables, time: StoreTime) -> None:
        self._tables = tables
        self._time = time

    async def find(self, id_or_uuid: str) -> tuple[MessageRow, ...]:
        """The message of an id, or those of a UUID, newest first; an empty one names nothing."""
        if not id_or_uuid.strip():
            return ()
        messages = self._tables.kept.messages
        if id_or_uuid in messages:
            return (messages[id_or_uuid],)
        found = [row for row in messages.values() if row.uuid == id_or_uuid]
        return tuple(sorted(found, key=lambda row: row.id, reverse=True))

    async def standings(
        self, ids_or_uuids: Collection[str]
    ) -> tuple[tuple[MessageRow, tuple[DeliveryRow, ...]], ...]:
        """The messages of ids or UUIDs, newest first, with their deliveries."""
        kept = self._tables.kept
        found = [row for row in kept.messages.values() if {row.id, row.uuid} & set(ids_or_uuids)]
        return tuple(
            (row, tuple(sorted(_of(row.id, kept.deliveries.values()))))
            for row in sorted(found, reverse=True)
        )

    async def trace(self, message: str) -> Trace | None:
        """Everything of one message."""
        kept = self._tables.kept
        if message not in kept.messages:
            return None
        return Trace(
            kept.messages[message],
            tuple(sorted(_of(message, kept.deliveries.values()))),
            tuple(sorted(_of(message, kept.attempts.values()))),
            tuple(sorted(_of(message, kept.answers.values()))),
            tuple(_of(message, kept.facts)),
            tuple(row for row in sorted(self._tables.pairs.kept_waits) if row.message == message),
            tuple(sorted(_of(message, kept.progress.values()), key=_by_time)),
            await self.ahead(sorted(_of(message, kept.deliveries.values()))),
            tuple(row for row in await self.pauses() if row.name in self._waited_for(message)),
        )

    def _waited_for(self, message: str) -> set[str]:
        rows = _of(message, self._tables.kept.deliveries.values())
        return {row.destination for row in rows if row.state is State.WAITING}

    async def pauses(self) -> tuple[ApplicationRow, ...]:
        """The applications that are left alone."""
        return tuple(row for row in self._tables.kept.applications.values() if row.paused_until)

    def _differs(
        self, row: MessageRow, deliveries: Iterable[DeliveryRow], destination: str
    ) -> bool:
        numbers = {one.number for one in deliveries if destination in {"", one.destination}}
        return any(
            fact.kind == FactKind.ANSWER_DIFFERS and fact.number in numbers
            for fact in _of(row.id, self._tables.kept.facts)
        )

    async def ahead(self, deliveries: Sequence[DeliveryRow]) -> tuple[Ahead, ...]:
        """What those that wait for their turn wait behind."""
        kept, place_of = self._tables.kept, self._tables.place_of
        found = []
        for row in deliveries:
            turn = (row.lane, kept.lanes[row.lane].head) if row.behind else None
            if turn in place_of:
                head = kept.deliveries[place_of[turn]]
                tried = [one for one in kept.attempts.values() if one[:2] == head[:2]]
                fault = max(tried, key=lambda one: one.attempt).fault if tried else None
                fault = standing_fault(head, fault)
                message = kept.messages[head.message]
                found.append(Ahead(row.message, row.number, head, message, fault))
        return tuple(found)

    async def sent_as(self, destination: str, uuid: str) -> DeliveryRow | None:
        """The copy that an application saw under a UUID: the newest that it may tell of, if any."""
        found = [
            row
            for row in self._tables.kept.deliveries.values()
            if row.destination == destination and row.sent_uuid == uuid and row.kind is Kind.COPY
        ]
        return max(
            found, key=lambda row: (row.state in HEARD, row.message, row.number), default=None
        )

    async def facts(self, message: str) -> tuple[FactRow, ...]:
        """The facts of a message, in their order."""
        return tuple(_of(message, self._tables.kept.facts))

    async def oldest(self) -> int:
        """When the oldest message was received; 0 for none."""
        messages = self._tables.kept.messages
        return messages[min(messages)].received_at if messages else 0

    async def size(self) -> int:
        """Bytes of what was received: nothing else is large."""
        return sum(map(len, self._tables.body_of.values()))

    async def body(self, message: str) -> bytes | None:
        """The body as received."""
        return self._tables.body_of.get(message)

    async def messages(
        self, chosen: Filter
    ) -> tuple[tuple[MessageRow, tuple[DeliveryRow, ...]], ...]:
        """The messages that a filter chooses, newest first, with their deliveries."""
        found = []
        for row in sorted(self._tables.kept.messages.values(), reverse=True):
            deliveries = tuple(sorted(_of(row.id, self._tables.kept.deliveries.values())))
            if chosen.differs and not self._differs(row, deliveries, chosen.destination):
                continue
            if _is_chosen(row, deliveries, chosen, self._tables.kept.business_keys):
                found.append((row, deliveries))
        return tuple(found[: chosen.limit])

    async def stock(self) -> tuple[Stock, ...]:
        """What is not gone, counted by rule, transaction and state."""
        counts: Counter[tuple[str, str, State]] = Counter()
        oldest: dict[tuple[str, str, State], int] = {}
        for row in self._tables.kept.deliveries.values():
            if row.state in GONE or row.kind is Kind.ANSWER:
                continue
            message = self._tables.kept.messages[row.message]
            key = (row.rule, message.transaction, row.state)
            counts[key] += 1
            oldest[key] = min(oldest.get(key, message.received_at), message.received_at)
        return tuple(Stock(*key, counts[key], oldest[key]) for key in sorted(counts))

    async def unfinished(self, applications: Collection[str]) -> Mapping[str, int]:
        """How many deliveries to these applications are not gone."""
        rows = self._tables.kept.deliveries.values()
        open_ = (row for row in rows if row.state not in GONE)
        return Counter(row.destination for row in open_ if row.destination in applications)

    async def without_effect(self) -> tuple[EffectStock, ...]:
        """What is delivered without its effect, counted."""
        counts: Counter[tuple[str, str, EffectVerdict]] = Counter(
            (row.rule, self._tables.kept.messages[row.message].transaction, row.effect)
            for row in self._tables.kept.deliveries.values()
            if row.effect in OPEN_VERDICTS
        )
        return tuple(EffectStock(*key, counts[key]) for key in sorted(counts))

    async def audit(self, table: str) -> AsyncIterator[tuple[object, ...]]:
        """All rows of a table, in its natural order."""
        return self._rows(table)

    async def _rows(self, table: str) -> AsyncIterator[tuple[object, ...]]:
        if table == "bodies":
            rows: Iterable[tuple[object, ...]] = self._tables.body_of.items()
        elif table == "waits":
            rows = sorted(self._tables.pairs.kept_waits)
        elif table == "pairs":
            rows = sorted(self._tables.pairs.rows.values())
        elif table == "changes":
            rows = sorted(self._tables.pairs.changes.values())
        else:
            kept = getattr(self._tables.kept, table)
            rows = sorted(kept.values()) if isinstance(kept, dict) else kept
        for row in list(rows):
            yield row

    async def confirmations(self) -> tuple[Confirmation, ...]:
        """What people have confirmed and not taken back."""
        return tuple(standing(self._tables.kept.facts).values())

    async def damage(self) -> tuple[str, ...]:
        """Nothing: there is no disk."""
        return ()

    async def back_up(self, file: Path) -> int:
        """Impossible: there is no file."""
        raise BusFault(Fault("BACKUP_FAILED", details={"file": str(file), "problem": "memory:"}))

    async def configurations(self, text: str = "", actor: str = "") -> tuple[ConfigurationRow, ...]:
        """The versions, newest first; a text that differs from the newest is recorded first."""
        versions = self._tables.versions
        if text:
            newest = versions[-1] if versions else None
            if new := new_version(newest, Configure(text, actor), self._time.now()):
                versions.append(new[0])
                self._tables.kept.facts.append(new[1])
        return tuple(reversed(versions))


def _by_time(row: ProgressRow) -> tuple[int, int]:
    return row.number, row.at


def _of(message: str, rows: Iterable[Row]) -> Iterator[Row]:
    return (row for row in rows if row.message == message)


def _is_chosen(
    row: MessageRow,
    deliveries: tuple[DeliveryRow, ...],
    chosen: Filter,
    keys: list[BusinessKeyRow],
) -> bool:
    fits = any(
        chosen.destination in {"", one.destination}
        and chosen.state in {"", one.state}
        and chosen.effect in {"", one.effect}
        for one in deliveries
    )
    asks = chosen.destination or chosen.state or chosen.effect
    return all(
        (
            not chosen.transaction or chosen.transaction.casefold() == row.transaction.casefold(),
            not chosen.sender or chosen.sender == row.sender,
            not asks or fits or chosen.state == row.state == MessageState.REJECTED,
            not chosen.key or any(k.message == row.id and k.value == chosen.key for k in keys),
            row.received_at >= chosen.since,
            not chosen.until or row.received_at < chosen.until,
            not chosen.before or row.id < chosen.before,
        )
    )


class MemoryStore:
    """A journal and its history, for as long as the process lives."""

    restored: None = None
    """It is never a copy."""
    notifier: None = None
    """It is this process's alone."""

    def __init__(self, clock: Clock) -> None:
        self.tables = MemoryTables()
        self.clock = clock
        self._time = StoreTime(clock)
        self.journal = CommandJournal(self._carry_out)
        self.history = MemoryHistory(self.tables, self._time)
        self.crossreference = MemoryCrossReference(
            self.tables.pairs, self.tables.kept.attempts, self._carry_out
        )

    async def _carry_out(self, command: Command) -> object:
        unit = Unit(self.tables, self._time.now(), self._time.age)
        result = apply(unit, command)
        unit.save()
        return result

    async def close(self) -> None:
        """Nothing to let go of."""
