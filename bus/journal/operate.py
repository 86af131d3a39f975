"""What people do to deliveries: replay, settle, block, unblock, discard; what a deadline does."""

from __future__ import annotations

from collections.abc import Callable

from bus.core.decide import Overdue
from bus.core.delivery import (
    DELIVERY_TRANSITIONS,
    ENDED,
    FAILED,
    IllegalStep,
    Kind,
    Reason,
    State,
    Step,
)
from bus.journal.claims import run_out
from bus.journal.commands import Operate, Operated, OriginAnswer
from bus.journal.depara import learn
from bus.journal.facts import FactKind, FactRow
from bus.journal.lanes import conclude, enter, has_turn, leave, passed, refuse_to_overwrite
from bus.journal.outcomes import moved
from bus.journal.rows import AnswerRow, DeliveryRow
from bus.journal.step import keep_answer, move
from bus.journal.unit import Unit


class NoSuchDelivery(Exception):
    """A message has no delivery of a number, or, of number 0, none at all."""

    def __init__(self, number: int, count: int) -> None:
        super().__init__(number, count)
        self.number, self.count = number, count


def operate(unit: Unit, asked: Operate) -> Operated:
    """Take a person's step on the deliveries that allow it; IllegalStep where none does.

    NoSuchDelivery where there is none.
    """
    message = unit.messages.find(asked.message)
    if message is None:
        raise KeyError(asked.message)
    if asked.number > message.deliveries:
        raise NoSuchDelivery(asked.number, message.deliveries)
    if asked.step is None:
        unit.put_fact(
            FactRow(
                unit.now,
                FactKind.NOTED,
                message.id,
                asked.number,
                0,
                "",
                asked.actor,
                asked.reason,
            )
        )
        return Operated(message)
    rows = _chosen(unit, asked, message.deliveries)
    if not rows:  # its answer alone is to be delivered
        raise NoSuchDelivery(asked.number, message.planned)
    if not any(_may(row, asked, asked.step) for row in rows):
        raise IllegalStep(rows[0].state, asked.step)
    for row in rows:
        now = (
            unit.deliveries.find((row.message, row.number)) or row
        )  # the one before may have moved it
        if _may(now, asked, asked.step):
            _STEPS[asked.step](unit, now, asked)
    return Operated(unit.messages.find(message.id) or message, moved(unit, message.id))


def _may(row: DeliveryRow, asked: Operate, step: Step) -> bool:
    """Whether a step may be taken now; what a worker is sending is the worker's alone."""
    if asked.deadline not in {0, row.deadline}:
        return False
    if step in {Step.DELIVER, Step.REFUSE} and row.state is not State.UNKNOWN:
        return False  # a person settles only what nobody knows
    return row.state is not State.SENDING and step in DELIVERY_TRANSITIONS[row.state]


def _chosen(unit: Unit, asked: Operate, deliveries: int) -> list[DeliveryRow]:
    """The one delivery asked for, or all copies; a replay takes answers as well."""
    numbers = [asked.number] if asked.number else range(1, deliveries + 1)
    keys = [(asked.message, number) for number in numbers]
    unit.deliveries.load(keys)
    rows = [row for key in keys if (row := unit.deliveries.find(key)) is not None]
    if asked.number or asked.step is Step.REPLAY:
        return rows
    return [row for row in rows if row.kind is Kind.COPY]


def replay(  # noqa: PLR0913 - a step and what is told of it
    unit: Unit,
    row: DeliveryRow,
    *,
    actor: str,
    reason: Reason,
    detail: str = "",
    deadline: int = 0,
) -> DeliveryRow:
    """Send again what stopped, in its place; at the end of its lane where that has gone on.

    Where a caller waits, a try that may have arrived goes on to count: of what is taken back at the
    deadline, "nothing was sent" would not be true (S12).
    """
    if passed(unit, row) or (row.lane and not row.seq):
        row = row._replace(seq=enter(unit, row.lane))
        unit.put_delivery(row)
    due = unit.now if has_turn(unit, row) else None
    unheard = row.unheard or _may_have_arrived(row)
    data = {"lane": row.lane, "seq": row.seq}
    after = move(
        unit,
        row,
        Step.REPLAY,
        actor=actor,
        reason=reason,
        detail=detail,
        data=data,
        due_at=due,
        attempts=1 if deadline and unheard else 0,
        tries_before=row.tries,
        unheard=unheard,
        deadline=deadline,
    )
    message = unit.messages.find(row.message)
    decides = row.kind is Kind.COPY and message and message.answering in {0, row.number}
    if message and decides and message.answer:
        unit.messages.put(message._replace(answer=0))
    return after


def _may_have_arrived(row: DeliveryRow) -> bool:
    tried = row.attempts > 0 or row.steps > 0
    return row.state is State.UNKNOWN or (row.state is State.DEAD and tried)


def _replay(unit: Unit, row: DeliveryRow, asked: Operate) -> None:
    if not asked.overwrites and row.lane and row.kind is Kind.COPY:
        at_end = passed(unit, row) or not row.seq
        refuse_to_overwrite(unit, row.lane, row.message, at_end=at_end)
    replay(unit, row, actor=asked.actor, reason=Reason.PERSON, detail=asked.reason)


def _block(unit: Unit, row: DeliveryRow, asked: Operate) -> None:
    move(unit, row, Step.BLOCK, actor=asked.actor, reason=Reason.PERSON, detail=asked.reason)


def _unblock(unit: Unit, row: DeliveryRow, asked: Operate) -> None:
    due = unit.now if has_turn(unit, row) else None
    move(
        unit,
        row,
        Step.UNBLOCK,
        actor=asked.actor,
        reason=Reason.PERSON,
        detail=asked.reason,
        due_at=due,
    )


def _discard(unit: Unit, row: DeliveryRow, asked: Operate) -> None:
    if row.kind is Kind.COPY and row.state not in ENDED:
        status, body, *_ = asked.answer or OriginAnswer("ERROR", b"")
        unit.put_answer(AnswerRow(row.message, row.number, unit.now, status, "DISCARDED", body))
    stopped = row.state in FAILED and passed(unit, row)
    after = move(
        unit, row, Step.DISCARD, actor=asked.actor, reason=Reason.DISCARDED, detail=asked.reason
    )
    if not stopped:
        leave(unit, after, asked.on_failure)
    conclude(unit, after, asked.on_failure, actor=asked.actor)


def _withdraw(unit: Unit, row: DeliveryRow, asked: Operate) -> None:
    run_out(unit, row, Overdue.DEADLINE, actor=asked.actor)


def _settle(unit: Unit, row: DeliveryRow, asked: Operate) -> None:
    """A person says what became of a delivery of which nobody knew (S11)."""
    step = Step.DELIVER if asked.step is Step.DELIVER else Step.REFUSE
    after = move(unit, row, step, actor=asked.actor, reason=Reason.PERSON, detail=asked.reason)
    if step is Step.DELIVER:
        learn(unit, row, asked.lesson, actor=asked.actor)
    keep_answer(unit, row, asked.answer)
    leave(unit, after, asked.on_failure)
    conclude(unit, after, asked.on_failure, actor=asked.actor)


_STEPS: dict[Step, Callable[[Unit, DeliveryRow, Operate], None]] = {
    Step.REPLAY: _replay,
    Step.BLOCK: _block,
    Step.UNBLOCK: _unblock,
    Step.DISCARD: _discard,
    Step.WITHDRAW: _withdraw,
    Step.DELIVER: _settle,
    Step.REFUSE: _settle,
}
