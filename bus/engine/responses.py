"""Settle: a destination sends its ResponseMessage by itself, after a receipt (S13)."""

from __future__ import annotations

from dataclasses import dataclass

from bus.core.contract import Lifecycle
from bus.core.delivery import Reason, Step
from bus.core.envelope import Envelope, InternalIdPair, Response, Status
from bus.core.errors import Fault, SenderFault
from bus.core.identity import identity_of_response
from bus.core.learning import NOTHING_LEARNT, Lesson
from bus.core.outcome import Outcome, Report
from bus.core.plan import on_failure_of
from bus.core.substitutions import NO_SUBSTITUTIONS
from bus.engine.answers import Answers, envelope_of
from bus.engine.dispatch import Dispatcher
from bus.engine.post_result import PostResult
from bus.engine.returned import Returned
from bus.engine.translate import Prepared, Translator
from bus.engine.waiters import Waiters
from bus.journal.commands import (
    CursorMove,
    OriginAnswer,
    ReceivedMessage,
    RecordAttempt,
    Recorded,
    RecordResponse,
    Repeated,
    Unmatched,
)
from bus.journal.rows import DeliveryRow, MessageRow, answers_caller
from bus.ports.codec import Document
from bus.ports.ports import Ports
from depara.model import Source


@dataclass(frozen=True, slots=True)
class Settling:
    """What a person says of a delivery in doubt: done, with the id that it got there, or not."""

    message: MessageRow
    done: bool
    number: int = 0
    actor: str = ""
    reason: str = ""
    id: str = ""


class Responses:
    """Matches inbound responses by (application, ReceivedMessage/UUID), ends what they answer."""

    def __init__(
        self,
        ports: Ports,
        answers: Answers,
        translator: Translator,
        dispatcher: Dispatcher,
        waiters: Waiters,
    ) -> None:
        self._codec = ports.codec
        self._contracts = ports.contracts
        self._journal = ports.journal
        self._history = ports.history
        self._observer = ports.observer
        self._deployment = ports.deployment
        self._answers = answers
        self._translator = translator
        self._dispatcher = dispatcher
        self._waiters = waiters
        self._returned = Returned(ports, translator)

    async def hear(
        self, entry: ReceivedMessage, document: Document, cursor: CursorMove | None = None
    ) -> PostResult:
        """Take a response; SenderFault where it answers nothing that we delivered to its sender.

        A repeat is acknowledged, and settles nothing: what it was about is settled, and the same
        UUID may have been sent again since.
        """
        response = document.envelope.response
        if response is None:
            raise SenderFault(_unmatched(entry, ""))
        row = await self._history.sent_as(entry.sender, response.received_uuid)
        trace = await self._history.trace(row.message) if row else None
        if row is None or trace is None:
            raise SenderFault(_unmatched(entry, response.received_uuid))
        ended = await self._ended(trace.message, row, response, document)
        identity = identity_of_response(entry.sender, document.envelope.header, entry.content_hash)
        settled = await self._journal.settle(RecordResponse(entry, ended, identity, cursor))
        if isinstance(settled, Unmatched):
            raise SenderFault(_unmatched(entry, response.received_uuid))
        if isinstance(settled, Repeated):
            self._observer.repeated(settled.message, settled.verdict)
            return self._answers.receipt(settled.message.id, document.envelope)
        self._tell(settled, Report(ended.outcome or Outcome.REFUSED, document.raw, response))
        return self._answers.receipt(entry.id, document.envelope)

    def _tell(self, settled: Recorded, report: Report) -> None:
        if settled.response:
            self._observer.accepted(settled.response, ())
        self._observer.attempted(settled, report, 0.0)
        self._waiters.tell(settled)
        self._dispatcher.wake(settled.moved)

    async def _ended(
        self, message: MessageRow, row: DeliveryRow, response: Response, document: Document
    ) -> RecordAttempt:
        raw, ok = document.raw, response.status is Status.OK
        contract = self._contracts.find(message.transaction, message.version)
        lifecycle = contract.lifecycle if contract else Lifecycle.PROCESS
        prepared, origin = await self._as_sent(message, row)
        prepared = await self._translator.as_it_left(prepared, response)
        problem = "; ".join(note.text for note in response.notes) or "-"
        fault = Fault("REFUSED", details={"application": row.destination, "problem": problem})
        back = await self._translator.answer_in(prepared, raw)
        return RecordAttempt(
            message=message.id,
            number=row.number,
            attempt=row.tries,
            worker="",
            outcome=Outcome.DELIVERED if ok else Outcome.REFUSED,
            step=Step.DELIVER if ok else Step.REFUSE,
            fault=None if ok else fault,
            reason=Reason.NONE if ok else Reason.FAULT,
            detail="" if ok else fault.code,
            substitutions=prepared.substitutions(),
            raw=raw,
            answer=self._answers.from_response(origin or envelope_of(message), response, raw, back),
            on_failure=on_failure_of(
                self._deployment().route(row.rule),
                lifecycle,
                synchronous=not ok and answers_caller(message, row),
            ),
            actor=row.destination,
            lesson=await self._translator.lesson(prepared, response) if ok else NOTHING_LEARNT,
            complaints=await self._returned.complaints(
                row, prepared, document, response, document.envelope.header.transaction
            ),
        )

    async def settled(
        self, message: MessageRow, row: DeliveryRow, asked: Settling
    ) -> tuple[Lesson, OriginAnswer]:
        """What is learnt, and what the origin is told, where a person says what became of it."""
        prepared, origin = await self._as_sent(message, row)
        to = origin or envelope_of(message)
        details = {"actor": asked.actor, "problem": asked.reason, "application": row.destination}
        if not asked.done:
            fault = Fault("SETTLED_AS_NOT_DONE", details=details)
            return NOTHING_LEARNT, self._answers.told(to, fault)
        own = prepared.own_id_as_sent
        ids = (InternalIdPair("", own, asked.id),) if asked.id and own else ()
        response = Response(row.sent_uuid, Status.OK, ids=ids)
        remark = Fault("SETTLED_AS_DONE", details=details)
        answer = OriginAnswer(Status.OK, self._answers.ok(to, remark))
        lesson = await self._translator.lesson(prepared, response)
        return lesson._replace(source=Source.PERSON), answer

    async def _as_sent(
        self, message: MessageRow, row: DeliveryRow
    ) -> tuple[Prepared, Envelope | None]:
        """What the destination was sent, in which ids; and the origin's envelope."""
        body = await self._history.body(message.id)
        reader = self._deployment().applications.get(row.destination)
        if body is None or reader is None:
            return Prepared(), None
        document = await self._codec.read(body, message.carrier)
        trace = await self._history.trace(message.id)
        attempts = [one for one in (trace.attempts if trace else ()) if one.number == row.number]
        substitutions = attempts[-1].substitutions if attempts else NO_SUBSTITUTIONS
        prepared = self._translator.heard(message, document, reader, substitutions)
        return prepared, document.envelope


def _unmatched(entry: ReceivedMessage, uuid: str) -> Fault:
    path = "/TOTVSMessage/ResponseMessage/ReceivedMessage/UUID"
    return Fault("RESPONSE_UNMATCHED", path, details={"uuid": uuid, "application": entry.sender})
