"""What an HTTP answer says became of a message (S8): the tables, then how they are read.

Two questions decide: is there a readable answer to *this* message, and what does the status say?
The order of doubt is: another's answer, then a contradiction, then what is plainly said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from adapters.http_xml import wire_problems
from adapters.http_xml.client import HttpAnswer
from adapters.http_xml.faults import FAULTS
from bus.core.diagnosis import ANOTHER_DOOR
from bus.core.envelope import Response, Status
from bus.core.errors import Fault, SenderFault
from bus.core.known_faults import KnownFault, recognise
from bus.core.outcome import Outcome, Report
from bus.core.text import NOTHING, Text
from bus.ports.adapter import Parcel
from bus.ports.codec import Codec

PROBLEM_LIMIT = 1_000  # characters of a destination's own words that a fault repeats
WORDS = frozenset({"text/plain", "application/json", "application/problem+json"})

CODES = {
    Outcome.REFUSED: "REFUSED",
    Outcome.BUSY: "BUSY",
    Outcome.UNREACHABLE: "LOGIN_REFUSED_BY_RECEIVER",
    Outcome.UNKNOWN: "OUTCOME_UNKNOWN",
}

# Without a readable answer, the status alone. Not here: unknown. In particular 302 and 303, which
# also answer a form that *was* processed; and 408, which a whole message that was sent belies.
OF_STATUS: Mapping[int, Outcome] = {
    # The front door did not admit us, or the door has moved and asks us to repeat there (RFC 9110,
    # 15.4): nothing was processed, and the admin must mend address or credentials.
    **dict.fromkeys((301, 307, 308, 401, 403, 404, 405, 407), Outcome.UNREACHABLE),
    **dict.fromkeys((400, 413, 415, 422), Outcome.REFUSED),
    **dict.fromkeys((425, 429, 503), Outcome.BUSY),
}

NOT_HERE = frozenset({301, 307, 308, 404, 405})
"""Statuses by which a server says that nothing takes messages at the address."""

# With an ERROR in a readable ResponseMessage: a refusal, except where the status says more. Another
# bus sends such a body with each of these (design, section 8).
OF_STATUS_WITH_ERROR: Mapping[int, Outcome] = {
    **dict.fromkeys((401, 407), Outcome.UNREACHABLE),
    **dict.fromkeys((425, 429, 503), Outcome.BUSY),
    504: Outcome.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class JudgedAnswer:
    """A report, and whether the answer proved itself to be about our message."""

    report: Report
    ours: bool


async def judge(answer: HttpAnswer, parcel: Parcel, codec: Codec) -> JudgedAnswer:
    """What became of a message. `answer.body` is the inner message, for carriers that wrap it."""
    try:
        response = (await codec.read_answer(answer.body)).response
        uuid = response.received_uuid if response else await _receipt_uuid(answer.body, codec)
    except SenderFault as unreadable:
        outcome = OF_STATUS.get(answer.status, Outcome.UNKNOWN)
        fault = at_the_door(
            answer, fault_of(CODES[outcome], _unreadable(answer, unreadable.fault), parcel)
        )
        return JudgedAnswer(report_of(outcome, fault, answer), ours=False)
    if uuid and not await _names(uuid, parcel, codec):
        problem = wire_problems.ANOTHERS.filled(uuid=uuid[:60])
        fault = fault_of("OUTCOME_UNKNOWN", problem, parcel)
        return JudgedAnswer(report_of(Outcome.UNKNOWN, fault, answer), ours=False)
    return JudgedAnswer(_said(answer, response, parcel), ours=bool(uuid))


def report_of(
    outcome: Outcome, fault: Fault, answer: HttpAnswer, response: Response | None = None
) -> Report:
    """A report of an outcome that is neither delivered nor received."""
    return Report(outcome, answer.body, response, fault, answer.retry_after)


def fault_of(code: str, problem: Text | str, parcel: Parcel) -> Fault:
    """A fault of the application, told with its name."""
    return Fault(code, details={"application": parcel.application.name, "problem": problem})


def at_the_door(answer: HttpAnswer, fault: Fault) -> Fault:
    """The fault of an answer without a message, which tells where nothing is at the address."""
    if answer.status not in NOT_HERE:
        return fault
    return replace(fault, details={**fault.details, **ANOTHER_DOOR})


def meaning_of(
    text: str, parcel: Parcel, carrier: tuple[KnownFault, ...] = ()
) -> KnownFault | None:
    """What words of an application mean: its own go before those of any EAI, then a carrier's."""
    return recognise(text, parcel.application.known_faults, FAULTS, carrier)


def meant_fault(meant: KnownFault, problem: Text | str, parcel: Parcel) -> Fault:
    """The fault that a known text is, with what to do about it in that product."""
    if isinstance(problem, str):
        problem = problem.rstrip(".")
    fault = fault_of(meant.code, problem, parcel)
    of_product: dict[str, Text | str] = {}
    if meant.advice != NOTHING:
        of_product["product_advice"] = meant.advice
    if meant.entity:
        of_product["entity"] = meant.entity
    return replace(fault, details={**fault.details, **of_product}) if of_product else fault


async def _receipt_uuid(body: bytes, codec: Codec) -> str:
    """Which message a Receipt is about; empty where it does not say, or only in part."""
    try:
        receipt = (await codec.read(body)).envelope.receipt
    except SenderFault:
        return ""
    return receipt.received_uuid if receipt else ""


async def _names(uuid: str, parcel: Parcel, codec: Codec) -> bool:
    """Whether an answer that names a UUID is about our message.

    Where what we sent is itself a response, its own UUID differs from that of the parcel.
    """
    if _same(uuid, parcel.uuid):
        return True
    return _same(uuid, (await codec.read(parcel.message)).envelope.header.uuid)


def _same(one: str, other: str) -> bool:
    """Whether two UUIDs are one, for products that change case or put braces around them."""
    return one.strip(" {}").casefold() == other.strip(" {}").casefold()


def _unreadable(answer: HttpAnswer, fault: Fault) -> Text | str:
    """What came in place of an answer: its own words where it has some for people."""
    status = status_line(answer)
    if not answer.body:
        return wire_problems.EMPTY.filled(status=status)
    said_plainly = answer.media_type in WORDS or b"<" not in answer.body[: 4 * PROBLEM_LIMIT]
    if "xml" in answer.media_type and not said_plainly:
        said = fault.problem
        return Text(f"{status}: {said.pt.rstrip('.')}", f"{status}: {said.en.rstrip('.')}")
    if said_plainly:
        words = answer.body[: 4 * PROBLEM_LIMIT].decode("utf-8", "replace")
        return f"{status}: {' '.join(words.split())[:PROBLEM_LIMIT].rstrip('.')}"
    if answer.media_type:
        return f"{status}, {answer.media_type}"
    return wire_problems.OF_NO_TYPE.filled(status=status)


def status_line(answer: HttpAnswer) -> str:
    """The status of an answer, as it is told."""
    return f"HTTP {answer.status} {answer.reason}".rstrip()


def _said(answer: HttpAnswer, response: Response | None, parcel: Parcel) -> Report:
    """What a readable answer says, held against its status."""
    if response and response.status is Status.ERROR:
        return _no(answer, response, parcel)
    if not 200 <= answer.status < 300:  # noqa: PLR2004 - HTTP's range of success
        problem = wire_problems.CONTRADICTION.filled(status=status_line(answer))
        fault = fault_of("OUTCOME_UNKNOWN", problem, parcel)
        return report_of(Outcome.UNKNOWN, fault, answer, response)
    return Report(Outcome.DELIVERED if response else Outcome.RECEIVED, answer.body, response)


def _no(answer: HttpAnswer, response: Response, parcel: Parcel) -> Report:
    text = "; ".join(note.text.strip() for note in response.notes if note.text.strip())
    outcome = OF_STATUS_WITH_ERROR.get(answer.status, Outcome.REFUSED)
    if answer.status in OF_STATUS_WITH_ERROR:
        text = f"{status_line(answer)}: {text}".rstrip(": .")
    problem = text[:PROBLEM_LIMIT] or f"ERROR, {status_line(answer)}"
    if meant := meaning_of(text, parcel):
        return report_of(meant.outcome, meant_fault(meant, problem, parcel), answer, response)
    return report_of(outcome, fault_of(CODES[outcome], problem, parcel), answer, response)
