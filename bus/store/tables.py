"""The tables of the ledger in a database: one statement a call, the same for every driver."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

import orjson

from bus.core.identity import SEPARATOR
from bus.journal.facts import FactKind, FactRow
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
    ProgressRow,
)
from bus.journal.unit import Changes, DeliveryKey, DocumentKey, Place
from bus.store.command_journal import Opening
from bus.store.database import Database, Row
from bus.store.pairs import StoredPairs
from bus.store.rows import BodyRow, NameRow, Value, maker, storer
from bus.store.search import Sightings

_answer = maker(AnswerRow)
_body = maker(BodyRow)
_message = maker(MessageRow)
_delivery = maker(DeliveryRow)
_fact = maker(FactRow)
_attempt = maker(AttemptRow)
_stored_fact = storer(FactRow)

DEPTH = 2_000
"""Deliveries among which others than those of some transactions are looked for."""

_TABLES = (
    "messages",
    "bodies",
    "deliveries",
    "names",
    "attempts",
    "answers",
    "progress",
    "applications",
    "cursors",
    "facts",
    "sightings",
    "configurations",
)

_OF_MESSAGES = (
    "messages",
    "bodies",
    "deliveries",
    "attempts",
    "answers",
    "progress",
    "doubts",
    "facts",
    "business_keys",
)
"""What goes with a message, and the message itself first."""

_CONTENTS = ("bodies", "progress", "business_keys")
"""What goes with the contents of a message."""


class StoredTables:
    """Rows by key, over the one connection that writes. A driver adds how commits are made."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.sql = database.statements("tables.sql")
        self._writers = {table: self.sql.writer(table) for table in _TABLES}
        self._sightings = Sightings()
        self.pairs = StoredPairs(database)
        self.doubted = self.opening = 0

    def placed(self, facts: Sequence[FactRow]) -> Sequence[Row]:
        """Facts, each after its position in the order of all."""
        raise NotImplementedError

    def has_messages(self) -> bool:
        """Whether anything ever arrived."""
        return bool(self.count("open_has_messages"))

    def doubt(self, why: str, now: int) -> None:
        """Doubt, within a commit, what may have been sent since and may not be sent twice."""
        self.sql.where("open_doubts")
        self.doubted = self.count("open_count_doubts")
        data = {"why": why, "doubts": self.doubted}
        fact = FactRow(now, FactKind.RESTORED, "", 0, 0, "", "", "", data)
        self.put("facts", self.placed([fact]))

    def earlier_openings(self) -> list[Opening]:
        """When the journal was open before, the last time first."""
        return [Opening._make(row) for row in self.sql.where("openings", self.this_opening)]

    def note_lasting(self, lasted: int) -> None:
        """Keep for how long (µs) the journal is open, within a commit."""
        self.sql.where("note_lasting", {"lasted": lasted, **self.this_opening})

    @property
    def this_opening(self) -> dict[str, Value]:
        """The number of this opening, as questions take it."""
        return {"opening": self.opening}

    def count(self, name: str) -> int:
        """The one number that a question answers."""
        ((number,),) = self.sql.where(name)
        return int(number)

    def messages(self, ids: Collection[str]) -> Iterable[MessageRow]:
        """Messages by id."""
        return map(_message, self.sql.by_keys("messages", ids))

    def messages_after(self, id_: str, limit: int) -> Iterable[MessageRow]:
        """The next messages after an id."""
        return map(_message, self.sql.where("messages_after", {"after": id_, "limit": limit}))

    def facts(self, messages: Collection[str]) -> Iterable[tuple[int, FactRow]]:
        """The facts of messages, each message's in their order, by their positions."""
        return ((row[0], _fact(row[1:])) for row in self.sql.by_keys("facts", messages))

    def attempts(self, messages: Collection[str]) -> Iterable[AttemptRow]:
        """The attempts of messages."""
        return map(_attempt, self.sql.by_keys("attempts", messages))

    def bodies(self, ids: Collection[str]) -> Iterable[tuple[str, bytes]]:
        """What was received, by message."""
        return map(_body, self.sql.by_keys("bodies", ids))

    def deliveries(self, keys: Collection[DeliveryKey]) -> Iterable[DeliveryRow]:
        """Deliveries by key."""
        return map(_delivery, self.sql.by_keys("deliveries", keys))

    def deliveries_at(self, places: Collection[Place]) -> Iterable[DeliveryRow]:
        """The deliveries that hold places in lanes; those that are gone hold none."""
        return map(_delivery, self.sql.by_keys("deliveries_at", places))

    def lanes(self, names: Collection[str]) -> Iterable[LaneRow]:
        """Lanes by name."""
        return map(LaneRow._make, self.sql.by_keys("lanes", map(place, names)))

    def identities(self, keys: Collection[str]) -> Iterable[IdentityRow]:
        """Identities by key."""
        return map(IdentityRow._make, self.sql.by_keys("identities", map(place, keys)))

    def documents(self, keys: Collection[DocumentKey]) -> Iterable[DocumentRow]:
        """The documents of internal ids."""
        places = map(place_of_document, keys)
        return map(DocumentRow._make, self.sql.by_keys("documents", places))

    def applications(self, names: Collection[str]) -> Iterable[ApplicationRow]:
        """The state of applications."""
        return map(ApplicationRow._make, self.sql.by_keys("applications", names))

    def cursors(self, applications: Collection[str]) -> Iterable[CursorRow]:
        """How far applications have been read."""
        return map(CursorRow._make, self.sql.by_keys("cursors", applications))

    def answers(self, keys: Collection[DeliveryKey]) -> Iterable[AnswerRow]:
        """The answers that deliveries gave."""
        return map(_answer, self.sql.by_keys("answers", keys))

    def progress(self, keys: Collection[DeliveryKey]) -> Iterable[ProgressRow]:
        """What was recorded of the sends of deliveries."""
        return map(ProgressRow._make, self.sql.by_keys("progress", keys))

    @property
    def has_doubts(self) -> bool:
        """Whether any delivery was in doubt when the journal was opened."""
        return self.doubted > 0

    def doubts(self, keys: Collection[DeliveryKey]) -> Iterable[DeliveryKey]:
        """Which deliveries may have been sent by a bus that this journal does not remember."""
        return ((row[0], row[1]) for row in self.sql.by_keys("doubts", keys))

    def change_of_whole(self, whole: str) -> int:
        """The change that parts of a whole began, and none ended or undid; or 0."""
        asked = {"kind": FactKind.DEPARA_CHANGED.value, "whole": whole}
        found = self.sql.where("change_of_whole", asked)
        return int(found[0][0] or 0) if found else 0

    def due(
        self,
        destination: str,
        now: int,
        limit: int,
        *,
        urgent: bool,
        besides: Collection[str] = (),
    ) -> Iterable[DeliveryRow]:
        """Waiting deliveries due by now, the longest due first."""
        asked: dict[str, Value] = {"destination": destination, "now": now, "limit": limit}
        if besides:
            names = orjson.dumps(sorted(besides)).decode()
            asked |= {"besides": names, "depth": DEPTH, "urgent": int(urgent)}
            return map(_delivery, self.sql.where("due_besides", asked))
        return map(_delivery, self.sql.where("due_urgently" if urgent else "due", asked))

    def sending(self, destination: str) -> int:
        """How many deliveries to an application are leased."""
        found = self.sql.where("sending", {"destination": destination})
        return int(found[0][0])

    def leased_by(self, worker: str) -> Iterable[DeliveryRow]:
        """Everything that a worker is sending."""
        return map(_delivery, self.sql.where("leased_by", {"worker": worker}))

    def questions(self, destination: str, now: int, limit: int) -> Iterable[DeliveryRow]:
        """Deliveries about which an application is to be asked by now, the longest due first."""
        asked: dict[str, Value] = {"destination": destination, "now": now, "limit": limit}
        return map(_delivery, self.sql.where("questions", asked))

    def checks(self, destination: str, now: int, limit: int) -> Iterable[DeliveryRow]:
        """Whose effect an application is to be asked for by now, the longest due first."""
        asked: dict[str, Value] = {"destination": destination, "now": now, "limit": limit}
        return map(_delivery, self.sql.where("checks", asked))

    def overdue(self, now: int, limit: int) -> Iterable[DeliveryRow]:
        """What ran out: leases, waits for a response, synchronous deadlines."""
        return map(_delivery, self.sql.where("overdue", {"now": now, "limit": limit}))

    def newest_configuration(self) -> ConfigurationRow | None:
        """The configuration in force."""
        rows = self.sql.where("newest_configuration")
        return ConfigurationRow._make(rows[0]) if rows else None

    def put_configuration(self, row: ConfigurationRow) -> None:
        """Append a version of the configuration."""
        self.put("configurations", [row])

    def save(self, changes: Changes) -> None:
        """Write everything, one statement a table, or a few where there is much."""
        # A place is given up before another takes it: the index on places is unique.
        leaving_first = sorted(changes.deliveries.values(), key=lambda row: row.seq != 0)
        self.put("messages", [*changes.messages.values()])
        self.put("bodies", changes.bodies)
        self.put("deliveries", leaving_first)
        self.put("names", names_in(changes))
        self.put("attempts", [*changes.attempts.values()])
        self.put("answers", [*changes.answers.values()])
        if changes.unprogressed:
            self.sql.by_keys("erase_progress", changes.unprogressed)
        self.put("progress", [*changes.progress.values()])
        if changes.undoubted:
            self.sql.by_keys("erase_doubts", changes.undoubted)
        self.put("applications", [*changes.applications.values()])
        self.put("cursors", [*changes.cursors.values()])
        self.put("facts", self.placed(changes.facts))
        self.put("sightings", self._sightings.new_in(changes))
        if changes.erased:
            self._erase(changes)
        if changes.pruned:
            self._let_go(changes)

    def _erase(self, changes: Changes) -> None:
        """Remove the contents of messages; the fact that tells so is there already."""
        for table in _CONTENTS:
            self.sql.by_keys(f"let_go_{table}", changes.erased)
        masked = [(fact.message, position, *_words(fact)) for position, fact in changes.masked]
        self.sql.by_keys("mask_facts", masked)

    def _let_go(self, changes: Changes) -> None:
        """Remove messages, and then what hangs on them: facts of a message that is there stay."""
        for table in _OF_MESSAGES:
            self.sql.by_keys(f"let_go_{table}", changes.pruned)
        self.sql.by_keys("let_go_uuids", [(uuid, id_) for id_, uuid in changes.pruned.items()])
        if changes.forgotten:
            self.sql.by_keys("let_go_identities", map(place, changes.forgotten))

    def forget_sightings(self) -> None:
        """Know nothing of what was noted last: it was not committed."""
        self._sightings.forget()

    def put(self, table: str, rows: Sequence[Row]) -> None:
        """Write rows of a table, if there are any."""
        if rows:
            self._writers[table](rows)


def _words(fact: FactRow) -> tuple[Value, Value]:
    """What a fact says in words, as it is kept: its reason and its data."""
    *_, reason, data = _stored_fact(fact)
    return reason, data


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
        *map(_business_key, dict.fromkeys(changes.business_keys)),
    ]


def _uuids(changes: Changes) -> Iterator[NameRow]:
    """The uuids of new messages, which are those that bring a body."""
    for id_, _ in changes.bodies:
        yield NameRow(changes.messages[id_].uuid, "uuid", id_)


def _identity(row: IdentityRow) -> NameRow:
    key, message, content_hash, at = row
    return NameRow(place(key)[0], "identity", key, message, content_hash, at)


def _lane(row: LaneRow) -> NameRow:
    lane = row._asdict()
    name = lane.pop("name")
    return NameRow(place(name)[0], "lane", name, **lane)


def _document(row: DocumentRow) -> NameRow:
    sender, entity, id_, document = row
    name, key = place_of_document((sender, entity, id_))
    return NameRow(name, "document", key, document=document)


def _business_key(row: BusinessKeyRow) -> NameRow:
    name, value, message = row
    return NameRow(value, "business key", orjson.dumps((message, name)).decode())
