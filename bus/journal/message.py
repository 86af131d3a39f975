"""The row of an arrived message, and the facts that are about it as a whole."""

from __future__ import annotations

from bus.journal.commands import ReceivedMessage
from bus.journal.facts import Data, FactKind, FactRow
from bus.journal.rows import MessageRow, MessageState
from bus.journal.unit import Unit


def message_row(unit: Unit, entry: ReceivedMessage, state: MessageState) -> MessageRow:
    """The row of an arrived message, before anything is planned for it."""
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
        faults=(),
    )


def tell_of(unit: Unit, row: MessageRow, kind: FactKind, data: Data) -> None:
    """Keep a fact about a message as a whole, told by its sender."""
    unit.put_fact(FactRow(unit.now, kind, row.id, 0, 0, "", row.sender, "", data))
