"""An attempt ends, or news of one comes: outcome, promotion and answer in one commit (S8, S10)."""

from __future__ import annotations

from bus.core.decide import confirms, despite, settles
from bus.core.delivery import ENDED, HEARD, Kind, Reason, State, Step
from bus.core.errors import Fault
from bus.core.outcome import Outcome
from bus.core.route import OnFailure
from bus.journal.claims import is_asked, is_current
from bus.journal.commands import RecordAttempt, Recorded
from bus.journal.depara import await_ids, learn
from bus.journal.facts import FactKind
from bus.journal.lanes import conclude, leave
from bus.journal.rows import MICROSECONDS, AttemptRow, DeliveryRow
from bus.journal.step import keep_answer, move, note
from bus.journal.unit import Unit

DEFINITE = frozenset({Step.DELIVER, Step.REFUSE})


def record_attempt(unit: Unit, ended: RecordAttempt) -> Recorded:
    """Record the end of an attempt, as the worker that made it tells."""
    row = _delivery(unit, ended)
    if ended.question:
        return _record_question(unit, row, ended)
    _keep_attempt(unit, row, ended)
    current = is_current(row, ended.worker, ended.attempt)
    last = ended.attempt == row.tries
    if current:
        return _settle(unit, row, _despite(row, ended), late=False)
    if settles(row.state, ended.step, last=last):
        return _settle(unit, row, ended, late=True)
    return _late(unit, row, ended)


def _despite(row: DeliveryRow, ended: RecordAttempt) -> RecordAttempt:
    """What an attempt leads to; where an earlier OK was heard, to that, and to its answer."""
    step = despite(ended.step, confirmed=row.confirmed)
    if step is ended.step:
        return ended
    return ended._replace(step=step, reason=Reason.NONE, detail="", answer=None, wanted=())


def record_news(unit: Unit, ended: RecordAttempt) -> Recorded:
    """Record what a destination tells by itself of a delivery, whoever holds its lease."""
    row = _delivery(unit, ended)
    if ended.step not in DEFINITE or not _is_awaited(row, ended.step):
        return _late(unit, row, ended)
    if row.started and row.tries > 1 and confirms(row.state, ended.step):
        return _late(unit, row, ended)  # it may be of an earlier try, and this one on its way
    if row.unheard and ended.step is Step.REFUSE:
        return _late(unit, _heard_no(unit, row), ended)
    if row.state is State.SENDING:
        took = (unit.now - row.changed_at) / MICROSECONDS
        _keep_attempt(unit, row, ended._replace(worker=row.worker, took=took))
    return _settle(unit, row, ended, late=False)


def _heard_no(unit: Unit, row: DeliveryRow) -> DeliveryRow:
    """A no that may be that of the sending before: of two, only the second no is final (S13)."""
    row = row._replace(unheard=False)
    unit.put_delivery(row)
    return row


def _is_awaited(row: DeliveryRow, step: Step) -> bool:
    """Whether news of it is news; of what is to be sent again an OK is, if it ever left."""
    if row.state is State.WAITING:
        return bool(row.attempts or row.tries_before) and settles(row.state, step, last=False)
    return row.state in HEARD


def _record_question(unit: Unit, row: DeliveryRow, ended: RecordAttempt) -> Recorded:
    """Record what a destination said of an attempt when it was asked later, or that it could not.

    What came to be known meanwhile, and what a person did, stands.
    """
    expected = is_asked(row, ended.attempt, ended.asked)
    if ended.step in {Step.ASK, Step.MARK_UNKNOWN}:
        return _result(
            unit, _stay_unknown(unit, row, ended) if expected else row, late=not expected
        )
    last = ended.attempt == row.tries
    if not (expected or settles(row.state, ended.step, last=last)):
        return _late(unit, row, ended)
    _keep_attempt(unit, row, ended)
    return _settle(unit, row, ended, late=False)


def _stay_unknown(unit: Unit, row: DeliveryRow, ended: RecordAttempt) -> DeliveryRow:
    """It is asked again, or is a person's. Why nobody knows is still why."""
    if ended.outcome is Outcome.UNKNOWN:
        ended = ended._replace(reason=row.reason, detail=row.detail)
    return _move(unit, row, ended, FactKind.STATE_CHANGED)


def _delivery(unit: Unit, ended: RecordAttempt) -> DeliveryRow:
    row = unit.deliveries.find((ended.message, ended.number))
    if row is None:
        raise KeyError((ended.message, ended.number))
    return row


def _settle(unit: Unit, row: DeliveryRow, ended: RecordAttempt, *, late: bool) -> Recorded:
    row = _forget_progress(unit, row, ended)
    after = _move(unit, row, ended)
    _complain(unit, row, ended)
    if ended.outcome is Outcome.DELIVERED:  # also of one of several ids, before the next (D7)
        learn(unit, row, ended.lesson)
    if ended.step is Step.AWAIT_DEPARA:
        await_ids(unit, after, ended.wanted)
    _note_health(unit, row, ended)
    _consequences(unit, after, ended)
    return _result(unit, after, late=late, complaints=ended.complaints)


def _complain(unit: Unit, row: DeliveryRow, ended: RecordAttempt) -> None:
    """Keep what the answer has wrong, a fact each: nothing else comes of it (S4)."""
    for one in ended.complaints:
        kind = FactKind.ANSWER_DIFFERS
        note(unit, row, kind, attempt=ended.attempt, reason=one.code, data=one.plain())


def _forget_progress(unit: Unit, row: DeliveryRow, ended: RecordAttempt) -> DeliveryRow:
    """Progress is there to go on with a send, and this one is over: the destination said OK.

    What is sent next under the same delivery, for another of several ids, begins anew.
    """
    if ended.outcome is not Outcome.DELIVERED or not row.steps:
        return row
    unit.erase_progress((row.message, row.number))
    return row._replace(steps=0)


def _late(unit: Unit, row: DeliveryRow, ended: RecordAttempt) -> Recorded:
    if ended.step is Step.DELIVER:  # what an OK taught is learnt, but takes no newer one's place
        learn(unit, row, ended.lesson, late=True)
    if confirms(row.state, ended.step):
        keep_answer(unit, row, ended.answer, ended.reason.text(ended.detail))
        row = row._replace(confirmed=True)
        unit.put_delivery(row)
    note(
        unit,
        row,
        FactKind.LATE_OUTCOME,
        attempt=ended.attempt,
        actor=ended.actor or ended.worker,
        reason=ended.reason.text(ended.detail),
        data=_data(ended),
    )
    _complain(unit, row, ended)
    return _result(unit, row, late=True, complaints=ended.complaints)


def _keep_attempt(unit: Unit, row: DeliveryRow, ended: RecordAttempt) -> None:
    started_at = unit.now - int(ended.took * MICROSECONDS)
    unit.put_attempt(
        AttemptRow(
            row.message,
            row.number,
            ended.attempt,
            ended.worker,
            started_at,
            unit.now,
            ended.outcome or "",
            ended.fault,
            ended.substitutions,
            ended.raw,
        )
    )


def _data(ended: RecordAttempt) -> dict[str, object]:
    data: dict[str, object] = {
        "outcome": ended.outcome.value if ended.outcome else "",
        "step": ended.step.value,
    }
    return data | {"asked": ended.asked} if ended.asked else data


def _move(
    unit: Unit, row: DeliveryRow, ended: RecordAttempt, kind: FactKind = FactKind.ENDED
) -> DeliveryRow:
    due_at = None
    if ended.step in {Step.POSTPONE, Step.ASK}:
        due_at = unit.now + int(ended.wait * MICROSECONDS)
    elif ended.step is Step.AWAIT_RESPONSE:
        due_at = unit.now + int(ended.respond_within * MICROSECONDS)
    elif ended.step is Step.AWAIT_DEPARA:
        due_at = unit.now + int(ended.pair_within * MICROSECONDS)
    return move(
        unit,
        row,
        ended.step,
        kind=kind,
        actor=ended.actor or ended.worker,
        reason=ended.reason,
        detail=ended.detail,
        attempt=ended.attempt,
        data=_data(ended),
        due_at=due_at,
        attempts=row.attempts + (1 if ended.costs else 0),
        asked=ended.asked if ended.step in {Step.ASK, Step.MARK_UNKNOWN} else 0,
    )


def _note_health(unit: Unit, row: DeliveryRow, ended: RecordAttempt) -> None:
    """Pause an application that cannot be reached, or where too many in a row failed.

    Take it back when it was reached. Where nothing was sent, another delivery shows how it is.
    """
    if ended.pause is None:
        return
    application = unit.applications.get(row.destination)
    if ended.outcome is Outcome.WITHHELD:
        if application.outages:
            unit.applications.put(application._replace(paused_until=unit.now))
        return
    pause, failures = ended.pause, application.failures
    if not pause:
        failures = 0 if ended.trip is None else failures + 1
        if ended.trip and 0 < ended.pause_after <= failures:
            pause = ended.trip
    until = unit.now + int(pause * MICROSECONDS) if pause else 0
    outages = application.outages + 1 if pause else 0
    after = application._replace(paused_until=until, outages=outages, failures=failures)
    if after != application:
        unit.applications.put(after)


def _consequences(unit: Unit, row: DeliveryRow, ended: RecordAttempt) -> None:
    if row.state is State.AWAITING_DEPARA:
        leave(unit, row, ended.on_failure)
    if row.state not in ENDED:
        return
    keep_answer(unit, row, ended.answer, ended.reason.text(ended.detail))
    leave(unit, row, OnFailure.CONTINUE if row.kind is Kind.ANSWER else ended.on_failure)
    conclude(unit, row, ended.on_failure, actor=ended.actor)


def _result(
    unit: Unit, row: DeliveryRow, *, late: bool, complaints: tuple[Fault, ...] = ()
) -> Recorded:
    message = unit.messages.find(row.message)
    if message is None:
        raise KeyError(row.message)
    now = unit.deliveries.find((row.message, row.number)) or row
    answer = unit.changes.answers.get((row.message, message.answer)) if message.answer else None
    changed = moved(unit, row.message)
    return Recorded(message, now, late, changed, answer, complaints=complaints)


def moved(unit: Unit, message: str) -> tuple[DeliveryRow, ...]:
    """The deliveries that this command changed: those of a message, and those that are now due."""
    keys = dict.fromkeys((row.message, row.number) for row in unit.touched)
    rows = [row for key in keys if (row := unit.deliveries.find(key)) is not None]
    return tuple(
        row
        for row in rows
        if row.message == message or (row.state is State.WAITING and row.due_at is not None)
    )
