"""What callers were told, held against what was so and what came after (S12); and what ids promise."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bus.core.delivery import Kind, Reason, State, Step
from bus.core.envelope import Status
from bus.engine.endings import JOURNAL_SILENT
from bus.engine.post_result import Form
from bus.engine.request import PATIENCE
from bus.journal.facts import FactRow
from bus.journal.rows import DeliveryRow
from tests.simulation.chronicle import Call, Told
from tests.simulation.evidence import Evidence, names
from tests.simulation.findings import Finding, Flaw
from tests.simulation.naming import wrong_names
from tests.simulation.script import JournalTrouble, Scene
from tests.simulation.virtual_time import EPOCH, MICROSECONDS

NOTHING_SENT = frozenset(
    {
        "WITHDRAWN",
        "LANE_BUSY",
        "LANE_STOPPED",
        "NO_TURN",
        "UNREACHABLE",
        "BUSY",
        "LOGIN_REFUSED_BY_RECEIVER",
    }
)
"""Codes that tell a caller that nothing was sent and nothing will be."""
IN_DOUBT = frozenset({State.SENDING, State.AWAITING_RESPONSE, State.UNKNOWN})
"""States in which nobody knows what the destination did."""
MOVING = frozenset({State.WAITING, State.SENDING, State.AWAITING_RESPONSE, State.AWAITING_DEPARA})
"""States in which a message is under way."""
SLACK = 20.0
"""Seconds that a caller may wait beyond its time, for a slow journal."""


def broken_promises(evidence: Evidence, scenes: list[Scene]) -> Iterator[Finding]:
    """Callers that were told what is not so."""
    frozen = sum(
        scene.seconds for scene in scenes if isinstance(scene, JournalTrouble) and scene.frozen
    )
    for told in evidence.chronicle.told:
        if not told.heard:
            continue
        problems = [*_late(told, frozen), *_wrong(evidence, told)]
        for problem in problems:
            what = told.fault.code if told.fault else f"{told.form} {told.status or ''} {told.code}"
            name = f"({told.posting.number}) {told.posting.token}, told {what} of {told.message}"
            yield Finding(Flaw.PROMISE, f"{name}: {problem}")


def _late(told: Told, frozen: float) -> Iterator[str]:
    seconds = told.at - told.asked
    if seconds > PATIENCE + SLACK + frozen:
        yield f"it waited {seconds:.0f} s"


def _wrong(evidence: Evidence, told: Told) -> Iterator[str]:
    if told.form is Form.RECEIPT:
        return
    code = told.fault.code if told.fault else ""
    if not code:
        yield from _told_by_destination(evidence, told)
    elif code in NOTHING_SENT:
        yield from _was_sent(evidence, told)
        yield from _goes_on(evidence, told)
    elif code in _BY_CODE:
        yield from _BY_CODE[code](evidence, told)


def _told_by_destination(evidence: Evidence, told: Told) -> Iterator[str]:
    if told.status == Status.OK:
        yield from _not_done(evidence, told)
        return
    if told.code in NOTHING_SENT:
        yield "it reads as if the destination had said so"
    destination, colon, _ = told.code.partition(":")
    if colon:
        if not evidence.refused(destination, told.posting.token, told.at):
            yield "it never refused"
        if told.kept and told.kept.deadline:
            yield from _goes_on(evidence, told)


def _not_done(evidence: Evidence, told: Told) -> Iterator[str]:
    if told.kept is None:
        yield "the message is not kept"
        return
    for row in told.standing:
        if told.kept.answering not in {0, row.number}:
            continue
        if evidence.touched_by_person(row.message, Step.DELIVER):
            continue  # they said so
        if told.code == Reason.NOTHING_TO_DELETE:
            continue
        if not evidence.processed(row.destination, told.posting.token, told.at):
            yield f"{row.destination} had not processed it"


def _was_sent(evidence: Evidence, told: Told) -> Iterator[str]:
    for call in evidence.calls_by_message[told.message]:
        if told.asked <= call.began <= told.at and evidence.may_have_reached(call):
            yield f"#{call.number} sent it before ({call.fate})"
    for opening in evidence.chronicle.openings:
        same = opening.row.message == told.message and opening.row.kind is Kind.COPY
        if same and told.asked <= opening.began <= told.at and evidence.may_have_reached(opening):
            yield f"it was opened before ({opening.fate})"


def _goes_on(evidence: Evidence, told: Told) -> Iterator[str]:
    """What was answered ERROR is never sent later by the bus alone."""
    for call in evidence.copy_calls:
        same = call.token == told.posting.token and call.row.message == told.message
        if same and call.began > told.at and not _asked_again(evidence, told, call):
            yield f"#{call.number} sends it later"


def _asked_again(evidence: Evidence, told: Told, call: Call) -> bool:
    """Whether somebody asked for it again since, or was still asking when the caller was told."""
    since, until = told.asked, call.began
    token = told.posting.token
    return evidence.posted_beside(told, until) or evidence.asked_for_by_person(token, since, until)


def _not_in_doubt(evidence: Evidence, told: Told) -> Iterator[str]:
    if told.kept is None:
        yield "the message is not kept"
        return
    if not any(row.state in IN_DOUBT or _changed(row, told) for row in told.standing):
        yield f"it was {names(told.standing)}"
    deciding = [row for row in told.standing if told.kept.answering in {0, row.number}]
    if told.fault and told.fault.details.get("problem") == JOURNAL_SILENT:
        return  # the journal could not be asked, nor told
    unsent = [row for row in deciding if row.state is State.BLOCKED and not row.tries]
    if unsent:
        yield f"nothing was sent: {names(unsent)}"
    if not any(_lists_doubt(fact) for fact in evidence.facts[told.message]):
        yield "no list shows it"


def _changed(row: DeliveryRow, told: Told) -> bool:
    """Whether a delivery moved while the caller waited; clocks may be off, so generously."""
    return row.changed_at >= EPOCH + (told.asked - 1.0) * MICROSECONDS


def _lists_doubt(fact: FactRow) -> bool:
    return fact.step in {Step.MARK_UNKNOWN, Step.ASK} or fact.reason == "SENDER_TOLD_UNKNOWN"


def _not_under_way(evidence: Evidence, told: Told) -> Iterator[str]:
    moving = [row for row in told.standing if row.state in MOVING or _changed(row, told)]
    blocked = [row for row in told.standing if row.state is State.BLOCKED]
    if not moving and not blocked:
        yield f"it was {names(told.standing)}"


def misnamings(evidence: Evidence) -> Iterator[Finding]:
    """What was sent under a wrong id, or waited for one that was known, or taught and not kept."""
    book = evidence.world.book
    if book is not None:
        told = [*evidence.chronicle.misnamed, *wrong_names(book, evidence.copy_calls)]
        yield from (Finding(Flaw.NAMING, what) for what in told)


_BY_CODE: dict[str, Callable[[Evidence, Told], Iterator[str]]] = {
    "OUTCOME_UNKNOWN": _not_in_doubt,
    "IN_PROGRESS": _not_under_way,
}
