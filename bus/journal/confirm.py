"""What a person says of a prerequisite, and what stands of it: the facts alone keep it."""

from __future__ import annotations

from collections.abc import Iterable

from bus.core.diagnosis import Confirmation
from bus.journal.commands import Confirm
from bus.journal.facts import FactKind, FactRow
from bus.journal.unit import Unit

CONFIRMING = (FactKind.CONFIRMED, FactKind.WITHDRAWN)
"""The kinds of facts that tell of it."""


def confirm(unit: Unit, asked: Confirm) -> Confirmation:
    """Record what a person says; earlier facts stay."""
    kind = FactKind.WITHDRAWN if asked.withdrawn else FactKind.CONFIRMED
    data = {"application": asked.application, "rule": asked.rule}
    unit.put_fact(FactRow(unit.now, kind, "", 0, 0, "", asked.actor, asked.note, data))
    return Confirmation(asked.application, asked.rule, asked.actor, unit.now, asked.note)


def standing(facts: Iterable[FactRow]) -> dict[tuple[str, str], Confirmation]:
    """What stands after facts in their order, by application and rule."""
    told: dict[tuple[str, str], Confirmation] = {}
    for fact in facts:
        key = (str(fact.data.get("application", "")), str(fact.data.get("rule", "")))
        if fact.kind == FactKind.CONFIRMED:
            told[key] = Confirmation(*key, fact.actor, fact.at, fact.reason)
        elif fact.kind == FactKind.WITHDRAWN:
            told.pop(key, None)
    return told


def says_of_what(fact: FactRow) -> bool:
    """Whether a fact of a confirmation names who, application and rule, as each does."""
    return bool(fact.actor and fact.data.get("application") and fact.data.get("rule"))
