"""Standard messages as XML over plain HTTP: a POST to the address, answered at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from adapters.http_xml import wire_problems
from adapters.http_xml.client import HttpAnswer, HttpClient, Question, Silence
from adapters.http_xml.judge import JudgedAnswer, fault_of, judge, report_of, status_line
from bus.core.diagnosis import INSECURE
from bus.core.errors import Fault
from bus.core.outcome import Outcome, Report
from bus.core.route import Application
from bus.core.text import Text
from bus.ports.adapter import PROBE_WITHIN, Parcel
from bus.ports.codec import Codec

MEDIA_TYPE = "application/xml; charset=utf-8"
OWN_SHARE = 0.95  # of the engine's limit: so a time-out is told by who knows whether bytes left

# Even if about an earlier message, these make the bus repeat what may be repeated, and no more.
HARMLESS = frozenset({Outcome.BUSY, Outcome.UNREACHABLE})


class Carriage(Protocol):
    """How a message travels in the body of a POST, and what an answer to it means."""

    media_type: str
    question: Question

    def wrap(self, message: bytes) -> bytes:
        """The body that carries a message."""

    async def judge(self, answer: HttpAnswer, parcel: Parcel, codec: Codec) -> JudgedAnswer:
        """What became of a message, by the answer to it."""


class Plain:
    """The body is the message, and that of the answer is the answer."""

    media_type = MEDIA_TYPE
    question = Question("OPTIONS")

    def wrap(self, message: bytes) -> bytes:
        """The message."""
        return message

    async def judge(self, answer: HttpAnswer, parcel: Parcel, codec: Codec) -> JudgedAnswer:
        """What became of a message."""
        return await judge(answer, parcel, codec)


PLAIN = Plain()


class HttpXmlAdapter:
    """Delivers to one application over HTTP, plain or by another carriage."""

    def __init__(
        self,
        application: Application,
        codec: Codec,
        channel: HttpClient,
        carriage: Carriage = PLAIN,
    ) -> None:
        self._application = application
        self._codec = codec
        self._channel = channel
        self._carriage = carriage
        self._reuse = True

    async def send(self, parcel: Parcel) -> Report:
        """Deliver by one POST."""
        answer = await self._channel.post(
            self._carriage.wrap(parcel.message),
            self._carriage.media_type,
            reuse=parcel.repeat_safe and self._reuse,
            within=parcel.timeout * OWN_SHARE,
            start_within=parcel.start_within,
        )
        if isinstance(answer, Silence):
            return self._silence(answer)
        return await self._judged(answer, parcel)

    async def ask(self, parcel: Parcel) -> Report | None:
        """None: this protocol has no such question."""
        return None

    async def probe(self) -> Fault | None:
        """Whether something answers HTTP at the address and, as far as it says, knows us."""
        question = self._carriage.question
        answer = await self._channel.ask(question, PROBE_WITHIN * OWN_SHARE)
        if isinstance(answer, Silence):
            return self._unreachable(answer)
        if answer.status in {401, 407}:  # many servers answer 403, 404 or 405 to all but a POST
            return self._fault("LOGIN_REFUSED_BY_RECEIVER", status_line(answer))
        return None

    async def knock(self, parcel: Parcel) -> Report:
        """Send what has no effect: what it carries reaches the application as it is written."""
        return await self.send(parcel)

    async def close(self) -> None:
        """Let go of connections."""
        await self._channel.close()

    async def _judged(self, answer: HttpAnswer, parcel: Parcel) -> Report:
        verdict = await self._carriage.judge(answer, parcel, self._codec)
        report = verdict.report
        if not answer.reused or verdict.ours or report.outcome in HARMLESS:
            return report
        # aiohttp gives a late second answer to an earlier message to the next call, so this may be
        # one, and so may all that follow on these connections.
        self._reuse = False
        if report.outcome is Outcome.UNKNOWN:
            return report
        fault = fault_of("OUTCOME_UNKNOWN", wire_problems.PERHAPS_EARLIER, parcel)
        return report_of(Outcome.UNKNOWN, fault, answer, report.response)

    def _silence(self, silence: Silence) -> Report:
        if silence.sent:
            fault = self._fault("OUTCOME_UNKNOWN", silence.problem)
            return Report(Outcome.UNKNOWN, silence.body, fault=fault)
        return Report(Outcome.UNREACHABLE, fault=self._unreachable(silence))

    def _unreachable(self, silence: Silence) -> Fault:
        fault = self._fault("UNREACHABLE", silence.problem)
        return replace(fault, details={**fault.details, **INSECURE}) if silence.insecure else fault

    def _fault(self, code: str, problem: Text | str) -> Fault:
        return Fault(code, details={"application": self._application.name, "problem": problem})
