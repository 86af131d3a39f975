"""Loads what a batch of commands will need, in a few statements rather than a few a command.

Correctness never depends on it: a `Unit` reads through to its tables.
"""

from __future__ import annotations

from collections.abc import Sequence

from bus.core.identity import lane_of
from bus.journal.commands import (
    Accept,
    ChangeDepara,
    Operate,
    RecordAttempt,
    RecordProgress,
    RecordResponse,
    Reject,
    StartAttempt,
)
from bus.journal.documents import lanes_in, whereabouts
from bus.journal.effects import RecordEffect
from bus.journal.lanes import ANSWERS
from bus.journal.rows import MessageRow
from bus.journal.unit import DeliveryKey, Unit


def prefetch(unit: Unit, commands: Sequence[object]) -> None:
    """Load identities, deliveries and messages first, then the lanes and neighbours they name."""
    arrivals = [one for one in commands if isinstance(one, Accept)]
    named = [one for one in commands if isinstance(one, Accept | Reject | RecordResponse)]
    known = [one.identity.key for one in named if one.identity]
    unit.identities.load(known)
    _load_documents(unit, arrivals)
    keys = [key for one in commands if (key := _delivery_key(one))]
    unit.deliveries.load(keys)
    unit.messages.load({key[0] for key in keys} | set(_earlier(unit, known)))
    _load_lanes(unit, arrivals, keys)
    _load_pairs(unit, commands)


def _load_documents(unit: Unit, arrivals: list[Accept]) -> None:
    own = [(one.entry.sender, one.own_id) for one in arrivals if one.own_id and one.own_id.id]
    aims = [(one.entry.sender, one.target) for one in arrivals if one.target]
    unit.documents.load([(sender, aim.entity, aim.id) for sender, aim in (*own, *aims)])


def _delivery_key(command: object) -> DeliveryKey | None:
    if isinstance(command, RecordAttempt):
        return (command.message, command.number)
    if isinstance(command, RecordEffect):
        return command.key
    if isinstance(command, RecordResponse):
        return (command.ended.message, command.ended.number)
    if isinstance(command, StartAttempt | RecordProgress):
        return (command.claim.delivery.message, command.claim.delivery.number)
    if isinstance(command, Operate) and command.number:
        return (command.message, command.number)
    return None


def _earlier(unit: Unit, known: list[str]) -> list[str]:
    return [row.message for key in known if (row := unit.identities.find(key)) is not None]


def _load_lanes(unit: Unit, arrivals: list[Accept], keys: list[DeliveryKey]) -> None:
    going = [(one, whereabouts(unit, one).document) for one in arrivals]
    names = {name for one, document in going if document for name in lanes_in(one, document)}
    rows = [row for key in keys if (row := unit.deliveries.find(key)) is not None]
    names |= {row.lane for row in rows if row.lane}
    names |= {
        lane_of(message.answer_to, ANSWERS, message.document)
        for row in rows
        if (message := unit.messages.find(row.message)) is not None and _answers_later(message)
    }
    unit.lanes.load(sorted(names))
    unit.applications.load({row.destination for row in rows} | _destinations(arrivals))
    heads = [(name, unit.lanes.get(name).head) for name in names]
    nexts = [(row.lane, row.seq + 1) for row in rows if row.lane]
    unit.load_places(
        [place for place in (*heads, *nexts) if place[1] <= unit.lanes.get(place[0]).entered]
    )


def _load_pairs(unit: Unit, commands: Sequence[object]) -> None:
    """The ids that answers tell of, and who waits for them."""
    lessons = [one.lesson for one in commands if isinstance(one, RecordAttempt)]
    links = [link for lesson in lessons for link in lesson.links]
    links += [link for one in commands if isinstance(one, ChangeDepara) for link in one.links]
    told = [member.key for link in links for member in (link.one, *link.others)]
    own = [lesson.own for lesson in lessons if lesson.own]
    unit.pairs.load([*told, *(key for lesson in lessons for key in lesson.deletes)])
    unit.pairs.load_waits([*told, *own])


def _answers_later(message: MessageRow) -> bool:
    return bool(message.answer_to and message.document)


def _destinations(arrivals: list[Accept]) -> set[str]:
    return {name for one in arrivals for name in one.claims}
