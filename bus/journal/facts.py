"""Facts: what happened, once, for ever. The journal's first record; the rows are the second."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class FactRow(NamedTuple):
    """What happened, once, for ever. `data` is JSON; `step` is empty where nothing moved."""

    at: int
    kind: str
    message: str
    number: int
    attempt: int
    step: str
    actor: str
    reason: str
    data: str


class FactKind(StrEnum):
    """The kinds of facts. Every one that moves a delivery carries the step."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REPEATED = "repeated"
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
