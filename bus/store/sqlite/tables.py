"""The tables of the ledger in SQLite: one statement a call."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

import apsw
import orjson

from bus.core.identity import SEPARATOR
from bus.journal.facts import FactKind, FactRow
from bus.journal.rows import (
    AnswerRow,
    ApplicationRow,
    BusinessKeyRow,
    ConfigurationRow,
    CursorRow,
    DeliveryRow,
    DocumentRow,
    IdentityRow,
    LaneRow,
    MessageRow,
    ProgressRow,
)
from bus.journal.unit import Changes, DeliveryKey, DocumentKey, Place
from bus.store.command_journal import Opening
from bus.store.sqlite.connection import open_for_reading
from bus.store.sqlite.pairs import SqlitePairs
from bus.store.sqlite.rows import NameRow, Value, listed, maker
from bus.store.sqlite.search import Sightings
from bus.store.sqlite.statements import statements
from bus.store.sqlite.upsert import Put, Row

FACTS_OF_AN_OPENING: Final = 1 << 40

_answer = maker(AnswerRow)
_message = maker(MessageRow)
_delivery = maker(DeliveryRow)


class SqliteTables:
    """Rows by key, over the one connection that writes. Opening it ends the leases of others.

    `see` is told the place of the newest fact, message and position, after each commit of facts.
    """

    def __init__(
        self, connection: apsw.Connection, now: int, see: Callable[[str, int], None]
    ) -> None:
        self._connection = connection
        self._see = see
        self._newest: tuple[str, int] | None = None
        self._damaged: set[str] = set()
        self._sql = statements("tables.sql")
        self._puts = _puts()
        self._sightings = Sightings()
        self.pairs = SqlitePairs(connection)
        with self.commit():
            self._opening = connection.execute(self._sql["open"], (now,)).get
            connection.execute(self._sql["end_leases"])
            connection.execute(self._sql["end_readings"])
            connection.execute(self._sql["open_without_pauses"], {"now": now})
            connection.execute(self._sql["open_with_right_times"], {"now": now})
            connection.execute(self._sql["open_end_doubts"])
        self._position = self._opening * FACTS_OF_AN_OPENING
        self.doubted = self._count("open_count_doubts")

    def has_messages(self) -> bool:
        """Whether anything ever arrived."""
        return bool(self._count("open_has_messages"))

    def begin_generation(self, generation: int, why: str, now: int) -> int:
        """Stamp the file. With a `why`, doubt what may have been sent: how many deliveries."""
        with self.commit():
            self._connection.pragma("application_id", generation)
            if why:
                self._connection.execute(self._sql["open_doubts"])
                self.doubted = self._count("open_count_doubts")
                data = {"why": why, "doubts": self.doubted}
                fact = FactRow(now, FactKind.RESTORED, "", 0, 0, "", "", "", data)
                self._put("facts", self._placed([fact]))
        self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        return self.doubted

    @contextmanager
    def commit(self) -> Iterator[None]:
        """All that is written within is on disk when it ends, or none of it."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
            if self._newest:
                self._see(*self._newest)
        finally:
            self._newest = None
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
                self._sightings.forget()

    def earlier_openings(self) -> list[Opening]:
        """When the file was open before, the last time first."""
        found = self._connection.execute(self._sql["openings"], (self._opening,))
        return [Opening._make(row) for row in found]

    def note_lasting(self, lasted: int) -> None:
        """Keep for how long (µs) the file is open, within a commit."""
        asked = {"lasted": lasted, "opening": self._opening}
        self._connection.execute(self._sql["note_lasting"], asked)

    def messages(self, ids: Collection[str]) -> Iterable[MessageRow]:
        """Messages by id."""
        return map(_message, self._listed("messages", ids))

    def bodies(self, ids: Collection[str]) -> Iterable[tuple[str, bytes]]:
        """What was received, by message; without those that were found to be damaged.

        Who meets one first gets its CorruptError, for the commit in hand cannot go on after it.
        """
        try:
            return [(row[0], row[1]) for row in self._query("bodies", {*ids} - self._damaged)]
        except apsw.CorruptError:
            self._damaged |= self._unreadable(ids)
            raise

    def _unreadable(self, ids: Collection[str]) -> set[str]:
        """Those whose body cannot be read, by a connection that no commit depends on."""
        found = set()
        for id_ in ids:
            with closing(open_for_reading(Path(self._connection.filename))) as reading:
                try:
                    reading.execute(self._sql["bodies"], (orjson.dumps([id_]).decode(),)).fetchall()
                except apsw.CorruptError:
                    found.add(id_)
        return found

    def deliveries(self, keys: Collection[DeliveryKey]) -> Iterable[DeliveryRow]:
        """Deliveries by key."""
        return map(_delivery, self._listed("deliveries", keys))

    def deliveries_at(self, places: Collection[Place]) -> Iterable[DeliveryRow]:
        """The deliveries that hold places in lanes; those that are gone hold none."""
        return map(_delivery, self._listed("deliveries_at", places))

    def lanes(self, names: Collection[str]) -> Iterable[LaneRow]:
        """Lanes by name."""
        return map(LaneRow._make, self._listed("lanes", map(place, names)))

    def identities(self, keys: Collection[str]) -> Iterable[IdentityRow]:
        """Identities by key."""
        return map(IdentityRow._make, self._listed("identities", map(place, keys)))

    def documents(self, keys: Collection[DocumentKey]) -> Iterable[DocumentRow]:
        """The documents of internal ids."""
        return map(DocumentRow._make, self._listed("documents", map(place_of_document, keys)))

    def applications(self, names: Collection[str]) -> Iterable[ApplicationRow]:
        """The state of applications."""
        return map(ApplicationRow._make, self._listed("applications", names))

    def cursors(self, applications: Collection[str]) -> Iterable[CursorRow]:
        """How far applications have been read."""
        return map(CursorRow._make, self._listed("cursors", applications))

    def answers(self, keys: Collection[DeliveryKey]) -> Iterable[AnswerRow]:
        """The answers that deliveries gave."""
        return map(_answer, self._query("answers", keys).fetchall())

    def progress(self, keys: Collection[DeliveryKey]) -> Iterable[ProgressRow]:
        """What was recorded of the sends of deliveries."""
        return map(ProgressRow._make, self._listed("progress", keys))

    @property
    def has_doubts(self) -> bool:
        """Whether any delivery was in doubt when the file was opened."""
        return self.doubted > 0

    def doubts(self, keys: Collection[DeliveryKey]) -> Iterable[DeliveryKey]:
        """Which deliveries may have been sent by a bus that this journal does not remember."""
        return ((row[0], row[1]) for row in self._listed("doubts", keys))

    def change_of_whole(self, whole: str) -> int:
        """The change that parts of a whole began, and none ended or undid; or 0."""
        asked = {"kind": FactKind.DEPARA_CHANGED.value, "whole": whole}
        found = self._connection.execute(self._sql["change_of_whole"], asked).get
        return int(found or 0)

    def due(self, destination: str, now: int, limit: int, *, urgent: bool) -> Iterable[DeliveryRow]:
        """Waiting deliveries due by now, the longest due first."""
        asked: dict[str, Value] = {"destination": destination, "now": now, "limit": limit}
        return self._deliveries_where("due_urgently" if urgent else "due", asked)

    def questions(self, destination: str, now: int, limit: int) -> Iterable[DeliveryRow]:
        """Deliveries about which an application is to be asked by now, the longest due first."""
        asked: dict[str, Value] = {"destination": destination, "now": now, "limit": limit}
        return self._deliveries_where("questions", asked)

    def checks(self, destination: str, now: int, limit: int) -> Iterable[DeliveryRow]:
        """Whose effect an application is to be asked for by now, the longest due first."""
        asked: dict[str, Value] = {"destination": destination, "now": now, "limit": limit}
        return self._deliveries_where("checks", asked)

    def overdue(self, now: int, limit: int) -> Iterable[DeliveryRow]:
        """What ran out: leases, waits for a response, synchronous deadlines."""
        return self._deliveries_where("overdue", {"now": now, "limit": limit})

    def newest_configuration(self) -> ConfigurationRow | None:
        """The configuration in force."""
        rows = listed(self._connection.execute(self._sql["newest_configuration"]).get)
        return ConfigurationRow._make(rows[0]) if rows else None

    def put_configuration(self, row: ConfigurationRow) -> None:
        """Append a version of the configuration."""
        self._put("configurations", [row])

    def save(self, changes: Changes) -> None:
        """Write everything, one statement a table, or a few where there is much."""
        # A place is given up before another takes it: the index on places is unique.
        leaving_first = sorted(changes.deliveries.values(), key=lambda row: row.seq != 0)
        self._put("messages", [*changes.messages.values()])
        self._put("bodies", changes.bodies)
        self._put("deliveries", leaving_first)
        self._put("names", names_in(changes))
        self._put("attempts", [*changes.attempts.values()])
        self._put("answers", [*changes.answers.values()])
        if changes.unprogressed:
            self._query("erase_progress", changes.unprogressed)
        self._put("progress", [*changes.progress.values()])
        if changes.undoubted:
            self._query("erase_doubts", changes.undoubted)
        self._put("applications", [*changes.applications.values()])
        self._put("cursors", [*changes.cursors.values()])
        self._put("facts", self._placed(changes.facts))
        self._put("sightings", self._sightings.new_in(changes))

    def _placed(self, facts: Sequence[FactRow]) -> list[Row]:
        """Facts, each after its position in the order of all."""
        first, self._position = self._position, self._position + len(facts)
        if facts:
            self._newest = facts[-1].message, self._position - 1
        return [(first + at, *fact) for at, fact in enumerate(facts)]

    def _count(self, name: str) -> int:
        count: int = self._connection.execute(self._sql[name]).get
        return count

    def _put(self, table: str, rows: Sequence[Row]) -> None:
        if rows:
            self._puts[table].write(self._connection, rows)

    def _query(self, name: str, keys: Iterable[object]) -> apsw.Cursor:
        return self._connection.execute(self._sql[name], (orjson.dumps(list(keys)).decode(),))

    def _listed(self, name: str, keys: Iterable[object]) -> list[list[Any]]:
        return listed(self._query(name, keys).get)

    def _deliveries_where(self, name: str, asked: Mapping[str, Value]) -> Iterable[DeliveryRow]:
        return map(_delivery, listed(self._connection.execute(self._sql[name], asked).get))


def _puts() -> dict[str, Put]:
    """How tables are written. What never changes is not set: indexes on it are left alone."""
    return {
        "messages": Put("messages", "message", fixed=("id", "state")),
        "bodies": Put("bodies", "body"),
        "deliveries": Put(
            "deliveries", "delivery", fixed=("message", "number", "destination", "lane")
        ),
        "names": Put("names", "name", fixed=("name", "kind", "key")),
        "attempts": Put("attempts", "attempt", fixed=("message", "number", "attempt")),
        "answers": Put("answers", "answer", fixed=("message", "number")),
        "progress": Put("progress", "progress", fixed=("message", "number", "name")),
        "applications": Put("applications", "application", fixed=("name",)),
        "cursors": Put("cursors", "cursor", fixed=("application",)),
        "facts": Put("facts", "placed_fact"),
        "sightings": Put("sightings", "sighting"),
        "configurations": Put("configurations", "configuration"),
    }


# -- rows found by names of the world outside, in the table `names` ----------------------------


def place(key: str) -> tuple[str, str]:
    """Where an identity or a lane lies: by the last part of its key, the uuid or the id."""
    return key.rpartition(SEPARATOR)[2], key


def place_of_document(key: DocumentKey) -> tuple[str, str]:
    """Where a document lies: by the internal id that it was used under."""
    sender, entity, id_ = key
    return id_, orjson.dumps((sender, entity)).decode()


def names_in(changes: Changes) -> list[NameRow]:
    """What a commit writes into `names`."""
    return [
        *_uuids(changes),
        *map(_identity, changes.identities.values()),
        *map(_lane, changes.lanes.values()),
        *map(_document, changes.documents.values()),
        *map(_business_key, changes.business_keys),
    ]


def _uuids(changes: Changes) -> Iterator[NameRow]:
    """The uuids of new messages, which are those that bring a body."""
    for id_, _ in changes.bodies:
        yield NameRow(changes.messages[id_].uuid, "uuid", id_)


def _identity(row: IdentityRow) -> NameRow:
    key, message, content_hash, at = row
    return NameRow(place(key)[0], "identity", key, message, content_hash, at)


def _lane(row: LaneRow) -> NameRow:
    name, entered, head, delivered = row
    return NameRow(place(name)[0], "lane", name, entered=entered, head=head, delivered=delivered)


def _document(row: DocumentRow) -> NameRow:
    sender, entity, id_, document = row
    name, key = place_of_document((sender, entity, id_))
    return NameRow(name, "document", key, document=document)


def _business_key(row: BusinessKeyRow) -> NameRow:
    name, value, message = row
    return NameRow(value, "business key", orjson.dumps((message, name)).decode())
