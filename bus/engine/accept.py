"""Accept: read, authorise, route, check, plan, record, answer (S4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bus.core.contract import Contract
from bus.core.envelope import Carrier, DeliveryMode, Envelope, MessageType
from bus.core.errors import Fault, Refusal, SenderFault
from bus.core.identity import Identity, RepeatVerdict, fingerprint, identity_of, scoped_id
from bus.core.plan import (
    Plan,
    in_mode,
    plan_deliveries,
    routes_of,
    strictness_of,
    uuid_for_destinations,
)
from bus.core.route import Application, Route, Strictness
from bus.core.subject import Subject, Target, business_keys_by, document_key, subject_by
from bus.engine.answers import BLANK, Answers, fault_as_json
from bus.engine.dispatch import Dispatcher
from bus.engine.post_result import Form, PostResult
from bus.engine.request import Requester
from bus.engine.responses import Responses
from bus.journal.commands import Accept, Accepted, OriginAnswer, ReceivedMessage, Reject, Repeated
from bus.ports.codec import Document
from bus.ports.ports import Ports

UNPROCESSABLE = 422
"""The status of faults in a message that could be read: it has an identity to correct."""


@dataclass(frozen=True, slots=True)
class Post:
    """A body as it arrived, from an application that is already known.

    `parent` is the message that a person (`actor`) sends again; it then has no identity to repeat.
    """

    body: bytes
    sender: Application
    carrier: Carrier = Carrier.HTTP
    remote: str = ""
    parent: str = ""
    actor: str = ""


@dataclass(frozen=True, slots=True)
class Examined:
    """A message that may be delivered, with what was found out on the way.

    `routes` are those whose condition holds; `rules` names all that took it by its header.
    """

    id: str
    document: Document
    contract: Contract | None
    subject: Subject
    business_keys: tuple[tuple[str, str], ...]
    mode: DeliveryMode
    routes: tuple[Route, ...]
    rules: str
    complaints: tuple[Fault, ...]


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
        self._codec = ports.codec
        self._contracts = ports.contracts
        self._journal = ports.journal
        self._clock = ports.clock
        self._observer = ports.observer
        self._deployment = ports.deployment
        self._answers = answers
        self._dispatcher = dispatcher
        self._requester = requester
        self._responses = responses

    async def receive(self, post: Post) -> PostResult:
        """Take a message and answer it; every fault of the sender becomes an ERROR response."""
        self._observer.received()
        try:
            return await self._receive(post)
        except Exception:
            self._observer.turned_away()
            raise

    async def _receive(self, post: Post) -> PostResult:
        id_ = self._clock.new_id()
        document: Document | None = None
        try:
            document = await self._codec.read(post.body, post.carrier)
            self._authorise(document.envelope, post.sender)
            match document.envelope.header.type:
                case MessageType.BUSINESS:
                    checked = await self._check(id_, document, post.sender)
                    return await self._accept(checked, post)
                case MessageType.RESPONSE:
                    return await self._responses.hear(self._entry(id_, document, post), document)
                case MessageType.RECEIPT:
                    return await self._keep_receipt(id_, document, post)
        except SenderFault as refusal:
            return await self._reject(id_, document, post, refusal)

    # -- the steps, in order -----------------------------------------------------------------------

    def _authorise(self, envelope: Envelope, sender: Application) -> None:
        """A sender may only claim its own SourceApplication; an empty one claims nothing."""
        source = envelope.header.source_application
        allowed = {name.casefold() for name in sender.source_applications or {sender.name}}
        if source and source.casefold() not in allowed:
            details = {"application": sender.name, "source": source}
            path = "/TOTVSMessage/MessageInformation/SourceApplication"
            raise SenderFault(Fault("SOURCE_APPLICATION_REFUSED", path, details=details))

    async def _check(self, id_: str, document: Document, sender: Application) -> Examined:
        envelope = document.envelope
        routes = routes_of(self._deployment(), envelope, sender)
        mode, routes = in_mode(routes, envelope.header.delivery)
        contract = self._contracts.find(envelope.header.transaction, envelope.header.version)
        texts = self._texts(document, contract)
        complaints = await self._differences(document, contract, strictness_of(routes, contract))
        holding = tuple(
            route for route in routes if not route.condition or document.holds(route.condition)
        )
        return Examined(
            id=id_,
            document=document,
            contract=contract,
            subject=subject_by(envelope, contract, texts),
            business_keys=business_keys_by(contract, texts),
            mode=mode,
            routes=holding,
            rules=",".join(route.name for route in routes),
            complaints=complaints,
        )

    async def _differences(
        self, document: Document, contract: Contract | None, strictness: Strictness
    ) -> tuple[Fault, ...]:
        """What differs from the contract where routes only warn; SenderFault where they reject."""
        if strictness is Strictness.OFF:
            return ()
        if contract is None:
            faults: tuple[Fault, ...] = (self._unknown_contract(document.envelope),)
        elif await self._contracts.conforms(contract, document):
            return ()
        else:
            faults = await self._contracts.explain(contract, document)
        if strictness is Strictness.REJECT:
            raise SenderFault(*faults)
        return faults

    def _unknown_contract(self, envelope: Envelope) -> Fault:
        header = envelope.header
        name = header.transaction.casefold()
        known = [c.version for c in self._contracts.known() if c.transaction.casefold() == name]
        details = {
            "transaction": header.transaction,
            "version": header.version,
            "known": ", ".join(known) or "-",
        }
        return Fault(
            "UNKNOWN_CONTRACT", "/TOTVSMessage/MessageInformation/@version", details=details
        )

    def _texts(self, document: Document, contract: Contract | None) -> Mapping[str, str]:
        """What stands at the paths that tell what a message is about."""
        paths = contract.telling_paths if contract else ()
        return dict(zip(paths, document.values(paths), strict=True))

    # -- recording ---------------------------------------------------------------------------------

    async def _accept(self, checked: Examined, post: Post) -> PostResult:
        if not checked.routes:
            return await self._filter(checked, post)
        header = checked.document.envelope.header
        mode = DeliveryMode.ASYNC if post.parent else checked.mode
        planned = plan_deliveries(
            checked.routes,
            mode,
            self._deployment(),
            checked.subject,
            uuid_for_destinations(post.sender, header.uuid, checked.id),
        )
        reserved = self._dispatcher.reserve(
            {plan.destination for plan in planned.deliveries if not plan.held}
        )
        asked_at = self._clock.monotonic()
        try:
            result = await self._journal.accept(self._acceptance(checked, post, planned, reserved))
        except BaseException:
            self._dispatcher.release(reserved)
            raise
        claims = result.claims if isinstance(result, Accepted) else ()
        self._dispatcher.release(reserved - {claim.delivery.destination for claim in claims})
        if isinstance(result, Repeated):
            return await self._repeat(result, checked, post)
        return await self._after(result, checked, asked_at)

    def _acceptance(
        self, checked: Examined, post: Post, planned: Plan, reserved: frozenset[str]
    ) -> Accept:
        header, subject = checked.document.envelope.header, checked.subject
        entity = subject.entity
        own = Target(entity.casefold(), scoped_id(post.sender, header, entity, subject.own_id))
        target = subject.target and subject.target._replace(
            id=scoped_id(post.sender, header, subject.target.entity, subject.target.id)
        )
        synchronous = planned.mode is DeliveryMode.SYNC
        return Accept(
            entry=self._entry(checked.id, checked.document, post, planned.mode, subject),
            plans=planned.deliveries,
            identity=self._identity(checked, post),
            document=document_key(post.sender, checked.document.envelope, subject),
            own_id=own if subject.own_id else None,
            target=target,
            business_keys=checked.business_keys,
            parent=post.parent,
            actor=post.actor,
            rule=planned.rule,
            deadline=planned.deadline,
            answering=planned.answering,
            answer_to=post.sender.name if post.sender.takes_answers and not synchronous else "",
            faults=fault_as_json(*checked.complaints),
            worker=self._dispatcher.worker,
            lease=self._dispatcher.lease,
            claims=reserved,
        )

    async def _after(self, result: Accepted, checked: Examined, asked_at: float) -> PostResult:
        self._observer.accepted(result.message, result.deliveries)
        waiting = self._requester.expect(result) if result.message.deadline else None
        for claim in result.claims:
            self._dispatcher.launch(claim, checked.document, asked_at)
        self._dispatcher.wake(result.deliveries)
        if waiting:
            return await self._requester.answer(waiting, checked.document.envelope)
        return self._answers.receipt(result.message.id, checked.document.envelope)

    async def _repeat(self, result: Repeated, checked: Examined, post: Post) -> PostResult:
        envelope = checked.document.envelope
        earlier = result.message
        if result.verdict is RepeatVerdict.CONFLICT:
            details = {"uuid": envelope.header.uuid, "message": earlier.id}
            fault = Fault("UUID_REUSED", "/TOTVSMessage/MessageInformation/UUID", details=details)
            return await self._reject(checked.id, checked.document, post, SenderFault(fault))
        self._observer.repeated(earlier, result.verdict)
        self._dispatcher.wake(result.deliveries)
        return await self._requester.repeat(result, envelope, checked.mode)

    async def _filter(self, checked: Examined, post: Post) -> PostResult:
        """No condition holds: accepted, and discarded by rule."""
        envelope = checked.document.envelope
        synchronous = checked.mode is DeliveryMode.SYNC
        remark = Fault("FILTERED", details={"rule": checked.rules})
        answer = OriginAnswer("OK", self._answers.ok(envelope, remark))
        result = await self._journal.accept(
            Accept(
                entry=self._entry(
                    checked.id, checked.document, post, checked.mode, checked.subject
                ),
                plans=(),
                identity=self._identity(checked, post),
                rule=checked.rules,
                answer=answer,
                answer_to=post.sender.name if post.sender.takes_answers and not synchronous else "",
            )
        )
        if isinstance(result, Repeated):
            return await self._repeat(result, checked, post)
        self._observer.accepted(result.message, result.deliveries)
        self._dispatcher.wake_all()
        if synchronous:
            return PostResult(result.message.id, Form.RESPONSE, answer.body)
        return self._answers.receipt(result.message.id, envelope)

    async def _keep_receipt(self, id_: str, document: Document, post: Post) -> PostResult:
        """A destination's own ReceiptMessage: kept, and nothing follows from it."""
        entry = self._entry(id_, document, post)
        result = await self._journal.accept(Accept(entry=entry, plans=(), rule="receipt"))
        if isinstance(result, Accepted):
            self._observer.accepted(result.message, ())
        return self._answers.receipt(id_, document.envelope)

    async def _reject(
        self, id_: str, document: Document | None, post: Post, refusal: Refusal
    ) -> PostResult:
        """Record why it is refused; a repeat of one that did not fail is a repeat after all."""
        identity = None
        if document and not post.parent and refusal.fault.status == UNPROCESSABLE:
            header = document.envelope.header
            identity = identity_of(post.sender, header, "", document.content_hash)
        entry = self._entry(id_, document, post)
        result = await self._journal.reject(
            Reject(entry, fault_as_json(*refusal.faults), identity, post.parent)
        )
        envelope = document.envelope if document else BLANK
        if isinstance(result, Repeated):
            self._observer.repeated(result.message, result.verdict)
            mode = envelope.header.delivery or DeliveryMode.ASYNC
            return await self._requester.repeat(result, envelope, mode)
        self._observer.rejected(result.message, refusal.faults)
        return self._answers.refusal(id_, envelope, *refusal.faults)

    # -- what is told of a message -----------------------------------------------------------------

    def _entry(
        self,
        id_: str,
        document: Document | None,
        post: Post,
        mode: DeliveryMode | None = None,
        subject: Subject | None = None,
    ) -> ReceivedMessage:
        envelope = document.envelope if document else BLANK
        header = envelope.header
        event = getattr(envelope.business, "event", "")
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
            entity=subject.entity if subject else "",
            event=event,
            mode=mode or header.delivery or "",
            body=post.body,
            body_hash=fingerprint(post.body),
            content_hash=document.content_hash if document else "",
            configuration=self._deployment().number,
        )

    def _identity(self, checked: Examined, post: Post) -> Identity | None:
        if post.parent:
            return None
        envelope = checked.document.envelope
        document = document_key(post.sender, envelope, checked.subject)
        return identity_of(post.sender, envelope.header, document, checked.document.content_hash)
