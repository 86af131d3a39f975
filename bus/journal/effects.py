"""The effect of what was delivered: when it is asked for, and what that came to (S16).

A delivery stays `delivered`, whatever its destination shows; nothing here sends it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from bus.core.delivery import State
from bus.core.effect import EffectVerdict
from bus.core.errors import Fault
from bus.journal.facts import FactKind
from bus.journal.rows import MICROSECONDS, DeliveryRow
from bus.journal.step import note
from bus.journal.unit import Unit

FACT_OF: Final[Mapping[EffectVerdict, FactKind]] = {
    EffectVerdict.CONFIRMED: FactKind.EFFECT_CONFIRMED,
    EffectVerdict.ABSENT: FactKind.EFFECT_ABSENT,
    EffectVerdict.NOT_CHECKABLE: FactKind.EFFECT_NOT_CHECKABLE,
}
"""The fact that tells what asking came to."""


class RecordEffect(NamedTuple):
    """What asking for the effect of a delivery came to, as the row was when it was asked.

    Without a verdict it is asked again, `wait` seconds from now. `fault` says why it is not
    confirmed, `asked` is the question, `tries` how often it was put. With an `actor` it was asked
    at a person's wish, beside what the bus asks by itself; with a `reason` that person says it.
    """

    delivery: DeliveryRow
    verdict: EffectVerdict
    fault: Fault | None = None
    wait: float = 0.0
    asked: str = ""
    actor: str = ""
    reason: str = ""

    @property
    def key(self) -> tuple[str, int]:
        """The key of the delivery."""
        return self.delivery.message, self.delivery.number


def due_check(unit: Unit, destination: str, seconds: float) -> tuple[DeliveryRow, ...]:
    """Take the delivery whose effect is to be asked for by now; the next may once that is over.

    One at most: whoever asks has the right to for so many seconds, and no fact tells of it.
    """
    if unit.applications.get(destination).paused_until > unit.now:
        return ()
    for found in unit.tables.checks(destination, unit.now, 1):
        row = unit.deliveries.find((found.message, found.number)) or found
        if row.state is State.DELIVERED and row.due_at is not None and row.due_at <= unit.now:
            unit.messages.load({row.message})
            row = row._replace(asked=row.asked + 1, due_at=unit.now + int(seconds * MICROSECONDS))
            unit.put_delivery(row)
            return (row,)
    return ()


def record_effect(unit: Unit, asked: RecordEffect) -> DeliveryRow:
    """Record what asking came to; news that nobody waits for any more, or no news, is none."""
    row = unit.deliveries.find(asked.key)
    if row is None:
        raise KeyError(asked.key)
    stale = not asked.actor and row.asked != asked.delivery.asked
    if row.state is not State.DELIVERED or stale:
        return row
    after = row._replace(due_at=_due(unit, row, asked))
    if asked.verdict not in {EffectVerdict.NONE, row.effect} and not _says_less(row, asked):
        after = after._replace(effect=asked.verdict)
        _tell(unit, row, asked)
    if after != row:
        unit.put_delivery(after)
    return after


def _says_less(row: DeliveryRow, asked: RecordEffect) -> bool:
    """Whether a question brought nothing where an earlier one was answered: that answer stands."""
    answered = row.effect in {EffectVerdict.CONFIRMED, EffectVerdict.ABSENT}
    return answered and asked.verdict is EffectVerdict.NOT_CHECKABLE


def _due(unit: Unit, row: DeliveryRow, asked: RecordEffect) -> int | None:
    """When it is asked for next: a person who asked leaves that alone unless it is confirmed."""
    if asked.verdict is EffectVerdict.CONFIRMED:
        return None
    if asked.actor:
        return row.due_at
    if asked.verdict is EffectVerdict.NONE:
        return unit.now + int(asked.wait * MICROSECONDS)
    return None


def _tell(unit: Unit, row: DeliveryRow, asked: RecordEffect) -> None:
    data: dict[str, object] = {"ask": asked.asked, "tries": row.asked}
    if asked.fault:
        data["fault"] = asked.fault.plain()
    note(
        unit,
        row,
        FACT_OF[asked.verdict],
        actor=asked.actor,
        reason=asked.fault.code if asked.fault else asked.reason,
        data=data,
    )
