"""A destination's own response arrives: which delivery it ends (S13)."""

from __future__ import annotations

from dataclasses import replace

from bus.core.delivery import HEARD, Step
from bus.core.identity import RepeatVerdict
from bus.journal.commands import RecordAttempt, Recorded, RecordResponse, Repeated, Unmatched
from bus.journal.cursors import move_cursor
from bus.journal.facts import FactKind
from bus.journal.message import message_row, tell_of
from bus.journal.outcomes import record_news
from bus.journal.repeats import earlier_of, repeated
from bus.journal.rows import DeliveryRow, IdentityRow, MessageRow, MessageState
from bus.journal.unit import Unit


def record_response(unit: Unit, asked: RecordResponse) -> Recorded | Repeated | Unmatched:
    """Record a destination's own response and end the delivery that it is about (S13)."""
    earlier = earlier_of(unit, asked.identity, asked.entry.content_hash)
    delivery = unit.deliveries.find((asked.ended.message, asked.ended.number))
    if earlier and not _is_news(delivery, earlier, asked.ended):
        move_cursor(unit, asked.cursor)
        return repeated(unit, earlier, RepeatVerdict.STORED, asked.entry)
    if delivery is None or delivery.destination != asked.entry.sender:
        return Unmatched()
    move_cursor(unit, asked.cursor)
    row = message_row(unit, asked.entry, MessageState.ACCEPTED)._replace(parent=delivery.message)
    if asked.identity:
        row = row._replace(identity=asked.identity.key)
        unit.identities.put(IdentityRow(row.identity, row.id, row.content_hash, unit.now))
    unit.messages.put(row)
    unit.put_body(row.id, asked.entry.body)
    data = {"settles": delivery.message, "planned": [], "body": row.body_hash}
    tell_of(unit, row, FactKind.ACCEPTED, data)
    ended = asked.ended._replace(attempt=delivery.tries)
    return replace(record_news(unit, ended), response=row)


def _is_news(delivery: DeliveryRow | None, heard: MessageRow, ended: RecordAttempt) -> bool:
    """Whether a response that was heard before tells more: only OK to a message sent again does.

    A no may be that of an earlier attempt, and under the same UUID may by now go another message.
    """
    if delivery is None or delivery.message != heard.parent:
        return False
    return ended.step is Step.DELIVER and delivery.state in HEARD
