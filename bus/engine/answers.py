"""Answers: the ResponseMessage that every business message ends in (S13)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

from bus.core.envelope import (
    Envelope,
    Header,
    InternalIdPair,
    MessageType,
    Note,
    Response,
    Status,
)
from bus.core.errors import Fault, SenderFault
from bus.core.fault_texts import FAULT_TEXTS
from bus.core.identity import uuid_of_answer
from bus.core.outcome import Outcome, Report
from bus.core.route import Application
from bus.core.text import Language
from bus.core.translation import UNCHANGED, Translation
from bus.engine.endings import ending
from bus.engine.post_result import Form, PostResult
from bus.journal.commands import OriginAnswer
from bus.journal.rows import AnswerRow, MessageRow
from bus.ports.codec import DestinationAnswer, Document, Reply
from bus.ports.ports import Ports

UNAVAILABLE = 503
"""The status of reasons for which nothing was processed: the message may come again."""
ANSWERED_BY_DESTINATION = 200
"""The status of reasons that tell what a destination, a person or a rule decided."""


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


class Said(NamedTuple):
    """What a destination said, as a ResponseMessage and parsed; nothing where it said none."""

    body: bytes = b""
    answer: DestinationAnswer | None = None


NOTHING_SAID = Said()


class Back(NamedTuple):
    """A destination's answer in which other ids stand for its origin; None where none do."""

    answer: DestinationAnswer | None = None
    translation: Translation = UNCHANGED


AS_IT_CAME = Back()


class Answers:
    """Writes the answers for origins, in the language of the bus, which listens at an address."""

    def __init__(self, ports: Ports, language: Language = "pt", address: str = "") -> None:
        self._codec = ports.codec
        self._clock = ports.clock
        self._history = ports.history
        self._deployment = ports.deployment
        self._language = language
        self._address = address

    def error(self, to: Envelope, *faults: Fault) -> bytes:
        """A ResponseMessage ERROR that tells faults: reason, place and remedy, each in a note."""
        return self._reply(to, Status.ERROR, self._notes(*faults))

    def ok(self, to: Envelope, *remarks: Fault, ids: tuple[InternalIdPair, ...] = ()) -> bytes:
        """A ResponseMessage OK of the bus itself, with remarks that need nobody."""
        notes = tuple(Note(self._tell(one), type="WARNING", code=one.code) for one in remarks)
        return self._codec.reply(
            Reply(to, self._clock.new_id(), self._clock.now(), Status.OK, notes, ids)
        )

    def told(self, to: Envelope, *faults: Fault) -> OriginAnswer:
        """An ERROR of ours, to be kept as the answer of a message."""
        return OriginAnswer(Status.ERROR, self.error(to, *faults))

    def taken_back(self, to: Envelope, report: Report, application: str) -> OriginAnswer:
        """An ERROR for a sender whose message was not processed, and will not be sent (S12)."""
        fault = report.fault or Fault("NO_TURN", details={"application": application})
        return OriginAnswer(Status.ERROR, self.error(to, fault.taken_back()), fault.code)

    async def as_it_came(self, report: Report) -> Said:
        """The ResponseMessage that came; nothing where none did, or the report tells more."""
        told = report.response
        if told is None or told.content:
            return NOTHING_SAID
        with suppress(SenderFault):
            came = await self._codec.read_answer(report.answer)
            said = came.response
            if said and said.status is told.status and set(told.ids) <= set(said.ids):
                return Said(report.answer, came)
        return NOTHING_SAID

    async def said_by(self, application: Application, response: Response, to: Envelope) -> Said:
        """A ResponseMessage in the name of an application that said the same in another way."""
        reply = Reply(
            to,
            self._clock.new_id(),
            self._clock.now(),
            response.status,
            response.notes,
            response.ids,
            source_application=application.name,
            product=application.product,
            processed_on=response.processed_on,
            content=response.content,
        )
        try:
            written = self._codec.reply(reply)
        except SenderFault as unwritable:  # the effect exists: its origin is told, and told why
            why = Note(self._tell(unwritable.fault), type="WARNING", code=unwritable.fault.code)
            written = self._codec.reply(replace(reply, content=None, notes=(*reply.notes, why)))
        return Said(written, await self._codec.read_answer(written))

    def from_report(
        self,
        to: Envelope,
        report: Report,
        said: bytes = b"",
        back: Back = AS_IT_CAME,
    ) -> OriginAnswer:
        """The origin's answer from what a destination said, or from why it said nothing."""
        if report.response is not None:
            return self.from_response(to, report.response, said, back)
        if report.outcome is Outcome.DELIVERED:
            return OriginAnswer(Status.OK, self.ok(to))
        fault = report.fault or Fault("OUTCOME_UNKNOWN")
        return OriginAnswer(Status.ERROR, self.error(to, fault))

    def from_response(
        self,
        to: Envelope,
        response: Response,
        original: bytes,
        back: Back = AS_IT_CAME,
    ) -> OriginAnswer:
        """The origin's answer from a destination's ResponseMessage.

        Its return is unchanged, and it is written when asked for; where a translation puts other
        ids it is written with those that were known now.
        """
        if back.answer is None:
            return OriginAnswer(response.status, original, original=True)
        uuid, at = self._clock.new_id(), self._clock.now()
        return OriginAnswer(response.status, back.answer.write(to, uuid, at, back.translation))

    def receipt(self, message: str, to: Envelope) -> PostResult:
        """A ReceiptMessage for an accepted message."""
        return PostResult(message, Form.RECEIPT, self._reply(to, None))

    def refusal(
        self, message: str, to: Envelope, *faults: Fault, retry_after: float | None = None
    ) -> PostResult:
        """Our own ERROR."""
        return PostResult(message, Form.RESPONSE, self.error(to, *faults), faults[0], retry_after)

    def enclosed(self, sender: str, body: bytes, asked: Document | None) -> bytes:
        """An answer as its origin reads it: with its own message in it, where its product wants it.

        It is put in where answers are handed out, whoever made them; none is kept with it.
        """
        application = self._deployment().applications.get(sender)
        if asked is None or application is None or not application.wants_its_message:
            return body
        return asked.enclosed_in(body)

    async def body_for(self, message: MessageRow, answer: AnswerRow, asked: Document) -> bytes:
        """The bytes of a kept answer as the origin of a message is to have them."""
        body = await self._body_of(answer, asked.envelope)
        return self.enclosed(message.sender, body, asked)

    async def _body_of(self, answer: AnswerRow, to: Envelope) -> bytes:
        """The bytes of a kept answer to a message, written now where they are not what was kept.

        They are the same however often they are written.
        """
        if answer.body and not answer.original:
            return answer.body
        uuid = uuid_of_answer(answer.message, answer.number, answer.made_at)
        if answer.original:
            said = await self._codec.read_answer(answer.body)
            return said.write(to, uuid, answer.made_at)
        trace = await self._history.trace(answer.message)
        if trace and trace.message.erased:
            notes = self._notes(Fault("CONTENT_ERASED", details={"id": answer.message}))
            return self._codec.reply(Reply(to, uuid, answer.made_at, Status(answer.status), notes))
        fault = ending(trace, answer) if trace else Fault(answer.code)
        notes = self._notes(fault)
        return self._codec.reply(Reply(to, uuid, answer.made_at, Status.ERROR, notes))

    async def kept(
        self, message: MessageRow, answer: AnswerRow, to: Envelope | None = None
    ) -> PostResult:
        """An answer that was fixed, with the fault where it is ours and no destination's.

        `to` is the message's own envelope, if it is at hand: then its own message is, too, where
        the answer is handed out.
        """
        asked = None if to else await self._asked(message)
        if asked:
            body = await self.body_for(message, answer, asked)
        else:
            body = await self._body_of(answer, to or envelope_of(message))
        text = FAULT_TEXTS.get(answer.code)
        if text is None or text.status == ANSWERED_BY_DESTINATION:
            return PostResult(message.id, Form.RESPONSE, body)
        retry_after = 1.0 if text.status == UNAVAILABLE else None
        return PostResult(message.id, Form.RESPONSE, body, Fault(answer.code), retry_after)

    async def stored(self, message: str) -> PostResult | None:
        """The answer of a message as it was fixed; None where it has none yet."""
        trace = await self._history.trace(message)
        if trace is None:
            return None
        for row in trace.answers:
            if row.number == trace.message.answer:
                return await self.kept(trace.message, row)
        return None

    async def envelope(self, message: MessageRow) -> Envelope:
        """The envelope of a message that was recorded; what its row has, once it is erased."""
        asked = await self._asked(message)
        return asked.envelope if asked else envelope_of(message)

    async def _asked(self, message: MessageRow) -> Document | None:
        """A message that was recorded, as it came; None once it is erased."""
        body = await self._history.body(message.id)
        return None if body is None else await self._codec.read(body, message.carrier)

    def status_address(self, message: str) -> str:
        """Where a caller asks what became of a message."""
        return f"{self._address}/messages/{message}/answer"

    def _reply(self, to: Envelope, status: Status | None, notes: tuple[Note, ...] = ()) -> bytes:
        return self._codec.reply(Reply(to, self._clock.new_id(), self._clock.now(), status, notes))

    def _notes(self, *faults: Fault) -> tuple[Note, ...]:
        return tuple(Note(self._tell(fault), type="ERROR", code=fault.code) for fault in faults)

    def _tell(self, fault: Fault) -> str:
        where = f" [{fault.path}]" if fault.path else ""
        return f"{fault.reason(self._language)}{where} {fault.remedy(self._language)}"
