"""A message arrives: identity, plan and places in one commit (S4 to S7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bus.core.delivery import FAILED, GONE, HEARD, State, Step
from bus.core.identity import Identity, Standing, Verdict, judge_repeat, lane_of
from bus.core.journal import (
    MICROSECONDS,
    Acceptance,
    Accepted,
    AnswerRow,
    BusinessKeyRow,
    Claim,
    DeliveryRow,
    DocumentRow,
    Ended,
    Entry,
    FactKind,
    FactRow,
    IdentityRow,
    Kind,
    MessageRow,
    MessageState,
    Plan,
    Recorded,
    Rejected,
    Rejection,
    Repeated,
    Settlement,
    Unmatched,
)
from bus.core.route import Behind
from bus.store.ledger.acting import replay
from bus.store.ledger.claiming import lease
from bus.store.ledger.concluding import copies, owe_answer, promote, supersede
from bus.store.ledger.ending import hear
from bus.store.ledger.lanes import enter, has_turn
from bus.store.ledger.moving import told
from bus.store.tables import Unit

REPEATS = frozenset({Verdict.JOIN, Verdict.STORED, Verdict.UNKNOWN})


def accept(unit: Unit, asked: Acceptance) -> Accepted | Repeated:
    """Record a message with its deliveries, or say whose repeat it is."""
    earlier = _earlier(unit, asked.identity, asked.entry.content_hash)
    verdict = _judge(unit, earlier, asked.entry) if earlier else None
    if earlier and verdict is Verdict.CORRECTION and _was_processed(unit, earlier, asked.entry):
        verdict = Verdict.CONFLICT
    if earlier and verdict is Verdict.CONFLICT:
        return Repeated(earlier, verdict)
    if earlier and verdict in REPEATS:
        return _repeated(unit, earlier, verdict, asked.entry)
    if earlier and verdict is Verdict.RETRY:
        return _retried(unit, earlier, asked)
    replaced = copies(unit, earlier) if earlier and verdict is Verdict.CORRECTION else []
    return _record(unit, asked, parent=earlier.id if earlier else asked.parent, replaced=replaced)


def reject(unit: Unit, asked: Rejection) -> Rejected | Repeated:
    """Record a refusal; it takes an identity only where nobody has it."""
    earlier = _earlier(unit, asked.identity, asked.entry.content_hash)
    verdict = _judge(unit, earlier, asked.entry) if earlier else None
    if earlier and verdict in REPEATS:
        return _repeated(unit, earlier, verdict, asked.entry)
    row = _message_row(unit, asked.entry, MessageState.REJECTED)
    row = row._replace(faults=asked.faults, parent=earlier.id if earlier else asked.parent)
    if asked.identity and earlier is None:
        row = row._replace(identity=asked.identity.key)
        unit.put_identity(IdentityRow(row.identity, row.id, row.content_hash, unit.now))
    unit.put_message(row)
    unit.put_body(row.id, asked.entry.body)
    _tell(unit, row, FactKind.REJECTED, {"faults": asked.faults, "body": row.body_hash})
    return Rejected(row)


def settle(unit: Unit, asked: Settlement) -> Recorded | Repeated | Unmatched:
    """Record a destination's own response and end the delivery that it is about (S13)."""
    earlier = _earlier(unit, asked.identity, asked.entry.content_hash)
    found = unit.tables.sent_as(asked.entry.sender, asked.uuid)
    delivery = unit.delivery((found.message, found.number)) if found else None
    if earlier and not _is_news(delivery, earlier, asked.ended):
        return _repeated(unit, earlier, Verdict.STORED, asked.entry)
    if delivery is None:
        return Unmatched()
    row = _message_row(unit, asked.entry, MessageState.ACCEPTED)._replace(parent=delivery.message)
    if asked.identity:
        row = row._replace(identity=asked.identity.key)
        unit.put_identity(IdentityRow(row.identity, row.id, row.content_hash, unit.now))
    unit.put_message(row)
    unit.put_body(row.id, asked.entry.body)
    data = {"settles": delivery.message, "planned": [], "body": row.body_hash}
    _tell(unit, row, FactKind.ACCEPTED, data)
    ended = asked.ended._replace(
        message=delivery.message, number=delivery.number, attempt=delivery.tries
    )
    return replace(hear(unit, ended), response=row)


def _is_news(delivery: DeliveryRow | None, heard: MessageRow, ended: Ended) -> bool:
    """Whether a response that was heard before tells more: only OK to a message sent again does.

    A no may be that of an earlier attempt, and under the same UUID may by now go another message.
    """
    if delivery is None or delivery.message != heard.parent:
        return False
    return ended.step is Step.DELIVER and delivery.state in HEARD


# -- identity --------------------------------------------------------------------------------------


def _earlier(unit: Unit, identity: Identity | None, content_hash: str) -> MessageRow | None:
    """The message of an identity; by content, only the newest of its document counts."""
    if identity is None:
        return None
    key, window = identity
    known = unit.identity(key)
    if known is None:
        return None
    if window and (known.content_hash != content_hash or unit.now - known.at > window):
        return None
    return unit.message(known.message)


def _judge(unit: Unit, earlier: MessageRow, entry: Entry) -> Verdict:
    rows = copies(unit, earlier)
    return judge_repeat(
        same_content=earlier.content_hash == entry.content_hash,
        rejected=earlier.state is MessageState.REJECTED,
        withdrawn=_taken_back(earlier, rows),
        standings=[Standing(row.state, row.safe) for row in rows],
    )


def _was_processed(unit: Unit, earlier: MessageRow, entry: Entry) -> bool:
    """Whether what comes as a correction went out before, and was corrected itself.

    A late repeat looks just like a return to the old content. Where a destination has processed
    that, and repeating is not safe, the sender must say so with a new UUID.
    """
    ancestor = unit.message(earlier.parent) if earlier.parent else None
    while ancestor is not None and ancestor.identity == earlier.identity:
        if ancestor.content_hash == entry.content_hash:
            rows = copies(unit, ancestor)
            return any(row.state is State.DELIVERED and not row.safe for row in rows)
        ancestor = unit.message(ancestor.parent) if ancestor.parent else None
    return False


def _taken_back(message: MessageRow, rows: list[DeliveryRow]) -> bool:
    """Whether copies were withdrawn, other than by a person who gave up a delivery in doubt."""
    given_up = any(
        row.number == message.answering and row.state in GONE and row.reason != "WITHDRAWN"
        for row in rows
    )
    withdrawn = any(row.state is State.DISCARDED and row.reason == "WITHDRAWN" for row in rows)
    return withdrawn and not given_up


def _repeated(unit: Unit, earlier: MessageRow, verdict: Verdict, entry: Entry) -> Repeated:
    data = {
        "id": entry.id,
        "body": entry.body_hash,
        "verdict": verdict,
        "mode": entry.mode,
        "remote": entry.remote,
    }
    _tell(unit, earlier, FactKind.REPEATED, data)
    return Repeated(earlier, verdict, tuple(copies(unit, earlier)))


def _retried(unit: Unit, earlier: MessageRow, asked: Acceptance) -> Repeated:
    """Replay what stopped; who asks, and how, changes only where the answer is made anew."""
    stopped = [row for row in copies(unit, earlier) if row.state in FAILED | {State.UNKNOWN}]
    deadline = 0
    if earlier.answering in {0, *(row.number for row in stopped)}:
        deadline = _deadline(unit, asked)
        mode, answer_to = asked.entry.mode, asked.answer_to
        unit.put_message(earlier._replace(mode=mode, deadline=deadline, answer_to=answer_to))
    for row in stopped:
        urgent = deadline if row.number == earlier.answering else 0
        replay(unit, row, actor=asked.entry.sender, reason="repeat", deadline=urgent)
    again = unit.message(earlier.id) or earlier
    return _repeated(unit, again, Verdict.RETRY, asked.entry)


# -- recording -------------------------------------------------------------------------------------


def _record(unit: Unit, asked: Acceptance, *, parent: str, replaced: list[DeliveryRow]) -> Accepted:
    row = _message_row(unit, asked.entry, MessageState.ACCEPTED)
    document, known_target = _document(unit, asked)
    row = row._replace(
        document=document,
        parent=parent,
        rule=asked.rule,
        deadline=_deadline(unit, asked),
        planned=len(asked.plans),
        deliveries=len(asked.plans),
        answering=asked.answering,
        answer_to=asked.answer_to,
        faults=asked.faults,
        identity=asked.identity.key if asked.identity else "",
    )
    unit.put_message(row)
    unit.put_body(row.id, asked.entry.body)
    _index(unit, row, asked)
    deliveries = [_deliver(unit, row, n, plan, replaced) for n, plan in enumerate(asked.plans, 1)]
    _tell_accepted(unit, row, deliveries, known_target=known_target, actor=asked.actor)
    for gone in replaced:
        _replace(unit, gone, row)
    for delivery, plan in zip(deliveries, asked.plans, strict=True):
        if delivery.lane:
            promote(unit, delivery.lane, plan.behind)
    if not asked.plans:
        _answer_filtered(unit, row, asked)
    claims = tuple(_claims(unit, deliveries, asked))
    now = [unit.delivery((one.message, one.number)) or one for one in deliveries]
    return Accepted(unit.message(row.id) or row, tuple(now), claims)


def _message_row(unit: Unit, entry: Entry, state: MessageState) -> MessageRow:
    return MessageRow(
        id=entry.id,
        received_at=unit.now,
        state=state,
        sender=entry.sender,
        carrier=entry.carrier,
        remote=entry.remote,
        type=entry.type,
        transaction=entry.transaction,
        version=entry.version,
        uuid=entry.uuid,
        company=entry.company,
        branch=entry.branch,
        entity=entry.entity,
        event=entry.event,
        document="",
        mode=entry.mode,
        identity="",
        body_hash=entry.body_hash,
        content_hash=entry.content_hash,
        configuration=entry.configuration,
        rule="",
        parent="",
        deadline=0,
        planned=0,
        deliveries=0,
        answering=0,
        answer=0,
        answer_to="",
        faults="[]",
    )


def _document(unit: Unit, asked: Acceptance) -> tuple[str, bool]:
    """The document whose lane it goes in: a cancellation goes in its target's, if that is known."""
    if asked.target is None:
        return asked.document, True
    known = unit.document((asked.entry.sender, asked.target.entity, asked.target.id))
    return (known.document, True) if known else (asked.document, False)


def _index(unit: Unit, row: MessageRow, asked: Acceptance) -> None:
    if asked.identity:
        unit.put_identity(IdentityRow(row.identity, row.id, row.content_hash, unit.now))
    if asked.own_id and asked.own_id.id:
        own = asked.own_id
        unit.put_document(DocumentRow(row.sender, own.entity, own.id, row.document))
    for name, value in asked.business_keys:
        unit.put_business_key(BusinessKeyRow(name, value, row.id))


def _deliver(
    unit: Unit, message: MessageRow, number: int, plan: Plan, replaced: list[DeliveryRow]
) -> DeliveryRow:
    lane = ""
    if plan.ordered and message.document:
        lane = lane_of(plan.destination, message.sender, message.document)
    seq = _place(unit, lane, replaced) if lane else 0
    row = DeliveryRow(
        message=message.id,
        number=number,
        kind=Kind.COPY,
        destination=plan.destination,
        rule=plan.rule,
        lane=lane,
        seq=seq,
        state=State.HELD if plan.held else State.WAITING,
        due_at=None,
        deadline=message.deadline if number == message.answering else 0,
        attempts=0,
        tries=0,
        worker="",
        lease_until=0,
        started=False,
        safe=plan.safe,
        sent_uuid=plan.sent_uuid,
        reason="",
        changed_at=unit.now,
    )
    if row.state is State.WAITING and has_turn(unit, row):
        row = row._replace(due_at=unit.now)
    unit.put_delivery(row)
    return row


def _place(unit: Unit, lane: str, replaced: list[DeliveryRow]) -> int:
    """The next place, or that of the failed delivery which a correction replaces."""
    for row in replaced:
        if row.lane == lane and row.state in FAILED and has_turn(unit, row):
            unit.put_delivery(row._replace(seq=0))
            return row.seq
    return enter(unit, lane)


def _replace(unit: Unit, gone: DeliveryRow, by: MessageRow) -> None:
    row = unit.delivery((gone.message, gone.number)) or gone
    if row.state in FAILED:
        after = supersede(unit, row, by=by.id)
        if after.lane and after.seq:
            promote(unit, after.lane, Behind.HOLD)


def _answer_filtered(unit: Unit, row: MessageRow, asked: Acceptance) -> None:
    _tell(unit, row, FactKind.FILTERED, {"rule": asked.rule})
    if asked.answer:
        answer = AnswerRow(row.id, 1, unit.now, asked.answer.status, "", asked.answer.body)
        unit.put_answer(answer)
        owe_answer(unit, row, 1)


def _claims(unit: Unit, deliveries: list[DeliveryRow], asked: Acceptance) -> list[Claim]:
    claims = []
    for planned in deliveries:
        row = unit.delivery((planned.message, planned.number)) or planned
        wanted = row.destination in asked.claims and row.state is State.WAITING
        if not wanted or row.due_at is None:
            continue
        application = unit.application(row.destination)
        if application.outages == 0 or row.deadline:
            claims.append(lease(unit, row, asked.worker, asked.lease))
    return claims


def _deadline(unit: Unit, asked: Acceptance) -> int:
    return unit.now + int(asked.deadline * MICROSECONDS) if asked.deadline is not None else 0


# -- telling ---------------------------------------------------------------------------------------


def _tell(unit: Unit, row: MessageRow, kind: FactKind, data: Mapping[str, object]) -> None:
    unit.put_fact(FactRow(unit.now, kind, row.id, 0, 0, "", row.sender, "", told(data)))


def _tell_accepted(
    unit: Unit, row: MessageRow, deliveries: list[DeliveryRow], *, known_target: bool, actor: str
) -> None:
    planned = [[d.number, d.destination, d.lane, d.seq, d.state] for d in deliveries]
    data: dict[str, object] = {"planned": planned, "body": row.body_hash}
    if not known_target:
        data["target"] = "not found"
    if row.parent:
        data["parent"] = row.parent
    fact = FactRow(
        unit.now, FactKind.ACCEPTED, row.id, 0, 0, "", actor or row.sender, "", told(data)
    )
    unit.put_fact(fact)
