"""Answers: the ResponseMessage that every business message ends in (S13)."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from bus.core.envelope import Envelope, Header, MessageType, Note, Response, Status
from bus.core.errors import Fault, Language
from bus.core.journal import Answer, AnswerRow, MessageRow
from bus.core.outcome import Outcome, Report
from bus.core.texts import FAULT_TEXTS
from bus.core.translation import UNCHANGED, Translation
from bus.engine.reception import Form, Reception
from bus.ports import Clock, Codec, History, Reply

ANSWERED_BY_DESTINATION = 200
"""The status of reasons that tell what a destination, a person or a rule decided."""
BLANK = Envelope(Header(uuid="", type=MessageType.BUSINESS, transaction="", version=""))
"""Stands for the envelope of what could not be read."""


def envelope_of(message: MessageRow) -> Envelope:
    """As much of a message's envelope as its row keeps; for an answer where the body is gone."""
    header = Header(
        uuid=message.uuid,
        type=MessageType.BUSINESS,
        transaction=message.transaction,
        version=message.version,
        company=message.company,
        branch=message.branch,
    )
    return Envelope(header)


def fault_as_json(*faults: Fault) -> str:
    """Faults as the journal keeps them."""
    rows = [
        {"code": one.code, "path": one.path, "line": one.line, "details": dict(one.details)}
        for one in faults
    ]
    return orjson.dumps(rows).decode()


def faults_from_json(text: str) -> tuple[Fault, ...]:
    """The faults that the journal kept."""
    return tuple(
        Fault(row["code"], row["path"], row["line"], row["details"]) for row in orjson.loads(text)
    )


@dataclass(frozen=True, slots=True)
class Answers:
    """Writes the answers for origins, in the language of the bus."""

    codec: Codec
    clock: Clock
    history: History
    language: Language = "pt"
    address: str = ""

    def error(self, to: Envelope, *faults: Fault) -> bytes:
        """A ResponseMessage ERROR that tells faults: reason, place and remedy, each in a note."""
        notes = tuple(Note(self._tell(fault), type="ERROR", code=fault.code) for fault in faults)
        return self.codec.reply(
            Reply(to, self.clock.new_id(), self.clock.now(), Status.ERROR, notes)
        )

    def ok(self, to: Envelope, *remarks: Fault) -> bytes:
        """A ResponseMessage OK of the bus itself, with remarks that need nobody."""
        notes = tuple(Note(self._tell(one), type="WARNING", code=one.code) for one in remarks)
        return self.codec.reply(Reply(to, self.clock.new_id(), self.clock.now(), Status.OK, notes))

    def told(self, to: Envelope, *faults: Fault) -> Answer:
        """An ERROR of ours, to be kept as the answer of a message."""
        return Answer(Status.ERROR, self.error(to, *faults))

    def from_report(
        self,
        to: Envelope,
        report: Report,
        translation: Translation = UNCHANGED,
    ) -> Answer:
        """The origin's answer from what a destination said, or from why it said nothing."""
        if report.response is not None:
            return self.from_response(to, report.response, report.answer, translation)
        if report.outcome is Outcome.DELIVERED:
            return Answer(Status.OK, self.ok(to))
        fault = report.fault or Fault("OUTCOME_UNKNOWN")
        reason = fault.code if report.outcome is Outcome.WITHHELD else ""
        return Answer(Status.ERROR, self.error(to, fault), reason)

    def from_response(
        self,
        to: Envelope,
        response: Response,
        original: bytes,
        translation: Translation = UNCHANGED,
    ) -> Answer:
        """The origin's answer from a destination's ResponseMessage.

        Its return is unchanged, but for the ids that a translation puts.
        """
        reply = Reply(
            to,
            self.clock.new_id(),
            self.clock.now(),
            response.status,
            original=original,
            translation=translation,
        )
        return Answer(response.status, self.codec.reply(reply))

    def receipt(self, message: str, to: Envelope) -> Reception:
        """A ReceiptMessage for an accepted message."""
        body = self.codec.receipt(to, self.clock.new_id(), self.clock.now())
        return Reception(message, Form.RECEIPT, body)

    def refusal(
        self, message: str, to: Envelope, *faults: Fault, retry_after: float | None = None
    ) -> Reception:
        """Our own ERROR."""
        return Reception(message, Form.RESPONSE, self.error(to, *faults), faults[0], retry_after)

    def body_of(self, message: MessageRow, answer: AnswerRow) -> bytes:
        """The bytes of a kept answer, written now where only its reason was kept."""
        if answer.body:
            return answer.body
        details = {"message": message.id, "application": "-", "problem": answer.reason}
        return self.error(envelope_of(message), Fault(answer.reason, details=details))

    def kept(self, message: MessageRow, answer: AnswerRow) -> Reception:
        """An answer that was fixed, with the fault where it is ours and no destination's."""
        body = self.body_of(message, answer)
        text = FAULT_TEXTS.get(answer.reason)
        if text is None or text.status == ANSWERED_BY_DESTINATION:
            return Reception(message.id, Form.RESPONSE, body)
        details = {"message": message.id, "application": "-", "problem": answer.reason}
        fault = Fault(answer.reason, details=details)
        retry_after = 1.0 if answer.reason == "WITHDRAWN" else None
        return Reception(message.id, Form.RESPONSE, body, fault, retry_after)

    async def stored(self, message: str) -> Reception | None:
        """The answer of a message as it was fixed; None where it has none yet."""
        trace = await self.history.trace(message)
        if trace is None:
            return None
        for row in trace.answers:
            if row.number == trace.message.answer:
                return self.kept(trace.message, row)
        return None

    def status_address(self, message: str) -> str:
        """Where a caller asks what became of a message."""
        return f"{self.address}/messages/{message}/answer"

    def _tell(self, fault: Fault) -> str:
        where = f" [{fault.path}]" if fault.path else ""
        return f"{fault.reason(self.language)}{where} {fault.remedy(self.language)}"
