"""Why a delivery stands where it stands, as a fault: whose it is, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bus.core.delivery import GONE, Reason, State
from bus.core.errors import Fault
from bus.core.text import Text
from bus.journal.rows import DeliveryRow

RESTORED: Final = "JOURNAL_RESTORED"
"""Why nobody knows of what was in doubt."""

_DOUBTS: Final[Mapping[Reason, str]] = {
    Reason.LEASE_EXPIRED: "SENDING_INTERRUPTED",
    Reason.NO_RESPONSE: "NO_RESPONSE",
}
"""Why nobody knows of a delivery though no attempt of it met a fault: by the code of that."""

_ASKED: Final = Text(
    "O barramento pergunta sozinho a {application}, e talvez nada seja preciso.",
    "The bus asks {application} by itself, and nothing may be needed.",
)
"""What follows where the bus may still find out by itself."""


def standing_fault(row: DeliveryRow, tried: Fault | None) -> Fault | None:
    """Why a delivery stands there; None where it went well, or a person's own words say all.

    `tried` is what its last try met. It says nothing where a person has decided since, or where it
    is of an earlier life, before the delivery was sent anew.
    """
    if row.state in GONE:
        return None
    if row.state is State.UNKNOWN and (doubt := _doubt(row)):
        return _told(row, doubt)
    if row.reason is Reason.PERSON:
        return _told(row, "SAID_NOT_DONE") if row.state is State.REFUSED else None
    return None if row.tries == row.tries_before else tried


def _doubt(row: DeliveryRow) -> str:
    """The code of why nobody knows; empty where its last try says why."""
    return "MAYBE_SENT_BEFORE" if row.detail == RESTORED else _DOUBTS.get(row.reason, "")


def _told(row: DeliveryRow, code: str) -> Fault:
    details: dict[str, str | Text] = {
        "application": row.destination,
        "message": row.message,
        "said": row.detail or "-",
    }
    if row.state is State.UNKNOWN and row.due_at is not None:
        details["follows"] = _ASKED.filled(application=row.destination)
    return Fault(code, details=details)
