"""A message arrives: identity, plan and places in one commit (S4 to S7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bus.core.delivery import FAILED, Kind, Reason, State
from bus.core.identity import RepeatVerdict, lane_of
from bus.core.plan import PlannedDelivery
from bus.core.route import OnFailure
from bus.journal.claims import end_if_stuck, lease
from bus.journal.commands import (
    Accept,
    Accepted,
    Claim,
    Forgotten,
    Reject,
    Rejected,
    Repeated,
)
from bus.journal.cursors import move_cursor
from bus.journal.documents import lanes_in, whereabouts
from bus.journal.facts import FactKind, FactRow
from bus.journal.lanes import (
    copies,
    enter,
    has_turn,
    owe_answer,
    promote,
    refuse_to_overwrite,
    supersede,
)
from bus.journal.message import message_row, tell_of
from bus.journal.repeats import (
    REPEATS,
    deadline_of,
    earlier_of,
    forgotten,
    judge,
    repeated,
    retried,
    was_processed,
)
from bus.journal.rows import (
    MICROSECONDS,
    AnswerRow,
    BusinessKeyRow,
    DeliveryRow,
    DocumentRow,
    IdentityRow,
    MessageRow,
    MessageState,
)
from bus.journal.unit import Unit

GENERATIONS = 8
"""How many messages, each a correction of the one before, are looked through for calls made."""


def accept(unit: Unit, asked: Accept) -> Accepted | Repeated | Forgotten:
    """Record a message with its deliveries, or say whose repeat it is."""
    if gone := forgotten(unit, asked.identity, asked.entry.content_hash):
        return gone  # it will be rejected, which moves the cursor
    earlier = earlier_of(unit, asked.identity, asked.entry.content_hash)
    verdict = judge(unit, earlier, asked.entry) if earlier else None
    if (
        earlier
        and verdict is RepeatVerdict.CORRECTION
        and was_processed(unit, earlier, asked.entry)
    ):
        verdict = RepeatVerdict.CONFLICT
    if earlier and verdict is RepeatVerdict.CONFLICT:
        return Repeated(earlier, verdict)  # it will be rejected, which moves the cursor
    move_cursor(unit, asked.cursor)
    if earlier and verdict in REPEATS:
        return repeated(unit, earlier, verdict, asked.entry)
    if earlier and verdict is RepeatVerdict.RETRY:
        return retried(unit, earlier, asked)
    # A correction stands in the place of what failed; so does what is sent again as a new message.
    replaced = copies(unit, earlier) if earlier else []
    return _record(unit, asked, parent=earlier.id if earlier else asked.parent, replaced=replaced)


def reject(unit: Unit, asked: Reject) -> Rejected | Repeated:
    """Record a refusal; it takes an identity only where nobody has it."""
    move_cursor(unit, asked.cursor)
    earlier = earlier_of(unit, asked.identity, asked.entry.content_hash)
    verdict = judge(unit, earlier, asked.entry) if earlier else None
    if earlier and verdict in REPEATS:
        return repeated(unit, earlier, verdict, asked.entry)
    row = message_row(unit, asked.entry, MessageState.REJECTED)
    row = row._replace(
        own_document=asked.own_document,
        parent=earlier.id if earlier else asked.parent,
        faults=asked.faults,
    )
    if asked.identity and earlier is None and not _is_forgotten(unit, asked):
        row = row._replace(identity=asked.identity.key)
        unit.identities.put(IdentityRow(row.identity, row.id, row.content_hash, unit.now))
    unit.messages.put(row)
    unit.put_body(row.id, asked.entry.body)
    _put_business_keys(unit, row, asked.business_keys)
    tell_of(
        unit,
        row,
        FactKind.REJECTED,
        {"faults": [one.plain() for one in asked.faults], "body": row.body_hash},
    )
    return Rejected(row)


def _is_forgotten(unit: Unit, asked: Reject) -> bool:
    return forgotten(unit, asked.identity, asked.entry.content_hash) is not None


# -- recording -------------------------------------------------------------------------------------


def _record(unit: Unit, asked: Accept, *, parent: str, replaced: list[DeliveryRow]) -> Accepted:
    row = message_row(unit, asked.entry, MessageState.ACCEPTED)
    document, known_target = whereabouts(unit, asked)
    own = asked.own_document or asked.document
    row = row._replace(
        document=document,
        own_document=own if document and own != document else "",
        parent=parent,
        rule=asked.rule,
        deadline=deadline_of(unit, asked),
        planned=len(asked.plans),
        deliveries=len(asked.plans),
        answering=asked.answering,
        answer_to=asked.answer_to,
        faults=asked.faults,
        identity=asked.identity.key if asked.identity else "",
    )
    unit.messages.put(row)
    unit.put_body(row.id, asked.entry.body)
    _index(unit, row, asked)
    if asked.actor and document and not asked.overwrites:
        for lane in lanes_in(asked, document):
            at_end = _left_by(unit, lane, replaced) is None
            refuse_to_overwrite(unit, lane, asked.parent, at_end=at_end)
    deliveries = [_deliver(unit, row, n, plan, replaced) for n, plan in enumerate(asked.plans, 1)]
    deliveries = _going_on(unit, row, deliveries, (parent, asked.parent))
    _tell_accepted(unit, row, deliveries, known_target=known_target, actor=asked.actor)
    if asked.actor:
        fact = FactRow(unit.now, FactKind.REPLAYED, asked.parent, 0, 0, "", asked.actor, "")
        unit.put_fact(fact._replace(data={"as": row.id}))
    for gone in replaced:
        _replace(unit, gone, row)
    for delivery, plan in zip(deliveries, asked.plans, strict=True):
        if delivery.lane:
            promote(unit, delivery.lane, plan.on_failure)
    if not asked.plans:
        _answer_filtered(unit, row, asked)
    _end_stuck(unit, deliveries)
    claims = tuple(_claims(unit, deliveries, asked))
    now = [unit.deliveries.find((one.message, one.number)) or one for one in deliveries]
    return Accepted(unit.messages.find(row.id) or row, tuple(now), claims)


def _end_stuck(unit: Unit, deliveries: list[DeliveryRow]) -> None:
    for one in deliveries:
        end_if_stuck(unit, unit.deliveries.find((one.message, one.number)) or one)


def _index(unit: Unit, row: MessageRow, asked: Accept) -> None:
    if asked.identity:
        unit.identities.put(IdentityRow(row.identity, row.id, row.content_hash, unit.now))
    if asked.own_id and asked.own_id.id:
        own = asked.own_id
        unit.put_document(DocumentRow(row.sender, own.entity, own.id, row.document))
    _put_business_keys(unit, row, asked.business_keys)


def _put_business_keys(unit: Unit, row: MessageRow, keys: Iterable[tuple[str, str]]) -> None:
    for name, value in keys:
        unit.put_business_key(BusinessKeyRow(name, value, row.id))


def _deliver(
    unit: Unit, message: MessageRow, number: int, plan: PlannedDelivery, replaced: list[DeliveryRow]
) -> DeliveryRow:
    lane = ""
    if plan.ordered and message.document:
        lane = lane_of(plan.destination, message.sender, message.document)
    seq = _place(unit, lane, replaced) if lane else 0
    due = not plan.held and (not lane or unit.lanes.get(lane).head == seq)
    row = DeliveryRow(
        message=message.id,
        number=number,
        kind=Kind.COPY,
        destination=plan.destination,
        rule=plan.rule,
        lane=lane,
        seq=seq,
        state=State.HELD if plan.held else State.WAITING,
        due_at=unit.now if due else None,
        deadline=message.deadline if number == message.answering else 0,
        attempts=0,
        tries=0,
        worker="",
        lease_until=0,
        started=False,
        safe=plan.safe,
        sent_uuid=plan.sent_uuid,
        reason=Reason.NONE,
        detail="",
        changed_at=unit.now,
        check_after=int(plan.check_after * MICROSECONDS),
    )
    unit.put_delivery(row)
    return row


def _going_on(
    unit: Unit, message: MessageRow, deliveries: list[DeliveryRow], parents: tuple[str, str]
) -> list[DeliveryRow]:
    """The calls of the same content that a destination has answered are not made again."""
    earlier = [copy for one in _before(unit, parents) for copy in copies(unit, one)]
    same = [
        copy
        for copy in earlier
        if copy.steps and unit.messages.get(copy.message).content_hash == message.content_hash
    ]
    return [_with_calls_of(unit, row, same) for row in deliveries] if same else deliveries


def _before(unit: Unit, parents: tuple[str, str]) -> Iterator[MessageRow]:
    """What a message replaces or sends again, and what that did, the last few."""
    for first in dict.fromkeys(filter(None, parents)):
        message = unit.messages.find(first)
        for _ in range(GENERATIONS):
            if message is None:
                break
            yield message
            message = unit.messages.find(message.parent) if message.parent else None


def _with_calls_of(unit: Unit, row: DeliveryRow, earlier: Iterable[DeliveryRow]) -> DeliveryRow:
    before = next((one for one in earlier if one.destination == row.destination), None)
    if before is None:
        return row
    for made in unit.progress_of([(before.message, before.number)]):
        unit.put_progress(made._replace(message=row.message, number=row.number))
    row = row._replace(steps=before.steps)
    unit.put_delivery(row)
    return row


def _place(unit: Unit, lane: str, replaced: list[DeliveryRow]) -> int:
    """The next place, or that of the failed delivery which a correction replaces."""
    row = _left_by(unit, lane, replaced)
    if row is None:
        return enter(unit, lane)
    unit.put_delivery(row._replace(seq=0))
    return row.seq


def _left_by(unit: Unit, lane: str, replaced: list[DeliveryRow]) -> DeliveryRow | None:
    """The failed delivery whose turn it is in a lane, and that is replaced."""
    return next(
        (
            row
            for row in replaced
            if row.lane == lane and row.state in FAILED and has_turn(unit, row)
        ),
        None,
    )


def _replace(unit: Unit, gone: DeliveryRow, by: MessageRow) -> None:
    row = unit.deliveries.find((gone.message, gone.number)) or gone
    if row.state in FAILED:
        after = supersede(unit, row, by=by.id)
        if after.lane and after.seq:
            promote(unit, after.lane, OnFailure.HOLD)


def _answer_filtered(unit: Unit, row: MessageRow, asked: Accept) -> None:
    tell_of(unit, row, FactKind.FILTERED, {"rule": asked.rule})
    if asked.answer:
        answer = AnswerRow(row.id, 1, unit.now, asked.answer.status, "", asked.answer.body)
        unit.put_answer(answer)
        owe_answer(unit, row, 1)


def _claims(unit: Unit, deliveries: list[DeliveryRow], asked: Accept) -> list[Claim]:
    claims = []
    for planned in deliveries:
        row = unit.deliveries.find((planned.message, planned.number)) or planned
        wanted = row.destination in asked.claims and row.state is State.WAITING
        if not wanted or row.due_at is None:
            continue
        application = unit.applications.get(row.destination)
        if application.outages == 0 or row.deadline:
            claim = lease(unit, row, asked.worker, asked.lease)
            made = unit.progress_of([(row.message, row.number)]) if row.steps else ()
            claims.append(claim._replace(progress=tuple(made)))
    return claims


# -- telling ---------------------------------------------------------------------------------------


def _tell_accepted(
    unit: Unit, row: MessageRow, deliveries: list[DeliveryRow], *, known_target: bool, actor: str
) -> None:
    planned = [[d.number, d.destination, d.lane, d.seq, d.state.value] for d in deliveries]
    data: dict[str, object] = {"planned": planned, "body": row.body_hash}
    if not known_target:
        data["target"] = "not found"
    if row.parent:
        data["parent"] = row.parent
    fact = FactRow(unit.now, FactKind.ACCEPTED, row.id, 0, 0, "", actor or row.sender, "", data)
    unit.put_fact(fact)
