"""Who called what how, and when: what the ids of a history are held against.

The book is kept by the world from what was committed. What a message was sent under, who waits and
who was taught is looked at by the checks, not by the rules of the bus for translating and waking.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import product
from typing import Any, NamedTuple

from bus.core.delivery import Kind, Reason, State, Step
from bus.core.envelope import Event
from bus.core.outcome import Outcome
from bus.journal.commands import (
    ChangeDepara,
    ClaimDue,
    Operate,
    RecordAttempt,
    Recorded,
    RecordResponse,
)
from bus.journal.rows import DeliveryRow
from bus.store.memory import MemoryStore
from depara.model import Key
from tests.simulation.chronicle import Call, Chronicle
from tests.simulation.stage import DESTINATIONS, FEED, NAMEABLE, SENDERS
from tests.simulation.texts import NAMED, fields_of

Ids = frozenset[str]
"""What one application calls a thing of another's: none, one, or several."""
NOBODYS: Ids = frozenset()


class Wait(StrEnum):
    """What a wait for an id comes to."""

    BEGAN = "began"
    BY_ANSWER = "an answer brought it"
    BY_PERSON = "a person set it"
    BY_COMMAND = "a person blocked or discarded what waits"
    BY_TIME = "it never came"
    SUPERSEDED = "a newer message took its place"
    OUTLIVED = "the process died meanwhile"
    TOLD = "whoever waited for the answer was told"


class Thing(NamedTuple):
    """Something that a sender names, and who reads it."""

    entity: str
    sender: str
    id: str
    reader: str

    @property
    def key(self) -> Key:
        """What the sender calls it."""
        return Key(self.entity, self.sender, "", self.id)


THINGS = tuple(
    Thing(entity, sender, id_, reader)
    for (entity, ids), sender, reader in product(NAMEABLE.items(), (*SENDERS, FEED), DESTINATIONS)
    for id_ in ids
)


class NameBook:
    """What every reader called every thing, from when on, as it was committed."""

    def __init__(self, store: MemoryStore, chronicle: Chronicle, time: Callable[[], float]) -> None:
        self._kept = store.tables.kept
        self._bodies = store.tables.body_of
        self._pairs = store.tables.pairs
        self._chronicle = chronicle
        self._time = time
        self._changes = 0
        self._spans: dict[Thing, list[tuple[float, Ids]]] = {}
        self._claimed: dict[tuple[str, int, int], float] = {}
        self._told: set[tuple[str, int]] = set()
        self._waiting: set[tuple[str, int]] = set()
        self.waits: Counter[Wait] = Counter()
        """What became of those who waited."""

    # -- what is looked up -------------------------------------------------------------------------

    def now(self, thing: Thing) -> Ids:
        """What its reader calls it."""
        return self._spans[thing][-1][1] if thing in self._spans else NOBODYS

    def between(self, thing: Thing, since: float, until: float) -> list[Ids]:
        """What its reader called it in a span of time, one after the other."""
        spans = [(-1.0, NOBODYS), *self._spans.get(thing, [])]
        ends = [at for at, _ in spans[1:]] + [float("inf")]
        pairs = zip(spans, ends, strict=True)
        return [ids for (at, ids), end in pairs if at <= until and end >= since]

    def claimed(self, row: DeliveryRow) -> float:
        """When a delivery was last taken to be sent."""
        return self._claimed.get((row.message, row.number, row.tries), 0.0)

    def references(self, row: DeliveryRow) -> Iterator[tuple[str, Thing]]:
        """The things that the message of a delivery names, by the field."""
        message = self._kept.messages[row.message]
        fields = fields_of(self._bodies[row.message])
        for field, entity in NAMED.get(message.transaction, {}).items():
            if fields.get(field):
                yield field, Thing(entity, message.sender, fields[field], row.destination)

    def own(self, row: DeliveryRow) -> Thing | None:
        """What the message of a delivery is about, where it is something that others name."""
        message = self._kept.messages[row.message]
        if message.transaction not in NAMEABLE:
            return None
        fields = fields_of(self._bodies[row.message])
        return Thing(message.transaction, message.sender, fields["document"], row.destination)

    def lacks(self, row: DeliveryRow) -> list[Thing]:
        """The things that a delivery names and whose id its reader lacks."""
        return [one for _, one in self.references(row) if len(self.now(one)) != 1]

    def lacked(self, row: DeliveryRow, since: float, until: float) -> bool:
        """Whether it lacked one of them at any moment."""
        return any(
            len(ids) != 1
            for _, one in self.references(row)
            for ids in self.between(one, since, until)
        )

    # -- what is noted with each commit ------------------------------------------------------------

    def note(self, command: object, result: object) -> None:
        """Look at what a commit has changed."""
        self._note_names()
        for row in self._kept.deliveries.values():
            if row.state is State.SENDING:  # by a claim, or as it was accepted
                self._claimed.setdefault((row.message, row.number, row.tries), self._time())
        if isinstance(command, RecordAttempt) and command.step is Step.AWAIT_DEPARA:
            self._began_to_wait(command)
        ended = command.ended if isinstance(command, RecordResponse) else command
        if isinstance(ended, RecordAttempt) and isinstance(result, Recorded):
            self._was_taught(ended, result.delivery)
        self._note_waits(command)
        self._nobody_sleeps()

    def note_death(self) -> None:
        """Note that a process dies."""
        if self._waiting:
            self.waits[Wait.OUTLIVED] += 1

    def _note_waits(self, command: object) -> None:
        rows = self._kept.deliveries.items()
        waiting = {key for key, row in rows if row.state is State.AWAITING_DEPARA}
        self.waits[Wait.BEGAN] += len(waiting - self._waiting)
        for key in self._waiting - waiting:
            self.waits[_ended_by(command, self._kept.deliveries[key])] += 1
        if isinstance(command, RecordAttempt) and _is_told(command):
            self.waits[Wait.TOLD] += 1
        self._waiting = waiting

    def _note_names(self) -> None:
        changes = len(self._pairs.changes) + len(self._pairs.rows)
        closed = sum(1 for row in self._pairs.rows.values() if row.until)
        if changes + closed == self._changes:
            return
        self._changes = changes + closed
        for thing in THINGS:
            ids = self._ids(thing)
            if ids != self.now(thing):
                self._spans.setdefault(thing, []).append((self._time(), ids))
                called = ", ".join(sorted(ids)) or "nothing"
                self._chronicle.tell(
                    self._time(),
                    "journal",
                    f"{thing.sender}'s {thing.entity} {thing.id} is {called} at {thing.reader}",
                )

    def _ids(self, thing: Thing) -> Ids:
        row = self._pairs.by_key.get(thing.key)
        members: Sequence[Any] = list(self._pairs.members((row.identity,))) if row else []
        return frozenset(one.id for one in members if one.application == thing.reader)

    def _began_to_wait(self, ended: RecordAttempt) -> None:
        row = self._kept.deliveries[ended.message, ended.number]
        since = self._claimed.get((ended.message, ended.number, ended.attempt), 0.0)
        if not self.lacked(row, since, self._time()):
            self._misnamed(f"{row.message}/{row.number} began to wait, and lacked nothing")

    def _was_taught(self, ended: RecordAttempt, row: DeliveryRow) -> None:
        """Whoever said what it calls a thing is known to call it so, or as it was known before."""
        if ended.outcome is not Outcome.DELIVERED or row.kind is not Kind.COPY:
            return
        token = self._kept.messages[row.message].content_hash
        given = (row.destination, token) in self._chronicle.given
        thing = self.own(row)
        if given and thing and row.state is State.DELIVERED and not self.now(thing):
            self._misnamed(f"what {row.destination} calls {thing.entity} {thing.id} was not kept")

    def _nobody_sleeps(self) -> None:
        for key, row in self._kept.deliveries.items():
            if row.state is not State.AWAITING_DEPARA:
                self._told.discard(key)
            elif key not in self._told and not self.lacks(row):
                self._told.add(key)
                self._misnamed(f"{row.message}/{row.number} waits, and lacks nothing")

    def _misnamed(self, what: str) -> None:
        self._chronicle.misnamed.append(what)
        self._chronicle.tell(self._time(), "journal", f"NEEDLESS: {what}")


def _is_told(ended: RecordAttempt) -> bool:
    """Whether an id was missing where a sender waits, who is told so."""
    missing = ended.fault is not None and ended.fault.code == "DEPARA_MISSING"
    return missing and ended.step is not Step.AWAIT_DEPARA


def _ended_by(command: object, row: DeliveryRow) -> Wait:
    if row.reason == Reason.SUPERSEDED:
        return Wait.SUPERSEDED
    match command:
        case ChangeDepara():
            return Wait.BY_PERSON
        case Operate():
            return Wait.BY_COMMAND
        case ClaimDue():
            return Wait.BY_TIME
        case _:
            return Wait.BY_ANSWER


def wrong_names(book: NameBook, calls: Sequence[Call]) -> Iterator[str]:
    """What was sent under an id that its reader did not have for it since it was taken."""
    for call in calls:
        since = book.claimed(call.row)
        for field, thing in book.references(call.row):
            called = book.between(thing, since, call.began)
            if not any(ids == {call.names.get(field)} for ids in called):
                yield _told(call, thing, field, called)
        own = book.own(call.row)
        if own and call.names.get("document") != own.id:
            called = book.between(own, since, call.began)
            if not any(ids == {call.names["document"]} for ids in called):
                yield _told(call, own, "document", called)
        elif own and all(len(ids) == 1 for ids in book.between(own, since, call.began)):
            yield _told(call, own, "document", book.between(own, since, call.began))


def _told(call: Call, thing: Thing, field: str, called: Sequence[Ids]) -> str:
    known = ", then ".join("/".join(sorted(ids)) or "nothing" for ids in called)
    return (
        f"#{call.number} named {thing.sender}'s {thing.entity} {thing.id} as "
        f"{call.names.get(field)} to {thing.reader}, which calls it {known}"
    )


class Register:
    """What one destination calls the things that it was told of."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._numbers: dict[str, str] = {}
        self._generations = 0
        self.given: dict[str, str] = {}
        """By the token of a message, the id that it gave."""

    def take(self, token: str, lane: str, fields: Mapping[str, Any], *, anew: bool) -> None:
        """Process a message about a thing, which may get a new number."""
        if fields["event"] == Event.DELETE:
            self._numbers.pop(lane, None)
            return
        if anew or lane not in self._numbers:
            self._generations += 1
            self._numbers[lane] = f"{self._name}-{fields['transaction']}-{self._generations}"
        self.given[token] = self._numbers[lane]
