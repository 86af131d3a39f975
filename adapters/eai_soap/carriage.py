"""SOAP 1.1 around a message on its way out, and what the answer in SOAP means."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from adapters.eai_soap.faults import FAULTS, NOT_PROCESSED
from adapters.http_xml.client import HttpAnswer, Question
from adapters.http_xml.judge import (
    CODES,
    OF_STATUS,
    PROBLEM_LIMIT,
    JudgedAnswer,
    at_the_door,
    fault_of,
    judge,
    meaning_of,
    meant_fault,
    report_of,
    status_line,
)
from bus.core.errors import SenderFault
from bus.core.outcome import Outcome
from bus.ports.adapter import Parcel
from bus.ports.codec import Codec, Unwrapped

ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
    '<{operation} xmlns="{namespace}"><{parameter}>TEXT</{parameter}></{operation}>'
    "</soap:Body></soap:Envelope>"
)
ESCAPES = ((b"&", b"&amp;"), (b"<", b"&lt;"), (b">", b"&gt;"), (b"\r", b"&#13;"))


CLOSED_DOOR = frozenset({Outcome.UNREACHABLE, Outcome.BUSY})


class Content(StrEnum):
    """How the text of a message stands in the parameter."""

    CDATA = "cdata"
    ESCAPED = "escaped"


@dataclass(frozen=True, slots=True)
class Spelling:
    """How an application wants `receiveMessage` called."""

    namespace: str
    operation: str
    parameter: str
    content: Content


class SoapCarriage:
    """Wraps a message in a call, and judges what comes back."""

    media_type = "text/xml; charset=utf-8"
    question = Question("GET", "wsdl")

    def __init__(self, spelling: Spelling) -> None:
        envelope = ENVELOPE.format(
            operation=spelling.operation,
            namespace=_escaped(spelling.namespace.encode()).replace(b'"', b"&quot;").decode(),
            parameter=spelling.parameter,
        )
        self._before, _, self._after = envelope.encode().rpartition(b"TEXT")
        self._content = spelling.content

    def wrap(self, message: bytes) -> bytes:
        """The call that carries a message."""
        text = _cdata(message) if self._content is Content.CDATA else _escaped(message)
        return self._before + text + self._after

    async def judge(self, answer: HttpAnswer, parcel: Parcel, codec: Codec) -> JudgedAnswer:
        """What became of a message: by its own answer, else by what the Fault or the text says."""
        try:
            found = await codec.unwrap(answer.body)
        except SenderFault:  # no SOAP: an empty body, a page, or a message that stands there bare
            return await judge(answer, parcel, codec)
        if found.fault:
            return _of_fault(found, answer, parcel)
        if await _is_readable(found.message, codec):
            inner = replace(answer, body=found.message)
            return await judge(inner, parcel, codec)
        text = " ".join(found.message[: 4 * PROBLEM_LIMIT].decode("utf-8", "replace").split())
        return _of_text(text, f"the result is no message: {text or 'empty'}", answer, parcel)


async def _is_readable(message: bytes, codec: Codec) -> bool:
    try:
        await codec.read_answer(message)
    except SenderFault:
        return False
    return True


def _of_fault(found: Unwrapped, answer: HttpAnswer, parcel: Parcel) -> JudgedAnswer:
    """What a Fault means: its words first; by some codes nothing was processed, whatever they say.

    A door that did not admit us, or is busy, says so by the status.
    """
    by_status = OF_STATUS.get(answer.status)
    untold = meaning_of(found.fault, parcel, FAULTS) is None and by_status not in CLOSED_DOOR
    if untold and found.code in NOT_PROCESSED:
        told = f"SOAP Fault {found.code}: {found.fault}"[:PROBLEM_LIMIT].rstrip(".")
        fault = fault_of("CALL_NOT_UNDERSTOOD", told, parcel)
        return JudgedAnswer(report_of(Outcome.BUSY, fault, answer), ours=False)
    return _of_text(found.fault, f"SOAP Fault: {found.fault}", answer, parcel)


def _of_text(text: str, problem: str, answer: HttpAnswer, parcel: Parcel) -> JudgedAnswer:
    """What words in place of a message mean: what the table knows, else what the status says."""
    if known := meaning_of(text, parcel, FAULTS):
        fault = meant_fault(known, text[:PROBLEM_LIMIT].rstrip("."), parcel)
        return JudgedAnswer(report_of(known.outcome, fault, answer), ours=False)
    outcome = OF_STATUS.get(answer.status, Outcome.UNKNOWN)
    told = f"{status_line(answer)}, {problem}"[:PROBLEM_LIMIT].rstrip(".")
    fault = at_the_door(answer, fault_of(CODES[outcome], told, parcel))
    report = report_of(outcome, fault, answer)
    if outcome is Outcome.UNKNOWN:
        report = replace(report, unmapped=text)
    return JudgedAnswer(report, ours=False)


def _cdata(message: bytes) -> bytes:
    # A section cannot hold its own end: the text is parted between two of them.
    return b"<![CDATA[" + message.replace(b"]]>", b"]]]]><![CDATA[>") + b"]]>"


def _escaped(text: bytes) -> bytes:
    for plain, escape in ESCAPES:
        text = text.replace(plain, escape)
    return text
