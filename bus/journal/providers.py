"""Who would bring an id that a delivery waits for, and whether that can end by itself (D9)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from bus.core.delivery import FAILED, GONE, State
from bus.core.identity import SEPARATOR, lane_of
from bus.core.translation import MissingId
from bus.journal.depara_rows import Provider, WaitRow
from bus.journal.lanes import passed
from bus.journal.rows import DeliveryRow, LaneRow
from bus.journal.unit import Unit
from depara.model import Key

STOPPED = FAILED | {State.BLOCKED, State.UNKNOWN}
"""Where nothing goes on unless a person acts."""
LOOKED_BACK = 50
"""Places behind the head in which a message is looked for that its lane has passed."""
FOLLOWED = 100
"""Deliveries that are looked at to find out what a provider waits for itself."""


class Brought(NamedTuple):
    """What is known of who brings an id: it, its message, and the waits that this one closes.

    `closed` are waits of other deliveries, which until now did not wait for each other in a circle.
    """

    provider: Provider
    message: str = ""
    closed: tuple[WaitRow, ...] = ()


def provider_of(unit: Unit, row: DeliveryRow, wanted: MissingId) -> Brought:
    """Who brings an id that a delivery waits for."""
    if wanted.ambiguous:
        return Brought(Provider.AMBIGUOUS)
    found = _bringing(unit, row.destination, wanted.key)
    return _standing(unit, row, found) if isinstance(found, DeliveryRow) else found


def _bringing(unit: Unit, destination: str, key: Key) -> DeliveryRow | Brought:
    """The newest delivery to an application of the document that an id names, if it is not gone."""
    entity, application, scope, id_ = key
    scoped = SEPARATOR.join([scope, id_]) if scope else id_
    document = unit.documents.find((application, entity.casefold(), scoped))
    lane = document and unit.lanes.get(lane_of(destination, application, document.document))
    if not lane or not lane.entered:
        return Brought(Provider.NEVER_SEEN)
    about = SEPARATOR.join([entity.casefold(), scoped])
    return _newest(unit, lane, about) or Brought(Provider.SILENT)


def _newest(unit: Unit, lane: LaneRow, about: str) -> DeliveryRow | None:
    """The newest delivery in a lane that is about a document, and not gone."""
    first = max(1, lane.head - LOOKED_BACK)
    places = [(lane.name, seq) for seq in range(lane.entered, first - 1, -1)]
    unit.load_places(places)
    rows = [row for place in places if (row := unit.at_place(*place)) and row.state not in GONE]
    unit.messages.load([row.message for row in rows])
    messages = (unit.messages.find(row.message) for row in rows)
    found = (
        row
        for row, message in zip(rows, messages, strict=True)
        if message and message.about == about
    )
    return next(found, None)


def _standing(unit: Unit, row: DeliveryRow, bringing: DeliveryRow) -> Brought:
    """How the delivery that brings an id stands to the one that waits for it."""
    if _same(row, bringing):
        return Brought(Provider.ITSELF, row.message)
    # What its lane has passed goes to the end of it when it is sent again.
    if bringing.lane == row.lane and (bringing.seq > row.seq or passed(unit, bringing)):
        return Brought(Provider.BEHIND, bringing.message)
    if bringing.state in STOPPED:
        return Brought(Provider.STOPPED, bringing.message)
    chain = _Chain(unit, row)
    chain.follow(bringing)
    if chain.returns:
        return Brought(Provider.CYCLE, bringing.message, tuple(chain.closed))
    if chain.stopped:
        return Brought(Provider.HELD, chain.stopped.message)
    return Brought(Provider.UNDER_WAY, bringing.message)


@dataclass
class _Chain:
    """What a delivery waits for, and that in turn: the ids that it lacks, and the head of its lane.

    `returns`: it leads back to `row`, by the waits `closed` or by a lane; `stopped` is one on it
    that does not go on by itself.
    """

    unit: Unit
    row: DeliveryRow
    returns: bool = False
    closed: list[WaitRow] = field(default_factory=list)
    stopped: DeliveryRow | None = None
    _seen: set[tuple[str, int]] = field(default_factory=set)

    def follow(self, first: DeliveryRow) -> None:
        """Look at everything that a delivery waits for."""
        ahead = [first]
        while ahead and len(self._seen) < FOLLOWED:
            one = ahead.pop()
            if _same(one, self.row):
                self.returns = True
            elif (one.message, one.number) not in self._seen:
                self._seen.add((one.message, one.number))
                ahead += self._awaited_by(one)

    def _awaited_by(self, one: DeliveryRow) -> list[DeliveryRow]:
        if one.state in STOPPED:
            self.stopped = self.stopped or one
        if one.behind:
            head = self.unit.at_place(one.lane, self.unit.lanes.get(one.lane).head)
            return [head] if head else []
        if one.state is not State.AWAITING_DEPARA:
            return []
        found = []
        for wait in self.unit.pairs.waits_of(one.message, one.number):
            bringing = _bringing(self.unit, one.destination, wait.key)
            if isinstance(bringing, DeliveryRow):
                found.append(bringing)
                self.closed += [wait] if _same(bringing, self.row) else []
        return found


def _same(one: DeliveryRow, other: DeliveryRow) -> bool:
    return (one.message, one.number) == (other.message, other.number)
