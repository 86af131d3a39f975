"""The History port over a database: a reader in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

from bus.core.delivery import State
from bus.core.diagnosis import Confirmation
from bus.core.effect import EffectVerdict
from bus.core.errors import BusFault, Fault
from bus.journal.commands import Configure
from bus.journal.confirm import CONFIRMING, standing
from bus.journal.depara_rows import ChangeRow, WaitRow
from bus.journal.facts import FactRow
from bus.journal.rows import (
    AnswerRow,
    ApplicationRow,
    AttemptRow,
    ConfigurationRow,
    DeliveryRow,
    LaneRow,
    MessageRow,
    ProgressRow,
)
from bus.journal.standing import standing_fault
from bus.ports.history import Ahead, EffectStock, Filter, Stock, Trace
from bus.store.database import Database
from bus.store.reader_thread import ReadingThread
from bus.store.rows import BodyRow, Value, maker
from bus.store.search import chosen
from bus.store.tables import place
from depara.model import PairRow


class StoredHistory:
    """Reads the journal. `configure` records a configuration; None where another process has it."""

    def __init__(
        self,
        reading: ReadingThread,
        configure: Callable[[Configure], Awaitable[object]] | None = None,
    ) -> None:
        self._reading = reading
        self._reader = HistoryReader(reading.database)
        self._configure = configure

    async def find(self, id_or_uuid: str) -> tuple[MessageRow, ...]:
        """The messages of a bus id (at most one) or a sender's UUID (newest first)."""
        return await self._reading.ask(self._reader.find, id_or_uuid)

    async def standings(
        self, ids_or_uuids: Collection[str]
    ) -> tuple[tuple[MessageRow, tuple[DeliveryRow, ...]], ...]:
        """The messages of bus ids or senders' UUIDs, newest first, each with its deliveries."""
        return await self._reading.ask(self._reader.standings, ids_or_uuids)

    async def trace(self, message: str) -> Trace | None:
        """Everything of one message, as of one moment."""
        return await self._reading.ask(self._reader.trace, message)

    async def facts(self, message: str) -> tuple[FactRow, ...]:
        """The facts of a message, in their order."""
        return await self._reading.ask(self._reader.facts, message)

    async def oldest(self) -> int:
        """When the oldest message that is kept was received; 0 for none."""
        return await self._reading.ask(self._reader.oldest)

    async def size(self) -> int:
        """Bytes that the journal takes, about, without the room that it uses again."""
        return await self._reading.ask(self._reading.database.size)

    async def body(self, message: str) -> bytes | None:
        """The carrier's body as received; None once erased."""
        return await self._reading.ask(self._reader.body, message)

    async def messages(
        self, chosen: Filter
    ) -> tuple[tuple[MessageRow, tuple[DeliveryRow, ...]], ...]:
        """The messages that a filter chooses, each with its deliveries."""
        return await self._reading.ask(self._reader.messages, chosen)

    async def ahead(self, deliveries: Sequence[DeliveryRow]) -> tuple[Ahead, ...]:
        """What those that wait for their turn wait behind."""
        return await self._reading.ask(self._reader.ahead, deliveries)

    async def pauses(self) -> tuple[ApplicationRow, ...]:
        """The applications that are left alone."""
        return await self._reading.ask(self._reader.pauses)

    async def unfinished(self, applications: Collection[str]) -> Mapping[str, int]:
        """How many deliveries to these applications are not gone."""
        return await self._reading.ask(self._reader.unfinished, tuple(applications))

    async def stock(self) -> tuple[Stock, ...]:
        """What is not gone, counted."""
        return await self._reading.ask(self._reader.stock)

    async def without_effect(self) -> tuple[EffectStock, ...]:
        """What is delivered without its effect, counted."""
        return await self._reading.ask(self._reader.without_effect)

    async def audit(self, table: str) -> AsyncIterator[AuditedRow]:
        """All rows of a table in the order of its keys; facts by message, then as they happened."""
        return self._rows(table, AUDITS[table].start)

    async def confirmations(self) -> tuple[Confirmation, ...]:
        """What people have confirmed and not taken back."""
        return await self._reading.ask(self._reader.confirmations)

    async def damage(self) -> tuple[str, ...]:
        """What the database itself finds wrong with the tables."""
        return await self._reading.ask(self._reading.database.damage)

    async def back_up(self, file: Path) -> int:
        """Copy the journal into a new file, by a connection of its own; its length in bytes."""
        stop = threading.Event()
        try:
            return await asyncio.to_thread(self._reading.database.back_up, file, stop)
        finally:
            stop.set()  # whoever waits no more must not be waited for when the bus stops

    async def sent_as(self, destination: str, uuid: str) -> DeliveryRow | None:
        """The delivery that an application saw under a UUID."""
        return await self._reading.ask(self._reader.sent_as, destination, uuid)

    async def configurations(self, text: str = "", actor: str = "") -> tuple[ConfigurationRow, ...]:
        """The versions, newest first; a text that differs from the newest is recorded first."""
        if text and self._configure is None:
            raise BusFault(Fault("JOURNAL_IN_USE", details={"path": self._reading.database.place}))
        if text and self._configure:
            await self._configure(Configure(text, actor))
        return await self._reading.ask(self._reader.configurations)

    async def _rows(self, table: str, start: Key) -> AsyncIterator[AuditedRow]:
        after: Key | None = start
        while after is not None:
            rows, after = await self._reading.ask(self._reader.audit, table, after)
            for row in rows:
                yield row


# -- over a connection that only reads ---------------------------------------------------------


_answer = maker(AnswerRow)
_body = maker(BodyRow)
_message = maker(MessageRow)
_delivery = maker(DeliveryRow)
_wait = maker(WaitRow)
_attempt = maker(AttemptRow)
_fact = maker(FactRow)

Key = tuple[str | int, ...]
AuditedRow = tuple[object, ...]


class Audit(NamedTuple):
    """How a table is read through: into what, from which key on, and whether rows may be long.

    Long ones, with bytes that may be megabytes, are read a few at a time.
    """

    make: Callable[[Sequence[Any]], AuditedRow]
    start: Key
    long: bool = False

    @property
    def page(self) -> int:
        """How many rows are read at once."""
        return 20 if self.long else 500


AUDITS = {
    "facts": Audit(_fact, ("", -1)),
    "messages": Audit(_message, ("",)),
    "deliveries": Audit(_delivery, ("", -1)),
    "lanes": Audit(LaneRow._make, ("", "")),
    "attempts": Audit(_attempt, ("", -1, -1), long=True),
    "answers": Audit(_answer, ("", -1), long=True),
    "waits": Audit(_wait, ("", -1, "", "", "", "", "", "")),
    "bodies": Audit(_body, ("",), long=True),
    "pairs": Audit(PairRow._make, (0,)),
    "changes": Audit(ChangeRow._make, (0,)),
}
"""The tables that can be read through."""


class HistoryReader:
    """Answers questions about the journal, each as of one moment."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = database.statements("history.sql")

    def find(self, id_or_uuid: str) -> tuple[MessageRow, ...]:
        """The message of a bus id, or the messages of a sender's UUID, newest first.

        An empty one names nothing: those that came without a UUID are not of it.
        """
        if not id_or_uuid.strip():
            return ()
        return self._messages([id_or_uuid]) or self._messages(
            [row[0] for row in self._sql.where("by_uuid", {"uuid": id_or_uuid})]
        )

    def standings(
        self, ids_or_uuids: Collection[str]
    ) -> tuple[tuple[MessageRow, tuple[DeliveryRow, ...]], ...]:
        """The messages of bus ids or senders' UUIDs, each with its deliveries, as of one moment."""
        with self._database.moment():
            named = [row[0] for row in self._sql.by_keys("by_uuids", ids_or_uuids)]
            return self._with_deliveries([*ids_or_uuids, *named])

    def trace(self, message: str) -> Trace | None:
        """Everything of one message, as of one moment."""
        with self._database.moment():
            found = self._messages([message])
            return self._told(found[0]) if found else None

    def _told(self, message: MessageRow) -> Trace:
        asked = {"message": message.id}
        deliveries = tuple(self._deliveries([message.id]))
        return Trace(
            message,
            deliveries,
            tuple(map(_attempt, self._sql.where("attempts", asked))),
            tuple(map(_answer, self._sql.where("answers", asked))),
            self.facts(message.id),
            tuple(map(_wait, self._sql.where("waits", asked))),
            tuple(map(ProgressRow._make, self._sql.where("progress", asked))),
            self._ahead(deliveries),
            self._pauses_of(deliveries),
        )

    def _pauses_of(self, deliveries: Sequence[DeliveryRow]) -> tuple[ApplicationRow, ...]:
        waited_for = {row.destination for row in deliveries if row.state is State.WAITING}
        return tuple(row for row in self.pauses() if row.name in waited_for) if waited_for else ()

    def pauses(self) -> tuple[ApplicationRow, ...]:
        """The applications that are left alone."""
        return tuple(map(ApplicationRow._make, self._sql.where("pauses")))

    def ahead(self, deliveries: Sequence[DeliveryRow]) -> tuple[Ahead, ...]:
        """What those that wait for their turn wait behind, as of one moment."""
        with self._database.moment():
            return self._ahead(deliveries)

    def _ahead(self, deliveries: Sequence[DeliveryRow]) -> tuple[Ahead, ...]:
        waiting = [row for row in deliveries if row.behind]
        if not waiting:
            return ()
        places = [*map(place, {row.lane for row in waiting})]
        heads = {row.lane: row for row in map(_delivery, self._sql.by_keys("heads", places))}
        messages = {row.id: row for row in self._messages([one.message for one in heads.values()])}
        faults = {lane: self._fault(head) for lane, head in heads.items()}
        return tuple(
            Ahead(row.message, row.number, head, messages[head.message], faults[row.lane])
            for row in waiting
            if (head := heads.get(row.lane)) and head.message in messages
        )

    def _fault(self, delivery: DeliveryRow) -> Fault | None:
        """Why a delivery stands where it stands."""
        asked: dict[str, Value] = {"message": delivery.message, "number": delivery.number}
        found = self._sql.where("last_attempt", asked)
        return standing_fault(delivery, _attempt(found[0]).fault if found else None)

    def sent_as(self, destination: str, uuid: str) -> DeliveryRow | None:
        """The delivery that an application saw under a UUID."""
        asked = {"destination": destination, "uuid": uuid}
        found = self._sql.where("sent_as", asked)
        return _delivery(found[0]) if found else None

    def confirmations(self) -> tuple[Confirmation, ...]:
        """What people have confirmed and not taken back."""
        facts = self._sql.by_keys("confirmations", CONFIRMING)
        return tuple(standing(map(_fact, facts)).values())

    def facts(self, message: str) -> tuple[FactRow, ...]:
        """The facts of a message, in their order."""
        return tuple(map(_fact, self._sql.where("facts", {"message": message})))

    def oldest(self) -> int:
        """When the oldest message was received; 0 for none."""
        found = self._sql.where("oldest")
        return int(found[0][0]) if found else 0

    def body(self, message: str) -> bytes | None:
        """The carrier's body as received; None once erased."""
        found = self._sql.where("body", {"message": message})
        return _body(found[0]).body if found else None

    def messages(self, wanted: Filter) -> tuple[tuple[MessageRow, tuple[DeliveryRow, ...]], ...]:
        """The messages that a filter chooses, each with its deliveries."""
        with self._database.moment():
            return self._with_deliveries(chosen(self._database, wanted))

    def _with_deliveries(
        self, ids: Sequence[str]
    ) -> tuple[tuple[MessageRow, tuple[DeliveryRow, ...]], ...]:
        deliveries: dict[str, list[DeliveryRow]] = {}
        for row in self._deliveries(ids):
            deliveries.setdefault(row.message, []).append(row)
        return tuple((row, tuple(deliveries.get(row.id, ()))) for row in self._messages(ids))

    def stock(self) -> tuple[Stock, ...]:
        """What is not gone, counted."""
        return tuple(
            Stock(rule, transaction, State(state), count, oldest)
            for rule, transaction, state, count, oldest in self._sql.where("stock")
        )

    def unfinished(self, applications: tuple[str, ...]) -> Mapping[str, int]:
        """How many deliveries to these applications are not gone."""
        return {
            str(name): int(count) for name, count in self._sql.by_keys("unfinished", applications)
        }

    def without_effect(self) -> tuple[EffectStock, ...]:
        """What is delivered without its effect, counted."""
        return tuple(
            EffectStock(rule, transaction, EffectVerdict(effect), count)
            for rule, transaction, effect, count in self._sql.where("without_effect")
        )

    def configurations(self) -> tuple[ConfigurationRow, ...]:
        """The versions of the configuration, oldest first."""
        return tuple(map(ConfigurationRow._make, self._sql.where("configurations")))

    def audit(self, table: str, after: Key) -> tuple[list[AuditedRow], Key | None]:
        """Some rows of a table after a key, and the key to go on from; None at the end."""
        audit = AUDITS[table]
        asked: dict[str, Value] = {f"after_{at}": value for at, value in enumerate(after)}
        rows = self._sql.where(f"audit_{table}", asked | {"limit": audit.page})
        width = len(after)
        ended = len(rows) < audit.page
        following = None if ended else cast("Key", tuple(rows[-1][:width]))
        return [audit.make(row[width:]) for row in rows], following

    def _messages(self, ids: Sequence[str]) -> tuple[MessageRow, ...]:
        return tuple(map(_message, self._sql.by_keys("messages", ids)))

    def _deliveries(self, ids: Sequence[str]) -> list[DeliveryRow]:
        return [*map(_delivery, self._sql.by_keys("deliveries", ids))]
