"""The contents of messages are erased: what was said goes, that it was said stays (LGPD)."""

from __future__ import annotations

from typing import NamedTuple

from bus.core.erasure import code_alone, data_without_words, without_words
from bus.core.substitutions import NO_SUBSTITUTIONS
from bus.journal.facts import FactKind, FactRow
from bus.journal.retention import deliveries_of, facts_of, finished
from bus.journal.rows import AttemptRow, MessageRow
from bus.journal.unit import Unit


class Erase(NamedTuple):
    """The contents of messages are to be erased, all or none; `dry`: nothing is recorded."""

    messages: tuple[str, ...]
    actor: str
    reason: str
    dry: bool = False


class Erased(NamedTuple):
    """The messages whose contents were erased now, and those where they had been before.

    `open` are not finished: where there are any, nothing is erased.
    """

    erased: tuple[MessageRow, ...] = ()
    before: tuple[MessageRow, ...] = ()
    open: tuple[MessageRow, ...] = ()


def erase(unit: Unit, asked: Erase) -> Erased:
    """Erase the contents of messages, unless one of them is not finished."""
    unit.messages.load(asked.messages)
    found = [row for id_ in asked.messages if (row := unit.messages.find(id_)) is not None]
    rows = [row for row in found if not row.erased]
    over = {row.id for row in finished(unit, rows, facts_of(unit, [row.id for row in rows]))}
    done = Erased(
        tuple(row for row in rows if row.id in over),
        tuple(row for row in found if row.erased),
        tuple(row for row in rows if row.id not in over),
    )
    if asked.dry:
        return done
    if done.open:
        return done._replace(erased=())
    for row in rows:
        _erase(unit, row, asked)
    for attempt in unit.tables.attempts([row.id for row in rows]) if rows else ():
        unit.put_attempt(_without_content(attempt))
    return done


def _erase(unit: Unit, message: MessageRow, asked: Erase) -> None:
    faults = tuple(map(without_words, message.faults))
    unit.messages.put(message._replace(erased=unit.now, faults=faults))
    deliveries = deliveries_of(unit, message)
    for row in deliveries:
        unit.put_delivery(row._replace(detail=code_alone(row.detail), steps=0))
    keys = [(message.id, number) for number in range(1, max(message.deliveries, 1) + 1)]
    for answer in unit.tables.answers(keys):
        unit.put_answer(answer._replace(body=b"", original=False))
    for position, fact in unit.tables.facts([message.id]):
        unit.changes.masked.append((position, _without_words(fact)))
    unit.changes.erased.add(message.id)
    fact = FactRow(unit.now, FactKind.ERASED, message.id, 0, 0, "", asked.actor, asked.reason)
    unit.put_fact(fact)


def _without_content(attempt: AttemptRow) -> AttemptRow:
    fault = without_words(attempt.fault) if attempt.fault else None
    return attempt._replace(fault=fault, substitutions=NO_SUBSTITUTIONS, answer=b"")


def _without_words(fact: FactRow) -> FactRow:
    data = data_without_words(fact.data)
    return fact._replace(reason=code_alone(fact.reason), data=data)
