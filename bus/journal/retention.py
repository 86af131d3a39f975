"""What is finished is let go: with all that hangs on it, or not at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from bus.core.delivery import GONE
from bus.core.effect import OPEN_VERDICTS
from bus.journal.commands import CursorMove
from bus.journal.cursors import move_cursor
from bus.journal.depara_rows import Tally
from bus.journal.facts import UNREADABLE, FactKind, FactRow
from bus.journal.fold import FoldedMessage
from bus.journal.rows import DeliveryRow, MessageRow
from bus.journal.unit import Unit

RETENTION = "*retention"
"""Stands for an application in the right to let go. None may have that name."""

FOLLOWERS = ("as", "by")
"""What facts call the message that stands in the place of another, or is the same sent again."""


class Prune(NamedTuple):
    """Look at the next `limit` messages `after` an id, and let go of what is finished.

    Only of that to which nothing happened since `before` (µs). `dry`: nothing is recorded. `cursor`
    is the right of a bus that does so by itself.
    """

    before: int
    after: str = ""
    limit: int = 100
    actor: str = ""
    reason: str = ""
    dry: bool = False
    cursor: CursorMove | None = None


class Pruned(NamedTuple):
    """How many messages were let go; `last` is the one looked at last, empty where no more come."""

    messages: int
    last: str


def prune(unit: Unit, asked: Prune) -> Pruned:
    """Let go of what is finished, among the next messages; one fact tells how many."""
    looked_at = [*unit.tables.messages_after(asked.after, asked.limit)]
    young = all(row.received_at >= asked.before for row in looked_at)
    last = "" if young or len(looked_at) < asked.limit else looked_at[-1].id
    rows = [row for row in looked_at if row.received_at < asked.before]
    told = facts_of(unit, [row.id for row in rows])
    quiet = [row for row in rows if all(_is_quiet(fact, asked.before) for fact in told[row.id])]
    gone = finished(unit, quiet, told)
    if not asked.dry:
        for row in gone:
            _let_go(unit, row, told[row.id])
        if gone:
            data: dict[str, object] = {
                "messages": len(gone),
                "first": gone[0].id,
                "last": gone[-1].id,
                "changes": changes_told(fact for row in gone for fact in told[row.id]),
            }
            fact = FactRow(unit.now, FactKind.PRUNED, "", 0, 0, "", asked.actor, asked.reason, data)
            unit.put_fact(fact)
        if asked.cursor:
            move_cursor(unit, asked.cursor._replace(value=last))
    return Pruned(len(gone), last)


def _is_quiet(fact: FactRow, before: int) -> bool:
    """Whether a fact is old enough; one that cannot be read keeps its message for whoever looks."""
    return fact.at < before and UNREADABLE not in fact.data


def facts_of(unit: Unit, ids: Sequence[str]) -> Mapping[str, list[FactRow]]:
    """The facts of messages in their order, those of this commit too."""
    told: defaultdict[str, list[FactRow]] = defaultdict(list)
    for _, fact in unit.tables.facts(ids) if ids else ():
        told[fact.message].append(fact)
    for fact in unit.changes.facts:
        told[fact.message].append(fact)
    return told


def changes_told(facts: Iterable[FactRow]) -> list[list[object]]:
    """The changes of the de-para that facts tell of, with what each wrote: the fact of letting go
    tells it from then on. None where a fact, of an older journal, does not say what it wrote.
    """
    told: dict[object, Tally | None] = {}
    for fact in facts:
        if fact.kind == FactKind.LEARNT:
            number, tally = fact.data["change"], fact.data.get("tally")
            before, part = told.get(number, Tally()), Tally.of_data(tally) if tally else None
            told[number] = before.plus(part) if before is not None and part is not None else None
    return [
        [number, tally.as_data() if tally is not None else None] for number, tally in told.items()
    ]


def finished(
    unit: Unit, rows: Sequence[MessageRow], told: Mapping[str, Iterable[FactRow]]
) -> list[MessageRow]:
    """Those of messages that are over, with all that stands in their place or repeats them.

    Nothing of them will be sent, asked or decided any more, and nobody has to look at them.
    """
    disputed = {*unit.tables.pairs.in_conflict([row.id for row in rows])} if rows else set()
    over = [row for row in rows if row.id not in disputed and _is_over(unit, row)]
    return [row for row in over if _are_over(unit, _followers(told[row.id]))]


def _is_over(unit: Unit, message: MessageRow) -> bool:
    deliveries = deliveries_of(unit, message)
    return all(_has_ended(unit, row) for row in deliveries)


def deliveries_of(unit: Unit, message: MessageRow) -> list[DeliveryRow]:
    """All deliveries of a message, its answers to the origin too."""
    keys = [(message.id, number) for number in range(1, message.deliveries + 1)]
    unit.deliveries.load(keys)
    return [row for key in keys if (row := unit.deliveries.find(key)) is not None]


def _has_ended(unit: Unit, row: DeliveryRow) -> bool:
    """Whether a delivery is gone, its effect is no question, and its lane has passed its place."""
    if row.state not in GONE or row.due_at is not None or row.effect in OPEN_VERDICTS:
        return False
    return not row.lane or not row.seq or row.seq < unit.lanes.get(row.lane).head


def _are_over(unit: Unit, ids: set[str]) -> bool:
    """Whether messages are over, and those that stand in their place in turn."""
    seen: set[str] = set()
    while ids := ids - seen:
        unit.messages.load(ids)
        found = [row for id_ in ids if (row := unit.messages.find(id_)) is not None]
        if not all(_is_over(unit, row) for row in found):
            return False
        seen |= ids
        told = facts_of(unit, [row.id for row in found])
        ids = {id_ for row in found for id_ in _followers(told[row.id])}
    return True


def _followers(facts: Iterable[FactRow]) -> set[str]:
    return {str(fact.data[name]) for fact in facts for name in FOLLOWERS if name in fact.data}


def _let_go(unit: Unit, message: MessageRow, facts: Iterable[FactRow]) -> None:
    """Remove a message; its identity stays where something may have been sent under it."""
    story = FoldedMessage()
    for fact in facts:
        for told in story.tell(fact):
            lane = unit.lanes.get(told.lane) if told.lane else None
            if lane and lane.pruned < told.seq:
                unit.lanes.put(lane._replace(pruned=told.seq))
    sent = any(row.tries or row.confirmed for row in deliveries_of(unit, message))
    unit.let_go(message, keep_identity=sent)
