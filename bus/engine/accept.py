"""Accept: examine, record, answer (S4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from bus.core.contract import Lifecycle
from bus.core.envelope import DeliveryMode, MessageType
from bus.core.errors import Fault, SenderFault
from bus.core.identity import Identity, RepeatVerdict, fingerprint, identity_of, scoped_id
from bus.core.plan import Plan
from bus.core.route import Application
from bus.core.subject import Target, document_key, lane_document
from bus.engine.active import ActiveApplications
from bus.engine.answers import Answers
from bus.engine.dispatch import Dispatcher
from bus.engine.examine import Examined, Examiner
from bus.engine.post import Post
from bus.engine.post_result import Form, PostResult
from bus.engine.request import Requester
from bus.engine.responses import Responses
from bus.engine.slots import SendSlot
from bus.journal.commands import (
    Accept,
    Accepted,
    Forgotten,
    OriginAnswer,
    ReceivedMessage,
    Reject,
    Repeated,
)
from bus.journal.rows import MICROSECONDS
from bus.ports.codec import Document
from bus.ports.ports import Ports

UNPROCESSABLE = 422
"""The status of faults in a message that could be read: it has an identity to correct."""


class Acceptor:
    """Takes what applications post and answers them."""

    def __init__(
        self,
        ports: Ports,
        answers: Answers,
        dispatcher: Dispatcher,
        requester: Requester,
        responses: Responses,
    ) -> None:
        self._examiner = Examiner(ports.codec, ports.contracts, ports.deployment)
        self._journal = ports.journal
        self._clock = ports.clock
        self._observer = ports.observer
        self._deployment = ports.deployment
        self._active = ActiveApplications(ports.history)
        self._answers = answers
        self._dispatcher = dispatcher
        self._requester = requester
        self._responses = responses

    async def receive(self, post: Post) -> PostResult:
        """Take a message and answer it; every fault of the sender becomes an ERROR response."""
        self._observer.received()
        try:
            id_ = self._clock.new_id()
            examined = await self._examiner.examine(post, id_)
            result = await self._taken(id_, examined, post)
        except Exception:
            self._observer.turned_away()
            raise
        body = self._answers.enclosed(post.sender.name, result.body, examined.document)
        return result if body is result.body else replace(result, body=body)

    async def _taken(self, id_: str, examined: Examined, post: Post) -> PostResult:
        entry, document = self._entry(id_, examined, post), examined.document
        if document is None or examined.faults:
            return await self._reject(entry, examined, post, examined.faults)
        match document.envelope.header.type:
            case MessageType.BUSINESS if examined.plan:
                return await self._accept(entry, examined, examined.plan, post)
            case MessageType.BUSINESS:
                return await self._filter(entry, examined, post)
            case MessageType.RESPONSE:
                return await self._hear(entry, document, examined, post)
            case MessageType.RECEIPT:
                return await self._keep_receipt(entry, examined, post)

    def _entry(self, id_: str, examined: Examined, post: Post) -> ReceivedMessage:
        header, document = examined.envelope.header, examined.document
        return ReceivedMessage(
            id=id_,
            sender=post.sender.name,
            carrier=post.carrier,
            remote=post.remote,
            type=header.type if document else "",
            transaction=header.transaction,
            version=header.version,
            uuid=header.uuid,
            company=header.company,
            branch=header.branch,
            entity=examined.subject.entity,
            event=getattr(examined.envelope.business, "event", ""),
            mode=examined.mode or header.delivery or "",
            body=post.body,
            body_hash=fingerprint(post.body),
            content_hash=document.content_hash if document else "",
            configuration=self._deployment().number,
        )

    # -- what is to be delivered -------------------------------------------------------------------

    async def _accept(
        self, entry: ReceivedMessage, examined: Examined, plan: Plan, post: Post
    ) -> PostResult:
        waits = (await self._active.bars(self._readers(plan))).values()
        reserved = self._dispatcher.reserve(_slots(entry, plan))
        asked_at = self._clock.monotonic()
        try:
            acceptance = self._acceptance(entry, examined, plan, post)._replace(
                claims=frozenset(reserved), faults=(*examined.warnings, *waits)
            )
            result = await self._journal.accept(acceptance)
        except BaseException:
            self._dispatcher.release(reserved.values())
            raise
        claims = result.claims if isinstance(result, Accepted) else ()
        slots = [(claim, reserved.pop(claim.delivery.destination)) for claim in claims]
        self._dispatcher.release(reserved.values())
        if isinstance(result, Forgotten):
            return await self._reject(entry, examined, post, (_forgotten(result, entry),))
        if isinstance(result, Repeated):
            return await self._repeat(result, entry, examined, post)
        self._observer.accepted(result.message, result.deliveries)
        waiting = self._requester.expect(result) if result.message.deadline else None
        for claim, slot in slots:
            self._dispatcher.launch(claim, examined.document, asked_at, slot)
        self._dispatcher.wake(result.deliveries)
        if waiting:
            return await self._requester.answer(waiting, examined.envelope)
        return self._answers.receipt(entry.id, examined.envelope)

    def _readers(self, plan: Plan) -> list[Application]:
        known = self._deployment().applications
        names = dict.fromkeys(one.destination for one in plan.deliveries)
        return [known[name] for name in names if name in known]

    def _acceptance(
        self, entry: ReceivedMessage, examined: Examined, plan: Plan, post: Post
    ) -> Accept:
        header, subject, sender = examined.envelope.header, examined.subject, post.sender
        own = Target(
            subject.entity.casefold(), scoped_id(sender, header, subject.entity, subject.own_id)
        )
        target = subject.target and subject.target._replace(
            id=scoped_id(sender, header, subject.target.entity, subject.target.id)
        )
        document = document_key(sender, examined.envelope, subject)
        return Accept(
            entry=entry,
            plans=plan.deliveries,
            identity=_identity(entry, examined, post, document),
            document=lane_document(sender, examined.envelope, subject, document),
            own_document=document or entry.id,
            own_id=own if subject.own_id else None,
            target=target,
            business_keys=examined.business_keys,
            parent=post.parent,
            actor=post.actor,
            overwrites=post.overwrites or examined.subject.lifecycle is not Lifecycle.REGISTER,
            rule=plan.rule,
            deadline=plan.deadline,
            answering=plan.answering,
            answer_to=_answer_to(examined, post),
            worker=self._dispatcher.worker,
            lease=self._dispatcher.lease,
            cursor=post.cursor,
        )

    async def _repeat(
        self, result: Repeated, entry: ReceivedMessage, examined: Examined, post: Post
    ) -> PostResult:
        earlier = result.message
        if result.verdict is RepeatVerdict.CONFLICT:
            details = {"uuid": entry.uuid, "message": earlier.id}
            fault = Fault("UUID_REUSED", "/TOTVSMessage/MessageInformation/UUID", details=details)
            return await self._reject(entry, examined, post, (fault,))
        self._observer.repeated(earlier, result.verdict)
        self._dispatcher.wake(result.deliveries)
        mode = examined.mode or DeliveryMode.ASYNC
        told = await self._requester.repeat(result, examined.envelope, mode)
        return replace(told, verdict=result.verdict)

    # -- what is not -------------------------------------------------------------------------------

    async def _filter(self, entry: ReceivedMessage, examined: Examined, post: Post) -> PostResult:
        """No condition holds: accepted, and discarded by rule."""
        remark = Fault("FILTERED", details={"rule": examined.rules})
        answer = OriginAnswer("OK", self._answers.ok(examined.envelope, remark))
        document = document_key(post.sender, examined.envelope, examined.subject)
        result = await self._journal.accept(
            Accept(
                entry=entry,
                plans=(),
                identity=_identity(entry, examined, post, document),
                rule=examined.rules,
                answer=answer,
                answer_to=_answer_to(examined, post),
                cursor=post.cursor,
            )
        )
        if isinstance(result, Forgotten):
            return await self._reject(entry, examined, post, (_forgotten(result, entry),))
        if isinstance(result, Repeated):
            return await self._repeat(result, entry, examined, post)
        self._observer.accepted(result.message, result.deliveries)
        self._dispatcher.wake_all()
        if examined.mode is DeliveryMode.SYNC:
            return PostResult(entry.id, Form.RESPONSE, answer.body)
        return self._answers.receipt(entry.id, examined.envelope)

    async def _hear(
        self, entry: ReceivedMessage, document: Document, examined: Examined, post: Post
    ) -> PostResult:
        """A destination's own ResponseMessage; refused where it answers nothing."""
        try:
            return await self._responses.hear(entry, document, post.cursor)
        except SenderFault as refusal:
            return await self._reject(entry, examined, post, refusal.faults)

    async def _keep_receipt(
        self, entry: ReceivedMessage, examined: Examined, post: Post
    ) -> PostResult:
        """A destination's own ReceiptMessage: kept, and nothing follows from it."""
        receipt = Accept(entry=entry, plans=(), rule="receipt", cursor=post.cursor)
        result = await self._journal.accept(receipt)
        if isinstance(result, Accepted):
            self._observer.accepted(result.message, ())
        return self._answers.receipt(entry.id, examined.envelope)

    async def _reject(
        self, entry: ReceivedMessage, examined: Examined, post: Post, faults: tuple[Fault, ...]
    ) -> PostResult:
        """Record why it is refused; a repeat of one that did not fail is a repeat after all."""
        header, identity = examined.envelope.header, None
        if examined.document and faults[0].status == UNPROCESSABLE:
            identity = identity_of(post.sender, header, "", entry.content_hash)
        rejection = Reject(
            entry,
            faults,
            identity,
            document_key(post.sender, examined.envelope, examined.subject),
            examined.business_keys,
            post.parent,
            post.cursor,
        )
        result = await self._journal.reject(rejection)
        if isinstance(result, Repeated):
            self._observer.repeated(result.message, result.verdict)
            mode = (post.waits and header.delivery) or DeliveryMode.ASYNC
            return await self._requester.repeat(result, examined.envelope, mode)
        self._observer.rejected(result.message, faults)
        told = self._answers.refusal(entry.id, examined.envelope, *faults)
        return replace(told, rejected=True)


def _forgotten(known: Forgotten, entry: ReceivedMessage) -> Fault:
    """It came before, and nothing is kept of what became of it: sending it again may do harm."""
    day = datetime.fromtimestamp(known.identity.at // MICROSECONDS, tz=UTC).date()
    details = {"uuid": entry.uuid, "message": known.identity.message, "day": day.isoformat()}
    return Fault("REPEATS_PRUNED", "/TOTVSMessage/MessageInformation/UUID", details=details)


def _slots(entry: ReceivedMessage, plan: Plan) -> list[SendSlot]:
    """What the deliveries that may be sent at once would need slots for."""
    transaction, caller = entry.transaction.casefold(), plan.answering if plan.deadline else 0
    return [
        SendSlot(one.destination, transaction, caller=number == caller)
        for number, one in enumerate(plan.deliveries, 1)
        if not one.held
    ]


def _identity(entry: ReceivedMessage, examined: Examined, post: Post, document: str) -> Identity:
    """What makes it a repeat of another, whoever sends it again: its sender or a person."""
    return identity_of(post.sender, examined.envelope.header, document, entry.content_hash)


def _answer_to(examined: Examined, post: Post) -> str:
    """Who is sent the answer as a message of its own: not whoever waits for it."""
    waits = examined.mode is DeliveryMode.SYNC
    return post.sender.name if post.sender.takes_answers and not waits else ""
