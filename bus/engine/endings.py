"""Why a delivery ended or is in doubt, told by the bus itself to a sender: from what was tried."""

from __future__ import annotations

from collections.abc import Iterable

from bus.core.decide import COSTS_ATTEMPT
from bus.core.delivery import Reason, Step
from bus.core.errors import Fault
from bus.core.outcome import Outcome
from bus.core.text import Text
from bus.journal.rows import AnswerRow, AttemptRow, DeliveryRow
from bus.ports.history import Trace

INTERRUPTED = Text("o envio foi interrompido", "sending was interrupted")
UNTOLD = Text("sem explicação", "without an explanation")  # a foreign adapter's
JOURNAL_SILENT = Text(
    "o diário do barramento falhou nesse momento", "the journal of the bus failed at that moment"
)
AT_DEADLINE = Text("nenhuma resposta até o fim do prazo", "no answer until the deadline")


def withdrawn(trace: Trace, row: DeliveryRow, until: int | None = None) -> Fault:
    """Why nothing was processed, in the destination's own words where it said any.

    What ended an earlier life of the delivery, before it was sent anew, says nothing of this one.
    """
    told = [one for one in _attempts(trace, row.number, until) if one.fault]
    if told and (fault := told[-1].fault) and told[-1].outcome not in COSTS_ATTEMPT:
        return fault.taken_back()
    behind = [
        fact.data
        for fact in trace.facts
        if fact.number == row.number and fact.step == Step.WITHDRAW and "behind" in fact.data
        if until is None or fact.at <= until
    ]
    if not behind:
        return Fault("NO_TURN", details={"application": row.destination})
    details = {"application": row.destination, "message": str(behind[-1]["behind"])}
    return Fault("LANE_STOPPED" if behind[-1].get("stuck") else "LANE_BUSY", details=details)


def in_doubt(trace: Trace, number: int) -> Text:
    """Why nobody knows what came of a delivery: what the last try of which that is so ran into."""
    for attempt in reversed(list(_attempts(trace, number))):
        if not attempt.ended_at:
            return AT_DEADLINE
        if attempt.outcome == Outcome.UNKNOWN:
            return _problem_of(attempt.fault) if attempt.fault else INTERRUPTED
    return AT_DEADLINE


def ending(trace: Trace, answer: AnswerRow) -> Fault:
    """The fault of an answer that the bus gave without words: those are found when it is read."""
    row = next(one for one in trace.deliveries if one.number == answer.number)
    if answer.code == Reason.WITHDRAWN:
        return withdrawn(trace, row, answer.made_at)
    newer = (
        fact.data["by"]
        for fact in trace.facts
        if fact.number == row.number and fact.step == Step.SUPERSEDE
    )
    details = {"message": str(next(newer, row.message)), "application": row.destination}
    return Fault(answer.code, details=details)


def _attempts(trace: Trace, number: int, until: int | None = None) -> Iterable[AttemptRow]:
    for one in trace.attempts:
        if one.number == number and (until is None or one.ended_at <= until):
            yield one


def _problem_of(fault: Fault) -> Text:
    if fault.code != "OUTCOME_UNKNOWN":
        reason = fault.problem
        return Text(reason.pt.rstrip("."), reason.en.rstrip("."))
    problem = fault.details.get("problem", UNTOLD)
    return problem if isinstance(problem, Text) else Text(problem, problem)
