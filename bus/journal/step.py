"""One step of one delivery: the row and the fact that tells of it, always together."""

from __future__ import annotations

from typing import Any

from bus.core.delivery import Kind, Reason, State, Step, advance
from bus.journal.commands import OriginAnswer
from bus.journal.facts import NO_DATA, Data, FactKind, FactRow
from bus.journal.rows import AnswerRow, DeliveryRow
from bus.journal.unit import Unit

SENDS = frozenset({State.WAITING, State.SENDING})


def move(  # noqa: PLR0913 - a step and what is told of it
    unit: Unit,
    row: DeliveryRow,
    step: Step,
    *,
    kind: FactKind = FactKind.STATE_CHANGED,
    actor: str = "",
    reason: Reason = Reason.NONE,
    detail: str = "",
    attempt: int = 0,
    data: Data = NO_DATA,
    **changes: Any,  # noqa: ANN401 - fields of the row
) -> DeliveryRow:
    """Take a step and keep the fact; IllegalStep where the table has none.

    A state in which nothing is due by itself loses its due time; `changes` may give another.
    """
    state = advance(row.state, step)
    fields: dict[str, Any] = {"due_at": row.due_at if state in SENDS else None}
    if row.state is State.SENDING:
        fields |= {"worker": "", "lease_until": 0, "started": False, "confirmed": False}
    fields |= {"reason": reason, "detail": detail, "changed_at": unit.now} | changes
    if state is not State.UNKNOWN:
        fields["asked"] = 0
    if state is State.DELIVERED and row.check_after:
        fields["due_at"] = unit.now + row.check_after
    if state is State.DELIVERED and row.steps:  # there is nothing to go on with
        unit.erase_progress((row.message, row.number))
        fields["steps"] = 0
    if step in {Step.MARK_UNKNOWN, Step.ASK}:
        fields["deadline"] = 0  # its sender was told so, or is not told at all
    after = row._replace(state=state, **fields)
    unit.put_delivery(after)
    if row.state is State.AWAITING_DEPARA:
        unit.pairs.end_waits(row.message, row.number)
    note(
        unit,
        row,
        kind,
        step=step,
        actor=actor,
        reason=reason.text(detail),
        attempt=attempt,
        data=data,
    )
    return after


def note(  # noqa: PLR0913 - the fields of a fact
    unit: Unit,
    row: DeliveryRow,
    kind: FactKind,
    *,
    step: Step | None = None,
    actor: str = "",
    reason: str = "",
    attempt: int = 0,
    data: Data = NO_DATA,
) -> None:
    """Keep a fact about a delivery."""
    unit.put_fact(
        FactRow(unit.now, kind, row.message, row.number, attempt, step or "", actor, reason, data)
    )


def keep_answer(
    unit: Unit, row: DeliveryRow, answer: OriginAnswer | None, otherwise: str = ""
) -> None:
    """Keep what the origin is told if this delivery decides; `otherwise` is the code of none."""
    if answer and row.kind is Kind.COPY:
        status, body, code, original = answer
        code = code or otherwise
        unit.put_answer(AnswerRow(row.message, row.number, unit.now, status, code, body, original))


def keep_reason_as_answer(unit: Unit, row: DeliveryRow, code: str) -> None:
    """Keep why a delivery ended, as the answer to write for its origin when it is asked for."""
    unit.put_answer(AnswerRow(row.message, row.number, unit.now, "ERROR", code, b""))
