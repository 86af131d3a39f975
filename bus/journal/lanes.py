"""Lanes: places in order and whose turn it is; what the end of a delivery leads to for others.

S7, S9, S12 and S13, in one commit with the end itself.
"""

from __future__ import annotations

from bus.core.delivery import ENDED, FAILED, GONE, Kind, Reason, State, Step
from bus.core.identity import SEPARATOR, lane_of
from bus.core.route import OnFailure
from bus.journal.facts import FactKind, FactRow
from bus.journal.rows import DeliveryRow, LaneRow, MessageRow
from bus.journal.step import keep_reason_as_answer, move
from bus.journal.unit import Unit

ANSWERS = "answers"
"""Stands for the sender in the lanes of answers. No application may have that name."""

REPLACEABLE = FAILED | {State.AWAITING_DEPARA}
"""Heads that a newer snapshot of the document replaces."""


def leave(unit: Unit, row: DeliveryRow, on_failure: OnFailure) -> None:
    """Let the lane go on where a delivery has ended or stopped and its turn is over."""
    if not row.lane:
        return
    if row.state is State.DELIVERED:
        lane = unit.lanes.get(row.lane)
        unit.lanes.put(lane._replace(delivered=max(lane.delivered, row.message)))
    if not has_turn(unit, row):
        return
    if row.state in FAILED and on_failure is OnFailure.CONTINUE:
        lane = unit.lanes.get(row.lane)
        unit.lanes.put(lane._replace(head=row.seq + 1))
    promote(unit, row.lane, on_failure)


def promote(unit: Unit, name: str, on_failure: OnFailure) -> None:
    """Move the head past what is gone or replaced, and make the new head due."""
    lane = unit.lanes.get(name)
    while lane.head <= lane.entered:
        row = unit.at_place(name, lane.head)
        if row is not None and not _goes(unit, row, lane, on_failure):
            if row.state is State.WAITING and row.due_at is None:
                unit.put_delivery(row._replace(due_at=unit.now, changed_at=unit.now))
            break
        lane = lane._replace(head=lane.head + 1)
        unit.lanes.put(lane)


def _goes(unit: Unit, row: DeliveryRow, lane: LaneRow, on_failure: OnFailure) -> bool:
    """Whether the head is gone, superseding it where the next one replaces it."""
    if row.state in GONE:
        return True
    if on_failure is not OnFailure.SUPERSEDE or row.state not in REPLACEABLE:
        return False
    newer = _newer(unit, lane)
    if newer is None or newer.state is State.HELD:  # what is held may yet be withdrawn
        return False
    if not _of_one_document(unit, row, newer):
        return False
    supersede(unit, row, by=newer.message)
    return True


def _newer(unit: Unit, lane: LaneRow) -> DeliveryRow | None:
    """The first delivery behind the head that is not gone."""
    for seq in range(lane.head + 1, lane.entered + 1):
        row = unit.at_place(lane.name, seq)
        if row is not None and row.state not in GONE:
            return row
    return None


def _of_one_document(unit: Unit, one: DeliveryRow, other: DeliveryRow) -> bool:
    """Whether two deliveries of a lane are about the same: it may be that of several documents."""
    messages = [unit.messages.find(row.message) for row in (one, other)]
    return len({message.about for message in messages if message}) == 1


def supersede(unit: Unit, row: DeliveryRow, by: str) -> DeliveryRow:
    """Discard a delivery because a newer message of its document stands."""
    if row.state not in ENDED:
        keep_reason_as_answer(unit, row, Reason.SUPERSEDED)
    after = move(unit, row, Step.SUPERSEDE, reason=Reason.SUPERSEDED, data={"by": by})
    conclude(unit, after, OnFailure.SUPERSEDE)
    return after


def copies(unit: Unit, message: MessageRow) -> list[DeliveryRow]:
    """The deliveries of the message itself, without answers to its origin."""
    keys = [(message.id, number) for number in range(1, message.planned + 1)]
    unit.deliveries.load(keys)
    return [row for key in keys if (row := unit.deliveries.find(key)) is not None]


def conclude(unit: Unit, row: DeliveryRow, on_failure: OnFailure, *, actor: str = "") -> None:
    """After a copy ended: release or withdraw held siblings, and owe the origin its answer."""
    message = unit.messages.find(row.message)
    if row.kind is Kind.ANSWER or message is None or row.state not in ENDED:
        return
    if message.answering == row.number:
        _settle_held(unit, message, released=row.state is State.DELIVERED, on_failure=on_failure)
    decisive = _decisive(copies(unit, message), message.answering)
    if decisive and not message.answer:
        owe_answer(unit, message, decisive, actor=actor)


def _settle_held(unit: Unit, message: MessageRow, *, released: bool, on_failure: OnFailure) -> None:
    for copy in copies(unit, message):
        if copy.state is not State.HELD:
            continue
        if released:
            due = unit.now if has_turn(unit, copy) else None
            move(unit, copy, Step.RELEASE, due_at=due)
            if copy.lane:
                promote(unit, copy.lane, on_failure)
        else:
            keep_reason_as_answer(unit, copy, Reason.WITHDRAWN)
            leave(unit, move(unit, copy, Step.WITHDRAW, reason=Reason.WITHDRAWN), on_failure)


def _decisive(rows: list[DeliveryRow], answering: int) -> int:
    """The number of the delivery whose answer is the sender's; 0 while it is not known."""
    if answering:
        return answering if any(r.number == answering and r.state in ENDED for r in rows) else 0
    if not all(row.state in ENDED for row in rows):
        return 0
    failed = [row.number for row in rows if row.state is not State.DELIVERED]
    return (failed or [row.number for row in rows])[0]


def owe_answer(unit: Unit, message: MessageRow, decisive: int, *, actor: str = "") -> None:
    """Fix which answer the origin gets, and plan its delivery where the origin takes it so."""
    message = message._replace(answer=decisive)
    if message.answer_to:
        message = message._replace(deliveries=message.deliveries + 1)
        _plan_answer(unit, message)
    unit.messages.put(message)
    unit.put_fact(FactRow(unit.now, FactKind.ANSWERED, message.id, decisive, 0, "", actor, ""))


def _plan_answer(unit: Unit, message: MessageRow) -> None:
    lane = lane_of(message.answer_to, ANSWERS, message.document) if message.document else ""
    row = DeliveryRow(
        message=message.id,
        number=message.deliveries,
        kind=Kind.ANSWER,
        destination=message.answer_to,
        rule=message.rule,
        lane=lane,
        seq=enter(unit, lane) if lane else 0,
        state=State.WAITING,
        due_at=None,
        deadline=0,
        attempts=0,
        tries=0,
        worker="",
        lease_until=0,
        started=False,
        safe=True,
        sent_uuid="",
        reason=Reason.NONE,
        detail="",
        changed_at=unit.now,
    )
    row = row._replace(due_at=unit.now if has_turn(unit, row) else None)
    unit.put_delivery(row)
    planned = [[row.number, row.destination, row.lane, row.seq, row.state.value]]
    unit.put_fact(
        FactRow(
            unit.now,
            FactKind.PLANNED,
            row.message,
            row.number,
            0,
            "",
            "",
            "",
            {"planned": planned},
        )
    )


def enter(unit: Unit, name: str) -> int:
    """Give the next place of a lane."""
    lane = unit.lanes.get(name)
    unit.lanes.put(lane._replace(entered=lane.entered + 1))
    return lane.entered + 1


def has_turn(unit: Unit, row: DeliveryRow) -> bool:
    """Whether a delivery may be sent as far as order goes."""
    return not row.lane or unit.lanes.get(row.lane).head == row.seq


class Overwrites(Exception):
    """What a person would send again is older than `newer`, which goes before it in `lane`."""

    def __init__(self, newer: str, lane: str) -> None:
        super().__init__(f"{newer} goes before it in {lane}")
        self.newer = newer
        self.destination = lane.partition(SEPARATOR)[0]


def refuse_to_overwrite(unit: Unit, name: str, message: str, *, at_end: bool) -> None:
    """Raise Overwrites where a newer message was delivered in a lane, or will be before that one.

    `at_end`: it would go behind all that is there.
    """
    lane = unit.lanes.get(name)
    newer = max(lane.delivered, _newest(unit, lane)) if at_end else lane.delivered
    if newer > message:
        raise Overwrites(newer, name)


def _newest(unit: Unit, lane: LaneRow) -> str:
    """The newest message that is to be delivered in a lane; empty where there is none."""
    places = [(lane.name, seq) for seq in range(lane.head, lane.entered + 1)]
    unit.load_places(places)
    rows = [row for place in places if (row := unit.at_place(*place)) is not None]
    return max((row.message for row in rows if row.state not in ENDED), default="")


def passed(unit: Unit, row: DeliveryRow) -> bool:
    """Whether the lane has gone on without a delivery."""
    return bool(row.lane) and row.seq < unit.lanes.get(row.lane).head
