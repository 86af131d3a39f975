"""What one commit does, the same for every store.

`apply` carries out one command over a `Unit`: it reads and writes rows; the decisions are those of
`bus.core`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bus.journal.accept import accept, reject
from bus.journal.claims import claim_due, end_leases, record_progress, start_attempt
from bus.journal.commands import (
    Accept,
    ChangeDepara,
    Check,
    ClaimDue,
    Confirm,
    CursorMove,
    EndLeases,
    LeaseCursor,
    Operate,
    RecordAttempt,
    RecordProgress,
    RecordResponse,
    Reject,
    StartAttempt,
)
from bus.journal.confirm import confirm
from bus.journal.cursors import lease_cursor, move_cursor
from bus.journal.depara import change_depara
from bus.journal.effects import RecordEffect, record_effect
from bus.journal.erasure import Erase, erase
from bus.journal.operate import operate
from bus.journal.outcomes import record_attempt
from bus.journal.responses import record_response
from bus.journal.retention import Prune, prune
from bus.journal.unit import Unit

Command = (
    Accept
    | Reject
    | RecordResponse
    | ClaimDue
    | EndLeases
    | LeaseCursor
    | CursorMove
    | StartAttempt
    | RecordProgress
    | RecordAttempt
    | RecordEffect
    | Operate
    | ChangeDepara
    | Confirm
    | Prune
    | Erase
    | Check
)

_VERBS: dict[type, Callable[[Unit, Any], object]] = {
    Accept: accept,
    Reject: reject,
    RecordResponse: record_response,
    ClaimDue: claim_due,
    EndLeases: end_leases,
    LeaseCursor: lease_cursor,
    CursorMove: move_cursor,
    StartAttempt: start_attempt,
    RecordProgress: record_progress,
    RecordAttempt: record_attempt,
    RecordEffect: record_effect,
    Operate: operate,
    ChangeDepara: change_depara,
    Confirm: confirm,
    Prune: prune,
    Erase: erase,
    Check: lambda _, __: None,
}


def apply(unit: Unit, command: Command) -> object:
    """Carry out a command; the result is the one that the journal's method promises."""
    unit.touched.clear()
    return _VERBS[type(command)](unit, command)
