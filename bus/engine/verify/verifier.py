"""Reads a journal through and compares the fold of its facts with its state tables.

The bus may go on meanwhile, and the tables are read one after the other: the facts first, so that
whatever is found later may only be newer. What looks wrong is therefore looked at twice. A message
is judged by its trace, which is one moment's. A lane has no trace: its discrepancies count where a
second look finds them word for word. Their words tell the lane's counters, which only grow, so the
lane stood still between the looks. What moves that fast is not stuck and is judged next time, like
changes of the de-para. A wait is in vain where its ids are known before and after the look.

A lane is not judged where a message in it is wrong: one mistake, one line.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeVar

from bus.core.errors import BusFault
from bus.engine.verify.account import Account, digest, judge
from bus.engine.verify.discrepancy import Breach, Discrepancy, causes, discrepancy
from bus.engine.verify.hub import TELLING, HubBooks
from bus.engine.verify.lane import LaneBooks
from bus.engine.verify.waits import needless, suspicious
from bus.journal.confirm import CONFIRMING, says_of_what
from bus.journal.depara_rows import ChangeRow, WaitRow
from bus.journal.facts import FactKind, FactRow
from bus.journal.rows import AnswerRow, AttemptRow, DeliveryRow, LaneRow, MessageRow, MessageState
from bus.ports.depara import CrossReference
from bus.ports.history import History, Trace
from depara.model import PairRow

Row = TypeVar("Row")

COURTESY = 500
"""Rows after which others get a turn on the event loop."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What `bus verify` tells. In a sound journal `received` is the sum of the next three.

    `received` and `repeats` are counted from the facts, `rejected`, `accepted` and `deliveries` (by
    state) from the tables, without what arrived after the facts were read. `restorations` are the
    facts that tell when the journal turned out to be a copy, or to go back in time.
    """

    received: int
    rejected: int
    repeats: int
    accepted: int
    deliveries: Mapping[str, int]
    discrepancies: tuple[Discrepancy, ...]
    restorations: tuple[FactRow, ...] = ()


async def verify(history: History, crossreference: CrossReference) -> Verification:
    """Compare the facts of a journal with its state tables and its de-para, and have its store look
    at its file.
    """
    damage = tuple(
        discrepancy(Breach.FILE_DAMAGED, problem=found) for found in await history.damage()
    )
    try:
        found = await _compare(history, crossreference)
    except BusFault:
        if not damage:
            raise
        return Verification(0, 0, 0, 0, {}, damage)  # it cannot be read through
    return replace(found, discrepancies=damage + found.discrepancies)


async def _compare(history: History, crossreference: CrossReference) -> Verification:
    books = await _first_look(history)
    in_vain = await suspicious(crossreference, books.waits)
    books.waits.clear()
    wrong: list[Discrepancy] = []
    unsound: set[str] = set()
    for id_ in books.suspects:
        found, lanes = await _look_again(history, books, id_)
        wrong += found
        unsound |= lanes if found else set()
    for id_ in in_vain - books.suspects.keys():
        wrong += await _look_at_waits_again(history, crossreference, id_)
    if books.unreadable:
        wrong.append(discrepancy(Breach.FACT_UNREADABLE, facts=books.unreadable))
    books.accounts.clear()  # a second look at the lanes needs the room
    doubts = {name: one for name, one in books.lanes.doubts.items() if name not in unsound}
    wrong += await _look_at_books_again(history, doubts, [*books.hub.doubts()])
    states = books.states
    return Verification(
        received=books.received,
        rejected=states[MessageState.REJECTED],
        repeats=books.repeats,
        accepted=states[MessageState.ACCEPTED],
        deliveries=dict(books.deliveries),
        restorations=tuple(books.restorations),
        discrepancies=tuple(sorted(wrong, key=lambda one: (one.message, one.number, one.kind))),
    )


class Suspicion(NamedTuple):
    """What is wrong with a suspect, if anything, and the lanes it has to do with."""

    wrong: list[Discrepancy]
    lanes: set[str]


class Books:
    """What the first look keeps in memory: some hundred bytes a message, and a lane.

    `suspects` are messages that look wrong, with the table where they first did.
    """

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.lanes = LaneBooks()
        self.hub = HubBooks()
        self.waits: list[WaitRow] = []
        self.suspects: dict[str, str] = {}
        self.received = 0
        self.repeats = 0
        self.restorations: list[FactRow] = []
        self.unreadable = 0
        self.states: Counter[str] = Counter()
        self.deliveries: Counter[str] = Counter()
        self._names: dict[str, str] = {}

    def tell(self, fact: FactRow) -> None:
        """Fold a fact into the story of its message, and note the places that it gives."""
        account = self.accounts.get(fact.message)
        if account is None:
            account = self.accounts[fact.message] = Account(fact.message)
        for told in account.story.tell(fact):
            told.destination = self._names.setdefault(told.destination, told.destination)
            self.lanes.tell(told)
        self.tell_of_hub(fact)

    def tell_of_hub(self, fact: FactRow) -> None:
        """Note what a fact tells of a change of the de-para, if it does."""
        if fact.kind in TELLING:
            try:
                self.hub.tell(fact)
            except (ValueError, TypeError, KeyError):
                self.unreadable += 1

    def see_message(self, row: MessageRow) -> None:
        """Compare and count a message."""
        if account := self._account(row.id, "messages"):
            self.states[row.state] += 1
            self._suspect(row.id, "messages", account.see_message(row))

    def see_delivery(self, row: DeliveryRow) -> None:
        """Compare and count a delivery, with its message and in its lane."""
        self.lanes.see_delivery(row)
        if account := self._account(row.message, "deliveries"):
            self.deliveries[row.state] += 1
            self._suspect(row.message, "deliveries", account.see_delivery(row))

    def see_attempt(self, row: AttemptRow) -> None:
        """Compare an attempt."""
        if account := self._account(row.message, "attempts"):
            self._suspect(row.message, "attempts", account.see_attempt(row))

    def see_wait(self, row: WaitRow) -> None:
        """Note that a delivery waits for an id."""
        self.waits.append(row)
        if account := self._account(row.message, "pair_waits"):
            account.see_wait(row.number)

    def see_answer(self, row: AnswerRow) -> None:
        """Note an answer."""
        if account := self._account(row.message, "answers"):
            account.see_answer(row)

    def see_body(self, message: str, body: bytes) -> None:
        """Compare a body."""
        if account := self._account(message, "bodies"):
            self._suspect(message, "bodies", account.see_body(digest(body)))

    def close(self) -> None:
        """Note what no row told of."""
        for id_, account in self.accounts.items():
            self.repeats += account.story.repeats
            self.received += account.story.repeats + account.story.arrivals
            if not account.is_settled():
                self.suspects.setdefault(id_, "facts")
        self.lanes.close()

    def forget(self, account: Account) -> None:
        """Count no message that was let go before its row was seen; its repeats went with it."""
        if not account.seen:
            self.received -= account.story.arrivals
        self.received -= account.story.repeats
        self.repeats -= account.story.repeats

    def count(self, trace: Trace) -> None:
        """Count a message that no fact told of, though it is not new."""
        self.states[trace.message.state] += 1
        self.deliveries.update(row.state for row in trace.deliveries)

    def _account(self, message: str, table: str) -> Account | None:
        account = self.accounts.get(message)
        if account is None:
            self.suspects.setdefault(message, table)
        return account

    def _suspect(self, message: str, table: str, found: Iterable[Discrepancy]) -> None:
        if any(True for _ in found):
            self.suspects.setdefault(message, table)


# -- looking ---------------------------------------------------------------------------------------


async def _first_look(history: History) -> Books:
    books = await _read_facts(history)
    async for lane in _rows(history, "lanes", LaneRow._make):
        books.lanes.see_lane(lane)
    async for message in _rows(history, "messages", MessageRow._make):
        books.see_message(message)
    async for delivery in _rows(history, "deliveries", DeliveryRow._make):
        books.see_delivery(delivery)
    async for attempt in _rows(history, "attempts", AttemptRow._make):
        books.see_attempt(attempt)
    async for wait in _rows(history, "waits", WaitRow._make):
        books.see_wait(wait)
    async for answer in _rows(history, "answers", AnswerRow._make):
        books.see_answer(answer)
    async for id_, body in _rows(history, "bodies", tuple):
        books.see_body(id_, body)
    await _see_hub(history, books.hub)
    books.close()
    return books


async def _see_hub(history: History, hub: HubBooks) -> None:
    async for pair in _rows(history, "pairs", PairRow._make):
        hub.see_row(pair)
    async for change in _rows(history, "changes", ChangeRow._make):
        hub.see_change(change)


async def _read_facts(history: History) -> Books:
    books = Books()
    async for fact in _rows(history, "facts", FactRow._make):
        if fact.message:
            books.tell(fact)
        elif fact.kind == FactKind.RESTORED:  # the others are about the bus itself
            books.restorations.append(fact)
        elif fact.kind in CONFIRMING and not says_of_what(fact):
            books.unreadable += 1
        else:
            books.tell_of_hub(fact)
    return books


async def _look_again(history: History, books: Books, id_: str) -> Suspicion:
    """What is wrong with a message at one moment.

    Its body is read first: of one that is erased meanwhile the trace tells.
    """
    body = await history.body(id_)
    trace = await history.trace(id_)
    if trace and trace.message.erased:
        body = await history.body(id_)
    account = books.accounts.get(id_)
    lanes = {told.lane for told in account.story.deliveries} if account else set()
    if trace:
        lanes |= {row.lane for row in trace.deliveries}
        wrong = judge(trace, body)
        if wrong and not account:
            books.count(trace)
        return Suspicion(wrong, lanes)
    if account and not await history.facts(id_):  # it was let go meanwhile, with its facts
        books.forget(account)
        return Suspicion([], lanes)
    if account:
        return Suspicion([discrepancy(Breach.MESSAGE_MISSING, id_)], lanes)
    return Suspicion([discrepancy(Breach.ORPHAN, id_, table=books.suspects[id_])], lanes)


async def _look_at_waits_again(
    history: History, crossreference: CrossReference, id_: str
) -> list[Discrepancy]:
    """The waits of a message that are in vain by ids that are known before and after a look."""
    before = await history.trace(id_)
    if before is None:
        return []
    keys = {wait.key for wait in before.waits}
    known = await crossreference.known(keys)
    trace = await history.trace(id_)
    found = [*needless(trace, known)] if trace else []
    return found if found and await crossreference.known(keys) == known else []


async def _look_at_books_again(
    history: History, lanes: Mapping[str, list[Discrepancy]], changes: Collection[Discrepancy]
) -> list[Discrepancy]:
    """The discrepancies of lanes and of the de-para that a second look finds again."""
    if not lanes and not changes:
        return []
    second = await _read_facts(history)
    async for lane in _rows(history, "lanes", LaneRow._make):
        second.lanes.see_lane(lane)
    async for delivery in _rows(history, "deliveries", DeliveryRow._make):
        second.lanes.see_delivery(delivery)
    second.lanes.close()
    await _see_hub(history, second.hub)
    confirmed: list[Discrepancy] = []
    for name, found in lanes.items():
        again = set(second.lanes.doubts.get(name, ()))
        confirmed += causes(one for one in found if one in again)
    again = {*second.hub.doubts()}
    return confirmed + [one for one in changes if one in again]


async def _rows(
    history: History, table: str, make: Callable[[Iterable[Any]], Row]
) -> AsyncIterator[Row]:
    """The rows of a table; others get their turn in between."""
    left = COURTESY
    async for row in await history.audit(table):
        yield make(row)
        left -= 1
        if not left:
            left = COURTESY
            await asyncio.sleep(0)
