"""The checks: loss, doubling, order, answers, books. Promises to callers are in `promises`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import TypeVar

from bus.core.delivery import ENDED, FAILED, GONE, Kind, Reason, State, Step
from bus.core.envelope import Status
from bus.core.plan import on_failure_of
from bus.core.route import OnFailure
from bus.journal.facts import FactKind
from bus.journal.rows import AnswerRow, DeliveryRow, MessageRow, MessageState
from tests.simulation.chronicle import Arrival, Call, Opening
from tests.simulation.evidence import Evidence, names
from tests.simulation.findings import Finding, Flaw
from tests.simulation.texts import CONTRACTS, fields_of

# -- loss ------------------------------------------------------------------------------------------

HOLDS = frozenset(
    {
        State.REFUSED,
        State.DEAD,
        State.UNKNOWN,
        State.BLOCKED,
        State.HELD,
        State.AWAITING_DEPARA,
    }
)
"""Heads behind which a delivery may wait once everything has settled."""


def losses(evidence: Evidence) -> Iterator[Finding]:
    """What was accepted and is neither delivered nor stopped for a reason."""
    for told in evidence.chronicle.told:
        if told.heard and told.fault is None and told.message not in evidence.messages:
            what = f"({told.posting.number}) was told {told.form} {told.message}"
            yield Finding(Flaw.LOSS, f"{what}, which is not kept")
    for row in evidence.deliveries:
        problem = _STANDINGS[row.state](evidence, row)
        if problem:
            yield Finding(Flaw.LOSS, f"{names([row])} ({row.reason or '-'}): {problem}")
    taken = {place for place, brought in evidence.chronicle.read if brought}
    for place, body in enumerate(evidence.chronicle.fed, 1):
        if body and place not in taken:
            yield Finding(Flaw.LOSS, f"place {place} of what is read was never taken")


def _unfinished(_: Evidence, __: DeliveryRow) -> str:
    return "it never ended"


def _awaiting_id(evidence: Evidence, row: DeliveryRow) -> str:
    book = evidence.world.book
    return "" if book and book.lacks(row) else "it waits for an id, and lacks none"


def _stopped(evidence: Evidence, row: DeliveryRow) -> str:
    tried = row.tries > 0 or row.reason
    return "" if tried else "nothing was tried"


def _unknown(evidence: Evidence, row: DeliveryRow) -> str:
    calls = [call for call in evidence.calls_by_message[row.message] if call.row[:2] == row[:2]]
    if not calls or calls[-1].row.tries != row.tries:
        return ""  # its last try began and never came there
    half_done = row.steps > 0  # whatever came of the rest
    # Of two sendings, a no may be to either; as long as one was not answered, nobody can tell.
    earlier = {call.answered for call in calls[:-1]}
    # A try that began and never came there is one too, for all that the bus can know.
    lost = calls[-1].row.unheard and len(calls) < row.tries
    anybodys = calls[-1].answered is Status.ERROR and (lost or None in earlier)
    if calls[-1].answered is not None and not (row.safe or half_done or anybodys):
        return f"its destination answered {calls[-1].answered} to #{calls[-1].number}"
    return _stopped(evidence, row)


def _waiting(evidence: Evidence, row: DeliveryRow) -> str:
    if row.due_at is not None:
        return "it is due and nobody sends it"
    lane = evidence.world.store.tables.kept.lanes.get(row.lane)
    if lane is None:
        return "it waits for nothing"
    head = next(
        (one for one in evidence.deliveries if one.lane == row.lane and one.seq == lane.head), None
    )
    if head is None or head.state not in HOLDS:
        return f"it waits behind {names([head]) if head else 'nobody'}"
    return _may_hold(evidence, head)


def _may_hold(evidence: Evidence, head: DeliveryRow) -> str:
    """A refusal that its synchronous sender knows holds nobody (S12)."""
    message = evidence.messages[head.message]
    answers = message.answering in {0, head.number}
    known = message.deadline and answers and not evidence.replayed(message.id)
    return (
        f"it waits behind the synchronous {names([head])}" if known and head.state in FAILED else ""
    )


def _held(evidence: Evidence, row: DeliveryRow) -> str:
    message = evidence.messages[row.message]
    answering = next(
        one for one in evidence.copies_by_message[row.message] if one.number == message.answering
    )
    return f"its answering delivery is {answering.state}" if answering.state in ENDED else ""


def _delivered(evidence: Evidence, row: DeliveryRow) -> str:
    if evidence.touched_by_person(row.message, Step.DELIVER):
        return ""  # they said so
    if row.kind is Kind.ANSWER:
        heard = any(one.row.message == row.message for one in evidence.chronicle.heard)
        return "" if heard else "its origin never heard it"
    done = evidence.processed(row.destination, evidence.token(row.message))
    return "" if done else "its destination never processed it"


def _refused(evidence: Evidence, row: DeliveryRow) -> str:
    if row.kind is Kind.ANSWER or row.safe or evidence.replayed(row.message):
        return ""
    if evidence.touched_by_person(row.message, Step.REFUSE):
        return ""  # they said so
    done = any(
        call.processed_at is not None and call.destination == row.destination
        for call in evidence.calls_by_message[row.message]
    )
    return "its destination processed it" if done else ""


def _blocked(evidence: Evidence, row: DeliveryRow) -> str:
    by_person = evidence.touched_by_person(row.message, Step.BLOCK)
    return "" if by_person else "nobody blocked it"


def _discarded(evidence: Evidence, row: DeliveryRow) -> str:
    if row.reason == "WITHDRAWN":
        token = evidence.token(row.message)
        known = evidence.was_synchronous(token) or evidence.was_read_as_synchronous(token)
        return "" if known else "nobody waited for it"
    if row.reason == "SUPERSEDED":
        later = any(
            (one.lane == row.lane and one.seq > row.seq > 0)
            or evidence.messages[one.message].parent == row.message
            for one in evidence.deliveries
        )
        return "" if later else "nothing superseded it"
    if row.reason == Reason.NOTHING_TO_DELETE:
        return ""
    by_person = evidence.touched_by_person(row.message, Step.DISCARD)
    return "" if by_person else "nobody discarded it"


_STANDINGS = {
    State.HELD: _held,
    State.WAITING: _waiting,
    State.AWAITING_DEPARA: _awaiting_id,
    State.SENDING: _unfinished,
    State.AWAITING_RESPONSE: _unfinished,
    State.DELIVERED: _delivered,
    State.REFUSED: _refused,
    State.DEAD: _stopped,
    State.UNKNOWN: _unknown,
    State.BLOCKED: _blocked,
    State.DISCARDED: _discarded,
}


def leftovers(evidence: Evidence) -> Iterator[Finding]:
    """What a person could not clear up: in the end all is delivered or given up."""
    for row in evidence.deliveries:
        if row.state not in GONE:
            yield Finding(Flaw.LOSS, f"{names([row])} could not be cleared up")


# -- doubling --------------------------------------------------------------------------------------


def doublings(evidence: Evidence) -> Iterator[Finding]:
    """What was sent again where that is not safe, although it may have been processed."""
    for first, second in _again(evidence, evidence.copy_calls):
        done = "processed" if first.processed_at is not None else "perhaps processed"
        yield Finding(
            Flaw.DOUBLING,
            f"{first.destination} was sent {first.token} by #{first.number} ({first.fate}, {done}) "
            f"and by #{second.number}",
        )
    for opened, reopened in _again(evidence, evidence.chronicle.openings):
        yield Finding(
            Flaw.DOUBLING,
            f"{opened.destination} was opened {opened.token} at {opened.began:.3f} "
            f"({opened.fate}) and at {reopened.began:.3f}",
        )
    yield from _read_twice(evidence)


Sending = TypeVar("Sending", Call, Opening)


def _again(evidence: Evidence, made: list[Sending]) -> Iterator[tuple[Sending, Sending]]:
    """Calls of one intent, of which nobody allowed the second."""
    calls: dict[tuple[str, str], list[Sending]] = defaultdict(list)
    for call in made:
        if not call.row.safe and evidence.may_have_reached(call):
            calls[call.destination, evidence.intent(call)].append(call)
    for several in calls.values():
        for first, second in pairwise(several):
            allowed = evidence.allowed_by_person(first, second.began)
            if not allowed:
                yield first, second


def _read_twice(evidence: Evidence) -> Iterator[Finding]:
    places = [place for place, brought in evidence.chronicle.read if brought]
    for place, times in Counter(places).items():
        if times > 1:
            yield Finding(Flaw.DOUBLING, f"place {place} of what is read was taken {times} times")


# -- order -----------------------------------------------------------------------------------------


def disorders(evidence: Evidence) -> Iterator[Finding]:
    """What was sent before its turn, after it, or beside another of its document."""
    for lane, calls in evidence.lanes():
        furthest = calls[0]
        for call in calls:
            yield from _out_of_turn(evidence, lane, call)
            if call.row.seq < furthest.row.seq:
                yield Finding(
                    Flaw.ORDER,
                    f"{lane}: #{call.number} (place {call.row.seq}) was sent after "
                    f"#{furthest.number} (place {furthest.row.seq})",
                )
            furthest = max(furthest, call, key=lambda one: one.row.seq)
    yield from _misplaced(evidence)
    yield from _lost_targets(evidence)
    yield from _overwritten(evidence)
    read = [place for place, _ in evidence.chronicle.read]
    if read != sorted(read):
        yield Finding(Flaw.ORDER, f"what is read was taken in the order {read}")


def _overwritten(evidence: Evidence) -> Iterator[Finding]:
    """An old snapshot goes over a newer one only where a person says that it may."""
    for act in evidence.chronicle.interventions:
        if act.over:
            yield Finding(Flaw.ORDER, f"{act.message} was replayed over {act.over}")
    for arrival in evidence.chronicle.arrivals:
        if arrival.over:
            name = f"{arrival.message.parent} as {arrival.message.id}"
            yield Finding(Flaw.ORDER, f"{name} was replayed over {arrival.over}")


def _out_of_turn(evidence: Evidence, lane: str, call: Call) -> Iterator[Finding]:
    if call.head != call.row.seq:
        yield Finding(
            Flaw.ORDER,
            f"{lane}: #{call.number} (place {call.row.seq}) was sent when it was the turn of "
            f"place {call.head}",
        )
    under_way = [row for row in call.earlier if row.state not in GONE | FAILED]
    stopped = [row for row in call.earlier if row.state in FAILED and _holds(evidence, row)]
    if under_way or stopped:
        yield Finding(Flaw.ORDER, f"{lane}: #{call.number} overtook {names(under_way + stopped)}")


def _holds(evidence: Evidence, row: DeliveryRow) -> bool:
    """Whether a delivery that failed must hold those behind it (S9)."""
    message = evidence.messages[row.message]
    synchronous = evidence.was_synchronous(evidence.token(row.message))
    if row.kind is Kind.ANSWER or (synchronous and message.answering == row.number):
        return False
    contract = CONTRACTS[message.transaction.casefold()]
    route = evidence.world.stage.deployment.route(row.rule)
    return on_failure_of(route, contract.lifecycle) is not OnFailure.CONTINUE


def _misplaced(evidence: Evidence) -> Iterator[Finding]:
    """Places are given in the order of acceptance; a correction may take that of what it corrects."""
    last: dict[str, DeliveryRow] = {}
    for arrival in evidence.chronicle.arrivals:
        if arrival.verdict is not None:
            continue
        for row in arrival.deliveries:
            before = last.get(row.lane)
            if row.lane and before and row.seq <= before.seq and not arrival.message.parent:
                yield Finding(
                    Flaw.ORDER, f"{row.lane}: {names([row])} was placed before {names([before])}"
                )
            if row.lane and (before is None or row.seq > before.seq):
                last[row.lane] = row


def _lost_targets(evidence: Evidence) -> Iterator[Finding]:
    """A cancellation goes in the lane of what it cancels (S6)."""
    known: dict[tuple[str, str], Arrival] = {}
    for arrival in evidence.chronicle.arrivals:
        message = arrival.message
        if arrival.verdict is not None:
            continue
        fields = fields_of(evidence.world.store.tables.body_of[message.id])
        if message.transaction == "Order":
            known[message.sender, fields["document"]] = arrival
        order = known.get((message.sender, fields.get("target", "")))
        if order and order.message.document != message.document:
            yield Finding(
                Flaw.ORDER, f"{message.id} cancels {order.message.id} and is not in its lane"
            )


# -- answers ---------------------------------------------------------------------------------------


def wrong_answers(evidence: Evidence) -> Iterator[Finding]:
    """Origins that were not answered, not as it was, or not once."""
    for message in evidence.messages.values():
        if message.state is MessageState.ACCEPTED and message.type == "BusinessMessage":
            for problem in _answer_of(evidence, message):
                yield Finding(Flaw.ANSWER, f"{message.id} ({message.content_hash}): {problem}")


def _answer_of(evidence: Evidence, message: MessageRow) -> Iterator[str]:
    copies = evidence.copies_by_message[message.id]
    ok = _decided(message, copies)
    if ok is None:
        if message.answer:
            yield "it is answered although nothing is decided"
        return
    answer = evidence.answers.get((message.id, message.answer))
    if answer is None:
        yield "it has no answer"
        return
    if (answer.status == Status.OK) != ok:
        yield f"its answer is {answer.status}, its deliveries are {names(copies)}"
    if not ok and answer.number and copies:
        yield from _not_its_own(copies, answer)
    yield from _as_heard(evidence, message, answer)


def _decided(message: MessageRow, copies: list[DeliveryRow]) -> bool | None:
    """Whether all is OK, as far as that decides the answer; None while it is not decided."""
    deciding = [row for row in copies if message.answering in {0, row.number}]
    if any(row.state not in ENDED for row in deciding):
        return None
    return all(_went_well(row) for row in deciding)


def _went_well(row: DeliveryRow) -> bool:
    """Whether it has the effect that was asked for: of what is not there, a delete has it."""
    return row.state is State.DELIVERED or row.reason == Reason.NOTHING_TO_DELETE


def _not_its_own(copies: list[DeliveryRow], answer: AnswerRow) -> Iterator[str]:
    row = next(one for one in copies if one.number == answer.number)
    if row.state is State.DELIVERED:
        yield "it is answered by a delivery that went well, though another failed"


def _as_heard(evidence: Evidence, message: MessageRow, answer: AnswerRow) -> Iterator[str]:
    """The origin was told exactly the answer that is kept, once for each time it was decided."""
    planned = [
        row for row in evidence.deliveries if row.message == message.id and row.kind is Kind.ANSWER
    ]
    answered = [one for one in evidence.facts[message.id] if one.kind == FactKind.ANSWERED]
    if not evidence.replayed(message.id) and len(answered) != 1:
        yield f"it was answered {len(answered)} times"
    if message.answer_to and not planned:
        yield "no delivery takes its answer to its origin"
    if len(planned) > len(answered):
        yield f"{len(planned)} deliveries take {len(answered)} answers to its origin"
    heard = [one for one in evidence.chronicle.heard if one.row.message == message.id]
    for one in heard:
        if one.received != message.uuid:
            yield f"its origin heard about {one.received}"
    if heard and not evidence.replayed(message.id):
        yield from _same(evidence, message, answer, {(one.status, one.code) for one in heard})


def _same(
    evidence: Evidence, message: MessageRow, answer: AnswerRow, heard: set[tuple[str, str]]
) -> Iterator[str]:
    code = fields_of(answer.body)["code"] if answer.body else answer.code
    if heard != {(answer.status, code)}:
        yield f"its origin heard {sorted(heard)}, kept is {answer.status} {code}"
