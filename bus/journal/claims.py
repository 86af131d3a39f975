"""The right to send: leases, what ran out, and the start of an attempt (S10)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import islice

from bus.core.decide import LANE_AFTER, Overdue, Situation, decide_overdue, is_a_persons
from bus.core.delivery import Kind, Reason, State, Step, advance
from bus.core.effect import EffectVerdict
from bus.core.errors import Fault
from bus.core.identity import fingerprint
from bus.core.outcome import Outcome
from bus.core.route import OnFailure
from bus.core.substitutions import NO_SUBSTITUTIONS
from bus.journal.commands import (
    WHOLE,
    Claim,
    ClaimDue,
    Claims,
    ClaimShare,
    EndLeases,
    RecordProgress,
    StartAttempt,
)
from bus.journal.effects import RecordEffect, due_check, record_effect
from bus.journal.facts import NO_DATA, Data, FactKind
from bus.journal.lanes import conclude, has_turn, leave
from bus.journal.rows import (
    MICROSECONDS,
    AnswerRow,
    ApplicationRow,
    AttemptRow,
    DeliveryRow,
    MessageRow,
    ProgressRow,
)
from bus.journal.standing import RESTORED
from bus.journal.step import keep_reason_as_answer, move, note
from bus.journal.unit import DeliveryKey, Unit

OVERDUE_AT_ONCE = 256
UNREADABLE = "BODY_UNREADABLE"
"""Why a delivery is dead whose body is damaged."""


def claim_due(unit: Unit, asked: ClaimDue) -> Claims:
    """End what ran out, then take what is due."""
    for stale in list(unit.tables.overdue(unit.now, OVERDUE_AT_ONCE)):
        row = unit.deliveries.find((stale.message, stale.number)) or stale
        _run_out(unit, row, asks=row.destination in asked.asks)
    taken: list[DeliveryRow] = []
    for destination, room in asked.room.items():
        share = asked.shares.get(destination, WHOLE)
        taken += _due(unit, destination, room, share, asks=destination in asked.asks)
    claims = [lease(unit, row, asked.worker, asked.lease) for row in taken]
    for destination in sorted(asked.asks & asked.room.keys()):
        got = sum(row.destination == destination for row in taken)
        claims += _questions(unit, asked, destination, asked.room[destination] - got)
    for destination in sorted(asked.checks & asked.room.keys()):
        got = sum(one.delivery.destination == destination for one in claims)
        if got < asked.room[destination]:
            checks = due_check(unit, destination, asked.lease)
            claims += [_claim(unit, row)._replace(checks=True) for row in checks]
    taken_now = Claims(_with_bodies(unit, claims))
    taken_now.lost = _lost(unit)
    return taken_now


def end_leases(unit: Unit, asked: EndLeases) -> tuple[DeliveryRow, ...]:
    """End the leases of a worker as their time would; what it was sending, as it is then."""
    found = {_key(row) for row in unit.tables.leased_by(asked.worker)} | {*unit.changes.deliveries}
    rows = [row for key in sorted(found) if (row := unit.deliveries.find(key)) is not None]
    ended = [row for row in rows if row.state is State.SENDING and row.worker == asked.worker]
    for row in ended:
        _end_lease(unit, row, asks=row.destination in asked.asks)
    return tuple(row for one in ended if (row := unit.deliveries.find(_key(one))) is not None)


def _lost(unit: Unit) -> tuple[DeliveryRow, ...]:
    """The deliveries that this command found in doubt, in the order in which it did."""
    keys = dict.fromkeys(_key(row) for row in unit.touched)
    rows = [row for key in keys if (row := unit.deliveries.find(key)) is not None]
    return tuple(row for row in rows if row.state is State.UNKNOWN and not row.asked)


def _due(
    unit: Unit, destination: str, room: int, share: ClaimShare, *, asks: bool
) -> list[DeliveryRow]:
    """What to send to one application: all there is room for, or one, to see whether it is back.

    What is in doubt is not sent: it counts as sent before, and makes room for as many others.
    """
    application = _in_its_hours(unit, destination, share.closed)
    paused = application.paused_until > unit.now
    limit = 1 if application.outages and not paused else room
    if share.sessions:
        limit = max(0, min(limit, share.sessions - unit.tables.sending(destination)))
    most = limit + OVERDUE_AT_ONCE if unit.tables.has_doubts else limit
    due = [*_shared(unit, destination, most, share, urgent=paused)]
    rows = [
        row
        for found in due
        if (row := unit.deliveries.find(_key(found)) or found).state is State.WAITING
        and row.due_at is not None
        and not _was_in_doubt(unit, row, asks=asks)
    ][:limit]
    if rows and application.outages and not paused:
        minute = unit.now + 60 * MICROSECONDS
        unit.applications.put(application._replace(paused_until=minute))
    return rows


def _in_its_hours(unit: Unit, destination: str, closed: int) -> ApplicationRow:
    """How an application is; in closed hours it is left alone until they end (µs)."""
    application = unit.applications.get(destination)
    is_over = 0 < application.paused_until <= unit.now and not application.outages
    if closed > application.paused_until + MICROSECONDS or (is_over and not closed):
        application = application._replace(paused_until=closed)
        unit.applications.put(application)
    return application


def _shared(
    unit: Unit, destination: str, most: int, share: ClaimShare, *, urgent: bool
) -> Iterator[DeliveryRow]:
    """What is due at an application, at most so many: the longest due first, as they share it."""
    left = _Left(share)
    if share.others is None or urgent:
        yield from _of_each(unit, destination, most, left, urgent=urgent)
        return
    callers = [*_of_each(unit, destination, most, left, urgent=True)]
    yield from callers
    taken = {*map(_key, callers)}
    others = _of_each(unit, destination, most, left, urgent=False, without=taken)
    yield from islice(others, min(share.others, most - len(callers)))


class _Left:
    """How many of each transaction may still be taken."""

    def __init__(self, share: ClaimShare) -> None:
        self.each = share.each
        self._left = dict(share.left)

    @property
    def used_up(self) -> frozenset[str]:
        """The transactions of which no more may be."""
        return frozenset(name for name, left in self._left.items() if left <= 0)

    def take(self, transaction: str) -> bool:
        """Take one, if that may be."""
        if self.each is None:
            return True
        name = transaction.casefold()
        left = self._left.setdefault(name, self.each)
        if left > 0:
            self._left[name] = left - 1
        return left > 0


def _of_each(  # noqa: PLR0913 - what is looked for, and what is not
    unit: Unit,
    destination: str,
    most: int,
    left: _Left,
    *,
    urgent: bool,
    without: Collection[DeliveryKey] = (),
) -> Iterator[DeliveryRow]:
    """What is due, at most so many, of each transaction no more than is left of it.

    Where one is used up, what waits behind it is looked for without it.
    """
    seen = set(without)
    while True:
        besides = left.used_up
        limit = most + len(seen)
        found = unit.tables.due(destination, unit.now, limit, urgent=urgent, besides=besides)
        due = [row for row in found if _key(row) not in seen]
        unit.deliveries.load([_key(row) for row in due])
        unit.messages.load({row.message for row in due})
        for row in due:
            if left.take(_message(unit, row).transaction):
                seen.add(_key(row))
                yield row
        if left.used_up == besides or not due:
            return


def _questions(unit: Unit, asked: ClaimDue, destination: str, room: int) -> list[Claim]:
    """What to ask one application about, where it is there."""
    if unit.applications.get(destination).paused_until > unit.now:
        return []
    due = list(unit.tables.questions(destination, unit.now, room))
    unit.deliveries.load([_key(row) for row in due])
    unit.messages.load({row.message for row in due})
    rows = [unit.deliveries.find(_key(found)) or found for found in due]
    return [
        claim
        for row in rows
        if row.state is State.UNKNOWN and row.due_at is not None
        if (claim := _question(unit, row, asked.lease)) is not None
    ]


def _question(unit: Unit, row: DeliveryRow, seconds: float) -> Claim | None:
    """Give a worker the right to ask; None where enough was asked. The next may once it is over."""
    now = Situation(row.attempts, row.tries, asks=True, asked=row.asked)
    if decide_overdue(Overdue.QUESTION, now).step is not Step.ASK:
        move(unit, row, Step.MARK_UNKNOWN, reason=row.reason, detail=row.detail)
        return None
    due_at = unit.now + int(seconds * MICROSECONDS)
    row = row._replace(
        state=advance(row.state, Step.ASK),
        asked=row.asked + 1,
        due_at=due_at,
        changed_at=unit.now,
    )
    unit.put_delivery(row)
    return _claim(unit, row)._replace(asks=True)


def _message(unit: Unit, row: DeliveryRow) -> MessageRow:
    message = unit.messages.find(row.message)
    if message is None:
        raise AssertionError(row.message)  # a delivery without its message: a broken journal
    return message


def lease(unit: Unit, row: DeliveryRow, worker: str, seconds: float) -> Claim:
    """Give a worker the right to send. No fact is kept: claiming is not sending."""
    row = row._replace(
        state=advance(row.state, Step.CLAIM),
        worker=worker,
        lease_until=unit.now + int(seconds * MICROSECONDS),
        tries=row.tries + 1,
        started=False,
    )
    unit.put_delivery(row)
    outages = unit.applications.get(row.destination).outages
    return _claim(unit, row)._replace(outages=outages)


def _claim(unit: Unit, row: DeliveryRow) -> Claim:
    message = _message(unit, row)
    return Claim(row, message, age=unit.age(message.received_at) / MICROSECONDS)


def _with_bodies(unit: Unit, claims: list[Claim]) -> tuple[Claim, ...]:
    if not claims:
        return ()
    bodies = dict(unit.tables.bodies({claim.message.id for claim in claims}))
    claims = [claim for claim in claims if _is_readable(unit, claim, bodies)]
    answering = [claim.message for claim in claims if claim.delivery.kind is Kind.ANSWER]
    answers = _last_answers(unit, answering)
    progress = unit.progress_of([_key(claim.delivery) for claim in claims if claim.delivery.steps])
    return tuple(
        claim._replace(
            body=bodies.get(claim.message.id),
            answer=answers.get(claim.message.id),
            progress=tuple(row for row in progress if row[:2] == _key(claim.delivery)),
        )
        for claim in claims
    )


def _is_readable(unit: Unit, claim: Claim, bodies: Mapping[str, bytes]) -> bool:
    """Whether the body is the one that was received; if not, the delivery is a person's."""
    row, body = claim.delivery, bodies.get(claim.message.id)
    if body is not None and fingerprint(body) == claim.message.body_hash:
        return True
    if claim.checks:
        record_effect(unit, RecordEffect(row, EffectVerdict.NOT_CHECKABLE, Fault(UNREADABLE)))
        return False
    if claim.asks:
        move(unit, row, Step.MARK_UNKNOWN, reason=row.reason, detail=UNREADABLE)
        return False
    keep_reason_as_answer(unit, row, UNREADABLE)
    after = move(unit, row, Step.GIVE_UP, reason=Reason.FAULT, detail=UNREADABLE)
    leave(unit, after, OnFailure.HOLD)
    conclude(unit, after, OnFailure.HOLD)
    return False


def _key(row: DeliveryRow) -> DeliveryKey:
    return row.message, row.number


def _last_answers(unit: Unit, messages: list[MessageRow]) -> dict[str, AnswerRow]:
    """The answer of each; where it is sent again and has none yet, the one that it had."""
    current = {row.id: row.answer for row in messages}
    keys = [(row.id, n) for row in messages for n in range(1, max(row.planned, 1) + 1)]
    rows = sorted(
        unit.tables.answers(keys), key=lambda r: (r.number == current[r.message], r.made_at)
    )
    return {row.message: row for row in rows}


def start_attempt(unit: Unit, asked: StartAttempt) -> bool:
    """Record that an attempt begins, where the lease is still the worker's."""
    claimed = asked.claim.delivery
    row = unit.deliveries.find((claimed.message, claimed.number))
    if row is None or not is_current(row, claimed.worker, claimed.tries):
        return False
    if row.lease_until <= unit.now:
        return False
    unit.put_delivery(row._replace(started=True, changed_at=unit.now))
    unit.put_attempt(_attempt(row, started_at=unit.now))
    note(unit, row, FactKind.STARTED, attempt=row.tries, actor=row.worker)
    return True


def record_progress(unit: Unit, asked: RecordProgress) -> bool:
    """Record a call that was made; False where the delivery is no longer the worker's."""
    claimed = asked.claim.delivery
    row = unit.deliveries.find(_key(claimed))
    if row is None:
        return False
    current = is_current(row, claimed.worker, claimed.tries)
    if not (is_asked(row, claimed.tries, claimed.asked) if asked.claim.asks else current):
        return False
    known = {one.name for one in unit.progress_of([_key(row)])} if row.steps else set()
    unit.put_progress(ProgressRow(row.message, row.number, asked.name, asked.value, unit.now))
    unit.put_delivery(row._replace(steps=len(known | {asked.name})))
    return True


def is_current(row: DeliveryRow, worker: str, attempt: int) -> bool:
    """Whether a delivery is being sent by that worker in that attempt."""
    return row.state is State.SENDING and row.worker == worker and row.tries == attempt


def is_asked(row: DeliveryRow, attempt: int, question: int) -> bool:
    """Whether nobody knows yet what came of that attempt, and that question is the last one."""
    return row.state is State.UNKNOWN and (row.tries, row.asked) == (attempt, question)


def _attempt(row: DeliveryRow, *, started_at: int) -> AttemptRow:
    return AttemptRow(
        row.message,
        row.number,
        row.tries,
        row.worker,
        started_at,
        0,
        "",
        None,
        NO_SUBSTITUTIONS,
        b"",
    )


# -- what ran out ----------------------------------------------------------------------------------


def _run_out(unit: Unit, row: DeliveryRow, *, asks: bool) -> None:
    """End a wait whose time is over, as `bus.core.decide` says."""
    if row.state is State.SENDING and row.lease_until <= unit.now:
        _end_lease(unit, row, asks=asks)
    elif row.state is State.AWAITING_RESPONSE and row.due_at and row.due_at <= unit.now:
        run_out(unit, row, Overdue.RESPONSE, asks=asks)
    elif row.state is State.AWAITING_DEPARA and row.due_at and row.due_at <= unit.now:
        run_out(unit, row, Overdue.DEPARA)
    elif row.state is not State.WAITING or not 0 < row.deadline <= unit.now:
        return
    elif not _was_in_doubt(unit, row, asks=asks):
        run_out(unit, row, Overdue.DEADLINE)


def _end_lease(unit: Unit, row: DeliveryRow, *, asks: bool) -> None:
    """The worker is gone; an attempt that had begun has ended, nobody knows how."""
    doubtful = unit.take_doubt(_key(row))
    why = RESTORED if doubtful else ""
    note(unit, row, FactKind.LEASE_EXPIRED, attempt=row.tries, actor=row.worker, reason=why)
    if row.started:
        ended = _attempt(row, started_at=row.changed_at)
        unit.put_attempt(ended._replace(ended_at=unit.now, outcome=Outcome.UNKNOWN))
    begun = row._replace(started=row.started or doubtful)
    run_out(unit, begun, Overdue.LEASE, asks=asks, detail=why)


def _was_in_doubt(unit: Unit, row: DeliveryRow, *, asks: bool) -> bool:
    """Whether what waits may have been sent, unknown to this journal; if so it counts as sent.

    It is as if a worker had taken it, begun, and were gone: the one before the journal was a copy.
    """
    if not unit.take_doubt(_key(row)):
        return False
    taken = row._replace(state=advance(row.state, Step.CLAIM), tries=row.tries + 1, started=True)
    note(unit, taken, FactKind.LEASE_EXPIRED, attempt=taken.tries, reason=RESTORED)
    run_out(unit, taken, Overdue.LEASE, asks=asks, detail=RESTORED)
    return True


def run_out(  # noqa: PLR0913 - what happened and what is told of it
    unit: Unit,
    row: DeliveryRow,
    happened: Overdue,
    *,
    actor: str = "",
    asks: bool = False,
    detail: str = "",
) -> None:
    """Carry out what is decided of a delivery whose time is over; its origin is told why."""
    left = (row.deadline - unit.now) / MICROSECONDS if row.deadline else None
    now = Situation(
        row.attempts,
        row.tries,
        safe_to_repeat=row.safe,
        time_left=left,
        started=row.started,
        progressed=row.steps > 0,
        asks=asks,
        confirmed=row.confirmed,
    )
    decision = decide_overdue(happened, now)
    if decision.step in {Step.WITHDRAW, Step.GIVE_UP}:
        keep_reason_as_answer(unit, row, decision.reason)
    after = move(
        unit,
        row,
        decision.step,
        actor=actor,
        reason=decision.reason,
        detail=detail,
        attempt=row.tries if happened is Overdue.LEASE else 0,
        data=_ahead_of(unit, row) if decision.step is Step.WITHDRAW else NO_DATA,
        due_at=unit.now if decision.step in {Step.POSTPONE, Step.ASK} else None,
        attempts=row.attempts + decision.costs,
    )
    if on_failure := LANE_AFTER.get(decision.step):
        leave(unit, after, on_failure)
        conclude(unit, after, on_failure)


def _ahead_of(unit: Unit, row: DeliveryRow) -> Data:
    """The message whose turn it is in the lane of what waits; nothing where the turn is its own."""
    if has_turn(unit, row):
        return NO_DATA
    head = unit.at_place(row.lane, unit.lanes.get(row.lane).head)
    if head is None:
        return NO_DATA
    stuck = is_a_persons(head.state, asked_again=head.due_at is not None)
    return {"behind": head.message} | ({"stuck": True} if stuck else {})


def end_if_stuck(unit: Unit, row: DeliveryRow) -> DeliveryRow:
    """Do not let a sender wait behind what only a person ends: it is told at once (S12)."""
    if not row.deadline or not row.behind:
        return row
    head = unit.at_place(row.lane, unit.lanes.get(row.lane).head)
    if head and is_a_persons(head.state, asked_again=head.due_at is not None):
        run_out(unit, row, Overdue.STUCK)
    return unit.deliveries.find(_key(row)) or row
