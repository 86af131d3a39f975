"""Which delivery it is that a destination is sent: several may have one content and one UUID."""

from __future__ import annotations

from typing import Any

from bus.core.delivery import Kind, State
from bus.journal.rows import DeliveryRow
from bus.ports.adapter import Parcel
from bus.store.memory import MemoryStore
from tests.simulation.chronicle import Chronicle
from tests.simulation.destinations import Place
from tests.simulation.texts import fields_of


def find_place(
    store: MemoryStore, chronicle: Chronicle, destination: str, parcel: Parcel
) -> Place | None:
    """Where the delivery that is being sent stands in its lane; None where there is none."""
    sent, kept = fields_of(parcel.message), store.tables.kept
    candidates = [
        row
        for row in kept.deliveries.values()
        if row.destination == destination
        and kept.messages[row.message].content_hash == parcel.document.content_hash
        and _may_be(row, parcel, sent)
    ]
    if not candidates:
        return None

    def fit(row: DeliveryRow) -> tuple[object, ...]:
        return (*_fit(store, chronicle, row, parcel), row.message, row.number)

    row = max(candidates, key=fit)
    lane = kept.lanes.get(row.lane)
    earlier = (
        other
        for other in kept.deliveries.values()
        if row.lane and other.lane == row.lane and 0 < other.seq < row.seq
    )
    return Place(row, lane.head if lane else 0, tuple(earlier))


def _may_be(row: DeliveryRow, parcel: Parcel, sent: dict[str, Any]) -> bool:
    if "received" in sent:
        return row.kind is Kind.ANSWER
    return row.kind is Kind.COPY and row.sent_uuid == parcel.uuid


def _fit(
    store: MemoryStore, chronicle: Chronicle, row: DeliveryRow, parcel: Parcel
) -> tuple[bool, bool, bool]:
    """How well a delivery fits what is sent.

    An answer is known by its bytes, where they were kept; an attempt sends but once.
    """
    answers = store.tables.kept.answers.values()
    kept = any(one.message == row.message and one.body == parcel.message for one in answers)
    attempt = (row.message, row.number, row.tries)
    calls = (one.row for one in chronicle.calls)
    sent = any((one.message, one.number, one.tries) == attempt for one in calls)
    return kept, row.state is State.SENDING, not sent
