"""Facts: what happened, once, for ever. The journal's first record; the rows are the second."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

Data = Mapping[str, object]
"""What a fact tells beside its columns: texts, numbers, lists and mappings of such."""

NO_DATA: Final[Data] = MappingProxyType({})

UNREADABLE: Final = "unreadable"
"""The one name in the data of a fact that a store could not read: its text."""


class FactRow(NamedTuple):
    """What happened, once, for ever. `step` is empty where nothing moved."""

    at: int
    kind: str
    message: str
    number: int
    attempt: int
    step: str
    actor: str
    reason: str
    data: Data = NO_DATA


class FactKind(StrEnum):
    """The kinds of facts. Every one that moves a delivery carries the step."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REPEATED = "repeated"
    REPLAYED = "replayed"
    FILTERED = "filtered"
    PLANNED = "planned"
    STARTED = "attempt started"
    ENDED = "attempt ended"
    LATE_OUTCOME = "late outcome"
    LEASE_EXPIRED = "lease expired"
    STATE_CHANGED = "state changed"
    NOTED = "noted"
    ID_MISSING = "id missing"
    LEARNT = "learnt"
    NOT_LEARNT = "not learnt"
    CONFLICT = "conflict"
    ANSWER_DIFFERS = "answer differs"
    DEPARA_CHANGED = "de-para changed"
    ANSWERED = "answered"
    CONFIGURED = "configured"
    CONFIRMED = "prerequisite confirmed"
    WITHDRAWN = "confirmation withdrawn"
    ERASED = "erased"
    PRUNED = "pruned"
    RESTORED = "restored"
    EFFECT_CONFIRMED = "effect confirmed"
    EFFECT_ABSENT = "effect absent"
    EFFECT_NOT_CHECKABLE = "effect not checkable"


def change_of_whole(facts: Iterable[FactRow], whole: str, undone: set[int]) -> int | None:
    """The change of the de-para that parts of a whole began, by facts, the newest first.

    0 where it ended, or was taken back; None where no fact names the whole. `undone` gathers the
    changes that were taken back since.
    """
    for fact in facts:
        if fact.kind != FactKind.DEPARA_CHANGED:
            continue
        if fact.data.get("whole") == whole:
            change = _number(fact, "change")
            return change if fact.data["more"] and change not in undone else 0
        undone.add(_number(fact, "undoes"))
    return None


def _number(fact: FactRow, name: str) -> int:
    number = fact.data[name]
    return number if isinstance(number, int) else 0
