"""In which document's lane a message goes: one place for all that belongs to a document (S6)."""

from __future__ import annotations

from typing import NamedTuple

from bus.core.identity import lane_of
from bus.journal.commands import Accept
from bus.journal.unit import Unit


class Whereabouts(NamedTuple):
    """The document whose lane a message goes in, and whether what it cancels was seen before."""

    document: str
    found: bool = True


def whereabouts(unit: Unit, asked: Accept) -> Whereabouts:
    """Where a message goes: a cancellation where its target went, if that is known.

    What has begun in one lane is finished there: a request that now names another work order goes
    to its lane once nothing of it is left in the old one.
    """
    sender = asked.entry.sender
    if asked.target:
        known = unit.documents.find((sender, asked.target.entity, asked.target.id))
        return Whereabouts(known.document if known else asked.document, known is not None)
    if not asked.own_id:
        return Whereabouts(asked.document)
    known = unit.documents.find((sender, asked.own_id.entity, asked.own_id.id))
    if known is None or known.document == asked.document:
        return Whereabouts(asked.document)
    left = any(unit.lanes.get(name).open for name in lanes_in(asked, known.document))
    return Whereabouts(known.document if left else asked.document)


def lanes_in(asked: Accept, document: str) -> list[str]:
    """The lanes of a document that the copies of a message go in."""
    sender = asked.entry.sender
    return [lane_of(one.destination, sender, document) for one in asked.plans if one.ordered]
