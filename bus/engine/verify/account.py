"""One message: what the facts tell of it, held against its rows as they pass by."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from bus.core.delivery import State
from bus.core.envelope import MessageType
from bus.engine.verify.discrepancy import Breach, Discrepancy, causes, discrepancy
from bus.journal.fold import FoldedMessage, ToldDelivery, bit
from bus.journal.rows import AnswerRow, AttemptRow, DeliveryRow, MessageRow, MessageState
from bus.ports.history import Trace

TIMED = frozenset({State.AWAITING_RESPONSE, State.AWAITING_DEPARA})
"""States of waits that end at a time, if not before."""


class Account:
    """Compares a message's story with its rows; the story must be complete before the first row.

    `see_…` gives what is wrong with a row. Rows that are as they should be are only counted, for a
    journal has many: `is_settled` tells whether some are missing, `missing` which.
    """

    __slots__ = ("_awaiting", "_seen", "_waits", "id", "seen", "story")

    def __init__(self, id: str) -> None:
        self.id = id
        self.story = FoldedMessage()
        self.seen = False
        """Whether the row of the message passed by."""
        self._seen = 0
        self._awaiting = 0
        self._waits = 0

    # -- rows --------------------------------------------------------------------------------------

    def see_message(self, row: MessageRow) -> Iterator[Discrepancy]:
        """Compare the row of the message."""
        self._seen += 1
        self.seen = True
        story = self.story
        if story.arrival and row.state != story.arrival:
            yield self._wrong(Breach.ARRIVAL_DIFFERS, table=row.state, facts=story.arrival)
        if story.body_hash and row.body_hash != story.body_hash:
            yield self._wrong(Breach.HASH_DIFFERS)
        story.body_hash = story.body_hash or row.body_hash  # not every fact tells it
        counts = {"planned": len(story.copies), "deliveries": len(story.deliveries)}
        for column, told in counts.items():
            if (counted := getattr(row, column)) != told:
                yield self._wrong(Breach.COUNT_DIFFERS, column=column, table=counted, facts=told)
        if bool(row.erased) != story.erased:
            yield self._wrong(Breach.ERASURE_UNTOLD)
        yield from self._answer_owed(row)

    def see_body(self, digest: str) -> Iterator[Discrepancy]:
        """Compare the hash of the body that is kept."""
        if self.story.erased:
            yield self._wrong(Breach.BODY_LEFT)
            return
        self._seen += 1
        if digest != self.story.body_hash:
            yield self._wrong(Breach.BODY_DIFFERS)

    def see_delivery(self, row: DeliveryRow) -> Iterator[Discrepancy]:
        """Compare the row of a delivery."""
        told = self.story.delivery(row.number)
        if told is None:
            yield self._wrong(Breach.DELIVERY_UNPLANNED, row.number)
            return
        self._seen += 1
        yield from self._against_plan(row, told)
        if not (row.state == told.state or (_sending(row) and told.state is State.WAITING)):
            yield self._wrong(Breach.STATE_DIFFERS, row.number, table=row.state, facts=told.state)
        if row.effect != told.effect:
            table, facts = row.effect or "-", told.effect or "-"
            yield self._wrong(Breach.EFFECT_DIFFERS, row.number, table=table, facts=facts)
        yield from self._lease(row, told)
        if row.state == State.AWAITING_DEPARA:
            self._awaiting |= bit(row.number)
        alone = row.state == State.WAITING and not row.lane
        if row.due_at is None and (alone or row.state in TIMED):
            yield self._wrong(Breach.STUCK, row.number, state=row.state)

    def see_wait(self, number: int) -> None:
        """Note that a delivery waits for an id."""
        self._waits |= bit(number)

    def see_attempt(self, row: AttemptRow) -> Iterator[Discrepancy]:
        """Compare the row of an attempt."""
        told = self.story.delivery(row.number)
        its = bit(row.attempt)
        ended = bool(row.outcome and row.ended_at)
        if told is None or not (_attempts(told) | told.heard) & its:
            yield self._wrong(Breach.ATTEMPT_UNTOLD, row.number, attempt=row.attempt)
            return
        self._seen += bool(_attempts(told) & its)
        if ended and not (told.ended | told.heard) & its:
            yield self._wrong(Breach.ATTEMPT_UNTOLD, row.number, attempt=row.attempt)
        going_on = told.under_way == row.attempt or told.heard & its
        if not ended and (told.ended & its or not going_on):
            yield self._wrong(Breach.ATTEMPT_OPEN, row.number, attempt=row.attempt)

    def see_answer(self, row: AnswerRow) -> None:
        """Note that an answer exists."""
        if row.number == self.story.answer:
            self._seen += 1

    # -- what no row tells -------------------------------------------------------------------------

    def is_settled(self) -> bool:
        """Whether all rows that the facts tell of were seen, and no fact gainsays another."""
        story = self.story
        rows = 1 + (not story.erased) + bool(story.answer) + len(story.deliveries)
        attempts = sum(_attempts(told).bit_count() for told in story.deliveries)
        whole = self._seen == rows + attempts and self._waits == self._awaiting
        return whole and not any(self._own_contradictions())

    def missing(self, trace: Trace, body: bytes | None) -> Iterator[Discrepancy]:
        """What the facts tell of and is not there, and what they get wrong among themselves."""
        yield from self._own_contradictions()
        if body is None and not self.story.erased:
            yield self._wrong(Breach.BODY_MISSING)
        deliveries = {row.number for row in trace.deliveries}
        attempts = {(row.number, row.attempt) for row in trace.attempts}
        for told in self.story.deliveries:
            number = told.number
            if number not in deliveries:
                yield self._wrong(Breach.DELIVERY_MISSING, number, destination=told.destination)
            for attempt in _numbers(_attempts(told)):
                if (number, attempt) not in attempts:
                    yield self._wrong(Breach.ATTEMPT_MISSING, number, attempt=attempt)
        yield from self._waits_that_differ()
        answer = self.story.answer
        if answer and all(row.number != answer for row in trace.answers):
            yield self._wrong(Breach.ANSWER_MISSING, answer=answer)

    def _waits_that_differ(self) -> Iterator[Discrepancy]:
        """Every delivery that awaits an id has a wait, and no other has one."""
        for number in _numbers(self._awaiting & ~self._waits):
            yield self._wrong(Breach.WAIT_MISSING, number)
        for number in _numbers(self._waits & ~self._awaiting):
            yield self._wrong(Breach.WAIT_LEFT, number)

    def _own_contradictions(self) -> Iterator[Discrepancy]:
        story = self.story
        if story.arrival is None:
            yield self._wrong(Breach.ARRIVAL_MISSING)
        if story.arrivals > 1:
            yield self._wrong(Breach.ARRIVED_TWICE, facts=story.arrivals)
        if story.unreadable:
            yield self._wrong(Breach.FACT_UNREADABLE, facts=story.unreadable)
        for number in story.unplanned:
            yield self._wrong(Breach.DELIVERY_UNPLANNED, number)
        for number, state, step in story.illegal:
            yield self._wrong(Breach.STEP_ILLEGAL, number, state=state, step=step)

    # -- comparing ---------------------------------------------------------------------------------

    def _against_plan(self, row: DeliveryRow, told: ToldDelivery) -> Iterator[Discrepancy]:
        for column in ("kind", "destination", "lane", "seq"):
            table, facts = getattr(row, column), getattr(told, column)
            taken_over = column == "seq" and table == 0 and told.superseded
            if table != facts and not taken_over:
                yield self._wrong(
                    Breach.PLAN_DIFFERS, row.number, column=column, table=table, facts=facts
                )

    def _lease(self, row: DeliveryRow, told: ToldDelivery) -> Iterator[Discrepancy]:
        if not _sending(row) and (row.worker or row.lease_until):
            yield self._wrong(Breach.LEASE_LEFT, row.number, worker=row.worker or "-")
        if _sending(row) and not row.worker:
            yield self._wrong(Breach.LEASE_MISSING, row.number, state=row.state)
        begun = row.tries if row.started else 0
        if begun != told.under_way:
            yield self._wrong(Breach.START_DIFFERS, row.number, table=begun, facts=told.under_way)

    def _answer_owed(self, row: MessageRow) -> Iterator[Discrepancy]:
        """Compare the answer: the one last told where the deliveries decide it, else none yet."""
        story, decided = self.story, self._decided(row)
        expected = story.answer if decided or not story.copies else 0
        if decided and not row.answer:
            yield self._wrong(Breach.ANSWER_OWED)
        elif row.answer != expected:
            yield self._wrong(Breach.ANSWER_DIFFERS, table=row.answer, facts=expected)
        elif row.answer and row.answer_to and not story.answer_by:
            yield self._wrong(Breach.ANSWER_UNDELIVERED, application=row.answer_to)

    def _decided(self, row: MessageRow) -> bool:
        """Whether the origin must have its answer.

        What no delivery carries is answered at once where it is filtered; a receipt never is.
        """
        if row.state != MessageState.ACCEPTED:
            return False
        if not self.story.copies:
            return self.story.filtered and row.type == MessageType.BUSINESS
        return self.story.decided(row.answering)

    def _wrong(self, kind: Breach, number: int = 0, **details: object) -> Discrepancy:
        return discrepancy(kind, self.id, number, **details)


def _sending(row: DeliveryRow) -> bool:
    return row.state == State.SENDING


def _attempts(told: ToldDelivery) -> int:
    """The attempts that must have a row, as bits."""
    return told.started | told.ended


def _numbers(bits: int) -> Iterator[int]:
    while bits:
        yield (bits & -bits).bit_length() - 1
        bits &= bits - 1


def judge(trace: Trace, body: bytes | None) -> list[Discrepancy]:
    """What is wrong with a message at one moment."""
    account = Account(trace.message.id)
    for fact in trace.facts:
        account.story.tell(fact)
    found = list(account.see_message(trace.message))
    for delivery in trace.deliveries:
        found += account.see_delivery(delivery)
    for attempt in trace.attempts:
        found += account.see_attempt(attempt)
    for wait in trace.waits:
        account.see_wait(wait.number)
    if body is not None:
        found += account.see_body(digest(body))
    return causes([*found, *account.missing(trace, body)])


def digest(body: bytes) -> str:
    """The hash by which a body is known."""
    return hashlib.sha256(body).hexdigest()
