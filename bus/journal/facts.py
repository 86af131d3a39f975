"""Facts: what happened, once, for ever. The journal's first record; the rows are the second."""

from __future__ import annotations

from collections.abc import Mapping
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
    DEPARA_CHANGED = "de-para changed"
    ANSWERED = "answered"
    CONFIGURED = "configured"
    ERASED = "erased"
    RESTORED = "restored"
