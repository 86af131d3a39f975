"""What one commit does, the same for every store.

`apply` carries out one command over a `Unit`; `prefetch` loads what a batch of commands will need
in few statements. Both only read and write rows: the decisions are those of `bus.core`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bus.core.crossing import Amend
from bus.core.journal import Acceptance, Act, ClaimDue, Ended, Rejection, Settlement, Start
from bus.store.ledger.acting import act
from bus.store.ledger.arrival import accept, reject, settle
from bus.store.ledger.claiming import claim_due, start
from bus.store.ledger.crossing import amend
from bus.store.ledger.ending import end
from bus.store.ledger.prefetching import prefetch
from bus.store.tables import Unit

Command = Acceptance | Rejection | Settlement | ClaimDue | Start | Ended | Act | Amend

_VERBS: dict[type, Callable[[Unit, Any], object]] = {
    Acceptance: accept,
    Rejection: reject,
    Settlement: settle,
    ClaimDue: claim_due,
    Start: start,
    Ended: end,
    Act: act,
    Amend: amend,
}


def apply(unit: Unit, command: Command) -> object:
    """Carry out a command; the result is the one that the journal's method promises."""
    unit.touched.clear()
    return _VERBS[type(command)](unit, command)


__all__ = ["ClaimDue", "Command", "Start", "apply", "prefetch"]
